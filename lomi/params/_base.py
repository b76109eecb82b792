"""Constrained types that parameters are declared with.

Each is a plain type to a type checker and a pydantic validator at run time. A constraint of ours carries what an error
says of it, the problem and the hint, in the context of its pydantic error; `lomi._core.validation` makes a `FieldError`
of it. Problems never contain the value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime as _PydanticAwareDatetime, GetPydanticSchema, Strict
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, PydanticKnownError, ValidationError
from pydantic_core.core_schema import (
    chain_schema,
    custom_error_schema,
    int_schema,
    no_info_plain_validator_function,
    str_schema,
)

from .._i18n.language import Message
from ..errors import FieldError
from ..money import Currency, exponent
from ._json import json_value, short_name

__all__ = [
    "AbsoluteURL",
    "Amount",
    "AwareDatetime",
    "CurrencyCode",
    "EmailAddress",
    "Flag",
    "HeaderValue",
    "Metadata",
    "NonBlank",
    "PageNumber",
    "PathSegment",
    "PaymentMetadata",
    "PlainDate",
    "QueryFlag",
    "SentAs",
    "Text",
    "UUIDString",
    "amount_problems",
    "constrained",
    "int_between",
]

_LARGEST_PAGE = 2**31 - 1
# What Python's str.strip() takes for a space beside \s of a regular expression.
_SPACE = r"\s\x1c-\x1f"


class SentAs:
    """Mark a parameter that is another spelling of one under its name on the wire.

    ``page_size: Annotated[PageNumber, SentAs("pageSize")]`` is sent as ``pageSize``.
    """

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


def constrained(schema: CoreSchema, error_type: str, problem: Message, hint: Message) -> CoreSchema:
    """Return a schema whose failure has a problem and a hint of its own."""
    context: dict[str, Any] = {"problem": problem, "hint": hint}
    # pydantic has types of errors of its own: ours must differ.
    name = f"lomi_{error_type}"
    return custom_error_schema(
        schema, custom_error_type=name, custom_error_message="{problem}", custom_error_context=context
    )


def _pattern(pattern: str, error_type: str, problem: str, hint: str) -> CoreSchema:
    return constrained(str_schema(pattern=pattern), error_type, Message(problem), Message(hint))


def _string(first: CoreSchema, *constraints: CoreSchema) -> GetPydanticSchema:
    """Return an annotation: a string that meets all constraints, the first that fails being reported."""
    schema = chain_schema([first, *constraints]) if constraints else first
    return GetPydanticSchema(lambda _source, _handler: schema)


# Where there is a constraint to check, pydantic refuses lone surrogates by itself, as `string_unicode`. The only
# pattern without an error type of its own is that of `_TEXT`.
_ANY_STRING = str_schema(strict=True, min_length=0)
_TEXT = str_schema(strict=True, pattern=r"^[^\x00]*$")

Text = Annotated[str, _string(_TEXT)]
"""A string that can be sent and stored."""

NonBlank = Annotated[
    str, _string(_TEXT, _pattern(rf"[^{_SPACE}]", "blank", "is blank", "pass at least one visible character"))
]
"""A string with at least one visible character."""

EmailAddress = Annotated[
    str,
    _string(
        _TEXT,
        _pattern(
            rf'^("[^"{_SPACE}]+"|[^{_SPACE}@"]+)@[^{_SPACE}@.]+(\.[^{_SPACE}@.]+)*$',
            "email",
            "cannot be an e-mail address",
            "such as amadou.ba@example.com",
        ),
        constrained(
            str_schema(max_length=254),
            "email_length",
            Message("is longer than an e-mail address can be"),
            Message("at most 254 characters"),
        ),
    ),
]
"""What can be an e-mail address. Only a message can tell whether it receives mail."""

Flag = Annotated[bool, Strict()]
"""True or False, and nothing that merely looks like them."""

# A hint that names the code that was probably meant is made from the input, in `lomi._core.validation`.
CurrencyCode = Annotated[
    Currency,
    _string(
        _ANY_STRING,
        _pattern("^[A-Z]{3}$", "currency_code", "is not three upper-case letters", 'such as "XOF", "EUR" or "USD"'),
    ),
]
"""A currency code: three upper-case letters. Which currencies exist, the API knows best."""

_HINT = "pass the id as the API gave it"
PathSegment = Annotated[
    str,
    _string(
        _ANY_STRING,
        # An empty id would turn "get one" into "list all".
        _pattern(rf"[^{_SPACE}]", "segment_empty", "is empty", _HINT),
        _pattern(
            r"(?s)^(?:[^.]|\.[^.]|\.\..)", "segment_dots", "is a dot segment, which would reach another path", _HINT
        ),
        _pattern(
            r"^[^\x00-\x1f\x7f-\x9f]*$",
            "segment_control",
            "contains a control character",
            "strip it, perhaps a newline at the end",
        ),
    ),
]
"""What can be one segment of a path, such as an id."""

HeaderValue = Annotated[
    str,
    _string(
        _ANY_STRING,
        _pattern(r"^ *[!-~][ -~]*$", "header", "is empty or holds other than printable ASCII", "such as a UUID"),
        _pattern(r"^[!-~](.*[!-~])?$", "header_space", "begins or ends with a space", "strip it"),
    ),
]
"""What can be the value of a header."""


def int_between(least: int, most: int) -> GetPydanticSchema:
    """Return an annotation: a whole number in a range; True is none."""
    hint = Message("from {} to {}", least, most)
    limited = constrained(int_schema(ge=least, le=most), "out_of_range", Message("is out of range"), hint)
    schema = chain_schema([int_schema(strict=True), limited])
    return GetPydanticSchema(lambda _source, _handler: schema)


PageNumber = Annotated[int, int_between(1, _LARGEST_PAGE)]
"""The number or size of a page: from 1 to 2147483647."""


def _json_object(value: Any) -> Any:
    return _checked_object(value, cards=True)


def _payment_object(value: Any) -> Any:
    return _checked_object(value, cards=False)


def _checked_object(value: Any, *, cards: bool) -> Any:
    if not isinstance(value, Mapping):
        raise PydanticKnownError("mapping_type", {"error": ""})
    problems: list[FieldError] = []
    copy = json_value("", value, problems)
    if not cards:
        _find_card_data("", copy, problems)
    if problems:
        details = [
            InitErrorDetails(type=_custom("json", each.problem, each.hint), loc=(each.field,), input=None)
            for each in problems
        ]
        raise ValidationError.from_exception_data("metadata", details)
    return copy


def _custom(error_type: str, problem: str, hint: str) -> PydanticCustomError:
    return PydanticCustomError(f"lomi_{error_type}", "{problem}", {"problem": problem, "hint": hint})  # pyright: ignore[reportArgumentType]


def _function(function: Any) -> GetPydanticSchema:
    schema = no_info_plain_validator_function(function)
    return GetPydanticSchema(lambda _source, _handler: schema)


Metadata = Annotated[Mapping[str, Any], _function(_json_object)]
"""Your own key-value pairs: what JSON can carry, integers up to ±(2^53 − 1)."""

PaymentMetadata = Annotated[Mapping[str, Any], _function(_payment_object)]
"""`Metadata` that must not hold card data: no key, at any depth, may name a card number or its code."""

# By their letters and digits alone.
_CARD_DATA = re.compile("(card|credit|debit|cc|bank)*(no|num|number|pan|cvc2?|cvv2?|cvn|csc|securitycode)")
_CARD_NAMES = frozenset({"pan", "cvc", "cvc2", "cvv", "cvv2", "cvn", "csc", "primaryaccountnumber"})


def _find_card_data(field: str, value: Any, problems: list[FieldError]) -> None:
    if isinstance(value, dict):
        items: dict[str, Any] = value  # pyright: ignore[reportUnknownVariableType]
        for key, item in items.items():
            inside = f"{field}.{short_name(key)}"
            name = re.sub("[^a-z0-9]", "", key.lower())
            if name in _CARD_NAMES or (_CARD_DATA.fullmatch(name) and ("card" in name or name.startswith("cc"))):
                hint = Message("leave it out: the payer enters card data on the checkout page")
                problems.append(FieldError(inside, Message("names card data, which must not be sent"), hint))
            else:
                _find_card_data(inside, item, problems)
    elif isinstance(value, list):
        each: Any
        for position, each in enumerate(value):  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
            _find_card_data(f"{field}[{position}]", each, problems)


_LARGEST_AMOUNT = 2**53 - 1


def _amount(value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise _custom("amount_type", Message("is not an int or a Decimal"), Message("a float or a string is not exact"))
    if not (isinstance(value, int) or value.is_finite()) or not 0 < value <= _LARGEST_AMOUNT:
        raise _custom("amount_range", Message("is not a positive amount"), Message("from {} to {}", 1, _LARGEST_AMOUNT))
    if value == int(value):
        return int(value)
    if Decimal(repr(float(value))) != value:
        hint = Message("round it to the currency's decimals")
        raise _custom("amount_digits", Message("has more digits than a number in JSON can carry"), hint)
    return float(value)


Amount = Annotated[int | Decimal, _function(_amount)]
"""A positive amount, exact. It is sent as a number: whole ones without a fraction."""


def amount_problems(
    fields: Mapping[str, Any], *, amount: str = "amount", currency: str = "currency_code"
) -> list[FieldError]:
    """Return what is wrong with a valid amount together with a valid currency: more decimals than the currency has."""
    value, code = fields.get(amount), fields.get(currency)
    if value is None or code is None or isinstance(value, int):
        return []
    digits = exponent(code)
    if -int(Decimal(repr(value)).as_tuple().exponent) <= digits:
        return []
    return [FieldError(amount, Message("has more than {} decimals", digits), Message("at most {} in {}", digits, code))]


_URL_PART = rf"(?:[^{_SPACE}\\{{}}<>\"]|\{{CHECKOUT_SESSION_ID\}})"
_URL_HINT = "such as https://example.com/paid?session={CHECKOUT_SESSION_ID}"
AbsoluteURL = Annotated[
    str,
    _string(
        _TEXT,
        _pattern(
            rf"^[A-Za-z][A-Za-z0-9+.-]*://[^{_SPACE}/?#\\{{}}<>\"]+(?:[/?#]{_URL_PART}*)?$",
            "url",
            "is not an absolute URL",
            _URL_HINT,
        ),
        _pattern(
            r"^(?:https://|http://(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])(?:[:/?#]|$))",
            "url_scheme",
            "is neither https nor on this machine",
            _URL_HINT,
        ),
    ),
]
"""An absolute URL: https, or http on loopback. ``{CHECKOUT_SESSION_ID}`` may stand in it."""

UUIDString = Annotated[
    str,
    _string(
        _ANY_STRING,
        _pattern("^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$", "uuid", "is not a UUID", _HINT),
    ),
]
"""An id where the server answers 500 to anything but a UUID."""


def _isoformat(value: datetime) -> Any:
    return value.isoformat()


AwareDatetime = Annotated[datetime, GetPydanticSchema(lambda _source, handler: handler(_Aware))]
"""An aware datetime, sent in ISO 8601."""
_Aware = Annotated[_PydanticAwareDatetime, Strict(), AfterValidator(_isoformat)]


def _plain_date(value: Any) -> str:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise _custom("plain_date", Message("is not a date"), Message("such as datetime.date(2026, 1, 31)"))
    return value.isoformat()


PlainDate = Annotated[date, _function(_plain_date)]
"""A date without a time, sent as ``2026-01-31``."""


def _query_flag(value: Any) -> str:
    if not isinstance(value, bool):
        raise PydanticKnownError("bool_type")
    return "true" if value else "false"


QueryFlag = Annotated[bool, _function(_query_flag)]
"""True or False in a query."""
