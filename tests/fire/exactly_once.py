"""Each paid order is shipped once: deliveries lost, doubled, shuffled and renamed, workers killed, a database that fails."""

from __future__ import annotations

import mmap
import os
import random
import shutil
import signal
import struct
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy
from sqlalchemy.orm import sessionmaker
from sqlalchemy.pool import NullPool

from lomi import LomiClient
from lomi.webhooks import Event
from lomi.webhooks.inbox import Inbox
from lomi.webhooks.stores.sqlalchemy import SQLAlchemyStore

from .figures import Figure, experiment

WORKERS = 2
ATTEMPTS = 4  # of the sender, for a live payment


class History:
    """What payers did, and what was sent of it."""

    def __init__(self, orders: int, luck: random.Random) -> None:
        self.paid: set[str] = set()
        self.transactions: list[dict[str, Any]] = []
        deliveries: list[tuple[float, dict[str, Any]]] = []
        for number in range(orders):
            id, moment = f"order-{number}", float(number)
            story = luck.choices(["completed", "failed", "failed completed"], [7, 1, 2])[0].split()
            for status in story:
                data = {"transaction_id": id, "status": status, "gross_amount": 5000, "currency_code": "XOF"}
                name = "PAYMENT_SUCCEEDED" if status == "completed" else "PAYMENT_FAILED"
                # One in ten is lost; the others come up to three times, late, each time with another id.
                for _ in range(0 if luck.random() < 0.1 else luck.choice([1, 1, 2, 3])):
                    event = {"id": f"{luck.getrandbits(64):x}", "event": name, "data": data}
                    deliveries.append((moment + luck.expovariate(0.1), event))
            self.transactions.append(data)
            if story[-1] == "completed":
                self.paid.add(id)
        self.deliveries = [event for _, event in sorted(deliveries, key=lambda each: each[0])]

    def client(self) -> LomiClient:
        def answer(request: httpx.Request) -> httpx.Response:
            if request.url.path == "/refunds":
                return httpx.Response(200, json={"data": []})
            page = int(request.url.params.get("page", 1))
            return httpx.Response(200, json=self.transactions[(page - 1) * 100 : page * 100])

        return LomiClient("lomi_sk_test_fire", transport=httpx.MockTransport(answer))


class Shop:
    """A receiver whose handler fails, whose database fails, and whose process is killed, now and then."""

    def __init__(self, url: str, seed: int, trouble: float, clock: Callable[[], float]) -> None:
        self.engine = sqlalchemy.create_engine(url, poolclass=NullPool)
        self.luck, self.trouble = random.Random(seed), trouble
        self.store = SQLAlchemyStore(sessionmaker(self.engine))
        self.begin = self.store.begin
        self.store.begin = self.flaky  # type: ignore[method-assign]
        self.inbox = Inbox(self.store, self.handle, clock=clock)

    @contextmanager
    def flaky(self) -> Generator[Any]:
        self.may_fail(OSError("no connection"))
        with self.begin() as session:
            yield session
            self.may_fail(OSError("no space for the commit"))
            self.may_be_killed()
        self.may_be_killed()

    def handle(self, event: Event) -> None:
        self.may_be_killed()
        what = "ship" if event.event == "PAYMENT_SUCCEEDED" else "cancel"
        self.inbox.connection.execute(_NOTE, {"id": event.object.transaction_id, "what": what})
        self.may_fail(ValueError("the handler"))
        if self.engine.dialect.name == "postgresql" and self.luck.random() < self.trouble:
            self.inbox.connection.execute(sqlalchemy.text("SELECT pg_terminate_backend(pg_backend_pid())"))

    def recipe(self, event: Event) -> None:
        """What the vendor's guide advises: look whether the id was seen, act, remember it."""
        with self.engine.begin() as connection:
            if connection.execute(_SEEN, {"id": event.id}).first():
                return
        self.may_fail(OSError("no connection"))
        self.may_fail(ValueError("the handler"))
        self.may_be_killed()
        what = "ship" if event.event == "PAYMENT_SUCCEEDED" else "cancel"
        with self.engine.begin() as connection:
            connection.execute(_NOTE, {"id": event.object.transaction_id, "what": what})
        self.may_be_killed()
        with self.engine.begin() as connection:
            connection.execute(_REMEMBER, {"id": event.id})

    def may_fail(self, error: Exception) -> None:
        if self.luck.random() < self.trouble:
            raise error

    def may_be_killed(self) -> None:
        if self.luck.random() < self.trouble / 4:
            os.kill(os.getpid(), signal.SIGKILL)


