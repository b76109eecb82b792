"""The embedded database: one connection, one lock, one table of objects."""

from __future__ import annotations

import json
import sqlite3
import threading
import uuid
import weakref
from collections import Counter
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from hashlib import blake2b
from typing import Any, Final, TypeAlias

from .http import JsonValue

SqlValue: TypeAlias = int | float | str | None
Row: TypeAlias = sqlite3.Row
Values: TypeAlias = dict[str, JsonValue]

# Written into the head of a data file, so that no other program's database is taken for ours.
APPLICATION_ID: Final = 0x10311
VERSION: Final = 4
# Seconds to wait for another process that writes to the same file.
PATIENCE: Final = 5.0

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS objects (
    type TEXT NOT NULL,
    number INTEGER NOT NULL,
    id TEXT NOT NULL,
    owner TEXT NOT NULL,
    environment TEXT NOT NULL,
    status TEXT,
    entered_at INTEGER NOT NULL,
    due_at INTEGER,
    search TEXT NOT NULL,
    body TEXT NOT NULL,
    previous TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    PRIMARY KEY (type, number),
    UNIQUE (type, id)
);
CREATE INDEX IF NOT EXISTS objects_listed
    ON objects (type, owner, environment, created_at DESC, number DESC) WHERE deleted_at IS NULL;
