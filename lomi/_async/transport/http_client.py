"""The caller's own HTTP client as a transport."""

from __future__ import annotations

from typing import Any

from ..._backends.httpx_family import family_of
from ..._i18n.language import Message
from ...errors import LomiConfigurationError

__all__ = ["transport_of"]


def transport_of(http_client: Any) -> Any:
    """Return a transport that sends through a caller's client, by its public ``send``, and never closes it.

    Raises:
        LomiConfigurationError: It is not such a client.
    """
    family: Any = family_of(http_client, "AsyncClient")
    if family is None:
        kind = type(http_client).__name__
        raise LomiConfigurationError(Message("{} is not an {} but {}", "http_client", "httpx.AsyncClient", kind))

    class AsyncClientTransport(family.AsyncBaseTransport):  # type: ignore[misc]
        @property
        def is_closed(self) -> bool:
            return bool(http_client.is_closed)

        async def handle_async_request(self, request: Any) -> Any:
            # auth and follow_redirects are given, so that the client's defaults cannot send the key elsewhere.
            return await http_client.send(request, stream=True, auth=None, follow_redirects=False)

    return AsyncClientTransport()
