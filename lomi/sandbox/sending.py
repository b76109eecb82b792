"""One attempt to deliver an event: to a function in process, or by HTTP to this machine and its own network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from .checks import is_private_host

Handler: TypeAlias = Callable[[bytes, Mapping[str, str]], object]
"""Receives a webhook in process: body and headers. Returns a status; None counts as 200, an exception as 500."""

TIMEOUT: Final = 4.0
LARGEST_KEPT: Final = 64 * 1024


@dataclass(frozen=True, eq=False)
class Attempt:
    """A delivery that is ready to be sent."""

    body: bytes
    headers: dict[str, str]
    url: str
    handler: Handler | None
    times: int = 1

    def send(self) -> tuple[int, str]:
        """Send it, and return the status and the text of the response; status 0 if there was none."""
        outcome = 0, "the endpoint was a handler of another process"
        for _ in range(self.times):
            if self.handler is not None:
                outcome = _call(self.handler, self.body, self.headers)
            elif self.url and not is_private_host(urlsplit(self.url).hostname or ""):
                outcome = 0, "the sandbox sends nothing to the internet"
            elif self.url:
                outcome = _post(self.url, self.body, self.headers)
        return outcome


def headers_of(event: str, signature: str) -> dict[str, str]:
    """Return the headers of a delivery."""
    return {
        "Content-Type": "application/json",
        "X-Lomi-Signature": signature,
        "X-Lomi-Event": event,
        "User-Agent": "Lomi-Webhook/1.0",
    }


def _call(handler: Handler, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
    try:
        status = handler(body, headers)
    except Exception as error:  # noqa: BLE001 - as a web framework would
        return 500, repr(error)
    return (200 if status is None else status if isinstance(status, int) else 500), ""


def _post(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
    import http.client

    parts = urlsplit(url)
    make = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = make(parts.hostname or "", parts.port, timeout=TIMEOUT)
    try:
        # Redirects are not followed.
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        connection.request("POST", target, body, dict(headers))
        response = connection.getresponse()
        return response.status, response.read(LARGEST_KEPT).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        return 0, repr(error)
    finally:
        connection.close()
