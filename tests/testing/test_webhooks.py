import asyncio
import json

import flask
import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from lomi import webhooks
from lomi.testing import SandboxWebhooks
from lomi.webhooks.flask import webhook as flask_webhook
from lomi.webhooks.starlette import webhook as starlette_webhook

PATH = "/webhooks/lomi"


def flask_app(handle):
    app = flask.Flask("shop")
    app.post(PATH)(flask_webhook(handle))
    return app.wsgi_app


def starlette_app(handle):
    return Starlette(routes=[Route(PATH, starlette_webhook(handle), methods=["POST"])])


@pytest.fixture(params=[flask_app, starlette_app])
def shop(request):
    events = []
    return request.param(events.append), events


def test_an_event_in_one_line(lomi_webhooks, shop):
    app, events = shop
    response = lomi_webhooks.post(app, PATH, "PAYMENT_SUCCEEDED", {"metadata": {"order": "1"}})
    assert response.status_code == 200
    (event,) = events
    assert isinstance(event, webhooks.PaymentSucceeded)
    assert event.object.metadata == {"order": "1"}
    lomi_webhooks.post(app, PATH, "REFUND_COMPLETED")
    assert len(events) == len(lomi_webhooks.responses) == 2


def test_in_an_event_loop(lomi_webhooks, shop):
    app, events = shop

    async def test():
        return lomi_webhooks.post(app, PATH, "PAYMENT_FAILED")

    assert asyncio.run(test()).status_code == 200
    assert len(events) == 1


def test_what_a_customer_pays(lomi_sandbox, lomi_client, lomi_webhooks, shop):
    app, events = shop
    lomi_webhooks.connect(app, PATH)
    session = lomi_client.checkout_sessions.create(amount=5000, currency_code="XOF", metadata={"order": "7"})
    lomi_sandbox.payer(session).pay("WAVE")
    assert [event.event for event in events if event.event == "PAYMENT_SUCCEEDED"] == ["PAYMENT_SUCCEEDED"]


@pytest.mark.lomi_faults("duplicate_webhook")
def test_an_event_that_comes_twice(lomi_webhooks, shop):
    app, events = shop
    lomi_webhooks.post(app, PATH, "PAYMENT_SUCCEEDED")
    assert len({event.dedupe_key for event in events}) == 1
    assert len(events) == 2


@pytest.mark.lomi_faults("corrupt_webhook_signature")
def test_a_bad_signature(lomi_webhooks, shop):
    app, events = shop
    assert lomi_webhooks.post(app, PATH, "PAYMENT_SUCCEEDED").status_code == 401
    assert events == []


@pytest.mark.lomi_faults("lose_webhook")
def test_an_event_that_is_lost(lomi_webhooks, shop):
    app, _ = shop
    with pytest.raises(LookupError, match="PAYMENT_SUCCEEDED was not delivered"):
        lomi_webhooks.post(app, PATH, "PAYMENT_SUCCEEDED")


def test_the_response_of_one_application_among_several(lomi_webhooks):
    def fail(event):
        raise ValueError

    good, bad = flask_app(print), flask_app(fail)
    assert lomi_webhooks.post(good, PATH, "PAYMENT_SUCCEEDED").status_code == 200
    assert lomi_webhooks.post(bad, PATH, "PAYMENT_SUCCEEDED").status_code == 503
    assert lomi_webhooks.post(good, PATH, "PAYMENT_SUCCEEDED").status_code == 200


def test_a_failure_is_retried_when_the_clock_moves_on(lomi_sandbox, lomi_webhooks):
    tries = []

    def handle(event):
        tries.append(event)
        if len(tries) == 1:
            raise ValueError

    assert lomi_webhooks.post(flask_app(handle), PATH, "PAYMENT_SUCCEEDED").status_code == 503
    lomi_sandbox.clock.advance(seconds=5)
    assert [response.status_code for response in lomi_webhooks.responses] == [503, 200]


def test_an_unknown_event(lomi_webhooks):
    with pytest.raises(ValueError, match="event is one of PAYMENT_SUCCEEDED, "):
        lomi_webhooks.post(flask_app(print), PATH, "PAYMENT_CREATED")


def test_an_application_behind_a_url(lomi_sandbox, monkeypatch):
    posted = []

    def post(url, *, content, headers, trust_env):
        posted.append(
            (url, json.loads(content)["event"], webhooks.verify(content, headers["X-Lomi-Signature"], "whsec_test"))
        )
        return httpx.Response(204)

    monkeypatch.setattr(httpx, "post", post)
    assert SandboxWebhooks(lomi_sandbox).post("http://127.0.0.1:8000/", PATH, "USAGE_RECORDED").status_code == 204
    assert posted == [("http://127.0.0.1:8000/webhooks/lomi", "USAGE_RECORDED", None)]
