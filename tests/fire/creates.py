"""Did it happen? Creates under every fault at every point, and a ledger to compare the outcomes with."""

from __future__ import annotations

import asyncio
import random
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import lomi
from lomi import AsyncLomiClient, LomiClient
from lomi.sandbox import Sandbox
from lomi.sandbox.http import Request

from .figures import Figure, experiment
from .server import FaultServer, Received, Wire, answer

# What a client waits; hanging servers hang longer.
TIMEOUT = 0.4
LATE = 0.6


def _says(status: int, body: object = b"", **headers: str) -> Callable[[Wire, bytes], None]:
    said = answer(status, body, {name.replace("_", "-"): value for name, value in headers.items()})
    return lambda wire, _: wire.send(said)


def _then_reset(wire: Wire, data: bytes) -> None:
    wire.send(data)
    wire.reset()


def _then_close(wire: Wire, data: bytes) -> None:
    wire.send(data)
    wire.sock.close()


def _head(data: bytes) -> bytes:
    return data[: data.index(b"\r\n\r\n") // 2]


_CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

# What becomes of a create that has arrived whole: whether it is carried out, and what is done with the answer to it.
FAULTS: dict[str, tuple[bool, Callable[[Wire, bytes], object]]] = {
    "nothing": (True, Wire.send),
    "reset before the response, not carried out": (False, lambda wire, _: wire.reset()),
    "reset before the response": (True, lambda wire, _: wire.reset()),
    "close before the response, not carried out": (False, lambda wire, _: wire.sock.close()),
    "close before the response": (True, lambda wire, _: wire.sock.close()),
    "hang, not carried out": (False, lambda wire, _: wire.hang()),
    "hang": (True, lambda wire, _: wire.hang()),
    "hang, carried out late": (False, lambda wire, _: wire.stopping.wait(LATE)),
    "cut in the headers": (True, lambda wire, data: _then_reset(wire, _head(data))),
    "cut in the body": (True, lambda wire, data: _then_close(wire, data[:-20])),
    "reset in the body": (True, lambda wire, data: _then_reset(wire, data[:-3])),
    "reset after the response": (True, _then_reset),
    "close after the response": (True, _then_close),
    "1xx before the response": (True, lambda wire, data: wire.send(b"HTTP/1.1 103 Early\r\n\r\n" * 3 + data)),
    "500, not carried out": (False, _says(500, {"error": {"code": "internal_error"}})),
    "500": (True, _says(500, {"error": {"code": "internal_error"}})),
    "502 in HTML": (True, _says(502, b"<html>")),
    "503 with Retry-After": (True, _says(503, {}, Retry_After="0")),
    "302": (True, _says(302, b"", Location="/")),
    "429 for a moment": (False, _says(429, {"error": {}}, Retry_After="0")),
    "429 for long": (False, _says(429, {"error": {}}, Retry_After="900")),
    "400": (False, _says(400, {"error": {"code": "BAD_REQUEST", "message": "no"}})),
    "401": (False, _says(401, {"error": {}})),
    "409": (False, _says(409, {"error": {}})),
    "201 that is not JSON": (True, _says(201, b"created")),
    "201 without an id": (True, _says(201, {"name": "x"})),
    "201 of a bad length": (True, _says(201, b"{}", Content_Length="-1")),
    "201 of another encoding": (True, _says(201, b"{}", Content_Encoding="br")),
    "200 with a bad chunk": (True, lambda wire, _: _then_close(wire, _CHUNKED + b"zz\r\n")),
    "nonsense": (True, lambda wire, _: _then_close(wire, b"\0\1\2 nonsense\r\n\r\n")),
}
SLOW = {name for name in FAULTS if name.startswith("hang")}
# What happens to a connection before a request on it was read.
EARLY = ("reset before the request", "close before the request", "reset in the request", "reset on the next request")


@dataclass
class Ledger:
    """A server that strikes at random, and what it has committed."""

    sandbox: Sandbox
    seed: int
    struck: Counter[str] = field(default_factory=Counter[str])

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        self._lock = threading.Lock()

    def _draw(self) -> tuple[str, str]:
        with self._lock:
            early = self._chance.choice(EARLY) if self._chance.random() < 0.05 else ""
            slow = self._chance.random() < 0.04
            quick = "nothing" if self._chance.random() < 0.3 else self._chance.choice(sorted(FAULTS.keys() - SLOW))
            fault = self._chance.choice(sorted(SLOW)) if slow else quick
            self.struck[early or fault] += 1
            return early, fault

    def serve(self, wire: Wire) -> None:
        """Handle one connection."""
        early, fault = self._draw()
        if early == "reset before the request":
            return wire.reset()
        if early == "close before the request":
            return None
        if early == "reset in the request":
            wire.sock.recv(40)
            return wire.reset()
        while (received := wire.read_request()) is not None:
            carried_out, then = FAULTS[fault]
            then(wire, self.commit(received) if carried_out else b"")
            if fault == "hang, carried out late":
                self.commit(received)
            if fault in SLOW or wire.sock.fileno() < 0:
                return None
            if early == "reset on the next request":
                wire.sock.recv(40)
                return wire.reset()
            _, fault = self._draw()
        return None

    def commit(self, received: Received) -> bytes:
        """Carry a request out; return the answer to it."""
        headers = tuple(received.headers.items())
        done = self.sandbox.handle(Request(received.method, received.target, headers, received.body))
        return answer(done.status, done.body, dict(done.headers))

    def counts(self) -> Counter[str]:
        """Return how many customers there are of each name."""
        with self.sandbox.client() as client:
            return Counter(customer.name or "" for customer in client.customers.list(page_size=1000))


Ended = dict[str, "lomi.Customer | lomi.LomiError"]


def _reference(name: str) -> str | None:
    return f"ref-{name}" if int(name.split()[1]) % 2 else None


def _closed_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return f"http://127.0.0.1:{sock.getsockname()[1]}"


def _create_blocking(url: str, key: str, names: list[str], ended: Ended) -> None:
    with (
        LomiClient(key, base_url=url, timeout=TIMEOUT) as client,
        LomiClient(key, base_url=_closed_port(), timeout=TIMEOUT) as nobody,
        ThreadPoolExecutor(16) as threads,
    ):

        def create(name: str) -> None:
            chosen = nobody if int(name.split()[1]) % 50 == 0 else client
            try:
                ended[name] = chosen.customers.create(name=name, reference=_reference(name))
            except lomi.LomiError as error:
                ended[name] = error

        list(threads.map(create, names))


async def _create_concurrently(url: str, key: str, names: list[str], ended: Ended) -> None:
    gate = asyncio.Semaphore(32)
    async with (
        AsyncLomiClient(key, base_url=url, timeout=TIMEOUT) as client,
        AsyncLomiClient(key, base_url=_closed_port(), timeout=TIMEOUT) as nobody,
    ):

        async def create(name: str) -> None:
            chosen = nobody if int(name.split()[1]) % 50 == 0 else client
            async with gate:
                try:
                    ended[name] = await chosen.customers.create(name=name, reference=_reference(name))
                except lomi.LomiError as error:
                    ended[name] = error

        await asyncio.gather(*map(create, names))


@experiment("creates")
def creates(long: bool) -> Iterator[Figure]:
    count = 10_000 if long else 500
    ledger = Ledger(Sandbox("server", customers=0, throttle_limit=10**9), seed=20)
    ended: Ended = {}
    names = [f"create {number} end" for number in range(count)]
    with FaultServer(ledger.serve) as server:
        _create_blocking(server.url, ledger.sandbox.api_key, names[: count // 2], ended)
        asyncio.run(_create_concurrently(server.url, ledger.sandbox.api_key, names[count // 2 :], ended))
        # The late ones are committed when the server has stopped.
    there = ledger.counts()
    outcomes = Counter(each.outcome if isinstance(each, lomi.LomiError) else "returned" for each in ended.values())
    wrong = [name for name, each in ended.items() if there[name] not in _allowed(each)]
    unhit = {*FAULTS, *EARLY} - ledger.struck.keys()
    total = sum(ledger.struck.values())
    summary = ", ".join(f"{number} {outcome}" for outcome, number in sorted(outcomes.items()))
    yield Figure(
        f"{count:,} creates, {len(FAULTS) + len(EARLY)} faults: one customer for each that returned, none for "
        "`not_sent` and `rejected`, one or none for `unknown`",
        f"{len(wrong)} wrong ({summary}; {total:,} requests)",
        not wrong and not unhit and len(ended) == count and len(outcomes) == 4,
    )
    yield from _reconciled(ledger, ended, there)


def _allowed(ended: lomi.Customer | lomi.LomiError) -> tuple[int, ...]:
    if isinstance(ended, lomi.Customer):
        return (1,)
    return (0, 1) if ended.outcome == "unknown" else (0,)


def _reconciled(ledger: Ledger, ended: Ended, there: Counter[str]) -> Iterator[Figure]:
    """Ask about every unknown create, once the late ones have settled."""
    lost = {n: e for n, e in ended.items() if isinstance(e, lomi.LomiError) and e.outcome == "unknown"}
    wrong = found = 0
    with ledger.sandbox.client(timeout=30) as client:
        # The sandbox is asked without a socket; what was sent went to the server in front of it.
        scope = client.config.scope
        for name, error in lost.items():
            held = error._sent_request
            assert held is not None
            object.__setattr__(held, "scope", scope)
            customer = client.customers.reconcile(error, grace_period=0)
            found += customer is not None
            wrong += (customer.name if customer else None) != (name if there[name] else None)
    yield Figure(
        "`reconcile` tells for every `unknown` create whether there is a customer, and which",
        f"{wrong} wrong of {len(lost):,} ({found:,} had happened)",
        wrong == 0 and 0 < found < len(lost),
    )
