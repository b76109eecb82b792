"""Amounts of money, exact: in the ledger, on the wire, and in the two units that the API uses.

Most of the API writes amounts in major units (19.99 is 19 euros 99), and so do the bodies of stored objects. Merchants
and the transactions of a customer are written in the smallest unit (1999). The ledger counts in hundredths of the
smallest unit: the server rounds the fees of refunds to two decimals, in XOF too, which has none.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

# Those without decimals, of the currencies that people pay in here; the others have two.
WITHOUT_DECIMALS: Final = frozenset({"XOF", "XAF", "GNF"})
CENT: Final = Decimal("0.01")


def exact(amount: float, currency_code: str) -> int:
    """Return an amount in major units as the ledger counts it; halves are rounded up."""
    return _whole(Decimal(repr(amount)).scaleb(_decimals(currency_code) + 2))


def decimal(ledger_amount: int, currency_code: str) -> Decimal:
    """Return an amount of the ledger in major units."""
    places = _decimals(currency_code)
    amount = Decimal(ledger_amount).scaleb(-places - 2)
    fitting = amount.quantize(Decimal(1).scaleb(-places))
    return fitting if fitting == amount else amount


def major(ledger_amount: int, currency_code: str) -> int | float:
    """Return an amount of the ledger in major units, as a JSON number."""
    return _number(decimal(ledger_amount, currency_code))


def minor(ledger_amount: int) -> int | float:
    """Return an amount of the ledger in the smallest unit, as a JSON number."""
    return _number(Decimal(ledger_amount).scaleb(-2))


def to_major(amount: float, currency_code: str) -> int | float:
    """Return an amount in the smallest unit in major units."""
    return major(_whole(Decimal(repr(amount)).scaleb(2)), currency_code)


def to_minor(amount: float, currency_code: str) -> int | float:
    """Return an amount in major units in the smallest unit."""
    return minor(exact(amount, currency_code))


def fee(
    ledger_amount: int, currency_code: str, percentage: str, fixed: str = "0", *, two_decimals: bool = False
) -> int:
    """Return a fee as the ledger counts it: a percentage and a fixed amount, rounded to the smallest unit.

    `two_decimals` rounds to two decimals of the major unit, whatever the currency.
    """
    charged = decimal(ledger_amount, currency_code) * Decimal(percentage) / 100 + Decimal(fixed)
    unit = CENT if two_decimals else Decimal(1).scaleb(-_decimals(currency_code))
    return _whole(charged.quantize(unit, ROUND_HALF_UP).scaleb(_decimals(currency_code) + 2))


def _decimals(currency_code: str) -> int:
    return 0 if currency_code in WITHOUT_DECIMALS else 2


def _whole(number: Decimal) -> int:
    return int(number.quantize(Decimal(1), ROUND_HALF_UP))


def _number(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)
