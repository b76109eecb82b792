"""A sandbox in which nobody waits."""

from __future__ import annotations

import math
import random
import weakref
from collections.abc import Callable
from contextvars import Context
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import anyio.lowlevel

from .._core.deadline import clock
from .._core.retry import RetryBudget
from ..sandbox import DialectName, Sandbox
from ..sandbox._http import Request, Response
from ..sandbox._transport import AsyncSandboxTransport, SandboxTransport
from . import _current
from ._chaos import Chaos

if TYPE_CHECKING:
    import httpx

    from .. import AsyncLomiClient, LomiClient

# What real merchants get. The pages' dialect is kinder than that: full listings, validated fields.
DIALECT: Final[DialectName] = "server"


def sandbox(dialect: DialectName = DIALECT, *, customers: int = 0, chaos: int | None = None, test: str = "") -> Sandbox:
    """Return a sandbox for one test; it is a context manager that closes it, and makes its clients.

    Nobody waits in it: where a client of its own backs off or an answer is delayed, the clocks of both move on
    instead. Over `serve()` time is real.

    Args:
        dialect: ``server`` answers what the deployed server was seen to answer, ``docs`` what the vendor's pages
            promise.
        customers: How many customers it starts with, 0 or more.
        chaos: The seed of random faults. Default: that of the test run (``--lomi-chaos``, or ``LOMI_CHAOS`` in the
            environment), else no faults.
        test: The name of the test, which decides with the seed what strikes. Default: what pytest calls it.

    Raises:
        ValueError: An argument is out of its range, or ``LOMI_CHAOS`` is not a whole number.

    Example:
        >>> with lomi.testing.sandbox() as sandbox, sandbox.client() as client:
        ...     sandbox.drop("after_commit", route="POST /customers")
        ...     shop.checkout(client)
    """
    run = _current.runs[-1] if _current.runs else None
    seed = _current.chaos_seed() if chaos is None else chaos
    name = test or (run.test if run else "")
    made = InstantSandbox(dialect, customers, None if seed is None else Chaos(seed, name), name)
    if run is not None:
        run.opened.append(made)
    return made


class InstantSandbox(Sandbox):
    """A sandbox whose clients do not wait: `sleep` moves their clock and its own."""

    def __init__(self, dialect: DialectName, customers: int, chaos: Chaos | None, test: str) -> None:
        self.chaos = chaos
        self._test = test
        super().__init__(dialect, customers=customers)

    def handle(self, request: Request) -> Response:
        """Answer one request, after chaos had its say."""
        chaos = self.chaos
        # A test that orders faults itself knows what is to happen.
        if chaos is None or self._orders != chaos.ordered:
            return super().handle(request)
        with self._store.lock:
            match = self._app.router.find(request.method, request.path)
            fault = None if match is None else chaos.order(self, match.route.name, request.header("x-request-id"))
            answer = super().handle(request)
            if fault is not None:
                fault.cancel()
        return answer

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        ahead = clock.get()() - _machine_time() + seconds
        clock.set(partial(_later, ahead, self._store.close))
        self.clock.advance(seconds=seconds)

    async def async_sleep(self, seconds: float) -> None:
        """Let time pass, and other tasks run."""
        self.sleep(seconds)
        await anyio.lowlevel.checkpoint()

    def transport(self) -> httpx.BaseTransport:
        """Return a transport for an `httpx.Client` of your own; a delayed answer comes at once, as late as it is."""
        return SandboxTransport(self.handle, self.sleep)

    def async_transport(self) -> httpx.AsyncBaseTransport:
        """Return a transport for an `httpx.AsyncClient` of your own; likewise."""
        return AsyncSandboxTransport(self.handle, self.async_sleep)

    def client(self, **options: Any) -> LomiClient:
        """Return a `LomiClient` that talks to this sandbox without a socket and does not wait; see `Sandbox.client`."""
        client = super().client(**options)
        self._take_over(client, self.sleep)
        return client

    def async_client(self, **options: Any) -> AsyncLomiClient:
        """Return an `AsyncLomiClient`, likewise."""
        client = super().async_client(**options)
        self._take_over(client, self.async_sleep)
        return client

    def _take_over(self, client: Any, sleep: Callable[[float], object]) -> None:
        """Let a client live in this sandbox's time."""
        runtime = client.backend
        runtime.sleep = sleep
        runtime.monotonic = lambda: clock.get()()
        runtime.time = lambda: self.clock.now().timestamp()
        runtime.random = random.Random(self._test).random
        if self.chaos is not None:
            # Calls side by side would share one budget, and which of them it runs out for is no one's fault.
            client._budget = RetryBudget(capacity=math.inf)  # noqa: SLF001


def _later(ahead: float, sandbox: weakref.finalize[..., Any]) -> float:
    # The context of a test can outlive its sandbox, closed or forgotten, and is then to measure real time again.
    return _machine_time() + (ahead if sandbox.alive else 0.0)


def _machine_time() -> float:
    # Not `time.monotonic()`: a test may have frozen that, and thaw it in the middle of a deadline.
    return Context().run(clock.get)()
