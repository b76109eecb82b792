"""Error messages: one line with a hint, or JSON, and the exit code that goes with them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from enum import IntEnum
from typing import Any, Final

import typer

from ..errors import (
    LomiAPIError,
    LomiAuthError,
    LomiConfigurationError,
    LomiConnectionError,
    LomiError,
    LomiNotFoundError,
    LomiPermissionError,
    LomiRateLimitError,
    LomiResponseError,
    LomiServerError,
    LomiValidationError,
)

__all__ = ["RESUME", "Code", "CommandError", "OutputError", "describe", "printable", "run_guarded"]

# typer exports no name for click's UsageError, the base of every error in a command line.
_UsageError: type[typer.BadParameter] = typer.BadParameter.__mro__[1]
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

RESUME: Final = "run the same command again to continue"


class Code(IntEnum):
    """Exit codes."""

    OK = 0
    FAILED = 1
    """The API rejected the request, or something on this machine failed."""
    USAGE = 2
    """The command line, the key or a value is invalid; nothing was sent."""
    NOT_FOUND = 3
    NOT_ALLOWED = 4
    NO_RESPONSE = 5
    UNKNOWN = 6
    """A write may have happened."""
    PARTIAL = 7
    """Some rows were rejected; a file lists them."""
    INTERRUPTED = 130


class CommandError(Exception):
    """A command cannot continue."""

    def __init__(
        self, message: str, hint: str = "", *, code: Code = Code.USAGE, cause: LomiError | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code
        self.cause = cause

    def __str__(self) -> str:
        """Return one line that is safe to print."""
        return printable(f"{self.message}; {self.hint}" if self.hint else self.message)

    def as_json(self) -> str:
        """Return one line of JSON, ASCII only."""
        error: dict[str, Any] = {"message": self.message, "hint": self.hint or None, "exit_code": int(self.code)}
        if (cause := self.cause) is not None:
            names = ("status_code", "code", "details", "outcome", "attempts", "request_id", "method", "path")
            error["message"] = cause.message
            error["type"] = type(cause).__name__
            error |= {name: getattr(cause, name) for name in names if hasattr(cause, name)}
        return json.dumps({"error": error}, default=str)


class OutputError(CommandError):
    """The command did its work, but the result cannot be printed. Without this message it might be run again."""

    def __init__(self, error: OSError) -> None:
        super().__init__(f"done, but the result cannot be printed: {error.strerror}", code=Code.FAILED)


_HINTS: tuple[tuple[type[LomiError], Code, str], ...] = (
    (LomiConfigurationError, Code.USAGE, ""),
    (LomiValidationError, Code.USAGE, ""),
    (LomiConnectionError, Code.NO_RESPONSE, "run lomi-py doctor to find out why"),
    (LomiAuthError, Code.NOT_ALLOWED, "check LOMI_API_KEY; lomi-py doctor shows more"),
    (LomiPermissionError, Code.NOT_ALLOWED, "use the merchant id that belongs to the key"),
    (LomiNotFoundError, Code.NOT_FOUND, "check the id, and LOMI_BASE_URL"),
    (LomiRateLimitError, Code.FAILED, "wait, then run it again"),
    (LomiServerError, Code.FAILED, "run it again later"),
    (LomiResponseError, Code.FAILED, "run lomi-py doctor to find out what responded"),
    (LomiAPIError, Code.FAILED, "give the request id to lomi. support"),
)


def describe(error: LomiError, ids: Iterable[str] = ()) -> CommandError:
    """Return a client's error with its exit code and a hint.

    ``ids`` are those of the command line. The server fails with a 500 on an id that is not a UUID.
    """
    code, hint = next(((code, hint) for kind, code, hint in _HINTS if isinstance(error, kind)), (Code.FAILED, ""))
    if error.outcome == "unknown" and error.method not in {None, "GET", "HEAD"}:
        code, hint = Code.UNKNOWN, "check whether it happened before you run it again"
    if isinstance(error, LomiServerError) and error.status_code == 500:
        wrong = next((id for id in ids if not _UUID.fullmatch(id)), None)
        if wrong is not None:
            hint = (
                f'"{wrong[:40]}" is most likely not an id: lomi. ids are UUIDs, and the server fails on anything else'
            )
    return CommandError(str(error), hint, code=code, cause=error)


def printable(text: str) -> str:
    """Return text that cannot steer a terminal: what is not printable becomes a space."""
    return "".join(character if character.isprintable() else " " for character in text)


def run_guarded(run: Callable[[], int | None]) -> tuple[Code, CommandError | None]:
    """Run a command. Return its exit code and, after a failure, the error to report.

    Errors of the client are described by `command`; anywhere else they are bugs.
    """
    try:
        code = Code(run() or Code.OK)
    except CommandError as error:
        return error.code, error
    except typer.Abort:
        code = Code.INTERRUPTED
    except OSError as error:
        name = f": {error.filename}" if error.filename else ""
        return Code.FAILED, CommandError(f"{error.strerror or type(error).__name__}{name}", code=Code.FAILED)
    except _UsageError as error:
        # A command without arguments is a usage error too; its help has been printed already.
        message = error.format_message()
        return Code.USAGE, CommandError(message.rstrip("."), "--help lists what there is") if message else None
    # typer turns Ctrl-C into this code.
    return code, CommandError("interrupted", code=code) if code is Code.INTERRUPTED else None
