"""What our transport raises beside httpx's own errors: what is permanent, so that repeating it is no use."""

from __future__ import annotations

import httpx

__all__ = ["CertificateInvalidError", "MalformedResponseError", "ProxyRefusedError"]


class MalformedResponseError(httpx.RemoteProtocolError):
    """The server sent something else than an HTTP response, or more than the limit. The request was sent."""


class ProxyRefusedError(httpx.ProxyError):
    """The proxy refused the connection, or does not follow its protocol. Nothing was sent to the server."""


class CertificateInvalidError(httpx.ConnectError):
    """The server's certificate is not trusted. Nothing was sent."""
