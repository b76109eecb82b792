"""What type checkers make of calls around payments: accounts, products, subscriptions, coupons, webhooks. Read, never run."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from typing_extensions import assert_type

import lomi


def synchronous(client: lomi.LomiClient, now: datetime) -> None:
    assert_type(client.accounts.list(), lomi.Page[lomi.Account])
    assert_type(client.accounts.get("a"), lomi.Account)
    assert_type(client.accounts.get_balance(), list[lomi.AccountBalance])
    assert_type(client.accounts.get_balance(currency="XOF")[0].money, lomi.Money)
    assert_type(client.accounts.get_balance_breakdown(target_currency="EUR"), list[lomi.BalanceBreakdown])
    assert_type(client.accounts.check_balance("XOF"), lomi.AvailableBalance)
    client.accounts.check_balance("GBP")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    assert_type(client.customer_subscriptions.list(status="active"), lomi.Page[lomi.Subscription])
    assert_type(client.customer_subscriptions.get("s"), lomi.Subscription)
    assert_type(client.customer_subscriptions.update("s", status="paused"), lomi.Subscription)
    assert_type(client.customer_subscriptions.update("s", {"end_date": date(2026, 1, 1)}), lomi.Subscription)
    assert_type(client.customer_subscriptions.delete("s"), lomi.Subscription)

    assert_type(client.customers.create_portal_launch_session("c"), lomi.PortalLaunchSession)
    assert_type(client.customers.create_portal_launch_session("c", {"flow_type": "portal_home"}).launch_url, str | None)
    assert_type(client.customers.get_portal_audit("c", page_size=200), lomi.Page[lomi.PortalEvent])

    coupon = client.discount_coupons.create(code="X", discount_percentage=Decimal("12.5"), expires_at=now)
    assert_type(coupon, lomi.DiscountCoupon)
    client.discount_coupons.create(discount_percentage=5)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    client.discount_coupons.create({"code": "X", "discount_type": "percent"})  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    assert_type(client.discount_coupons.list(), lomi.Page[lomi.DiscountCoupon])
    assert_type(client.discount_coupons.get("c"), lomi.DiscountCoupon)
    assert_type(client.discount_coupons.get_performance("c"), lomi.CouponPerformance)

    assert_type(client.me.get(), lomi.Me)
    assert_type(client.organizations.list(), lomi.Page[lomi.Organization])
    assert_type(client.organizations.get("o"), lomi.Organization)
    assert_type(client.organizations.get_metrics(), lomi.OrganizationMetrics)

    product = client.products.create(name="Plan", prices=[{"amount": 9900, "currency_code": "XOF"}])
    assert_type(product, lomi.Product)
    assert_type(product.default_price, lomi.Price | None)
    client.products.create(name="Plan", prices=[{"amount": 9900}])  # type: ignore[typeddict-item]  # pyright: ignore[reportArgumentType]
    assert_type(client.products.list(is_active=True), lomi.Page[lomi.Product])
    assert_type(client.products.get("p"), lomi.Product)
    assert_type(client.products.add_price("p", amount=5, currency_code="XOF"), lomi.Price)
    assert_type(client.products.add_price("p", {"amount": 5, "currency_code": "XOF"}).money, lomi.Money)
    assert_type(client.products.set_default_price("p", "q"), lomi.Product)

    assert_type(client.subscriptions.list(page=2), lomi.Page[lomi.Subscription])
    assert_type(client.subscriptions.get("s"), lomi.Subscription)
    assert_type(client.subscriptions.find_by_customer("c"), list[lomi.CustomerSubscription])
    assert_type(client.subscriptions.get_by_customer("c"), list[lomi.CustomerSubscription])
    assert_type(client.subscriptions.update("s", metadata={"seat": 7}), lomi.Subscription)
    assert_type(client.subscriptions.cancel("s"), lomi.Subscription)
    assert_type(client.subscriptions.cancel("s", cancel_at_period_end=True), lomi.Subscription)
    assert_type(client.subscriptions.uncancel("s"), lomi.Subscription)
    assert_type(client.subscriptions.change_plan("s", price_id="p"), lomi.Subscription)
    client.subscriptions.change_plan("s")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]

    assert_type(client.webhook_delivery_logs.list(webhook_id="w"), lomi.Page[lomi.WebhookDeliveryLog])
    client.webhook_delivery_logs.list()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    assert_type(client.webhook_delivery_logs.get("l"), lomi.WebhookDeliveryLog)

    created = client.webhooks.create(url="https://shop.example/hooks", authorized_events=["PAYMENT_SUCCEEDED"])
    assert_type(created, lomi.CreatedWebhook)
    assert_type(created.secret, str | None)
    assert_type(client.webhooks.list(), lomi.Page[lomi.WebhookEndpoint])
    assert_type(client.webhooks.get("w"), lomi.WebhookEndpoint)
    assert_type(client.webhooks.update("w", is_active=False), lomi.WebhookEndpoint)
    assert_type(client.webhooks.delete("w"), None)
    assert_type(client.webhooks.test("w"), dict[str, Any])
    assert_type(client.webhooks.retry_delivery("w", "l"), lomi.DeliveryRetry)


async def asynchronous(client: lomi.AsyncLomiClient) -> None:
    assert_type(await client.accounts.list(), lomi.AsyncPage[lomi.Account])
    assert_type(await client.accounts.get("a"), lomi.Account)
    assert_type(await client.accounts.get_balance(currency="XOF"), list[lomi.AccountBalance])
    assert_type(await client.accounts.get_balance_breakdown(), list[lomi.BalanceBreakdown])
    assert_type(await client.accounts.check_balance("XOF"), lomi.AvailableBalance)

    assert_type(await client.customer_subscriptions.list(), lomi.AsyncPage[lomi.Subscription])
    assert_type(await client.customer_subscriptions.get("s"), lomi.Subscription)
    assert_type(await client.customer_subscriptions.update("s", status="paused"), lomi.Subscription)
    assert_type(await client.customer_subscriptions.delete("s"), lomi.Subscription)

    assert_type(await client.customers.create_portal_launch_session("c"), lomi.PortalLaunchSession)
    assert_type(await client.customers.get_portal_audit("c"), lomi.AsyncPage[lomi.PortalEvent])
    async for event in client.customers.get_portal_audit("c"):
        assert_type(event, lomi.PortalEvent)

    assert_type(await client.discount_coupons.create(code="X", discount_percentage=5), lomi.DiscountCoupon)
    assert_type(await client.discount_coupons.list(), lomi.AsyncPage[lomi.DiscountCoupon])
    assert_type(await client.discount_coupons.get("c"), lomi.DiscountCoupon)
    assert_type(await client.discount_coupons.get_performance("c"), lomi.CouponPerformance)

    assert_type(await client.me.get(), lomi.Me)
    assert_type(await client.organizations.list(), lomi.AsyncPage[lomi.Organization])
    assert_type(await client.organizations.get("o"), lomi.Organization)
    assert_type(await client.organizations.get_metrics(), lomi.OrganizationMetrics)

    prices: list[lomi.PriceParams] = [{"amount": 9900, "currency_code": "XOF", "billing_interval": "month"}]
    assert_type(await client.products.create({"name": "Plan", "prices": prices}), lomi.Product)
    assert_type(await client.products.list(), lomi.AsyncPage[lomi.Product])
    assert_type(client.products.list(), lomi.AsyncPaginator[lomi.AsyncPage[lomi.Product], lomi.Product])
    assert_type(await client.products.get("p"), lomi.Product)
    assert_type(await client.products.add_price("p", prices[0]), lomi.Price)
    assert_type(await client.products.set_default_price("p", "q"), lomi.Product)

    assert_type(await client.subscriptions.list(), lomi.AsyncPage[lomi.Subscription])
    assert_type(await client.subscriptions.get("s"), lomi.Subscription)
    assert_type(await client.subscriptions.find_by_customer("c"), list[lomi.CustomerSubscription])
    assert_type(await client.subscriptions.get_by_customer("c"), list[lomi.CustomerSubscription])
    assert_type(await client.subscriptions.update("s", {"status": "active"}), lomi.Subscription)
    assert_type(await client.subscriptions.cancel("s", {"cancellation_reason": "moving"}), lomi.Subscription)
    assert_type(await client.subscriptions.uncancel("s"), lomi.Subscription)
    assert_type(await client.subscriptions.change_plan("s", {"price_id": "p"}), lomi.Subscription)

    assert_type(await client.webhook_delivery_logs.list(webhook_id="w"), lomi.AsyncPage[lomi.WebhookDeliveryLog])
    assert_type(await client.webhook_delivery_logs.get("l"), lomi.WebhookDeliveryLog)

    assert_type(await client.webhooks.create(url="u", authorized_events="REFUND_FAILED"), lomi.CreatedWebhook)
    assert_type(await client.webhooks.list(), lomi.AsyncPage[lomi.WebhookEndpoint])
    assert_type(await client.webhooks.get("w"), lomi.WebhookEndpoint)
    assert_type(await client.webhooks.update("w", url="u"), lomi.WebhookEndpoint)
    assert_type(await client.webhooks.delete("w"), None)
    assert_type(await client.webhooks.test("w"), dict[str, Any])
    assert_type(await client.webhooks.retry_delivery("w", "l"), lomi.DeliveryRetry)
