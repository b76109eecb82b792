"""What only one store does."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import MetaData
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.schema import CreateTable

import lomi
from lomi.webhooks.events import Event
from lomi.webhooks.inbox import Inbox
from lomi.webhooks.stores import StoredEvent
from lomi.webhooks.stores.sqlalchemy import SQLAlchemyStore, inbox_table
from lomi.webhooks.stores.sqlite import SQLiteStore

from .shops import ALIAS, Shop, payment

ROW = StoredEvent("key", 1.0, 1.0)


def test_sqlite_uses_connections_of_the_callers(tmp_path: Path) -> None:
    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(tmp_path / "shop.db")
        connection.row_factory = lambda cursor, row: {"not": "a tuple"}
        connection.text_factory = bytes
        return connection

    texts: list[object] = []
    inbox: Inbox[sqlite3.Connection] = Inbox(
        SQLiteStore(connect), lambda event: texts.append(inbox.connection.text_factory)
    )
    assert [inbox.process(payment()) for _ in range(2)] == ["done", "known"]
    assert texts == [bytes]  # the handler has them


def test_sqlite_notices_a_handler_that_commits(tmp_path: Path) -> None:
    shop = Shop("sqlite", tmp_path / "shop.db")
    errors: list[Exception] = []

    def ship(event: Event) -> None:
        with inbox.connection:
            shop.ship(event)

    inbox = shop.inbox(ship, on_error=lambda event, error: errors.append(error))
    # What it did is committed, so it must not be done again; but it is told.
    assert [inbox.process(payment()) for _ in range(2)] == ["known", "known"]
    assert shop.shipped() == {"t1": 1}
    assert isinstance(errors[0], lomi.LomiConfigurationError)
    assert "with connection:" in str(errors[0])


class Recorder:
    """A session of some dialect that keeps what it is to execute."""

    def __init__(self, dialect: Any) -> None:
        self.dialect = dialect
        self.statements: list[str] = []

    def get_bind(self) -> Any:
        return SimpleNamespace(dialect=self.dialect)

    def execute(self, statement: Any) -> list[Any]:
        self.statements.append(" ".join(str(statement.compile(dialect=self.dialect)).split()))
        return []


@pytest.mark.parametrize(
    ("dialect", "start", "end"),
    [
        (mysql.dialect(), "INSERT IGNORE INTO inbox ", ")"),
        (postgresql.dialect(), "INSERT INTO inbox ", " ON CONFLICT DO NOTHING"),
    ],
)
def test_sqlalchemy_inserts_once_and_locks_rows(dialect: Any, start: str, end: str) -> None:
    session: Any = Recorder(dialect)
    store = SQLAlchemyStore(lambda: session, table=inbox_table(MetaData(), "inbox"))
    store.add(session, ROW)
    assert store.lock(session, "key", skip_locked=True) is None
    insert, select = session.statements
    assert insert.startswith(start)
    assert insert.endswith(end)
    assert select.endswith("FOR UPDATE SKIP LOCKED")


def test_mysql_has_room_for_a_payload() -> None:
    table = inbox_table(MetaData())
    assert "payload BLOB(16777215)" in str(CreateTable(table).compile(dialect=mysql.dialect()))
    assert "payload BYTEA," in str(CreateTable(table).compile(dialect=postgresql.dialect()))


def test_django_locks_rows_where_the_database_can(tmp_path: Path) -> None:
    shop = Shop("django", tmp_path / "shop.db")
    try:
        connection: Any = SimpleNamespace(
            vendor="postgresql", features=SimpleNamespace(has_select_for_update_skip_locked=False)
        )
        with shop.store.begin():
            shop.store.add(connection, ROW)
            assert shop.store.lock(connection, "key", skip_locked=True) == ROW
    finally:
        shop.close()


def test_django_without_autocommit_would_commit_nothing(tmp_path: Path) -> None:
    from django.db import transaction

    shop = Shop("django", tmp_path / "shop.db")
    try:
        transaction.set_autocommit(False, using=ALIAS)
        with pytest.raises(lomi.LomiConfigurationError, match="the database inbox has AUTOCOMMIT off"):
            shop.inbox(shop.ship).process(payment())
        transaction.set_autocommit(True, using=ALIAS)
        with transaction.atomic(using=ALIAS):
            assert shop.inbox(shop.ship).process(payment()) == "done"
        assert shop.shipped() == {"t1": 1}
    finally:
        shop.close()


def test_the_migration_makes_what_the_model_says(tmp_path: Path) -> None:
    from django.core.management import call_command

    shop = Shop("django", tmp_path / "shop.db")
    try:
        call_command("makemigrations", "lomi_inbox", check=True, dry_run=True, verbosity=0)
    finally:
        shop.close()


def test_a_django_command_works_lists_replays_and_purges(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from django.core.management import CommandError, call_command

    def run(*arguments: str) -> list[str]:
        call_command("lomi_inbox", "--database", ALIAS, *arguments)
        return capsys.readouterr().out.splitlines()

    shop = Shop("django", tmp_path / "shop.db")
    handler = "tests.webhooks.inbox.shops:ignore"
    try:
        inbox = shop.inbox(lambda event: 1 / 0)
        shop.now = 1000.0
        inbox.process(payment("t1"))
        inbox.process(payment("t2"))
        lines = [f"PAYMENT_SUCCEEDED:{id}:completed  failed  1  ZeroDivisionError" for id in ("t1", "t2")]
        assert sorted(run("list")) == lines
        assert run("replay", "--handler", handler, "PAYMENT_SUCCEEDED:t1:completed") == ["done"]
        assert run("work", "--handler", handler)[:2] == ["done: 1", "known: 0"]
        inbox.process(payment("t3"))
        assert run("purge", "--keys-older-than", "100000") == ["payloads erased: 1", "rows deleted: 0"]
        with pytest.raises(CommandError, match="is not the key of a failed event"):
            run("replay", "--handler", handler, "PAYMENT_SUCCEEDED:t3:completed")
        with pytest.raises(CommandError, match="cannot be imported"):
            run("work", "--handler", "tests.webhooks.no:thing")
    finally:
        shop.close()
