"""Checks of arguments: a value that is refused has changed nothing."""

from __future__ import annotations

import ipaddress
import json
import math
import re
from collections.abc import Collection, Mapping
from typing import Final

from .amounts import WITHOUT_DECIMALS
from .http import JsonValue

# The largest integer that JavaScript, and so the imitated server, holds without rounding.
LARGEST: Final = 2**53 - 1
CURRENCY: Final = re.compile(r"[A-Z]{3}")


def require(right: bool, rule: str, value: object) -> None:
    """Raise ValueError unless the value is right; the rule begins with its name."""
    if not right:
        raise ValueError(f"{rule}, not {value!r}")


def is_whole(value: object, least: float = -math.inf, most: float = math.inf) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def is_number(value: object, least: float, most: float = LARGEST) -> bool:
    """Whether it is an int or a float within the bounds, which NaN never is."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and least <= value <= most


def is_text(value: object) -> bool:
    """Whether it is text that can be encoded: a lone surrogate cannot."""
    return isinstance(value, str) and re.search(r"[\ud800-\udfff]", value) is None


def require_count(name: str, value: object, least: int = 0) -> None:
    require(is_whole(value, least), f"{name} is a whole number, {least} or more", value)


def require_bool(name: str, value: object) -> None:
    require(isinstance(value, bool), f"{name} is True or False", value)


def require_text(name: str, value: object, *, optional: bool = False) -> None:
    require((optional and value is None) or is_text(value), f"{name} is a text{', or None' * optional}", value)


def require_one_of(name: str, value: object, choices: Collection[str]) -> None:
    require(value in choices, f"{name} is one of {', '.join(choices)}", value)


def require_currency(code: object) -> None:
    require(
        isinstance(code, str) and CURRENCY.fullmatch(code) is not None,
        "a currency code is three upper-case letters",
        code,
    )


def require_amount(amount: object, currency_code: str) -> None:
    """Check an amount to pay: positive, and whole where the currency has no decimals."""
    right = is_number(amount, 0) and amount != 0
    require(right, f"amount is above 0 and at most {LARGEST:,}, an int or a float", amount)
    if currency_code in WITHOUT_DECIMALS and isinstance(amount, float):
        require(amount.is_integer(), f"amount is whole in {currency_code}, which has no decimals", amount)


def require_json(name: str, value: Mapping[str, JsonValue] | None) -> None:
    """Check an object; None stands for an empty one."""
    try:
        json.dumps(dict(value or {}), ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"{name} is an object of JSON values: {error}") from None


def is_private_host(host: str) -> bool:
    """Whether a host is this machine or its own network: never a name or an address of the internet."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return re.fullmatch(r"[^.]+|.+\.(localhost|test|internal|local)", host) is not None
