"""What clients cost that come and go: descriptors, memory, TLS contexts, time."""

from __future__ import annotations

import asyncio
import gc
import os
import ssl
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from unittest import mock

from lomi import AsyncLomiClient, LomiClient, LomiConnectionError
from lomi._backends import proxies

from .echo import KEY, serving
from .figures import Figure, experiment
from .processes import descriptors

MIB = 1024 * 1024


def resident() -> int:
    """Return the bytes of memory that this process has in use."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@experiment("cycles")
def cycles(long: bool) -> Iterator[Figure]:
    """Clients that are made, used once and closed."""
    count, warm_up = (10_000, 1000) if long else (60, 60)
    with serving() as url:

        def once() -> None:
            with LomiClient(KEY, base_url=url) as client:
                client.customers.get("x")

        async def once_async() -> None:
            async with AsyncLomiClient(KEY, base_url=url) as client:
                await client.customers.get("x")

        async def many(number: int) -> None:
            for _ in range(number):
                await once_async()

        for flavour, run in (
            ("blocking", lambda number: [once() for _ in range(number)]),
            ("async", lambda number: asyncio.run(many(number))),
        ):
            run(warm_up)
            files, memory = descriptors(), resident()
            run(count)
            files, memory = descriptors() - files, resident() - memory
            yield Figure(
                f"{count:,} × creating, using and closing a client ({flavour}): descriptors flat, memory grows by less "
                "than 4 MiB",
                f"{files:+} descriptors, {memory / MIB:+.2f} MiB",
                files <= 0 and memory < 4 * MIB,
            )
        with LomiClient(KEY, base_url=url) as client:
            client.customers.get("x")
            for _ in range(warm_up):
                client.with_options(timeout=5)
            files, memory = descriptors(), resident()
            for number in range(count):
                client.with_options(timeout=5, max_retries=number % 5, account="acct_1").customers  # noqa: B018
            files, memory = descriptors() - files, resident() - memory
        yield Figure(
            f"{count:,} × `with_options`: opens nothing",
            f"{files:+} descriptors, {memory / MIB:+.2f} MiB",
            files <= 0 and memory < MIB,
        )
    yield _contexts()
    yield _warnings()


def _contexts() -> Figure:
    proxies.ssl_context.cache_clear()
    with mock.patch.object(ssl, "create_default_context", side_effect=ssl.create_default_context) as made:
        for _ in range(100):
            client = LomiClient("lomi_sk_live_fire", base_url="https://127.0.0.1:1", max_retries=0)
            with client, suppress(LomiConnectionError):  # nothing listens there; the context was needed before
                client.customers.get("x")
    return Figure("100 live clients build one TLS context", f"{made.call_count}", made.call_count == 1)


_FORGETFUL = """
import asyncio, gc, sys
from lomi import AsyncLomiClient, LomiClient
url = sys.argv[1]
def forget():
    LomiClient("lomi_sk_test_fire", base_url=url).customers.get("x")
async def forget_async():
    asyncio.get_running_loop().slow_callback_duration = 60  # how slow this machine is does not matter here
    await AsyncLomiClient("lomi_sk_test_fire", base_url=url).customers.get("x")
forget()
gc.collect()
asyncio.run(forget_async())
gc.collect()
kept = LomiClient("lomi_sk_test_fire", base_url=url)
kept.customers.get("x")
assert not any(hasattr(each, "__del__") for each in (LomiClient, AsyncLomiClient))
"""


def _warnings() -> Figure:
    with serving() as url:
        run = [sys.executable, "-X", "dev", "-W", "error", "-c", _FORGETFUL, url]
        said = subprocess.run(
            run, capture_output=True, text=True, timeout=60, check=False, cwd=Path(__file__).parents[2]
        )
    lines = [line for line in said.stderr.splitlines() if line.strip()]
    return Figure(
        "clients that nobody closed, under `-X dev -W error`: no warning, no `__del__`",
        f"{len(lines)} lines of complaint" + (f": {lines[-1]}" if lines else ""),
        not lines and said.returncode == 0,
    )


@experiment("construction", short=False)
def construction(long: bool) -> Iterator[Figure]:
    """How long it takes to make a client."""
    times = []
    for _ in range(500):
        began = time.perf_counter()
        client = LomiClient("lomi_sk_live_fire")
        times.append(time.perf_counter() - began)
        client.close()
    median = statistics.median(times) * 1000
    yield Figure("making another live client takes less than 1 ms (median of 500)", f"{median:.3f} ms", median < 1)
