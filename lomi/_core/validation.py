"""Checks what the caller passes, before any I/O. Problems name the field and the fix, and never the value."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import Any, Final

from .._i18n.language import Message
from ..errors import FieldError, LomiValidationError

__all__ = ["OMITTED", "Check", "Fields", "Omitted", "check", "refuse"]

Check = Callable[[str, Any], Iterator[FieldError]]
"""Yields what is wrong with one field's value; nothing when it is fine."""

Fields = Mapping[str, Check]
"""The fields that an operation takes, each with its check."""


class Omitted(Enum):
    """The type of `OMITTED`: an argument that was not passed, where None means "clear it"."""

    OMITTED = "OMITTED"

    def __repr__(self) -> str:
        return "OMITTED"


OMITTED: Final = Omitted.OMITTED


def check(
    operation: str,
    fields: Fields,
    mapping: Mapping[str, Any] | None,
    arguments: Mapping[str, Any],
    *,
    required: tuple[str, ...] = (),
    for_update: bool = False,
) -> dict[str, Any]:
    """Return what was passed, as a mapping and as keywords, checked and ready for JSON.

    Args:
        operation: The method's name, for messages: ``customers.create``.
        fields: What the operation takes.
        mapping: What was passed as a mapping.
        arguments: The method's ``locals()``; those that are fields count, unless they are `OMITTED`.
        required: The fields that must be there.
        for_update: Whether None is a value, which clears, and at least one field must be there; otherwise None
            stands for "not passed".

    Raises:
        TypeError: A name is in both.
        LomiValidationError: Naming every bad field.
    """
    clean: dict[str, Any] = {}
    error = _take(clean, operation, fields, mapping, arguments, required, for_update)
    if error is not None:
        # A traceback shows what its frames hold, and this one holds what somebody has typed in.
        del clean, mapping, arguments
        raise error
    return clean


def _take(
    clean: dict[str, Any],
    operation: str,
    fields: Fields,
    mapping: Mapping[str, Any] | None,
    arguments: Mapping[str, Any],
    required: tuple[str, ...],
    for_update: bool,
) -> Exception | None:
    """Put into ``clean`` what was passed; return the error to raise instead, if there is one."""
    given = {name: arguments[name] for name in fields if arguments.get(name, OMITTED) is not OMITTED}
    if not for_update:
        given = {name: value for name, value in given.items() if value is not None}
    if mapping is not None:
        if not isinstance(mapping, Mapping):
            problem = Message("is not a mapping but {}", _type(mapping))
            hint = Message('pass {"name": value, …} or keywords')
            return refusal(operation, [FieldError("params", problem, hint)])
        if twice := [name for name in given if name in mapping]:
            return TypeError(f"{operation}() got {twice[0]!r} both in the mapping and as a keyword")
        given = {**mapping, **given}
    problems = [
        FieldError(name, Message("is required"), Message("pass {}", name))
        for name in required
        if given.get(name) is None
    ]
    for name, value in given.items():
        if name not in fields:
            problems.append(_unknown(name, fields))
        elif value is None and not for_update:
            continue
        elif found := list(fields[name](name, value)):
            problems += found
        else:
            clean[name] = json_value(name, value, problems)
    if for_update and not given:
        hint = Message("pass at least one of {}", ", ".join(fields))
        problems.append(FieldError("params", Message("contains nothing to change"), hint))
    return refusal(operation, problems) if problems else None


def refuse(operation: str, problems: list[FieldError]) -> None:
    """Raise for the problems, if there are any.

    Raises:
        LomiValidationError: There are.
    """
    if problems:
        raise refusal(operation, problems)


def refusal(operation: str, problems: list[FieldError]) -> LomiValidationError:
    """Return the error for some problems."""
    return LomiValidationError(operation=operation, errors=problems)


def text(field: str, value: Any) -> Iterator[FieldError]:
    """Accept a string that can be sent and stored."""
    if not isinstance(value, str):
        yield FieldError(field, _not_a_string(value), Message("pass a string"))
    elif problem := _text_problem(value):
        yield FieldError(field, *problem)


