import io
import json
import os
import re
import shlex
import socket
import subprocess
import sys

import httpx
import pytest
import respx

from lomi import LomiClient
from lomi.cli import _connect, main
from lomi.sandbox import Sandbox
from tests.wire import LIVE_KEY, TEST_KEY

EXAMPLE = "cus_abc123..."


def test_a_listing_as_json_is_what_the_method_returns(run):
    found = run.json("customers", "list", "--sandbox", "--type", "business", "--page", 2, "--page-size", 4)
    assert found["pagination"] == {"page": 2, "pageSize": 4, "totalCount": 30, "totalPages": 8}
    assert len(found["customers"]) == 4
    assert all(customer["is_business"] for customer in found["customers"])


def test_a_listing_as_lines_is_one_customer_each(run):
    found = run.lines("customers", "list", "--sandbox", "--search", "amadou", "--status", "active", "--page-size", 3)
    assert [sorted(each)[:2] for each in found] == [["address", "city"]] * 3
    everybody = run.lines("customers", "list", "--sandbox", "--all", "--page-size", 40)
    assert len({each["id"] for each in everybody}) == 150


def test_a_listing_for_people(run):
    run("customers", "list", "--sandbox", "--page-size", 2)
    assert "page 1 of 75, 150 in all" in run.out
    assert run.out.count("cus_") == 2
    run("customers", "list", "--sandbox", "--all")
    assert "150 in all" in run.out
    assert run.out.count("cus_") == 150


@pytest.mark.parametrize("columns", ["40", "60"])
def test_a_listing_on_a_telephone_lacks_nothing(run, monkeypatch, columns):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", columns)
    run("customers", "list", "--sandbox", "--page-size", 1)
    lines = [line.split("│")[1:-1] for line in run.out.splitlines() if line.startswith("│")]
    id, name, email, phone, _ = ["".join(cell.strip() for cell in cells) for cells in zip(*lines, strict=True)]
    assert re.search(r"cus_[0-9a-f]{32}$", id)
    assert name.endswith("GarageCamara")
    assert email.endswith("garage.camara.150@example.com")
    assert phone.endswith("+22796709350")


def test_all_pages_are_no_single_answer(run):
    run("customers", "list", "--sandbox", "--all", "--json", code=2)
    assert "--all --jsonl" in run.err


@pytest.mark.parametrize("both", [["--json", "--jsonl"], ["--jsonl", "--json"]])
def test_both_kinds_of_json_are_refused_before_anything_is_sent(run, sandbox, both):
    run("customers", "create", "--name", "Awa", *both, code=2)
    assert run.err == "lomi: --json and --jsonl exclude each other; take one of them\n"
    assert not sandbox.requests


def test_one_customer(run):
    assert run.json("customers", "get", EXAMPLE, "--sandbox")["metadata"] == {"internal_id": "USER_123"}
    assert run.lines("customers", "get", EXAMPLE, "--sandbox")[0]["name"] == "Amadou Ba"
    run("customers", "get", EXAMPLE, "--sandbox")
    assert '{"internal_id": "USER_123"}' in run.out
    # What holds nothing is not shown.
    assert "whatsapp_number" not in run.out


def test_what_is_not_there(run):
    run("customers", "get", "cus_none", "--sandbox", code=3)
    assert run.err.startswith("lomi: 404 NOT_FOUND: ")
    assert run.err.endswith("; check the id, and LOMI_BASE_URL\n")


def test_a_life_from_a_shell(run, sandbox):
    made = run.json(
        "customers", "create", "--name", "Awa", "--email", "awa@example.com", "--business", "--metadata", '{"a": 1}'
    )
    assert (made["name"], made["is_business"], made["metadata"]) == ("Awa", True, {"a": 1})
    changed = run.json("customers", "update", made["id"], "--city", "Thiès", "--individual", "--clear", "email")
    assert (changed["name"], changed["city"], changed["email"], changed["is_business"]) == ("Awa", "Thiès", None, False)
    sandbox.pay(made["id"], 21_500, "XOF", description="Wax print")
    assert run.json("customers", "transactions", made["id"])[0]["gross_amount"] == 21_500
    assert run.lines("customers", "transactions", made["id"])[0]["currency_code"] == "XOF"
    run("customers", "transactions", made["id"])
    assert "Wax print" in run.out
    assert "21 500 XOF" in run.out
    assert run("customers", "delete", made["id"]) == "Deleted.\n"
    run("customers", "delete", made["id"], "--json", code=3)


def test_what_delete_returns_is_null(run):
    assert run("customers", "delete", EXAMPLE, "--sandbox", "--json") == "null\n"


