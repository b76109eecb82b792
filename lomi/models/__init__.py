"""What comes back from the API: one module a resource."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._base import LomiModel
    from ._response import RateLimit, ResponseInfo
    from .accounts import Account, AccountBalance, AvailableBalance, BalanceBreakdown
    from .charges import (
        CardAppearance,
        CardCharge,
        CardChargeStatus,
        CardChargeTransaction,
        MtnCharge,
        WaveCharge,
        WaveSession,
    )
    from .checkout_sessions import (
        BlockingInvoice,
        CheckoutSession,
        CheckoutSessionStatus,
        CreatedCheckoutSession,
        InvoiceBlock,
    )
    from .customers import Customer, CustomerListing, CustomerStatus, CustomerType, Transaction
    from .discount_coupons import CouponPerformance, DiscountCoupon
    from .me import Me
    from .merchants import Merchant, MerchantARR, MerchantBalance, MerchantMRR
    from .organizations import Organization, OrganizationMetrics
    from .pagination import Listing, Pagination
    from .payment_links import PaymentLink
    from .payment_requests import PaymentRequest
    from .payouts import CreatedPayout, Payout, PayoutKind, PayoutStatus
    from .portal import PortalEvent, PortalLaunchSession
    from .products import BillingInterval, Price, Product, ProductFee, ProductType
    from .providers import Provider
    from .refunds import CreatedRefund, Refund, RefundStatus, RefundSubscriptionAction
    from .subscriptions import CustomerSubscription, Subscription, SubscriptionStatus
    from .transactions import PaymentTransaction
    from .webhooks import CreatedWebhook, DeliveryRetry, WebhookDeliveryLog, WebhookEndpoint, WebhookEventType

__all__ = [
    "Account",
    "AccountBalance",
    "AvailableBalance",
    "BalanceBreakdown",
    "BillingInterval",
    "BlockingInvoice",
    "CardAppearance",
    "CardCharge",
    "CardChargeStatus",
    "CardChargeTransaction",
    "CheckoutSession",
    "CheckoutSessionStatus",
    "CouponPerformance",
    "CreatedCheckoutSession",
    "CreatedPayout",
    "CreatedRefund",
    "CreatedWebhook",
    "Customer",
    "CustomerListing",
    "CustomerStatus",
    "CustomerSubscription",
    "CustomerType",
    "DeliveryRetry",
    "DiscountCoupon",
    "InvoiceBlock",
    "Listing",
    "LomiModel",
    "Me",
    "Merchant",
    "MerchantARR",
    "MerchantBalance",
    "MerchantMRR",
    "MtnCharge",
    "Organization",
    "OrganizationMetrics",
    "Pagination",
    "PaymentLink",
    "PaymentRequest",
    "PaymentTransaction",
    "Payout",
    "PayoutKind",
    "PayoutStatus",
    "PortalEvent",
    "PortalLaunchSession",
    "Price",
    "Product",
    "ProductFee",
    "ProductType",
    "Provider",
    "RateLimit",
    "Refund",
    "RefundStatus",
    "RefundSubscriptionAction",
    "ResponseInfo",
    "Subscription",
    "SubscriptionStatus",
    "Transaction",
    "WaveCharge",
    "WaveSession",
    "WebhookDeliveryLog",
    "WebhookEndpoint",
    "WebhookEventType",
]

# A module is imported when something of it is asked for: not every program needs every resource.
_HOMES = {
    "_base": ["LomiModel"],
    "_response": ["RateLimit", "ResponseInfo"],
    "accounts": ["Account", "AccountBalance", "AvailableBalance", "BalanceBreakdown"],
    "charges": [
        "CardAppearance",
        "CardCharge",
        "CardChargeStatus",
        "CardChargeTransaction",
        "MtnCharge",
        "WaveCharge",
        "WaveSession",
    ],
    "checkout_sessions": [
        "BlockingInvoice",
        "CheckoutSession",
        "CreatedCheckoutSession",
        "CheckoutSessionStatus",
        "InvoiceBlock",
    ],
    "customers": ["Customer", "CustomerListing", "CustomerStatus", "CustomerType", "Transaction"],
    "discount_coupons": ["CouponPerformance", "DiscountCoupon"],
    "me": ["Me"],
    "merchants": ["Merchant", "MerchantARR", "MerchantBalance", "MerchantMRR"],
    "organizations": ["Organization", "OrganizationMetrics"],
    "pagination": ["Listing", "Pagination"],
    "payment_links": ["PaymentLink"],
    "payment_requests": ["PaymentRequest"],
    "payouts": ["Payout", "CreatedPayout", "PayoutKind", "PayoutStatus"],
    "portal": ["PortalEvent", "PortalLaunchSession"],
    "products": ["BillingInterval", "Price", "Product", "ProductFee", "ProductType"],
    "providers": ["Provider"],
    "refunds": ["Refund", "CreatedRefund", "RefundStatus", "RefundSubscriptionAction"],
    "subscriptions": ["CustomerSubscription", "Subscription", "SubscriptionStatus"],
    "transactions": ["PaymentTransaction"],
    "webhooks": ["CreatedWebhook", "DeliveryRetry", "WebhookDeliveryLog", "WebhookEndpoint", "WebhookEventType"],
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    return value
