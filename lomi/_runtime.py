"""What differs between blocking and asynchronous code, and nothing else: waiting, resolving, and the clock.

Written twice by hand; everything above it is written once, as async, and generated.
"""

from __future__ import annotations

import asyncio
import random
import select
import socket
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextlib import AbstractContextManager, nullcontext
from contextvars import copy_context
from typing import Any, TypeVar, cast

import anyio
import anyio.to_thread

__all__ = ["Address", "AsyncGate", "AsyncRuntime", "SyncGate", "SyncRuntime"]

A = TypeVar("A")
R = TypeVar("R")

Address = tuple[socket.AddressFamily, Any]
"""A family and what ``socket.connect`` takes for it."""

# For how many seconds a look-up is shared with who comes later.
_BURST = 1.0


class Clock:
    """Time and chance, in one place so that tests can hold them still. Seconds throughout."""

    def __init__(self) -> None:
        self.monotonic: Callable[[], float] = time.monotonic
        self.time: Callable[[], float] = time.time
        self.random: Callable[[], float] = random.random


def _look_up(host: str, port: int) -> list[Address] | OSError:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        return error
    except UnicodeError:
        return OSError("not a host name")
    return [(family, address) for family, _, _, _, address in found]


class SyncRuntime(Clock):
    """Waiting by blocking the thread."""

    def loop(self) -> Hashable:
        """Return what sockets belong to: nothing, since any thread may use any."""
        return None

    def is_over(self, loop: Hashable) -> bool:  # noqa: ARG002
        """Tell whether a loop can no longer run."""
        return False

    def sleep(self, seconds: float) -> None:
        """Sleep."""
        time.sleep(seconds)

    def limit(self, seconds: float | None) -> AbstractContextManager[object]:  # noqa: ARG002
        """Return a block that would be left after some seconds; nothing can interrupt a blocked thread."""
        return nullcontext()

    def map(self, function: Callable[[A], R], arguments: Sequence[A], width: int) -> list[R | Exception]:
        """Call a function with each argument, so many at a time, on threads.

        Return what it returned, in order; the first exception ends the list, and what comes after is not begun.
        """
        results: dict[int, R | Exception] = {}
        pending = iter(enumerate(arguments))
        turn = threading.Lock()
        end = len(arguments)

        def work() -> None:
            nonlocal end
            while True:
                with turn:
                    index, argument = next(pending, (end, None))
                if index >= end:
                    return
                try:
                    results[index] = function(cast("A", argument))
                except Exception as error:  # noqa: BLE001  # raised by the caller, in its turn
                    results[index] = error
                    with turn:
                        end = min(end, index + 1)

        # A deadline around the caller holds on its threads too.
        threads = [
            threading.Thread(target=copy_context().run, args=(work,), name="lomi-pages", daemon=True)
            for _ in range(min(width, end))
        ]
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        except BaseException:
            end = 0
            raise
        return [results[index] for index in range(end)]

    def wait(self, sock: socket.socket, *, writable: bool, seconds: float | None) -> bool:
        """Wait until a socket can be read from or written to; return False when the time is over before."""
        return _poll(sock, writable, seconds)

    def resolve(self, host: str, port: int, seconds: float | None) -> list[Address] | None:
        """Return a host's addresses, or None when the time is over before.

        Raises:
            OSError: There are none.
        """
        # getaddrinfo knows no timeout, so it gets a thread that may be left behind.
        found: list[list[Address] | OSError] = []
        ready = threading.Event()

        def look_up() -> None:
            found.append(_look_up(host, port))
            ready.set()

        threading.Thread(target=look_up, name="lomi-resolver", daemon=True).start()
        ready.wait(seconds)
        return _addresses(found[0]) if found else None


