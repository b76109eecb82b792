"""What waiting for the network takes, blocking or not: the clock, chance, and looking up names."""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

__all__ = ["Address", "Clock", "answered", "getaddrinfo", "getaddrinfo_in_thread"]

Address = tuple[socket.AddressFamily, Any]
"""A family and what ``socket.connect`` takes for it."""


class Clock:
    """Time and chance, in one place so that tests can hold them still. Seconds throughout."""

    def __init__(self) -> None:
        self.monotonic: Callable[[], float] = time.monotonic
        self.time: Callable[[], float] = time.time
        self.random: Callable[[], float] = random.random


def getaddrinfo(host: str, port: int) -> list[Address] | OSError:
    """Return a host's addresses, or why there are none; it may block for long."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        return error
    except UnicodeError:
        return OSError("not a host name")
    return [(family, address) for family, _, _, _, address in found]


def getaddrinfo_in_thread(host: str, port: int, tell: Callable[[list[Address] | OSError], object]) -> None:
    """Look a host up, and tell what came of it, on a thread that may be left behind: getaddrinfo knows no timeout."""

    def work() -> None:
        tell(getaddrinfo(host, port))

    try:
        threading.Thread(target=work, name="lomi-resolver", daemon=True).start()
    except RuntimeError:  # no more threads, as when the interpreter ends
        work()


def answered(found: list[Address] | OSError) -> list[Address]:
    """Return what a look-up has found.

    Raises:
        OSError: It has found why there is nothing.
    """
    if isinstance(found, OSError):
        raise found
    return found
