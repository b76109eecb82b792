"""The Django shop's tests: `pytest examples/frameworks`."""

import pytest
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.test import Client
from django.utils import timezone

from django_site.clients import lomi
from django_site.models import Order, Parcel
from django_site.webhooks import inbox
from lomi.sandbox import Sandbox
from lomi.testing import SandboxWebhooks

WEBHOOKS = "/webhooks/lomi"
PAID = "PAYMENT_SUCCEEDED"
app = get_wsgi_application()


@pytest.fixture
def browser(
    lomi_api: Sandbox,
    lomi_webhooks: SandboxWebhooks,
    monkeypatch: pytest.MonkeyPatch,
) -> Client:
    call_command("flush", verbosity=0, interactive=False)
    monkeypatch.setattr(timezone, "now", lomi_api.clock.now)
    lomi.cache_clear()
    lomi_webhooks.connect(app, WEBHOOKS)
    return Client(SERVER_NAME="localhost")


def buy(browser: Client) -> str:
    """Click on Buy; return the address of the page to pay on."""
    return browser.post("/orders").headers["Location"]


def order_page() -> str:
    return f"/orders/{order()}"


def order() -> str:
    return Order.objects.get().id


def parcels() -> int:
    return Parcel.objects.count()


def execute(statement: str) -> None:
    connection.cursor().execute(statement)


def test_a_paid_order_is_shipped(browser: Client, lomi_sandbox: Sandbox) -> None:
    assert "Buy for 15 000 XOF" in browser.get("/").content.decode()
    payer = lomi_sandbox.payer(buy(browser))
    # Whoever only opens the page of thanks has not paid.
    assert "Not paid yet" in browser.get(order_page()).content.decode()
    thanks = payer.pay("WAVE").url or ""
    assert thanks == "http://localhost" + order_page()
    assert "Thank you" in browser.get(thanks).content.decode()
    assert parcels() == 1
    assert browser.get("/orders/another").status_code == 404


@pytest.mark.lomi_faults("duplicate_webhook", event=PAID)
def test_a_doubled_one_ships_once(browser: Client, lomi_sandbox: Sandbox) -> None:
    lomi_sandbox.payer(buy(browser)).pay("WAVE")
    assert parcels() == 1


@pytest.mark.parametrize("fault", ["lose_webhook", "corrupt_webhook_signature"])
def test_a_payment_without_webhook_is_caught_up(
    browser: Client, lomi_sandbox: Sandbox, fault: str
) -> None:
    lomi_sandbox.inject(fault, event=PAID)
    lomi_sandbox.payer(buy(browser)).pay("MTN")
    assert parcels() == 0
    for _ in range(2):
        call_command("catch_up")
    assert parcels() == 1


def test_what_failed_is_done_later(browser: Client, lomi_sandbox: Sandbox) -> None:
    page = buy(browser)
    execute("ALTER TABLE django_site_parcel RENAME TO locked")
    lomi_sandbox.payer(page).pay("WAVE")
    # Of what the function did before it failed, nothing is kept.
    assert "Not paid yet" in browser.get(order_page()).content.decode()
    execute("ALTER TABLE locked RENAME TO django_site_parcel")
    execute("UPDATE lomi_inbox SET due_at = 0")  # half a minute passes
    call_command("lomi_inbox", "work", handler="django_site.webhooks:inbox")
    assert parcels() == 1


def test_another_payment_ships_nothing(
    browser: Client, lomi_webhooks: SandboxWebhooks
) -> None:
    buy(browser)
    less = {"metadata": {"order": order()}, "gross_amount": 100}
    for data in ({}, less):  # not of this shop; of another amount
        assert lomi_webhooks.post(app, WEBHOOKS, PAID, data).is_success
        assert inbox.failed() == []
    assert parcels() == 0


def test_an_order_has_one_page_until_it_expires(
    browser: Client, lomi_sandbox: Sandbox
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
