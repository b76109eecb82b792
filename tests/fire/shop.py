"""A shop that receives webhooks by HTTP: two processes on one socket and one database, which fail and are killed.

python -m tests.fire.shop DATABASE SOCKET TROUBLE SEED
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import socket
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import httpx
import sqlalchemy
from sqlalchemy.orm import sessionmaker

from lomi import LomiClient
from lomi.webhooks import Event, Inbox
from lomi.webhooks.stores.sqlalchemy import SQLAlchemyStore
from lomi.webhooks.stores.sqlite import SQLiteStore
from lomi.webhooks.wsgi import webhook

__all__ = ["Database", "Shop", "Site", "open_site"]

WORKERS = 2
# Of one call for work, so that a worker that is killed leaves most of it to others.
PORTION = 20


class Database:
    """A database of the shop: what was shipped and cancelled, by the inbox and by the recipe, and the inbox itself."""

    def __init__(self, url: str) -> None:
        self.is_sqlite = not url.startswith("postgresql")
        self.store: Any = SQLiteStore(lambda: _connect(url))
        self._text: Callable[[str], Any] = str
        self.close: Callable[[], None] = lambda: None
        if not self.is_sqlite:
            engine = sqlalchemy.create_engine(url)
            self.store, self._text, self.close = SQLAlchemyStore(sessionmaker(engine)), sqlalchemy.text, engine.dispose
        self.begin = self.store.begin

    def prepare(self) -> None:
        """Create the tables."""
        if not self.is_sqlite:
            self.store.create_table()
        with self.begin() as connection:
            number = "INTEGER" if self.is_sqlite else "SERIAL"
            columns = f"n {number} PRIMARY KEY, who TEXT, order_id TEXT, payment TEXT, what TEXT"
            self.run(connection, f"CREATE TABLE notes ({columns})")
            self.run(connection, "CREATE TABLE seen (id TEXT)")

    def run(self, connection: Any, statement: str, **values: Any) -> Any:
        """Execute a statement."""
        return connection.execute(self._text(statement), values)

    def note(self, connection: Any, who: str, event: Event) -> None:
        """Ship or cancel an order."""
        payment: Any = event.object
        self.run(
            *(connection, "INSERT INTO notes (who, order_id, payment, what) VALUES (:who, :order, :payment, :what)"),
            who=who,
            order=payment.metadata["order_id"],
            payment=payment.transaction_id,
            what="ship" if event.event == "PAYMENT_SUCCEEDED" else "cancel",
        )

    def shipped(self, who: str) -> tuple[Counter[str], set[str]]:
        """Return how often each order was shipped, and which were cancelled after that, for the same payment."""
        shipped, paid, backwards = Counter[str](), set[str](), set[str]()
        with self.begin() as connection:
            query = "SELECT order_id, payment, what FROM notes WHERE who = :who ORDER BY n"
            rows = self.run(connection, query, who=who).fetchall()
        for order, payment, what in rows:
            if what == "ship":
                shipped[order] += 1
                paid.add(payment)
            elif payment in paid:
                backwards.add(order)
        return shipped, backwards


def _connect(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=30)
    # A process that is killed loses nothing that it wrote: waiting for the disk, 27 ms a commit here, is for power cuts.
    connection.execute("PRAGMA synchronous = OFF")
    return connection


class Shop:
    """Fulfils orders, while its function and its database fail, and its process is killed, now and then."""

    def __init__(self, url: str, luck: random.Random, trouble: float) -> None:
        self.luck, self.trouble, self.now = luck, trouble, datetime.now(timezone.utc).timestamp()
        self.database = Database(url)
        self.database.store.begin = self._begin
        self.inbox = Inbox[Any](self.database.store, self._fulfil, clock=lambda: self.now)

    def recipe(self, event: Event) -> None:
        """Do what the vendor's guide advises: look whether the id was seen, act, remember it."""
        self._may_fail(OSError("no connection"))
        with self.database.begin() as connection:
            if self.database.run(connection, "SELECT 1 FROM seen WHERE id = :id", id=event.id).fetchall():
                return
        self._may_fail(ValueError("the handler"))
        self._may_be_killed()
        with self.database.begin() as connection:
            self.database.note(connection, "recipe", event)
        self._may_be_killed()
        with self.database.begin() as connection:
            self.database.run(connection, "INSERT INTO seen VALUES (:id)", id=event.id)

    @contextmanager
    def _begin(self) -> Generator[Any]:
        self._may_fail(OSError("no connection"))
        with self.database.begin() as connection:
            yield connection
            self._may_fail(OSError("no space for the commit"))
            self._may_be_killed()
        self._may_be_killed()

    def _fulfil(self, event: Event) -> None:
        self._may_be_killed()
        connection = self.inbox.connection
        self.database.note(connection, "inbox", event)
        self._may_fail(ValueError("the handler"))
        if not self.database.is_sqlite and self.luck.random() < self.trouble:
            self.database.run(connection, "SELECT pg_terminate_backend(pg_backend_pid())")

    def _may_fail(self, error: Exception) -> None:
        if self.luck.random() < self.trouble:
            raise error

    def _may_be_killed(self) -> None:
        if self.luck.random() < self.trouble / 4:
            os.kill(os.getpid(), signal.SIGKILL)


