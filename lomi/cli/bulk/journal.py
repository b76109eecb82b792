"""The journal of an import: what is known about each row, on the disk before its request is sent."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Final

from ...errors import LomiError
from ..errors import CommandError
from .state_file import StateFile

__all__ = ["Entry", "Journal", "Report", "State"]

_KIND: Final = 0x6C6F6D69
_SCHEMA: Final = """
CREATE TABLE rows (
    number INTEGER PRIMARY KEY,
    digest TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('sent', 'incomplete', 'imported', 'rejected')),
    at REAL NOT NULL,
    customer_id TEXT
);
CREATE INDEX rows_by_state ON rows (state);
CREATE INDEX rows_by_customer ON rows (customer_id);
"""


class State(str, Enum):
    """The state of a row. A row that was never sent has none."""

    SENT = "sent"
    """Its request was about to be sent: the customer may exist."""
    INCOMPLETE = "incomplete"
    """The customer exists, without its metadata."""
    IMPORTED = "imported"
    """The customer exists."""
    REJECTED = "rejected"
    """The API rejected it: the customer does not exist."""


@dataclass(frozen=True)
class Entry:
    """What the journal knows about one row."""

    number: int
    digest: str
    """A fingerprint of the row's fields, to notice when it changes."""
    state: State
    at: float
    """When it got into that state, in seconds since 1970."""
    customer_id: str | None = None


@dataclass
class Report:
    """The result of an import."""

    imported: int = 0
    """Customers that exist now, including those of earlier runs."""
    rejected: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    """Line and reason of the rows that the API rejected."""
    unknown: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    """Line and reason of the rows whose customer may exist, or exists without its metadata."""
    remaining: int = 0
    """Rows that were not sent."""
    stopped_by: LomiError | None = None
    """The error that stopped the import."""


class Journal:
    """The journal of one import, an SQLite file. Each commit is on the disk before the next request is sent.

    It belongs to one target. Without a path it is kept in memory, for an import into a sandbox.

    Raises:
        CommandError: It belongs to another target, is in use, cannot be written, or is not a journal.
    """

    def __init__(self, path: Path | None, target: str) -> None:
        other = "name another with --journal"
        hint = f"{other}; without the original one, customers would be created twice"
        about = {"id": uuid.uuid4().hex, "target": target}
        self._file = StateFile(path, _KIND, "journal of an import", hint, about, _SCHEMA)
        self.close: Callable[[], None] = self._file.close
        self.id: str = self._file.about["id"]
        if (known := self._file.about["target"]) != target:
            self.close()
            raise CommandError(f"{path and path.name} belongs to an import into {known}, not {target}", other)

    def write(self, entries: Iterable[Entry]) -> None:
        """Write the states of rows, all or none; they are on the disk when this returns."""
        with self._file.errors(), self._file.db as db:
            db.execute("BEGIN IMMEDIATE")
            db.executemany(
                "INSERT OR REPLACE INTO rows (number, digest, state, at, customer_id) VALUES (?, ?, ?, ?, ?)",
                [(e.number, e.digest, e.state.value, e.at, e.customer_id) for e in entries],
            )

    def get(self, number: int) -> Entry | None:
        """Return what is known about a row; None if it was never sent."""
        return next(iter(self._entries("WHERE number = ?", number)), None)

    def every(self, *states: State) -> list[Entry]:
        """Return the rows in one of the states, in the order of the file."""
        marks = ", ".join("?" * len(states))
        return self._entries(f"WHERE state IN ({marks}) ORDER BY number", *(state.value for state in states))

    def last(self) -> int:
        """Return the number of the last row that may exist; 0 if there is none."""
        [[number]] = self._select("SELECT max(number) FROM rows WHERE state != ?", State.REJECTED.value)
        return int(number or 0)

    def claims(self, customer_id: str) -> bool:
        """Return whether a customer is known to be that of a row."""
        return bool(self._entries("WHERE customer_id = ?", customer_id))

    def since(self, moment: float) -> list[float]:
        """Return when rows were last written, since a moment; oldest first."""
        return [at for (at,) in self._select("SELECT at FROM rows WHERE at > ? ORDER BY at", moment)]

    def _entries(self, condition: str, *values: object) -> list[Entry]:
        rows = self._select(f"SELECT number, digest, state, at, customer_id FROM rows {condition}", *values)  # noqa: S608
        return [Entry(number, digest, State(state), at, id) for number, digest, state, at, id in rows]

    def _select(self, statement: str, *values: object) -> list[Any]:
        with self._file.errors():
            return self._file.db.execute(statement, values).fetchall()
