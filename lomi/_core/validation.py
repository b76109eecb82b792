"""Validation of what the caller passes, before any I/O. Problems name the field and the fix, and never the value."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, get_args, get_origin

from pydantic import TypeAdapter
from pydantic_core import ErrorDetails, ValidationError
from typing_extensions import Required, get_type_hints

from .._i18n.language import Message
from ..errors import FieldError, LomiValidationError
from ..params._base import SentAs
from ..params._json import NUL, SURROGATE, short_name, type_name

__all__ = ["declared_names", "field_errors", "raise_if_invalid", "validated", "validation_error"]


def validated(
    operation: str,
    params_type: Any,
    mapping: Mapping[str, Any] | None,
    fields: Mapping[str, Any],
    *,
    none_clears: bool = False,
    is_live: bool = False,
) -> dict[str, Any]:
    """Return what was passed, as a mapping and as keywords, validated and ready for JSON.

    Args:
        operation: The method's name, for messages: ``customers.create``.
        params_type: The `TypedDict` that declares what the operation takes.
        mapping: What was passed as a mapping.
        fields: What was passed as keywords.
        none_clears: Whether None is a value, which clears, and at least one field must be there; otherwise None is
            the same as leaving a field out.
        is_live: Whether it is sent with a live key: then no URL can be on this machine.

    Raises:
        TypeError: A field is in both, or under both of its names.
        LomiValidationError: Naming every bad field.
    """
    result = _validate(operation, params_type, mapping, fields, none_clears, is_live)
    if isinstance(result, Exception):
        # A traceback shows what its frames hold, and this one holds what a person has typed in.
        del mapping, fields
        raise result
    return result


def raise_if_invalid(operation: str, problems: list[FieldError]) -> None:
    """Raise if there are any problems.

    Raises:
        LomiValidationError: There are.
    """
    if problems:
        raise validation_error(operation, problems)


def validation_error(operation: str, problems: list[FieldError]) -> LomiValidationError:
    """Return the error for some problems."""
    return LomiValidationError(operation=operation, errors=problems)


def field_errors(field: str, value_type: Any, value: Any) -> list[FieldError]:
    """Return what is wrong with a single value; nothing when it is valid."""
    try:
        _adapter(value_type).validate_python(value)
    except ValidationError as invalid:
        return [_field_error(each, field, ()) for each in invalid.errors(include_url=False)]
    return []


class _Declaration:
    """What a `TypedDict` declares, worked out when it is first used."""

    def __init__(self, params_type: Any) -> None:
        hints: dict[str, Any] = get_type_hints(params_type, include_extras=True)
        self.validate: Callable[..., dict[str, Any]] = TypeAdapter(params_type).validate_python
        self.names = tuple(sorted(hints, key=lambda name: get_origin(hints[name]) is not Required))
        self.sent_as = {name: other for name, hint in hints.items() for other in _other_names(hint)}


_declaration = cache(_Declaration)


@cache
def declared_names(*params_types: Any) -> frozenset[str]:
    """Return the names that some `TypedDict`s declare; None stands for none."""
    return frozenset(name for each in params_types if each is not None for name in _declaration(each).names)


@cache
def _adapter(value_type: Any) -> TypeAdapter[Any]:
    return TypeAdapter(value_type)


def _other_names(hint: Any) -> Iterator[str]:
    for part in get_args(hint):
        if isinstance(part, SentAs):
            yield part.name
        elif get_origin(part) is not None:
            yield from _other_names(part)


def _validate(
    operation: str, params_type: Any, mapping: Any, fields: Mapping[str, Any], none_clears: bool, is_live: bool
) -> dict[str, Any] | Exception:
    """Return what was passed, validated, or the error to raise in its place."""
    declared = _declaration(params_type)
    given: Mapping[str, Any] = fields
    if mapping is not None:
        if not isinstance(mapping, Mapping):
            problem = Message("is not a mapping but {}", type_name(mapping))
            hint = Message('pass {"name": value, …} or keywords')
            return validation_error(operation, [FieldError("params", problem, hint)])
        if twice := [name for name in fields if name in mapping]:
            return TypeError(f"{operation}() got {twice[0]!r} both in the mapping and as a keyword")
        given = {**mapping, **fields}
    if not none_clears:
        given = {name: value for name, value in given.items() if value is not None}
    elif not given:
        hint = Message("pass at least one of {}", ", ".join(declared.names))
        return validation_error(operation, [FieldError("params", Message("contains nothing to change"), hint)])
    try:
        valid = declared.validate(given, context=is_live)
    except ValidationError:
        return validation_error(operation, _problems(declared, given, is_live))
    for name, other in declared.sent_as.items():
        if name in valid and other in valid:
            return TypeError(f"{operation}() got both {name} and {other}, which are the same")
    return {declared.sent_as.get(name, name): valid[name] for name in given}  # in the caller's order


def _problems(declared: _Declaration, given: Mapping[str, Any], is_live: bool) -> list[FieldError]:
    """Return everything that is wrong with what was passed."""
    # Unknown names are looked for here: pydantic gives up at the first one that is not text.
    known = {name: value for name, value in given.items() if name in declared.names}
    problems: list[FieldError] = []
    try:
        declared.validate(known, context=is_live)
    except ValidationError as invalid:
        order = {name: position for position, name in enumerate(given, 1)}  # what is missing comes first
        found = invalid.errors(include_url=False)
        errors = sorted(found, key=lambda each: order.get(str((each["loc"] or ("",))[0]), 0))
        problems = [_field_error(each, "", declared.names) for each in errors]
    return problems + [_unknown(name, declared.names) for name in given if name not in declared.names]


def _field_error(error: ErrorDetails, field: str, known: tuple[str, ...]) -> FieldError:
    """Translate an error of pydantic's, by its type."""
    place, value, kind = error["loc"], error["input"], error["type"]
    context = error.get("ctx", {})
    for part in place:
        inside = f"[{part}]" if isinstance(part, int) else part if part[:1] in (".", "[") else f".{part}"
        field += inside if field else str(part)
    if kind == "missing":
        return FieldError(field, Message("is required"), Message("pass {}", place[-1]))
    if kind == "extra_forbidden":
        hint = Message("look at the documentation of the method")
        return FieldError(field, Message("is not a field of this operation"), hint)
    if kind == "lomi_currency_code":
        return FieldError(field, context["problem"], _currency_hint(str(value)) or context["hint"])
    if "problem" in context:
        return FieldError(field, context["problem"], context["hint"])
    if value is None and known and len(place) == 1:
        return FieldError(field, Message("is None, but cannot be cleared"), Message("leave it out to keep it"))
    if kind == "literal_error":
        problem = Message("is not one of the values it can have")
        return FieldError(field, problem, _choice_hint(value, context["expected"]))
    if kind in _BY_TYPE:
        return _from_type(field, kind, value)
    hint = Message("look at the documentation of the method")
    return FieldError(field, Message("is of a wrong type: {}", type_name(value)), hint)


