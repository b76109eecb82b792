"""A call of every operation on payments, in both styles: what it sends, what comes back, and what is made of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any, NamedTuple

from lomi import (
    CardCharge,
    CheckoutSession,
    CreatedCheckoutSession,
    CreatedPayout,
    CreatedRefund,
    InvoiceBlock,
    MtnCharge,
    PaymentLink,
    PaymentRequest,
    PaymentTransaction,
    Payout,
    Provider,
    Refund,
    WaveCharge,
)

SESSION_ID = "0b7c9d52-6f0e-4c1a-9a35-2f1d6f0e4c01"
OTHER_ID = "0b7c9d52-6f0e-4c1a-9a35-2f1d6f0e4c02"
NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
NOON_TEXT = "2026-03-01T12:00:00+00:00"


class Call(NamedTuple):
    operation: str
    call: Callable[[Any], Any]
    path: str
    answer: Any
    result: type
    query: dict[str, str] | None = None
    body: dict[str, Any] | None = None
    status: int = 200


SESSION = {
    "checkout_session_id": SESSION_ID,
    "organization_id": OTHER_ID,
    "status": "open",
    "amount": 12500,
    "currency_code": "XOF",
    "title": "Two baskets",
    "customer_email": "mariam@shop.example",
    "metadata": {"order": "77"},
    "expires_at": "2026-03-01T13:00:00+00:00",
    "created_at": "2026-03-01T12:00:00.5+00:00",
}
NEW_SESSION = {
    "checkout_session_id": SESSION_ID,
    "checkout_url": f"https://checkout.example/{SESSION_ID}",
    "amount": 12500,
    "currency_code": "XOF",
    "expires_at": "2026-03-01T13:00:00+00:00",
    "environment": "test",
}
BLOCK = {
    "payment_required": True,
    "reason": "invoice_payment_required",
    "blocking_invoice": {
        "invoice_id": OTHER_ID,
        "invoice_number": "F-7",
        "amount_remaining": 800,
        "currency_code": "XOF",
        "checkout_url": "https://checkout.example/f7",
    },
}
LINK = {
    "link_id": SESSION_ID,
    "link_type": "instant",
    "title": "Deposit",
    "url": "https://pay.example/1",
    "amount": 19.99,
    "currency_code": "USD",
    "is_active": True,
    "environment": "test",
    "expires_at": None,
}
PAYMENT_REQUEST = {
    "request_id": SESSION_ID,
    "amount": 900,
    "currency_code": "XOF",
    "payment_reference": "RENT-3",
    "payment_link": "https://pay.example/r",
    "status": "pending",
    "expiry_date": "2026-03-01T12:00:00+00:00",
}
TRANSACTION = {
    "transaction_id": SESSION_ID,
    "customer_id": OTHER_ID,
    "transaction_type": "payment",
    "status": "completed",
    "gross_amount": 12500,
    "fee_amount": 562.5,
    "net_amount": 11937.5,
    "currency_code": "XOF",
    "provider_code": "WAVE",
    "payment_method_code": "MOBILE_MONEY",
    "metadata": {"order": "77"},
    "created_at": "2026-03-01T12:00:00+00:00",
    "updated_at": "2026-03-01T12:00:09+00:00",
}
ROW = {
    **{name: value for name, value in TRANSACTION.items() if name != "updated_at"},
    "quantity": 2,
    "customer_name": "Mariam D",
    "subscription_next_billing_date": "2026-04-01",
    "product_price": 6250,
}
REFUND = {
    "refund_id": OTHER_ID,
    "transaction_id": SESSION_ID,
    "amount": 500,
    "refunded_amount": 500,
    "fee_amount": 10,
    "status": "completed",
    "created_at": "2026-03-01T12:00:00+00:00",
}
NEW_REFUND = {
    "success": True,
    "refund_id": OTHER_ID,
    "transaction_id": SESSION_ID,
    "refunded_amount": 500,
    "status": "completed",
    "message": "Refund initiated and recorded.",
    "subscription_action": {"applied": False, "action": "none"},
}
PAYOUT = {
    "payout_id": SESSION_ID,
    "kind": "beneficiary",
    "amount": 15000,
    "currency_code": "XOF",
    "status": "processing",
    "provider_code": "WAVE",
    "created_at": "2026-03-01T12:00:00+00:00",
}
CARD = {
    "id": "pi_3",
    "client_secret": "pi_3_secret_z",
    "amount": 1906,
    "currency": "eur",
    "original_amount": 12500,
    "original_currency": "XOF",
    "status": "requires_payment_method",
    "appearance": {"theme": "dark", "border_radius": 8},
}
WAVE = {
    "transactionId": SESSION_ID,
    "checkoutUrl": "https://wave.example/c/1",
    "waveSession": {"id": "cos-1", "amount": "2500", "currency": "XOF", "checkout_status": "open"},
}
MTN = {
    "transaction_id": SESSION_ID,
    "external_id": "ext-1",
    "reference_id": OTHER_ID,
    "status": "PENDING",
    "mtn_response": {"a": 1},
}
PROVIDER = {"provider_code": "STRIPE", "is_connected": True, "onboarding_status": "completed", "phone_number": None}


def wrapped(data: Any) -> dict[str, Any]:
    return {"success": True, "data": data}


CALLS = [
    Call(
        "checkout_sessions.create",
        lambda client: client.checkout_sessions.create(
            amount=Decimal(12500),
            currency_code="XOF",
            title="Two baskets",
            customer_email="mariam@shop.example",
            customer_id=None,
            success_url="https://shop.example/ok?s={CHECKOUT_SESSION_ID}",
            allow_quantity=True,
            metadata={"order": "77"},
        ),
        "/checkout-sessions",
        NEW_SESSION,
        CreatedCheckoutSession,
        body={
            "amount": 12500,
            "currency_code": "XOF",
            "title": "Two baskets",
            "customer_email": "mariam@shop.example",
            "success_url": "https://shop.example/ok?s={CHECKOUT_SESSION_ID}",
            "allow_quantity": True,
            "metadata": {"order": "77"},
        },
        status=201,
    ),
    Call(
        "checkout_sessions.create",
        lambda client: client.checkout_sessions.create(
            {"currency_code": "XOF", "line_items": [{"price_id": OTHER_ID, "quantity": 2}, {"price_id": SESSION_ID}]}
        ),
        "/checkout-sessions",
        BLOCK,
        InvoiceBlock,
        body={"currency_code": "XOF", "line_items": [{"price_id": OTHER_ID, "quantity": 2}, {"price_id": SESSION_ID}]},
        status=201,
    ),
    Call(
        "checkout_sessions.list",
        lambda client: client.checkout_sessions.list(status="open", limit=5, offset=0),
        "/checkout-sessions",
        [SESSION],
        CheckoutSession,
        query={"status": "open", "limit": "5", "offset": "0"},
    ),
    Call(
        "checkout_sessions.get",
        lambda client: client.checkout_sessions.get(SESSION_ID),
        f"/checkout-sessions/{SESSION_ID}",
        SESSION,
        CheckoutSession,
    ),
    Call(
        "payment_links.create",
        lambda client: client.payment_links.create(
            link_type="instant",
            title="Deposit",
            amount=Decimal("19.99"),
            currency_code="USD",
            expires_at=NOON,
            require_billing_address=False,
        ),
        "/payment-links",
        LINK,
        PaymentLink,
        body={
            "link_type": "instant",
            "title": "Deposit",
            "amount": 19.99,
            "currency_code": "USD",
            "expires_at": NOON_TEXT,
            "require_billing_address": False,
        },
        status=201,
    ),
    Call(
        "payment_links.create",
        lambda client: client.payment_links.create(
            {"link_type": "product", "title": "Basket", "currency_code": "XOF", "product_id": OTHER_ID}
        ),
        "/payment-links",
        LINK,
        PaymentLink,
        body={"link_type": "product", "title": "Basket", "currency_code": "XOF", "product_id": OTHER_ID},
        status=201,
    ),
    Call(
        "payment_links.list",
        lambda client: client.payment_links.list(link_type="instant", is_active=True),
        "/payment-links",
        {"data": [LINK], "total": 1, "limit": 20, "offset": 0},
        PaymentLink,
        query={"linkType": "instant", "isActive": "true"},
    ),
    Call(
        "payment_links.get",
        lambda client: client.payment_links.get(SESSION_ID),
        f"/payment-links/{SESSION_ID}",
        {**LINK, "line_items": None},
        PaymentLink,
    ),
    Call(
        "payment_requests.create",
        lambda client: client.payment_requests.create(
            amount=900, currency_code="XOF", expiry_date=NOON, customer_id="cus_9", payment_reference="RENT-3"
        ),
        "/payment-requests",
        PAYMENT_REQUEST,
        PaymentRequest,
        body={
            "amount": 900,
            "currency_code": "XOF",
            "expiry_date": NOON_TEXT,
            "customer_id": "cus_9",
            "payment_reference": "RENT-3",
        },
        status=201,
    ),
    Call(
        "payment_requests.create",
        lambda client: client.payment_requests.create(
            {"amount": 900, "currency_code": "XOF", "expiry_date": "2026-03-01T12:00:00Z"}
        ),
        "/payment-requests",
        PAYMENT_REQUEST,
        PaymentRequest,
        body={"amount": 900, "currency_code": "XOF", "expiry_date": "2026-03-01T12:00:00Z"},
        status=201,
    ),
    Call(
        "payment_requests.list",
        lambda client: client.payment_requests.list(status="pending", customer_id=OTHER_ID),
        "/payment-requests",
        {"data": [PAYMENT_REQUEST], "total": 1, "limit": 20, "offset": 0},
        PaymentRequest,
        query={"status": "pending", "customerId": OTHER_ID},
    ),
    Call(
        "payment_requests.get",
        lambda client: client.payment_requests.get(SESSION_ID),
        f"/payment-requests/{SESSION_ID}",
        {**PAYMENT_REQUEST, "metadata": None},
        PaymentRequest,
    ),
    Call(
        "transactions.list",
        lambda client: client.transactions.list(
            provider="WAVE",
            status=["pending", "completed"],
            type="payment",
            currency=("XOF", "EUR"),
            payment_method={"MOBILE_MONEY"},
            start_date=NOON,
            end_date="2026-03-02T00:00:00Z",
            is_pos=False,
            page=1,
            page_size=100,
        ),
        "/transactions",
        [ROW],
        PaymentTransaction,
        query={
            "provider": "WAVE",
            "status": "pending,completed",
            "type": "payment",
            "currency": "XOF,EUR",
            "paymentMethod": "MOBILE_MONEY",
            "startDate": NOON_TEXT,
            "endDate": "2026-03-02T00:00:00Z",
            "isPos": "false",
            "page": "1",
            "pageSize": "100",
        },
    ),
    Call(
        "transactions.get",
        lambda client: client.transactions.get(SESSION_ID),
        f"/transactions/{SESSION_ID}",
        TRANSACTION,
        PaymentTransaction,
    ),
    Call(
        "refunds.create",
        lambda client: client.refunds.create(
            transaction_id=SESSION_ID, amount=500, reason="broken", refund_type="partial", subscription_action="none"
        ),
        "/refunds",
        NEW_REFUND,
        CreatedRefund,
        body={
            "transaction_id": SESSION_ID,
            "amount": 500,
            "reason": "broken",
            "refund_type": "partial",
            "subscription_action": "none",
        },
        status=201,
    ),
    Call(
        "refunds.create",
        lambda client: client.refunds.create({"transaction_id": SESSION_ID, "amount": Decimal("0.01")}),
        "/refunds",
        NEW_REFUND,
        CreatedRefund,
        body={"transaction_id": SESSION_ID, "amount": 0.01},
        status=201,
    ),
    Call(
        "refunds.list",
        lambda client: client.refunds.list(status="completed", start_date=NOON, endDate=NOON, limit=50),
        "/refunds",
        wrapped([REFUND]),
        Refund,
        query={"status": "completed", "startDate": NOON_TEXT, "endDate": NOON_TEXT, "limit": "50"},
    ),
    Call(
        "refunds.get",
        lambda client: client.refunds.get(OTHER_ID),
        f"/refunds/{OTHER_ID}",
        wrapped(REFUND),
        Refund,
    ),
    Call(
        "payouts.create",
        lambda client: client.payouts.create(
            destination="beneficiary",
            rail="wave",
            amount=15000,
            currency_code="XOF",
            recipient={"name": "Ibou F", "phone": "+221770000002"},
            reason="Invoice 12",
            metadata={"a": 1},
        ),
        "/payouts",
        {
            "success": True,
            "kind": "beneficiary",
            "status": "processing",
            "payout_id": SESSION_ID,
            "data": {"status": "x"},
        },
        CreatedPayout,
        body={
            "destination": "beneficiary",
            "rail": "wave",
            "amount": 15000,
            "currency_code": "XOF",
            "recipient": {"name": "Ibou F", "phone": "+221770000002"},
            "reason": "Invoice 12",
            "metadata": {"a": 1},
        },
        status=201,
    ),
    Call(
        "payouts.create",
        lambda client: client.payouts.create(
            {"destination": "self", "rail": "bank", "amount": 1, "currency_code": "EUR", "payout_method_id": OTHER_ID}
        ),
        "/payouts",
        {"success": True, "kind": "withdrawal", "status": "pending", "message": "started"},
        CreatedPayout,
        body={
            "destination": "self",
            "rail": "bank",
            "amount": 1,
            "currency_code": "EUR",
            "payout_method_id": OTHER_ID,
        },
        status=201,
    ),
    Call(
        "payouts.get",
        lambda client: client.payouts.get(SESSION_ID),
        f"/payouts/{SESSION_ID}",
        wrapped(PAYOUT),
        Payout,
    ),
    Call(
        "charges.create_wave_charge",
        lambda client: client.charges.create_wave_charge(
            amount=2500,
            currency="XOF",
            customer={"name": "Awa B", "phone_number": "+2250700000003"},
            success_url="https://shop.example/ok",
            error_url="http://localhost:8000/ko",
        ),
        "/charge/wave",
        WAVE,
        WaveCharge,
        body={
            "amount": 2500,
            "currency": "XOF",
            "customer": {"name": "Awa B", "phoneNumber": "+2250700000003"},
            "successUrl": "https://shop.example/ok",
            "errorUrl": "http://localhost:8000/ko",
        },
        status=201,
    ),
    Call(
        "charges.create_wave_charge",
        lambda client: client.charges.create_wave_charge(
            {"amount": 2500, "currency": "XOF", "customer": {"name": "Awa B"}, "successUrl": "https://shop.example/ok"}
        ),
        "/charge/wave",
        WAVE,
        WaveCharge,
        body={
            "amount": 2500,
            "currency": "XOF",
            "customer": {"name": "Awa B"},
            "successUrl": "https://shop.example/ok",
        },
        status=201,
    ),
    Call(
        "charges.create_mtn_charge",
        lambda client: client.charges.create_mtn_charge(
            amount=1200,
            currency="XOF",
            quantity=2,
            country_code="CM",
            product_id=OTHER_ID,
            customer={"name": "Koffi N", "phoneNumber": "+237600000004"},
        ),
        "/charge/mtn",
        wrapped(MTN),
        MtnCharge,
        body={
            "amount": 1200,
            "currency": "XOF",
            "quantity": 2,
            "countryCode": "CM",
            "productId": OTHER_ID,
            "customer": {"name": "Koffi N", "phoneNumber": "+237600000004"},
        },
        status=201,
    ),
    Call(
        "charges.create_mtn_charge",
        lambda client: client.charges.create_mtn_charge(
            {"amount": 1200, "currency": "XOF", "customer": {"name": "Koffi N", "phoneNumber": "+237600000004"}}
        ),
        "/charge/mtn",
        wrapped(MTN),
        MtnCharge,
        body={"amount": 1200, "currency": "XOF", "customer": {"name": "Koffi N", "phoneNumber": "+237600000004"}},
        status=201,
    ),
    Call(
        "charges.create_card_charge",
        lambda client: client.charges.create_card_charge(
            amount=12500,
            currency_code="XOF",
            customer_email="lea@shop.example",
            customer_name="Lea M",
            appearance_theme="dark",
            appearance_border_radius=8.0,
        ),
        "/charge/card",
        wrapped(CARD),
        CardCharge,
        body={
            "amount": 12500,
            "currency_code": "XOF",
            "customer_email": "lea@shop.example",
            "customer_name": "Lea M",
            "appearance_theme": "dark",
            "appearance_border_radius": 8,
        },
        status=201,
    ),
    Call(
        "charges.create_card_charge",
        lambda client: client.charges.create_card_charge(
            {"amount": 9.5, "currency": "EUR", "customer_id": OTHER_ID, "appearance_border_radius": 0}
        ),
        "/charge/card",
        wrapped(CARD),
        CardCharge,
        body={"amount": 9.5, "currency": "EUR", "customer_id": OTHER_ID, "appearance_border_radius": 0},
        status=201,
    ),
    Call(
        "charges.get_card_charge",
        lambda client: client.charges.get_card_charge("pi_3"),
        "/charge/card/pi_3",
        wrapped({**CARD, "status": "succeeded", "transaction": {"transaction_id": SESSION_ID, "status": "completed"}}),
        CardCharge,
    ),
    Call(
        "charges.cancel_card_charge",
        lambda client: client.charges.cancel_card_charge("pi_3"),
        "/charge/card/pi_3/cancel",
        wrapped({"id": "pi_3", "status": "canceled"}),
        CardCharge,
        body={},
        status=201,
    ),
    Call(
        "providers.list",
        lambda client: client.providers.list(provider_code="CARD"),
        "/providers",
        wrapped([PROVIDER]),
        Provider,
        query={"provider_code": "CARD"},
    ),
]
"""What is sent once."""

LISTED_TO_THE_END = Call(
    "payouts.list",
    lambda client: client.payouts.list(status=["pending", "processing"], start_date=NOON, page_size=10),
    "/payouts",
    wrapped([PAYOUT]),
    Payout,
    query={"status": "pending,processing", "startDate": NOON_TEXT, "pageSize": "10"},
)
"""What takes another request, to see that nothing follows."""
