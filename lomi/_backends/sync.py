"""Waiting in blocking code; `anyio` is the same for asyncio and trio."""

from __future__ import annotations

import math
import select
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Coroutine, Hashable, Sequence
from contextlib import suppress
from contextvars import copy_context
from inspect import isawaitable
from itertools import islice
from typing import Any, TypeVar, cast

from typing_extensions import ParamSpec

from .base import Address, Clock, getaddrinfo_in_thread, resolved

__all__ = ["SyncBackend", "SyncLimiter"]

A = TypeVar("A")
P = ParamSpec("P")
R = TypeVar("R")


class SyncBackend(Clock):
    """Waiting by blocking the thread."""

    def loop(self) -> Hashable:
        """Return None: sockets belong to no event loop, and any thread may use them."""
        return None

    def is_over(self, loop: Hashable) -> bool:  # noqa: ARG002
        """Tell whether a loop has ended."""
        return False

    def sleep(self, seconds: float) -> None:
        """Sleep."""
        time.sleep(seconds)

    def checkpoint(self) -> None:
        """Do nothing: other threads run anyway."""

    def without_checkpoints(self, function: Callable[P, R], *arguments: P.args, **named: P.kwargs) -> R:
        """Call a function: blocking code has no checkpoints."""
        return function(*arguments, **named)

    def unwrap(self, value: Any) -> Any:
        """Return a value, which must not be awaitable.

        Raises:
            TypeError: It is.
        """
        if isawaitable(value):
            if isinstance(value, Coroutine):
                value.close()
            raise TypeError("an async function needs AsyncLomiClient")
        return value

    def run_for(
        self,
        seconds: float | None,  # noqa: ARG002
        function: Callable[P, R],
        *arguments: P.args,
        **named: P.kwargs,
    ) -> R | None:
        """Call a function without a limit, since nothing can interrupt a blocked thread."""
        return function(*arguments, **named)

    def map_concurrently(self, function: Callable[[A], R], arguments: Sequence[A], width: int) -> list[R | Exception]:
        """Call a function with each argument on threads, ``width`` of them at a time.

        Return the results in order. The list ends with the first exception; later calls are not started.
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
                except Exception as error:  # noqa: BLE001  # the caller raises it in its turn
                    results[index] = error
                    with turn:
                        end = min(end, index + 1)

        # A deadline around the caller applies on its threads too.
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
        """Wait until a socket can be read from or written to; return False when the time runs out first."""
        # Windows has no poll; elsewhere select fails on descriptors above 1023.
        return (_wait_poll if hasattr(select, "poll") else _wait_select)(sock, writable, seconds)

    def resolve(self, host: str, port: int, seconds: float | None) -> list[Address] | None:
        """Return a host's addresses, or None when the time runs out first.

        Raises:
            OSError: There are none.
        """
        found: list[list[Address] | OSError] = []
        ready = threading.Event()

        def notify(addresses: list[Address] | OSError) -> None:
            found.append(addresses)
            ready.set()

        getaddrinfo_in_thread(host, port, notify)
        ready.wait(seconds)
        return resolved(found[0]) if found else None


def _wait_poll(sock: socket.socket, writable: bool, seconds: float | None) -> bool:
    poll = select.poll()
    poll.register(sock, select.POLLOUT if writable else select.POLLIN)
    return bool(poll.poll(None if seconds is None else seconds * 1000))


def _wait_select(sock: socket.socket, writable: bool, seconds: float | None) -> bool:
    # Windows reports a refused connection in the third list.
    reading, writing = ([], [sock]) if writable else ([sock], [])
    return any(select.select(reading, writing, writing, seconds))


class SyncLimiter:
    """Limits how many callers proceed at a time.

    Places are tokens in a deque, whose methods are atomic. No lock is held, so an exception that gevent or a signal
    handler raises while a caller waits, takes a token, or wakes another, loses no place. Only a signal handler that
    raises just before a place is given back can, which is rare.
    """

    # A waiter looks again after this many seconds, in case its wake-up was lost to such an exception.
    _RECHECK = 0.5

    def __init__(self, limit: int) -> None:
        self._free = deque([True] * limit)
        self._waiting: deque[threading.Event] = deque()

    def acquire(self, seconds: float | None) -> bool:
        """Take a place; return False when none became free in time."""
        ends_at = math.inf if seconds is None else time.monotonic() + seconds
        while True:
            try:
                # No call of pop(): at the end of a call a signal handler can raise, and the token would be lost.
                return [*islice(iter(self._free.pop, None), 1)][0]  # noqa: RUF015
            except IndexError:
                pass
            left = ends_at - time.monotonic()
            if left <= 0:
                return False
            turn = threading.Event()
            self._waiting.append(turn)
            try:
                if not self._free:  # a place that became free meanwhile woke no one
                    turn.wait(min(left, self._RECHECK))
            finally:
                with suppress(ValueError):
                    self._waiting.remove(turn)

    def release(self) -> None:
        """Give the place back, and wake the caller that has waited longest."""
        self._free.append(True)
        with suppress(IndexError):
            self._waiting.popleft().set()
