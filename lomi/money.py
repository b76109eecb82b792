"""Amounts of money, exact: whole minor units and an ISO 4217 currency, never a float."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from ._i18n.language import Message
from .errors import FieldError, LomiValidationError

__all__ = ["Currency", "Money", "exponent"]

_Usual = Literal[
    "XOF", "XAF", "CVE", "GHS", "GMD", "GNF", "LRD", "MRU", "NGN", "SLE", "CAD", "CHF", "EUR", "GBP", "USD"
]  # fmt: skip
Currency = _Usual | str
"""An ISO 4217 code. Editors complete those of the region; every other one works as well."""

# ISO 4217: the number of decimals of every currency in use.
_BY_EXPONENT = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: """AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF
        CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF
        IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN
        MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS
        SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW
        ZWG""",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_EXPONENTS = {code: digits for digits, codes in _BY_EXPONENT.items() for code in codes.split()}


def exponent(currency: str) -> int:
    """Return the number of decimals of a currency: XOF 0, USD 2, TND 3.

    Raises:
        LomiValidationError: It is not an ISO 4217 currency in use.
    """
    found = _EXPONENTS.get(currency)
    if found is None:
        upper = currency.upper()
        hint = Message("did you mean {}?", upper) if upper in _EXPONENTS else Message("such as XOF, EUR or USD")
        raise _invalid("currency", Message("is not an ISO 4217 currency code"), hint)
    return found


@dataclass(frozen=True, order=False, slots=True)
class Money:
    """An amount in the smallest unit of its currency, exact.

    ``Money(250000, "XOF")`` is 250 000 francs, ``Money(1050, "USD")`` is 10.50 dollars. Adding, subtracting and
    comparing work within one currency; multiplying works with whole numbers. A float is never accepted.

    Examples:
        >>> price = Money(1050, "USD")
        >>> str(price * 2), price.to_decimal()
        ('21.00 USD', Decimal('10.50'))

    Raises:
        LomiValidationError: The amount is not a whole number, or the currency is unknown.
    """

    amount: int
    """Whole minor units: francs for XOF, cents for USD."""
    currency: Currency
    """The ISO 4217 code, upper case."""

    def __post_init__(self) -> None:
        given: Any = self.amount
        if type(given) is not int:
            problem = Message("is not a whole number")
            if isinstance(given, Decimal):
                problem = Message("has a fraction of the smallest unit")
            raise _invalid("amount", problem, Message("pass minor units as an int, or use Money.from_decimal()"))
        exponent(_text(self.currency))

    @classmethod
    def from_decimal(cls, amount: Decimal | str | int, currency: Currency) -> Money:
        """Return the amount that a person writes as ``10.50`` USD. Never rounds.

        Raises:
            LomiValidationError: The amount has more decimals than the currency, is not a number, or is a float.
        """
        given: Any = amount
        text = str(given) if isinstance(given, (Decimal, str, int)) and not isinstance(given, bool) else ""
        if isinstance(given, Decimal) and abs(given.adjusted()) <= 30:
            text = f"{given:f}"  # str() may write 1E+3
        if not re.fullmatch(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?", text.strip()):
            hint = Message('such as Decimal("10.50"), "10.50" or 10; not a float')
            raise _invalid("amount", Message("is not a decimal number"), hint)
        whole, _, fraction = text.strip().partition(".")
        digits = exponent(_text(currency))
        fraction = fraction.rstrip("0")
        if len(fraction) > digits:
            problem = Message("has more than {} decimals", digits)
            raise _invalid("amount", problem, Message("at most {} in {}", digits, currency))
        return cls(int(whole + fraction.ljust(digits, "0")), currency)

    def to_decimal(self) -> Decimal:
        """Return the amount in whole currency units, exact: ``Decimal("10.50")`` for 1050 USD cents."""
        sign, digits = (1, str(-self.amount)) if self.amount < 0 else (0, str(self.amount))
        return Decimal((sign, tuple(map(int, digits)), -exponent(self.currency)))

    def __str__(self) -> str:
        """Return the amount as people write it: ``250 000 XOF``, ``-10.50 USD``."""
        digits = exponent(self.currency)
        whole, fraction = divmod(abs(self.amount), 10**digits)
        text = f"{whole:,}".replace(",", " ") + (f".{fraction:0{digits}d}" if digits else "")
        return f"{'-' if self.amount < 0 else ''}{text} {self.currency}"

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._same(other), self.currency) if _is_money(other) else NotImplemented

    def __radd__(self, other: int) -> Money:
        # sum() starts from 0.
        return self if type(other) is int and other == 0 else NotImplemented

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._same(other), self.currency) if _is_money(other) else NotImplemented

    def __mul__(self, factor: int) -> Money:
        return Money(self.amount * factor, self.currency) if type(factor) is int else NotImplemented

    __rmul__ = __mul__

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __abs__(self) -> Money:
        return Money(abs(self.amount), self.currency)

    def __bool__(self) -> bool:
        return self.amount != 0

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other) if _is_money(other) else NotImplemented

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._same(other) if _is_money(other) else NotImplemented

    def __gt__(self, other: Money) -> bool:
        return self.amount > self._same(other) if _is_money(other) else NotImplemented

    def __ge__(self, other: Money) -> bool:
        return self.amount >= self._same(other) if _is_money(other) else NotImplemented

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            problem = Message("is {}, not {}", other.currency, self.currency)
            raise _invalid("currency", problem, Message("convert one of them first"))
        return other.amount


def _is_money(value: object) -> bool:
    return isinstance(value, Money)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _invalid(field: str, problem: Message, hint: Message) -> LomiValidationError:
    return LomiValidationError(errors=[FieldError(field, problem, hint)])
