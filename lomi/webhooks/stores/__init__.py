"""Where an `Inbox` keeps its events: one protocol, and a store for sqlite3, for SQLAlchemy and for Django."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final, Literal, Protocol, TypeVar

__all__ = ["Connection", "Status", "Store", "StoredEvent"]

Connection = TypeVar("Connection")
"""What a store's transactions are made with, and what `Inbox.connection` is."""

Status = Literal["new", "done", "stale", "failed", "dead", "order"]
"""The status of a row.

- ``"done"``: the handler's effects were committed together with this row.
- ``"stale"``: a later event of the same payment was handled first; the handler was not run.
- ``"failed"``: the handler failed, and is run again when `StoredEvent.due_at` has come.
- ``"dead"``: the last attempt failed, or the payload was erased. Only `Inbox.replay` runs it again.
- ``"order"``: no event, but how far one payment or refund has come.
- ``"new"``: never committed.
"""

KEY_LENGTH: Final = 255
"""The longest text of a column, in characters, but for the payload."""


@dataclass
class StoredEvent:
    """A row of the inbox. Times are Unix times, in seconds."""

    key: str
    """The event's `dedupe_key`; unique."""
    recorded_at: float
    """When the row was made."""
    updated_at: float
    """When it was last changed."""
    status: Status = "new"
    event: str = ""
    """The event's name, such as ``"PAYMENT_SUCCEEDED"``."""
    event_id: str = ""
    """The identifier of the delivery that was recorded first."""
    payload: bytes | None = None
    """The body of the delivery; erased when the event is done."""
    error: str = ""
    """The class of the last exception; never its text."""
    progress: int = 0
    """How far the payment or refund of an ``"order"`` row has come."""
    attempts: int = 0
    """How many attempts failed, or were begun and never ended."""
    due_at: float = 0.0
    """When a failed event is attempted again."""


class Store(Protocol[Connection]):
    """What an `Inbox` needs of a database. Every method but `begin` runs inside a transaction that `begin` opened."""

    def begin(self) -> AbstractContextManager[Connection]:
        """Open a transaction: committed at the end of the block, rolled back when an exception leaves it."""
        ...

    def add(self, connection: Connection, row: StoredEvent, /) -> None:
        """Insert a row unless its key is known. Wait for a transaction that is inserting the same key."""
        ...

    def lock(self, connection: Connection, key: str, /, *, skip_locked: bool = False) -> StoredEvent | None:
        """Return a row, locked until the transaction ends; None where there is none.

        Args:
            connection: What `begin` returned.
            key: The row's key.
            skip_locked: Return None instead of waiting when another transaction holds it.
        """
        ...

    def save(self, connection: Connection, row: StoredEvent, /) -> None:
        """Write a row that exists."""
        ...

    def select(
        self, connection: Connection, statuses: Sequence[Status], /, *, due_by: float, limit: int
    ) -> list[StoredEvent]:
        """Return rows of these statuses that are due, the one that is due first at the top; nothing is locked."""
        ...

    def purge(self, connection: Connection, /, *, erase_before: float, delete_before: float) -> tuple[int, int]:
        """Erase old payloads, whose events become dead, and delete old rows; return how many of each.

        Args:
            connection: What `begin` returned.
            erase_before: Payloads of rows recorded before this time are erased.
            delete_before: Rows last changed before this time are deleted, but for those that have a payload still.
        """
        ...
