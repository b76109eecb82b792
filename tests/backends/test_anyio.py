"""Waiting, resolving and the clock: blocking, on asyncio and on trio."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator

import anyio
import httpx
import pytest

import lomi
from lomi._backends import anyio as _async_runtime, sync as _sync_runtime
from lomi._backends.anyio import AsyncBackend, AsyncLimiter
from lomi._backends.sync import SyncBackend, SyncLimiter

from ..wire import TEST_KEY

pytestmark = pytest.mark.anyio


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    one, two = socket.socketpair()
    with one, two:
        yield one, two


@pytest.mark.parametrize("wait", [_sync_runtime._wait_poll, _sync_runtime._wait_select])
def test_blocking_waits(wait, pair) -> None:
    one, two = pair
    assert wait(one, True, 5)
    assert wait(one, True, None)
    assert not wait(one, False, 0)
    two.send(b"x")
    assert wait(one, False, 5)
    assert wait(one, False, None)


def test_a_refused_connection_ends_the_wait_on_windows(pair, monkeypatch) -> None:
    monkeypatch.setattr("select.select", lambda _read, _write, failed, _seconds: ([], [], failed))
    assert _sync_runtime._wait_select(pair[0], True, 5)
    assert not _sync_runtime._wait_select(pair[0], False, 5)


def test_the_blocking_runtime(pair, monkeypatch) -> None:
    runtime = SyncBackend()
    assert runtime.loop() is None
    assert not runtime.is_over(None)
    assert runtime.wait(pair[0], writable=True, seconds=5)
    assert not runtime.wait(pair[0], writable=False, seconds=0)
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    runtime.sleep(3)
    assert slept == [3]
    with runtime.limit(0):
        pass
    assert runtime.monotonic is time.monotonic
    assert runtime.time is time.time
    assert 0 <= runtime.random() < 1


async def test_waiting_on_a_loop(pair, anyio_backend) -> None:
    one, two = pair
    for each in (one, two):
        each.setblocking(False)
    runtime = AsyncBackend()
    assert await runtime.wait(one, writable=True, seconds=5)
    assert await runtime.wait(one, writable=True, seconds=None)
    assert not await runtime.wait(one, writable=False, seconds=0.001)
    two.send(b"x")
    assert await runtime.wait(one, writable=False, seconds=5)
    assert await runtime.wait(one, writable=False, seconds=None)
    with runtime.limit(0):
        await anyio.sleep_forever()
    await runtime.sleep(0)
    assert not runtime.is_over(runtime.loop())


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_loop_that_cannot_watch_sockets(pair, anyio_backend, monkeypatch) -> None:
    def cannot(*_: object) -> None:
        raise NotImplementedError

    for each in pair:
        each.setblocking(False)
    monkeypatch.setattr(asyncio.get_running_loop(), "add_writer", cannot)
    seen: list[bool] = []

    async def by_thread(sock: socket.socket, writable: bool, seconds: float | None) -> bool:
        seen.append(writable)
        return True

    monkeypatch.setattr(_async_runtime, "_wait_anyio", by_thread)
    assert await AsyncBackend().wait(pair[0], writable=True, seconds=5)
    assert seen == [True]


def test_blocking_look_ups(monkeypatch) -> None:
    runtime = SyncBackend()
    (family, place), *_ = runtime.resolve("127.0.0.1", 80, 5) or []
    assert (family, place) == (socket.AF_INET, ("127.0.0.1", 80))
    release = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: release.wait(5) and [])
    assert runtime.resolve("slow.example", 80, 0.001) is None
    release.set()
    assert runtime.resolve("empty.example", 80, 5) == []


async def test_look_ups_on_a_loop(monkeypatch, anyio_backend) -> None:
    runtime = AsyncBackend()
    (family, place), *_ = await runtime.resolve("127.0.0.1", 80, 5) or []
    assert (family, place) == (socket.AF_INET, ("127.0.0.1", 80))
    release = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: release.wait(5) and [])
    assert await runtime.resolve("slow.example", 80, 0.001) is None
    release.set()
    assert await runtime.resolve("empty.example", 80, 5) == []


def test_a_burst_shares_one_look_up_while_it_is_young(monkeypatch) -> None:
    asked: list[str] = []
    release = threading.Event()

    def getaddrinfo(host: str, *_: object, **__: object) -> list[object]:
        asked.append(host)
        release.wait(5)
        return [(socket.AF_INET, None, None, None, (host, 80))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    runtime, clock = AsyncBackend(), [100.0]
    runtime.monotonic = lambda: clock[0]

    async def burst() -> None:
        tasks = [asyncio.create_task(runtime.resolve(host, 80, 5)) for host in ("a.example", "a.example", "b.example")]
        await asyncio.sleep(0)
        clock[0] += 0.9
        tasks.append(asyncio.create_task(runtime.resolve("b.example", 80, 5)))
        assert await runtime.resolve("b.example", 80, 0) is None  # who gives up leaves it to the others
        clock[0] += 0.2
        tasks.append(asyncio.create_task(runtime.resolve("b.example", 80, 5)))
        await asyncio.sleep(0)
        release.set()
        found = [(await task or [])[0][1][0] for task in tasks]
        assert found == ["a.example", "a.example", "b.example", "b.example", "b.example"]
        assert await runtime.resolve("b.example", 80, 5)

    asyncio.run(burst())
    assert asked == ["a.example", "b.example", "b.example", "b.example"]
    # What a loop has found is not kept for another one.
    assert asyncio.run(runtime.resolve("b.example", 80, 5))
    assert len(asked) == 5


@pytest.mark.parametrize("problem", [socket.gaierror(-2, "Name or service not known"), UnicodeError("label too long")])
async def test_names_that_do_not_resolve(problem, monkeypatch, anyio_backend) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise problem

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    said = "not a host name" if isinstance(problem, UnicodeError) else "Name or service not known"
    with pytest.raises(OSError, match=said):
        SyncBackend().resolve("nowhere.example", 80, 5)
    with pytest.raises(OSError, match=said):
        await AsyncBackend().resolve("nowhere.example", 80, 5)


def test_an_answer_that_comes_when_the_loop_is_gone(monkeypatch) -> None:
    release, threads = threading.Event(), set(threading.enumerate())
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: release.wait(5) and [])
    assert asyncio.run(AsyncBackend().resolve("slow.example", 80, 0.001)) is None
    (left,) = (thread for thread in threading.enumerate() if thread not in threads)
    release.set()
    left.join(5)
    assert not left.is_alive()


async def test_look_ups_without_threads(monkeypatch, anyio_backend) -> None:
    """As from ``atexit`` on Python 3.12."""

    def cannot(_thread: object) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", cannot)
        assert SyncBackend().resolve("127.0.0.1", 80, 5)
        if anyio_backend == "asyncio":
            assert await AsyncBackend().resolve("127.0.0.1", 80, 5)


async def test_an_answer_that_comes_when_nobody_waits_any_more(anyio_backend) -> None:
    if anyio_backend == "asyncio":
        future = asyncio.get_running_loop().create_future()
        _async_runtime._settle(future, 1)
        _async_runtime._settle(future, 2)
        assert await future == 1


def test_a_blocking_gate() -> None:
    gate = SyncLimiter(1)
    assert gate.enter(0)
    assert not gate.enter(0.001)
    gate.leave()
    assert gate.enter(None)


async def test_a_gate_on_a_loop(anyio_backend) -> None:
    gate, order = AsyncLimiter(1), []

    async def pass_through(number: int) -> None:
        assert await gate.enter(None)
        order.append(number)
        gate.leave()

    assert await gate.enter(0)
    assert not await gate.enter(0.001)
    async with anyio.create_task_group() as tasks:
        for number in range(3):
            tasks.start_soon(pass_through, number)
            await anyio.wait_all_tasks_blocked()
        gate.leave()
    assert order == [0, 1, 2]
    assert await gate.enter(0)


async def test_a_gate_whose_caller_is_cancelled(anyio_backend) -> None:
    gate = AsyncLimiter(1)

    async def pass_through() -> None:
        if await gate.enter(None):
            gate.leave()

    assert await gate.enter(0)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(pass_through)
        await anyio.wait_all_tasks_blocked()
        tasks.cancel_scope.cancel()
    assert not gate._waiting
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(pass_through)
        await anyio.wait_all_tasks_blocked()
        # Its turn has come, but it is cancelled before it knows.
        gate.leave()
        tasks.cancel_scope.cancel()
    assert await gate.enter(0)


async def test_a_gate_whose_caller_is_left_just_when_its_turn_comes(anyio_backend, monkeypatch) -> None:
    gate = AsyncLimiter(1)

    class Turn:
        came = False

        def set(self) -> None:
            self.came = True

        def is_set(self) -> bool:
            return self.came

        async def wait(self) -> None:
            gate.leave()
            assert self.came
            raise KeyError

    assert await gate.enter(0)
    monkeypatch.setattr(anyio, "Event", Turn)
    with pytest.raises(KeyError):
        await gate.enter(None)
    assert await gate.enter(0)


async def test_a_borrowed_http_client_that_hears_of_no_timeout(anyio_backend) -> None:
    async def never(_request: httpx.Request) -> httpx.Response:
        await anyio.sleep_forever()
        raise AssertionError

    async with httpx.AsyncClient(transport=httpx.MockTransport(never)) as http_client:
        client = lomi.AsyncLomiClient(TEST_KEY, http_client=http_client, max_retries=0)
        client._runtime.limit = lambda _seconds: anyio.move_on_after(0)
        with pytest.raises(lomi.LomiTimeoutError, match="no response in time") as caught:
            await client.customers.create(name="A")
    assert caught.value.outcome == "unknown"
