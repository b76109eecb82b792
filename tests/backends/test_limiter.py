"""Limits on how many callers proceed at a time: no place is lost, whatever interrupts a caller."""

from __future__ import annotations

import _thread
import signal
import subprocess
import sys
import threading
from collections import deque
from types import FrameType
from typing import Any

import anyio
import pytest

from lomi._backends import sync
from lomi._backends.anyio import AsyncLimiter
from lomi._backends.sync import SyncLimiter


class Interrupt(BaseException):
    """As a signal handler or gevent raises it."""


def places(limiter: SyncLimiter) -> int:
    """Take every place that is free; return how many there were."""
    count = 0
    while limiter.acquire(0):
        count += 1
    return count


def test_so_many_places_and_no_more() -> None:
    limiter = SyncLimiter(2)
    assert [limiter.acquire(0), limiter.acquire(None), limiter.acquire(0)] == [True, True, False]
    limiter.release()
    assert places(limiter) == 1


class Turn(threading.Event):
    """What a caller waits for, which something else happens to meanwhile."""

    limiter: SyncLimiter
    waits: list[Any]
    before: Any = None

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout)
        if self.before is not None:
            type(self).before()
        return super().wait(0)


@pytest.fixture
def turn(monkeypatch: pytest.MonkeyPatch) -> type[Turn]:
    """Nothing waits for long, since nothing but the test gives a place back."""

    class OfThisTest(Turn):
        limiter = SyncLimiter(1)
        waits: list[Any] = []  # noqa: RUF012

    assert OfThisTest.limiter.acquire(0)
    monkeypatch.setattr(threading, "Event", OfThisTest)
    return OfThisTest


def test_a_caller_waits_for_its_turn(turn) -> None:
    turn.before = turn.limiter.release
    assert turn.limiter.acquire(None)
    assert len(turn.waits) == 1
    assert places(turn.limiter) == 0


def test_a_caller_waits_no_longer_than_it_may(turn, monkeypatch) -> None:
    now = iter([100.0, 100.0, 100.2, 100.3])
    monkeypatch.setattr("time.monotonic", lambda: next(now))
    assert not turn.limiter.acquire(0.25)
    assert turn.waits == [pytest.approx(0.25), pytest.approx(0.05)]


def test_a_place_that_becomes_free_just_before_the_wait_is_not_waited_for(turn, monkeypatch) -> None:
    class Early(turn):
        def __init__(self) -> None:
            super().__init__()
            turn.limiter.release()  # after the caller saw no place, before it queued up

    monkeypatch.setattr(threading, "Event", Early)
    assert turn.limiter.acquire(None)
    assert turn.waits == []


def test_a_caller_whose_wake_up_was_lost_looks_again(turn, monkeypatch) -> None:
    def give_back_and_be_interrupted() -> None:
        if len(turn.waits) == 1:
            with monkeypatch.context() as patched:
                patched.setattr(turn, "set", interrupt)
                with pytest.raises(Interrupt):
                    turn.limiter.release()

    turn.before = give_back_and_be_interrupted
    assert turn.limiter.acquire(None)
    assert len(turn.waits) == 1
    assert turn.waits[0] < 1


def interrupt(*_: object) -> None:
    raise Interrupt


def test_an_interruption_of_the_wait_loses_no_place(turn) -> None:
    turn.before = interrupt
    with pytest.raises(Interrupt):
        turn.limiter.acquire(None)
    turn.limiter.release()
    assert places(turn.limiter) == 1


def test_a_caller_that_was_interrupted_takes_no_wake_up_from_others(turn) -> None:
    turn.before = interrupt
    with pytest.raises(Interrupt):
        turn.limiter.acquire(None)
    turn.before = turn.limiter.release  # which wakes this caller, not the one that has gone
    assert turn.limiter.acquire(None)
    assert len(turn.waits) == 2


def test_an_interruption_of_a_release_that_wakes_another_loses_no_place(turn, monkeypatch) -> None:
    def interrupted_release() -> None:
        turn.before = None
        with monkeypatch.context() as patched:
            patched.setattr(turn, "set", interrupt)
            turn.limiter.release()

    turn.before = interrupted_release
    with pytest.raises(Interrupt):
        turn.limiter.acquire(None)
    assert places(turn.limiter) == 1


FILES = (sync.__file__, threading.__file__)


def interrupted_at(step: int, function: Any) -> bool:
    """Call a function and raise before the line that it runs as its nth, in the limiter or below; tell whether it did."""
    left = step

    def trace(frame: FrameType, event: str, _argument: object) -> Any:
        nonlocal left
        if frame.f_code.co_filename not in FILES or frame.f_code.co_name == "release":
            return None
        if event == "line":
            left -= 1
            if left == 0:
                raise Interrupt
        return trace

    outcome: list[bool] = []
    done = _thread.allocate_lock()

    def run() -> None:
        sys.settrace(trace)
        try:
            function()
            outcome.append(False)
        except Interrupt:
            outcome.append(True)
        finally:
            sys.settrace(None)
            done.release()

    # On a thread of its own: CPython 3.11 leaves an exception behind, as the context of all later ones, where a trace
    # function raises inside an `except`. Made without `threading`, since it is traced, and its Event replaced.
    done.acquire()
    _thread.start_new_thread(run, ())
    done.acquire()
    return outcome == [True]


