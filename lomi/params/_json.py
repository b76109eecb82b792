"""Plain JSON values: copied once, and checked for what JSON or the API cannot carry."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from .._i18n.language import Message
from ..errors import FieldError

__all__ = ["NUL", "SURROGATE", "json_value", "short_name", "text_problem", "type_name"]

# A JavaScript server rounds integers beyond this.
_LARGEST_INTEGER = 2**53 - 1
_DEEPEST = 64
_TOO_LARGE = Message("is beyond ±(2^53 − 1) and would be rounded"), Message("pass it as a string")
_NOT_FINITE = Message("is NaN or infinite, which JSON cannot represent"), Message("leave it out")
_TOO_DEEP = Message("is nested more than {} levels deep, or contains itself", _DEEPEST), Message("flatten it")
NUL = Message("contains U+0000, which the API cannot store"), Message("remove it")
SURROGATE = Message("contains a lone surrogate, which is not text"), Message('decode it again with errors="replace"')


def json_value(field: str, value: Any, problems: list[FieldError], depth: int = 0) -> Any:
    """Return a copy of a value made of JSON built-ins; append what cannot be sent to ``problems``."""
    if isinstance(value, str):
        if found := text_problem(value):
            problems.append(FieldError(field, *found))
        return str.__str__(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        if abs(value) > _LARGEST_INTEGER:
            problems.append(FieldError(field, *_TOO_LARGE))
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            problems.append(FieldError(field, *_NOT_FINITE))
        return float(value)
    if depth >= _DEEPEST:
        problems.append(FieldError(field, *_TOO_DEEP))
        return None
    if isinstance(value, Mapping):
        copy: dict[str, Any] = {}
        for key, item in value.items():  # pyright: ignore[reportUnknownVariableType]
            inner = f"{field}.{short_name(key)}"
            if not isinstance(key, str):
                problem = Message("has a key that is not a string but {}", type_name(key))
                problems.append(FieldError(inner, problem, Message("use str keys")))
            elif found := text_problem(key):
                problems.append(FieldError(inner, Message("has a key that {}", found[0]), found[1]))
            else:
                copy[str.__str__(key)] = json_value(inner, item, problems, depth + 1)
        return copy
    if isinstance(value, (list, tuple)):
        items: list[Any] = list(value)  # pyright: ignore[reportUnknownArgumentType]
        return [json_value(f"{field}[{n}]", item, problems, depth + 1) for n, item in enumerate(items)]
    problem = Message("is {}, which JSON cannot represent", type_name(value))
    problems.append(FieldError(field, problem, Message("convert it, for instance with str()")))
    return None


def text_problem(value: str) -> tuple[Message, Message] | None:
    """Return why a string cannot be sent or stored, and what to do; None when it can."""
    if "\0" in value:
        return NUL
    try:
        value.encode()
    except UnicodeEncodeError:
        return SURROGATE
    return None


def short_name(name: Any) -> str:
    """Return a key as a message may show it: printable, at most 40 characters."""
    shown = str(name) if isinstance(name, (str, int, float)) else type_name(name)
    shown = shown[:40]
    return shown if shown.isprintable() else "".join(c if c.isprintable() else "?" for c in shown)


def type_name(value: Any) -> str:
    """Return the name of a value's type, as messages show it in place of the value."""
    return "None" if value is None else type(value).__name__
