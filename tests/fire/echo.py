"""A quick server, in a process of its own, whose answers say which request they belong to.

python -m tests.fire.echo prints its port, and ends with its standard input.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lomi import AsyncLomiClient, LomiClient

__all__ = ["KEY", "ask", "ask_async", "serving"]

KEY = "lomi_sk_test_fire"


class _Echo(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._seen = b""

    def data_received(self, data: bytes) -> None:
        self._seen += data
        while b"\r\n\r\n" in self._seen:
            head, _, rest = self._seen.partition(b"\r\n\r\n")
            length = 0
            for line in head.lower().split(b"\r\n"):
                if line.startswith(b"content-length:"):
                    length = int(line[15:])
            if len(rest) < length:
                return
            self._seen = rest[length:]
            method, target, _ = head.split(b"\r\n", 1)[0].split(b" ")
            self._transport.write(_answer(method, target.decode(), rest[:length]))


def _answer(method: bytes, target: str, body: bytes) -> bytes:
    parts = target.split("/")
    said: Any = {"id": parts[-1], **(json.loads(body) if body else {})}
    if parts[1] == "merchants":
        said = {"data": {"merchant_id": parts[2]}}
    elif parts[-1] == "transactions":
        said = [{"transaction_id": parts[2]}]
    content = json.dumps(said).encode()
    status = b"201 Created" if method == b"POST" else b"200 OK"
    head = b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (status, len(content))
    return head + content


@contextmanager
def serving() -> Iterator[str]:
    """Run the server; give its URL."""
    run = [sys.executable, "-m", "tests.fire.echo"]
    root = Path(__file__).parents[2]
    with subprocess.Popen(run, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.communicate(timeout=10)


def ask(client: LomiClient, number: int, tag: str) -> bool:
    """Make one of several kinds of call; return whether the answer belongs to it."""
    own = f"{tag}-{number}"
    kind = number % 4
    if kind == 0:
        return client.customers.get(own).id == own
    if kind == 1:
        updated = client.customers.update(own, name=f"name {own}")
        return (updated.id, updated.name) == (own, f"name {own}")
    if kind == 2:
        return [each.transaction_id for each in client.customers.get_transactions(own)] == [own]
    return client.merchants.get(own).merchant_id == own


async def ask_async(client: AsyncLomiClient, number: int, tag: str) -> bool:
    """Make one of several kinds of call; return whether the answer belongs to it."""
    own = f"{tag}-{number}"
    kind = number % 4
    if kind == 0:
        return (await client.customers.get(own)).id == own
    if kind == 1:
        updated = await client.customers.update(own, name=f"name {own}")
        return (updated.id, updated.name) == (own, f"name {own}")
    if kind == 2:
        return [each.transaction_id for each in await client.customers.get_transactions(own)] == [own]
    return (await client.merchants.get(own)).merchant_id == own


async def gather(calls: list[Awaitable[bool]]) -> int:
    """Return how many of some concurrent calls went wrong."""
    return sum(result is not True for result in await asyncio.gather(*calls, return_exceptions=True))


async def _main() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Echo, "127.0.0.1", 0, backlog=4096)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_main())
