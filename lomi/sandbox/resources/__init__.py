"""Everything the sandbox serves: one line a resource."""

from __future__ import annotations

from typing import Final

from ..resource import Resource
from .accounts import ACCOUNTS, KEYS
from .charges import CHARGES
from .checkout_sessions import CHECKOUT_SESSIONS, INVOICES
from .customer_subscriptions import CUSTOMER_SUBSCRIPTIONS
from .customers import CUSTOMERS
from .discount_coupons import COUPONS, REDEMPTIONS
from .me import ME
from .merchants import MERCHANTS
from .organizations import ORGANIZATIONS
from .payment_links import PAYMENT_LINKS
from .payment_requests import PAYMENT_REQUESTS
from .payouts import PAYOUT_METHODS, PAYOUTS
from .portal import PORTAL_EVENTS
from .products import PRICES, PRODUCTS
from .providers import PROVIDERS
from .refunds import REFUNDS
from .subscriptions import SUBSCRIPTIONS
from .transactions import TRANSACTIONS
from .webhook_delivery_logs import DELIVERY_LOGS
from .webhooks import WEBHOOKS

RESOURCES: Final[tuple[Resource, ...]] = (
    MERCHANTS,
    CUSTOMERS,
    TRANSACTIONS,
    CHECKOUT_SESSIONS,
    INVOICES,
    PAYMENT_LINKS,
    PAYMENT_REQUESTS,
    CHARGES,
    REFUNDS,
    PAYOUTS,
    PAYOUT_METHODS,
    PORTAL_EVENTS,
    ME,
    ACCOUNTS,
    KEYS,
    WEBHOOKS,
    PRODUCTS,
    PRICES,
    COUPONS,
    REDEMPTIONS,
    SUBSCRIPTIONS,
    CUSTOMER_SUBSCRIPTIONS,
    ORGANIZATIONS,
    PROVIDERS,
    DELIVERY_LOGS,
)
