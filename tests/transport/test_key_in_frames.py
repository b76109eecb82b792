"""The key, wherever a call is cut: in no local variable of any frame of any traceback."""

from __future__ import annotations

import asyncio
import gc
import signal
import ssl
import types
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

import lomi
from lomi import AsyncLomiClient, LomiClient
from tests.fire.server import FaultServer, Wire, answer

from ._async.conftest import trusted

__all__ = ["trusted"]

KEY = "lomi_sk_test_frames_5f2dd1c6c3a94a"
LARGE = lomi.Request("POST", lomi.path("/customers"), dict, body={"name": "x" * 20_000_000})
ME = lomi.Request("GET", lomi.path("/me"), dict)


class Interrupted(BaseException):
    pass


def chained(error: BaseException | None, seen: dict[int, BaseException]) -> None:
    if error is not None and id(error) not in seen:
        seen[id(error)] = error
        chained(error.__cause__, seen)
        chained(error.__context__, seen)


def texts(value: Any, depth: int = 4) -> Iterator[str]:
    """Return what a crash reporter that looks into objects would print."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, bytes | bytearray):
        yield bytes(value).decode("latin-1")
    elif isinstance(value, memoryview):
        yield value.tobytes().decode("latin-1")
    elif depth and isinstance(value, list | tuple | set | frozenset):
        for each in list(value)[:1000]:
            yield from texts(each, depth - 1)
    elif depth and isinstance(value, dict):
        for name, each in list(value.items())[:1000]:
            yield from texts(name, depth - 1)
            yield from texts(each, depth - 1)
    elif depth and not isinstance(value, type | types.ModuleType | types.FunctionType | types.MethodType):
        yield from texts(getattr(value, "__dict__", None) or {}, depth - 1)


def leaks(error: BaseException) -> list[str]:
    """Return the frames and variables that hold the key."""
    found: list[str] = []
    errors: dict[int, BaseException] = {}
    chained(error, errors)
    for each in errors.values():
        trace = each.__traceback__
        while trace is not None:
            frame = trace.tb_frame
            if frame.f_code.co_filename != __file__:
                for name, value in frame.f_locals.items():
                    if any(KEY in text for text in texts(value)):
                        found.append(
                            f"{name} of {frame.f_code.co_qualname if hasattr(frame.f_code, 'co_qualname') else frame.f_code.co_name}"
                        )
            trace = trace.tb_next
    return found


def silent(wire: Wire) -> None:
    wire.stopping.wait(10)


def half(wire: Wire) -> None:
    wire.read_request()
    wire.send(answer(200, b"{", length=100))
    wire.stopping.wait(10)


def closing(wire: Wire) -> None:
    wire.read_request()


SERVERS = {"a write": (silent, LARGE), "a wait": (silent, ME), "a body": (half, ME)}


@pytest.fixture
def alarm() -> Iterator[None]:
    def interrupt(*_: object) -> None:
        raise Interrupted

    before = signal.signal(signal.SIGALRM, interrupt)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("own", [True, False], ids=["pool", "http_client"])
@pytest.mark.parametrize("name", SERVERS)
def test_a_signal_that_cuts(name: str, own: bool, scheme: str, alarm: None, trusted: ssl.SSLContext) -> None:
    handler, request = SERVERS[name]

    def serve(wire: Wire) -> None:
        # When there is a connection, so that the call is in the middle of it.
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        handler(wire)

    with FaultServer(serve, tls=trusted if scheme == "https" else None) as server, httpx.Client(verify=False) as http:
        client = LomiClient(KEY, base_url=server.url, timeout=30, http_client=None if own else http)
        with pytest.raises(Interrupted) as caught:
            client.send(request)
        client.close()
        assert leaks(caught.value) == []
    gc.collect()


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("own", [True, False], ids=["pool", "http_client"])
@pytest.mark.parametrize("name", SERVERS)
def test_a_timeout_that_cancels(name: str, own: bool, scheme: str, trusted: ssl.SSLContext) -> None:
    handler, request = SERVERS[name]

    async def call(url: str) -> BaseException:
        async with httpx.AsyncClient(verify=False) as http:
            client = AsyncLomiClient(KEY, base_url=url, timeout=30, http_client=None if own else http)
            try:
                await asyncio.wait_for(client.send(request), 0.2)
            except asyncio.TimeoutError as error:
                return error
            finally:
                await client.aclose()
        raise AssertionError

    with FaultServer(handler, tls=trusted if scheme == "https" else None) as server:
        assert leaks(asyncio.run(call(server.url))) == []


@pytest.mark.parametrize("own", [True, False], ids=["pool", "http_client"])
@pytest.mark.parametrize("handler", [silent, half, closing])
def test_errors_of_ours(handler: Any, own: bool) -> None:
    with FaultServer(handler) as server, httpx.Client() as http:
        client = LomiClient(KEY, base_url=server.url, timeout=0.2, max_retries=1, http_client=None if own else http)
        client.backend.random = lambda: 0.0
        try:
            raise LookupError("the caller's own")
        except LookupError:
            with pytest.raises(lomi.LomiConnectionError) as caught:
                client.send(ME)
        client.close()
        assert leaks(caught.value) == []


def test_a_key_that_the_function_returned_is_hidden_too() -> None:
    with (
        FaultServer(silent) as server,
        LomiClient(lambda: KEY, environment="test", base_url=server.url, timeout=0.2, max_retries=0) as client,
        pytest.raises(lomi.LomiTimeoutError) as caught,
    ):
        client.send(ME)
    assert leaks(caught.value) == []