_NOTE = sqlalchemy.text("INSERT INTO notes (id, what) VALUES (:id, :what)")
_SEEN = sqlalchemy.text("SELECT 1 FROM seen WHERE id = :id")
_REMEMBER = sqlalchemy.text("INSERT INTO seen VALUES (:id)")


def crew(tasks: int, make: Callable[[int], Callable[[int], None]]) -> int:
    """Have every task done by two processes at once; restart the killed. Return how many were killed."""
    killed = 0
    with mmap.mmap(-1, 8 * WORKERS) as done:
        children: dict[int, int] = {}
        generation = 0

        def start(worker: int) -> None:
            nonlocal generation
            generation += 1
            pid = os.fork()
            if pid:
                children[pid] = worker
                return
            try:
                task = make(generation * WORKERS + worker)
                (first,) = struct.unpack_from("q", done, 8 * worker)
                for number in range(first, tasks):
                    # What is being done when the process is killed comes again, as from a sender without a response.
                    task(number if worker == 0 else (number + 1) % tasks)
                    struct.pack_into("q", done, 8 * worker, number + 1)
            finally:
                os._exit(0)

        for worker in range(WORKERS):
            start(worker)
        while children:
            for pid, worker in [*children.items()]:
                ended, status = os.waitpid(pid, os.WNOHANG)
                if ended:
                    del children[pid]
                    if os.WIFSIGNALED(status):
                        killed += 1
                        start(worker)
            time.sleep(0.002)
    return killed


def notes(url: str) -> tuple[Counter[str], set[str]]:
    """Return how often each order was shipped, and which were cancelled after that."""
    engine = sqlalchemy.create_engine(url, poolclass=NullPool)
    shipped, backwards = Counter[str](), set[str]()
    with engine.begin() as connection:
        for id, what in connection.execute(sqlalchemy.text("SELECT id, what FROM notes ORDER BY n")):
            if what == "ship":
                shipped[id] += 1
            elif id in shipped:
                backwards.add(id)
    return shipped, backwards


def prepare(url: str) -> None:
    engine = sqlalchemy.create_engine(url, poolclass=NullPool)
    serial = "SERIAL" if engine.dialect.name == "postgresql" else "INTEGER"
    with engine.begin() as connection:
        for table in ("notes", "seen", "lomi_inbox"):
            connection.execute(sqlalchemy.text(f"DROP TABLE IF EXISTS {table}"))
        connection.execute(sqlalchemy.text(f"CREATE TABLE notes (n {serial} PRIMARY KEY, id TEXT, what TEXT)"))
        connection.execute(sqlalchemy.text("CREATE TABLE seen (id TEXT)"))
    SQLAlchemyStore(sessionmaker(engine)).create_table()


