"""An inbox in an sqlite database."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, contextmanager
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any, Final

from ..._i18n.language import Message
from ...errors import LomiConfigurationError
from . import Status, StoredEvent

__all__ = ["SQLiteStore"]

_NAMES: Final = [each.name for each in fields(StoredEvent)]
_TABLE: Final = """
CREATE TABLE IF NOT EXISTS lomi_inbox (
  key TEXT PRIMARY KEY,
  recorded_at REAL NOT NULL,
  updated_at REAL NOT NULL,
  status TEXT NOT NULL,
  event TEXT NOT NULL,
  event_id TEXT NOT NULL,
  payload BLOB,
  error TEXT NOT NULL,
  progress INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  due_at REAL NOT NULL
) WITHOUT ROWID
"""
_INDEX: Final = "CREATE INDEX IF NOT EXISTS lomi_inbox_due ON lomi_inbox (status, due_at)"
_INSERT: Final = f"INSERT OR IGNORE INTO lomi_inbox ({', '.join(_NAMES)}) VALUES ({', '.join('?' * len(_NAMES))})"  # noqa: S608  # names of fields
_UPDATE: Final = f"UPDATE lomi_inbox SET ({', '.join(_NAMES)}) = ({', '.join('?' * len(_NAMES))}) WHERE key = ?"  # noqa: S608
_SELECT: Final = f"SELECT {', '.join(_NAMES)} FROM lomi_inbox"  # noqa: S608


class SQLiteStore:
    """Keeps an inbox in the sqlite database of your orders; its table, ``lomi_inbox``, is created when needed.

    `Inbox.connection` is the `sqlite3.Connection` of the transaction; do not commit it: ``with connection:`` does.
    A transaction holds sqlite's one write lock from its beginning, so handlers run one at a time.

    Args:
        database: The file, or a function that opens a new connection. It is closed after each transaction.
        timeout: How long to wait for the write lock, in seconds. Default 30.

    Raises:
        LomiConfigurationError: The database is in memory, where each connection has its own.

    Examples:
        >>> inbox = Inbox(SQLiteStore("shop.db"), handler=fulfil)
    """

    def __init__(self, database: str | Path | Callable[[], sqlite3.Connection], *, timeout: float = 30.0) -> None:
        if database in {":memory:", ""}:
            raise LomiConfigurationError(Message("an inbox in memory would be empty at each delivery: pass a file"))
        self._database = database
        self._timeout = timeout

    def _connect(self) -> sqlite3.Connection:
        if callable(self._database):
            return self._database()
        return sqlite3.connect(self._database, timeout=self._timeout)

    @contextmanager
    def begin(self) -> Generator[sqlite3.Connection]:
        """Open a transaction that may write; see `Store.begin`."""
        with closing(self._connect()) as connection:
            connection.isolation_level = None  # BEGIN and COMMIT are here, and nowhere else
            connection.execute("BEGIN IMMEDIATE")
            try:
                if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'lomi_inbox_due'").fetchone():
                    connection.execute(_TABLE)
                    connection.execute(_INDEX)
                yield connection
                if not connection.in_transaction:
                    raise LomiConfigurationError(
                        Message("the handler ended the transaction: leave out commit() and `with connection:`")
                    )
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def add(self, connection: sqlite3.Connection, row: StoredEvent, /) -> None:
        """Insert a row unless its key is known."""
        connection.execute(_INSERT, astuple(row))

    def lock(
        self,
        connection: sqlite3.Connection,
        key: str,
        /,
        *,
        skip_locked: bool = False,  # noqa: ARG002  # never locked
    ) -> StoredEvent | None:
        """Return a row; the transaction has the whole database locked."""
        found = _rows(connection, f"{_SELECT} WHERE key = ?", [key])
        return found[0] if found else None

    def save(self, connection: sqlite3.Connection, row: StoredEvent, /) -> None:
        """Write a row that exists."""
        connection.execute(_UPDATE, (*astuple(row), row.key))

    def select(
        self, connection: sqlite3.Connection, statuses: Sequence[Status], /, *, due_by: float, limit: int
    ) -> list[StoredEvent]:
        """Return rows of these statuses that are due."""
        marks = ", ".join("?" * len(statuses))
        query = f"{_SELECT} WHERE status IN ({marks}) AND due_at <= ? ORDER BY due_at LIMIT ?"
        return _rows(connection, query, [*statuses, due_by, limit])

    def purge(self, connection: sqlite3.Connection, /, *, erase_before: float, delete_before: float) -> tuple[int, int]:
        """Erase old payloads and delete old rows."""
        deleted = connection.execute("DELETE FROM lomi_inbox WHERE payload IS NULL AND updated_at < ?", [delete_before])
        erased = connection.execute(
            "UPDATE lomi_inbox SET payload = NULL, status = 'dead' WHERE payload IS NOT NULL AND recorded_at < ?",
            [erase_before],
        )
        return erased.rowcount, deleted.rowcount


def _rows(connection: sqlite3.Connection, query: str, values: Sequence[Any]) -> list[StoredEvent]:
    cursor, text = connection.cursor(), connection.text_factory
    # The caller's own connection may have factories.
    cursor.row_factory, connection.text_factory = None, str
    try:
        return [StoredEvent(*row) for row in cursor.execute(query, values)]
    finally:
        connection.text_factory = text
