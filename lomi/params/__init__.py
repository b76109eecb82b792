"""What methods take: one module a resource. Type checkers, editors and validation read the same declarations."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._rules import LomiDroppedFieldWarning
    from .accounts import AccountBalanceParams, BalanceBreakdownParams
    from .charges import CardChargeParams, ChargeCustomerParams, MtnChargeParams, MtnCustomerParams, WaveChargeParams
    from .checkout_sessions import CheckoutLineItemParams, CheckoutSessionCreateParams, CheckoutSessionListParams
    from .customers import CustomerCreateParams, CustomerListParams, CustomerUpdateParams
    from .discount_coupons import DiscountCouponCreateParams
    from .merchants import MerchantBalanceParams
    from .payment_links import PaymentLinkCreateParams, PaymentLinkListParams
    from .payment_requests import PaymentRequestCreateParams, PaymentRequestListParams
    from .payouts import PayoutCreateParams, PayoutListParams, PayoutRecipientParams
    from .portal import PortalAuditParams, PortalLaunchParams
    from .products import PriceParams, ProductCreateParams, ProductListParams
    from .providers import ProviderListParams
    from .refunds import RefundCreateParams, RefundListParams
    from .subscriptions import (
        CustomerSubscriptionListParams,
        SubscriptionCancelParams,
        SubscriptionChangePlanParams,
        SubscriptionListParams,
        SubscriptionUpdateParams,
    )
    from .transactions import TransactionListParams
    from .webhooks import WebhookCreateParams, WebhookDeliveryLogListParams, WebhookUpdateParams

__all__ = [
    "AccountBalanceParams",
    "BalanceBreakdownParams",
    "CardChargeParams",
    "ChargeCustomerParams",
    "CheckoutLineItemParams",
    "CheckoutSessionCreateParams",
    "CheckoutSessionListParams",
    "CustomerCreateParams",
    "CustomerListParams",
    "CustomerSubscriptionListParams",
    "CustomerUpdateParams",
    "DiscountCouponCreateParams",
    "LomiDroppedFieldWarning",
    "MerchantBalanceParams",
    "MtnChargeParams",
    "MtnCustomerParams",
    "PaymentLinkCreateParams",
    "PaymentLinkListParams",
    "PaymentRequestCreateParams",
    "PaymentRequestListParams",
    "PayoutCreateParams",
    "PayoutListParams",
    "PayoutRecipientParams",
    "PortalAuditParams",
    "PortalLaunchParams",
    "PriceParams",
    "ProductCreateParams",
    "ProductListParams",
    "ProviderListParams",
    "RefundCreateParams",
    "RefundListParams",
    "SubscriptionCancelParams",
    "SubscriptionChangePlanParams",
    "SubscriptionListParams",
    "SubscriptionUpdateParams",
    "TransactionListParams",
    "WaveChargeParams",
    "WebhookCreateParams",
    "WebhookDeliveryLogListParams",
    "WebhookUpdateParams",
]

# A module is imported when something of it is asked for: not every program needs every resource.
_HOMES = {
    "_rules": ["LomiDroppedFieldWarning"],
    "accounts": ["AccountBalanceParams", "BalanceBreakdownParams"],
    "charges": ["CardChargeParams", "ChargeCustomerParams", "MtnChargeParams", "MtnCustomerParams", "WaveChargeParams"],
    "checkout_sessions": ["CheckoutLineItemParams", "CheckoutSessionCreateParams", "CheckoutSessionListParams"],
    "customers": ["CustomerCreateParams", "CustomerListParams", "CustomerUpdateParams"],
    "discount_coupons": ["DiscountCouponCreateParams"],
    "merchants": ["MerchantBalanceParams"],
    "payment_links": ["PaymentLinkCreateParams", "PaymentLinkListParams"],
    "payment_requests": ["PaymentRequestCreateParams", "PaymentRequestListParams"],
    "payouts": ["PayoutCreateParams", "PayoutListParams", "PayoutRecipientParams"],
    "portal": ["PortalAuditParams", "PortalLaunchParams"],
    "products": ["PriceParams", "ProductCreateParams", "ProductListParams"],
    "providers": ["ProviderListParams"],
    "refunds": ["RefundCreateParams", "RefundListParams"],
    "subscriptions": [
        "CustomerSubscriptionListParams",
        "SubscriptionCancelParams",
        "SubscriptionChangePlanParams",
        "SubscriptionListParams",
        "SubscriptionUpdateParams",
    ],
    "transactions": ["TransactionListParams"],
    "webhooks": ["WebhookCreateParams", "WebhookDeliveryLogListParams", "WebhookUpdateParams"],
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    return value
