"""Reading a response, whose fields that cannot be read become None."""

from __future__ import annotations

import copy
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from ._base import LomiModel

__all__ = ["read"]

T = TypeVar("T")
# How often another part of a response is given up.
_MAX_ROUNDS = 10


def read(adapter: TypeAdapter[T], data: Any) -> tuple[T, tuple[str, ...]]:
    """Read a response, giving up only the fields whose values cannot be read: they become None.

    What is required, as an identifier is, cannot be given up. Where it is missing inside another object, that object
    is. The value that was sent stays readable by key.

    Args:
        adapter: The type to read.
        data: A response's body as bytes, or what JSON made of it.

    Returns:
        What was read, and the names of the fields that could not be.

    Raises:
        ValidationError: It cannot be read, whatever is given up.
    """
    try:
        return (adapter.validate_json(data) if isinstance(data, bytes) else adapter.validate_python(data)), ()
    except ValidationError as invalid:
        first = invalid
    found = _read_what_can_be(adapter, data, first)
    if found is None:
        raise first
    return found


def _read_what_can_be(adapter: TypeAdapter[T], data: Any, problem: ValidationError) -> tuple[T, tuple[str, ...]] | None:
    try:
        sent, kept = (from_json(data), from_json(data)) if isinstance(data, bytes) else (data, copy.deepcopy(data))
    except ValueError:
        return None
    given_up: dict[tuple[str | int, ...], None] = {}
    for _ in range(_MAX_ROUNDS):
        earlier = set(given_up)
        for error in problem.errors(include_url=False, include_context=False):
            place = _existing(kept, error["loc"])
            while place in earlier:
                place = place[:-1]
            if not place:
                return None
            _at(kept, place[:-1])[place[-1]] = None
            given_up[place] = None
        try:
            value = adapter.validate_python(kept)
        except ValidationError as invalid:
            problem = invalid
            continue
        for place in given_up:
            _keep_raw(value, place, _at(sent, place))
        return value, tuple(dict.fromkeys(map(_name, given_up)))
    return None


def _existing(data: Any, place: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """Return as much of an error's place as the data has: it may go on with what is missing, or a type's name."""
    inside: Any = data
    for depth, part in enumerate(place):
        if part not in inside if isinstance(inside, dict) else not (isinstance(inside, list) and isinstance(part, int)):
            return place[:depth]
        inside = inside[part]  # pyright: ignore[reportUnknownVariableType, reportArgumentType, reportCallIssue]
    return place


def _at(data: Any, place: tuple[str | int, ...]) -> Any:
    for part in place:
        data = data[part]
    return data


def _name(place: tuple[str | int, ...]) -> str:
    return ".".join(part for part in place if isinstance(part, str))


def _keep_raw(value: Any, place: tuple[str | int, ...], raw: Any) -> None:
    """Keep a value that could not be read where ``model["field"]`` finds it."""
    for part in place[:-1]:
        value = None if value is None else value[part]
    if isinstance(value, LomiModel) and value.__pydantic_extra__ is not None:
        value.__pydantic_extra__[str(place[-1])] = raw
