"""A shop on each store, whose handlers ship orders; and, run as a program, a process of that shop.

python -m tests.webhooks.inbox.shops KIND DATABASE MODE TRANSACTION…
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from lomi.webhooks.events import Event
from lomi.webhooks.inbox import Inbox
from lomi.webhooks.stores.sqlite import SQLiteStore

KINDS = ("sqlite", "sqlalchemy", "django")
ALIAS = "inbox"
_SHIP = "INSERT INTO shipped VALUES ('{}')"


def payment(id: str = "t1", event: str = "PAYMENT_SUCCEEDED", status: str = "completed", delivery: str = "d1") -> Event:
    return Event.from_dict(
        {"id": delivery, "event": event, "data": {"transaction_id": id, "status": status, "customer_name": "Awa Diop"}}
    )


def refund(id: str = "r1", event: str = "REFUND_COMPLETED") -> Event:
    return Event.from_dict({"id": "d2", "event": event, "data": {"refund_id": id, "status": "completed"}})


def ignore(event: Event) -> None:
    """Do nothing with an event; a command line names this."""


class Shop:
    """Ships orders: a row in `shipped` for each time."""

    def __init__(self, kind: str, path: Path | str) -> None:
        self.kind, self.path, self.now = kind, str(path), 1_000_000.0
        with closing(sqlite3.connect(self.path, timeout=30)) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS shipped (id TEXT)")
        self.store, self._execute, self.close = _OPEN[kind](self.path)

    def inbox(self, handler: Callable[[Any], object] | None = None, **options: Any) -> Inbox[Any]:
        inbox = Inbox[Any](self.store, handler, clock=lambda: self.now, **options)
        self._inbox = inbox
        return inbox

    def ship(self, event: Event) -> None:
        self.execute(_SHIP.format(event.object.identity))

    def execute(self, statement: str) -> None:
        self._execute(self._inbox.connection, statement)

    def shipped(self) -> Counter[str]:
        return Counter(id for (id,) in self.read("SELECT id FROM shipped"))

    def row(self, key: str = "PAYMENT_SUCCEEDED:t1:completed") -> dict[str, Any]:
        with closing(sqlite3.connect(self.path)) as connection:
            connection.row_factory = sqlite3.Row
            return dict(connection.execute("SELECT * FROM lomi_inbox WHERE key = ?", [key]).fetchone() or {})

    def read(self, query: str) -> list[Any]:
        with closing(sqlite3.connect(self.path)) as connection:
            return connection.execute(query).fetchall()


def _sqlite(path: str) -> tuple[Any, Any, Any]:
    return SQLiteStore(path), lambda connection, statement: connection.execute(statement), lambda: None


def _sqlalchemy(path: str) -> tuple[Any, Any, Any]:
    import sqlalchemy  # here, as Django below: the processes of other stores start without it
    from sqlalchemy.orm import sessionmaker

    from lomi.webhooks.stores.sqlalchemy import SQLAlchemyStore

    engine = sqlalchemy.create_engine(f"sqlite:///{path}", connect_args={"timeout": 30})
    store = SQLAlchemyStore(sessionmaker(engine))
    store.create_table()
    return store, lambda session, statement: session.execute(sqlalchemy.text(statement)), engine.dispose


def _django(path: str) -> tuple[Any, Any, Any]:
    import django
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connections
    from django.test.utils import override_settings

    if not settings.configured:
        settings.configure(DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}})
    django.setup()
    # Whatever the settings of this process are, the app is installed and has a database of its own.
    installed = override_settings(INSTALLED_APPS=[*settings.INSTALLED_APPS, "lomi.webhooks.stores.django"])
    installed.enable()
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": path, "OPTIONS": {"timeout": 30}}
    filled = connections.configure_settings({"default": {**database}, ALIAS: database})
    connections.settings[ALIAS] = filled[ALIAS]
    call_command("migrate", "lomi_inbox", database=ALIAS, verbosity=0)

    from lomi.webhooks.stores.django import DjangoStore

    def execute(connection: Any, statement: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)

    def close() -> None:
        connections[ALIAS].close()
        del connections[ALIAS], connections.settings[ALIAS]
        installed.disable()

    return DjangoStore(using=ALIAS), execute, close


_OPEN: dict[str, Callable[[str], tuple[Any, Any, Any]]] = {
    "sqlite": _sqlite,
    "sqlalchemy": _sqlalchemy,
    "django": _django,
}


def main(kind: str, path: str, mode: str, *ids: str) -> None:
    shop = Shop(kind, path)

    def handle(event: Event) -> None:
        shop.ship(event)
        if mode == "killed":
            os.kill(os.getpid(), signal.SIGKILL)

    inbox = shop.inbox(handle)
    for id in ids:
        inbox.process(payment(id))
    shop.now += 60
    inbox.work()
    shop.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
