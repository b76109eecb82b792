"""Processes, threads, event loops and cancellation: one client in all of them."""

from __future__ import annotations

import asyncio
import gc
import os
import random
import struct
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import trio

import lomi
from lomi import AsyncLomiClient, LomiClient

from .echo import KEY, ask, ask_async, gather, serving
from .figures import Figure, experiment

CHILDREN = 4


def descriptors() -> int:
    """Return how many file descriptors this process has open."""
    gc.collect()
    return len(list(Path("/proc/self/fd").iterdir()))


def _wrong(client: LomiClient, calls: int, tag: str) -> int:
    wrong = 0
    for number in range(calls):
        try:
            wrong += not ask(client, number, tag)
        except lomi.LomiError:
            wrong += 1
    return wrong


def _in_child(work: Callable[[], int]) -> tuple[int, int]:
    """Fork; return the child's process id, and where its result can be read from."""
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        result = 10**6
        try:
            result = work()
        except BaseException:  # the child must end here, whatever happened
            traceback.print_exc()
        finally:
            os.write(writes, struct.pack("q", result))
            os._exit(0)
    os.close(writes)
    return child, reads


def _collect(children: list[tuple[int, int]]) -> int:
    wrong = 0
    for child, reads in children:
        with os.fdopen(reads, "rb") as pipe:
            wrong += struct.unpack("q", pipe.read(8))[0]
        os.waitpid(child, 0)
    return wrong


