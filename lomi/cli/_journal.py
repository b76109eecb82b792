"""What an import knows about each row, on disk before each request."""

from __future__ import annotations

import os
import sqlite3
import uuid
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from ._errors import GO_ON, Code, Refusal

__all__ = ["Entry", "Journal", "State"]

# What SQLite keeps in the head of a file: that it is such a journal, and of which make.
_APPLICATION: Final = 0x6C6F6D6A
_VERSION: Final = 1
_BEGINNING: Final = f"""
BEGIN IMMEDIATE;
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = {_VERSION};
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE rows (
    number INTEGER PRIMARY KEY,
    digest TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('sent', 'bare', 'done', 'refused')),
    at REAL NOT NULL,
    customer_id TEXT
);
CREATE INDEX rows_by_state ON rows (state);
CREATE INDEX rows_by_customer ON rows (customer_id);
"""


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


class Journal:
    """The journal of one import: an SQLite file, each commit on the disk before the next request leaves.

    Args:
        path: The file; None keeps it in memory, for an import into a sandbox that ends with the command.
        target: Where the import goes. A journal belongs to one target.

    Raises:
        Refusal: It belongs to another target, is in use, cannot be written, or is no journal.
    """

    def __init__(self, path: Path | None, target: str) -> None:
        self._name = "" if path is None else path.name
        with self._told():
            self._rows = sqlite3.connect(path or ":memory:", isolation_level=None, timeout=0)
        try:
            self.id = self._open(path, target)
        except BaseException:
            self._rows.close()
            raise

    def _open(self, path: Path | None, target: str) -> str:
        """Begin a journal, or go on with one; return its id."""
        with self._told():
            # One importer at a time; the lock goes when its process does.
            self._rows.execute("PRAGMA locking_mode = EXCLUSIVE")
            begun = self._rows.execute("SELECT count(*) FROM sqlite_master").fetchone() != (0,)
            if begun and (self._pragma("application_id"), self._pragma("user_version")) != (_APPLICATION, _VERSION):
                raise self._no_journal()
            self._rows.execute("PRAGMA journal_mode = WAL")
            self._rows.execute("PRAGMA synchronous = FULL")
            if not begun:
                self._rows.executescript(_BEGINNING)
                about = {"id": uuid.uuid4().hex, "target": target}
                self._rows.executemany("INSERT INTO about VALUES (?, ?)", about.items())
                self._rows.execute("COMMIT")
                _keep_name(path)
            known: dict[str, str] = dict(self._rows.execute("SELECT name, value FROM about"))
        if not known.keys() >= {"id", "target"}:
            raise self._no_journal()
        if known["target"] != target:
            said = f"{self._name} belongs to an import into {known['target']}, not {target}"
            raise Refusal(said, "name another with --journal")
        return known["id"]

    def write(self, entries: Iterable[Entry]) -> None:
        """Note what became of rows, all of them or none; on the disk when this returns."""
        with self._told(), self._rows:
            self._rows.execute("BEGIN IMMEDIATE")
            self._rows.executemany(
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

    def count(self, state: State) -> int:
        """Return how many rows are in a state."""
        with self._told():
            return int(self._rows.execute("SELECT count(*) FROM rows WHERE state = ?", (state.value,)).fetchone()[0])

    def claims(self, customer_id: str) -> bool:
        """Tell whether a row is known to have become this customer."""
        return bool(self._entries("WHERE customer_id = ?", customer_id))

    def since(self, moment: float) -> list[float]:
        """Return when rows were sent, or their answers came, since a moment."""
        with self._told():
            return [at for (at,) in self._rows.execute("SELECT at FROM rows WHERE at > ? ORDER BY at", (moment,))]

    def close(self) -> None:
        """Close the file."""
        self._rows.close()

    def _entries(self, condition: str, *values: object) -> list[Entry]:
        with self._told():
            found = self._rows.execute(
                f"SELECT number, digest, state, at, customer_id FROM rows {condition}",  # noqa: S608
                values,
            )
            return [Entry(number, digest, State(state), at, id) for number, digest, state, at, id in found]

    def _pragma(self, name: str) -> int:
        return int(self._rows.execute(f"PRAGMA {name}").fetchone()[0])

    @contextmanager
    def _told(self) -> Generator[None, None, None]:
        """Say on one line what the file, or the disk, does not permit."""
        try:
            yield
        except sqlite3.OperationalError as error:
            locked = "locked" in str(error)
            hint = "another import of this file may be running" if locked else f"see that there is room; {GO_ON}"
            raise Refusal(f"{self._name} cannot be written: {error}", hint, code=Code.FAILED) from None
        except sqlite3.DatabaseError:
            raise self._no_journal() from None

    def _no_journal(self) -> Refusal:
        hint = "name another with --journal; without the right one, those who were created would be created again"
        return Refusal(f"{self._name} is no journal of an import, or damaged", hint)


def _keep_name(path: Path | None) -> None:
    """Have the name of a new file on the disk too, which SQLite leaves to the system; where a system can."""
    if path is not None:
        with suppress(OSError):
            directory = os.open(path.parent, os.O_RDONLY)
            os.fsync(directory)
            os.close(directory)
