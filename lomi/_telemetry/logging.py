"""The log: one line a call at DEBUG, one a retry at INFO, and with each the facts as fields of the record.

Method, path template, status, duration and ids of requests; never headers, query, body, a full URL or a name.
"""

from __future__ import annotations

import logging
import os
import sys
from typing import Any

from typing_extensions import override

from ..errors import LomiConfigurationError

__all__ = ["is_wanted", "log_call", "log_hook", "log_retry", "log_unreadable", "show_if_asked"]

_log = logging.getLogger("lomi")
_log.addHandler(logging.NullHandler())
_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO}


def is_wanted() -> bool:
    """Tell whether anybody may read what is logged of an ordinary call."""
    return _log.isEnabledFor(logging.INFO)


def log_call(facts: dict[str, Any]) -> None:
    """Log the end of a call, at DEBUG."""
    text = "%(method)s %(path)s -> %(result)s in %(ms)d ms (%(outcome)s, attempt %(attempt)d, request %(request_id)s)"
    if _log.isEnabledFor(logging.DEBUG):
        _write(logging.DEBUG, text, facts)


def log_retry(facts: dict[str, Any]) -> None:
    """Log that a call waits and is tried again, at INFO."""
    text = "%(method)s %(path)s: attempt %(attempt)d, %(result)s; again in %(delay).1f s (request %(request_id)s)"
    _write(logging.INFO, text, facts)


def log_unreadable(operation: str, request_id: str, fields: tuple[str, ...]) -> None:
    """Log the names of the fields of a response that could not be read, at WARNING."""
    text = "%s: a response with values that cannot be read, now None: %s (request %s)"
    _log.warning(text, operation, ", ".join(fields), request_id)


def _write(level: int, text: str, facts: dict[str, Any]) -> None:
    said = {**facts, "result": facts["status"] or facts["error"]}
    try:
        _log.log(level, text, said, extra=facts)
    except KeyError:  # the application's record factory sets a field of such a name itself
        _log.log(level, text, said)


def log_hook(name: str, error: Exception) -> None:
    """Log that something which listens to calls failed."""
    _log.warning("%s raised %s; calls go on, and this is said once", name, type(error).__name__, exc_info=error)


class _Terminal(logging.Handler):
    """Writes to standard error, unless the application has set up logging itself."""

    @override
    def emit(self, record: logging.LogRecord) -> None:
        if not logging.getLogger().handlers:
            sys.stderr.write(f"{self.format(record)}\n")


def show_if_asked() -> None:
    """Show the log on standard error when ``LOMI_LOG`` is ``debug`` or ``info``.

    Raises:
        LomiConfigurationError: It is something else.
    """
    asked = os.environ.get("LOMI_LOG", "").strip().lower()
    if not asked:
        return
    if asked not in _LEVELS:
        raise LomiConfigurationError("LOMI_LOG is neither debug nor info: set one of them, or unset it")
    _log.setLevel(_LEVELS[asked])
    if not any(isinstance(handler, _Terminal) for handler in _log.handlers):
        handler = _Terminal()
        handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
        _log.addHandler(handler)
