from lomi import cli
from tests.cli.conftest import python


def test_demo_runs_every_method(capsys):
    assert cli.main(["demo"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    for shown in (
        "POST /customers → 201",
        "GET /customers/{id} → 200",
        "GET /customers → 200",
        "PATCH /customers/{id} → 200",
        "GET /customers/{id}/transactions → 200",
        "DELETE /customers/{id} → 200",
        "GET /customers/{id} → 404",
        "LomiNotFoundError",
        "page 1 of 3; 10 customers match",
        "100 active customers",
        '{"vip": true}',
        "21 500 XOF",
        "49.90 USD",
        "GET /merchants/{id} → 200",
        "50 000 XOF",
        "600 000 XOF",
        "250 000 XOF",
        "286 500 XOF",
    ):
        assert shown in out, shown
    assert "2500.00" not in out


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
    assert "16 requests over a real socket" in done.stdout
    assert "\x1b" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) < 110


def test_demo_if_the_encoding_lacks_characters():
    done = python("-X", "utf8=0", "-m", "lomi", "demo", PYTHONIOENCODING="ascii", LC_ALL="C")
    assert (done.returncode, done.stderr) == (0, "")
    assert "250 000 XOF" in done.stdout
