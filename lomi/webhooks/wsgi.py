"""An endpoint for webhooks as a WSGI application.

>>> application = webhook({"PAYMENT_SUCCEEDED": fulfil})
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from typing_extensions import Unpack

from .receiver import Handler, Handlers, Receiver, ReceiverOptions, Refusal, declared_length

__all__ = ["webhook"]

_Application = Callable[[dict[str, Any], Callable[..., object]], Iterable[bytes]]


def webhook(on: Handler | Handlers | None = None, **options: Unpack[ReceiverOptions]) -> _Application:
    """Return a WSGI application that verifies webhooks and calls a function with their events.

    Args:
        on: A function for all events, or a mapping of event names to functions; left out with ``inbox=``.
        **options: See [`ReceiverOptions`][lomi.webhooks.ReceiverOptions].

    Raises:
        LomiConfigurationError: A secret, the name of an event, or a function cannot be one; or an inbox is there too.
    """
    receiver = Receiver(on, **options)
    receiver.require_sync("WSGI")

    def lomi_webhook(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        headers = {
            name.removeprefix("HTTP_").replace("_", "-").lower(): str(value)
            for name, value in environ.items()
            if name.startswith("HTTP_") or (name in ("CONTENT_TYPE", "CONTENT_LENGTH") and value)
        }

        def read(limit: int) -> bytes:
            if "content-length" not in headers and not environ.get("wsgi.input_terminated"):
                raise Refusal(411, "length_required")  # reading on would wait for ever
            return _read(
                environ["wsgi.input"], min(limit, declared_length(headers)) if "content-length" in headers else limit
            )

        reply = receiver.receive(environ["REQUEST_METHOD"], headers, read)
        status = f"{reply.status} {HTTPStatus(reply.status).phrase}"
        start_response(status, [*reply.headers.items(), ("Content-Length", str(len(reply.body)))])
        return [reply.body]

    return lomi_webhook


def _read(stream: Any, size: int) -> bytes:
    body = bytearray()
    while len(body) < size and (chunk := stream.read(size - len(body))):
        body += chunk
    return bytes(body)