def test_an_interruption_at_any_line_loses_no_place() -> None:
    for step in range(1, 100):
        limiter = SyncLimiter(2)
        if not interrupted_at(step, lambda: limiter.acquire(None)):  # noqa: B023
            assert step > 3
            break
        assert places(limiter) == 2
    else:
        raise AssertionError


def test_an_interruption_at_any_line_of_a_caller_that_waits_loses_no_place(turn) -> None:
    released: list[int] = []

    def release() -> None:
        released.append(1)
        turn.limiter.release()

    turn.before = release
    for step in range(1, 300):
        released.clear()
        if not interrupted_at(step, lambda: turn.limiter.acquire(None)):
            assert step > 10
            break
        if not released:
            turn.limiter.release()
        assert places(turn.limiter) == 1
    else:
        raise AssertionError


def test_threads_share_the_places() -> None:
    limiter, inside, most = SyncLimiter(3), set[int](), 0

    def work(number: int) -> None:
        nonlocal most
        for _ in range(200):
            assert limiter.acquire(None)
            inside.add(number)
            most = max(most, len(inside))
            inside.discard(number)
            limiter.release()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most <= 3
    assert places(limiter) == 3


GEVENT = """
import gevent.monkey
gevent.monkey.patch_all()
import random
import gevent
from lomi._backends.sync import SyncLimiter

class Interrupt(BaseException):
    pass

chance, limiter, calls, interrupted = random.Random(1), SyncLimiter(8), 0, 0

def work():
    global calls, interrupted
    for _ in range(300):
        try:
            if limiter.acquire(5):
                try:
                    gevent.sleep(0)
                    calls += 1
                finally:
                    limiter.release()
        except Interrupt:
            interrupted += 1

def interrupt():
    while not all(worker.dead for worker in workers):
        for worker in chance.sample(workers, 5):
            worker.kill(Interrupt, block=False)
        gevent.sleep(0)

workers = [gevent.Greenlet(work) for _ in range(40)]
for worker in workers:
    worker.start()
gevent.spawn(interrupt)
gevent.joinall(workers)
free = 0
while limiter.acquire(0):
    free += 1
print(free, calls > 100, interrupted > 100)
"""


def test_greenlets_that_are_interrupted_at_random_lose_no_place() -> None:
    """Under gevent, a semaphore yields when it is released, and an exception that is raised there lost the place."""
    done = subprocess.run([sys.executable, "-c", GEVENT], capture_output=True, text=True, check=False, timeout=120)
    assert (done.stdout, done.stderr) == ("8 True True\n", "")


@pytest.mark.anyio
async def test_an_async_limiter_is_first_come_first_served(anyio_backend) -> None:
    limiter, order = AsyncLimiter(1), []

    async def pass_through(number: int) -> None:
        assert await limiter.acquire(None)
        order.append(number)
        limiter.release()

    assert await limiter.acquire(0)
    assert not await limiter.acquire(0)
    async with anyio.create_task_group() as tasks:
        for number in range(3):
            tasks.start_soon(pass_through, number)
            await anyio.wait_all_tasks_blocked()
        limiter.release()
    assert order == [0, 1, 2]
    assert await limiter.acquire(0)


@pytest.mark.anyio
async def test_an_async_limiter_whose_caller_is_cancelled(anyio_backend) -> None:
    limiter = AsyncLimiter(1)

    async def pass_through() -> None:
        if await limiter.acquire(None):
            limiter.release()

    assert await limiter.acquire(0)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(pass_through)
        await anyio.wait_all_tasks_blocked()
        tasks.cancel_scope.cancel()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(pass_through)
        await anyio.wait_all_tasks_blocked()
        # Its turn has come, but it is cancelled before it knows.
        limiter.release()
        tasks.cancel_scope.cancel()
    assert await limiter.acquire(0)


@pytest.mark.anyio
async def test_an_async_limiter_whose_caller_is_interrupted_just_when_its_turn_comes(
    anyio_backend, monkeypatch
) -> None:
    limiter = AsyncLimiter(1)

    class Turn:
        came = False

        def set(self) -> None:
            self.came = True

        def is_set(self) -> bool:
            return self.came

        async def wait(self) -> None:
            limiter.release()
            assert self.came
            raise KeyError

    assert await limiter.acquire(0)
    monkeypatch.setattr(anyio, "Event", Turn)
    with pytest.raises(KeyError):
        await limiter.acquire(None)
    assert await limiter.acquire(0)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="older ones look for signals between any two instructions")
def test_a_signal_that_arrives_as_a_place_is_taken_loses_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupting(deque[bool]):
        """Takes a token and raises a signal, both in C, so that no Python code can see the signal in between."""

        @property
        def pop(self) -> Any:
            return zip(iter(super().pop, None), iter(_thread.interrupt_main, 0), strict=False).__next__

    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    monkeypatch.setattr(sync, "deque", Interrupting)
    limiter = SyncLimiter(1)
    taken: object = False
    interrupted = False
    try:
        taken = limiter.acquire(0)
        threading.get_ident()  # the signal is handled here at the latest
    except KeyboardInterrupt:
        interrupted = True
    assert (bool(taken), interrupted) == (True, True)
