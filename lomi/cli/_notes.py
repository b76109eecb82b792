"""Notes that a command keeps beside a file, so that the same command goes on where it ended."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from ._errors import GO_ON, Code, Refusal

__all__ = ["Notes"]

_VERSION: Final = 1


class Notes:
    """An SQLite file that one process uses at a time; what is committed is on the disk.

    Args:
        path: The file, which only its owner can read; None keeps the notes in memory.
        kind: What SQLite keeps in the head of the file, so that no other is taken for one of these.
        what: What the file is, for messages.
        hint: What to do when it is not that.
        about: What the notes begin with, unless they are there.
        schema: The tables, beside that of ``about``.

    Raises:
        Refusal: The file is in use, cannot be written, or is something else.
    """

    def __init__(
        self, path: Path | None, kind: int, what: str, hint: str, about: Mapping[str, str], schema: str = ""
    ) -> None:
        self._name = "" if path is None else path.name
        self._what = what
        self._hint = hint
        if path is not None:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        with self.told():
            self.rows = sqlite3.connect(path or ":memory:", isolation_level=None, timeout=0)
        try:
            with self.told():
                self._open(path, kind, about, schema)
                self.about: dict[str, str] = dict(self.rows.execute("SELECT name, value FROM about"))
            if not self.about.keys() >= about.keys():
                raise self._something_else()
        except BaseException:
            self.rows.close()
            raise

    def _open(self, path: Path | None, kind: int, about: Mapping[str, str], schema: str) -> None:
        # The lock goes when its process does.
        self.rows.execute("PRAGMA locking_mode = EXCLUSIVE")
        begun = self.rows.execute("SELECT count(*) FROM sqlite_master").fetchone() != (0,)
        if begun and (self._pragma("application_id"), self._pragma("user_version")) != (kind, _VERSION):
            raise self._something_else()
        self.rows.execute("PRAGMA journal_mode = WAL")
        self.rows.execute("PRAGMA synchronous = FULL")
        if not begun:
            self.rows.executescript(
                f"BEGIN IMMEDIATE; PRAGMA application_id = {kind}; PRAGMA user_version = {_VERSION};"
                f"CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL); {schema}"
            )
            self.rows.executemany("INSERT INTO about VALUES (?, ?)", about.items())
            self.rows.execute("COMMIT")
            _keep_name(path)

    def set(self, name: str, value: str) -> None:
        """Change one of the notes in ``about``."""
        with self.told():
            self.rows.execute("UPDATE about SET value = ? WHERE name = ?", (value, name))

    def close(self) -> None:
        """Close the file, and let others use it."""
        self.rows.close()

    @contextmanager
    def told(self) -> Generator[None, None, None]:
        """Say on one line what the file, or the disk, does not permit."""
        try:
            yield
        except sqlite3.OperationalError as error:
            hint = "another run of this command may be using it" if "locked" in str(error) else f"make room; {GO_ON}"
            raise Refusal(f"{self._name} cannot be written: {error}", hint, code=Code.FAILED) from None
        except sqlite3.DatabaseError:
            raise self._something_else() from None

    def _pragma(self, name: str) -> int:
        return int(self.rows.execute(f"PRAGMA {name}").fetchone()[0])

    def _something_else(self) -> Refusal:
        return Refusal(f"{self._name} is no {self._what}, or damaged", self._hint)


def _keep_name(path: Path | None) -> None:
    """Have the name of a new file on the disk too, which SQLite leaves to the system; where a system can."""
    if path is not None:
        with suppress(OSError):
            directory = os.open(path.parent, os.O_RDONLY)
            os.fsync(directory)
            os.close(directory)
