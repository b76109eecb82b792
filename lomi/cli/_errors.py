"""What a failed command says, on one line with the hint, and the code that it exits with."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Final

import typer

# What a server or a file says must not steer a terminal either.
from .._i18n.language import printable as plain
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

__all__ = ["GO_ON", "Code", "Refusal", "Unshown", "explain", "guarded", "plain"]

# typer names click's UsageError, the base of all that is wrong with a command line, in none of its versions.
_UsageError: type[typer.BadParameter] = typer.BadParameter.__mro__[1]


GO_ON: Final = "the same command goes on where this one ended"


class Code(IntEnum):
    """What a command exits with."""

    DONE = 0
    FAILED = 1
    """The API said no, or something on this machine failed."""
    USAGE = 2
    """The command line, the key or a value is wrong; nothing was sent."""
    NOT_FOUND = 3
    NOT_ALLOWED = 4
    NO_ANSWER = 5
    UNKNOWN = 6
    """A write may have happened."""
    PARTLY = 7
    """Some of what was asked is not done, and a file says which."""
    INTERRUPTED = 130


class Refusal(Exception):  # it is shown, never caught by name outside
    """A command cannot go on; what it says fits on one line."""

    def __init__(self, message: str, hint: str = "", *, code: Code = Code.USAGE) -> None:
        super().__init__(f"{message}; {hint}" if hint else message)
        self.code = code


class Unshown(Refusal):
    """What a command did cannot be printed; without a word about that, somebody would have it done once more."""

    def __init__(self, error: OSError) -> None:
        super().__init__(f"done, but the result cannot be shown: {error.strerror}", code=Code.FAILED)


_HINTS: tuple[tuple[type[LomiError], Code, str], ...] = (
    (LomiConfigurationError, Code.USAGE, ""),
    (LomiValidationError, Code.USAGE, ""),
    (LomiConnectionError, Code.NO_ANSWER, "python -m lomi doctor finds out why"),
    (LomiAuthError, Code.NOT_ALLOWED, "check LOMI_API_KEY; python -m lomi doctor tells more"),
    (LomiPermissionError, Code.NOT_ALLOWED, "use the merchant id that belongs to the key"),
    (LomiNotFoundError, Code.NOT_FOUND, "check the id, and LOMI_BASE_URL"),
    (LomiRateLimitError, Code.FAILED, "wait, then run it again"),
    (LomiServerError, Code.FAILED, "run it again later"),
    (LomiResponseError, Code.FAILED, "python -m lomi doctor finds out what answers there"),
    (LomiAPIError, Code.FAILED, "the request id helps lomi. support to find it"),
)


def guarded(run: Callable[[], int | None]) -> tuple[Code, str]:
    """Run a command; return its exit code and what to say about a failure, nothing after a success."""
    try:
        code = Code(run() or Code.DONE)
    except Refusal as refusal:
        return refusal.code, str(refusal)
    except LomiError as error:
        return explain(error)
    except typer.Abort:
        return Code.INTERRUPTED, "interrupted"
    except OSError as error:
        return Code.FAILED, f"{error.strerror or type(error).__name__}{f': {error.filename}' if error.filename else ''}"
    except _UsageError as error:
        # No arguments at all is one too: then the help was printed, and there is nothing to add.
        message = error.format_message()
        return Code.USAGE, f"{message}; --help shows what there is" if message else ""
    # typer makes a code of Ctrl-C, and an end of its own where whoever reads the output, such as head, has left.
    return code, "interrupted" if code is Code.INTERRUPTED else ""


def explain(error: LomiError) -> tuple[Code, str]:
    """Return the exit code for an error, and what to say about it."""
    code, hint = next(((code, hint) for kind, code, hint in _HINTS if isinstance(error, kind)), (Code.FAILED, ""))
    if error.outcome == "unknown" and error.method not in {None, "GET"}:
        return Code.UNKNOWN, f"{error}; look whether it happened before you run it again"
    return code, f"{error}; {hint}" if hint else str(error)
