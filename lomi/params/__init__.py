"""What methods take: one module a resource. Type checkers, editors and validation read the same declarations."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .accounts import AccountBalanceParams, BalanceBreakdownParams
    from .customers import CustomerCreateParams, CustomerListParams, CustomerUpdateParams
    from .discount_coupons import DiscountCouponCreateParams
    from .merchants import MerchantBalanceParams
    from .portal import PortalAuditParams, PortalLaunchParams
    from .products import PriceParams, ProductCreateParams, ProductListParams
    from .subscriptions import (
        CustomerSubscriptionListParams,
        SubscriptionCancelParams,
        SubscriptionChangePlanParams,
        SubscriptionListParams,
        SubscriptionUpdateParams,
    )
    from .webhooks import WebhookCreateParams, WebhookDeliveryLogListParams, WebhookUpdateParams

__all__ = [
    "AccountBalanceParams",
    "BalanceBreakdownParams",
    "CustomerCreateParams",
    "CustomerListParams",
    "CustomerSubscriptionListParams",
    "CustomerUpdateParams",
    "DiscountCouponCreateParams",
    "MerchantBalanceParams",
    "PortalAuditParams",
    "PortalLaunchParams",
    "PriceParams",
    "ProductCreateParams",
    "ProductListParams",
    "SubscriptionCancelParams",
    "SubscriptionChangePlanParams",
    "SubscriptionListParams",
    "SubscriptionUpdateParams",
    "WebhookCreateParams",
    "WebhookDeliveryLogListParams",
    "WebhookUpdateParams",
]

# A module is imported when something of it is asked for: not every program needs every resource.
_HOMES = {
    "accounts": ["AccountBalanceParams", "BalanceBreakdownParams"],
    "customers": ["CustomerCreateParams", "CustomerListParams", "CustomerUpdateParams"],
    "discount_coupons": ["DiscountCouponCreateParams"],
    "merchants": ["MerchantBalanceParams"],
    "portal": ["PortalAuditParams", "PortalLaunchParams"],
    "products": ["PriceParams", "ProductCreateParams", "ProductListParams"],
    "subscriptions": [
        "CustomerSubscriptionListParams",
        "SubscriptionCancelParams",
        "SubscriptionChangePlanParams",
        "SubscriptionListParams",
        "SubscriptionUpdateParams",
    ],
    "webhooks": ["WebhookCreateParams", "WebhookDeliveryLogListParams", "WebhookUpdateParams"],
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    return value