def with_inbox(history: History, url: str, trouble: float, seed: int) -> Iterator[Figure]:
    prepare(url)
    now = [time.time()]

    def deliver(worker: int) -> Callable[[int], None]:
        shop = Shop(url, seed + worker, trouble, lambda: now[0])

        def task(number: int) -> None:
            for _ in range(ATTEMPTS):  # as long as the endpoint responds with 503
                with suppress(OSError, sqlalchemy.exc.SQLAlchemyError):
                    shop.inbox.process(Event.from_dict(history.deliveries[number]))
                    return

        return task

    def work(worker: int) -> Callable[[int], None]:
        shop = Shop(url, seed + worker, trouble, lambda: now[0])

        def task(number: int) -> None:
            with suppress(OSError, sqlalchemy.exc.SQLAlchemyError):
                shop.inbox.work(20)

        return task

    killed = crew(len(history.deliveries), deliver)
    calm = Shop(url, seed, 0.0, lambda: now[0])
    failed = len(calm.inbox.failed(10**6))
    for _ in range(10):
        now[0] += 7 * 3600
        killed += crew(failed // 20 + 2, work)
    now[0] += 7 * 3600
    calm.inbox.work(10**6)
    lost = history.paid - set(notes(url)[0])
    with history.client() as client:
        counts = calm.inbox.catch_up(client, since=datetime.now(timezone.utc))
    shipped, backwards = notes(url)
    kind = "PostgreSQL" if url.startswith("postgresql") else "sqlite"
    once = sum(count == 1 for count in shipped.values())
    told = f"{once} of {len(history.paid)}; {len(history.deliveries)} deliveries, {failed} failed, {killed} killed"
    yield Figure(f"{kind}: each paid order is shipped once", told, shipped == dict.fromkeys(history.paid, 1))
    others = set(shipped) - history.paid
    yield Figure(
        f"{kind}: no other is, and none is cancelled after", f"{len(others)}, {len(backwards)}", not others | backwards
    )
    found = len(lost & set(shipped))
    yield Figure(
        f"{kind}: `catch_up` finds what was lost", f"{found} of {len(lost)}", found == len(lost) <= counts.done
    )


def with_recipe(history: History, url: str, trouble: float, seed: int) -> Figure:
    prepare(url)

    def deliver(worker: int) -> Callable[[int], None]:
        shop = Shop(url, seed + worker, trouble, time.time)

        def task(number: int) -> None:
            for _ in range(ATTEMPTS):
                with suppress(OSError, ValueError, sqlalchemy.exc.SQLAlchemyError):
                    shop.recipe(Event.from_dict(history.deliveries[number]))
                    return

        return task

    crew(len(history.deliveries), deliver)
    shipped, backwards = notes(url)
    twice = sum(count > 1 for count in shipped.values())
    never = len(history.paid - set(shipped))
    told = f"{twice} twice, {never} never, {len(backwards)} cancelled after"
    return Figure("beside it, the guide's recipe on the same history", told, kept=True)


@contextmanager
def postgres() -> Generator[str | None]:
    """Start a PostgreSQL of our own on a socket in a directory; None where it is not installed."""
    found = shutil.which("initdb")
    if found is None:
        yield None
        return
    programs = Path(found).resolve().parent
    directory = Path(tempfile.mkdtemp(prefix="lomi-pg"))
    # It refuses to run as root.
    user = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
    if user:
        shutil.chown(directory, "nobody", "nogroup")
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": directory, **user}
    data = str(directory / "data")
    try:
        subprocess.run(
            [programs / "initdb", "-D", data, "-U", "lomi", "-A", "trust", "-E", "UTF8"], check=True, **quiet
        )
        options = ["-c", "listen_addresses=", "-c", "fsync=off", "-k", str(directory)]
        server = subprocess.Popen([programs / "postgres", "-D", data, *options], **quiet)
        try:
            url = f"postgresql+psycopg://lomi@/postgres?host={directory}"
            _wait_for(url, server)
            yield url
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)
    finally:
        shutil.rmtree(directory)


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    engine = sqlalchemy.create_engine(url, poolclass=NullPool)
    while server.poll() is None:
        try:
            engine.connect().close()
        except sqlalchemy.exc.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("PostgreSQL did not start")


@experiment("exactly_once")
def exactly_once(long: bool) -> Iterator[Figure]:
    """Ship the orders of one history on each database, and by the guide's recipe."""
    orders, seed = (10_000, 1) if long else (60, 1)
    history, trouble = History(orders, random.Random(seed)), 0.05
    with tempfile.TemporaryDirectory() as directory:
        url = f"sqlite:///{directory}/shop.db"
        yield from with_inbox(history, url, trouble, seed)
        yield with_recipe(history, url, trouble, seed)
    if long:
        with postgres() as own:
            if own is None:
                yield Figure("PostgreSQL: each paid order is shipped once", "not installed here", kept=True)
            else:
                yield from with_inbox(history, own, trouble, seed)
