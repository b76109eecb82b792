"""Waiting on event loops, on asyncio and on trio."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator

import anyio
import anyio.lowlevel
import pytest
import trio

from lomi._backends.anyio import AsyncBackend

pytestmark = pytest.mark.anyio


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    one, two = socket.socketpair()
    with one, two:
        yield one, two


async def test_waiting_on_a_loop(pair, anyio_backend) -> None:
    one, two = pair
    for each in (one, two):
        each.setblocking(False)
    backend = AsyncBackend()
    assert await backend.wait(one, writable=True, seconds=5)
    assert await backend.wait(one, writable=True, seconds=None)
    assert not await backend.wait(one, writable=False, seconds=0)
    two.send(b"x")
    assert await backend.wait(one, writable=False, seconds=5)
    assert await backend.wait(one, writable=False, seconds=None)
    assert await backend.run_for(0, anyio.sleep_forever) is None
    await backend.sleep(0)
    assert not backend.is_over(backend.loop())


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_loop_that_cannot_watch_sockets(pair, anyio_backend, monkeypatch) -> None:
    """As the default loop of Windows: anyio watches them on a thread."""

    def cannot(*_: object) -> None:
        raise NotImplementedError

    for each in pair:
        each.setblocking(False)
    for name in ("add_reader", "add_writer"):
        monkeypatch.setattr(asyncio.get_running_loop(), name, cannot)
    assert await AsyncBackend().wait(pair[0], writable=True, seconds=5)
    assert not await AsyncBackend().wait(pair[0], writable=False, seconds=0)
    pair[1].send(b"x")
    assert await AsyncBackend().wait(pair[0], writable=False, seconds=5)


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_socket_that_is_ready_just_when_the_time_is_over(pair, anyio_backend) -> None:
    for each in pair:
        each.setblocking(False)
    assert await AsyncBackend().wait(pair[0], writable=True, seconds=0)
    await AsyncBackend().checkpoint()  # the timer, or the socket, comes second to a future that is done


async def test_lookups_on_a_loop(monkeypatch, anyio_backend) -> None:
    backend = AsyncBackend()
    (family, place), *_ = await backend.resolve("127.0.0.1", 80, 5) or []
    assert (family, place) == (socket.AF_INET, ("127.0.0.1", 80))
    release = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: release.wait(5) and [])
    assert await backend.resolve("slow.example", 80, 0) is None
    release.set()
    assert await backend.resolve("empty.example", 80, 5) == []


def test_a_burst_shares_one_lookup_for_a_second(monkeypatch) -> None:
    asked: list[str] = []
    release = threading.Event()

    def getaddrinfo(host: str, *_: object, **__: object) -> list[object]:
        asked.append(host)
        release.wait(5)
        return [(socket.AF_INET, None, None, None, (host, 80))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    backend, clock = AsyncBackend(), [100.0]
    backend.monotonic = lambda: clock[0]

    async def burst() -> None:
        tasks = [asyncio.create_task(backend.resolve(host, 80, 5)) for host in ("a.example", "a.example", "b.example")]
        await asyncio.sleep(0)
        clock[0] += 0.9
        tasks.append(asyncio.create_task(backend.resolve("b.example", 80, 5)))
        assert await backend.resolve("b.example", 80, 0) is None  # one that gives up leaves it to the others
        clock[0] += 0.2
        tasks.append(asyncio.create_task(backend.resolve("b.example", 80, 5)))
        await asyncio.sleep(0)
        release.set()
        found = [(await task or [])[0][1][0] for task in tasks]
        assert found == ["a.example", "a.example", "b.example", "b.example", "b.example"]
        assert await backend.resolve("b.example", 80, 5)

    asyncio.run(burst())
    assert asked == ["a.example", "b.example", "b.example", "b.example"]
    # The lookup of one loop is not kept for another.
    assert asyncio.run(backend.resolve("b.example", 80, 5))
    assert len(asked) == 5


@pytest.mark.parametrize("problem", [socket.gaierror(-2, "Name or service not known"), UnicodeError("label too long")])
async def test_names_that_do_not_resolve(problem, monkeypatch, anyio_backend) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise problem

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    said = "not a host name" if isinstance(problem, UnicodeError) else "Name or service not known"
    with pytest.raises(OSError, match=said):
        await AsyncBackend().resolve("nowhere.example", 80, 5)


def test_a_lookup_that_ends_after_its_loop(monkeypatch) -> None:
    release, threads = threading.Event(), set(threading.enumerate())
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: release.wait(5) and [])
    assert asyncio.run(AsyncBackend().resolve("slow.example", 80, 0)) is None
    (left,) = (thread for thread in threading.enumerate() if thread not in threads)
    release.set()
    left.join(5)
    assert not left.is_alive()


async def test_lookups_without_threads(monkeypatch, anyio_backend) -> None:
    """As from ``atexit`` on Python 3.12."""

    def cannot(_thread: object) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", cannot)
        if anyio_backend == "asyncio":
            assert await AsyncBackend().resolve("127.0.0.1", 80, 5)


async def test_a_checkpoint_lets_other_tasks_run(anyio_backend) -> None:
    ran: list[str] = []

    async def other() -> None:
        ran.append("other")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(other)
        await AsyncBackend().checkpoint()
        await AsyncBackend().checkpoint()  # of what is ready at the same time, trio chooses the order at random
        ran.append("this")
    assert ran == ["other", "this"]


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_without_checkpoints_skips_mere_offers_to_let_other_tasks_run(anyio_backend) -> None:
    ran: list[str] = []

    async def offers() -> str:
        for _ in range(5):
            await asyncio.sleep(0)
        ran.append("offers")
        return "done"

    async def really() -> None:
        await AsyncBackend().checkpoint()
        ran.append("really")

    asyncio.get_running_loop().call_soon(ran.append, "other")
    assert await AsyncBackend().without_checkpoints(offers) == "done"
    assert ran == ["offers"]
    await AsyncBackend().without_checkpoints(really)
    assert ran == ["offers", "other", "really"]


async def test_without_checkpoints_passes_arguments_and_results(anyio_backend) -> None:
    async def add(one: int, *, other: int) -> int:
        await anyio.lowlevel.checkpoint()
        return one + other

    assert await AsyncBackend().without_checkpoints(add, 1, other=2) == 3


async def test_without_checkpoints_passes_errors(anyio_backend) -> None:
    async def fails() -> None:
        await anyio.lowlevel.checkpoint()
        raise KeyError("inside")

    with pytest.raises(KeyError, match="inside"):
        await AsyncBackend().without_checkpoints(fails)


async def test_a_cancellation_is_for_the_function_inside_to_see(anyio_backend) -> None:
    seen: list[str] = []

    async def waits() -> str:
        try:
            await anyio.sleep_forever()
        finally:
            seen.append("inside")
        return ""  # pragma: no cover

    with anyio.move_on_after(0):
        await AsyncBackend().without_checkpoints(waits)
        seen.append("behind")  # pragma: no cover
    assert seen == ["inside"]


async def test_a_value_is_awaited_where_it_is_awaitable(anyio_backend) -> None:
    async def key() -> str:
        return "awaited"

    assert await AsyncBackend().unwrap(key()) == "awaited"
    assert await AsyncBackend().unwrap("plain") == "plain"


async def test_a_function_runs_without_a_limit(anyio_backend) -> None:
    assert await AsyncBackend().run_for(None, AsyncBackend().unwrap, "done") == "done"


def test_a_loop_is_over_when_it_is_closed():
    loop = asyncio.new_event_loop()
    assert not AsyncBackend().is_over(loop)
    loop.close()
    assert AsyncBackend().is_over(loop)


def test_a_trio_run_is_over_when_it_has_returned():
    backend = AsyncBackend()

    async def run():
        token = backend.loop()
        assert not backend.is_over(token)
        return token

    assert backend.is_over(trio.run(run))


class TestTasks:
    async def test_they_return_in_order_and_so_many_at_a_time(self):
        running, most = 0, 0

        async def work(number: int) -> int:
            nonlocal running, most
            running += 1
            most = max(most, running)
            await anyio.lowlevel.checkpoint()
            running -= 1
            return -number

        assert await AsyncBackend().map_concurrently(work, range(6), 3) == [0, -1, -2, -3, -4, -5]
        assert most == 3

    async def test_a_failure_cancels_what_comes_after_and_nothing_before(self):
        ended: list[int] = []
        failed = anyio.Event()

        async def work(number: int) -> int:
            if number == 1:
                failed.set()
                raise ValueError(number)
            await (failed.wait() if number == 0 else anyio.sleep_forever())
            ended.append(number)
            return number

        first, failure = await AsyncBackend().map_concurrently(work, range(10), 3)
        assert first == 0
        assert isinstance(failure, ValueError)
        assert ended == [0]

    async def test_of_two_failures_the_first_in_order_ends_the_list(self):
        async def work(number: int) -> int:
            if number == 0:
                with anyio.CancelScope(shield=True):
                    await anyio.lowlevel.checkpoint()
            raise KeyError(number) if number else ValueError(number)

        (failure,) = await AsyncBackend().map_concurrently(work, [0, 1], 2)
        assert isinstance(failure, ValueError)
