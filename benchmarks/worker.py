"""One client in a process of its own: reads jobs, one JSON object a line, and answers with what they took.

    python -m benchmarks.worker [--path DIR] PEER URL

A job is ``{"calls": 500}``, with ``in_flight`` (tasks, or threads of a blocking client) and ``idle`` (seconds to
wait before).
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AsyncExitStack, ExitStack
from importlib import import_module
from typing import Any


def main(arguments: list[str]) -> None:
    """Run one peer until the standard input ends."""
    if arguments[0] == "--path":
        sys.path.insert(0, arguments[1])
        arguments = arguments[2:]
    name, url = arguments
    from benchmarks import peers

    with ExitStack() as stack:
        if name.startswith("sync_"):
            _serve_sync(getattr(peers, name)(url, stack))
        else:
            run: Any = import_module("uvloop").run if name.endswith("_uvloop") else asyncio.run
            run(_serve_async(getattr(peers, name), url))


def _serve_sync(call: Callable[[], object]) -> None:
    while job := _next():
        time.sleep(job.get("idle", 0))
        share = range(job["calls"] // job.get("in_flight", 1))

        def run(share: range = share) -> None:
            for _ in share:
                call()

        begun = _begin()
        if job.get("in_flight", 1) == 1:
            run()
        else:
            threads = [threading.Thread(target=run) for _ in range(job["in_flight"])]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        _end(begun)


async def _serve_async(opener: Any, url: str) -> None:
    async with AsyncExitStack() as stack:
        call = await opener(url, stack)

        async def run(count: int) -> None:
            for _ in range(count):
                await call()

        while job := _next():
            await asyncio.sleep(job.get("idle", 0))
            width = job.get("in_flight", 1)
            begun = _begin()
            if width == 1:
                await run(job["calls"])
            else:
                await asyncio.gather(*(run(job["calls"] // width) for _ in range(width)))
            _end(begun)


def _next() -> dict[str, Any] | None:
    line = sys.stdin.readline()
    return json.loads(line) if line else None


def _begin() -> tuple[float, float]:
    gc.collect()
    return time.perf_counter(), time.process_time()


def _end(begun: tuple[float, float]) -> None:
    answer = {"wall": time.perf_counter() - begun[0], "cpu": time.process_time() - begun[1]}
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
