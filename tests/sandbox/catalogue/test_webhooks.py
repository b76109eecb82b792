"""Endpoints and delivery logs through the client, and resending."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

import lomi
from lomi.sandbox import Sandbox

from ..server.conftest import Asker
from .conftest import UNKNOWN, Shop

HOOK: dict[str, Any] = {"url": "https://shop.example/hooks/lomi", "authorized_events": ["PAYMENT_SUCCEEDED"]}


class Receiver:
    """Receives deliveries, and responds with the next of some statuses, then with 200."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.bodies: list[dict[str, Any]] = []

    def __call__(self, body: bytes, headers: Mapping[str, str]) -> int:
        self.bodies.append(json.loads(body))
        return self.statuses.pop(0) if self.statuses else 200


def logs(shop: Shop, endpoint: str, **only: Any) -> list[lomi.WebhookDeliveryLog]:
    return list(shop.client.webhook_delivery_logs.list(webhook_id=endpoint, **only))


def test_the_deployed_server_cannot_create_or_change_an_endpoint(shop: Shop) -> None:
    with pytest.raises(lomi.LomiBadRequestError, match="Invalid webhook URL format"):
        shop.client.webhooks.create(**HOOK)
    (endpoint,) = shop.client.webhooks.list()
    answer = Asker(shop.sandbox).patch(f"/webhooks/{endpoint.webhook_id}", {"is_active": False})
    assert (answer.status, answer.json["is_active"]) == (200, True)


def test_as_designed(shop: Shop) -> None:
    assert shop.sandbox.webhooks.as_documented is False
    shop.sandbox.webhooks.as_documented = True
    made = shop.client.webhooks.create(**HOOK, description="orders")
    assert (made.secret or "").startswith("whsec_")
    assert made.webhook.metadata == {"description": "orders"}
    got = shop.client.webhooks.get(made.webhook.webhook_id)
    assert (got.url, got.authorized_events, got.is_active) == (HOOK["url"], ["PAYMENT_SUCCEEDED"], True)
    assert (got["id"], got["events"], got["active"]) == (got.webhook_id, ["PAYMENT_SUCCEEDED"], True)
    assert "secret" not in got.to_dict()
    changed = shop.client.webhooks.update(
        got.webhook_id, url="https://shop.example/b", authorized_events=["REFUND_FAILED"], is_active=False
    )
    assert (changed.url, changed.authorized_events, changed.is_active) == (
        *("https://shop.example/b", ["REFUND_FAILED"]),
        False,
    )
    assert Asker(shop.sandbox)(f"/webhooks/{got.webhook_id}", "DELETE").json == {"deleted": True}
    with pytest.raises(lomi.LomiNotFoundError):
        shop.client.webhooks.get(got.webhook_id)
    with pytest.raises(ValueError, match="as_documented is True or False"):
        shop.sandbox.webhooks.as_documented = 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"url": None}, "Invalid webhook URL format"),
        ({"url": "shop"}, "Invalid webhook URL format"),
        ({"url": "http://shop.example"}, "Webhook URL must use HTTPS"),
        ({"url": "https://a:b@shop.example"}, "Webhook URL must not include embedded credentials"),
        ({"authorized_events": []}, "authorized_events is required"),
        ({"authorized_events": None}, "authorized_events is required"),
        ({"authorized_events": "GONE"}, 'invalid input value for enum webhook_event: "GONE"'),
    ],
)
def test_what_is_no_endpoint(shop: Shop, change: dict[str, Any], message: str) -> None:
    shop.sandbox.webhooks.as_documented = True
    answer = Asker(shop.sandbox).post({**HOOK, **change}, "/webhooks")
    assert (answer.status, answer.error["message"]) == (400, message)


def test_nothing_is_sent_to_the_internet() -> None:
    with Sandbox("docs", seed=1, customers=1) as sandbox:
        made = Asker(sandbox).post(HOOK, "/webhooks").json["data"]
        sandbox.pay(sandbox.objects("customers")[0]["id"], 500)
        assert {each.response for each in sandbox.deliveries} == {"the sandbox sends nothing to the internet", ""}
        assert sandbox.deliveries[0].endpoint == made["webhook_id"]


