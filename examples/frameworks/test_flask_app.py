"""The Flask shop's tests: `pytest examples/frameworks`."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

import flask_app
from flask_app import inbox
from lomi import LomiClient
from lomi.sandbox import Sandbox
from lomi.testing import SandboxWebhooks

WEBHOOKS = "/webhooks/lomi"
PAID = "PAYMENT_SUCCEEDED"


@pytest.fixture
def browser(
    lomi_api: Sandbox,
    lomi_webhooks: SandboxWebhooks,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> FlaskClient:
    monkeypatch.setenv("SHOP_DATABASE", str(tmp_path / "shop.db"))
    monkeypatch.setattr(flask_app, "now", lomi_api.clock.now)
    app = flask_app.create_app()
    lomi_webhooks.connect(app, WEBHOOKS)
    return app.test_client()


def buy(browser: FlaskClient) -> str:
    """Click on Buy; return the address of the page to pay on."""
    return browser.post("/orders").headers["Location"]


def order_page() -> str:
    return f"/orders/{order()}"


def execute(statement: str) -> Any:
    with closing(flask_app.connect()) as database:
        return (database.execute(statement).fetchone() or [None])[0]


def order() -> str:
    return str(execute("SELECT id FROM orders"))


def parcels() -> int:
    return int(execute("SELECT count(*) FROM parcels"))


def test_a_paid_order_is_shipped(browser: FlaskClient, lomi_sandbox: Sandbox) -> None:
    assert "Buy for 15 000 XOF" in browser.get("/").text
    payer = lomi_sandbox.payer(buy(browser))
    # Whoever only opens the page of thanks has not paid.
    assert "Not paid yet" in browser.get(order_page()).text
    thanks = payer.pay("WAVE").url or ""
    assert thanks == "http://localhost" + order_page()
    assert "Thank you" in browser.get(thanks).text
    assert parcels() == 1
    assert browser.get("/orders/another").status_code == 404


@pytest.mark.lomi_faults("duplicate_webhook", event=PAID)
def test_a_doubled_one_ships_once(browser: FlaskClient, lomi_sandbox: Sandbox) -> None:
    lomi_sandbox.payer(buy(browser)).pay("WAVE")
    assert parcels() == 1


@pytest.mark.parametrize("fault", ["lose_webhook", "corrupt_webhook_signature"])
def test_a_payment_without_webhook_is_caught_up(
    browser: FlaskClient, lomi_sandbox: Sandbox, fault: str
) -> None:
    lomi_sandbox.inject(fault, event=PAID)
    lomi_sandbox.payer(buy(browser)).pay("MTN")
    assert parcels() == 0
    with LomiClient() as lomi:
        for _ in range(2):
            yesterday = flask_app.now() - timedelta(days=1)
            inbox.catch_up(lomi, since=yesterday)
    assert parcels() == 1


def test_what_failed_is_done_later(browser: FlaskClient, lomi_sandbox: Sandbox) -> None:
    page = buy(browser)
    execute("ALTER TABLE parcels RENAME TO locked")
    lomi_sandbox.payer(page).pay("WAVE")
    # Of what the function did before it failed, nothing is kept.
    assert "Not paid yet" in browser.get(order_page()).text
    execute("ALTER TABLE locked RENAME TO parcels")
    execute("UPDATE lomi_inbox SET due_at = 0")  # half a minute passes
    assert inbox.work().done == 1
    assert parcels() == 1


def test_another_payment_ships_nothing(
    browser: FlaskClient, lomi_webhooks: SandboxWebhooks
) -> None:
    buy(browser)
    less = {"metadata": {"order": order()}, "gross_amount": 100}
    for data in ({}, less):  # not of this shop; of another amount
        assert lomi_webhooks.post(browser.application, WEBHOOKS, PAID, data).is_success
        assert inbox.failed() == []
    assert parcels() == 0


def test_an_order_has_one_page_until_it_expires(
    browser: FlaskClient, lomi_sandbox: Sandbox
) -> None:
    with lomi_sandbox.fail(503, times=None, route="POST /checkout-sessions"):
        assert buy(browser).endswith(order_page())
    pay = order_page() + "/pay"
    first = browser.post(pay).headers["Location"]
    assert browser.post(pay).headers["Location"] == first
    lomi_sandbox.clock.advance(hours=2)
    second = browser.post(pay).headers["Location"]
    assert second != first
    lomi_sandbox.payer(second).pay("WAVE")
    assert parcels() == 1
