"""A sandbox whose time is virtual."""

from __future__ import annotations

import math
import random
import warnings
import weakref
from collections.abc import Callable
from contextvars import Context
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

import anyio.lowlevel
import anyio.to_thread

from .._core.deadline import clock
from .._core.retry import RetryBudget
from ..sandbox import DialectName, Fault, Sandbox
from ..sandbox.clock import SECOND
from ..sandbox.http import Request, Response
from ..sandbox.transport import AsyncSandboxTransport, SandboxTransport
from . import _current
from ._chaos import Chaos

if TYPE_CHECKING:
    import httpx

    from .. import AsyncLomiClient, LomiClient

# What real merchants get. The pages' dialect is kinder than that: full listings, validated fields.
DIALECT: Final[DialectName] = "server"


def sandbox(
    dialect: DialectName = DIALECT, *, customers: int = 0, chaos: int | None = None, test: str = ""
) -> InstantSandbox:
    """Return a sandbox for one test; it is a context manager that closes it, and makes its clients.

    Time is virtual: where one of its clients backs off or a response is delayed, the clocks of both move on instead.
    Over `serve()` time is real.

    Args:
        dialect: ``server`` responds as the deployed server does, ``docs`` as the vendor's documentation says.
        customers: How many customers it starts with, 0 or more.
        chaos: The seed of random faults. Default: that of the test run (``--lomi-chaos``, or ``LOMI_CHAOS`` in the
            environment), else no faults.
        test: The name of the test, which decides with the seed which faults come. Default: its node id in pytest.

    Raises:
        ValueError: An argument is out of its range, or ``LOMI_CHAOS`` is not a whole number.

    Examples:
        >>> with lomi.testing.sandbox() as sandbox, sandbox.client() as client:
        ...     sandbox.drop("after_commit", route="POST /customers")
        ...     shop.checkout(client)
    """
    run = _current.runs[-1] if _current.runs else None
    seed = _current.chaos_seed() if chaos is None else chaos
    name = test or (run.test if run else "")
    made = InstantSandbox(dialect, customers, None if seed is None else Chaos(seed, name), name)
    if run is not None:
        run.sandboxes.append(made)
    return made


class UnusedFaultWarning(UserWarning):
    """A fault was injected for a test and affected no request or delivery."""


class InstantSandbox(Sandbox):
    """A sandbox with virtual time: `sleep` moves its clock and those of its clients.

    Webhooks are sent by `pay`, `deliver` and `clock.advance`, and while a client waits; not in the background.
    """

    _background = False

    def __init__(self, dialect: DialectName, customers: int, chaos: Chaos | None, test: str) -> None:
        self.chaos = chaos
        self.report: Callable[[Fault], None] = _warn
        self._test = test
        super().__init__(dialect, customers=customers)

    def handle(self, request: Request) -> Response:
        """Respond to one request, under a random fault if chaos chooses one."""
        chaos = self.chaos
        # A test that injects faults itself knows what is to happen.
        if chaos is None or self._count != chaos.ordered:
            return super().handle(request)
        with self._engine.lock:
            match = self._api.router.find(request.method, request.path)
            target: Any = None if match is None else match.target
            # What is not built has no operation.
            fault = None if target is None else chaos.order(self, target[1].route, request.header("x-request-id"))
            response = super().handle(request)
            if fault is not None:
                fault.cancel()
        return response

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self._pass(seconds)
        self.clock.advance(seconds=seconds)

    async def async_sleep(self, seconds: float) -> None:
        """Let time pass, and other tasks run."""
        self._pass(seconds)
        # A webhook that falls due is sent off the event loop, which may have to answer it.
        if self._has_due(seconds):
            await anyio.to_thread.run_sync(partial(self.clock.advance, seconds=seconds))
        else:
            self.clock.advance(seconds=seconds)
            await anyio.lowlevel.checkpoint()

    def close(self) -> None:
        """Close it, and report the faults that affected nothing."""
        unstruck = () if not self._engine.store.close.alive else self.unused_faults
        super().close()
        for fault in unstruck:
            self.report(fault)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            # A test that failed need not have come so far.
            self.clear_faults()
        super().__exit__(kind, error, trace)

    def _has_due(self, seconds: float) -> bool:
        with self._engine.lock:
            until = self._engine.clock.micros() + int(seconds * SECOND)
            return self._engine.outbox.first_due(until) is not None

    def _pass(self, seconds: float) -> None:
        ahead = clock.get()() - _machine_time() + seconds
        clock.set(partial(_later, ahead, self._engine.store.close))

    def transport(self) -> httpx.BaseTransport:
        """Return a transport for an `httpx.Client` of your own; a delay moves the clocks instead of waiting."""
        return SandboxTransport(self.handle, self.sleep)

    def async_transport(self) -> httpx.AsyncBaseTransport:
        """Return a transport for an `httpx.AsyncClient` of your own; a delay moves the clocks instead of waiting."""
        return AsyncSandboxTransport(self.handle, self.async_sleep)

    def client(self, **options: Any) -> LomiClient:
        """Return a `LomiClient` that talks to this sandbox without a socket and does not wait; see `Sandbox.client`."""
        client = super().client(**options)
        self.set_clocks(client)
        return client

    def async_client(self, **options: Any) -> AsyncLomiClient:
        """Return an `AsyncLomiClient`, likewise."""
        client = super().async_client(**options)
        self.set_clocks(client)
        return client

    def set_clocks(self, client: Any) -> None:
        """Let a client that uses this sandbox live in its time."""
        backend = client.backend
        is_async = type(client).__name__.startswith("Async")
        backend.sleep = self.async_sleep if is_async else self.sleep
        backend.monotonic = lambda: clock.get()()
        backend.time = lambda: self.clock.now().timestamp()
        backend.random = random.Random(self._test).random
        if self.chaos is not None:
            # Concurrent calls would share one budget, and which of them runs out of it would be left to chance.
            client.retry_budget = RetryBudget(capacity=math.inf)


def _warn(fault: Fault) -> None:
    warnings.warn(f"{fault!r} was injected and affected nothing", UnusedFaultWarning, stacklevel=4)


def _later(ahead: float, sandbox: weakref.finalize[..., Any]) -> float:
    # The context of a test can outlive its sandbox, closed or forgotten, and is then to measure real time again.
    return _machine_time() + (ahead if sandbox.alive else 0.0)


def _machine_time() -> float:
    # Not `time.monotonic()`: a test may have frozen that, and thaw it in the middle of a deadline.
    return Context().run(clock.get)()