@experiment("fork")
def fork(long: bool) -> Iterator[Figure]:
    """A client that was used before fork()."""
    calls, rounds = (1000, 20) if long else (40, 2)
    wrong = kept = 0
    with serving() as url, LomiClient(KEY, base_url=url, timeout=30) as client:
        for turn in range(rounds):
            wrong += _wrong(client, 4, f"before-{turn}")
            sockets = _sockets()
            children = [_in_child(lambda n=n, turn=turn: _wrong(client, calls, f"{turn}-{n}")) for n in range(CHILDREN)]
            # The parent goes on meanwhile, on its own connection.
            wrong += _wrong(client, calls, f"parent-{turn}")
            wrong += _collect(children)
            kept += _sockets() == sockets
    yield Figure(
        f"{CHILDREN} children × {calls} calls × {rounds} rounds after fork(), and the parent meanwhile: 0 wrong or failed",
        f"{wrong} of {(CHILDREN + 1) * calls * rounds:,}; the parent kept its connection in {kept} of {rounds}",
        wrong == 0 and kept == rounds,
    )
    wrong = 0
    with serving() as url:
        asynchronous = AsyncLomiClient(KEY, base_url=url, timeout=30)

        async def run(tag: str) -> int:
            return sum(
                [
                    await gather([ask_async(asynchronous, n, f"{tag}-{m}") for n in range(20)])
                    for m in range(calls // 20)
                ]
            )

        loop = asyncio.new_event_loop()
        for turn in range(rounds):
            wrong += loop.run_until_complete(run(f"before-{turn}"))
            children = [_in_child(lambda n=n, turn=turn: asyncio.run(run(f"{turn}-{n}"))) for n in range(CHILDREN)]
            wrong += loop.run_until_complete(run(f"parent-{turn}"))
            wrong += _collect(children)
        loop.run_until_complete(asynchronous.aclose())
        loop.close()
    yield Figure(
        "the same with the async client, by a new loop in each child: 0 wrong or failed",
        f"{wrong} of {(CHILDREN + 1) * calls * rounds:,}",
        wrong == 0,
    )


def _sockets() -> set[str]:
    targets = set()
    for each in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            targets.add(f"{each.name} {each.readlink()}")
    return {target for target in targets if "socket:" in target}


@experiment("threads")
def threads(long: bool) -> Iterator[Figure]:
    """One blocking client under many threads, all of which start at once."""
    count, calls = (64, 1000) if long else (16, 20)
    start = threading.Barrier(count)
    with serving() as url, LomiClient(KEY, base_url=url, timeout=60) as client, ThreadPoolExecutor(count) as pool:

        def work(number: int) -> int:
            start.wait()
            return _wrong(client, calls, f"thread-{number}")

        wrong = sum(pool.map(work, range(count)))
    free = not getattr(sys, "_is_gil_enabled", lambda: True)()
    yield Figure(
        f"{count} threads × {calls} mixed calls on one client from a cold start: every answer belongs to its request",
        f"{wrong} wrong of {count * calls:,} ({'without' if free else 'with'} a GIL)",
        wrong == 0,
    )


@experiment("loops")
def loops(long: bool) -> Iterator[Figure]:
    """One async client in many event loops."""
    rounds = 200 if long else 5
    problems: list[Any] = []
    with serving() as url:
        before = descriptors()
        client = AsyncLomiClient(KEY, base_url=url, timeout=30)

        async def run(tag: str) -> int:
            asyncio.get_running_loop().set_exception_handler(lambda _, context: problems.append(context))
            return await gather([ask_async(client, number, tag) for number in range(20)])

        async def run_trio(tag: str) -> int:
            wrong = 0

            async def one(number: int) -> None:
                nonlocal wrong
                wrong += not await ask_async(client, number, tag)

            async with trio.open_nursery() as nursery:
                for number in range(20):
                    nursery.start_soon(one, number)
            return wrong

        wrong = sum(asyncio.run(run(f"run-{turn}")) for turn in range(rounds))
        with ThreadPoolExecutor(8) as pool:
            wrong += sum(pool.map(lambda turn: asyncio.run(run(f"thread-{turn}")), range(rounds)))
        wrong += sum(trio.run(run_trio, f"trio-{turn}") for turn in range(rounds))
        asyncio.run(client.aclose())
        leaked = descriptors() - before
    yield Figure(
        f"one async client over {rounds} × asyncio.run, {rounds} loops in 8 threads and {rounds} × trio.run: "
        "every call succeeds, nothing is left open",
        f"{wrong} failed of {rounds * 60:,}; {leaked} descriptors left; {len(problems)} complaints of a loop",
        wrong == 0 and leaked <= 0 and not problems,
    )


@experiment("cancel")
def cancel(long: bool) -> Iterator[Figure]:
    """Calls that are cancelled at any moment, and good ones afterwards."""
    count, after = (10_000, 1000) if long else (600, 100)
    chance = random.Random(7)
    problems: list[Any] = []
    ended: list[str] = []

    async def run(url: str) -> tuple[int, int]:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: problems.append(context))
        async with AsyncLomiClient(KEY, base_url=url, timeout=30) as client:

            async def one(number: int) -> None:
                task = asyncio.ensure_future(ask_async(client, number, "cancelled"))
                for _ in range(chance.randrange(10)):
                    await asyncio.sleep(0)
                if chance.random() < 0.2:
                    await asyncio.sleep(chance.random() * 0.03)
                task.cancel()
                try:
                    ended.append("done" if await task else "wrong")
                except asyncio.CancelledError:
                    ended.append("cancelled")

            gate = asyncio.Semaphore(100)

            async def bounded(number: int) -> None:
                async with gate:
                    await one(number)

            await asyncio.gather(*[bounded(number) for number in range(count)])
            wrong = 0
            for turn in range(10):
                wrong += await gather([ask_async(client, number, f"good-{turn}") for number in range(after // 10)])
            # Idle ones are closed here; what is left is in use.
            await client.transport.aclose()
            return wrong, client.transport.connections()

    with serving() as url:
        before = descriptors()
        wrong, busy = asyncio.run(run(url))
        leaked = descriptors() - before
    cancelled = ended.count("cancelled")
    yield Figure(
        f"{count:,} async calls cancelled at random moments, then {after:,} good ones: all succeed, and no connection is lost",
        f"{wrong} failed; {cancelled:,} were cancelled in time, {ended.count('done'):,} were done, "
        f"{ended.count('wrong')} wrong; {busy} connections and {leaked} descriptors left in use; {len(problems)} complaints",
        wrong == 0 and leaked <= 0 and not busy and not problems and "wrong" not in ended and cancelled > count // 20,
    )
