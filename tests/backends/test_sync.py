"""Waiting by blocking the thread, and several calls at a time on threads."""

from __future__ import annotations

import inspect
import select
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

import lomi
from lomi._backends.sync import SyncBackend
from lomi._core.deadline import ends_at


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    one, two = socket.socketpair()
    with one, two:
        yield one, two


@pytest.fixture(params=["poll", "select"])
def blocking(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> SyncBackend:
    """A backend that waits with poll, or as on Windows, which has none."""
    if request.param == "select":
        monkeypatch.delattr(select, "poll", raising=False)
    elif not hasattr(select, "poll"):
        pytest.skip("there is no poll")
    return SyncBackend()


def test_waiting(blocking, pair) -> None:
    one, two = pair
    assert blocking.wait(one, writable=True, seconds=5)
    assert blocking.wait(one, writable=True, seconds=None)
    assert not blocking.wait(one, writable=False, seconds=0)
    two.send(b"x")
    assert blocking.wait(one, writable=False, seconds=5)
    assert blocking.wait(one, writable=False, seconds=None)


def test_a_refused_connection_ends_the_wait_on_windows(pair, monkeypatch) -> None:
    monkeypatch.delattr(select, "poll", raising=False)
    monkeypatch.setattr(select, "select", lambda _read, _write, failed, _seconds: ([], [], failed))
    assert SyncBackend().wait(pair[0], writable=True, seconds=5)
    assert not SyncBackend().wait(pair[0], writable=False, seconds=5)


def test_clocks_and_waiting(pair, monkeypatch) -> None:
    backend = SyncBackend()
    assert backend.loop() is None
    assert not backend.is_over(None)
    assert backend.wait(pair[0], writable=True, seconds=5)
    assert not backend.wait(pair[0], writable=False, seconds=0)
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    backend.sleep(3)
    assert slept == [3]
    assert backend.run_for(0, lambda: "done") == "done"
    assert backend.monotonic is time.monotonic
    assert backend.time is time.time
    assert 0 <= backend.random() < 1


def test_lookups(monkeypatch) -> None:
    backend = SyncBackend()
    (family, place), *_ = backend.resolve("127.0.0.1", 80, 5) or []
    assert (family, place) == (socket.AF_INET, ("127.0.0.1", 80))
    release = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: release.wait(5) and [])
    assert backend.resolve("slow.example", 80, 0) is None
    release.set()
    assert backend.resolve("empty.example", 80, 5) == []


@pytest.mark.parametrize("problem", [socket.gaierror(-2, "Name or service not known"), UnicodeError("label too long")])
def test_names_that_do_not_resolve(problem, monkeypatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise problem

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    said = "not a host name" if isinstance(problem, UnicodeError) else "Name or service not known"
    with pytest.raises(OSError, match=said):
        SyncBackend().resolve("nowhere.example", 80, 5)


def test_lookups_without_threads(monkeypatch) -> None:
    """As from ``atexit`` on Python 3.12."""

    def cannot(_thread: object) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", cannot)
        assert SyncBackend().resolve("127.0.0.1", 80, 5)


def test_blocking_code_has_no_checkpoints() -> None:
    backend = SyncBackend()
    backend.checkpoint()
    assert backend.without_checkpoints(divmod, 7, 2) == (3, 1)
    assert backend.without_checkpoints(int, "11", base=2) == 3


def test_a_value_must_not_be_awaitable() -> None:
    async def key() -> str:
        raise AssertionError

    class Awaitable:
        def __await__(self) -> Iterator[None]:
            raise AssertionError

    backend = SyncBackend()
    assert backend.unwrap("plain") == "plain"
    coroutine = key()
    for value in (coroutine, Awaitable()):
        with pytest.raises(TypeError, match="an async function needs AsyncLomiClient"):
            backend.unwrap(value)
    assert inspect.getcoroutinestate(coroutine) == inspect.CORO_CLOSED  # which warns of none that was never awaited


class Stop(BaseException):
    pass


def test_threads_return_in_order_and_so_many_at_a_time():
    meeting = threading.Barrier(3)

    def meet(number: int) -> int:
        meeting.wait(10)
        return -number

    assert SyncBackend().map_concurrently(meet, range(6), 3) == [0, -1, -2, -3, -4, -5]


def test_after_a_failure_threads_begin_nothing_more():
    begun: list[int] = []

    def work(number: int) -> int:
        begun.append(number)
        if number == 1:
            raise ValueError(number)
        return number

    first, failure = SyncBackend().map_concurrently(work, range(100), 1)
    assert first == 0
    assert isinstance(failure, ValueError)
    assert begun == [0, 1]


def test_of_two_failures_on_threads_the_first_in_order_ends_the_list():
    later = threading.Event()

    def work(number: int) -> int:
        if number == 0:
            assert later.wait(10)
            raise ValueError(number)
        later.set()
        raise KeyError(number)

    (failure,) = SyncBackend().map_concurrently(work, [0, 1], 2)
    assert isinstance(failure, ValueError)


def test_threads_know_the_deadline():
    with lomi.deadline(5):
        (inside,) = SyncBackend().map_concurrently(lambda now: ends_at(now, None), [0.0], 1)
        assert inside == ends_at(0.0, None)


def test_an_interruption_keeps_threads_from_beginning_more(monkeypatch):
    begun: list[int] = []
    go = threading.Event()
    threads: list[threading.Thread] = []
    join = threading.Thread.join

    def interrupted(thread: threading.Thread, *_: Any) -> None:
        threads.append(thread)
        raise Stop

    def work(number: int) -> None:
        begun.append(number)
        assert go.wait(10)

    monkeypatch.setattr(threading.Thread, "join", interrupted)
    with pytest.raises(Stop):
        SyncBackend().map_concurrently(work, range(100), 1)
    monkeypatch.undo()
    go.set()
    join(threads[0], 10)
    assert begun in ([0], [])
