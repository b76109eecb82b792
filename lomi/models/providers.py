"""Providers: response models."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from ._base import LomiModel, Metadata
from ._listings import DataListing
from ._types import OPEN, ProviderCode
from .pagination import Scheme

__all__ = ["Provider", "ProviderListing"]

_OnboardingStatus = Literal["pending", "completed", "failed", "skipped", "in_progress"]


class Provider(LomiModel):
    """A provider of payments, and whether the organization is connected to it. Only `provider_code` is certain."""

    shown_in_repr: ClassVar[tuple[str, ...]] = ("provider_code", "is_connected", "onboarding_status")
    shown_in_tables: ClassVar[tuple[str, ...]] = ("organization_id", "is_phone_verified")

    provider_code: ProviderCode
    """Which: ``"STRIPE"`` for cards, also where ``"CARD"`` was asked for."""
    organization_id: str | None = None
    """The organization."""
    is_connected: bool | None = None
    """Whether payments can be taken through it."""
    is_phone_verified: bool | None = None
    """Whether the phone number is verified."""
    onboarding_status: Annotated[_OnboardingStatus | str, OPEN] | None = None
    """How far connecting it has come."""
    phone_number: str | None = None
    """The phone number at the provider."""
    provider_merchant_id: str | None = None
    """The merchant's identifier at the provider."""
    metadata: Metadata | None = None
    """Key-value pairs."""


class ProviderListing(DataListing):
    """All providers; the API does not page them."""

    scheme: ClassVar[Scheme | None] = Scheme("none")

    data: list[Provider]
    """The providers."""
