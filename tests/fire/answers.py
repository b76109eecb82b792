"""Answers that are not what was promised: whole ones that were tampered with, and broken ones on the wire."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import gzip
import io
import json
import math
import pickle
import subprocess
import sys
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings, strategies as st

import lomi
from lomi import AsyncLomiClient, LomiClient, LomiModel, Request, path
from lomi._core.call import Call
from lomi._core.decoding import decode_or_raise
from lomi._core.response import Response
from lomi.models import Customer, CustomerListing, Merchant, MerchantARR, MerchantBalance, MerchantMRR, Transaction

from .. import wire
from .figures import Figure, experiment
from .server import FaultServer, Wire, answer

KEY = "lomi_sk_test_fire"


# Tampering


@dataclass(frozen=True)
class Recorded:
    """A call, and what was answered to it."""

    request: Request[Any]
    status: int
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ((b"Content-Type", b"application/json"),)


def _recorded() -> list[Recorded]:
    customer, customers = path("/customers/{id}", id="x"), path("/customers")

    def merchant(kind: type[Any]) -> Request[Any]:
        return Request("GET", path("/merchants/x"), kind, unwrap_data=True)

    create = Request("POST", customers, Customer, body={"name": "x"})
    found: list[Recorded] = []
    for dialect in wire.DIALECTS:
        listed = wire.listing(dialect, wire.customers(dialect, 3), 1, 50, 3)
        status, deleted = wire.DELETED[dialect]
        answers: list[tuple[Request[Any], int, Any]] = [
            (create, 201, wire.CUSTOMER[dialect]),
            (Request("GET", customer, Customer), 200, wire.CUSTOMER[dialect]),
            (Request("PATCH", customer, Customer, body={"name": "x"}), 200, wire.CUSTOMER[dialect]),
            (Request("GET", customers, CustomerListing), 200, listed),
            (Request("GET", customers, list[Transaction]), 200, wire.TRANSACTIONS[dialect]),
            (merchant(Merchant), 200, wire.enveloped(dialect, wire.MERCHANT)),
            (merchant(MerchantMRR), 200, wire.enveloped(dialect, wire.MRR)),
            (merchant(MerchantARR), 200, wire.enveloped(dialect, wire.ARR)),
            (merchant(MerchantBalance), 200, wire.enveloped(dialect, wire.BALANCE)),
        ]
        found += [Recorded(request, status, json.dumps(body).encode()) for request, status, body in answers]
        found.append(Recorded(Request("DELETE", customer, type(None)), status, deleted))
        for error in wire.ERRORS[dialect]:
            headers = tuple((name.encode(), value.encode()) for name, value in error.headers.items())
            found += [Recorded(request, error.status, error.body, headers) for request in (create, merchant(Merchant))]
    return found


RECORDED = _recorded()
STATUSES = (
    200,
    201,
    202,
    204,
    206,
    299,
    300,
    301,
    304,
    307,
    400,
    401,
    403,
    404,
    409,
    418,
    422,
    429,
    500,
    502,
    503,
    599,
    999,
)
# Fragments of JSON, or of what is not quite JSON, that may stand in for any value.
FRAGMENTS = (
    "null", "true", "false", "0", "-0", "1", "-1", "1.5", "1e400", "-1e400", "1e-400", "9" * 400, "0." + "1" * 400, "NaN",
    "Infinity", "-Infinity", '""', '" "', '"text"', '"1.5"', '"NaN"', '"\\u0000"', '"\\ud800"', '"\\u202e"', '"' + "é" * 3000 + '"',
    '"2024-13-45T99:99:99Z"', '"0001-01-01T00:00:00+14:00"', '"9999-12-31T23:59:59-14:00"', "253402300800", "-62135596801",
    '"Infinity"', '"1e999999999"', '"' + "9" * 5000 + '"', "[]", "{}", "[[]]", '{"a":{}}', '{"id":1}', "[null]", "[" * 10_000,
    "[" * 10_000 + "]" * 10_000, '{"a":' * 10_000, '{"data":null}', '{"data":[]}', '{"error":"x"}', '{"error":[{"code":1}]}',
    '{"success":false}', "undefined", "", ",", "\x00", "'x'",
)  # fmt: skip
HEADERS = (
    (b"Content-Type", b"text/html; charset=latin-1"), (b"Content-Type", b"\xff\xfe" * 50), (b"Retry-After", b"-1"),
    (b"Retry-After", b"9" * 400), (b"Retry-After", b"Thu, 99 Foo 20000 99:99:99"), (b"Retry-After", b"nan"),
    (b"Retry-After", b"\xb2"), (b"X-Request-Id", b"\x00\xff" * 500), (b"X-Request-Id", b""), (b"X-RateLimit-Limit", b"1e9"),
    (b"Date", b"Thu, 01 Jan 99999 00:00:00 GMT"), (b"Location", b"//evil\x00"), (b"Location", b"http://user:pw@evil/" * 90),
)  # fmt: skip
TOKEN = "@place@"

Steps = tuple[int, int, int, int]


def mutated(steps: Steps) -> Recorded:
    """Return one of the recorded answers with something done to it."""
    which, how, where, what = steps
    recorded = RECORDED[which % len(RECORDED)]
    body, headers, status = recorded.body, recorded.headers, recorded.status
    kind = how % 8
    if kind <= 3:
        body = _replaced(body, kind, where, FRAGMENTS[what % len(FRAGMENTS)])
    elif kind == 4:
        body = body[: where % (len(body) + 1)]
    elif kind == 5:
        place = where % (len(body) + 1)
        body = body[:place] + what.to_bytes(4, "big") + body[place + how % 3 :]
    elif kind == 6:
        text = body.decode()
        encodings = ("utf-16", "utf-32", "latin-1", "cp500", "utf-8-sig")
        body = text.encode(encodings[where % 5], "replace") if what % 3 else body * (what % 4)
    if how // 8 % 4 == 0:
        status = STATUSES[where % len(STATUSES)]
    if how // 32 % 4 == 0:
        headers = (*headers, HEADERS[what % len(HEADERS)])
    return Recorded(recorded.request, status, body, headers)


def _replaced(body: bytes, kind: int, where: int, fragment: str) -> bytes:
    """Put a fragment in the place of a value, beside it, or of the whole; or take the value away."""
    if not body:
        return fragment.encode("utf-8", "surrogatepass")
    root: Any = [json.loads(body)]
    places: list[tuple[Any, Any]] = []

    def collect(holder: Any) -> None:
        for key in list(holder) if isinstance(holder, dict) else range(len(holder)):
            places.append((holder, key))
            if isinstance(holder[key], (dict, list)):
                collect(holder[key])

    collect(root)
    holder, key = places[where % len(places)]
    if kind == 3 and isinstance(holder, dict):
        del holder[key]
    elif kind == 2 and isinstance(holder, dict):
        holder[TOKEN] = TOKEN
        # The same key twice, with two values.
        text = json.dumps(root[0]).replace(f'"{TOKEN}": "{TOKEN}"', f"{json.dumps(key)}: {fragment}")
        return text.encode("utf-8", "surrogatepass")
    else:
        holder[key] = TOKEN
    return json.dumps(root[0]).replace(f'"{TOKEN}"', fragment).encode("utf-8", "surrogatepass")


def _seen(recorded: Recorded) -> str:
    """Read an answer as a client does, and look at what comes of it from all sides."""
    call: Call[Any] = Call(
        request=recorded.request, request_id="sent-by-us", content=None, ends_at=math.inf, started_monotonic=0.0, now=lambda: 0.0,
        redact=lambda text: text, scope=("https://api.lomi.africa", None), started_at=0.0,
    )  # fmt: skip
    reply = Response(recorded.status, list(recorded.headers), recorded.body)
    call.record_attempt(reply)
    try:
        result = decode_or_raise(call, reply)
    except lomi.LomiError as error:
        _look_at_error(error)
        return type(error).__name__
    for model in result if isinstance(result, list) else [result]:
        if isinstance(model, LomiModel):
            _look_at(model)
    return type(result).__name__


def _look_at(model: LomiModel) -> None:
    json.dumps(model.to_dict())
    assert len(repr(model)) < 40_000
    hash(model)
    copy.copy(model)
    if isinstance(model, (Transaction, MerchantMRR, MerchantARR, MerchantBalance)):
        with contextlib.suppress(lomi.LomiValidationError):
            repr(model.money)
    if isinstance(model, CustomerListing):
        from lomi._core.page_walker import PageWalker

        walker: PageWalker[Customer] = PageWalker(page_size=None, key=lambda customer: customer.id)
        walker.add_page(1, model.items, model.pagination.total_count, model.pagination.page_size)


def _look_at_error(error: lomi.LomiError) -> None:
    text = str(error)
    assert len(text) <= 500
    assert text.isprintable()
    assert error.outcome in ("not_sent", "rejected", "unknown")
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == text


@experiment("tampering")
def tampering(long: bool) -> Iterator[Figure]:
    """Every recorded answer, with anything done to it."""
    batch, examples = 25, 4400 if long else 40
    number = st.integers(0, 2**32 - 1)
    seen: Counter[str] = Counter()
    wrong: list[str] = []

    @settings(
        max_examples=examples, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(st.lists(st.tuples(number, number, number, number), min_size=batch, max_size=batch))
    def check(many: Sequence[Steps]) -> None:
        for steps in many:
            recorded = mutated(steps)
            seen[_seen(recorded)] += 1

    # The whole product of answers and fragments once, then whatever hypothesis thinks of.
    for which, kind, what in product(range(len(RECORDED)), range(4), range(len(FRAGMENTS))):
        for where in (0, what + 1) if long else (what,):
            seen[_seen(mutated((which, kind + 8 + 32, where, what)))] += 1
    try:
        check()
    except Exception as error:
        wrong.append(f"{type(error).__name__}: {error}"[:200])
    total = sum(seen.values())
    yield Figure(
        f"at least {100_000 if long else 1000:,} tampered answers of both dialects: a model or a `LomiError`, "
        "printable, at most 500 characters, which pickles",
        f"{len(wrong)} others of {total:,} ({len(seen)} kinds of result)" + "".join(wrong),
        not wrong and total >= (100_000 if long else 1000) and len(seen) > 12,
    )


# On the wire

_OK = answer(200, {"id": "x"})


def _head(*lines: str, status: str = "200 OK") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode("latin-1")


def bomb(size: int) -> bytes:
    """Return so many zeros, compressed."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb") as file:
        for _ in range(size // 2**20):
            file.write(bytes(2**20))
    return packed.getvalue()


# What is sent in place of an answer, and then the connection is closed.
BROKEN: dict[str, bytes] = {
    "nothing": b"",
    "nonsense": b"\x00\x01\x02 nonsense\r\n\r\n",
    "half a status line": b"HTTP/1.",
    "a status line alone": b"HTTP/1.1 200 OK\r\n",
    "status 99": _head("Content-Length: 0", status="099 No"),
    "status 1000": _head("Content-Length: 0", status="1000 No"),
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/3.7": b"HTTP/3.7 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "another protocol": b"220 mail.example.com ESMTP\r\n",
    "a negative length": _head("Content-Length: -1") + b"{}",
    "a length that is no number": _head("Content-Length: two") + b"{}",
    "two lengths": _head("Content-Length: 2", "Content-Length: 3") + b"{}",
    "a huge length": _head("Content-Length: " + "9" * 30) + b"{}",
    "a length beyond the end": _head("Content-Length: 100") + b"{}",
    "a bad chunk": _head("Transfer-Encoding: chunked") + b"zz\r\n{}\r\n0\r\n\r\n",
    "a negative chunk": _head("Transfer-Encoding: chunked") + b"-2\r\n{}\r\n0\r\n\r\n",
    "a huge chunk": _head("Transfer-Encoding: chunked") + b"f" * 40 + b"\r\n{}",
    "no last chunk": _head("Transfer-Encoding: chunked") + b"2\r\n{}\r\n",
    "an unknown transfer encoding": _head("Transfer-Encoding: gzip") + b"{}",
    "a header without a colon": _head("Content-Length 2") + b"{}",
    "a header with a control character": _head("X-A: a\x01b\x00c", "Content-Length: 2") + b"{}",
    "a header that is folded": _head("X-A: a", "  b", "Content-Length: 2") + b"{}",
    "a header of 1 MiB": _head("X-A: " + "a" * 2**20, "Content-Length: 2") + b"{}",
    "100,000 headers": _head(*["X-A: a"] * 100_000, "Content-Length: 2") + b"{}",
    "interim answers for ever": b"HTTP/1.1 103 Early Hints\r\n\r\n" * 700_000,
    "101": _head("Upgrade: h2c", "Connection: Upgrade", status="101 Switching Protocols") + b"\x00" * 100,
    "gzip that is none": _head("Content-Encoding: gzip", "Content-Length: 2") + b"{}",
    "gzip that is cut": _head("Content-Encoding: gzip", "Content-Length: 12") + gzip.compress(b'{"id": "x"}')[:12],
    "deflate, which nobody asked for": answer(200, zlib.compress(b'{"id": "x"}'), {"Content-Encoding": "deflate"}),
    "an encoding nobody asked for": _head("Content-Encoding: br", "Content-Length: 2") + b"{}",
    "two encodings": _head("Content-Encoding: gzip, gzip", "Content-Length: 2") + b"{}",
    "an empty 200": answer(200),
    "an empty object": answer(200, {}),
    "an empty list": answer(200, []),
    "a page of HTML": answer(200, b"<html><body>Log in</body></html>", {"Content-Type": "text/html"}),
    "UTF-16": answer(200, '{"id": "x"}'.encode("utf-16")),
    "a byte order mark": answer(200, b'\xef\xbb\xbf{"id": "x"}'),
    "304": answer(304),
    "a redirect": answer(302, b"", {"Location": "http://127.0.0.1:1/"}),
    "a redirect without a place": answer(307),
    "204": _head(status="204 No Content"),
    "204 with a body": _head("Content-Length: 11", status="204 No Content") + b'{"id": "x"}',
    "an empty 500": answer(500),
    "a 500 of HTML": answer(500, b"<h1>Oops</h1>" * 1000),
    "a 500 of 10 MiB": answer(500, b"x" * 10 * 2**20),
    "a 500 of 10,000 arrays": answer(500, b"[" * 10_000),
    "a 500 that is a bomb": answer(500, bomb(20 * 2**20), {"Content-Encoding": "gzip"}),
    "a 200 of 17 MiB": answer(200, b'"' + b"x" * 17 * 2**20),
    "a 200 that is a bomb": answer(200, bomb(20 * 2**20), {"Content-Encoding": "gzip"}),
    "a 200 without an end": _head("Content-Type: application/json") + b" " * 18 * 2**20,
}
# What says that nothing was done.
REFUSALS = ("304", "a redirect without a place")
# These are answers, if odd ones.
READABLE: dict[str, bytes] = {
    "HTTP/1.0": b'HTTP/1.0 200 OK\r\n\r\n{"id": "x"}',
    "no length": b'HTTP/1.1 200 OK\r\n\r\n{"id": "x"}',
    "chunks with trailers": _head("Transfer-Encoding: chunked") + b'b\r\n{"id": "x"}\r\n0\r\nX-A: b\r\n\r\n',
    "interim answers": b"HTTP/1.1 103 Early Hints\r\n\r\n" * 50 + _OK,
    "more than the length": _OK + b"GARBAGE" * 10,
    "gzip": answer(200, gzip.compress(b'{"id": "x"}'), {"Content-Encoding": "gzip"}),
    "a reason in another script": "HTTP/1.1 200 D’accord\r\nContent-Length: 11\r\n\r\n".encode() + b'{"id": "x"}',
}


@experiment("broken")
def broken(long: bool) -> Iterator[Figure]:
    """Answers that are broken on the wire, to a read and to a write, blocking and async."""
    sent = b""

    def serve(wire: Wire) -> None:
        if wire.read_request() is not None:
            with contextlib.suppress(OSError):
                wire.send(sent)
            if sent == _OK:
                wire.hang()

    wrong: list[str] = []
    classes: Counter[str] = Counter()
    calls = 0

    def look(name: str, write: bool, flavour: str, ended: object) -> None:
        nonlocal calls
        calls += 1
        if isinstance(ended, lomi.LomiError):
            _look_at_error(ended)
            classes[type(ended).__name__] += 1
            due = "rejected" if name in REFUSALS else "unknown"
            good = name in BROKEN and (ended.outcome == due or (not write and ended.outcome == "rejected"))
        else:
            good = name in READABLE and getattr(ended, "id", None) == "x"
        if not good:
            wrong.append(f"{name} ({flavour}): {ended!r}"[:150])

    def blocking(url: str, write: bool) -> object:
        with LomiClient(KEY, base_url=url, timeout=20, max_retries=0) as client:
            try:
                return client.customers.create(name="x") if write else client.customers.get("x")
            except lomi.LomiError as error:
                return error

    async def concurrent(url: str, write: bool) -> object:
        async with AsyncLomiClient(KEY, base_url=url, timeout=20, max_retries=0) as client:
            try:
                return await (client.customers.create(name="x") if write else client.customers.get("x"))
            except lomi.LomiError as error:
                return error

    with FaultServer(serve) as server:
        for name, sent in {**BROKEN, **READABLE}.items():  # noqa: B007  # serve() sends it
            for write in (False, True):
                try:
                    look(name, write, "blocking", blocking(server.url, write))
                    look(name, write, "async", asyncio.run(concurrent(server.url, write)))
                except Exception as error:
                    wrong.append(f"{name}: {type(error).__name__}: {error}"[:150])
    yield Figure(
        f"{len(BROKEN)} broken and {len(READABLE)} odd answers on the wire, to reads and writes, sync and async: "
        "a `LomiError` or the model",
        f"{len(wrong)} others of {calls} ({', '.join(sorted(classes))})" + "".join(f"; {each}" for each in wrong),
        not wrong,
    )


_EAT = """
import asyncio, re, sys, lomi
url, flavour = sys.argv[1:]
def get(client):
    try:
        client.customers.get("x")
    except lomi.LomiResponseError as error:
        return "larger than 16 MiB" in error.message
async def get_async():
    async with lomi.AsyncLomiClient("lomi_sk_test_fire", base_url=url) as client:
        try:
            await client.customers.get("x")
        except lomi.LomiResponseError as error:
            return "larger than 16 MiB" in error.message
def eat():
    return get(lomi.LomiClient("lomi_sk_test_fire", base_url=url)) if flavour == "sync" else asyncio.run(get_async())
def memory(what):
    return int(re.search(what + r":\\s+(\\d+)", open("/proc/self/status").read())[1])
eat()
open("/proc/self/clear_refs", "w").write("5")  # forget the peak until now
before = memory("VmRSS")
print(eat(), memory("VmHWM") - before)
"""


@experiment("bomb")
def bombs(long: bool) -> Iterator[Figure]:
    """Zeros, a thousandth of their size."""
    size = 200 if long else 40
    packed = answer(200, bomb(size * 2**20), {"Content-Encoding": "gzip"})
    small = answer(200, {})
    turns = iter([small, packed] * 2)

    def serve(wire: Wire) -> None:
        wire.read_request()
        with contextlib.suppress(OSError):
            wire.send(next(turns))

    with FaultServer(serve) as server:
        for flavour in ("sync", "async"):
            run = [sys.executable, "-c", _EAT, server.url, flavour]
            root = Path(__file__).parents[2]
            said = subprocess.run(run, capture_output=True, text=True, timeout=60, check=True, cwd=root).stdout.split()
            mib = int(said[1]) / 1024
            yield Figure(
                f"a gzip bomb of {size} MB ({flavour}): `LomiResponseError`, at most 32 MiB of memory",
                f"{'`LomiResponseError`' if said[0] == 'True' else 'something else'}, {mib:.1f} MiB",
                said[0] == "True" and 0 < mib <= 32,
            )