def filled(field: str, value: Any) -> Iterator[FieldError]:
    """Accept a string that is not blank; None neither, since the API ignores both silently."""
    if value is None:
        yield FieldError(field, Message("is None, but cannot be cleared"), Message("leave it out to keep it"))
    elif isinstance(value, str) and not value.strip():
        yield FieldError(field, Message("is blank"), Message("pass at least one visible character"))
    else:
        yield from text(field, value)


def email(field: str, value: Any) -> Iterator[FieldError]:
    """Accept what can be an e-mail address. Whether it receives mail, only mail can tell."""
    problems = list(text(field, value))
    yield from problems
    if not problems and not re.fullmatch(r"(\"[^\"\s]+\"|[^\s@\"]+)@[^\s@.]+(\.[^\s@.]+)*", value):
        yield FieldError(field, Message("cannot be an e-mail address"), Message("such as {}", "amadou.ba@example.com"))
    elif not problems and len(value) > 254:
        yield FieldError(
            field, Message("is longer than an e-mail address can be"), Message("at most {} characters", 254)
        )


def flag(field: str, value: Any) -> Iterator[FieldError]:
    """Accept True and False, and nothing that merely looks like them."""
    if not isinstance(value, bool):
        yield FieldError(field, Message("is not a boolean but {}", _type(value)), Message("pass True or False"))


def metadata(field: str, value: Any) -> Iterator[FieldError]:
    """Accept a mapping; what it holds is checked where it is made ready for JSON."""
    if not isinstance(value, Mapping):
        yield FieldError(
            field,
            Message("is not a mapping but {}", _type(value)),
            Message("such as {}", '{"internal_id": "USER_123"}'),
        )


def clearable(accept: Check) -> Check:
    """Accept None, which clears the field, beside what another check accepts."""

    def accept_or_none(field: str, value: Any) -> Iterator[FieldError]:
        if value is not None:
            yield from accept(field, value)

    return accept_or_none


def one_of(*choices: str) -> Check:
    """Accept one of some words."""

    def accept_choice(field: str, value: Any) -> Iterator[FieldError]:
        if not isinstance(value, str) or value not in choices:
            nearest = difflib.get_close_matches(value.lower(), choices, 1) if isinstance(value, str) else []
            hint = Message("one of {}", ", ".join(choices))
            if nearest:
                hint = Message('did you mean "{}"? one of {}', nearest[0], ", ".join(choices))
            yield FieldError(field, Message("is not one of the values it can have"), hint)

    return accept_choice


def whole(least: int, most: int) -> Check:
    """Accept a whole number in a range; True is none."""

    def accept_whole(field: str, value: Any) -> Iterator[FieldError]:
        if not isinstance(value, int) or isinstance(value, bool):
            problem = Message("is not a whole number but {}", _type(value))
            yield FieldError(field, problem, Message("pass an int from {}", least))
        elif not least <= value <= most:
            yield FieldError(field, Message("is out of range"), Message("from {} to {}", least, most))

    return accept_whole


def currency(field: str, value: Any) -> Iterator[FieldError]:
    """Accept a currency code: three upper-case letters."""
    if not isinstance(value, str):
        yield FieldError(field, _not_a_string(value), Message("such as {}", '"XOF"'))
    elif not re.fullmatch("[A-Z]{3}", value):
        upper = value.strip().upper()
        hint = Message('such as "XOF", "EUR" or "USD"')
        if re.fullmatch("[A-Z]{3}", upper):
            hint = Message('did you mean "{}"?', upper)
        yield FieldError(field, Message("is not three upper-case letters"), hint)


_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")


