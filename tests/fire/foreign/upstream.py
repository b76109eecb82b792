"""An API in a process of its own that counts its writes.

python -m tests.fire.foreign.upstream [CERTIFICATE] prints its ports, plain and TLS, and ends with its standard input.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import ssl
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import httpx

__all__ = ["Upstream", "upstream"]

ROOT = Path(__file__).parents[3]
# After so many requests a connection is closed without a word, as servers do at a restart.
REQUESTS_PER_CONNECTION = 300
SLOWEST = 0.003


class _Api(asyncio.Protocol):
    stored: ClassVar[Counter[str]] = Counter()
    responses: ClassVar[dict[str, bytes]] = {}
    requests = itertools.count()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._seen = b""
        self._left = REQUESTS_PER_CONNECTION

    def data_received(self, data: bytes) -> None:
        self._seen += data
        while b"\r\n\r\n" in self._seen:
            head, _, rest = self._seen.partition(b"\r\n\r\n")
            first, *lines = head.decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            assert "transfer-encoding" not in headers, "bodies have a length here"
            length = int(headers.get("content-length", 0))
            if len(rest) < length:
                return
            self._seen = rest[length:]
            method, target, _ = first.split(" ")
            response = self._respond(method, target, headers, rest[:length])
            asyncio.get_running_loop().call_later(random.random() * SLOWEST, self._send, response)

    def _send(self, response: bytes) -> None:
        self._transport.write(response)
        self._left -= 1
        if not self._left:
            self._transport.close()

    def _respond(self, method: str, target: str, headers: dict[str, str], body: bytes) -> bytes:
        if target == "/_stored":
            return _response(b"200 OK", {"stored": self.stored, "requests": next(self.requests)})
        next(self.requests)
        key = headers.get("idempotency-key")
        if key in self.responses:
            return self.responses[key]
        sent = json.loads(body) if body else {}
        identifier = target.rpartition("/")[2]
        if method != "GET":
            self.stored[sent.get("title") or sent["name"]] += 1
        if target == "/checkout-sessions":
            sent |= {"checkout_session_id": identifier, "checkout_url": f"https://pay.test/{sent['title']}"}
        response = _response(b"201 Created" if method == "POST" else b"200 OK", {"id": identifier, **sent})
        if key:
            self.responses[key] = response
        return response


def _response(status: bytes, value: object) -> bytes:
    content = json.dumps(value).encode()
    head = b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (status, len(content))
    return head + content


@dataclass(frozen=True)
class Upstream:
    """Where a running one is, and what it has stored."""

    port: int
    tls_port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stored(self) -> tuple[Counter[str], int]:
        """Return how often each reference was written, and how many requests came."""
        told = httpx.get(f"{self.url}/_stored", trust_env=False, timeout=60).json()
        return Counter(told["stored"]), told["requests"]


@contextmanager
def upstream(certificate: Path) -> Iterator[Upstream]:
    """Run one; its certificate and key are in one file."""
    run = [sys.executable, "-m", __name__, str(certificate)]
    with subprocess.Popen(run, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        yield Upstream(*map(int, process.stdout.readline().split()))
        process.communicate(timeout=10)


async def _main(certificate: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    loop = asyncio.get_running_loop()
    plain = await loop.create_server(_Api, "127.0.0.1", 0, backlog=4096)
    secure = await loop.create_server(_Api, "127.0.0.1", 0, backlog=4096, ssl=context)
    ports = [server.sockets[0].getsockname()[1] for server in (plain, secure)]
    sys.stdout.write(f"{ports[0]} {ports[1]}\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1]))
