"""What methods take: one module a resource. Type checkers, editors and validation read the same declarations."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._rules import LomiDroppedFieldWarning
    from .charges import CardChargeParams, ChargeCustomerParams, MtnChargeParams, MtnCustomerParams, WaveChargeParams
    from .checkout_sessions import CheckoutLineItemParams, CheckoutSessionCreateParams, CheckoutSessionListParams
    from .customers import CustomerCreateParams, CustomerListParams, CustomerUpdateParams
    from .merchants import MerchantBalanceParams
    from .payment_links import PaymentLinkCreateParams, PaymentLinkListParams
    from .payment_requests import PaymentRequestCreateParams, PaymentRequestListParams
    from .payouts import PayoutCreateParams, PayoutListParams, PayoutRecipientParams
    from .providers import ProviderListParams
    from .refunds import RefundCreateParams, RefundListParams
    from .transactions import TransactionListParams

__all__ = [
    "CardChargeParams",
    "ChargeCustomerParams",
    "CheckoutLineItemParams",
    "CheckoutSessionCreateParams",
    "CheckoutSessionListParams",
    "CustomerCreateParams",
    "CustomerListParams",
    "CustomerUpdateParams",
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
    "ProviderListParams",
    "RefundCreateParams",
    "RefundListParams",
    "TransactionListParams",
    "WaveChargeParams",
]

# A module is imported when something of it is asked for: not every program needs every resource.
_HOMES = {
    "_rules": ["LomiDroppedFieldWarning"],
    "charges": ["CardChargeParams", "ChargeCustomerParams", "MtnChargeParams", "MtnCustomerParams", "WaveChargeParams"],
    "checkout_sessions": ["CheckoutLineItemParams", "CheckoutSessionCreateParams", "CheckoutSessionListParams"],
    "customers": ["CustomerCreateParams", "CustomerListParams", "CustomerUpdateParams"],
    "merchants": ["MerchantBalanceParams"],
    "payment_links": ["PaymentLinkCreateParams", "PaymentLinkListParams"],
    "payment_requests": ["PaymentRequestCreateParams", "PaymentRequestListParams"],
    "payouts": ["PayoutCreateParams", "PayoutListParams", "PayoutRecipientParams"],
    "providers": ["ProviderListParams"],
    "refunds": ["RefundCreateParams", "RefundListParams"],
    "transactions": ["TransactionListParams"],
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    return value
