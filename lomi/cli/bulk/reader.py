"""Reads the customers of a CSV or JSON lines file and checks each of them."""

from __future__ import annotations

import csv
import difflib
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any, Final, cast

from ...errors import FieldError, LomiValidationError
from ..errors import CommandError
from ..fields import FIELDS, check
from ..json_input import read_json
from .files import COLUMNS, READ_ONLY, Format
from .spreadsheet import unescape

__all__ = ["Row", "read"]

_TRUE, _FALSE = ("true", "1", "yes", "y", "oui", "vrai"), ("false", "0", "no", "n", "non", "faux")
_LARGEST_CELL: Final = 10 * 1024 * 1024
# What an export or `customers list --jsonl` contains, and a create does not take.
_NOT_SENT: Final = frozenset({*READ_ONLY, "customer_id"})


@dataclass(frozen=True)
class Row:
    """One customer of a file: ready to send, or with its problems."""

    line: int
    """The line on which it starts, from 1."""
    fields: dict[str, Any] = field(default_factory=dict[str, Any], repr=False)
    problems: tuple[FieldError, ...] = ()

    @property
    def digest(self) -> str:
        """A fingerprint of the fields."""
        return hashlib.sha256(json.dumps(self.fields, sort_keys=True).encode()).hexdigest()[:32]


def read(source: IO[str], format: Format) -> Iterator[Row]:
    """Yield the customers of a file, each checked as the client checks it. Empty lines are skipped.

    The file was opened with ``newline=""``.

    Raises:
        CommandError: The file as a whole cannot be read, for example because a column is unknown.
    """
    return _read_csv(source) if format == "csv" else _read_json_lines(source)


def _read_csv(source: IO[str]) -> Iterator[Row]:
    csv.field_size_limit(_LARGEST_CELL)
    delimiter = _delimiter(source)
    reader = csv.reader(source, delimiter=delimiter, strict=True)
    try:
        header = [name.strip() for name in next(reader, list[str]())]
        _check_header(header)
        while True:
            line = reader.line_num + 1
            cells = next(reader, None)
            if cells is None:
                return
            if any(cells):
                yield _csv_row(line, header, cells)
    except csv.Error as error:
        hint = "look for a quotation mark that is not closed"
        raise CommandError(f"line {reader.line_num} is not CSV: {error}", hint) from None


def _delimiter(source: IO[str]) -> str:
    """Return what separates cells: spreadsheets of French-speaking countries write semicolons."""
    start = source.tell()
    first = source.readline()
    source.seek(start)
    return max(",;\t", key=lambda delimiter: sum(name.strip(' "') in COLUMNS for name in first.split(delimiter)))


def _check_header(header: list[str]) -> None:
    for name in header:
        if name not in COLUMNS and not name.startswith("metadata."):
            nearest = difflib.get_close_matches(name.lower(), COLUMNS, 1)
            hint = f'did you mean "{nearest[0]}"?' if nearest else f"use {', '.join(FIELDS)} or metadata.KEY"
            raise CommandError(f'unknown column "{name[:40]}" in the first line', hint)
    if twice := [name for name in header if header.count(name) > 1]:
        raise CommandError(f'the column "{twice[0]}" appears twice in the first line', "keep one of them")
    if "name" not in header:
        raise CommandError('there is no column "name" in the first line', "the first line of a CSV file names columns")


def _csv_row(line: int, header: list[str], cells: list[str]) -> Row:
    if len(cells) > len(header):
        problem = f"has {len(cells)} cells, but the first line has {len(header)}"
        return Row(line, problems=(FieldError("", problem, "quote cells that contain a comma"),))
    fields: dict[str, Any] = {}
    pairs: dict[str, Any] = {}
    problems: list[FieldError] = []
    for name, cell in zip(header, cells, strict=False):
        value = unescape(cell)
        if not value or name in _NOT_SENT:
            continue
        if name.startswith("metadata."):
            pairs[name.removeprefix("metadata.")] = value
        elif name == "metadata":
            try:
                fields[name] = read_json(value)
            except ValueError:
                problems.append(FieldError(name, "is not JSON", """such as {"vip": true}"""))
        elif name == "is_business":
            if (word := value.strip().lower()) in _TRUE + _FALSE:
                fields[name] = word in _TRUE
            else:
                problems.append(FieldError(name, "is neither true nor false", "write true or false"))
        else:
            fields[name] = value
    if pairs:
        whole = fields.get("metadata", {})
        fields["metadata"] = {**whole, **pairs} if isinstance(whole, dict) else whole
    return _checked(line, fields, problems)


def _read_json_lines(source: IO[str]) -> Iterator[Row]:
    for line, text in enumerate(source, 1):
        if not text.strip():
            continue
        try:
            found = read_json(text)
        except ValueError:
            yield Row(line, problems=(FieldError("", "is not JSON", "write one object per line"),))
            continue
        if not isinstance(found, dict):
            yield Row(line, problems=(FieldError("", "is not a JSON object", 'such as {"name": "Amadou Ba"}'),))
            continue
        fields = {name: value for name, value in cast("dict[str, Any]", found).items() if name not in _NOT_SENT}
        yield _checked(line, fields, [])


def _checked(line: int, fields: Mapping[str, Any], problems: list[FieldError]) -> Row:
    try:
        valid = check(fields)
    except LomiValidationError as error:
        problems += error.errors
        valid = {}
    return Row(line, valid, tuple(problems))
