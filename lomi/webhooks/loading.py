"""The inbox that a command line names."""

from __future__ import annotations

from collections.abc import Callable
from pkgutil import resolve_name
from typing import Any

from .._i18n.language import Message
from ..errors import LomiConfigurationError
from .inbox import Inbox
from .stores import Store

__all__ = ["load_inbox"]


def load_inbox(target: str, make_store: Callable[[], Store[Any]]) -> Inbox[Any]:
    """Return the inbox at ``module:name``; where that is a function, an inbox with it as the handler.

    Args:
        target: Where the inbox or the function is.
        make_store: Makes the store for a function.

    Raises:
        LomiConfigurationError: There is neither.
    """
    try:
        found: Any = resolve_name(target)
    except (ImportError, AttributeError, ValueError) as error:
        raise LomiConfigurationError(
            Message("{} cannot be imported ({}): pass module:name", target, f"{type(error).__name__}: {error}")
        ) from error
    if isinstance(found, Inbox):
        return found  # pyright: ignore[reportUnknownVariableType]
    if not callable(found):
        raise LomiConfigurationError(Message("{} is neither an Inbox nor a function", target))
    return Inbox(make_store(), found)
