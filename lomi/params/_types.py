"""Constrained types that parameters of payments are declared with, beside those of `lomi.params._base`."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import GetPydanticSchema, ValidationInfo
from pydantic_core import PydanticKnownError, SchemaValidator, ValidationError
from pydantic_core.core_schema import datetime_schema, str_schema, with_info_after_validator_function

from .._i18n.language import Message
from ._base import QueryFlag, UUIDString, converted_by, int_between, invalid, is_loopback, matching
from ._json import type_name

__all__ = [
    "AbsoluteURL",
    "Amount",
    "AwareDatetime",
    "Currency3",
    "CustomerId",
    "Destination",
    "DiscountType",
    "IdempotencyKey",
    "LinkType",
    "MomentObject",
    "MtnCountryCode",
    "NotNegative",
    "Offset",
    "PhoneNumber",
    "PlainDate",
    "Quantity",
    "QueryFlag",
    "Rail",
    "RefundType",
    "SubscriptionAction",
    "UUIDString",
    "comma_separated",
    "read_datetime",
]

Currency3 = Literal["XOF", "USD", "EUR"]
"""A currency that payments can be made in."""
Destination = Literal["self", "beneficiary"]
"""Where a payout goes: to a payout method of your own, or to someone else."""
Rail = Literal["wave", "spi", "bank", "mtn"]
"""What carries a payout. The API refuses ``"mtn"`` at present."""
RefundType = Literal["full", "partial"]
"""How much is refunded."""
SubscriptionAction = Literal["default", "cancel", "pause", "none"]
"""What a refund does to the subscription that was paid for."""
LinkType = Literal["instant", "product"]
"""What a payment link charges: a fixed amount, or the price of a product."""
DiscountType = Literal["percentage", "fixed"]
"""How a coupon reduces a price."""
MtnCountryCode = Literal["CI", "CM", "GH", "UG", "ZM", "BJ", "CG", "SZ", "GN", "ZA", "LR", "NG"]
"""A country that MTN charges reach."""

_LARGEST_AMOUNT = 2**53 - 1


def _amount(value: Any) -> int | float:
    return _number(value, positive=True)


def _not_negative(value: Any) -> int | float:
    return _number(value, positive=False)


def _number(value: Any, *, positive: bool) -> int | float:
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        problem = Message("is not a number but {}", type_name(value))
        raise invalid(problem, Message("pass an int or a Decimal"))
    exact = value if isinstance(value, (int, Decimal)) else Decimal(value)
    if isinstance(exact, Decimal) and not exact.is_finite():
        raise invalid(Message("is NaN or infinite"), Message("pass an int or a Decimal"))
    if positive and exact <= 0:
        raise invalid(Message("is not positive"), Message("pass more than 0"))
    if exact < 0:
        raise invalid(Message("is negative"), Message("pass 0 or more"))
    if exact > _LARGEST_AMOUNT:
        raise invalid(Message("is beyond 2^53 − 1"), Message("check the unit of the amount"))
    if exact == int(exact):
        return int(exact)
    number = float(exact)
    if isinstance(value, Decimal) and Decimal(repr(number)) != value:
        raise invalid(Message("has more digits than JSON can carry"), Message("round it"))
    return number


Amount = Annotated[int | float | Decimal, converted_by(_amount)]
"""A positive amount in whole currency units, such as ``Decimal("19.99")`` for dollars and 5000 for francs.