class Site:
    """The shop as the sandbox and its owner see it: an address."""

    def __init__(self, url: str, supervisor: subprocess.Popen[str]) -> None:
        self.url = url
        self.killed = 0
        self._supervisor = supervisor

    def post(self, path: str) -> dict[str, int]:
        """Have the shop do something; nothing is returned when it failed or was killed."""
        try:
            response = httpx.post(f"{self.url}/{path}", timeout=600, trust_env=False)
        except httpx.TransportError:
            return {}
        counts: dict[str, int] = response.json() if response.status_code == 200 else {}
        return counts

    def close(self) -> None:
        """End its processes."""
        output, _ = self._supervisor.communicate()
        self.killed = int(output)


@contextmanager
def open_site(url: str, trouble: float, seed: int, environment: Mapping[str, str]) -> Generator[Site]:
    """Start the shop; end it, and count how many of its workers were killed."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        number = listener.fileno()
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "tests.fire.shop", url, str(number), str(trouble), str(seed)],
            cwd=Path(__file__).parents[2],
            env={**os.environ, **environment},
            pass_fds=[number],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert supervisor.stdout is not None
        assert supervisor.stdout.readline() == "ready\n"
        site = Site(f"http://127.0.0.1:{listener.getsockname()[1]}", supervisor)
        try:
            yield site
        finally:
            site.close()


# The program


class _Handler(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None: ...


def _serve(listener: socket.socket, application: Callable[..., Any]) -> None:
    server = WSGIServer(("127.0.0.1", 0), _Handler, bind_and_activate=False)
    server.socket.close()
    server.socket = listener
    server.server_name, server.server_port = listener.getsockname()
    server.setup_environ()
    server.set_app(application)
    while True:
        server.handle_request()


def _application(url: str, luck: random.Random, trouble: float) -> Callable[..., Any]:
    """Return the shop as a WSGI application: the two endpoints, and what its owner calls."""
    shop, calm = Shop(url, luck, trouble), Shop(url, luck, 0.0)
    endpoints = {"inbox": webhook(inbox=shop.inbox), "recipe": webhook(shop.recipe)}

    def work(moment: float) -> dict[str, int]:
        shop.now = moment
        return shop.inbox.work(PORTION).to_dict()

    def catch_up(since: float) -> dict[str, int]:
        with LomiClient() as client:
            return calm.inbox.catch_up(client, since=datetime.fromtimestamp(since, timezone.utc)).to_dict()

    jobs: dict[str, Callable[[float], dict[str, int]]] = {"work": work, "catch-up": catch_up}

    def respond(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        name, _, argument = environ["PATH_INFO"].strip("/").partition("/")
        if name in endpoints:
            return endpoints[name](environ, start_response)
        try:
            status, counts = "200 OK", jobs[name](float(argument))
        except (OSError, sqlalchemy.exc.SQLAlchemyError):
            status, counts = "503 Service Unavailable", {}
        start_response(status, [("Content-Type", "application/json")])
        return [json.dumps(counts).encode()]

    return respond


def _supervise(start: Callable[[int], None]) -> int:
    """Keep the workers running until the input ends. Return how many were killed."""
    started, killed, children = 0, 0, set[int]()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while not select.select([sys.stdin], [], [], 0.005)[0]:
        while len(children) < WORKERS:
            started += 1
            pid = os.fork()
            if not pid:
                try:
                    start(started)
                finally:
                    os._exit(1)
            children.add(pid)
        for pid in [*children]:
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                assert os.WIFSIGNALED(status), "a worker ended by itself"
                children.remove(pid)
                killed += 1
    for pid in children:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    return killed


def _main(url: str, number: str, trouble: str, seed: str) -> None:
    listener = socket.socket(fileno=int(number))

    def start(generation: int) -> None:
        _serve(listener, _application(url, random.Random(f"{seed}/{generation}"), float(trouble)))

    sys.stdout.write(str(_supervise(start)))


if __name__ == "__main__":
    _main(*sys.argv[1:])