class AsyncRuntime(Clock):
    """Waiting on whatever event loop runs: asyncio directly, trio through anyio."""

    def __init__(self) -> None:
        super().__init__()
        self._look_up: tuple[asyncio.Future[Any], Hashable, float] | None = None

    def loop(self) -> Hashable:
        """Return what sockets belong to: the running loop."""
        try:
            return asyncio.get_running_loop()
        except RuntimeError:
            import trio

            return trio.lowlevel.current_trio_token()

    def is_over(self, loop: Hashable) -> bool:
        """Tell whether a loop can no longer run."""
        if isinstance(loop, asyncio.AbstractEventLoop):
            return loop.is_closed()
        import trio

        token: Any = loop
        try:
            token.run_sync_soon(_do_nothing, idempotent=True)
        except trio.RunFinishedError:
            return True
        return False

    async def sleep(self, seconds: float) -> None:
        """Sleep."""
        await anyio.sleep(seconds)

    def limit(self, seconds: float | None) -> AbstractContextManager[object]:
        """Return a block that is left, silently, after some seconds."""
        return anyio.move_on_after(seconds)

    async def map(
        self, function: Callable[[A], Awaitable[R]], arguments: Sequence[A], width: int
    ) -> list[R | Exception]:
        """Call a function with each argument, so many at a time.

        Return what it returned, in order; the first exception ends the list, and what comes after is cancelled.
        """
        results: dict[int, R | Exception] = {}
        scopes: dict[int, anyio.CancelScope] = {}
        pending = iter(enumerate(arguments))
        end = len(arguments)

        async def work() -> None:
            nonlocal end
            for index, argument in pending:
                if index >= end:
                    return
                with anyio.CancelScope() as scopes[index]:
                    try:
                        results[index] = await function(argument)
                    except Exception as error:  # noqa: BLE001  # raised by the caller, in its turn
                        results[index] = error
                        end = min(end, index + 1)
                        for later in range(end, max(scopes) + 1):
                            scopes[later].cancel()

        async with anyio.create_task_group() as group:
            for _ in range(min(width, end)):
                group.start_soon(work)
        return [results[index] for index in range(end)]

    async def wait(self, sock: socket.socket, *, writable: bool, seconds: float | None) -> bool:
        """Wait until a socket can be read from or written to; return False when the time is over before."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return await _wait_anyio(sock, writable, seconds)
        future: asyncio.Future[bool] = loop.create_future()
        try:
            # By number: for a socket that is not registered yet, asyncio would print it into an error that nobody sees.
            number = sock.fileno()
            (loop.add_writer if writable else loop.add_reader)(number, _settle, future, True)  # noqa: FBT003
        except NotImplementedError:  # Windows' default loop
            return await _wait_anyio(sock, writable, seconds)
        timer = None if seconds is None else loop.call_later(seconds, _settle, future, False)  # noqa: FBT003
        try:
            return await future
        finally:
            (loop.remove_writer if writable else loop.remove_reader)(number)
            if timer is not None:
                timer.cancel()

    async def resolve(self, host: str, port: int, seconds: float | None) -> list[Address] | None:
        """Return a host's addresses, or None when the time is over before.

        Raises:
            OSError: There are none.
        """
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            with anyio.move_on_after(seconds):
                return _addresses(await anyio.to_thread.run_sync(_look_up, host, port, abandon_on_cancel=True))
            return None
        with anyio.move_on_after(seconds):
            return _addresses(await asyncio.shield(self._looked_up(loop, host, port)))
        return None

    def _looked_up(self, loop: asyncio.AbstractEventLoop, host: str, port: int) -> asyncio.Future[Any]:
        """Return what a look-up will find; a burst of calls, which needs many connections at once, shares one."""
        now = self.monotonic()
        if self._look_up is not None:
            future, of, began = self._look_up
            # One that hangs is not shared for long: the network may be back, and another would answer.
            if of == (loop, host, port) and not future.done() and now - began < _BURST:
                return future
        future = loop.create_future()

        def look_up() -> None:
            found = _look_up(host, port)
            try:
                loop.call_soon_threadsafe(_settle, future, found)
            except RuntimeError:  # the loop was closed meanwhile
                return

        # Not the loop's executor: asyncio.run() would wait for a look-up that nobody waits for any more.
        threading.Thread(target=look_up, name="lomi-resolver", daemon=True).start()
        self._look_up = future, (loop, host, port), now
        return future


async def _wait_anyio(sock: socket.socket, writable: bool, seconds: float | None) -> bool:
    with anyio.move_on_after(seconds):
        await (anyio.wait_writable(sock) if writable else anyio.wait_readable(sock))
        return True
    return False


def _do_nothing() -> None:
    """Ask a loop whether it still takes anything."""


def _settle(future: asyncio.Future[Any], result: Any) -> None:
    if not future.done():
        future.set_result(result)


def _addresses(found: list[Address] | OSError) -> list[Address]:
    if isinstance(found, OSError):
        raise found
    return found


def _wait_poll(sock: socket.socket, writable: bool, seconds: float | None) -> bool:
    poll = select.poll()
    poll.register(sock, select.POLLOUT if writable else select.POLLIN)
    return bool(poll.poll(None if seconds is None else seconds * 1000))


def _wait_select(sock: socket.socket, writable: bool, seconds: float | None) -> bool:
    read, write, _ = select.select([] if writable else [sock], [sock] if writable else [], [sock], seconds)
    return bool(read or write)


# Windows has no poll; elsewhere select fails on descriptors above 1023.
_poll = _wait_poll if hasattr(select, "poll") else _wait_select


class SyncGate:
    """Lets a number of callers through at a time."""

    def __init__(self, places: int) -> None:
        self._places = threading.Semaphore(places)

    def enter(self, seconds: float | None) -> bool:
        """Take a place; return False when none was free in time."""
        return self._places.acquire(blocking=False) or self._places.acquire(timeout=seconds)

    def leave(self) -> None:
        """Give the place back."""
        self._places.release()


class AsyncGate:
    """Lets a number of callers of one event loop through at a time, in the order they came."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._waiting: deque[anyio.Event] = deque()

    async def enter(self, seconds: float | None) -> bool:
        """Take a place; return False when none was free in time."""
        if self._places > 0:
            self._places -= 1
            return True
        turn = anyio.Event()
        self._waiting.append(turn)
        try:
            with anyio.move_on_after(seconds):
                await turn.wait()
        except BaseException:
            if turn.is_set():
                self.leave()
            else:
                self._waiting.remove(turn)
            raise
        if not turn.is_set():
            self._waiting.remove(turn)
        return turn.is_set()

    def leave(self) -> None:
        """Give the place back, to the one who has waited longest."""
        if self._waiting:
            self._waiting.popleft().set()
        else:
            self._places += 1
