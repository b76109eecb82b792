"""An inbox in any database that SQLAlchemy has an ``INSERT`` for that ignores known keys: PostgreSQL, MySQL, sqlite."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields
from typing import Any, Final, cast

from sqlalchemy import (
    Column,
    CursorResult,
    Double,
    Index,
    Insert,
    Integer,
    LargeBinary,
    MetaData,
    Select,
    String,
    Table,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from . import KEY_LENGTH, Status, StoredEvent

__all__ = ["SQLAlchemyStore", "inbox_table"]

_TYPES: Final[dict[str, Any]] = {"str": String(KEY_LENGTH), "Status": String(8), "int": Integer(), "float": Double()}
_PAYLOAD: Final = LargeBinary(2**24 - 1)  # MySQL's BLOB without a length holds 64 KiB


def inbox_table(metadata: MetaData, name: str = "lomi_inbox") -> Table:
    """Declare the inbox's table in your metadata, so that ``create_all`` and Alembic create it.

    Args:
        metadata: Yours: ``Base.metadata``.
        name: The table's name.
    """
    columns = [
        Column(each.name, _TYPES.get(str(each.type), _PAYLOAD), nullable=each.name == "payload")
        for each in fields(StoredEvent)
    ]
    columns[0].primary_key = True
    return Table(name, metadata, *columns, Index(f"{name}_due", "status", "due_at"))


class SQLAlchemyStore:
    """Keeps an inbox in the database of your orders, with sessions of your own.

    `Inbox.connection` is the `Session` of the transaction; do not commit it. The engine must not be in AUTOCOMMIT mode,
    in which nothing can be rolled back.

    Args:
        sessions: Makes a new session: a ``sessionmaker``.
        table: What `inbox_table` declared. Default: a table ``lomi_inbox`` in metadata of its own.

    Examples:
        >>> inbox = Inbox(SQLAlchemyStore(sessionmaker(engine)), handler=fulfil)
    """

    def __init__(self, sessions: Callable[[], Session], *, table: Table | None = None) -> None:
        self._sessions = sessions
        self._table = inbox_table(MetaData()) if table is None else table

    def create_table(self) -> None:
        """Create the table unless it exists; with Alembic, declare it with `inbox_table` instead."""
        with self.begin() as session:
            self._table.create(session.connection(), checkfirst=True)

    @contextmanager
    def begin(self) -> Generator[Session]:
        """Open a transaction in a new session; see `Store.begin`."""
        with self._sessions() as session, session.begin():
            yield session

    def add(self, connection: Session, row: StoredEvent, /) -> None:
        """Insert a row unless its key is known."""
        dialect = connection.get_bind().dialect.name
        statement: Insert
        if dialect in {"postgresql", "sqlite"}:
            own = postgresql.insert if dialect == "postgresql" else sqlite.insert
            statement = own(self._table).on_conflict_do_nothing()
        else:
            statement = insert(self._table).prefix_with("IGNORE")
        connection.execute(statement.values(asdict(row)))

    def lock(self, connection: Session, key: str, /, *, skip_locked: bool = False) -> StoredEvent | None:
        """Return a row with ``FOR UPDATE``."""
        if connection.get_bind().dialect.name == "sqlite":  # it has the lock of a write alone
            connection.execute(update(self._table).where(self._table.c.key == key).values(key=key))
        query = select(self._table).where(self._table.c.key == key).with_for_update(skip_locked=skip_locked)
        return next(iter(_rows(connection, query)), None)

    def save(self, connection: Session, row: StoredEvent, /) -> None:
        """Write a row that exists."""
        connection.execute(update(self._table).where(self._table.c.key == row.key).values(asdict(row)))

    def select(
        self, connection: Session, statuses: Sequence[Status], /, *, due_by: float, limit: int
    ) -> list[StoredEvent]:
        """Return rows of these statuses that are due."""
        columns = self._table.c
        query = select(self._table).where(columns.status.in_(statuses), columns.due_at <= due_by)
        return _rows(connection, query.order_by(columns.due_at).limit(limit))

    def purge(self, connection: Session, /, *, erase_before: float, delete_before: float) -> tuple[int, int]:
        """Erase old payloads and delete old rows."""
        columns = self._table.c
        unneeded = (columns.payload.is_(None), columns.updated_at < delete_before)
        deleted = connection.execute(delete(self._table).where(*unneeded))
        old = (columns.payload.is_not(None), columns.recorded_at < erase_before)
        erased = connection.execute(update(self._table).where(*old).values(payload=None, status="dead"))
        return cast("CursorResult[Any]", erased).rowcount, cast("CursorResult[Any]", deleted).rowcount


def _rows(connection: Session, query: Select[Any]) -> list[StoredEvent]:
    return [StoredEvent(*row) for row in connection.execute(query)]