It is sent as a JSON number: as an integer when it is whole, never as text.
"""

NotNegative = Annotated[int | float | Decimal, converted_by(_not_negative)]
"""A number from 0, sent like an `Amount`."""

Quantity = Annotated[int, int_between(1, 2**31 - 1)]
"""How many: from 1."""

Offset = Annotated[int, int_between(0, 2**31 - 1)]
"""How many items to skip: from 0."""

_UUID = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
CustomerId = Annotated[
    str, matching(rf"^({_UUID}|cus_[A-Za-z0-9_-]+)$", "customer_id", "is not the id of a customer", "a UUID or cus_…")
]
"""The id of a customer: a UUID, or ``cus_`` and more."""

PhoneNumber = Annotated[
    str,
    matching(
        r"^\+[1-9][0-9]{5,14}$", "phone", "is not an international phone number", "such as +2250700000003, no spaces"
    ),
]
"""A phone number in the international form: a plus, the country, the number."""

IdempotencyKey = Annotated[
    str,
    matching(
        "^[!-~]([ -~]{0,253}[!-~])?$",
        "idempotency_key",
        "is empty, longer than 255 characters, or holds other than printable ASCII without spaces around it",
        "such as a UUID",
    ),
]
"""What makes a create safe to repeat: 1 to 255 characters. The API would cut a longer one."""

_URL_CHARACTERS = re.compile(r"[^\s\x00-\x20\x7f]+")


def _absolute_url(value: str, info: ValidationInfo) -> str:
    problem, hint = Message("is not an absolute https URL"), Message("such as https://shop.example/thanks")
    try:
        parts = urlsplit(value)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        raise invalid(problem, hint) from None
    # Browsers, which open these addresses, take *.localhost for their own machine.
    local = parts.scheme == "http" and is_loopback(host, subdomains=True)
    if not _URL_CHARACTERS.fullmatch(value) or not host or not (parts.scheme == "https" or local):
        raise invalid(problem, hint)
    if local and info.context:
        raise invalid(Message("is on this machine, which a live key cannot use"), hint)
    return value


_URL = with_info_after_validator_function(_absolute_url, str_schema(strict=True, min_length=0))
AbsoluteURL = Annotated[str, GetPydanticSchema(lambda _source, _handler: _URL)]
"""An absolute URL: https, or with a test key http on this machine. ``{CHECKOUT_SESSION_ID}`` may stand in it."""

_DATETIME = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(?P<zone>Z|[+-]\d\d:?\d\d)?", re.ASCII | re.IGNORECASE
)
_DATETIME_HINT = Message("such as datetime.now(timezone.utc) or 2026-02-01T00:00:00Z")
read_datetime = SchemaValidator(datetime_schema())
"""Reads the text of an `AwareDatetime`."""


def _aware_datetime(value: Any) -> str:
    zone: Any
    if isinstance(value, datetime):
        zone = value.utcoffset()
        if zone and zone % timedelta(minutes=1):  # a historic zone, which ISO 8601 cannot write
            value = value.astimezone(timezone.utc)
        text = str(value.isoformat())
    elif isinstance(value, str) and (found := _DATETIME.fullmatch(value)):
        text, zone = str.__str__(value), found["zone"]
        try:
            read_datetime.validate_python(value)
        except ValidationError:
            raise invalid(Message("does not exist in the calendar"), _DATETIME_HINT) from None
    elif isinstance(value, str):
        raise invalid(Message("is not a date and time in ISO 8601"), _DATETIME_HINT)
    else:
        problem = Message("is not a datetime but {}", type_name(value))
        raise invalid(problem, _DATETIME_HINT)
    if zone is None:
        raise invalid(Message("has no time zone"), _DATETIME_HINT)
    return text


AwareDatetime = Annotated[datetime | str, converted_by(_aware_datetime)]
"""A moment: a datetime with its zone, or the same as text in ISO 8601."""


def _moment_object(value: Any) -> datetime:
    if not isinstance(value, datetime):
        raise invalid(Message("is not a datetime but {}", type_name(value)), _DATETIME_HINT)
    _aware_datetime(value)
    return value


MomentObject = Annotated[datetime, converted_by(_moment_object)]
"""An aware datetime that can be calculated with."""

_DATE_HINT = Message("such as date(2026, 2, 1) or 2026-02-01")


def _plain_date(value: Any) -> str:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str):
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
            raise invalid(Message("is not a date in ISO 8601"), _DATE_HINT)
        try:
            return date.fromisoformat(value).isoformat()
        except ValueError:
            raise invalid(Message("does not exist in the calendar"), _DATE_HINT) from None
    raise invalid(Message("is not a date but {}", type_name(value)), _DATE_HINT)


PlainDate = Annotated[date | str, converted_by(_plain_date)]
"""A day of the calendar: a date, or the same as text, YYYY-MM-DD."""


def comma_separated(*choices: str) -> GetPydanticSchema:
    """Return an annotation: one of some values, or several, sent with commas and no spaces between them."""
    expected = ", ".join(f"'{choice}'" for choice in choices)

    def join(value: Any) -> str:
        items: Any = value.split(",") if isinstance(value, str) else value
        if not isinstance(items, (list, tuple, set, frozenset)):
            raise PydanticKnownError("list_type")
        given: list[Any] = list(items)  # pyright: ignore[reportUnknownArgumentType]
        if not given or any(item not in choices for item in given):
            raise PydanticKnownError("literal_error", {"expected": expected})
        if isinstance(items, (set, frozenset)):
            given.sort(key=choices.index)
        return ",".join(dict.fromkeys(given))

    return converted_by(join)
