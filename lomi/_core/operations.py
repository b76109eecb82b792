"""What is special about an operation: whether it is repeated, and which statuses leave its outcome unknown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from .request import Request

__all__ = ["Operation", "operation_of"]


class Operation(NamedTuple):
    """How the client treats one operation."""

    repeatable: bool
    """Whether it is repeated after an attempt that may have arrived. When it was certainly not carried out (nothing was
    sent, or a 429), every operation is repeated."""
    unknown_statuses: frozenset[int] = frozenset()
    """Statuses below 500 after which it may have been carried out all the same."""


# Redirects after which a browser would fetch the result of what it posted: it may have been carried out.
_REDIRECTS = frozenset({301, 302, 303})

_BY_METHOD: Mapping[str, Operation] = {
    "GET": Operation(repeatable=True),
    "HEAD": Operation(repeatable=True),
    # A late first attempt deletes nothing that a later one would have kept.
    "DELETE": Operation(repeatable=True, unknown_statuses=_REDIRECTS),
    # A first attempt that arrives late would undo a later update, so an unknown one is not repeated.
    "PATCH": Operation(repeatable=False, unknown_statuses=_REDIRECTS),
    "PUT": Operation(repeatable=False, unknown_statuses=_REDIRECTS),
    "POST": Operation(repeatable=False, unknown_statuses=_REDIRECTS),
}
_WITH_KEY = Operation(repeatable=True, unknown_statuses=_REDIRECTS)

_BY_NAME: Mapping[str, Operation] = {}
"""Operations that differ from what their method says."""


def operation_of(request: Request[Any]) -> Operation:
    """Return how a request's operation is treated."""
    if request.idempotency_key is not None:
        return _WITH_KEY
    return _BY_NAME.get(request.operation or "") or _BY_METHOD[request.method]
