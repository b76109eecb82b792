"""What is logged: method, path template, status, duration, request id, and nothing else."""

from __future__ import annotations

import logging
from typing import Any

from ._reply import Call, Failure, Reply

__all__ = ["log_attempt", "log_retry"]

_log = logging.getLogger("lomi")
_log.addHandler(logging.NullHandler())


def log_attempt(call: Call[Any], result: Reply | Failure, now: float) -> None:
    """Log the end of a call, or of an attempt of it, at DEBUG."""
    if _log.isEnabledFor(logging.DEBUG):
        _log.debug(
            "%s %s -> %s in %d ms (request %s, attempt %d)",
            call.request.method,
            call.request.path.template,
            result.status if isinstance(result, Reply) else result.error.__name__,
            (now - call.began_at) * 1000,
            call.request_id,
            call.attempts,
        )


def log_retry(call: Call[Any], delay: float) -> None:
    """Log that a call is tried again, at INFO."""
    _log.info(
        "%s %s: attempt %d failed, again in %.1f s (request %s)",
        call.request.method,
        call.request.path.template,
        call.attempts,
        delay,
        call.request_id,
    )
