"""Whatever is sent to an endpoint, only what was signed for it gets in, and once: at little cost."""

from __future__ import annotations

import asyncio
import codecs
import gzip
import io
import json
import logging
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from lomi.webhooks import Event, Inbox, asgi, sign, wsgi
from lomi.webhooks.stores.sqlite import SQLiteStore

from .figures import Figure, experiment

SECRET, OTHER = "whsec_fire", "whsec_of_another_shop"
MIB = 1024 * 1024


class Sent(NamedTuple):
    """A request to the endpoint."""

    body: bytes
    signature: str | None
    content_type: str = "application/json"
    method: str = "POST"
    length: int | None = None
    """The ``Content-Length``; None: that of the body."""
    encoding: str = ""


def genuine(number: int, note: str = "") -> Sent:
    """Return what lomi. sends."""
    data = {"transaction_id": f"t-{number}", "status": "completed", "metadata": {"note": f"é€{note}"}}
    envelope = {"id": f"e-{number}", "event": "PAYMENT_SUCCEEDED", "data": data}
    body = json.dumps(envelope, ensure_ascii=False).encode()
    return Sent(body, sign(body, SECRET))


def signed(sent: Sent, body: bytes, **changes: Any) -> Sent:
    """Return a request with another body and its right signature: what only the format can be refused for."""
    return sent._replace(body=body, signature=sign(body, SECRET), **changes)


def _flipped(sent: Sent, luck: random.Random) -> Sent:
    at = luck.randrange(len(sent.body))
    return sent._replace(body=sent.body[:at] + bytes([sent.body[at] ^ 1 << luck.randrange(8)]) + sent.body[at + 1 :])


def _cut(sent: Sent, luck: random.Random) -> bytes:
    return sent.body[: luck.randrange(1, len(sent.body))]


def _signature(change: Callable[[str], str | None]) -> Callable[[Sent, random.Random], Sent]:
    return lambda sent, _: sent._replace(signature=change(str(sent.signature)))


def _text(sent: Sent) -> str:
    return sent.body.decode()


