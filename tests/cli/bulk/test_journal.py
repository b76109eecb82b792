import sqlite3
from contextlib import closing

import pytest

from lomi.cli.bulk.journal import Entry, Journal, State
from lomi.cli.errors import CommandError


def test_a_journal_is_used_by_one_import_at_a_time(tmp_path):
    with (
        closing(Journal(tmp_path / "j", "here")),
        pytest.raises(CommandError, match="j cannot be written: database is locked; another run"),
    ):
        Journal(tmp_path / "j", "here")


def test_a_journal_belongs_to_one_target(tmp_path):
    with closing(Journal(tmp_path / "j", "test")) as first:
        known = first.id
    with pytest.raises(CommandError, match="j belongs to an import into test, not live"):
        Journal(tmp_path / "j", "live")
    with closing(Journal(tmp_path / "j", "test")) as second:
        assert second.id == known


def test_a_file_that_is_not_a_journal(tmp_path):
    (tmp_path / "j").write_text("name,email\n" * 100)
    with pytest.raises(CommandError, match="j is not a journal of an import"):
        Journal(tmp_path / "j", "here")
    with pytest.raises(FileNotFoundError):
        Journal(tmp_path / "nowhere" / "j", "here")


DAMAGE = {
    "another program's": "DROP TABLE about; DROP TABLE rows; CREATE TABLE shop (a); PRAGMA application_id = 0",
    "of another make": "PRAGMA user_version = 99",
    "without an id": "DELETE FROM about WHERE name = 'id'",
    "without rows": "DROP TABLE rows; CREATE TABLE rows (number)",
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_another_sqlite_file_is_left_untouched(tmp_path, damage):
    path = tmp_path / "j"
    Journal(path, "here").close()
    with closing(sqlite3.connect(path)) as file:
        file.executescript(DAMAGE[damage])
        before = list(file.iterdump())
    refused = pytest.raises(CommandError, match=r"^j (is not a journal of an import, or is damaged|cannot be written)")
    with refused, closing(Journal(path, "here")) as journal:
        journal.get(1)
    with closing(sqlite3.connect(path)) as file:
        assert list(file.iterdump()) == before


def test_a_damaged_journal(tmp_path):
    path = tmp_path / "j"
    with closing(Journal(path, "here")) as journal:
        journal.write([Entry(number, "x" * 32, State.SENT, 0.0) for number in range(1000)])
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"x" * (len(whole) - 4096))
    with pytest.raises(CommandError, match="damaged"):
        Journal(path, "here")
