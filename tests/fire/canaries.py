"""Secrets and people: where a key, a name, an e-mail address or a phone number could leak to, and does not."""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
import pickle
import traceback
import types
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx

import lomi
from lomi import AsyncLomiClient, LomiClient

from .connections import environment
from .figures import Figure, experiment
from .server import FaultServer, Received, Wire, answer, each_request

KEY = "lomi_sk_test_CanaryKey4711"
PERSON = {
    "name": "Canaryname Ba",
    "email": "canarymail@example.com",
    "phone_number": "+221774711000",
    "metadata": {"known as": "Canarynick"},
}
CANARIES = ("CanaryKey4711", "Canaryname", "canarymail", "774711000", "Canarynick")
PACKAGE = Path(lomi.__file__).parent
# The methods that are called with personal data hold it in their own frame.
CALLED_WITH_IT = {"create", "update", "list", "_list"}
# So do those that validate it, when it is not valid.
VALIDATING = {"_request", "_send"}

Call = Callable[[Any], Any]
CALLS: dict[str, Call] = {
    "create": lambda client: client.customers.create(**PERSON),
    "create from a mapping": lambda client: client.customers.create(PERSON, reference="order-1"),
    "create with what is wrong": lambda client: client.customers.create(**{**PERSON, "is_business": "no"}),
    "create with what is double": lambda client: client.customers.create(PERSON, name="Canaryname Ba"),
    "create with a bad reference": lambda client: client.customers.create(PERSON, reference=""),
    "update": lambda client: client.customers.update("cus_1", **PERSON),
    "update with what is wrong": lambda client: client.customers.update("cus_1", {**PERSON, "colour": "red"}),
    "list": lambda client: client.customers.list(search="canarymail@example.com"),
    "list with what is wrong": lambda client: client.customers.list(search="canarymail@example.com\0"),
    "get": lambda client: client.customers.get("cus_1"),
}


def _echoing(status: int) -> Callable[[Wire, Received], None]:
    """Answer with everything that was sent, the key among it."""

    def handle(wire: Wire, received: Received) -> None:
        said = {"message": received.target, "details": received.body.decode(), "headers": dict(received.headers)}
        body = {"error": said, "id": "cus_1", **PERSON, "customers": [{"id": "cus_1", **PERSON}]}
        headers = {"X-Request-Id": received.headers["x-api-key"], "X-Echo": received.headers["x-api-key"]}
        wire.send(answer(status, body, headers))

    return handle


def _lose_metadata(wire: Wire, received: Received) -> None:
    wire.send(answer(201, {"id": "cus_1", **PERSON, "metadata": None}))


SERVERS: dict[str, Callable[[Wire, Received], None]] = {
    "200": _echoing(200),
    "400": _echoing(400),
    "429": _echoing(429),
    "500": _echoing(500),
    "302": lambda wire, _: wire.send(answer(302, b"", {"Location": f"http://{PERSON['email']}:x@127.0.0.1:1/"})),
    "not JSON": lambda wire, received: wire.send(answer(200, received.body + b"}" + repr(received).encode())),
    "no id": lambda wire, received: wire.send(answer(200, {**PERSON, "customers": PERSON, "pagination": KEY})),
    "reset": lambda wire, _: wire.reset(),
    "lost metadata": _lose_metadata,
}


def found(text: str, among: tuple[str, ...] = CANARIES) -> list[str]:
    """Return the canaries that a text gives away."""
    return [canary for canary in among if canary in text]


def _printed(value: object) -> str:
    # The whole is what a crash reporter prints; attributes are what a careful one prints.
    shown = repr(value) + str(value)
    if isinstance(value, lomi.LomiError):
        kept = {name: each for name, each in vars(value).items() if name not in ("body", "details", "message")}
        shown += repr(kept)
    return shown


def _frames(error: BaseException) -> Iterator[tuple[str, types.FrameType]]:
    """Return the frames of the package in an error's traceback, and in those of what it comes from."""
    seen: set[int] = set()
    rest: list[BaseException | None] = [error]
    while rest:
        each = rest.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        rest += [each.__cause__, each.__context__]
        for frame, _ in traceback.walk_tb(each.__traceback__):
            if Path(frame.f_code.co_filename).is_relative_to(PACKAGE):
                yield frame.f_code.co_name, frame


def _leaks(name: str, ended: object) -> Iterator[str]:
    """Look at the result of a call, or at its error, its traceback and its pickle."""
    for canary in found(repr(ended) if not isinstance(ended, BaseException) else _printed(ended)):
        # What the API said is passed on as it said it, but for the key.
        if not (isinstance(ended, lomi.LomiAPIError) and canary != CANARIES[0] and canary in ended.message):
            yield f"{name}: {canary} printed"
    if not isinstance(ended, BaseException):
        return
    for function, frame in _frames(ended):
        invalid = function in VALIDATING and isinstance(ended, lomi.LomiValidationError | TypeError)
        among = CANARIES[:1] if function in CALLED_WITH_IT or invalid else CANARIES
        for variable, value in frame.f_locals.items():
            if not isinstance(value, BaseException):
                yield from (f"{name}: {canary} in {variable} of {function}()" for canary in found(repr(value), among))
    if isinstance(ended, lomi.LomiError) and found(pickle.dumps(ended).decode("latin-1"), CANARIES[:1]):
        yield f"{name}: the key in a pickle"


