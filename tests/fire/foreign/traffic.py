"""Calls of four kinds, what became of each, and whether that is what the upstream has stored."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import lomi
from lomi import AsyncLomiClient, ConnectionPool, CreatedCheckoutSession, LomiClient

from ..figures import Figure

__all__ = ["Row", "call", "call_async", "judge", "traffic"]

KEY = "lomi_sk_test_fire"
THREADS, TASKS = 8, 16
# A pause as long as the connections of some servers live: the next call finds them closed, or about to be.
PAUSES, PAUSE = 0.02, 1.0


class Row(NamedTuple):
    """A call: its own reference, and its end: ``ok``, ``wrong``, an outcome, or ``raw`` and an exception's name."""

    reference: str
    end: str

    @property
    def reads(self) -> bool:
        return _kind(self.reference) == 0


def _kind(reference: str) -> int:
    return int(reference.rpartition("-")[2]) % 4


def _failed(error: BaseException) -> str:
    return error.outcome if isinstance(error, lomi.LomiError) else f"raw {type(error).__name__}: {error}"


def call(client: LomiClient, reference: str) -> Row:
    """Make one call."""
    kind, customers = _kind(reference), client.customers
    try:
        if kind == 0:
            own = customers.get(reference).id
        elif kind == 1:
            own = customers.create(name=reference, reference=reference).name
        elif kind == 2:
            own = customers.update(reference, name=reference).name
        else:
            session = client.checkout_sessions.create(amount=100, currency_code="XOF", title=reference)
            own = session.checkout_url.rpartition("/")[2] if isinstance(session, CreatedCheckoutSession) else None
    except Exception as error:  # which it is, is what is measured
        return Row(reference, _failed(error))
    return Row(reference, "ok" if own == reference else "wrong")


async def call_async(client: AsyncLomiClient, reference: str) -> Row:
    """Make one call."""
    kind, customers = _kind(reference), client.customers
    try:
        if kind == 0:
            own = (await customers.get(reference)).id
        elif kind == 1:
            own = (await customers.create(name=reference, reference=reference)).name
        elif kind == 2:
            own = (await customers.update(reference, name=reference)).name
        else:
            session = await client.checkout_sessions.create(amount=100, currency_code="XOF", title=reference)
            own = session.checkout_url.rpartition("/")[2] if isinstance(session, CreatedCheckoutSession) else None
    except Exception as error:  # which it is, is what is measured
        return Row(reference, _failed(error))
    return Row(reference, "ok" if own == reference else "wrong")


def traffic(make_pool: Callable[[type], object], url: str, calls: int) -> list[Row]:
    """Make calls, half of them by threads, half by tasks; return their ends."""
    names = [f"sync-{number}" for number in range(calls // 2)]
    pool = make_pool(ConnectionPool)
    assert isinstance(pool, ConnectionPool)
    chance = random.Random(5)
    pauses = {name for name in names if chance.random() < PAUSES}

    def work(name: str) -> Row:
        if name in pauses:
            time.sleep(PAUSE)
        return call(client, name)

    with (
        pool,
        LomiClient(KEY, base_url=url, transport=pool, timeout=30) as client,
        ThreadPoolExecutor(THREADS) as threads,
    ):
        rows = list(threads.map(work, names))
    return rows + asyncio.run(_tasks(make_pool(lomi.AsyncConnectionPool), url, calls - calls // 2))


async def _tasks(pool: object, url: str, calls: int) -> list[Row]:
    assert isinstance(pool, lomi.AsyncConnectionPool)
    chance, places = random.Random(6), asyncio.Semaphore(TASKS)
    async with pool, AsyncLomiClient(KEY, base_url=url, transport=pool, timeout=30) as client:

        async def work(name: str) -> Row:
            async with places:
                if chance.random() < PAUSES:
                    await asyncio.sleep(PAUSE)
                return await call_async(client, name)

        return await asyncio.gather(*[work(f"async-{number}") for number in range(calls)])


def judge(what: str, calls: int, rows: Iterable[Row], stored: Counter[str], requests: int) -> Figure:
    """Compare the ends of calls with what was stored."""
    ends = {row.reference: row for row in rows}
    writes = {name: row.end for name, row in ends.items() if not row.reads}
    duplicates = [name for name, count in stored.items() if count > 1]
    lost = [name for name, end in writes.items() if end == "ok" and not stored[name]]
    misreported = [name for name, end in writes.items() if end in ("not_sent", "rejected") and stored[name]]
    odd = Counter(row.end for row in ends.values() if row.end == "wrong" or row.end.startswith("raw"))
    counted = Counter(writes.values())
    outcomes = ", ".join(f"{counted[end]:,} `{end}`" for end in ("not_sent", "rejected", "unknown") if counted[end])
    failed = sum(row.reads and row.end != "ok" for row in ends.values())
    measured = (
        f"{len(duplicates)} duplicates, {len(lost)} lost, {len(misreported)} misreported, {sum(odd.values())} odd; "
        f"{counted['ok']:,} of {len(writes):,} writes returned{', ' if outcomes else ''}{outcomes}; "
        f"{failed} reads failed; {requests:,} requests arrived"
    )
    if odd:
        measured += f": {odd.most_common(3)}"
    missing = calls - len(ends)
    if missing:
        measured += f"; {missing} calls have no end"
    known = stored.keys() <= ends.keys() | {"boot"}
    # Most must work, or nothing was measured.
    enough = counted["ok"] > len(writes) / 2
    return Figure(
        f"{len(ends):,} calls {what}",
        measured,
        known and enough and not (duplicates or lost or misreported or odd or missing),
    )
