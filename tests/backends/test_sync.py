"""Several calls at a time, on threads and as tasks: what both promise."""

from __future__ import annotations

import threading
from typing import Any

import anyio
import pytest

import lomi
from lomi._backends.anyio import AsyncBackend
from lomi._backends.sync import SyncBackend
from lomi._core.deadline import ends_at


class Stop(BaseException):
    pass


def test_threads_return_in_order_and_so_many_at_a_time():
    meeting = threading.Barrier(3)

    def meet(number: int) -> int:
        meeting.wait(10)
        return -number

    assert SyncBackend().map(meet, range(6), 3) == [0, -1, -2, -3, -4, -5]


def test_after_a_failure_threads_begin_nothing_more():
    begun: list[int] = []

    def work(number: int) -> int:
        begun.append(number)
        if number == 1:
            raise ValueError(number)
        return number

    first, failure = SyncBackend().map(work, range(100), 1)
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

    (failure,) = SyncBackend().map(work, [0, 1], 2)
    assert isinstance(failure, ValueError)


def test_threads_know_the_deadline():
    with lomi.deadline(5):
        (inside,) = SyncBackend().map(lambda now: ends_at(now, None), [0.0], 1)
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
        SyncBackend().map(work, range(100), 1)
    monkeypatch.undo()
    go.set()
    join(threads[0], 10)
    assert begun in ([0], [])


@pytest.mark.anyio
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

        assert await AsyncBackend().map(work, range(6), 3) == [0, -1, -2, -3, -4, -5]
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

        first, failure = await AsyncBackend().map(work, range(10), 3)
        assert first == 0
        assert isinstance(failure, ValueError)
        assert ended == [0]

    async def test_of_two_failures_the_first_in_order_ends_the_list(self):
        async def work(number: int) -> int:
            if number == 0:
                with anyio.CancelScope(shield=True):
                    await anyio.lowlevel.checkpoint()
            raise KeyError(number) if number else ValueError(number)

        (failure,) = await AsyncBackend().map(work, [0, 1], 2)
        assert isinstance(failure, ValueError)