def _ended(call: Callable[[], object]) -> object:
    try:
        return call()
    except (lomi.LomiError, TypeError) as error:
        return error


async def _ended_async(call: Callable[[], Any]) -> object:
    try:
        return await call()
    except (lomi.LomiError, TypeError) as error:
        return error


@contextlib.contextmanager
def listening(log: io.StringIO) -> Iterator[None]:
    """Write down everything that anybody logs."""
    root = logging.getLogger()
    handler, level = logging.StreamHandler(log), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


@experiment("canaries")
def canaries(long: bool) -> Iterator[Figure]:
    """Every call against every server, four ways, with everything logged."""
    leaks: list[str] = []
    looked = 0
    log = io.StringIO()
    with listening(log), warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        for said, handle in SERVERS.items():
            with FaultServer(each_request(handle)) as server, httpx.Client() as own:
                options: dict[str, Any] = {"base_url": server.url, "max_retries": 0, "timeout": 5}
                for client in (LomiClient(KEY, **options), LomiClient(KEY, http_client=own, **options)):
                    for called, call in CALLS.items():
                        looked += 1
                        leaks += _leaks(f"{called}, {said}", _ended(lambda: call(client)))  # noqa: B023
                    leaks += [f"repr of the client: {each}" for each in found(repr(client) + repr(vars(client)))]
                    client.close()

                async def concurrently(options: dict[str, Any] = options, said: str = said) -> None:
                    nonlocal looked, leaks
                    async with httpx.AsyncClient() as own:
                        for client in (
                            AsyncLomiClient(KEY, **options),
                            AsyncLomiClient(KEY, http_client=own, **options),
                        ):
                            for called, call in CALLS.items():
                                looked += 1
                                leaks += _leaks(f"async {called}, {said}", await _ended_async(lambda: call(client)))  # noqa: B023
                            await client.aclose()

                asyncio.run(concurrently())
    lines = log.getvalue().splitlines()
    logged = [line for line in lines if found(line)]
    yield Figure(
        "key, name, e-mail and phone number: in no `repr`, `str`, local variable of the package or pickled key, over "
        "every call against servers that echo everything, sync and async, with and without one's own HTTP client",
        f"{len(leaks)} found in {looked} calls" + "".join(f"; {each}" for each in sorted(set(leaks))[:5]),
        not leaks,
    )
    yield Figure(
        "the same in log records of any logger at DEBUG, and in warnings",
        f"{len(logged)} of {len(lines):,} lines, {len(warned)} warnings"
        + "".join(f"; {each[:80]}" for each in logged[:3]),
        not logged and len(lines) > 100 and not any(found(str(each.message)) for each in warned),
    )


@experiment("strays")
def strays(long: bool) -> Iterator[Figure]:
    """Redirects, links, cookies, .netrc: requests that must not be made, and headers that must not be sent."""
    reached: list[str] = []
    headers: list[dict[str, str]] = []
    with (
        FaultServer(each_request(lambda wire, received: reached.append(received.target))) as target,
        contextlib.ExitStack() as stack,
    ):

        def handle(wire: Wire, received: Received) -> None:
            headers.append(dict(received.headers))
            status = int(received.target.rsplit("/", 1)[-1])
            links = {"id": "x", "url": target.url, "next": target.url, "links": {"next": target.url}}
            said = {
                "Location": target.url,
                "Set-Cookie": "a=b; Path=/",
                "Link": f"<{target.url}>; rel=next",
                "Refresh": f"0;url={target.url}",
            }
            wire.send(answer(status, links, said))

        server = stack.enter_context(FaultServer(each_request(handle)))
        netrc = Path(stack.enter_context(__import__("tempfile").TemporaryDirectory())) / ".netrc"
        netrc.write_text("machine 127.0.0.1 login canary password canary\n")
        netrc.chmod(0o600)
        stack.enter_context(environment(NETRC=str(netrc), HOME=str(netrc.parent)))
        own = stack.enter_context(
            httpx.Client(follow_redirects=True, auth=("canary", "canary"), cookies={"own": "1"}, headers={"X-Own": "1"})
        )
        clients = [
            LomiClient(KEY, base_url=server.url, max_retries=0),
            LomiClient(KEY, base_url=server.url, max_retries=0, http_client=own),
        ]
        for client in clients:
            for status in (200, 201, 300, 301, 302, 303, 305, 307, 308, 401, 407, 503):
                for call in (client.customers.get, client.customers.delete):
                    _ended(lambda: call(str(status)))  # noqa: B023  # called at once
            client.close()
        for status in (301, 307):
            with contextlib.suppress(lomi.LomiError):
                asyncio.run(_followed(f"{server.url}", status))
    bad = {
        name for each in headers for name in each if name in ("cookie", "authorization", "x-own", "proxy-authorization")
    }
    yield Figure(
        "redirects, links and refreshes, also with one's own HTTP client that follows: 0 requests at their target",
        f"{len(reached)} requests there, {len(headers)} at the server",
        not reached and len(headers) == 50,
    )
    yield Figure(
        "cookies of the server, `.netrc`, and headers, cookies and auth of one's own HTTP client: not sent",
        f"{', '.join(sorted(bad)) or 'none'} in {len(headers)} requests",
        not bad,
    )


async def _followed(url: str, status: int) -> None:
    async with httpx.AsyncClient(follow_redirects=True) as own:
        await AsyncLomiClient(KEY, base_url=url, max_retries=0, http_client=own).customers.get(str(status))
