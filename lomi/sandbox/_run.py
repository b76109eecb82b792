from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Final

from ._dialects import DialectName
from ._sandbox import Sandbox
from ._serve import Server

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


def run(
    port: int = 0,
    data: str | os.PathLike[str] | None = None,
    dialect: DialectName = "docs",
    seed: int | None = None,
    announce: Callable[[str], object] = print,
) -> None:
    """Serve a sandbox until Ctrl-C or SIGTERM, then stop cleanly. For the main thread of a process.

    Args:
        port: 0 takes a free one.
        data: A file to keep the data in; None keeps it in memory.
        dialect: `docs` or `server`.
        seed: Makes ids and times the same in every run; None does not.
        announce: Called once, when the sandbox answers, with what to paste to use it.

    Raises:
        ImportError: uvicorn is not there; `pip install "lomi[sandbox]"` brings it.
        OSError: The port is taken.
        ValueError: An argument is out of its range, or `data` is no file of a sandbox.
    """
    ended = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        ended.set()

    with Sandbox(dialect, data=data, seed=seed) as sandbox, sandbox.serve(port) as server:
        before = {number: signal.signal(number, end) for number in SIGNALS}
        try:
            announce(to_paste(server))
            # A program that started this one, through a pipe, waits for that line.
            print(end="", flush=True)  # noqa: T201
            # Wakes up now and then because on Windows a signal does not end a wait.
            while not ended.wait(0.5):
                pass
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def to_paste(server: Server) -> str:
    """What a person needs to use the sandbox, ready to paste."""
    return f"""\
The sandbox answers on {server.url} in the {server.sandbox.dialect} dialect. Ctrl-C ends it.
A page to look at: {server.page_url}

export LOMI_API_KEY={server.api_key} LOMI_BASE_URL={server.url}

from lomi import LomiClient
for customer in LomiClient().customers.list(search="amadou"):
    print(customer.id, customer.name)
"""
