"""Subscriptions: what comes back."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ..money import Money
from ._base import Amount, LomiModel, Metadata, Timestamp
from ._listings import ArrayListing, DataListing
from ._types import OPEN, CurrencyCode, PlainDate, money_in_units
from .pagination import Scheme
from .products import BillingInterval, ProductType

__all__ = [
    "CustomerSubscription",
    "CustomerSubscriptionListing",
    "CustomerSubscriptions",
    "Subscription",
    "SubscriptionListing",
    "SubscriptionStatus",
]

_SubscriptionStatus = Literal["pending", "active", "paused", "cancelled", "expired", "past_due", "trial"]
SubscriptionStatus = Annotated[_SubscriptionStatus | str, OPEN]
"""The state of a subscription. More values can come."""


class Subscription(LomiModel):
    """A subscription. Only `subscription_id` is certain to be there.

    A listing names the plan `product_name`, `amount` and `currency_code`; everything else names it ``plan_…``.
    `money` knows both.
    """

    shown_in_repr: ClassVar[tuple[str, ...]] = ("subscription_id", "status", "start_date", "next_billing_date")
    shown_in_tables: ClassVar[tuple[str, ...]] = (
        *("customer_id", "product_id", "product_name", "plan_name", "amount", "currency_code", "plan_amount"),
        *("plan_currency_code", "plan_billing_frequency", "end_date", "created_at", "updated_at"),
    )

    subscription_id: str
    """The subscription's identifier."""
    organization_id: str | None = None
    """The organization that owns it; missing in listings."""
    merchant_id: str | None = None
    """The merchant; missing in listings."""
    customer_id: str | None = None
    """The customer who subscribes."""
    customer_name: str | None = None
    """The customer's name."""
    customer_email: str | None = None
    """The customer's e-mail address; missing in listings."""
    product_id: str | None = None
    """The product."""
    product_name: str | None = None
    """The product's name; in listings only."""
    plan_name: str | None = None
    """The product's name; missing in listings."""
    plan_description: str | None = None
    """What the product is; missing in listings."""
    amount: Amount | None = None
    """What is due each time, in major units of `currency_code`; in listings only."""
    currency_code: CurrencyCode | None = None
    """The currency of `amount`; in listings only."""
    plan_amount: Amount | None = None
    """What is due each time, in major units of `plan_currency_code`; missing in listings."""
    plan_currency_code: CurrencyCode | None = None
    """The currency of `plan_amount`; missing in listings."""
    plan_billing_frequency: BillingInterval | None = None
    """How often it is due, such as ``"month"``; missing in listings."""
    status: SubscriptionStatus | None = None
    """``"pending"``, ``"trial"``, ``"active"``, ``"past_due"``, ``"paused"``, ``"cancelled"`` or ``"expired"``."""
    start_date: PlainDate | None = None
    """The day on which it began."""
    end_date: PlainDate | None = None
    """The day on which it ends or ended."""
    next_billing_date: PlainDate | None = None
    """The day on which the next payment is due."""
    metadata: Metadata | None = None
    """Key-value pairs."""
    created_at: Timestamp | None = None
    """When it was created."""
    updated_at: Timestamp | None = None
    """When it was last changed."""

    @property
    def money(self) -> Money:
        """`plan_amount`, or `amount` in a listing, as `Money`.

        Raises:
            LomiValidationError: It is missing or has a fraction of the smallest unit, or the currency is unknown.
        """
        if self.plan_amount is None:
            return money_in_units(self.amount, self.currency_code)
        return money_in_units(self.plan_amount, self.plan_currency_code)


class CustomerSubscription(LomiModel):
    """A subscription as a look-up by customer returns it: eight fields. Only `subscription_id` is certain to be there.

    The API calls some of them by other names here; ``subscription["subscription_status"]`` reads them too.
    """

    shown_in_repr: ClassVar[tuple[str, ...]] = ("subscription_id", "status", "next_billing_date")
    shown_in_tables: ClassVar[tuple[str, ...]] = ("product_id", "product_name", "product_type", "end_date")

    subscription_id: str
    """The subscription's identifier."""
    status: SubscriptionStatus | None = Field(default=None, alias="subscription_status")
    """``"pending"``, ``"trial"``, ``"active"``, ``"past_due"``, ``"paused"``, ``"cancelled"`` or ``"expired"``."""
    end_date: PlainDate | None = Field(default=None, alias="subscription_end_date")
    """The day on which it ends or ended."""
    next_billing_date: PlainDate | None = Field(default=None, alias="subscription_next_billing_date")
    """The day on which the next payment is due."""
    product_id: str | None = None
    """The product."""
    product_name: str | None = None
    """The product's name."""
    product_description: str | None = None
    """What the product is."""
    product_type: ProductType | None = None
    """``"recurring"`` or ``"usage_based"``."""


CustomerSubscriptions = list[CustomerSubscription]
"""All subscriptions of a customer; the API does not page them."""


class SubscriptionListing(ArrayListing):
    """One page of subscriptions, as the API sends it."""

    scheme: ClassVar[Scheme | None] = Scheme("page", 50)

    data: list[Subscription]
    """The subscriptions on this page."""


class CustomerSubscriptionListing(DataListing):
    """One page of ``customer_subscriptions.list``, as the API sends it."""

    scheme: ClassVar[Scheme | None] = Scheme("offset", 20)

    data: list[Subscription]
    """The subscriptions on this page."""
