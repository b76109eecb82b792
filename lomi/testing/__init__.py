"""The sandbox in a merchant's own test suite.

With pytest nothing has to be imported: the fixtures ``lomi_sandbox``, ``lomi_client``, ``async_lomi_client``,
``lomi_webhooks`` and, for code that builds its own ``LomiClient()``, ``lomi_api`` exist once this package is installed.

    def test_checkout(lomi_sandbox, lomi_client):
        lomi_sandbox.drop("after_commit", route="POST /customers")
        ...

With unittest:

    class CheckoutTest(LomiTestCase):
        def test_registers_the_buyer(self):
            self.lomi_client.customers.create(name="Amadou Ba")

Anywhere else, ``with lomi.testing.sandbox() as sandbox``, or the decorator ``use_sandbox()``; around code that builds
its own clients, ``with lomi.testing.api(sandbox)``.

A test gets a `lomi.sandbox.Sandbox` of its own, without customers, in which time is virtual: when the client backs off
or a response is delayed, the clocks of both move on instead. A fault that affects nothing is reported with an
`UnusedFaultWarning`. Use `lomi.sandbox.Sandbox` itself to wait for real.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._api import api
    from ._sandbox import UnusedFaultWarning, sandbox
    from ._unittest import LomiTestCase, use_sandbox
    from ._webhooks import SandboxWebhooks

__all__ = ["LomiTestCase", "SandboxWebhooks", "UnusedFaultWarning", "api", "sandbox", "use_sandbox"]

_HOMES = {
    "UnusedFaultWarning": "_sandbox",
    "LomiTestCase": "_unittest",
    "SandboxWebhooks": "_webhooks",
    "api": "_api",
    "sandbox": "_sandbox",
    "use_sandbox": "_unittest",
}


# pytest imports the plugin, and with it this package, in every run: nothing is loaded before it is asked for.
def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
