"""Waiting in asynchronous code, on asyncio or trio; `sync` is the same for blocking code."""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator, Hashable, Sequence
from contextlib import suppress
from inspect import isawaitable
from types import coroutine
from typing import Any, TypeVar

import anyio
import anyio.lowlevel
import anyio.to_thread
from typing_extensions import ParamSpec

from .base import Address, Clock, getaddrinfo, getaddrinfo_in_thread, resolved

__all__ = ["AsyncBackend", "AsyncLimiter"]

A = TypeVar("A")
P = ParamSpec("P")
R = TypeVar("R")

# More checkpoints than a request has: who offers that often waits for something, such as anyio for its cancellation.
_CHECKPOINTS = 16
# For how many seconds later calls share a lookup.
_BURST = 1.0


class AsyncBackend(Clock):
    """Waiting on whatever event loop runs: asyncio directly, trio through anyio."""

    def __init__(self) -> None:
        super().__init__()
        self._shared_lookup: tuple[asyncio.Future[Any], Hashable, float] | None = None

    def loop(self) -> Hashable:
        """Return the running event loop, to which sockets belong."""
        try:
            return asyncio.get_running_loop()
        except RuntimeError:
            import trio

            return trio.lowlevel.current_trio_token()

    def is_over(self, loop: Hashable) -> bool:
        """Tell whether a loop has ended."""
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

    async def checkpoint(self) -> None:
        """Let other tasks run, also from inside `without_checkpoints`."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            await anyio.lowlevel.checkpoint()
            return
        future = loop.create_future()
        loop.call_soon(_settle, future, None)
        await future

    @coroutine
    def without_checkpoints(
        self, function: Callable[P, Coroutine[Any, Any, R]], *arguments: P.args, **named: P.kwargs
    ) -> Generator[Any, Any, R]:
        """Call an async function, but go on at once where it merely offers to let other tasks run.

        httpcore takes three locks for each request, and each offers to under asyncio, which costs a turn of the event
        loop. They guard against two requests on one connection, and ours have one at most.
        """
        steps = function(*arguments, **named)
        sent: Any = None  # trio sends what it waited for; asyncio sends nothing
        error: BaseException | None = None
        skipped = 0
        while True:
            try:
                waits_for = steps.send(sent) if error is None else steps.throw(error)
            except StopIteration as stop:
                result: R = stop.value
                return result
            error = sent = None
            if waits_for is None and skipped < _CHECKPOINTS:
                skipped += 1
            else:
                try:
                    sent = yield waits_for  # trio passes a result in
                except BaseException as thrown:  # noqa: BLE001  # a cancellation is for the coroutine to see
                    error = thrown

    async def unwrap(self, value: Any) -> Any:
        """Return a value, awaited where it is awaitable."""
        return await value if isawaitable(value) else value

    async def run_for(
        self, seconds: float | None, function: Callable[P, Awaitable[R]], *arguments: P.args, **named: P.kwargs
    ) -> R | None:
        """Call an async function, but no longer than some seconds; return None when it was cut."""
        with anyio.move_on_after(seconds) as scope:
            try:
                return await function(*arguments, **named)
            except asyncio.CancelledError:
                # pyreqwest raises one of its own, which the scope would not recognize; here its own arrives again.
                if scope.cancel_called:
                    await self.checkpoint()
                raise
        return None

    async def map_concurrently(
        self, function: Callable[[A], Awaitable[R]], arguments: Sequence[A], width: int
    ) -> list[R | Exception]:
        """Call a function with each argument, ``width`` of them at a time.

        Return the results in order. The list ends with the first exception; later calls are cancelled.
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
                    except Exception as error:  # noqa: BLE001  # the caller raises it in its turn
                        results[index] = error
                        end = min(end, index + 1)
                        for later in range(end, max(scopes) + 1):
                            scopes[later].cancel()

        async with anyio.create_task_group() as group:
            for _ in range(min(width, end)):
                group.start_soon(work)
        return [results[index] for index in range(end)]

    async def wait(self, sock: socket.socket, *, writable: bool, seconds: float | None) -> bool:
        """Wait until a socket can be read from or written to; return False when the time runs out first."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return await _wait_anyio(sock, writable, seconds)
        future: asyncio.Future[bool] = loop.create_future()
        try:
            # By number: asyncio formats a socket that is not registered yet into an error that it then discards.
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
        """Return a host's addresses, or None when the time runs out first.

        Raises:
            OSError: There are none.
        """
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            with anyio.move_on_after(seconds):
                return resolved(await anyio.to_thread.run_sync(getaddrinfo, host, port, abandon_on_cancel=True))
            return None
        with anyio.move_on_after(seconds):
            return resolved(await asyncio.shield(self._lookup(loop, host, port)))
        return None

    def _lookup(self, loop: asyncio.AbstractEventLoop, host: str, port: int) -> asyncio.Future[Any]:
        """Return the future of a lookup, shared by a burst of calls that all open connections."""
        now = self.monotonic()
        if self._shared_lookup is not None:
            future, of, began = self._shared_lookup
            # A lookup that hangs is not shared for long: the network may be back, and a new one would succeed.
            if of == (loop, host, port) and not future.done() and now - began < _BURST:
                return future
        future = loop.create_future()

        def notify(found: list[Address] | OSError) -> None:
            with suppress(RuntimeError):  # the loop was closed meanwhile
                loop.call_soon_threadsafe(_settle, future, found)

        # Not the loop's executor: asyncio.run() would wait for a lookup that has been abandoned.
        getaddrinfo_in_thread(host, port, notify)
        self._shared_lookup = future, (loop, host, port), now
        return future


async def _wait_anyio(sock: socket.socket, writable: bool, seconds: float | None) -> bool:
    with anyio.move_on_after(seconds):
        await (anyio.wait_writable(sock) if writable else anyio.wait_readable(sock))
        return True
    return False


def _do_nothing() -> None:
    """Do nothing: asked of a loop to learn whether it still runs."""


def _settle(future: asyncio.Future[Any], result: Any) -> None:
    if not future.done():
        future.set_result(result)


class AsyncLimiter:
    """Limits how many callers of one event loop proceed at a time, first come, first served."""

    def __init__(self, limit: int) -> None:
        self._free = limit
        self._waiting: deque[anyio.Event] = deque()

    async def acquire(self, seconds: float | None) -> bool:
        """Take a place; return False when none became free in time."""
        if self._free > 0:
            self._free -= 1
            return True
        turn = anyio.Event()
        self._waiting.append(turn)
        try:
            with anyio.move_on_after(seconds):
                await turn.wait()
        except BaseException:
            if turn.is_set():
                self.release()
            else:
                self._waiting.remove(turn)
            raise
        if not turn.is_set():
            self._waiting.remove(turn)
        return turn.is_set()

    def release(self) -> None:
        """Give the place back, to the caller that has waited longest."""
        if self._waiting:
            self._waiting.popleft().set()
        else:
            self._free += 1
