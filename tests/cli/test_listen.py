import hashlib
import hmac
import json
import os
import subprocess
import sys

import httpx
import pytest
import respx

from lomi.cli import listen
from lomi.cli.errors import CommandError
from lomi.sandbox import Sandbox
from lomi.sandbox.examples import EVENTS

URL = "http://127.0.0.1:1/api"
STREAM = f"{URL}/cli/listen"
PROGRAM = "http://localhost:8000/lomi"
# Written anew the number would be 1e-07, and a line of the stream must not end at U+2028.
PAYLOAD = '{"id":"1","event":"PAYMENT_SUCCEEDED","data":{"gross_amount":1e-7,"note":"é\u2028, }"}}'
SIGNATURE = hmac.new(b"whsec_1", PAYLOAD.encode(), hashlib.sha256).hexdigest()
CONNECTED = 'data: {"type":"connected","webhook_secret":"whsec_1"}\n\n'
HEADERS = json.dumps({"X-Lomi-Signature": SIGNATURE, "Host": "x"})
WEBHOOK = (
    f'data: {{"type":"webhook","event":"PAYMENT_SUCCEEDED","headers":{HEADERS}, "payload": {PAYLOAD}}}' + "\r\n\r\n"
)


@pytest.fixture
def api(run, monkeypatch):
    monkeypatch.setenv("LOMI_API_KEY", "lomi_sk_test_1")
    monkeypatch.setenv("LOMI_BASE_URL", URL)
    waits = []
    monkeypatch.setattr(listen, "sleep", waits.append)
    with respx.mock(assert_all_called=False) as router:
        router.waits = waits
        yield router


def stream(*texts):
    return httpx.Response(200, content="".join(texts).encode())


def test_a_webhook_is_forwarded_byte_for_byte(run, api):
    api.get(STREAM).mock(return_value=stream(CONNECTED, WEBHOOK))
    program = api.post(PROGRAM).mock(return_value=httpx.Response(204))
    out = run("listen", "--forward-to", PROGRAM, "--count", 1)
    (request,) = (call.request for call in program.calls)
    assert request.content == PAYLOAD.encode()
    assert request.headers["X-Lomi-Signature"] == SIGNATURE
    assert request.headers["Host"] == "localhost:8000"
    assert f"forwarding to {PROGRAM}" in out
    assert "export LOMI_WEBHOOK_SECRET=whsec_1" in out
    assert "PAYMENT_SUCCEEDED → 204" in out
    assert api.calls[0].request.headers["X-API-KEY"] == "lomi_sk_test_1"


def test_what_is_not_a_webhook_is_passed_over(run, api):
    noise = (": a comment\n\n", "event: x\ndata: no JSON\n\n", "data: [1]\n\n", 'data: {"type":"ping"}\n\n')
    without = 'data: {"type":"webhook","event":"LOST"}\n\n', 'data: {"type":"connected","webhook_secret":""}\n\n'
    api.get(STREAM).mock(return_value=stream(*noise, *without, "data: {}\n\n", WEBHOOK))
    out = run("listen", "--count", 1)
    assert out.splitlines()[-1].endswith("PAYMENT_SUCCEEDED")
    assert "LOST" not in out
    assert "SECRET" not in out


def test_a_program_that_does_not_respond(run, api):
    api.get(STREAM).mock(return_value=stream(WEBHOOK))
    api.post(PROGRAM).mock(side_effect=httpx.ConnectError("refused"))
    assert "PAYMENT_SUCCEEDED → refused" in run("listen", "--forward-to", PROGRAM, "--count", 1)


def test_a_lost_stream_is_opened_again(run, api):
    lost = [httpx.ConnectError("refused"), httpx.ReadTimeout(""), httpx.Response(502), stream(CONNECTED)]
    api.get(STREAM).mock(side_effect=[*lost, stream(WEBHOOK)])
    run("listen", "--count", 1)
    # The count begins anew once something arrived.
    assert api.waits == [1, 2, 4, 1]
    assert "refused; listening again in 1 s" in run.err
    assert "ReadTimeout; listening again in 2 s" in run.err
    assert "the stream ended" in run.err


@pytest.mark.parametrize(("status", "code", "hint"), [(403, 4, "--allow-production"), (404, 1, "")])
def test_a_refusal_ends_it(run, api, status, code, hint):
    api.get(STREAM, params={"allow_production": "true"}).mock(return_value=httpx.Response(status))
    run("listen", "--allow-production", code=code)
    assert f"responded {status}" in run.err
    assert hint in run.err


def test_listening_to_a_sandbox_over_a_socket():
    with Sandbox() as sandbox, sandbox.serve() as server:
        environment = {**os.environ, "LOMI_API_KEY": server.api_key, "LOMI_BASE_URL": server.url}
        command = [sys.executable, "-m", "lomi", "listen", "--count", "1"]
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as listening:
            try:
                assert "Listening" in listening.stdout.readline()
                sandbox.webhooks.emit("REFUND_COMPLETED")
                assert "REFUND_COMPLETED" in listening.communicate(timeout=60)[0]
                assert listening.returncode == 0
            finally:
                listening.kill()


@pytest.mark.parametrize("event", EVENTS)
def test_every_event_can_be_triggered(run, sandbox, event):
    received = []
    sandbox.webhooks.add(lambda body, headers: received.append(json.loads(body)))
    assert run.json("trigger", event)["success"] is True
    sandbox.deliver()
    assert [each["event"] for each in received] == [event]
    assert received[0]["data"]["environment"] == "test"


def test_an_example_with_fields_of_ones_own(run, sandbox, tmp_path):
    given = tmp_path / "data.json"
    given.write_text('{"gross_amount": 7}')
    told = [run.json("trigger", "PAYMENT_FAILED", "--data", data) for data in ('{"gross_amount": 5}', f"@{given}")]
    assert [(each["payload"]["gross_amount"], each["payload"]["status"]) for each in told] == [
        (5, "failed"),
        (7, "failed"),
    ]
    assert "on its way" in run("trigger", "PAYMENT_FAILED")


def test_an_event_that_cannot_be_triggered(run, sandbox):
    run("trigger", "PAYMENT_CREATED", code=2)
    assert '"PAYMENT_CREATED" cannot be triggered; EVENT is one of PAYMENT_SUCCEEDED' in run.err


def test_a_command_error_is_not_taken_for_a_lost_stream(api):
    api.get(STREAM).mock(return_value=httpx.Response(401))
    with pytest.raises(CommandError):
        listen.listen()
