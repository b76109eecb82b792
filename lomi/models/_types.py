"""What the models of payments are declared with: open enums, secrets, amounts in whole currency units."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, GetPydanticSchema
from typing_extensions import override

from ..money import Money
from ._base import missing_in_response

__all__ = [
    "OPEN",
    "CurrencyCode",
    "EnvironmentName",
    "JsonValue",
    "PaymentMethodCode",
    "PlainDate",
    "ProviderCode",
    "Secret",
    "SecretText",
    "TransactionStatus",
    "money_in_units",
]

OPEN = GetPydanticSchema(lambda _source, handler: handler(str))
"""Reads an enum that the API may add values to: editors complete those that are known, every text is accepted."""

_CurrencyCode = Literal["XOF", "USD", "EUR"]
CurrencyCode = Annotated[_CurrencyCode | str, OPEN]
"""A currency, upper case."""
_EnvironmentName = Literal["test", "live"]
EnvironmentName = Annotated[_EnvironmentName | str, OPEN]
"""Whether an object is one of the test environment."""
_TransactionStatus = Literal["pending", "completed", "failed", "refunded", "expired"]
TransactionStatus = Annotated[_TransactionStatus | str, OPEN]
"""The status of a payment."""
_ProviderCode = Literal["WAVE", "JUMBO", "MTN", "STRIPE", "SPI", "CYBERSOURCE", "FREE"]
ProviderCode = Annotated[_ProviderCode | str, OPEN]
"""The provider that carries a payment; ``STRIPE`` stands for all cards."""
_PaymentMethodCode = Literal["CARDS", "MOBILE_MONEY", "BANK_TRANSFER", "BNPL", "FREE"]
PaymentMethodCode = Annotated[_PaymentMethodCode | str, OPEN]
"""How a payment is made."""

JsonValue = Annotated[Any, GetPydanticSchema(lambda _source, handler: handler(Any))]
"""Whatever JSON can carry, as the API sent it."""

PlainDate = date
"""A day of the calendar, without a time."""


class SecretText(str):
    """A text that lets whoever has it act: it is never shown by ``repr``, and so not in tracebacks."""

    __slots__ = ()

    @override
    def __repr__(self) -> str:
        return "'•••'"


Secret = Annotated[str, AfterValidator(SecretText)]
"""A text that is a secret. It works like any other, but ``repr`` shows dots in its place."""


def money_in_units(amount: int | Decimal | None, currency: str | None, field: str = "amount") -> Money:
    """Return an amount in whole currency units, such as 19.99 dollars, as `Money`.

    Raises:
        LomiValidationError: The amount or the currency is missing, the currency is unknown, or the amount has more
            decimals than the currency.
    """
    if amount is None or currency is None:
        raise missing_in_response(field if amount is None else "currency")
    return Money.from_decimal(amount, currency)
