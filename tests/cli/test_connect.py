import io
import sys

import pytest
import respx

from lomi.cli import connect, main
from lomi.cli.connect import owner
from lomi.sandbox import Sandbox
from tests.wire import LIVE_KEY, TEST_KEY


def test_the_key_is_prompted_for_without_echo(run, terminal, monkeypatch):
    monkeypatch.setattr(
        connect.typer, "prompt", lambda text, *, hide_input, err: TEST_KEY if hide_input and err else ""
    )
    with respx.mock(base_url="https://sandbox.api.lomi.africa") as api:
        api.get("/customers/x").respond(200, json={"id": "x", "name": "Awa"})
        assert run.json("customers", "get", "x")["name"] == "Awa"
        assert api.calls[0].request.headers["X-API-KEY"] == TEST_KEY


def test_no_key_and_no_terminal(run):
    run("customers", "get", "x", code=2)
    assert "set the environment variable LOMI_API_KEY" in run.err


def test_a_pipe_is_not_interactive(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert connect._is_interactive() is False
    monkeypatch.setattr(sys, "stdin", None)
    assert connect._is_interactive() is False


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
    (["customers", "update", "cus_1", "--name", "Awa"], "update a customer"),
    (["customers", "delete", "cus_1"], "delete a customer"),
]


@pytest.mark.parametrize(("command", "what"), WRITES)
def test_a_live_write_asks_first(run, live, terminal, command, what):
    run(*command, input="y\n")
    assert f"This will {what} in live mode at https://api.lomi.africa. Continue? [y/N]" in run.err
    assert live.calls.call_count == 1


@pytest.mark.parametrize(("command", "what"), WRITES)
def test_a_live_write_without_a_terminal_is_not_sent(run, live, command, what):
    run(*command, code=2)
    assert (
        run.err
        == f"lomi-py: this would {what} in live mode at https://api.lomi.africa; nothing was sent; add --yes to go ahead\n"
    )
    assert live.calls.call_count == 0


def test_a_live_write_that_is_declined_is_not_sent(live, terminal, monkeypatch, capsys):
    monkeypatch.setattr(connect.typer, "confirm", lambda *asked, err: False)
    assert main(["customers", "delete", "cus_1"]) == 1
    assert capsys.readouterr().err == "lomi-py: nothing was sent\n"
    assert live.calls.call_count == 0


def test_end_of_input_at_the_question_interrupts(run, live, terminal):
    run("customers", "delete", "cus_1", input="", code=130)
    assert run.err.endswith("lomi-py: interrupted\n")
    assert live.calls.call_count == 0


@pytest.mark.parametrize(("command", "what"), WRITES)
def test_a_live_write_with_yes_does_not_ask(run, live, command, what):
    run(*command, "--yes")
    assert live.calls.call_count == 1


def test_a_live_read_does_not_ask(run, live):
    run("customers", "get", "cus_1")
    assert live.calls.call_count == 1


def test_the_owner_is_environment_base_url_and_organization():
    with Sandbox("server") as sandbox:
        shop = sandbox.merchant("Shop")
        with sandbox.client() as client, sandbox.client(api_key=shop.api_key) as other:
            mine = owner(client, None)
            assert mine.startswith("test https://lomi-sandbox.invalid ")
            assert owner(other, None) == f"test https://lomi-sandbox.invalid {shop.organization_id}" != mine
            assert owner(client, "acct_1") == "test https://lomi-sandbox.invalid acct_1"