def test_what_is_accepted_or_refused_is_logged_and_what_the_queue_gives_up_is_not(shop: Shop) -> None:
    receive = Receiver(200, 503, 200, 404, 503, 503, 503, 503, 503)
    endpoint = shop.sandbox.webhooks.add(receive, events=["PAYMENT_SUCCEEDED"])
    customer = shop.customer()
    for amount in (100, 200, 300, 400):
        shop.sandbox.pay(customer, amount)
        shop.sandbox.clock.advance(seconds=80)
    found = logs(shop, endpoint.id)
    assert [(each.response_status, each.attempt_number, each.success) for each in found] == [
        (404, 1, False),
        (200, 2, True),
        (200, 1, True),
    ]
    assert [each.payload["data"]["gross_amount"] for each in found] == [300, 200, 100]
    assert [each.success for each in logs(shop, endpoint.id, success_only=True)] == [True, True]
    assert logs(shop, endpoint.id, failed_only=True) == found[:1]
    assert shop.client.webhook_delivery_logs.get(found[0].log_id) == found[0]
    shown = shop.client.webhooks.get(endpoint.id)
    assert (shown.last_response_status, shown.last_payload["event"]) == (503, "PAYMENT_SUCCEEDED")
    with pytest.raises(lomi.LomiNotFoundError):
        shop.client.webhook_delivery_logs.get(UNKNOWN)
    ask = Asker(shop.sandbox)
    assert ask("/webhook-delivery-logs").status == 500
    for value in ("1", "yes", ""):
        assert ask(f"/webhook-delivery-logs?webhookId={endpoint.id}&failedOnly={value}").status == 400
    other = shop.sandbox.merchant()
    assert ask(f"/webhook-delivery-logs?webhookId={endpoint.id}", key=other.api_key).json == []


def test_synchronous_deliveries_have_a_new_id_each_time_and_a_log_of_their_own(shop: Shop) -> None:
    receive = Receiver(503, 503, 503, 503)
    endpoint = shop.sandbox.webhooks.add(receive, synchronous=True)
    shop.sandbox.pay(shop.customer(), 100)
    shop.sandbox.clock.advance(seconds=30)
    sent = [each["id"] for each in receive.bodies]
    assert len(set(sent)) == 4
    times = [each.sent_at for each in shop.sandbox.deliveries if each.endpoint == endpoint.id]
    assert [(each - times[0]).total_seconds() for each in times if each and times[0]] == [0, 3, 9, 21]
    (log,) = logs(shop, endpoint.id)
    assert (log.success, log.attempt_number) == (False, 4)
    # Made anew for the log: neither its id nor its time was sent.
    assert log.payload["id"] not in sent
    # Subscriptions go through the queue, as for live merchants.
    receive.statuses = [503]
    shop.subscribe()
    shop.sandbox.clock.advance(seconds=30)
    created = [each for each in receive.bodies if each["event"] == "SUBSCRIPTION_CREATED"]
    assert len({each["id"] for each in created}) == 1


def test_a_logged_delivery_is_sent_again(shop: Shop) -> None:
    receive = Receiver(404)
    endpoint = shop.sandbox.webhooks.add(receive)
    shop.sandbox.pay(shop.customer(), 100)
    (log,) = logs(shop, endpoint.id)
    retried = shop.client.webhooks.retry_delivery(endpoint.id, log.log_id)
    assert (retried.delivered, retried.response_status, retried.event_id) == (True, 200, log.payload["id"])
    assert receive.bodies[1] == receive.bodies[0]
    assert [(each.success, each.attempt_number) for each in logs(shop, endpoint.id)] == [(True, 2), (False, 1)]
    receive.statuses = [503]
    with pytest.raises(lomi.LomiBadRequestError, match=r"Webhook retry failed \(503\)"):
        shop.client.webhooks.retry_delivery(endpoint.id, log.log_id)
    with pytest.raises(lomi.LomiNotFoundError, match="Delivery log not found or retry failed"):
        shop.client.webhooks.retry_delivery(endpoint.id, UNKNOWN)
    shop.sandbox.webhooks.as_documented = True
    shop.client.webhooks.update(endpoint.id, is_active=False)
    with pytest.raises(lomi.LomiBadRequestError, match=r"Webhook retry failed \(0\)"):
        shop.client.webhooks.retry_delivery(endpoint.id, log.log_id)


