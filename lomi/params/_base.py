"""Constrained types that parameters are declared with.

Each is a plain type to a type checker and a pydantic validator at run time. A constraint of ours carries what an error
says of it, the problem and the hint, in the context of its pydantic error; `lomi._core.validation` makes a `FieldError`
of it. Problems never contain the value.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from pydantic import ConfigDict, GetPydanticSchema, Strict
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
from ..money import Currency
from ._json import json_value

__all__ = [
    "STRICT",
    "CurrencyCode",
    "EmailAddress",
    "Flag",
    "HeaderValue",
    "Metadata",
    "NonBlank",
    "PageNumber",
    "PathSegment",
    "QueryFlag",
    "SentAs",
    "Text",
    "UUIDString",
    "converted_by",
    "int_between",
    "invalid",
    "is_loopback",
    "matching",
    "raise_if_any",
]

STRICT = ConfigDict(extra="forbid", strict=True, defer_build=True)
"""How every `TypedDict` of parameters is validated: no other names, no conversions."""

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


def _constrained(schema: CoreSchema, error_type: str, problem: Message, hint: Message) -> CoreSchema:
    """Return a schema whose failure has a problem and a hint of its own."""
    context: dict[str, Any] = {"problem": problem, "hint": hint}
    # pydantic has types of errors of its own: ours must differ.
    name = f"lomi_{error_type}"
    return custom_error_schema(
        schema, custom_error_type=name, custom_error_message="{problem}", custom_error_context=context
    )


def _pattern(pattern: str, error_type: str, problem: str, hint: str) -> CoreSchema:
    return _constrained(str_schema(pattern=pattern), error_type, Message(problem), Message(hint))


def _string(first: CoreSchema, *constraints: CoreSchema) -> GetPydanticSchema:
    """Return an annotation: a string that meets all constraints, the first that fails being reported."""
    schema = chain_schema([first, *constraints]) if constraints else first
    return GetPydanticSchema(lambda _source, _handler: schema)


def matching(pattern: str, error_type: str, problem: str, hint: str) -> GetPydanticSchema:
    """Return an annotation: a string that matches a regular expression."""
    return _string(_ANY_STRING, _pattern(pattern, error_type, problem, hint))


def converted_by(function: Callable[[Any], Any]) -> GetPydanticSchema:
    """Return an annotation: what a function makes of the value; it raises `invalid` or an error of pydantic's."""
    schema = no_info_plain_validator_function(function)
    return GetPydanticSchema(lambda _source, _handler: schema)


def invalid(problem: str, hint: str) -> PydanticCustomError:
    """Return the error to raise for a value."""
    return PydanticCustomError("lomi_invalid", "{problem}", {"problem": problem, "hint": hint})


def is_loopback(host: str, *, subdomains: bool = False) -> bool:
    """Tell whether a host is this machine: ``localhost``, with its ``subdomains`` if asked for, 127.0.0.0/8 or ::1."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or (subdomains and host.endswith(".localhost"))


def raise_if_any(problems: list[FieldError]) -> None:
    """Raise pydantic's error for several fields, if there is a problem."""
    if problems:
        details = [
            InitErrorDetails(type=invalid(each.problem, each.hint), loc=(each.field,), input=None) for each in problems
        ]
        raise ValidationError.from_exception_data("params", details)


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
        _constrained(
            str_schema(max_length=254),
            "email_length",
            Message("is longer than an e-mail address can be"),
            Message("at most {} characters", 254),
        ),
    ),
]
"""What can be an e-mail address. Only a message can tell whether it receives mail."""

Flag = Annotated[bool, Strict()]
"""True or False, and nothing that merely looks like them."""

# A hint that names the code that was probably meant is made from the input, in `lomi._core.validation`.
CurrencyCode = Annotated[
    Currency,
    matching("^[A-Z]{3}$", "currency_code", "is not three upper-case letters", 'such as "XOF", "EUR" or "USD"'),
]
"""A currency code: three upper-case letters. Which currencies exist, the API knows best."""

_HINT = "pass the id as the API returned it"
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
        _pattern(r"^ *[!-~][ -~]*$", "header", "is empty or contains other than printable ASCII", "such as a UUID"),
        _pattern(r"^[!-~](.*[!-~])?$", "header_space", "begins or ends with a space", "strip it"),
    ),
]
"""What can be the value of a header."""


def int_between(least: int, most: int) -> GetPydanticSchema:
    """Return an annotation: a whole number in a range; True is none."""
    hint = Message("from {} to {}", least, most)
    limited = _constrained(int_schema(ge=least, le=most), "out_of_range", Message("is out of range"), hint)
    schema = chain_schema([int_schema(strict=True), limited])
    return GetPydanticSchema(lambda _source, _handler: schema)


PageNumber = Annotated[int, int_between(1, _LARGEST_PAGE)]
"""The number or size of a page: from 1 to 2147483647."""


def _json_object(value: Any) -> Any:
    if not isinstance(value, Mapping):
        raise PydanticKnownError("mapping_type", {"error": ""})
    problems: list[FieldError] = []
    copy = json_value("", value, problems)
    raise_if_any(problems)
    return copy


Metadata = Annotated[Mapping[str, Any], converted_by(_json_object)]
"""Your own key-value pairs: what JSON can carry, integers up to ±(2^53 − 1)."""

UUIDString = Annotated[
    str, matching("^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$", "uuid", "is not a UUID", _HINT)
]
"""An id where the server answers 500 to anything but a UUID."""


def _query_flag(value: Any) -> str:
    if not isinstance(value, bool):
        raise PydanticKnownError("bool_type")
    return "true" if value else "false"


QueryFlag = Annotated[bool, converted_by(_query_flag)]
"""True or False in a query."""
