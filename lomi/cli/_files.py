"""Customers in files: CSV and JSON lines, read for an import and written by an export."""

from __future__ import annotations

import csv
import difflib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final, Literal, Protocol, cast

from .._core import validation as _params
from ..errors import FieldError, LomiValidationError
from ..models.customers import FIELDS
from ._errors import Refusal
from ._show import as_json

__all__ = [
    "COLUMNS",
    "Format",
    "Row",
    "Writer",
    "beside",
    "format_of",
    "from_json",
    "guarded",
    "ids_in",
    "read",
    "writer",
]

Format = Literal["csv", "jsonl"]

# What an answer holds beside what can be passed; in a file that an export wrote it is skipped.
READ_ONLY: Final = ("id", "organization_id", "environment", "created_at", "updated_at")
COLUMNS: Final = (READ_ONLY[0], *FIELDS, *READ_ONLY[1:])
_YES, _NO = ("true", "1", "yes", "y", "oui", "vrai"), ("false", "0", "no", "n", "non", "faux")
_LARGEST_CELL: Final = 10 * 1024 * 1024
# Where a spreadsheet may begin a cell: also behind what it, but not this file, takes for the end of one, as those of
# French-speaking countries take a semicolon, quoted or not. What stands there must not look like a formula.
_BEGINNING: Final = r"(?:\A|(?<=[;\t\r\n]))"
_FORMULA: Final = re.compile(_BEGINNING + r"(?='*[=+\-@\t\r\n＝＋－＠])")
_GUARD: Final = re.compile(_BEGINNING + r"'(?='*[=+\-@\t\r\n＝＋－＠])")
_PHONE: Final = re.compile(r"\+[0-9 ]+")


@dataclass(frozen=True)
class Row:
    """One customer of a file: ready to send, or with what is wrong with it."""

    line: int
    """Where it begins in the file, from 1."""
    fields: dict[str, Any] = field(default_factory=dict[str, Any], repr=False)
    problems: tuple[FieldError, ...] = ()


def format_of(path: Path, asked: Format | None) -> Format:
    """Return the format that was asked for, or else what the name ends with.

    Raises:
        Refusal: Neither says.
    """
    endings: dict[str, Format] = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
    found = asked or endings.get(path.suffix.lower())
    if found is None:
        raise Refusal(f"{path.name} ends neither with .csv nor with .jsonl", "add --format csv or --format jsonl")
    return found


def from_json(text: str) -> Any:
    """Return what JSON holds.

    Raises:
        ValueError: It is not JSON, or nested deeper than it can be read.
    """
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def beside(path: Path, ending: str) -> Path:
    """Return the path of a file that belongs to another, with its name and an ending."""
    return path.with_name(f"{path.name}.{ending}")


