"""The sandbox in a merchant's own test suite.

With pytest nothing has to be imported: the fixtures ``lomi_sandbox``, ``lomi_client`` and ``async_lomi_client`` are
there as soon as this package is installed.

    def test_checkout(lomi_sandbox, lomi_client):
        lomi_sandbox.drop("after_commit", route="POST /customers")
        ...

With unittest:

>>> from lomi.testing import LomiTestCase
>>> class CheckoutTest(LomiTestCase):
...     def test_registers_the_buyer(self):
...         self.lomi_client.customers.create(name="Amadou Ba")

Anywhere else, ``with lomi.testing.sandbox() as sandbox``, or the decorator ``use_sandbox()``.

What a test gets here is a `lomi.sandbox.Sandbox` of its own, without customers, in which nobody waits: where the
client backs off or an answer is delayed, the clocks of both move on instead. Use `lomi.sandbox.Sandbox` itself to
wait for real.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._sandbox import sandbox
    from ._unittest import LomiTestCase, use_sandbox

__all__ = ["LomiTestCase", "sandbox", "use_sandbox"]

_HOMES = {"LomiTestCase": "_unittest", "sandbox": "_sandbox", "use_sandbox": "_unittest"}


# pytest imports the plugin, and with it this package, in every run: nothing is loaded before it is asked for.
def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
