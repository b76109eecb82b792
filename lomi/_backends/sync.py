"""How blocking code waits; `_async_runtime` is the same for asyncio and trio. What is above them is written once."""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Callable, Hashable, Sequence
from contextlib import AbstractContextManager, nullcontext
from contextvars import copy_context
from typing import TypeVar, cast

from .base import Address, Clock, answered, getaddrinfo_in_thread

__all__ = ["SyncBackend", "SyncLimiter"]

A = TypeVar("A")
R = TypeVar("R")


class SyncBackend(Clock):
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
        found: list[list[Address] | OSError] = []
        ready = threading.Event()

        def tell(answer: list[Address] | OSError) -> None:
            found.append(answer)
            ready.set()

        getaddrinfo_in_thread(host, port, tell)
        ready.wait(seconds)
        return answered(found[0]) if found else None


def _wait_poll(sock: socket.socket, writable: bool, seconds: float | None) -> bool:
    poll = select.poll()
    poll.register(sock, select.POLLOUT if writable else select.POLLIN)
    return bool(poll.poll(None if seconds is None else seconds * 1000))


def _wait_select(sock: socket.socket, writable: bool, seconds: float | None) -> bool:
    # Windows tells in the third list that a connection was refused.
    reading, writing = ([], [sock]) if writable else ([sock], [])
    return any(select.select(reading, writing, writing, seconds))


# Windows has no poll; elsewhere select fails on descriptors above 1023.
_poll = _wait_poll if hasattr(select, "poll") else _wait_select


class SyncLimiter:
    """Lets a number of callers through at a time."""

    def __init__(self, places: int) -> None:
        self._places = threading.Semaphore(places)

    def enter(self, seconds: float | None) -> bool:
        """Take a place; return False when none was free in time."""
        return self._places.acquire(blocking=False) or self._places.acquire(timeout=seconds)

    def leave(self) -> None:
        """Give the place back."""
        self._places.release()