def read(source: IO[str], format: Format) -> Iterator[Row]:
    """Give the customers of a file, each checked as the client checks it; empty lines are skipped.

    Args:
        source: The file, opened with ``newline=""``.
        format: What it holds.

    Raises:
        Refusal: The file cannot be read at all: no header, an unknown column.
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
                yield _row_of_cells(line, header, cells)
    except csv.Error as error:
        raise Refusal(
            f"line {reader.line_num} is not CSV: {error}", "look for a quotation mark that is not closed"
        ) from None


def _delimiter(source: IO[str]) -> str:
    """Return what stands between the cells: spreadsheets of French-speaking countries write semicolons."""
    start = source.tell()
    first = source.readline()
    source.seek(start)
    return max(",;\t", key=lambda delimiter: sum(name.strip(' "') in COLUMNS for name in first.split(delimiter)))


def _check_header(header: list[str]) -> None:
    for name in header:
        if name not in COLUMNS and not name.startswith("metadata."):
            nearest = difflib.get_close_matches(name.lower(), COLUMNS, 1)
            meant = f'did you mean "{nearest[0]}"?' if nearest else f"there are {', '.join(FIELDS)} and metadata.KEY"
            raise Refusal(f'the first line names an unknown column "{name[:40]}"', meant)
    if twice := [name for name in header if header.count(name) > 1]:
        raise Refusal(f'the first line names the column "{twice[0]}" twice', "keep one of them")
    if "name" not in header:
        raise Refusal('the first line names no column "name"', "the first line of a CSV file names its columns")


def _row_of_cells(line: int, header: list[str], cells: list[str]) -> Row:
    if len(cells) > len(header):
        problem = FieldError(
            "", f"has {len(cells)} cells, the first line {len(header)}", "quote cells that hold a comma"
        )
        return Row(line, problems=(problem,))
    fields: dict[str, Any] = {}
    pairs: dict[str, Any] = {}
    problems: list[FieldError] = []
    for name, cell in zip(header, cells, strict=False):
        value = unguarded(cell)
        if not value or name in READ_ONLY:
            continue
        if name.startswith("metadata."):
            pairs[name.removeprefix("metadata.")] = value
        elif name == "metadata":
            try:
                fields[name] = from_json(value)
            except ValueError:
                problems.append(FieldError(name, "is not JSON", """such as {"vip": true}"""))
        elif name == "is_business":
            if (word := value.strip().lower()) in _YES + _NO:
                fields[name] = word in _YES
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
            found = from_json(text)
        except ValueError:
            yield Row(line, problems=(FieldError("", "is not JSON", "one object a line"),))
            continue
        if not isinstance(found, dict):
            yield Row(line, problems=(FieldError("", "is not a JSON object", 'such as {"name": "Amadou Ba"}'),))
            continue
        fields = {name: value for name, value in cast("dict[str, Any]", found).items() if name not in READ_ONLY}
        yield _checked(line, fields, [])


def _checked(line: int, fields: dict[str, Any], problems: list[FieldError]) -> Row:
    try:
        clean = _params.check("customers.create", FIELDS, fields, {}, required=("name",))
    except LomiValidationError as error:
        problems += error.errors
        clean = {}
    return Row(line, clean, tuple(problems))


def ids_in(source: IO[str], format: Format) -> Iterator[str]:
    """Give the ids in a file that `writer` wrote."""
    if format == "csv":
        yield from (unguarded(row[0]) for row in islice(csv.reader(source), 1, None))
    else:
        yield from (json.loads(line)["id"] for line in source)


class Writer(Protocol):
    """Writes customers into a file, one after the other."""

    def header(self) -> None:
        """Begin the file."""

    def row(self, customer: Mapping[str, Any]) -> None:
        """Write one customer."""


def writer(target: IO[str], format: Format) -> Writer:
    """Return what writes a format into a file that was opened with ``newline=""``."""
    return _CsvWriter(target) if format == "csv" else _JsonLinesWriter(target)


class _CsvWriter:
    def __init__(self, target: IO[str]) -> None:
        self._csv = csv.writer(target, lineterminator="\n")

    def header(self) -> None:
        self._csv.writerow(COLUMNS)

    def row(self, customer: Mapping[str, Any]) -> None:
        self._csv.writerow([_cell(customer.get(name)) for name in COLUMNS])


class _JsonLinesWriter:
    def __init__(self, target: IO[str]) -> None:
        self._target = target

    def header(self) -> None: ...

    def row(self, customer: Mapping[str, Any]) -> None:
        self._target.write(as_json(customer) + "\n")


def _cell(value: object) -> str:
    if value is None:
        return ""
    return guarded(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def guarded(text: str) -> str:
    """Return a cell in which no spreadsheet finds a formula: an apostrophe in front of what would be one.

    Phone numbers stay as they are: a plus sign and digits are a number to every spreadsheet.
    """
    return text if _PHONE.fullmatch(text) else _FORMULA.sub("'", text)


def unguarded(cell: str) -> str:
    """Return what `guarded` made a cell of."""
    return _GUARD.sub("", cell)
