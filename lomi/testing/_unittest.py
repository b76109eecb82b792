"""For unittest, and for whatever runs plain functions."""

from __future__ import annotations

import functools
import inspect
import unittest
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from ..sandbox import DialectName, Sandbox
from ._sandbox import DIALECT, sandbox

if TYPE_CHECKING:
    from .. import AsyncLomiClient, LomiClient

F = TypeVar("F", bound=Callable[..., Any])


class LomiTestCase(unittest.TestCase):
    """A test case with a new sandbox for each test, created when it is first used and closed afterwards.

    To combine it with another test case, name it first:
    ``class CheckoutTest(LomiTestCase, unittest.IsolatedAsyncioTestCase)``.

    Attributes:
        lomi_dialect: The dialect of the sandbox; set it on your class. Default: ``"server"``.

    Examples:
        >>> class CheckoutTest(LomiTestCase):
        ...     def test_response_is_lost(self):
        ...         self.lomi_sandbox.drop("after_commit", route="POST /customers")
        ...         Shop(self.lomi_client).checkout("order-1")
    """

    lomi_dialect: ClassVar[DialectName] = DIALECT

    @cached_property
    def lomi_sandbox(self) -> Sandbox:
        """The sandbox of this test, without customers."""
        made = sandbox(self.lomi_dialect, test=self.id())
        self._give_back("lomi_sandbox", made.close)
        return made

    @cached_property
    def lomi_client(self) -> LomiClient:
        """A client of this test's sandbox."""
        client = self.lomi_sandbox.client()
        self._give_back("lomi_client", client.close)
        return client

    @cached_property
    def async_lomi_client(self) -> AsyncLomiClient:
        """An asynchronous client of this test's sandbox."""
        client = self.lomi_sandbox.async_client()
        self._give_back("async_lomi_client", functools.partial(close_now, client))
        return client

    def _give_back(self, name: str, close: Callable[[], object]) -> None:
        # The close comes first: a runner that looks whether a case can be pickled, as Django's in parallel does, is to
        # meet what cannot before it meets the case itself once more.
        self.addCleanup(close)
        # Forgotten too, for runners that run the same case twice.
        self.addCleanup(vars(self).pop, name)


def use_sandbox(dialect: DialectName = DIALECT, *, customers: int = 0, chaos: int | None = None) -> Callable[[F], F]:
    """Return a decorator that passes a function, also an ``async def``, a new sandbox as its argument ``sandbox``.

    Args:
        dialect: ``server`` or ``docs``.
        customers: How many customers it starts with, 0 or more.
        chaos: The seed of random faults. Default: that of the test run, else no faults.

    Raises:
        TypeError: It decorates something that is not a function, or the parentheses are missing.

    Examples:
        >>> @use_sandbox()
        ... def test_checkout(sandbox):
        ...     Shop(sandbox.client()).checkout("order-1")
    """
    if callable(dialect):
        raise TypeError("use_sandbox is called: write @use_sandbox() with parentheses")

    def decorate(function: F) -> F:
        if inspect.isclass(function):
            raise TypeError("use_sandbox() decorates a function; for a class of tests there is LomiTestCase")
        test = f"{function.__module__}.{function.__qualname__}"

        @functools.wraps(function)
        def call(*args: Any, **more: Any) -> Any:
            with sandbox(dialect, customers=customers, chaos=chaos, test=test) as made:
                return function(*args, sandbox=made, **more)

        @functools.wraps(function)
        async def call_async(*args: Any, **more: Any) -> Any:
            with sandbox(dialect, customers=customers, chaos=chaos, test=test) as made:
                return await function(*args, sandbox=made, **more)

        decorated: Any = call_async if inspect.iscoroutinefunction(function) else call
        # What is left to pass: pytest would look for a fixture called sandbox.
        signature = inspect.signature(function)
        left = [each for name, each in signature.parameters.items() if name != "sandbox"]
        decorated.__signature__ = signature.replace(parameters=left)
        return decorated  # type: ignore[no-any-return]

    return decorate


def close_now(client: AsyncLomiClient) -> None:
    """Close a client of a sandbox; no event loop is needed, since it has nothing to wait for."""
    closing = client.aclose()
    try:
        closing.send(None)
    except StopIteration:
        return
