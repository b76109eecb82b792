"""What the models of payments are declared with: open enums, secrets, amounts in whole currency units."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, get_type_hints

from pydantic import AfterValidator, GetCoreSchemaHandler, GetPydanticSchema, ValidatorFunctionWrapHandler
from pydantic_core import CoreSchema, InitErrorDetails, ValidationError
from pydantic_core.core_schema import (
    json_or_python_schema,
    no_info_after_validator_function,
    no_info_wrap_validator_function,
)
from typing_extensions import override

from .._i18n.language import Message
from ..errors import FieldError, LomiValidationError
from ..money import Money
from .pagination import Listing

__all__ = [
    "OPEN",
    "ArrayListing",
    "CurrencyCode",
    "DataListing",
    "EnvironmentName",
    "JsonValue",
    "PaymentMethodCode",
    "PlainDate",
    "ProviderCode",
    "Secret",
    "SecretText",
    "TransactionStatus",
    "missing_in_response",
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


def missing_in_response(field: str) -> LomiValidationError:
    """Return the error for a field that a response lacks."""
    hint = Message("look at the fields of the object itself")
    return LomiValidationError(errors=[FieldError(field, Message("is missing in the response"), hint)])


class DataListing(Listing):
    """One page of a listing that the API sends as ``{"data": [...]}``, without a total that could be relied on."""

    data: list[Any]
    """The objects on this page."""

    @property
    @override
    def items(self) -> list[Any]:
        """The objects on this page."""
        return self.data


class ArrayListing(DataListing):
    """One page of a listing that the API sends as a bare array; ``page["data"]`` reads it."""

    @override
    def __getitem__(self, key: str | int) -> Any:
        """Return a field by its name, or what is at a place of the array."""
        return self.data[key] if isinstance(key, int) else super().__getitem__(key)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        def construct(items: Any) -> Any:
            return cls.model_construct(data=items)

        model, items = handler(source), handler.generate_schema(get_type_hints(cls, include_extras=True)["data"])
        # Straight from the JSON: passing each row through Python takes 40 % longer.
        return json_or_python_schema(
            json_schema=no_info_after_validator_function(construct, items),
            python_schema=no_info_wrap_validator_function(_array, model),
        )


def _array(body: Any, validate: ValidatorFunctionWrapHandler) -> Any:
    if not isinstance(body, list):
        return validate(body)
    try:
        return validate({"data": body})
    except ValidationError as invalid:
        # The places of errors are those in the body.
        details = [
            InitErrorDetails(type=each["type"], loc=each["loc"][1:], input=each["input"], ctx=each.get("ctx", {}))
            for each in invalid.errors(include_url=False)
        ]
        raise ValidationError.from_exception_data(invalid.title, details) from None
