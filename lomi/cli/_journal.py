"""What an import knows about each row, on disk before each request."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from ._errors import Refusal
from ._notes import Notes

__all__ = ["Entry", "Journal", "State"]

_KIND: Final = 0x6C6F6D69
_SCHEMA: Final = """
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
        hint = "name another with --journal; without the right one, those who were created would be created again"
        about = {"id": uuid.uuid4().hex, "target": target}
        self._notes = Notes(path, _KIND, "journal of an import", hint, about, _SCHEMA)
        self.id = self._notes.about["id"]
        if (known := self._notes.about["target"]) != target:
            self.close()
            raise Refusal(
                f"{path and path.name} belongs to an import into {known}, not {target}", "name another with --journal"
            )

    def write(self, entries: Iterable[Entry]) -> None:
        """Note what became of rows, all of them or none; on the disk when this returns."""
        with self._notes.told(), self._notes.rows as rows:
            rows.execute("BEGIN IMMEDIATE")
            rows.executemany(
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
        with self._notes.told():
            return int(
                self._notes.rows.execute("SELECT count(*) FROM rows WHERE state = ?", (state.value,)).fetchone()[0]
            )

    def last(self) -> int:
        """Return the number of the last row that may exist; 0 if there is none."""
        with self._notes.told():
            found = self._notes.rows.execute("SELECT max(number) FROM rows WHERE state != ?", (State.REFUSED.value,))
            return int(found.fetchone()[0] or 0)

    def claims(self, customer_id: str) -> bool:
        """Tell whether a row is known to have become this customer."""
        return bool(self._entries("WHERE customer_id = ?", customer_id))

    def since(self, moment: float) -> list[float]:
        """Return when rows were sent, or their answers came, since a moment."""
        with self._notes.told():
            return [at for (at,) in self._notes.rows.execute("SELECT at FROM rows WHERE at > ? ORDER BY at", (moment,))]

    def close(self) -> None:
        """Close the file."""
        self._notes.close()

    def _entries(self, condition: str, *values: object) -> list[Entry]:
        with self._notes.told():
            found = self._notes.rows.execute(
                f"SELECT number, digest, state, at, customer_id FROM rows {condition}",  # noqa: S608
                values,
            )
            return [Entry(number, digest, State(state), at, id) for number, digest, state, at, id in found]
