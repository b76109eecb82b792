"""The fields of a request body: what the documentation allows, and what the database makes of them."""

from __future__ import annotations

import math
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timezone
from typing import Final, Literal, TypeAlias

from .clock import to_datetime, to_micros
from .http import DatabaseError, JsonValue, holds_nul, to_json

FieldKind: TypeAlias = Literal[
    "text", "email", "boolean", "number", "integer", "uuid", "time", "date", "json", "metadata"
]

TRUE: Final = frozenset({"true", "t", "yes", "y", "on", "1"})
# Of a column, in major units: the ledger's sums of such amounts, in hundredths of a cent, still fit SQLite's integers.
LARGEST_NUMBER: Final = 10**12
# What people pay in.
CURRENCIES: Final = ("XOF", "USD", "EUR")
FALSE: Final = frozenset({"false", "f", "no", "n", "off", "0"})


@dataclass(frozen=True)
class Field:
    """One field of a request body.

    Attributes:
        name: Its name on the wire.
        kind: Its type. `metadata` is written after everything else, and can be lost alone.
        required: Whether a create needs it.
        absent: What the server stores if it was not sent.
        choices: The only values there are; empty for any.
        prefix: What an id of the kind `uuid` begins with in the docs dialect; empty for a bare UUID.
        keeps_falsy: Whether `0`, `false` and `""` are stored; else they count as absent.
    """

    name: str
    kind: FieldKind = "text"
    required: bool = False
    absent: JsonValue = None
    choices: tuple[str, ...] = ()
    prefix: str = ""
    keeps_falsy: bool = False

    def problem(self, value: JsonValue) -> str | None:
        """Return how a value breaks the documentation, or None."""
        if value is None:
            return None
        if self.choices:
            return None if value in self.choices else f"must be one of {', '.join(self.choices)}"
        right, rule = RULES[self.kind]
        if not right(value):
            return rule
        if holds_nul(value):
            return "must not hold the character U+0000"
        if self.required and isinstance(value, str) and not value.strip():
            return "must not be blank"
        if self.kind == "email" and re.fullmatch(r"[^@\s]+@[^@\s]+", str(value)) is None:
            return "must be an e-mail address"
        return None

    def cast(self, value: JsonValue) -> JsonValue:
        """Return a value as the database casts it to the type of its column.

        Raises:
            DatabaseError: It cannot.
        """
        if self.kind in {"json", "metadata"}:
            return value
        text = value if isinstance(value, str) else to_json(value).decode()
        if self.choices and text not in self.choices:
            raise DatabaseError(f'invalid input value for enum: "{text}"')
        if "\0" in text:
            raise DatabaseError("unsupported Unicode escape sequence")
        return CASTS[self.kind](text) if self.kind in CASTS else text


def read_uuid(text: str) -> str:
    """Return a UUID as Postgres writes it; DatabaseError if it is none."""
    if re.fullmatch(r"(?i)[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", text) is None:
        raise DatabaseError(f'invalid input syntax for type uuid: "{text}"')
    return str(uuid.UUID(text))


def read_time(text: str) -> int:
    """Return a moment in microseconds; DatabaseError if it is none. Without an offset it is UTC."""
    try:
        moment = datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", text))
    except ValueError:
        raise DatabaseError(f'invalid input syntax for type timestamp with time zone: "{text}"') from None
    micros = to_micros(moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc))
    try:
        to_datetime(micros)
    except OverflowError:
        raise DatabaseError(f'timestamp out of range: "{text}"') from None
    return micros


def read_date(text: str) -> str:
    """Return a day as YYYY-MM-DD; DatabaseError if it is none."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise DatabaseError(f'invalid input syntax for type date: "{text}"') from None


def _boolean(text: str) -> bool:
    word = text.lower()
    if word not in TRUE | FALSE:
        raise DatabaseError(f'invalid input syntax for type boolean: "{word}"')
    return word in TRUE


def _number(text: str) -> int | float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if math.isnan(number):
        raise DatabaseError(f'invalid input syntax for type numeric: "{text}"')
    if abs(number) > LARGEST_NUMBER:
        raise DatabaseError("numeric field overflow")
    return int(number) if number.is_integer() else number


def _integer(text: str) -> int:
    number = _number(text)
    if not isinstance(number, int):
        raise DatabaseError(f'invalid input syntax for type integer: "{text}"')
    return number


def _is_time(value: JsonValue) -> bool:
    try:
        return isinstance(value, str) and read_time(value) > 0
    except DatabaseError:
        return False


def _is_date(value: JsonValue) -> bool:
    return isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value) is not None


def _is_number(value: JsonValue) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_text(value: JsonValue) -> bool:
    return isinstance(value, str)


CASTS: Final[dict[str, Callable[[str], JsonValue]]] = {
    "boolean": _boolean,
    "number": _number,
    "integer": _integer,
    "uuid": read_uuid,
    "time": read_time,
    "date": read_date,
}
RULES: Final[dict[str, tuple[Callable[[JsonValue], bool], str]]] = {
    "text": (_is_text, "must be a string"),
    "email": (_is_text, "must be a string"),
    "uuid": (_is_text, "must be a string"),
    "boolean": (lambda value: isinstance(value, bool), "must be true or false"),
    "number": (_is_number, "must be a number"),
    "integer": (lambda value: _is_number(value) and not isinstance(value, float), "must be a whole number"),
    "time": (_is_time, "must be an ISO 8601 time"),
    "date": (_is_date, "must be a date, YYYY-MM-DD"),
    "json": (lambda _: True, ""),
    "metadata": (lambda value: isinstance(value, dict), "must be an object"),
}
