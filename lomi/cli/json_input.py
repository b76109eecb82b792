"""JSON that is passed to a command: in an option, in a file, or on standard input."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, cast

from .errors import CommandError

__all__ = ["json_data", "json_object", "read_json", "read_text"]


def read_text(source: str, option: str) -> str:
    """Return the text of a file, or of standard input for ``-``.

    Raises:
        CommandError: It is not UTF-8, or standard input is closed.
        OSError: The file cannot be read.
    """
    if source == "-" and sys.stdin is None:
        raise CommandError(f"{option} - reads standard input, which is closed", "pass a file")
    try:
        return (sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CommandError(f"{option} is not UTF-8", "save it as UTF-8") from None


def json_data(value: str) -> dict[str, Any]:
    """Return the JSON object that ``--data`` is, or that the file holds that it names as ``@FILE``.

    Raises:
        CommandError: It is something else, or as for `read_text`.
        OSError: The file cannot be read.
    """
    return json_object(read_text(value[1:], "--data") if value[:1] == "@" else value, "--data")


def json_object(text: str, option: str) -> dict[str, Any]:
    """Return a JSON object.

    Raises:
        CommandError: It is something else.
    """
    try:
        found = read_json(text)
    except ValueError as error:
        raise CommandError(f"{option} is not JSON: {error}", """pass something like '{"vip": true}'""") from None
    if not isinstance(found, dict):
        raise CommandError(f"{option} is not a JSON object", """pass something like '{"vip": true}'""")
    return cast("dict[str, Any]", found)


def read_json(text: str) -> Any:
    """Return what JSON holds.

    Raises:
        ValueError: It is not JSON, or nested too deeply.
    """
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
