"""The operations on payments as the API has them: the project's own table, held against the contract where it is there."""

from __future__ import annotations

from typing import Any, NamedTuple

from lomi import params
from lomi.params.charges import ChargeCustomerParams, MtnCustomerParams
from lomi.params.payouts import PayoutRecipientParams


class Operation(NamedTuple):
    """One operation: its names on the wire, and the declaration of what it takes."""

    method: str
    path: str
    query: frozenset[str] = frozenset()
    body: frozenset[str] = frozenset()
    declared: Any = None
    nested: tuple[tuple[str, Any], ...] = ()


def names(text: str) -> frozenset[str]:
    return frozenset(text.split())


OPERATIONS = {
    "checkout_sessions.create": Operation(
        "POST",
        "/checkout-sessions",
        body=names(
            "currency_code amount line_items title description customer_id customer_email customer_name customer_phone"
            " customer_city customer_country customer_address customer_postal_code product_id price_id subscription_id"
            " quantity allow_quantity allow_coupon_code require_billing_address success_url cancel_url payment_link_id"
            " integration_source metadata"
        ),
        declared=params.CheckoutSessionCreateParams,
    ),
    "checkout_sessions.list": Operation(
        "GET", "/checkout-sessions", names("status limit offset"), declared=params.CheckoutSessionListParams
    ),
    "checkout_sessions.get": Operation("GET", "/checkout-sessions/{id}"),
    "payment_links.create": Operation(
        "POST",
        "/payment-links",
        body=names(
            "link_type title currency_code amount product_id price_id description allow_coupon_code allow_quantity"
            " require_billing_address expires_at success_url cancel_url metadata"
        ),
        declared=params.PaymentLinkCreateParams,
    ),
    "payment_links.list": Operation(
        "GET", "/payment-links", names("linkType isActive limit offset"), declared=params.PaymentLinkListParams
    ),
    "payment_links.get": Operation("GET", "/payment-links/{id}"),
    "payment_requests.create": Operation(
        "POST",
        "/payment-requests",
        body=names("amount currency_code expiry_date description customer_id payment_reference metadata"),
        declared=params.PaymentRequestCreateParams,
    ),
    "payment_requests.list": Operation(
        "GET", "/payment-requests", names("status customerId limit offset"), declared=params.PaymentRequestListParams
    ),
    "payment_requests.get": Operation("GET", "/payment-requests/{id}"),
    "transactions.list": Operation(
        "GET",
        "/transactions",
        names("provider status type currency paymentMethod page pageSize startDate endDate isPos"),
        declared=params.TransactionListParams,
    ),
    "transactions.get": Operation("GET", "/transactions/{id}"),
    "refunds.create": Operation(
        "POST",
        "/refunds",
        body=names("transaction_id amount reason refund_type subscription_action"),
        declared=params.RefundCreateParams,
    ),
    "refunds.list": Operation(
        "GET", "/refunds", names("status startDate endDate limit offset"), declared=params.RefundListParams
    ),
    "refunds.get": Operation("GET", "/refunds/{id}"),
    "payouts.create": Operation(
        "POST",
        "/payouts",
        body=names("destination rail amount currency_code payout_method_id recipient reason metadata"),
        declared=params.PayoutCreateParams,
        nested=(("recipient", PayoutRecipientParams),),
    ),
    "payouts.list": Operation(
        "GET", "/payouts", names("status startDate endDate page pageSize"), declared=params.PayoutListParams
    ),
    "payouts.get": Operation("GET", "/payouts/{id}"),
    "charges.create_wave_charge": Operation(
        "POST",
        "/charge/wave",
        body=names(
            "amount currency customer customer.name customer.email customer.phoneNumber description successUrl errorUrl"
        ),
        declared=params.WaveChargeParams,
        nested=(("customer", ChargeCustomerParams),),
    ),
    "charges.create_mtn_charge": Operation(
        "POST",
        "/charge/mtn",
        body=names(
            "amount currency customer customer.name customer.email customer.phoneNumber description countryCode"
            " productId subscriptionId quantity"
        ),
        declared=params.MtnChargeParams,
        nested=(("customer", MtnCustomerParams),),
    ),
    "charges.create_card_charge": Operation(
        "POST",
        "/charge/card",
        body=names(
            "amount currency_code currency customer_id customer_email customer_name customer_phone description"
            " payment_reference product_id subscription_id quantity metadata appearance_theme"
            " appearance_border_radius appearance_billing_address"
        ),
        declared=params.CardChargeParams,
    ),
    "charges.get_card_charge": Operation("GET", "/charge/card/{id}"),
    "charges.cancel_card_charge": Operation("POST", "/charge/card/{id}/cancel"),
    "providers.list": Operation("GET", "/providers", names("provider_code"), declared=params.ProviderListParams),
}
"""Every operation on payments."""