def segment(field: str, value: Any) -> Iterator[FieldError]:
    """Accept what can stand as one segment of a path."""
    if not isinstance(value, str):
        yield FieldError(field, _not_a_string(value), Message("pass the id as the API returned it"))
    elif not value.strip():
        # An empty id would turn "get one" into "list all".
        yield FieldError(field, Message("is empty"), Message("pass the id as the API returned it"))
    elif value in (".", ".."):
        dots = Message("is a dot segment, which would reach another path")
        yield FieldError(field, dots, Message("pass the id as the API returned it"))
    elif _CONTROL.search(value):
        hint = Message("strip it, perhaps a newline at the end")
        yield FieldError(field, Message("contains a control character"), hint)
    elif problem := _text_problem(value):
        yield FieldError(field, *problem)


def header(field: str, value: Any) -> Iterator[FieldError]:
    """Accept what can stand as the value of a header."""
    if not isinstance(value, str):
        yield FieldError(field, _not_a_string(value), Message("pass a string"))
    elif not value.strip() or not value.isascii() or not value.isprintable():
        yield FieldError(field, Message("is empty or contains other than printable ASCII"), Message("such as a UUID"))
    elif value != value.strip():
        yield FieldError(field, Message("begins or ends with a space"), Message("strip it"))


# A JavaScript server rounds integers beyond this.
_LARGEST_INTEGER = 2**53 - 1
_DEEPEST = 64


def json_value(field: str, value: Any, problems: list[FieldError], depth: int = 0) -> Any:
    """Return a value as plain JSON built-ins, a copy; append what JSON or the API cannot carry to ``problems``."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        if problem := _text_problem(value):
            problems.append(FieldError(field, *problem))
        return str.__str__(value)
    if isinstance(value, int):
        if abs(value) > _LARGEST_INTEGER:
            hint = Message("pass it as a string")
            problems.append(FieldError(field, Message("is beyond ±(2^53 − 1) and would be rounded"), hint))
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            hint = Message("leave it out")
            problems.append(FieldError(field, Message("is NaN or infinite, which JSON cannot represent"), hint))
        return float(value)
    if depth >= _DEEPEST:
        deep = Message("is nested more than {} levels deep, or contains itself", _DEEPEST)
        problems.append(FieldError(field, deep, Message("flatten it")))
        return None
    if isinstance(value, Mapping):
        copy: dict[str, Any] = {}
        for key, item in value.items():  # pyright: ignore[reportUnknownVariableType]
            inner = f"{field}.{_short(key)}"
            if not isinstance(key, str):
                wrong = Message("has a key that {}", _not_a_string(key))
                problems.append(FieldError(inner, wrong, Message("use str keys")))
            elif found := _text_problem(key):
                problems.append(FieldError(inner, Message("has a key that {}", found[0]), found[1]))
            else:
                copy[str.__str__(key)] = json_value(inner, item, problems, depth + 1)
        return copy
    if isinstance(value, (list, tuple)):
        items: list[Any] = list(value)  # pyright: ignore[reportUnknownArgumentType]
        return [json_value(f"{field}[{n}]", item, problems, depth + 1) for n, item in enumerate(items)]
    hint = Message("convert it, for instance with str()")
    problems.append(FieldError(field, Message("is {}, which JSON cannot represent", _type(value)), hint))
    return None


def _not_a_string(value: Any) -> Message:
    return Message("is not a string but {}", _type(value))


def _text_problem(value: str) -> tuple[Message, Message] | None:
    if "\0" in value:
        return Message("contains U+0000, which the API cannot store"), Message("remove it")
    try:
        value.encode()
    except UnicodeEncodeError:
        return (
            Message("contains a lone surrogate, which is not text"),
            Message('decode it again with errors="replace"'),
        )
    return None


def _unknown(name: Any, fields: Fields) -> FieldError:
    nearest = difflib.get_close_matches(str(name).lower(), fields, 1, 0.6)
    hint = Message('did you mean "{}"?', nearest[0]) if nearest else Message("known are {}", ", ".join(fields))
    return FieldError(_short(name), Message("is not a field of this operation"), hint)


def _short(name: Any) -> str:
    shown = str(name) if isinstance(name, (str, int, float)) else _type(name)
    return "".join(c if c.isprintable() else "?" for c in shown[:40])


def _type(value: Any) -> str:
    return "None" if value is None else type(value).__name__
