"""Clients that a program builds itself talk to a sandbox, without a socket and without waiting."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

if TYPE_CHECKING:
    from ._sandbox import InstantSandbox

VARIABLES: Final = ("LOMI_API_KEY", "LOMI_BASE_URL")


@contextmanager
def api(sandbox: InstantSandbox) -> Generator[InstantSandbox, None, None]:
    """Let every `LomiClient` and `AsyncLomiClient` that is built in the block use a sandbox.

    The environment has its key and its address, so that ``LomiClient()`` needs no argument. Clients that are given an
    ``transport`` or an ``http_client`` of their own, and those that were built before, are left alone.

    Args:
        sandbox: Made by ``lomi.testing.sandbox()``.

    Examples:
        >>> with lomi.testing.sandbox() as sandbox, lomi.testing.api(sandbox):
        ...     shop.checkout()  # builds its own LomiClient()
    """
    from .. import AsyncLomiClient, LomiClient

    environment = dict(zip(VARIABLES, (sandbox.api_key, sandbox.base_url), strict=True))
    patched = mock.patch.dict(os.environ, environment)
    with (
        patched,
        _built(LomiClient, sandbox, sandbox.transport),
        _built(AsyncLomiClient, sandbox, sandbox.async_transport),
    ):
        yield sandbox


def _built(client: Any, sandbox: InstantSandbox, make: Callable[[], object]) -> Any:
    """Return a patch of a class, under which its objects use the sandbox."""
    original: Callable[..., None] = client.__init__

    def build(self: Any, *arguments: Any, **options: Any) -> None:
        own = any(options.get(name) is not None for name in ("http_client", "transport"))
        if not own:
            options["transport"] = make()
        original(self, *arguments, **options)
        if not own:
            sandbox.set_clocks(self)

    return mock.patch.object(client, "__init__", build)