CREATE INDEX IF NOT EXISTS objects_due ON objects (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS deliveries (
    number INTEGER PRIMARY KEY,
    event_id TEXT NOT NULL,
    event TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    object TEXT NOT NULL,
    data TEXT NOT NULL,
    direct INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    status TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    sent_at INTEGER,
    response_status INTEGER,
    response TEXT,
    request TEXT,
    signature TEXT,
    log_id TEXT,
    logged TEXT
);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (due_at, number) WHERE status IN ('waiting', 'held');
CREATE INDEX IF NOT EXISTS deliveries_logged ON deliveries (endpoint, number) WHERE log_id IS NOT NULL;
CREATE TABLE IF NOT EXISTS idempotency (
    operation TEXT NOT NULL,
    owner TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (operation, owner, key)
);
CREATE TABLE IF NOT EXISTS entries (
    number INTEGER PRIMARY KEY,
    movement TEXT NOT NULL,
    owner TEXT NOT NULL,
    environment TEXT NOT NULL,
    currency_code TEXT NOT NULL,
    account TEXT NOT NULL,
    amount INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (movement, account)
);
CREATE INDEX IF NOT EXISTS entries_summed ON entries (owner, environment, currency_code, account, amount);
"""


@dataclass
class Record:
    """One object of the sandbox, as the table has it. Times in microseconds; `body` has its fields as JSON values."""

    type: str
    number: int
    id: str
    owner: str
    environment: str
    status: str | None
    body: Values
    created_at: int
    updated_at: int
    # When it entered its state, and when a step of its own is due.
    entered_at: int
    due_at: int | None = None
    search: str = ""
    # The body before the last update; None without one.
    previous: Values | None = field(default=None, repr=False)

    def row(self) -> list[SqlValue]:
        """Return the values of its columns."""
        values = {**vars(self), "body": json.dumps(self.body)}
        values["previous"] = None if self.previous is None else json.dumps(self.previous)
        return [values[name] for name in COLUMNS]

    def __getitem__(self, name: str) -> Any:
        return self.body.get(name)


COLUMNS: Final = tuple(each.name for each in fields(Record))


class Store:
    """SQLite in memory, or in `path`. Use it only while holding `lock`."""

    def __init__(self, path: str | None, indexes: str = "") -> None:
        self.lock: threading.RLock = threading.RLock()
        self.path = path
        self._depth = 0
        # Counts the writes by type, so that what was read of a type may be kept until the next one.
        self.writes: Counter[str] = Counter()
        self._due: tuple[int, Record | None] | None = None
        try:
            self._connection = sqlite3.connect(
                path or ":memory:", timeout=PATIENCE, check_same_thread=False, isolation_level=None
            )
            # Closes quietly when a sandbox is just dropped: a ResourceWarning would fail the owner's tests.
            self.close: weakref.finalize[[], Store] = weakref.finalize(self, self._connection.close)
            self._connection.row_factory = sqlite3.Row
            self._open(indexes)
        except sqlite3.OperationalError as error:
            raise ValueError(
                f"{path} cannot be used as a data file: {error}; its folder must exist, both must be writable, and no"
                " other program may hold the file"
            ) from None
        except (sqlite3.DatabaseError, ValueError) as error:
            self.close()
            raise ValueError(f"{path} is not a sandbox data file of this version: {error}") from None

    def _open(self, indexes: str) -> None:
        application, version = self._pragma("application_id"), self._pragma("user_version")
        empty = self.row("SELECT count(*) AS n FROM sqlite_master")["n"] == 0
        if not empty and application != APPLICATION_ID:
            raise ValueError("it was made by another program")
        if not empty and version != VERSION:
            raise ValueError(f"it has version {version} and this is version {VERSION}; start a new file")
        if self.path is not None:
            problem = self.row("PRAGMA quick_check(1)")[0]
            if problem != "ok":
                raise ValueError(f"it is damaged: {problem}")
            self.run("PRAGMA journal_mode = WAL")
            self.run("PRAGMA synchronous = NORMAL")
        with self.transaction():
            for statement in (SCHEMA + indexes).split(";")[:-1]:
                self.run(statement)
            self.run(f"PRAGMA application_id = {APPLICATION_ID}")
            self.run(f"PRAGMA user_version = {VERSION}")
            # What was being sent when a process died may not have arrived.
            self.run("UPDATE deliveries SET status = 'waiting' WHERE status = 'sending'")

    def _pragma(self, name: str) -> int:
        return int(self.row(f"PRAGMA {name}")[0])

    @contextmanager
    def transaction(self) -> Generator[None]:
        """All of the block's writes, or none; a transaction within another is a part of it."""
        if self._depth == 0:
            self.run("BEGIN IMMEDIATE")
        self._depth += 1
        try:
            yield
        except BaseException:
            self._depth -= 1
            if self._depth == 0:
                self.run("ROLLBACK")
                self._written("keys", "merchants")
            raise
        self._depth -= 1
        if self._depth == 0:
            self.run("COMMIT")

    # Objects

    def next_number(self, type: str) -> int:
        """The number of the next object of a type. Objects are never removed, so none comes twice."""
        return int(self.row("SELECT coalesce(max(number), 0) + 1 AS n FROM objects WHERE type = ?", type)["n"])

    def add(self, records: Iterable[Record]) -> None:
        records = list(records)
        self._written(*{each.type for each in records})
        self.check_open()
        places = ", ".join("?" * len(COLUMNS))
        sql = f"INSERT INTO objects ({', '.join(COLUMNS)}) VALUES ({places})"
        self._connection.executemany(sql, (each.row() for each in records))

    def save(self, record: Record) -> None:
        self._written(record.type)
        # The first five stay as they are.
        assignments = ", ".join(f"{name} = ?" for name in COLUMNS[5:])
        sql = f"UPDATE objects SET {assignments} WHERE type = ? AND number = ?"
        self.run(sql, *record.row()[5:], record.type, record.number)

    def delete(self, record: Record, now: int) -> None:
        self._written(record.type)
        self.run(
            "UPDATE objects SET deleted_at = ?, due_at = NULL WHERE type = ? AND number = ?",
            *(now, record.type, record.number),
        )

    def find(self, type: str, id: str | None) -> Record | None:
        """The object with that id, or None."""
        found = self.rows("SELECT * FROM objects WHERE type = ? AND id = ? AND deleted_at IS NULL", type, id)
        return to_record(found[0]) if found else None

    def select(
        self, type: str, where: Sequence[str] = (), values: Sequence[SqlValue] = (), page: str = "", limit: int = -1
    ) -> list[Record]:
        """Objects, the newest first; `page` is an OFFSET."""
        return [
            to_record(row)
            for row in self.rows(
                f"SELECT * FROM objects {_where(type, where)} ORDER BY created_at DESC, number DESC LIMIT ? {page}",
                *(*values, limit),
            )
        ]

    def count(self, type: str, where: Sequence[str] = (), values: Sequence[SqlValue] = ()) -> int:
        return int(self.row(f"SELECT count(*) AS n FROM objects {_where(type, where)}", *values)["n"])

    def first_due(self, until: int) -> Record | None:
        """The object that falls due first, at `until` at the latest."""
        self.check_open()
        if self._due is None:
            found = self.rows(
                "SELECT * FROM objects WHERE due_at IS NOT NULL ORDER BY due_at, created_at, number LIMIT 1"
            )
            self._due = (found[0]["due_at"], to_record(found[0])) if found else (0, None)
        moment, record = self._due
        return record if moment <= until else None

    def _written(self, *types: str) -> None:
        self.writes.update(types)
        self._due = None

    # Everything else

    def rows(self, sql: str, *values: SqlValue) -> list[Row]:
        return list(self._execute(sql, values))

    def row(self, sql: str, *values: SqlValue) -> Row:
        """The first row, which is there."""
        row: Row = self._execute(sql, values).fetchone()
        return row

    def run(self, sql: str, *values: SqlValue) -> None:
        self._execute(sql, values)

    def setting(self, name: str) -> int | None:
        found = self.rows("SELECT value FROM settings WHERE name = ?", name)
        return int(found[0]["value"]) if found else None

    def set_setting(self, name: str, value: int) -> None:
        self.run("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)", name, value)

    def check_open(self) -> None:
        """Raise RuntimeError once it is closed."""
        if not self.close.alive:
            raise RuntimeError("the sandbox is closed")

    def _execute(self, sql: str, values: tuple[SqlValue, ...]) -> sqlite3.Cursor:
        self.check_open()
        return self._connection.execute(sql, values)

    @property
    def changes(self) -> int:
        """Grows with every row that is written: equal to what it was means that nothing changed."""
        return self._connection.total_changes

    def copy(self) -> Copy:
        """Return all there is, as a database of its own."""
        self.check_open()
        copy = Copy()
        self._connection.backup(copy.connection)
        return copy

    def load(self, copy: Copy) -> None:
        """Become what was copied."""
        self.check_open()
        copy.connection.backup(self._connection)
        self._written("keys", "merchants")

    def clear(self) -> None:
        self._written("keys", "merchants")
        with self.transaction():
            for name in ("settings", "objects", "deliveries", "idempotency", "entries"):
                self.run(f"DELETE FROM {name}")


class Copy:
    """A database in memory; closed when it is dropped."""

    def __init__(self) -> None:
        self.connection: sqlite3.Connection = sqlite3.connect(":memory:", check_same_thread=False)
        weakref.finalize(self, self.connection.close)


def to_record(row: Row) -> Record:
    record = Record(*(row[name] for name in COLUMNS))
    record.body = json.loads(row["body"])
    record.previous = None if row["previous"] is None else json.loads(row["previous"])
    return record


def by(**fields: SqlValue) -> tuple[list[str], list[SqlValue]]:
    """Return the conditions for objects with these fields, and their values: the arguments of a search."""
    columns = {"id", "owner", "environment", "status"}
    where = [f"{name} = ?" if name in columns else f"json_extract(body, '$.{name}') = ?" for name in fields]
    return where, [*fields.values()]


def _where(type: str, where: Sequence[str]) -> str:
    # The type stands in the text, not among the values: only so does SQLite see that an index is for it.
    return f"WHERE {' AND '.join((f'type = {type!r}', 'deleted_at IS NULL', *where))}"


class Identifiers:
    """UUIDs: random, or the same ones again under the same seed."""

    def __init__(self, seed: int | None) -> None:
        self.seed = seed
        self.reset()

    def reset(self) -> None:
        self._count = 0

    def make(self, kind: str, number: int) -> str:
        """The id of the object that has this number among its kind."""
        if self.seed is None:
            return str(uuid.uuid4())
        digest = blake2b(f"{self.seed}/{kind}/{number}".encode(), digest_size=16).digest()
        return str(uuid.UUID(bytes=digest, version=4))

    def request(self) -> str:
        """The id of a request that brought none."""
        self._count += 1
        return self.make("request", self._count)
