"""What the methods of merchants take."""

from __future__ import annotations

from pydantic import with_config
from typing_extensions import TypedDict

from ._base import STRICT, CurrencyCode

__all__ = ["MerchantBalanceParams"]


@with_config(STRICT)
class MerchantBalanceParams(TypedDict):
    """What ``merchants.get_balance`` takes beside the id."""

    currency_code: CurrencyCode
    """Which balance: three upper-case letters, such as ``"XOF"``."""
