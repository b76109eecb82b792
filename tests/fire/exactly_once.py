"""Each order paid in the sandbox is shipped once: deliveries that go wrong, workers killed, a database that fails."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy.pool import NullPool

from lomi import LomiClient
from lomi.sandbox import Sandbox

from .figures import Figure, experiment
from .shop import Shop, Site, open_site

SECRET = "whsec_fire"
PAYERS = 4  # at once
FAULTS = {
    "lose_webhook": 0.1,
    "corrupt_webhook_signature": 0.025,
    "duplicate_webhook": 0.2,
    "reorder_webhook": 0.1,
    "change_webhook_id": 0.3,
}
ONE_AT_A_TIME = threading.Lock()
STORIES = {"pay": 70, "decline": 8, "decline pay": 12, "cancel": 5, "time_out": 5}


def buy(sandbox: Sandbox, client: LomiClient, seed: int, number: int) -> str | None:
    """Let a payer do something about a new order. Return the order if it was paid."""
    luck, order = random.Random(f"{seed}/{number}"), f"order-{number}"
    with ONE_AT_A_TIME:  # two that move the clock at once move it by one second, and the sandbox throttles by its time
        sandbox.clock.advance(seconds=1)
    session = client.checkout_sessions.create(amount=5000, currency_code="XOF", metadata={"order_id": order})
    payer, method = sandbox.payer(session), luck.choice(["WAVE", "MTN", "CARDS"])
    outcome = None
    for step in luck.choices([*STORIES], [*STORIES.values()])[0].split():
        outcome = getattr(payer, step)(**({"method": method} if step in {"pay", "decline"} else {}))
    return order if outcome is not None and outcome.status == "completed" else None


def disturb(sandbox: Sandbox) -> None:
    """Let deliveries go wrong: one in eight is lost, or signed with another secret."""
    for kind, probability in FAULTS.items():
        sandbox.inject(kind, times=None, probability=probability)
    sandbox.delay_webhook(1800, times=None, probability=0.1)


def retry_what_failed(site: Site, shop: Shop) -> None:
    """Let the workers work until nothing is left: seven hours later each time, which is longer than any wait."""
    with ThreadPoolExecutor(2) as pool:
        for _ in range(200):
            left = len(shop.inbox.failed(10**6))
            if not left:
                return
            shop.now += 7 * 3600
            list(pool.map(site.post, [f"work/{shop.now}"] * (left // 10 + 2)))


def fulfil(url: str, orders: int, trouble: float, seed: int) -> Iterator[Figure]:
    """Have orders bought and shipped, and count how often each was."""
    shop = Shop(url, random.Random(), 0.0)
    shop.database.prepare()
    with Sandbox(seed=seed, customers=0) as sandbox, sandbox.serve() as server, sandbox.client() as client:
        environment = {
            "LOMI_WEBHOOK_SECRET": SECRET,
            "LOMI_API_KEY": server.api_key,
            "LOMI_BASE_URL": server.url,
        }
        since = sandbox.clock.now().timestamp()
        with open_site(url, trouble, seed, environment) as site, ThreadPoolExecutor(PAYERS) as pool:
            endpoints = [
                # As live ones are: each attempt with another id, and no more than four in 21 seconds.
                sandbox.webhooks.add(f"{site.url}/{name}", secret=SECRET, synchronous=True)
                for name in ("inbox", "recipe")
            ]
            disturb(sandbox)
            bought = pool.map(partial(buy, sandbox, client, seed), range(orders))
            paid = {order for order in bought if order is not None}
            sandbox.clock.advance(minutes=2)
            failed = len(shop.inbox.failed(10**6))
            retry_what_failed(site, shop)
            missed = paid - set(shop.database.shipped("inbox")[0])
            # Two at once, while what is late arrives.
            catching_up = [pool.submit(site.post, f"catch-up/{since}") for _ in range(2)]
            sandbox.clock.advance(hours=2)
            assert all(each.result() for each in catching_up), "catch_up failed"
            retry_what_failed(site, shop)
            sent = sum(each.endpoint == endpoints[0].id and each.sent_at is not None for each in sandbox.deliveries)
    shipped, backwards = shop.database.shipped("inbox")
    beside, beside_backwards = shop.database.shipped("recipe")
    shop.database.close()
    kind = "sqlite" if shop.database.is_sqlite else "PostgreSQL"
    once = sum(count == 1 for count in shipped.values())
    told = f"{once:,} of {len(paid):,}; {sent:,} attempts to deliver, {failed} failed, {site.killed} workers killed"
    yield Figure(f"{kind}: each paid order is shipped once", told, shipped == dict.fromkeys(paid, 1))
    others = set(shipped) - paid
    yield Figure(
        f"{kind}: no other is, and none is cancelled after", f"{len(others)}, {len(backwards)}", not others | backwards
    )
    found = missed & set(shipped)
    yield Figure(
        f"{kind}: `catch_up`, twice at once, while late deliveries arrive, finds what was missed",
        f"{len(found)} of {len(missed)}",
        found == missed,
    )
    twice = sum(count > 1 for count in beside.values())
    told = f"{twice} twice, {len(paid - set(beside))} never, {len(beside_backwards)} cancelled after"
    yield Figure(f"{kind}: beside it, the guide's recipe for the same orders", told, kept=True)


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
    """Ship the orders of one history on each database, beside the guide's recipe."""
    orders, trouble, seed = 5_000 if long else 25, 0.05, 1
    with tempfile.TemporaryDirectory() as directory:
        yield from fulfil(f"{directory}/shop.db", orders, trouble, seed)
    if long:
        with postgres() as own:
            if own is None:
                yield Figure("PostgreSQL: each paid order is shipped once", "not installed here", kept=True)
            else:
                yield from fulfil(own, orders, trouble, seed)
