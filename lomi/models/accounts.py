"""Accounts and their balances: what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import model_validator

from ..money import Money
from ._base import Amount, LomiModel, Timestamp, attach_response
from ._listings import ArrayListing
from ._types import CurrencyCode, money_in_units
from .pagination import Scheme

__all__ = [
    "Account",
    "AccountBalance",
    "AccountBalances",
    "AccountListing",
    "AvailableBalance",
    "BalanceBreakdown",
    "BalanceBreakdowns",
    "in_currency",
]


class Account(LomiModel):
    """A ledger account, one a currency. Only `account_id` is certain to be there."""

    shown_in_repr: ClassVar[tuple[str, ...]] = ("account_id", "balance", "currency_code")
    shown_in_tables: ClassVar[tuple[str, ...]] = (
        *("organization_id", "is_spi_account", "spi_account_type", "spi_account_status", "spi_account_balance"),
        *("spi_account_balance_synced_at", "created_at", "updated_at"),
    )

    account_id: str
    """The account's identifier."""
    organization_id: str | None = None
    """The organization that owns it."""
    balance: Amount | None = None
    """The balance, in major units of `currency_code`: 19.99 is 19 euros 99."""
    currency_code: CurrencyCode | None = None
    """The account's currency."""
    is_spi_account: bool | None = None
    """Whether it is an account of the regional instant payment system (SPI)."""
    spi_account_number: str | None = None
    """Its number there."""
    spi_account_type: str | None = None
    """Its kind there, such as ``"CACC"``."""
    spi_account_status: str | None = None
    """``"OUVERT"`` (open), ``"BLOQUE"`` (blocked) or ``"CLOTURE"`` (closed)."""
    spi_account_balance: Amount | None = None
    """Its balance there, in major units."""
    spi_account_balance_synced_at: Timestamp | None = None
    """When that balance was last fetched."""
    spi_account_balance_sync_error: str | None = None
    """Why fetching it failed the last time."""
    created_at: Timestamp | None = None
    """When it was created."""
    updated_at: Timestamp | None = None
    """When it was last changed."""

    @property
    def money(self) -> Money:
        """`balance` as `Money`.

        Raises:
            LomiValidationError: It is missing or has a fraction of the smallest unit, or the currency is unknown.
        """
        return money_in_units(self.balance, self.currency_code)


class AccountBalance(LomiModel):
    """The balance in one currency. Only `currency_code` is certain to be there."""

    shown_in_repr: ClassVar[tuple[str, ...]] = ("currency_code", "balance", "last_updated")

    currency_code: CurrencyCode
    """The currency."""
    balance: Amount | None = None
    """The balance, in major units of `currency_code`."""
    last_updated: Timestamp | None = None
    """When it last changed."""

    @property
    def money(self) -> Money:
        """`balance` as `Money`.

        Raises:
            LomiValidationError: It is missing or has a fraction of the smallest unit, or the currency is unknown.
        """
        return money_in_units(self.balance, self.currency_code)


AccountBalances = list[AccountBalance]
"""The balance in each currency; the API does not page them."""


class BalanceBreakdown(LomiModel):
    """What of a balance can be paid out, and what not yet. Only `currency_code` is certain to be there.

    The ``converted_…`` amounts are there when a target currency was asked for.
    """

    shown_in_repr: ClassVar[tuple[str, ...]] = (
        *("currency_code", "available_balance", "pending_balance", "unavailable_balance", "total_balance"),
    )
    shown_in_tables: ClassVar[tuple[str, ...]] = (
        *("target_currency", "converted_available_balance", "converted_pending_balance"),
        *("converted_unavailable_balance", "converted_total_balance"),
    )

    currency_code: CurrencyCode
    """The currency of the amounts that are not converted."""
    available_balance: Amount | None = None
    """What can be paid out, in major units of `currency_code`."""
    pending_balance: Amount | None = None
    """What is paid but not available yet, in major units of `currency_code`."""
    unavailable_balance: Amount | None = None
    """What cannot be paid out, in major units of `currency_code`."""
    total_balance: Amount | None = None
    """All of it, in major units of `currency_code`."""
    target_currency: CurrencyCode | None = None
    """The currency of the converted amounts; None when none was asked for."""
    converted_available_balance: Amount | None = None
    """`available_balance` in major units of `target_currency`."""
    converted_pending_balance: Amount | None = None
    """`pending_balance` in major units of `target_currency`."""
    converted_unavailable_balance: Amount | None = None
    """`unavailable_balance` in major units of `target_currency`."""
    converted_total_balance: Amount | None = None
    """`total_balance` in major units of `target_currency`."""

    @property
    def money(self) -> Money:
        """`available_balance` as `Money`.

        Raises:
            LomiValidationError: It is missing or has a fraction of the smallest unit, or the currency is unknown.
        """
        return money_in_units(self.available_balance, self.currency_code)

    @property
    def pending_money(self) -> Money:
        """`pending_balance` as `Money`; it raises as `money` does."""
        return money_in_units(self.pending_balance, self.currency_code)

    @property
    def unavailable_money(self) -> Money:
        """`unavailable_balance` as `Money`; it raises as `money` does."""
        return money_in_units(self.unavailable_balance, self.currency_code)

    @property
    def total_money(self) -> Money:
        """`total_balance` as `Money`; it raises as `money` does."""
        return money_in_units(self.total_balance, self.currency_code)

    @property
    def converted_money(self) -> Money:
        """`converted_available_balance` as `Money` in `target_currency`; it raises as `money` does."""
        return money_in_units(self.converted_available_balance, self.target_currency)


BalanceBreakdowns = list[BalanceBreakdown]
"""What can be paid out in each currency; the API does not page them."""


class AvailableBalance(LomiModel):
    """What is available in one currency. The API sends a bare number, or an object; both are read."""

    shown_in_repr: ClassVar[tuple[str, ...]] = ("currency_code", "available_balance", "has_sufficient_balance")

    currency_code: CurrencyCode | None = None
    """The currency that was asked for."""
    available_balance: Amount | None = None
    """What can be paid out, in major units of `currency_code`; None where the API has no figure."""
    has_sufficient_balance: bool | None = None
    """Whether anything is available. The deployed API does not send it."""

    @model_validator(mode="before")
    @classmethod
    def _from_bare_number(cls, value: Any) -> Any:
        return value if isinstance(value, Mapping) else {"available_balance": value}  # pyright: ignore[reportUnknownVariableType]

    @property
    def money(self) -> Money:
        """`available_balance` as `Money`.

        Raises:
            LomiValidationError: It is missing or has a fraction of the smallest unit, or the currency is unknown.
        """
        return money_in_units(self.available_balance, self.currency_code)


def in_currency(available: AvailableBalance, currency: str) -> AvailableBalance:
    """Return an available balance with the currency that was asked for, which the API does not repeat."""
    known = available.model_copy(update={"currency_code": currency})
    if available.last_response is not None:
        attach_response(known, available.last_response)
    return known


class AccountListing(ArrayListing):
    """All accounts, as the API sends them: at most 100, not paged."""

    scheme: ClassVar[Scheme | None] = Scheme("none")

    data: list[Account]
    """The accounts."""
