"""What the methods of accounts take."""

from __future__ import annotations

from pydantic import with_config
from typing_extensions import TypedDict

from ._base import STRICT
from ._types import Currency3

__all__ = ["AccountBalanceParams", "BalanceBreakdownParams"]


@with_config(STRICT)
class AccountBalanceParams(TypedDict, total=False):
    """What ``accounts.get_balance`` takes."""

    currency: Currency3 | None
    """Only the balance in this currency: ``"XOF"``, ``"USD"`` or ``"EUR"``. Default: all."""


@with_config(STRICT)
class BalanceBreakdownParams(TypedDict, total=False):
    """What ``accounts.get_balance_breakdown`` takes."""

    target_currency: Currency3 | None
    """Convert the amounts to this currency as well: ``"XOF"``, ``"USD"`` or ``"EUR"``. Default: no conversion."""
