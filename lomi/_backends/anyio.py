"""How asynchronous code waits, on asyncio or trio; `_sync_runtime` is the same for code that blocks."""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextlib import AbstractContextManager, suppress
from typing import Any, TypeVar

import anyio
import anyio.to_thread

from .base import Address, Clock, answered, getaddrinfo, getaddrinfo_in_thread

__all__ = ["AsyncBackend", "AsyncLimiter"]

A = TypeVar("A")
R = TypeVar("R")

# For how many seconds a look-up is shared with who comes later.
_BURST = 1.0


class AsyncBackend(Clock):
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
                return answered(await anyio.to_thread.run_sync(getaddrinfo, host, port, abandon_on_cancel=True))
            return None
        with anyio.move_on_after(seconds):
            return answered(await asyncio.shield(self._looked_up(loop, host, port)))
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

        def tell(found: list[Address] | OSError) -> None:
            with suppress(RuntimeError):  # the loop was closed meanwhile
                loop.call_soon_threadsafe(_settle, future, found)

        # Not the loop's executor: asyncio.run() would wait for a look-up that nobody waits for any more.
        getaddrinfo_in_thread(host, port, tell)
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


class AsyncLimiter:
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