def _from_type(field: str, kind: str, value: Any) -> FieldError:
    template, fix = _BY_TYPE[kind]
    problem = Message(template, type_name(value)) if "{}" in template else Message(template)
    return FieldError(field, problem, Message(fix))


# What pydantic's own errors say, by their type; the gap is for the type of the value.
_BY_TYPE: Mapping[str, tuple[str, str]] = {
    "bool_type": ("is not a boolean but {}", "pass True or False"),
    "datetime_type": ("is not a datetime but {}", "such as datetime(2026, 1, 31, tzinfo=timezone.utc)"),
    "dict_type": ("is not a mapping but {}", "pass a mapping"),
    "int_type": ("is not a whole number but {}", "pass an int"),
    "list_type": ("is not a list but {}", "pass a list"),
    "mapping_type": ("is not a mapping but {}", 'such as {"internal_id": "USER_123"}'),
    "string_type": ("is not a string but {}", "pass a string"),
    "string_pattern_mismatch": NUL,
    "string_unicode": SURROGATE,
    "timezone_aware": ("has no time zone", "such as datetime(2026, 1, 31, tzinfo=timezone.utc)"),
}


def _unknown(name: Any, known: tuple[str, ...]) -> FieldError:
    nearest = _nearest(str(name), known)
    hint = Message('did you mean "{}"?', nearest) if nearest else Message("known are {}", ", ".join(known))
    return FieldError(short_name(name), Message("is not a field of this operation"), hint)


def _choice_hint(value: Any, expected: str) -> Message:
    choices: list[str] = re.findall("'([^']*)'", expected)
    nearest = _nearest(value, choices) if isinstance(value, str) else None
    if nearest:
        return Message('did you mean "{}"? one of {}', nearest, ", ".join(choices))
    return Message("one of {}", ", ".join(choices))


def _nearest(name: str, known: Sequence[str]) -> str | None:
    import difflib  # only mistakes need it

    return next(iter(difflib.get_close_matches(name.lower(), known, 1)), None)


def _currency_hint(value: str) -> Message | None:
    upper = value.strip().upper()
    return Message('did you mean "{}"?', upper) if re.fullmatch("[A-Z]{3}", upper) else None