FORGERIES: dict[str, Callable[[Sent, random.Random], Sent]] = {
    "a bit of the body changed": _flipped,
    "a bit of the signature changed": _signature(lambda each: each[:9] + ("0" if each[9] != "0" else "1") + each[10:]),
    "signed with another secret": lambda sent, _: sent._replace(signature=sign(sent.body, OTHER)),
    "signed with the secret's end": lambda sent, _: sent._replace(signature=sign(sent.body, SECRET[6:])),
    "the signature of another body": lambda sent, _: sent._replace(signature=sign(sent.body + b" ", SECRET)),
    "no signature": _signature(lambda _: None),
    "an empty signature": _signature(lambda _: ""),
    "a short signature": _signature(lambda each: each[:-1]),
    "a signature in upper case": _signature(str.upper),
    "a signature with a prefix": _signature(lambda each: f"sha256={each}"),
    "two signatures": _signature(lambda each: f"{'0' * 64}, {each}"),
    "a signature that is not ASCII": _signature(lambda each: f"é{each[1:]}"),
    "a signature of a mebibyte": _signature(lambda each: each * (MIB // 64)),
    "a truncated body": lambda sent, luck: sent._replace(body=_cut(sent, luck)),
    "a body that ends early": lambda sent, luck: sent._replace(body=_cut(sent, luck), length=len(sent.body)),
    "more behind the body": lambda sent, _: sent._replace(body=sent.body + b"{}"),
    "no body": lambda sent, _: sent._replace(body=b""),
    "forged, and as large as allowed": lambda sent, _: sent._replace(body=sent.body.ljust(MIB)),
    "too large, and signed": lambda sent, _: signed(sent, sent.body.ljust(MIB + 1)),
    "said to be huge": lambda sent, _: sent._replace(length=10**18),
    "text/plain": lambda sent, _: sent._replace(content_type="text/plain"),
    "a form": lambda sent, _: sent._replace(content_type="application/x-www-form-urlencoded"),
    "a form in parts": lambda sent, _: sent._replace(content_type="multipart/form-data; boundary=x"),
    "gzip, signed before": lambda sent, _: sent._replace(body=gzip.compress(sent.body), encoding="gzip"),
    "gzip, signed after": lambda sent, _: signed(sent, gzip.compress(sent.body), encoding="gzip"),
    "UTF-16, signed": lambda sent, _: signed(sent, _text(sent).encode("utf-16")),
    "UTF-32, signed": lambda sent, _: signed(sent, _text(sent).encode("utf-32")),
    "cp1252, signed": lambda sent, _: signed(sent, _text(sent).encode("cp1252")),
    "UTF-7, signed before": lambda sent, _: sent._replace(body=_text(sent).encode("utf-7")),
    "a byte order mark, signed": lambda sent, _: signed(sent, codecs.BOM_UTF8 + sent.body),
    "a list, signed": lambda sent, _: signed(sent, b"[" + sent.body + b"]"),
    "deeply nested, signed": lambda sent, _: signed(sent, b'{"data":' * 100_000),
    "without a name, signed": lambda sent, _: signed(sent, b"{}"),
    "GET": lambda sent, _: sent._replace(method="GET"),
    "PUT": lambda sent, _: sent._replace(method="PUT"),
}


class Endpoint:
    """An endpoint with an inbox, and what came of the requests to it."""

    def __init__(self, database: str) -> None:
        self.handled: Counter[str] = Counter()
        self.inbox = Inbox[Any](SQLiteStore(database), self._handle)
        self.application = wsgi.webhook(inbox=self.inbox, secrets=SECRET)
        self.costs: list[float] = []

    def _handle(self, event: Event) -> None:
        payment: Any = event.object
        self.handled[payment.transaction_id] += 1

    def send(self, sent: Sent) -> int:
        """Send a request, as a server calls it; return the status."""
        environ: dict[str, Any] = {
            "REQUEST_METHOD": sent.method,
            "CONTENT_TYPE": sent.content_type,
            "CONTENT_LENGTH": str(len(sent.body) if sent.length is None else sent.length),
            "wsgi.input": io.BytesIO(sent.body),
        }
        if sent.signature is not None:
            environ["HTTP_X_LOMI_SIGNATURE"] = sent.signature
        if sent.encoding:
            environ["HTTP_CONTENT_ENCODING"] = sent.encoding
        statuses: list[str] = []
        began = time.thread_time()
        self.application(environ, lambda status, _: statuses.append(status))
        self.costs.append(time.thread_time() - began)
        return int(statuses[0][:3])


async def _slow() -> tuple[int, float]:
    """Send a body byte by byte, without an end; return the status and the seconds that it took."""
    began, statuses = time.monotonic(), list[int]()
    sent = genuine(0)

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0.05)
        return {"type": "http.request", "body": b" ", "more_body": True}

    async def send(message: Any) -> None:
        statuses.extend([message["status"]] if "status" in message else [])

    def handle(_: Event) -> None:
        raise AssertionError("it got in")

    scope = {"type": "http", "method": "POST", "headers": [(b"x-lomi-signature", str(sent.signature).encode())]}
    await asgi.webhook(handle, secrets=SECRET)(scope, receive, send)
    return statuses[0], time.monotonic() - began


@experiment("forgeries")
def forgeries(long: bool) -> Iterator[Figure]:
    """Send an endpoint every kind of forgery, between genuine events that are replayed."""
    rounds, luck, refused = 100 if long else 3, random.Random(1), Counter[int]()
    log = logging.getLogger("lomi.webhooks")
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        with tempfile.TemporaryDirectory() as directory:
            endpoint = Endpoint(f"{directory}/shop.db")
            replies = Counter[int]()
            for number in range(rounds):
                forged = genuine(-1 - number)
                refused.update(endpoint.send(forge(forged, luck)) for forge in FORGERIES.values())
                real = genuine(number, "x" * luck.choice([0, 1000, 100_000]))
                replies.update(endpoint.send(real) for _ in range(3))
    finally:
        log.setLevel(level)
    others = endpoint.handled.keys() - {f"t-{number}" for number in range(rounds)}
    told = ", ".join(f"{count:,} × {status}" for status, count in sorted(refused.items()))
    yield Figure(
        f"{refused.total():,} forgeries of {len(FORGERIES)} kinds: none reaches the function, none gets a 2xx or a 5xx",
        f"{len(others)} of {told}",
        not others and all(400 <= status < 500 for status in refused),
    )
    yield Figure(
        f"{rounds:,} genuine events, each sent three times: every one gets a 200, and is processed once",
        f"{list(endpoint.handled.values()).count(1)} once; {replies[200]:,} × 200",
        endpoint.handled == {f"t-{number}": 1 for number in range(rounds)} and replies == {200: 3 * rounds},
    )
    if long:
        costs = sorted(endpoint.costs)
        middle, most = costs[len(costs) // 2] * 1000, costs[-1] * 1000
        yield Figure("each of them takes at most 50 ms of CPU", f"{most:.1f} ms; median {middle:.2f} ms", most <= 50)
        status, seconds = asyncio.run(_slow())
        yield Figure(
            "a body byte by byte, without an end (ASGI): refused after 10 s",
            f"{status} after {seconds:.1f} s",
            status == 408 and seconds < 11,
        )
