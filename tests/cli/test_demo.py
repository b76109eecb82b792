import re

from lomi import cli
from tests.cli.conftest import python


def test_demo_shows_the_life_of_a_payment(capsys):
    assert cli.main(["demo"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    for shown in (
        "POST /checkout-sessions → 201",
        "/_sandbox/pay/checkout/",
        "the payment is failed",
        "the payment is completed",
        "the session is completed; is_paid: True",
        "PAYMENT_FAILED",
        "PAYMENT_SUCCEEDED",
        "POST /refunds → the response is lost",
        'LomiConnectionError: error.outcome is "unknown"',
        "Found: 4 500 XOF, completed",
        "still refundable: 20 000 XOF",
        "250 000 XOF",
        "24 500 XOF",
        "-4 500 XOF",
        "270 000 XOF",
    ):
        assert shown in out, shown
    assert out.count("PAYMENT_FAILED:") == out.count("PAYMENT_SUCCEEDED:") == 1
    assert not re.search(r"\d{4}(\.\d+)? XOF", out)


def test_demo_ignores_the_environment_and_has_no_colors_in_a_pipe():
    done = python(
        *("-m", "lomi", "demo"),
        LOMI_API_KEY="lomi_sk_live_not_for_this",
        LOMI_BASE_URL="https://lomi.invalid",
        HTTP_PROXY="http://127.0.0.1:9",
        HTTPS_PROXY="http://127.0.0.1:9",
        ALL_PROXY="http://127.0.0.1:9",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "7 requests over a real socket" in done.stdout
    assert "\x1b" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) < 110


def test_demo_if_the_encoding_lacks_characters():
    done = python("-X", "utf8=0", "-m", "lomi", "demo", PYTHONIOENCODING="ascii", LC_ALL="C")
    assert (done.returncode, done.stderr) == (0, "")
    assert "250 000 XOF" in done.stdout