def test_an_endpoint_can_ask_the_api_while_it_is_sent_an_event(shop: Shop) -> None:
    """The sandbox is not locked meanwhile, whatever sends the event."""
    seen: list[Any] = []

    def receive(body: bytes, headers: Mapping[str, str]) -> None:
        seen.append(shop.client.webhooks.get(endpoint.id).url)

    endpoint = shop.sandbox.webhooks.add(receive)
    shop.client.webhooks.test(endpoint.id)
    assert seen == [""]


def test_a_sample_event(shop: Shop) -> None:
    receive = Receiver(200, 500)
    endpoint = shop.sandbox.webhooks.add(receive)
    assert Asker(shop.sandbox)(f"/webhooks/{endpoint.id}/test", "POST").status == 200
    assert receive.bodies[0]["event"] == "test.webhook"
    with pytest.raises(lomi.LomiBadRequestError, match="Webhook test delivery failed"):
        shop.client.webhooks.test(endpoint.id)


def test_the_endpoints_of_a_sandbox(shop: Shop) -> None:
    endpoint = shop.sandbox.webhooks.add(Receiver(), events=["PAYMENT_SUCCEEDED"])
    assert shop.sandbox.webhooks.list()[1:] == (endpoint,)
    shop.sandbox.pay(shop.customer(), 100)
    delivery = shop.sandbox.deliveries[-1]
    again = shop.sandbox.webhooks.resend(delivery)
    assert again is not None
    assert (again.body, again.event_id, again.attempt) == (delivery.body, delivery.event_id, 2)
    assert shop.sandbox.deliveries[-1] == again
    shop.sandbox.webhooks.remove(endpoint)
    assert endpoint not in shop.sandbox.webhooks.list()
    for call in (lambda: shop.sandbox.webhooks.remove(endpoint.id), lambda: shop.sandbox.webhooks.resend(delivery)):
        with pytest.raises(LookupError, match="no such endpoint"):
            call()
    with pytest.raises(ValueError, match="synchronous is True or False"):
        shop.sandbox.webhooks.add(Receiver(), synchronous=1)


def test_what_was_never_sent_cannot_be_sent_again(shop: Shop) -> None:
    shop.sandbox.inject("lose_webhook")
    shop.sandbox.pay(shop.customer(), 100)
    with pytest.raises(LookupError, match="never sent"):
        shop.sandbox.webhooks.resend(shop.sandbox.deliveries[-1])


def test_what_is_not_for_merchants_is_not_sent(shop: Shop) -> None:
    shop.sandbox.pay(shop.customer(), 100, metadata={"order": "7", "stripe_note": "x", "emails_sent": True})
    shop.sandbox.deliver()
    assert shop.received[-1]["data"]["metadata"] == {"order": "7"}


def test_organizations_and_providers(shop: Shop) -> None:
    shop.subscribe()
    (organization,) = shop.client.organizations.list()
    assert shop.client.organizations.get(organization.organization_id) == organization
    assert (organization.total_customers, organization.total_transactions) == (1, 1)
    metrics = shop.client.organizations.get_metrics()
    assert (metrics.total_revenue, metrics.mrr, metrics.currency_code) == (1_209_900, 59_900, "XOF")
    with pytest.raises(lomi.LomiNotFoundError):
        shop.client.organizations.get(organization.organization_id.upper())
    assert [each.provider_code for each in shop.client.providers.list()] == ["STRIPE", "WAVE", "MTN", "SPI"]
    assert [each.provider_code for each in shop.client.providers.list(provider_code="CARD")] == ["STRIPE"]
    assert Asker(shop.sandbox)("/providers?provider_code=JUMBO").status == 500
