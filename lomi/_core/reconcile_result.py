"""What looking for a create with an unknown outcome results in; made to be matched."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

__all__ = ["CannotTell", "Found", "NotFound"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """The create was carried out: exactly one object has what was sent, and was created during the attempt."""

    object: T
    """That object, as the listing has it."""


@dataclass(frozen=True, slots=True)
class NotFound:
    """No object was there that could be it. That is no licence to repeat the create, unless ``is_certain``.

    A request can arrive later than the search, and money can have moved without a record. Have a person decide.
    """

    searched: int
    """How many objects were compared."""
    since: datetime | None
    """From when on objects were compared; None when nothing was searched."""
    is_certain: bool = False
    """Whether it was certainly not carried out: by the error's ``outcome``, so that nothing was searched."""


@dataclass(frozen=True, slots=True)
class CannotTell(Generic[T]):
    """It cannot be decided. Have a person look at ``reason`` and ``candidates`` before anything is repeated."""

    reason: str
    """Why, in a sentence."""
    candidates: tuple[T, ...]
    """The objects that may be it, none to several."""
