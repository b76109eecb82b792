"""What type checkers make of the calls of payments. Read, never run.

Where a comment silences an error, the error is what is tested: both checkers complain when it is not there.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from typing_extensions import assert_type

import lomi


def sessions(client: lomi.LomiClient, price: lomi.Money) -> None:
    created = client.checkout_sessions.create(amount=Decimal(5000), currency_code="XOF", success_url="https://a.b")
    assert_type(created, lomi.CreatedCheckoutSession | lomi.InvoiceBlock)
    # A block cannot be taken for a session.
    str(created.checkout_url)  # type: ignore[union-attr]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownArgumentType]
    if isinstance(created, lomi.InvoiceBlock):
        assert_type(created.blocking_invoice, lomi.BlockingInvoice | None)
    else:
        assert_type(created.checkout_url, str)
        assert_type(created.amount, int | Decimal | None)
        assert_type(client.checkout_sessions.wait(created, timeout=5), lomi.CheckoutSession)
    params: lomi.CheckoutSessionCreateParams = {
        "currency_code": "XOF",
        "line_items": [{"price_id": "p", "quantity": 2}],
    }
    client.checkout_sessions.create(params, idempotency_key="order-1")
    assert_type(client.checkout_sessions.list(status="open", limit=5), lomi.Page[lomi.CheckoutSession])
    session = client.checkout_sessions.get("s")
    assert_type(session, lomi.CheckoutSession)
    assert_type(session.is_paid(price), bool)
    assert_type(session.money, lomi.Money)
    assert_type(session.expires_at, datetime | None)
    client.checkout_sessions.create(amount=5)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    client.checkout_sessions.create(amount="5", currency_code="XOF")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    client.checkout_sessions.create(amount=5, currency_code="GBP")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    client.checkout_sessions.create(amount=5, currency_code="XOF", titel="a")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    client.checkout_sessions.list(status="pending")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def links_and_requests(client: lomi.LomiClient, until: datetime) -> None:
    link = client.payment_links.create(link_type="instant", title="a", amount=5, currency_code="XOF", expires_at=until)
    assert_type(link, lomi.PaymentLink)
    assert_type(client.payment_links.list(is_active=True, linkType="product"), lomi.Page[lomi.PaymentLink])
    assert_type(client.payment_links.get("l"), lomi.PaymentLink)
    client.payment_links.create(link_type="other", title="a", currency_code="XOF")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    client.payment_links.create({"link_type": "instant", "title": "a"})  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    client.payment_links.create(link_type="instant", title="a", currency_code="XOF", idempotency_key="a")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]

    request = client.payment_requests.create(amount=5, currency_code="XOF", expiry_date=until, idempotency_key="a")
    assert_type(request, lomi.PaymentRequest)
    assert_type(client.payment_requests.list(status="pending", customer_id="c"), lomi.Page[lomi.PaymentRequest])
    assert_type(client.payment_requests.get("r"), lomi.PaymentRequest)
    client.payment_requests.create(amount=5, currency_code="XOF")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]


def transactions_and_refunds(client: lomi.LomiClient, since: datetime) -> None:
    page = client.transactions.list(status=["completed", "refunded"], payment_method="CARDS", start_date=since)
    assert_type(page, lomi.Page[lomi.PaymentTransaction])
    for transaction in page:
        assert_type(transaction.gross_amount, int | Decimal | None)
    assert_type(client.transactions.get("t"), lomi.PaymentTransaction)
    assert_type(client.transactions.get_refundable("t"), lomi.Money)
    client.transactions.list(status="cancelled")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    refund = client.refunds.create(transaction_id="t", amount=Decimal("19.99"), refund_type="partial")
    assert_type(refund, lomi.CreatedRefund)
    assert_type(client.refunds.list(start_date=since), lomi.Page[lomi.Refund])
    assert_type(client.refunds.get("r"), lomi.Refund)
    client.refunds.create(transaction_id="t")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    client.refunds.create(transaction_id="t", amount="5")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]


def payouts_and_providers(client: lomi.LomiClient) -> None:
    recipient: lomi.PayoutRecipientParams = {"name": "a", "phone": "+221770000002"}
    payout = client.payouts.create(
        destination="beneficiary", rail="wave", amount=5, currency_code="XOF", recipient=recipient
    )
    assert_type(payout, lomi.CreatedPayout)
    assert_type(payout.payout_id, str | None)
    assert_type(client.payouts.list(status="pending", page_size=5), lomi.Page[lomi.Payout])
    assert_type(client.payouts.get("p"), lomi.Payout)
    client.payouts.create(destination="me", rail="wave", amount=5, currency_code="XOF")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    assert_type(client.providers.list(provider_code="CARD"), lomi.Page[lomi.Provider])


def charges(client: lomi.LomiClient) -> None:
    wave = client.charges.create_wave_charge(amount=5, currency="XOF", customer={"name": "a"}, error_url="https://a.b")
    assert_type(wave, lomi.WaveCharge)
    assert_type(wave.checkout_url, str | None)
    mtn = client.charges.create_mtn_charge(
        amount=5, currency="XOF", country_code="CM", customer={"name": "a", "phone_number": "+237600000004"}
    )
    assert_type(mtn, lomi.MtnCharge)
    card = client.charges.create_card_charge(amount=5, customer_id="c", appearance_theme="dark")
    assert_type(card, lomi.CardCharge)
    assert_type(card.client_secret, str | None)
    assert_type(client.charges.get_card_charge("pi_1"), lomi.CardCharge)
    assert_type(client.charges.cancel_card_charge("pi_1"), lomi.CardCharge)
    client.charges.create_wave_charge(amount=5, currency="XOF")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    client.charges.create_mtn_charge(amount=5, currency="XOF", customer={"name": "a"}, country_code="SN")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    client.charges.create_card_charge(amount=5, card_number="4242")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]


def syncing(client: lomi.LomiClient, other: lomi.AsyncLomiClient, since: datetime) -> None:
    synced = lomi.sync_transactions(client, since=since, seen={("a", "b")})
    assert_type(synced, Iterator[lomi.PaymentTransaction | lomi.Refund])
    assert_type(
        lomi.sync_transactions(other, since=since, lookback=timedelta(days=1)),
        AsyncIterator[lomi.PaymentTransaction | lomi.Refund],
    )


def reconciling(client: lomi.LomiClient, failed: lomi.LomiError) -> None:
    assert_type(
        client.refunds.reconcile(failed, grace_period=1),
        lomi.Found[lomi.Refund] | lomi.NotFound | lomi.CannotTell[lomi.Refund],
    )
    assert_type(
        client.payouts.reconcile(failed, grace_period=1),
        lomi.Found[lomi.Payout] | lomi.NotFound | lomi.CannotTell[lomi.Payout],
    )
    assert_type(
        client.charges.reconcile(failed, grace_period=1),
        lomi.Found[lomi.PaymentTransaction] | lomi.NotFound | lomi.CannotTell[lomi.PaymentTransaction],
    )
    assert_type(
        client.payment_links.reconcile(failed, grace_period=1),
        lomi.Found[lomi.PaymentLink] | lomi.NotFound | lomi.CannotTell[lomi.PaymentLink],
    )
    assert_type(
        client.products.reconcile(failed, grace_period=1),
        lomi.Found[lomi.Product] | lomi.NotFound | lomi.CannotTell[lomi.Product],
    )
    assert_type(
        client.discount_coupons.reconcile(failed, grace_period=1),
        lomi.Found[lomi.DiscountCoupon] | lomi.NotFound | lomi.CannotTell[lomi.DiscountCoupon],
    )
    match client.refunds.reconcile(failed):
        case lomi.Found(refund):
            assert_type(refund, lomi.Refund)
        case lomi.NotFound(is_certain=certain):
            assert_type(certain, bool)
        case lomi.CannotTell(reason, candidates):
            assert_type(reason, str)
            assert_type(candidates, tuple[lomi.Refund, ...])


async def asynchronous(client: lomi.AsyncLomiClient, until: datetime) -> None:
    created = await client.checkout_sessions.create(amount=5, currency_code="XOF")
    assert_type(created, lomi.CreatedCheckoutSession | lomi.InvoiceBlock)
    sessions = client.checkout_sessions.list()
    assert_type(sessions, lomi.AsyncPaginator[lomi.AsyncPage[lomi.CheckoutSession], lomi.CheckoutSession])
    assert_type(await sessions, lomi.AsyncPage[lomi.CheckoutSession])
    async for session in sessions:
        assert_type(session, lomi.CheckoutSession)
    assert_type(await client.checkout_sessions.get("s"), lomi.CheckoutSession)
    assert_type(await client.checkout_sessions.wait("s"), lomi.CheckoutSession)

    link = await client.payment_links.create(link_type="instant", title="a", amount=5, currency_code="XOF")
    assert_type(link, lomi.PaymentLink)
    links = client.payment_links.list()
    assert_type(await links, lomi.AsyncPage[lomi.PaymentLink])
    assert_type(await client.payment_links.get("l"), lomi.PaymentLink)
    request = await client.payment_requests.create(amount=5, currency_code="XOF", expiry_date=until)
    assert_type(request, lomi.PaymentRequest)
    assert_type(await client.payment_requests.list(), lomi.AsyncPage[lomi.PaymentRequest])
    assert_type(await client.payment_requests.get("r"), lomi.PaymentRequest)

    assert_type(await client.transactions.list(), lomi.AsyncPage[lomi.PaymentTransaction])
    assert_type(await client.transactions.get("t"), lomi.PaymentTransaction)
    assert_type(await client.transactions.get_refundable("t"), lomi.Money)
    assert_type(await client.refunds.create(transaction_id="t", amount=5), lomi.CreatedRefund)
    assert_type(await client.refunds.list(), lomi.AsyncPage[lomi.Refund])
    assert_type(await client.refunds.get("r"), lomi.Refund)

    fields: lomi.PayoutCreateParams = {"destination": "self", "rail": "bank", "amount": 5, "currency_code": "XOF"}
    assert_type(await client.payouts.create(fields), lomi.CreatedPayout)
    assert_type(await client.payouts.list(), lomi.AsyncPage[lomi.Payout])
    assert_type(await client.payouts.get("p"), lomi.Payout)
    assert_type(await client.providers.list(), lomi.AsyncPage[lomi.Provider])

    wave: lomi.WaveChargeParams = {"amount": 5, "currency": "XOF", "customer": {"name": "a"}}
    assert_type(await client.charges.create_wave_charge(wave), lomi.WaveCharge)
    mtn: lomi.MtnChargeParams = {"amount": 5, "currency": "XOF", "customer": {"name": "a", "phoneNumber": "+1"}}
    assert_type(await client.charges.create_mtn_charge(mtn), lomi.MtnCharge)
    assert_type(await client.charges.create_card_charge(amount=5), lomi.CardCharge)
    assert_type(await client.charges.get_card_charge("pi_1"), lomi.CardCharge)
    assert_type(await client.charges.cancel_card_charge("pi_1"), lomi.CardCharge)


async def reconciling_async(client: lomi.AsyncLomiClient, failed: lomi.LomiError) -> None:
    assert_type(
        await client.refunds.reconcile(failed),
        lomi.Found[lomi.Refund] | lomi.NotFound | lomi.CannotTell[lomi.Refund],
    )
    assert_type(
        await client.payouts.reconcile(failed),
        lomi.Found[lomi.Payout] | lomi.NotFound | lomi.CannotTell[lomi.Payout],
    )
    assert_type(
        await client.charges.reconcile(failed),
        lomi.Found[lomi.PaymentTransaction] | lomi.NotFound | lomi.CannotTell[lomi.PaymentTransaction],
    )
    assert_type(
        await client.payment_links.reconcile(failed),
        lomi.Found[lomi.PaymentLink] | lomi.NotFound | lomi.CannotTell[lomi.PaymentLink],
    )
    assert_type(
        await client.products.reconcile(failed),
        lomi.Found[lomi.Product] | lomi.NotFound | lomi.CannotTell[lomi.Product],
    )
    assert_type(
        await client.discount_coupons.reconcile(failed),
        lomi.Found[lomi.DiscountCoupon] | lomi.NotFound | lomi.CannotTell[lomi.DiscountCoupon],
    )
