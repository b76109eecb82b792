"""Checks of what is ordered of a sandbox: nothing has happened yet when one of them refuses."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Final

from ._http import JsonValue

# As far as JavaScript, and with it the server that is imitated, counts without rounding.
LARGEST: Final = 2**53 - 1


def demand(right: bool, rule: str, value: object) -> None:
    """Raise ValueError where a value is not right; the rule begins with its name."""
    if not right:
        raise ValueError(f"{rule}, not {value!r}")


def is_whole(value: object, least: float = -math.inf, most: float = math.inf) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def is_number(value: object, least: float, most: float = LARGEST) -> bool:
    """Whether it is an int or a float within the bounds, which "not a number" never is."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and least <= value <= most


def is_text(value: object) -> bool:
    """Whether it is text that can be sent: a lone surrogate cannot."""
    return isinstance(value, str) and re.search(r"[\ud800-\udfff]", value) is None


def as_json(name: str, value: Mapping[str, JsonValue]) -> str:
    """Return an object as JSON; ValueError where it is none."""
    try:
        text = json.dumps(dict(value), ensure_ascii=False, allow_nan=False)
        text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"{name} is an object of JSON values: {error}") from None
    return text
