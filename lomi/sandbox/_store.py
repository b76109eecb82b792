"""The embedded database: one connection, one lock, plain rows."""

from __future__ import annotations

import sqlite3
import threading
import uuid
import weakref
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final, TypeAlias

SqlValue: TypeAlias = int | float | str | None
Row: TypeAlias = sqlite3.Row

# Written into the head of a data file, so that no other program's database is ever taken for ours.
APPLICATION_ID: Final = 0x10311
VERSION: Final = 2

SETTINGS: Final = """
CREATE TABLE IF NOT EXISTS settings (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    value INTEGER NOT NULL
);
"""


@dataclass(frozen=True)
class Dump:
    """Every row of every table, at one moment."""

    tables: tuple[tuple[str, tuple[tuple[SqlValue, ...], ...]], ...]


class Store:
    """SQLite in memory, or in `path`. Use it only while holding `lock`."""

    def __init__(self, path: str | None, schema: str) -> None:
        self.lock = threading.RLock()
        self.path = path
        try:
            self._connection = sqlite3.connect(path or ":memory:", check_same_thread=False, isolation_level=None)
            # Closes quietly when a sandbox is just forgotten: a ResourceWarning would fail the owner's tests.
            self.close = weakref.finalize(self, self._connection.close)
            self._connection.row_factory = sqlite3.Row
            self._open(schema)
        except sqlite3.OperationalError as error:
            reason = f"{path} cannot be used as a data file: {error}"
            raise ValueError(f"{reason}; its folder must be there, and both must be writable") from None
        except (sqlite3.DatabaseError, ValueError) as error:
            self.close()
            raise ValueError(f"{path} is not a sandbox data file of this version: {error}") from None

    def _open(self, schema: str) -> None:
        application, version = self._pragma("application_id"), self._pragma("user_version")
        empty = self.row("SELECT count(*) AS n FROM sqlite_master")["n"] == 0
        if not empty and (application, version) != (APPLICATION_ID, VERSION):
            raise ValueError("it was made by another program or another version")
        self.run(f"PRAGMA application_id = {APPLICATION_ID}")
        self.run(f"PRAGMA user_version = {VERSION}")
        if self.path is not None:
            self.run("PRAGMA journal_mode = WAL")
            self.run("PRAGMA synchronous = NORMAL")
        self._connection.executescript(SETTINGS + schema)

    def _pragma(self, name: str) -> int:
        return int(self.row(f"PRAGMA {name}")[0])

    @contextmanager
    def transaction(self) -> Generator[None]:
        """All of the block's writes, or none."""
        self.run("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.run("ROLLBACK")
            raise
        self.run("COMMIT")

    def rows(self, sql: str, *values: SqlValue) -> list[Row]:
        return list(self._execute(sql, values))

    def find(self, sql: str, *values: SqlValue) -> Row | None:
        """The first row, or None."""
        row: Row | None = self._execute(sql, values).fetchone()
        return row

    def row(self, sql: str, *values: SqlValue) -> Row:
        """The first row, which is there."""
        row: Row = self._execute(sql, values).fetchone()
        return row

    def run(self, sql: str, *values: SqlValue) -> int:
        """Execute, and return how many rows changed."""
        return self._execute(sql, values).rowcount

    def insert(self, table: str, values: dict[str, SqlValue]) -> None:
        names = ", ".join(values)
        marks = ", ".join("?" * len(values))
        self.run(f"INSERT INTO {table} ({names}) VALUES ({marks})", *values.values())

    def insert_many(self, table: str, names: Sequence[str], rows: Iterable[Sequence[SqlValue]]) -> None:
        marks = ", ".join("?" * len(names))
        self._connection.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", rows)

    def next_number(self, table: str) -> int:
        """The number of the next row of a table. Rows are never removed, so none comes twice."""
        return int(self.row(f"SELECT coalesce(max(number), 0) + 1 AS n FROM {table}")["n"])

    def setting(self, name: str) -> int | None:
        row = self.find("SELECT value FROM settings WHERE name = ?", name)
        return None if row is None else int(row["value"])

    def set_setting(self, name: str, value: int) -> None:
        self.run(
            "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            name,
            value,
        )

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

    def dump(self) -> Dump:
        return Dump(tuple((name, self._contents(name)) for name in self._tables()))

    def load(self, dump: Dump) -> None:
        with self.transaction():
            self.clear()
            for name, rows in dump.tables:
                if rows:
                    marks = ", ".join("?" * len(rows[0]))
                    self._connection.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)

    def clear(self) -> None:
        for name in self._tables():
            self.run(f"DELETE FROM {name}")

    def _contents(self, table: str) -> tuple[tuple[SqlValue, ...], ...]:
        return tuple(tuple(row) for row in self.rows(f"SELECT * FROM {table}"))

    def _tables(self) -> list[str]:
        return [row["name"] for row in self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]


class Identifiers:
    """UUIDs: random, or the same ones again under the same seed."""

    def __init__(self, seed: int | None) -> None:
        self.seed = seed
        self.reset()

    def reset(self) -> None:
        self._count = 0

    def make(self, kind: str, number: int) -> str:
        """The id of the record that has this number among its kind."""
        if self.seed is None:
            return str(uuid.uuid4())
        digest = blake2b(f"{self.seed}/{kind}/{number}".encode(), digest_size=16).digest()
        return str(uuid.UUID(bytes=digest, version=4))

    def request(self) -> str:
        """The id of a request that brought none."""
        self._count += 1
        return self.make("request", self._count)
