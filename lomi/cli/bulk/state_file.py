"""An SQLite file beside a customer file, in which a command keeps what it needs to continue later."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from ..errors import RESUME, Code, CommandError

__all__ = ["StateFile"]

_VERSION: Final = 1


class StateFile:
    """An SQLite file that one process uses at a time; what is committed is on the disk.

    Only its owner can read it; without a path it is kept in memory. ``kind`` is SQLite's application id, which tells
    these files from others, and ``about`` what a new file starts with. ``what`` and ``hint`` are for messages.

    Raises:
        CommandError: The file is in use, cannot be written, or is something else.
    """

    def __init__(
        self, path: Path | None, kind: int, what: str, hint: str, about: Mapping[str, str], schema: str = ""
    ) -> None:
        self._name = "" if path is None else path.name
        self._what = what
        self._hint = hint
        if path is not None:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        with self.errors():
            self.db: sqlite3.Connection = sqlite3.connect(path or ":memory:", isolation_level=None, timeout=0)
        try:
            with self.errors():
                self._open(path, kind, about, schema)
                self.about: dict[str, str] = dict(self.db.execute("SELECT name, value FROM about"))
            if not self.about.keys() >= about.keys():
                raise self._not_ours()
        except BaseException:
            self.db.close()
            raise

    def set(self, name: str, value: str) -> None:
        """Change a value in ``about``."""
        with self.errors():
            self.db.execute("UPDATE about SET value = ? WHERE name = ?", (value, name))

    def close(self) -> None:
        """Close the file and release its lock."""
        self.db.close()

    @contextmanager
    def errors(self) -> Generator[None, None, None]:
        """Turn errors of SQLite into one line for the user."""
        try:
            yield
        except sqlite3.OperationalError as error:
            locked = "locked" in str(error)
            hint = "another run of this command may be using it" if locked else f"free some disk space, then {RESUME}"
            raise CommandError(f"{self._name} cannot be written: {error}", hint, code=Code.FAILED) from None
        except sqlite3.DatabaseError:
            raise self._not_ours() from None

    def pragma(self, name: str) -> int:
        """Return a number that SQLite keeps about the file."""
        return int(self.db.execute(f"PRAGMA {name}").fetchone()[0])

    def _open(self, path: Path | None, kind: int, about: Mapping[str, str], schema: str) -> None:
        # The lock ends with its process.
        self.db.execute("PRAGMA locking_mode = EXCLUSIVE")
        exists = self.db.execute("SELECT count(*) FROM sqlite_master").fetchone() != (0,)
        if exists and (self.pragma("application_id"), self.pragma("user_version")) != (kind, _VERSION):
            raise self._not_ours()
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = FULL")
        if not exists:
            self.db.executescript(
                f"BEGIN IMMEDIATE; PRAGMA application_id = {kind}; PRAGMA user_version = {_VERSION};"
                f"CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL); {schema}"
            )
            self.db.executemany("INSERT INTO about VALUES (?, ?)", about.items())
            self.db.execute("COMMIT")
            if path is not None:
                _sync_directory(path.parent)

    def _not_ours(self) -> CommandError:
        return CommandError(f"{self._name} is not a {self._what}, or is damaged", self._hint)


def _sync_directory(path: Path) -> None:
    """Put the name of a new file on the disk as well, on systems that can; SQLite does not."""
    with suppress(OSError):
        directory = os.open(path, os.O_RDONLY)
        os.fsync(directory)
        os.close(directory)