def test_fields_come_from_a_file_and_from_options_over_it(run, tmp_path):
    file = tmp_path / "awa.json"
    file.write_text('\ufeff{"name": "Awa", "city": "Dakar"}', "utf-8")
    made = run.json("customers", "create", "--sandbox", "--from", file, "--city", "Kaolack")
    assert (made["name"], made["city"]) == ("Awa", "Kaolack")
    made = run.json("customers", "create", "--sandbox", "--from", "-", input='{"name": "Koffi"}')
    assert made["name"] == "Koffi"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--from", "-"], "--from is not JSON: "),
        (["--name", "x", "--metadata", "[1]"], "--metadata is not a JSON object; "),
        (["--name", " "], "customers.create: name is blank"),
        ([], "customers.create: name is required"),
        (["--name", "x", "--email", "nobody"], "email cannot be an e-mail address"),
    ],
)
def test_what_cannot_be_created_is_told_on_one_line(run, arguments, said):
    run("customers", "create", "--sandbox", *arguments, input="nonsense", code=2)
    assert said in run.err


def test_what_comes_from_standard_input_is_utf_8_whatever_the_terminal_speaks(run):
    made = run.json("customers", "create", "--sandbox", "--from", "-", input='\ufeff{"name": "Aïssatou"}'.encode())
    assert made["name"] == "Aïssatou"
    run("customers", "create", "--sandbox", "--from", "-", input="Aïssatou".encode("latin-1"), code=2)
    assert "--from is not UTF-8" in run.err


def test_json_that_is_nested_too_deep_is_refused(run):
    run("customers", "create", "--sandbox", "--name", "x", "--metadata", '{"a":' * 100_000, code=2)
    assert run.err.startswith("lomi: --metadata is not JSON: it is nested too deep; ")


def test_unknown_fields_of_a_file_are_named(run):
    run("customers", "create", "--sandbox", "--from", "-", input='{"name": "x", "emial": "y"}', code=2)
    assert 'did you mean "email"?' in run.err


def test_a_file_that_is_not_utf_8(run, tmp_path):
    file = tmp_path / "awa.json"
    file.write_bytes('{"name": "Aïssatou"}'.encode("latin-1"))
    run("customers", "create", "--sandbox", "--from", file, code=2)
    assert "--from is not UTF-8" in run.err


def test_a_file_that_is_not_there(run, tmp_path):
    run("customers", "create", "--sandbox", "--from", tmp_path / "nobody.json", code=1)
    assert run.err.startswith("lomi: No such file or directory: ")


def test_a_field_is_set_or_cleared(run):
    run("customers", "update", EXAMPLE, "--sandbox", "--city", "Thiès", "--clear", "city", code=2)
    assert "city cannot be both set and cleared" in run.err


def test_acting_for_an_account(run, sandbox):
    shop = sandbox.merchant("Shop", account_of=sandbox.merchant_id)
    made = run.json("customers", "create", "--name", "Awa", "--account", shop.account)
    assert made["organization_id"] == shop.organization_id
    run("customers", "list", "--account", "", code=2)


def test_the_key_is_asked_for_unseen(run, somebody, monkeypatch):
    monkeypatch.setattr(
        _connect.typer, "prompt", lambda text, *, hide_input, err: TEST_KEY if hide_input and err else ""
    )
    with respx.mock(base_url="https://sandbox.api.lomi.africa") as api:
        api.get("/customers/x").respond(200, json={"id": "x", "name": "Awa"})
        assert run.json("customers", "get", "x")["name"] == "Awa"
        assert api.calls[0].request.headers["X-API-KEY"] == TEST_KEY


def test_no_key_and_nobody_to_ask(run):
    run("customers", "get", "x", code=2)
    assert "set the environment variable LOMI_API_KEY" in run.err


