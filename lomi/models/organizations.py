"""Organizations and their figures: what comes back."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from ..money import Money
from ._base import Amount, LomiModel, Metadata, Timestamp
from ._listings import ArrayListing
from ._types import OPEN, CurrencyCode, money_in_units
from .pagination import Scheme

__all__ = ["Organization", "OrganizationListing", "OrganizationMetrics", "OrganizationStatus", "VerificationStatus"]

_OrganizationStatus = Literal["active", "inactive", "suspended"]
OrganizationStatus = Annotated[_OrganizationStatus | str, OPEN]
"""Whether an organization can work. More values can come."""
_VerificationStatus = Literal["unverified", "starter", "verified"]
VerificationStatus = Annotated[_VerificationStatus | str, OPEN]
"""How far an organization is verified. More values can come."""


class Organization(LomiModel):
    """An organization. Only `organization_id` is certain to be there."""

    shown_in_repr: ClassVar[tuple[str, ...]] = ("organization_id", "slug", "status", "verification_status")
    shown_in_tables: ClassVar[tuple[str, ...]] = (
        *("default_currency", "industry", "is_starter_business", "has_payout_pin", "storefront_enabled"),
        *("total_revenue", "total_transactions", "total_customers", "total_merchants", "mrr", "arr"),
        *("created_at", "updated_at"),
    )

    organization_id: str
    """The organization's identifier."""
    name: str | None = None
    """Its name."""
    email: str | None = None
    """E-mail address."""
    phone_number: str | None = None
    """Phone number."""
    slug: str | None = None
    """Its name in URLs."""
    status: OrganizationStatus | None = None
    """``"active"``, ``"inactive"`` or ``"suspended"``."""
    verification_status: VerificationStatus | None = None
    """``"unverified"``, ``"starter"`` or ``"verified"``."""
    default_currency: CurrencyCode | None = None
    """The currency of its figures."""
    website_url: str | None = None
    """Its web site."""
    logo_url: str | None = None
    """Its logo."""
    industry: str | None = None
    """Its industry."""
    employee_number: str | None = None
    """How many people work there, as text: it can be a range."""
    is_starter_business: bool | None = None
    """Whether it is a starter business."""
    has_payout_pin: bool | None = None
    """Whether payouts from the dashboard need a PIN. The API never asks for it."""
    storefront_enabled: bool | None = None
    """Whether its storefront is open."""
    total_revenue: Amount | None = None
    """All revenue, in major units of `default_currency`."""
    total_transactions: int | None = None
    """How many transactions there were."""
    total_customers: int | None = None
    """How many customers there are."""
    total_merchants: int | None = None
    """How many merchants there are."""
    mrr: Amount | None = None
    """Monthly recurring revenue, in major units of `default_currency`."""
    arr: Amount | None = None
    """Annual recurring revenue, in major units of `default_currency`."""
    metadata: Metadata | None = None
    """Key-value pairs; the deployed API leaves them out."""
    created_at: Timestamp | None = None
    """When it was created."""
    updated_at: Timestamp | None = None
    """When it was last changed."""

    @property
    def money(self) -> Money:
        """`total_revenue` as `Money`.

        Raises:
            LomiValidationError: It is missing or has a fraction of the smallest unit, or the currency is unknown.
        """
        return money_in_units(self.total_revenue, self.default_currency)


class OrganizationMetrics(LomiModel):
    """An organization's revenue figures. The deployed API fills in 0 and XOF for what it does not know."""

    shown_in_repr: ClassVar[tuple[str, ...]] = ("total_revenue", "mrr", "arr", "currency_code", "calculated_at")
    shown_in_tables: ClassVar[tuple[str, ...]] = ("total_transactions", "total_customers")

    mrr: Amount | None = None
    """Monthly recurring revenue, in major units of `currency_code`."""
    arr: Amount | None = None
    """Annual recurring revenue, in major units of `currency_code`."""
    total_revenue: Amount | None = None
    """All revenue, in major units of `currency_code`."""
    total_transactions: int | None = None
    """How many transactions there were."""
    total_customers: int | None = None
    """How many customers there are."""
    currency_code: CurrencyCode | None = None
    """The currency of the amounts."""
    calculated_at: Timestamp | None = None
    """When the organization last changed, or the moment of the request: not when the figures were computed."""

    @property
    def money(self) -> Money:
        """`total_revenue` as `Money`.

        Raises:
            LomiValidationError: It is missing or has a fraction of the smallest unit, or the currency is unknown.
        """
        return money_in_units(self.total_revenue, self.currency_code)


class OrganizationListing(ArrayListing):
    """The key's own organization, in a list."""

    scheme: ClassVar[Scheme | None] = Scheme("none")

    data: list[Organization]
    """One organization."""
