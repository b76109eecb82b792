"""What both backends share: clocks, randomness and name resolution."""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

__all__ = ["Address", "Clock", "getaddrinfo", "getaddrinfo_in_thread", "resolved"]

Address = tuple[socket.AddressFamily, Any]
"""An address family and what ``socket.connect`` takes for it."""


class Clock:
    """Time and randomness, in one place so that tests can replace them. Times are in seconds."""

    def __init__(self) -> None:
        self.monotonic: Callable[[], float] = time.monotonic
        self.time: Callable[[], float] = time.time
        self.random: Callable[[], float] = random.random


def getaddrinfo(host: str, port: int) -> list[Address] | OSError:
    """Return a host's addresses, or the error that explains why there are none. May block for long."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        return error
    except UnicodeError:  # a label that is empty or too long
        return OSError("not a host name")
    return [(family, address) for family, _, _, _, address in found]


def getaddrinfo_in_thread(host: str, port: int, notify: Callable[[list[Address] | OSError], object]) -> None:
    """Resolve a host on a daemon thread, since getaddrinfo has no timeout, and pass the result to ``notify``."""

    def work() -> None:
        notify(getaddrinfo(host, port))

    try:
        threading.Thread(target=work, name="lomi-resolver", daemon=True).start()
    except RuntimeError:  # no more threads, as when the interpreter ends
        work()


def resolved(found: list[Address] | OSError) -> list[Address]:
    """Return the addresses that a lookup found.

    Raises:
        OSError: It found none.
    """
    if isinstance(found, OSError):
        raise found
    return found
