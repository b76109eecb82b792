"""What an import knows about each row, on disk before each request."""

from __future__ import annotations

import os
import sqlite3
import uuid
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from ._errors import Code, Refusal

__all__ = ["Entry", "Journal", "State"]

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS rows (
    number INTEGER PRIMARY KEY,
    digest TEXT NOT NULL,
    state TEXT NOT NULL,
    at REAL NOT NULL,
    customer_id TEXT,
    message TEXT
);
CREATE INDEX IF NOT EXISTS rows_by_state ON rows (state);
CREATE INDEX IF NOT EXISTS rows_by_customer ON rows (customer_id);
"""
_VERSION: Final = "1"


class State(str, Enum):
    """What became of a row. One that is not in the journal was never sent."""

    SENT = "sent"
    """It was about to be sent: the customer may exist."""
    BARE = "bare"
    """The customer exists, its metadata must still be written."""
    DONE = "done"
    """The customer exists."""
    REFUSED = "refused"
    """The API said no: the customer does not exist."""


@dataclass(frozen=True)
class Entry:
    """What the journal holds about one row."""

    number: int
    digest: str
    """Of the row's fields, so that a row that changed in the meantime is noticed."""
    state: State
    at: float
    """When that was, in seconds since 1970; of a sent row, when it was sent."""
    customer_id: str | None = None
    message: str | None = None


class Journal:
    """The journal of one import: an SQLite file, each commit on the disk before the next request leaves.

    Args:
        path: The file; None keeps it in memory, for an import into a sandbox that ends with the command.
        target: Where the import goes. A journal belongs to one target.

    Raises:
        Refusal: It belongs to another target, is in use, or is no journal.
    """

    def __init__(self, path: Path | None, target: str) -> None:
        name = "" if path is None else path.name
        try:
            self._rows = sqlite3.connect(path or ":memory:", isolation_level=None, timeout=0)
        except sqlite3.OperationalError as error:
            raise Refusal(f"{name} cannot be written: {error}", code=Code.FAILED) from None
        try:
            # One importer at a time; the lock goes when its process does.
            self._rows.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._rows.execute("PRAGMA journal_mode = WAL")
            self._rows.execute("PRAGMA synchronous = FULL")
            self._rows.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} COMMIT;")
        except sqlite3.OperationalError as error:
            self._rows.close()
            hint = "another import of this file may be running"
            raise Refusal(f"{name} cannot be written: {error}", hint, code=Code.FAILED) from None
        except sqlite3.DatabaseError:
            self._rows.close()
            raise Refusal(
                f"{name} is not a journal of an import", "move it away, or name another with --journal"
            ) from None
        known = dict(self._rows.execute("SELECT name, value FROM about"))
        if not known:
            _keep_name(path)
            known = {"version": _VERSION, "id": uuid.uuid4().hex, "target": target}
            with self._rows:
                self._rows.executemany("INSERT INTO about VALUES (?, ?)", known.items())
        self.id: str = known["id"]
        if (known["version"], known["target"]) != (_VERSION, target):
            self._rows.close()
            raise Refusal(
                f"{name} belongs to an import into {known['target']}, not {target}", "name another with --journal"
            )

    def write(self, entries: Iterable[Entry]) -> None:
        """Note what became of rows, all of them or none; on the disk when this returns."""
        with self._rows:
            self._rows.execute("BEGIN IMMEDIATE")
            self._rows.executemany(
                "INSERT OR REPLACE INTO rows (number, digest, state, at, customer_id, message)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                [(e.number, e.digest, e.state.value, e.at, e.customer_id, e.message) for e in entries],
            )

    def get(self, number: int) -> Entry | None:
        """Return what is known about a row; None if it was never sent."""
        return next(self._entries("WHERE number = ?", number), None)

    def every(self, *states: State) -> list[Entry]:
        """Return the rows in one of the states, in the order of the file."""
        marks = ", ".join("?" * len(states))
        return list(self._entries(f"WHERE state IN ({marks}) ORDER BY number", *(state.value for state in states)))

    def count(self, state: State) -> int:
        """Return how many rows are in a state."""
        found: tuple[int] = self._rows.execute("SELECT count(*) FROM rows WHERE state = ?", (state.value,)).fetchone()
        return found[0]

    def claims(self, customer_id: str) -> bool:
        """Tell whether a row is known to have become this customer."""
        return next(self._entries("WHERE customer_id = ?", customer_id), None) is not None

    def since(self, moment: float) -> list[float]:
        """Return when rows were sent, or their answers came, since a moment."""
        return [at for (at,) in self._rows.execute("SELECT at FROM rows WHERE at > ? ORDER BY at", (moment,))]

    def close(self) -> None:
        """Close the file."""
        self._rows.close()

    def _entries(self, condition: str, *values: object) -> Iterator[Entry]:
        found = self._rows.execute(
            f"SELECT number, digest, state, at, customer_id, message FROM rows {condition}",  # noqa: S608
            values,
        )
        for number, digest, state, at, customer_id, message in found:
            yield Entry(number, digest, State(state), at, customer_id, message)


def _keep_name(path: Path | None) -> None:
    """Have the name of a new file on the disk too, which SQLite leaves to the system; where a system can."""
    if path is not None:
        with suppress(OSError):
            directory = os.open(path.parent, os.O_RDONLY)
            os.fsync(directory)
            os.close(directory)
