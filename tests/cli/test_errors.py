import json
import socket
import uuid

import httpx
import pytest
import respx

from lomi import LomiClient
from lomi.sandbox import Sandbox
from tests.wire import TEST_KEY


@pytest.mark.parametrize(
    ("answer", "code", "hint"),
    [
        (httpx.Response(401, json={"error": {"code": "unauthorized", "message": "no"}}), 4, "check LOMI_API_KEY"),
        (httpx.Response(403, json={"error": {"code": "forbidden", "message": "no"}}), 4, "use the merchant id"),
        (httpx.Response(400, json={"error": {"code": "bad_request", "message": "no"}}), 1, "give the request id"),
        (httpx.Response(429, json={"error": {"message": "no"}}, headers={"Retry-After": "900"}), 1, "wait, then"),
        (httpx.Response(500, json={"error": {"message": "no"}}), 6, "check whether it happened"),
        (httpx.Response(201, text="<html>"), 6, "check whether it happened"),
    ],
)
def test_exit_codes_and_hints(run, monkeypatch, answer, code, hint):
    monkeypatch.setenv("LOMI_API_KEY", TEST_KEY)
    with respx.mock(base_url="https://sandbox.api.lomi.africa") as api:
        api.post("/customers").side_effect = [answer]
        run("customers", "create", "--name", "Awa", code=code)
    assert hint in run.err


def test_a_write_without_a_response_may_have_happened(run, sandbox):
    sandbox.drop("after_commit")
    run("customers", "create", "--name", "Awa", code=6)
    assert "check whether it happened before you run it again" in run.err


def test_no_connection(run, monkeypatch):
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
    assert "doctor to find out why" in run.err


def test_an_unreadable_response(run, monkeypatch):
    monkeypatch.setenv("LOMI_API_KEY", TEST_KEY)
    with respx.mock(base_url="https://sandbox.api.lomi.africa") as api:
        api.get("/customers/x").respond(200, text="<html>")
        run("customers", "get", "x", code=1)
    assert "doctor to find out what responded" in run.err


@pytest.mark.parametrize("option", ["--json", "--jsonl"])
def test_errors_are_json_if_the_output_is(run, sandbox, option):
    run("customers", "get", str(uuid.uuid4()), option, code=3)
    error = json.loads(run.err)["error"]
    assert (error["type"], error["status_code"], error["exit_code"]) == ("LomiNotFoundError", 404, 3)
    assert error["request_id"] == sandbox.requests[-1].request_id
    assert error["hint"] == "check the id, and LOMI_BASE_URL"
    run("customers", "get", option, code=2)
    assert json.loads(run.err)["error"]["message"] == "Missing argument 'ID'"


@pytest.fixture
def deployed(run, monkeypatch):
    """A sandbox in the server dialect."""
    with Sandbox("server") as sandbox, sandbox.serve() as server:
        monkeypatch.setenv("LOMI_API_KEY", server.api_key)
        monkeypatch.setenv("LOMI_BASE_URL", server.url)
        yield sandbox


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (["customers", "get", "cus_123"], 1),
        (["customers", "delete", "cus_123"], 6),
        (["api", "GET", "/customers/cus_123"], 1),
    ],
)
def test_an_id_that_is_not_a_uuid(run, deployed, command, code):
    run(*command, code=code)
    assert '"cus_123" is most likely not an id: lomi. ids are UUIDs' in run.err
    assert "again" not in run.err


def test_a_500_on_a_valid_id_is_not_blamed_on_the_id(run, deployed):
    deployed.fail(500, times=None)
    run("customers", "get", str(uuid.uuid4()), code=1)
    assert run.err.endswith("; run it again later\n")
