"""What the vendor's command line uses: `GET /cli/listen` and `POST /test/webhook-event`."""

import hashlib
import hmac
import json

import httpx
import pytest

from lomi.sandbox import Sandbox

EVENT = "/test/webhook-event"


def messages(lines):
    for line in lines:
        if line.startswith("data: "):
            yield line.removeprefix("data: ")


@pytest.fixture
def served():
    with (
        Sandbox(customers=3) as sandbox,
        sandbox.serve() as server,
        httpx.Client(base_url=server.url, headers={"X-API-KEY": server.api_key}) as api,
    ):
        yield sandbox, api


def test_deliveries_are_streamed_as_they_are_signed(served):
    sandbox, api = served
    with api.stream("GET", "/cli/listen") as response:
        assert response.headers["Content-Type"] == "text/event-stream"
        stream = messages(response.iter_lines())
        hello = json.loads(next(stream))
        assert hello["type"] == "connected"
        with sandbox.client() as client:
            sandbox.pay(next(iter(client.customers.list())), 5000, description="Été")
        text = next(stream)
    message = json.loads(text)
    body = text[text.index('"payload": ') + len('"payload": ') : -1].encode()
    assert message["event"] == "PAYMENT_SUCCEEDED"
    signature = hmac.new(hello["webhook_secret"].encode(), body, hashlib.sha256).hexdigest()
    assert message["headers"]["X-Lomi-Signature"] == signature
    assert [each.status for each in sandbox.deliveries] == ["delivered"]


def test_the_endpoint_of_a_stream_ends_with_it(served):
    sandbox, api = served
    with api.stream("GET", "/cli/listen") as response:
        next(messages(response.iter_lines()))
        # A request behind it on another connection is answered meanwhile.
        assert api.get("/customers").status_code == 200
    with sandbox.client() as client:
        buyer = next(iter(client.customers.list()))
    for _ in range(100):
        before = len(sandbox.deliveries)
        sandbox.pay(buyer, 500)
        if len(sandbox.deliveries) == before:
            break
    else:
        raise AssertionError("the endpoint is still there")


def test_head_and_in_process(served):
    sandbox, api = served
    assert api.head("/cli/listen").status_code == 200
    with httpx.Client(transport=sandbox.transport(), base_url=sandbox.base_url) as inside:
        assert inside.get("/cli/listen", headers={"X-API-KEY": sandbox.api_key}).status_code == 200


def test_a_sandbox_that_closes_ends_its_streams():
    with Sandbox() as sandbox:
        server = sandbox.serve()
        with httpx.stream("GET", f"{server.url}/cli/listen", headers={"X-API-KEY": server.api_key}) as response:
            lines = response.iter_lines()
            next(messages(lines))
            server.close()
            with pytest.raises(httpx.RemoteProtocolError):
                list(lines)


def test_an_event_goes_to_the_endpoints_of_its_environment(served):
    sandbox, api = served
    received = []
    sandbox.webhooks.add(lambda body, headers: received.append(json.loads(body)))
    sent = {"event": "USAGE_RECORDED", "data": {"id": "1"}}
    assert api.post(EVENT, json=sent).status_code == 201
    sandbox.deliver()
    assert received == []
    sent["data"]["environment"] = "test"
    payload = api.post(EVENT, json=sent).json()["payload"]
    assert payload["merchant_id"] == sandbox.merchant_id
    sandbox.deliver()
    assert [each["data"] for each in received] == [payload]


def test_an_event_that_nothing_listens_to_is_accepted(served):
    sandbox, api = served
    sandbox.webhooks.add(lambda body, headers: None)
    assert api.post(EVENT, json={"event": "PAYMENT_CREATED", "data": {"environment": "test"}}).status_code == 201
    assert sandbox.deliveries == ()
    assert api.post(EVENT, json={"event": "PAYMENT_FAILED"}).status_code == 400


def test_a_sign_of_life(served, monkeypatch):
    monkeypatch.setattr("lomi.sandbox.server.PING", 0.01)
    _, api = served
    with api.stream("GET", "/cli/listen") as response:
        stream = messages(response.iter_lines())
        assert [json.loads(next(stream))["type"] for _ in range(3)] == ["connected", "ping", "ping"]
