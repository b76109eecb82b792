"""What comes back from the API: one module a resource."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._base import LomiModel
    from ._response import RateLimit, ResponseInfo
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
        CheckoutSessionCreated,
        CheckoutSessionStatus,
        InvoiceBlock,
    )
    from .customers import Customer, CustomerListing, CustomerStatus, CustomerType, Transaction
    from .merchants import Merchant, MerchantARR, MerchantBalance, MerchantMRR
    from .pagination import Listing, Pagination
    from .payment_links import PaymentLink
    from .payment_requests import PaymentRequest
    from .payouts import Payout, PayoutCreated, PayoutKind, PayoutStatus
    from .providers import Provider
    from .refunds import Refund, RefundCreated, RefundStatus, RefundSubscriptionAction
    from .transactions import PaymentTransaction

__all__ = [
    "BlockingInvoice",
    "CardAppearance",
    "CardCharge",
    "CardChargeStatus",
    "CardChargeTransaction",
    "CheckoutSession",
    "CheckoutSessionCreated",
    "CheckoutSessionStatus",
    "Customer",
    "CustomerListing",
    "CustomerStatus",
    "CustomerType",
    "InvoiceBlock",
    "Listing",
    "LomiModel",
    "Merchant",
    "MerchantARR",
    "MerchantBalance",
    "MerchantMRR",
    "MtnCharge",
    "Pagination",
    "PaymentLink",
    "PaymentRequest",
    "PaymentTransaction",
    "Payout",
    "PayoutCreated",
    "PayoutKind",
    "PayoutStatus",
    "Provider",
    "RateLimit",
    "Refund",
    "RefundCreated",
    "RefundStatus",
    "RefundSubscriptionAction",
    "ResponseInfo",
    "Transaction",
    "WaveCharge",
    "WaveSession",
]

# A module is imported when something of it is asked for: not every program needs every resource.
_HOMES = {
    "_base": ["LomiModel"],
    "_response": ["RateLimit", "ResponseInfo"],
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
        "CheckoutSessionCreated",
        "CheckoutSessionStatus",
        "InvoiceBlock",
    ],
    "customers": ["Customer", "CustomerListing", "CustomerStatus", "CustomerType", "Transaction"],
    "merchants": ["Merchant", "MerchantARR", "MerchantBalance", "MerchantMRR"],
    "pagination": ["Listing", "Pagination"],
    "payment_links": ["PaymentLink"],
    "payment_requests": ["PaymentRequest"],
    "payouts": ["Payout", "PayoutCreated", "PayoutKind", "PayoutStatus"],
    "providers": ["Provider"],
    "refunds": ["Refund", "RefundCreated", "RefundStatus", "RefundSubscriptionAction"],
    "transactions": ["PaymentTransaction"],
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    return value