def test_nobody_is_there_in_a_pipe(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert _connect._is_somebody_there() is False
    monkeypatch.setattr(sys, "stdin", None)
    assert _connect._is_somebody_there() is False


@pytest.fixture
def live(run, monkeypatch):
    monkeypatch.setenv("LOMI_API_KEY", LIVE_KEY)
    with respx.mock(base_url="https://api.lomi.africa", assert_all_called=False) as api:
        api.post("/customers").respond(201, json={"id": "cus_1"})
        api.patch("/customers/cus_1").respond(200, json={"id": "cus_1"})
        api.delete("/customers/cus_1").respond(200, json={"message": "gone"})
        api.get("/customers/cus_1").respond(200, json={"id": "cus_1"})
        yield api


WRITES = [
    (["customers", "create", "--name", "Awa"], "create a customer"),
    (["customers", "update", "cus_1", "--name", "Awa"], "change a customer"),
    (["customers", "delete", "cus_1"], "delete a customer"),
]


@pytest.mark.parametrize(("command", "what"), WRITES)
def test_a_live_write_asks_first(run, live, somebody, command, what):
    run(*command, input="y\n")
    assert f"This will {what} in live, at https://api.lomi.africa. Go on? [y/N]" in run.err
    assert live.calls.call_count == 1


@pytest.mark.parametrize(("command", "what"), WRITES)
def test_a_live_write_that_nobody_agrees_to_is_not_sent(run, live, command, what):
    run(*command, code=2)
    assert run.err == f"lomi: this would {what} in live; add --yes if that is meant; nothing was sent\n"
    assert live.calls.call_count == 0


def test_a_live_write_that_somebody_does_not_want_is_not_sent(live, somebody, monkeypatch, capsys):
    monkeypatch.setattr(_connect.typer, "confirm", lambda *asked, err: False)
    assert main(["customers", "delete", "cus_1"]) == 1
    assert capsys.readouterr().err == "lomi: nothing was sent\n"
    assert live.calls.call_count == 0


def test_a_question_that_is_not_answered_ends_the_command(run, live, somebody):
    run("customers", "delete", "cus_1", input="", code=130)
    assert run.err.endswith("lomi: interrupted\n")
    assert live.calls.call_count == 0


@pytest.mark.parametrize(("command", "what"), WRITES)
def test_a_live_write_with_yes_asks_nobody(run, live, command, what):
    run(*command, "--yes")
    assert live.calls.call_count == 1


def test_a_live_read_asks_nobody(run, live):
    run("customers", "get", "cus_1")
    assert live.calls.call_count == 1


@pytest.mark.parametrize(
    ("answer", "code", "hint"),
    [
        (httpx.Response(401, json={"error": {"code": "unauthorized", "message": "no"}}), 4, "check LOMI_API_KEY"),
        (httpx.Response(403, json={"error": {"code": "forbidden", "message": "no"}}), 4, "use the merchant id"),
        (httpx.Response(400, json={"error": {"code": "bad_request", "message": "no"}}), 1, "the request id helps"),
        (httpx.Response(429, json={"error": {"message": "no"}}, headers={"Retry-After": "900"}), 1, "wait, then"),
        (httpx.Response(500, json={"error": {"message": "no"}}), 6, "look whether it happened"),
        (httpx.Response(201, text="<html>"), 6, "look whether it happened"),
    ],
)
def test_what_failed_says_so_by_its_code(run, monkeypatch, answer, code, hint):
    monkeypatch.setenv("LOMI_API_KEY", TEST_KEY)
    with respx.mock(base_url="https://sandbox.api.lomi.africa") as api:
        api.post("/customers").side_effect = [answer]
        run("customers", "create", "--name", "Awa", code=code)
    assert hint in run.err


def test_a_write_that_nobody_answers_may_have_happened(run, sandbox):
    sandbox.drop("after_commit")
    run("customers", "create", "--name", "Awa", code=6)
    assert "look whether it happened before you run it again" in run.err


def test_nobody_is_reached(run, monkeypatch):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        monkeypatch.setenv("LOMI_BASE_URL", f"http://127.0.0.1:{listener.getsockname()[1]}")
        monkeypatch.setenv("LOMI_API_KEY", TEST_KEY)
        monkeypatch.setattr(
            LomiClient.__init__,
            "__kwdefaults__",
            {**LomiClient.__init__.__kwdefaults__, "max_retries": 0},
        )
        run("customers", "get", "x", code=5)
    assert "doctor finds out why" in run.err


def test_a_read_that_nobody_answers(run, monkeypatch):
    monkeypatch.setenv("LOMI_API_KEY", TEST_KEY)
    with respx.mock(base_url="https://sandbox.api.lomi.africa") as api:
        api.get("/customers/x").respond(200, text="<html>")
        run("customers", "get", "x", code=1)
    assert "doctor finds out what answers there" in run.err


def test_what_the_api_answers_cannot_steer_the_terminal(run, monkeypatch):
    monkeypatch.setenv("LOMI_API_KEY", TEST_KEY)
    with respx.mock(base_url="https://sandbox.api.lomi.africa") as api:
        api.get("/customers/x").respond(
            200, json={"id": "x", "name": "[red]\x1b[31mAwa\x9b2J\u202eevil", "city": ":+1:"}
        )
        run("customers", "get", "x")
        assert "[red] [31mAwa 2J evil" in run.out
        assert ":+1:" in run.out
        run("customers", "get", "x", "--json")
        assert not {"\x1b", "\x9b", "\u202e"} & {*run.out}
        assert json.loads(run.out)["name"] == "[red]\x1b[31mAwa\x9b2J\u202eevil"


def test_ctrl_c(run, monkeypatch):
    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(Sandbox, "client", interrupted)
    run("customers", "list", "--sandbox", code=130)
    assert run.err == "lomi: interrupted\n"


def test_who_reads_the_output_has_seen_enough():
    arguments = [sys.executable, "-m", "lomi", "customers", "list", "--sandbox", "--jsonl", "--all"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as listing:
        listing.stdout.close()
        assert listing.stderr.read() == b""


def shell(command):
    """Run a command line with its streams as a shell makes them; return the code and what it said."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    line = command.replace("lomi", f"{shlex.quote(sys.executable)} -m lomi", 1)
    done = subprocess.run(["bash", "-c", line], capture_output=True, env=kept, timeout=60, check=False)
    return done.returncode, done.stderr.decode()


def test_output_that_cannot_be_written_is_told_on_one_line():
    told = (1, "lomi: done, but the result cannot be shown: No space left on device\n")
    assert shell("lomi customers delete --sandbox cus_abc123... > /dev/full") == told
    assert shell("lomi customers delete --sandbox cus_abc123... --json > /dev/full") == told
    assert shell("lomi customers list --sandbox --all --jsonl > /dev/full") == told


def test_output_that_nobody_reads_any_more_is_no_reason_to_complain():
    for command in (
        "merchants mrr --sandbox",
        "merchants mrr --sandbox --json",
        "customers list --sandbox --all --jsonl",
    ):
        assert shell(f"(lomi {command}; echo $? >&2) | true") == (0, "1\n")


def test_streams_that_are_closed():
    assert shell("lomi customers get --sandbox cus_abc123... >&-") == (0, "")
    assert shell("lomi doctor --sandbox >&-") == (0, "")
    code, said = shell("lomi customers create --sandbox --from - <&-")
    assert (code, said) == (2, "lomi: --from - reads standard input, which is closed; name a file\n")
    assert shell("lomi customers get --sandbox x 2>&- | grep -q x") == (1, "")


def test_json_is_json_where_the_output_is_not_utf_8():
    arguments = [sys.executable, "-m", "lomi", "customers", "create", "--sandbox", "--name", "Aïssatou", "--json"]
    for encoding in ("ascii", "cp1252", "utf-8"):
        environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "1"}
        done = subprocess.run(arguments, capture_output=True, env=environment, timeout=60, check=True)
        assert json.loads(done.stdout.decode("utf-8"))["name"] == "Aïssatou"


def test_a_mistake_of_ours_is_not_hidden(monkeypatch):
    def mistaken(*arguments, **options):
        raise ZeroDivisionError

    monkeypatch.setattr(Sandbox, "client", mistaken)
    with pytest.raises(ZeroDivisionError):
        main(["customers", "list", "--sandbox"])


def test_what_the_merchant_is_worth(run):
    assert run.json("merchants", "get", "--sandbox")["country"] == "SN"
    run("merchants", "get", "904d003c-3736-41d4-90a5-9de74d404fd7", "--sandbox")
    assert "merchant@example.com" in run.out
    assert run.json("merchants", "mrr", "--sandbox")["mrr"] == 50_000
    run("merchants", "mrr", "--sandbox")
    assert "50 000 XOF" in run.out
    run("merchants", "arr", "--sandbox")
    assert "600 000 XOF" in run.out
    run("merchants", "balance", "--sandbox")
    assert "250 000 XOF" in run.out
    run("merchants", "balance", "--sandbox", "--currency", "USD")
    assert "1 050.00 USD" in run.out
    run("merchants", "balance", "--sandbox", "--currency", "xof", code=2)
    assert 'did you mean "XOF"?' in run.err
    run("merchants", "mrr", "somebody-else", "--sandbox", code=3)


def test_an_amount_with_a_fraction_is_shown_as_it_came(run, monkeypatch):
    monkeypatch.setenv("LOMI_API_KEY", TEST_KEY)
    with respx.mock(base_url="https://sandbox.api.lomi.africa") as api:
        api.get("/merchants/m/mrr").respond(
            200, json={"data": {"merchant_id": "m", "mrr": 12.5, "currency_code": "XOF"}}
        )
        run("merchants", "mrr", "m")
        assert "12.5 XOF" in run.out
        assert run.json("merchants", "mrr", "m")["mrr"] == "12.5"
        api.get("/merchants/m/arr").respond(200, json={"data": {"merchant_id": "m", "arr": 12}})
        run("merchants", "arr", "m")
        assert "12 " in run.out
