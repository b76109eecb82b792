"""Customer files: their formats, their columns, and how an export writes them."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final, Literal

from ..errors import CommandError
from ..fields import FIELDS
from ..output import as_json
from .spreadsheet import escape, unescape

__all__ = ["COLUMNS", "READ_ONLY", "Format", "Writer", "beside", "format_of", "ids_in"]

Format = Literal["csv", "jsonl"]

READ_ONLY: Final = ("id", "organization_id", "environment", "created_at", "updated_at")
"""The fields of a customer that cannot be written. An export writes them, an import skips them."""
COLUMNS: Final = (READ_ONLY[0], *FIELDS, *READ_ONLY[1:])


def format_of(path: Path, format: Format | None) -> Format:
    """Return the format that was asked for, or that of the file's extension.

    Raises:
        CommandError: There is neither.
    """
    extensions: dict[str, Format] = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
    found = format or extensions.get(path.suffix.lower())
    if found is None:
        raise CommandError(f"{path.name} ends neither with .csv nor with .jsonl", "add --format csv or --format jsonl")
    return found


def beside(path: Path, extension: str) -> Path:
    """Return the path of a file that belongs to another: its name with a further extension."""
    return path.with_name(f"{path.name}.{extension}")


def ids_in(source: IO[str], format: Format) -> Iterator[str]:
    """Yield the ids in a file that `Writer` wrote."""
    if format == "csv":
        yield from (unescape(row[0]) for row in islice(csv.reader(source), 1, None))
    else:
        yield from (json.loads(line)["id"] for line in source)


class Writer:
    """Writes customers to a file that was opened with ``newline=""``."""

    def __init__(self, target: IO[str], format: Format) -> None:
        self._target = target
        self._csv = csv.writer(target, lineterminator="\n") if format == "csv" else None

    def header(self) -> None:
        """Start a new file."""
        if self._csv is not None:
            self._csv.writerow(COLUMNS)

    def row(self, customer: Mapping[str, Any]) -> None:
        """Write one customer."""
        if self._csv is not None:
            self._csv.writerow([_cell(customer.get(name)) for name in COLUMNS])
        else:
            self._target.write(as_json(customer) + "\n")


def _cell(value: object) -> str:
    if value is None:
        return ""
    return escape(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
