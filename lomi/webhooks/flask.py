"""An endpoint for webhooks in Flask.

>>> app.post("/webhooks/lomi")(webhook({"PAYMENT_SUCCEEDED": fulfil}))
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, request
from typing_extensions import Unpack

from .receiver import Handler, Handlers, Receiver, ReceiverOptions

__all__ = ["webhook"]


def webhook(on: Handler | Handlers | None = None, **options: Unpack[ReceiverOptions]) -> Callable[[], Response]:
    """Return a view that verifies webhooks and calls a function with their events.

    The size of the body is limited by ``max_body_size``, whatever ``MAX_CONTENT_LENGTH`` says, which takes Flask 3.1.

    Args:
        on: A function for all events, or a mapping of event names to functions; left out with ``inbox=``.
        **options: See [`ReceiverOptions`][lomi.webhooks.ReceiverOptions].

    Raises:
        LomiConfigurationError: A secret, the name of an event, or a function cannot be one; or an inbox is there too.
    """
    receiver = Receiver(on, **options)
    receiver.require_sync("Flask")

    def lomi_webhook() -> Response:
        reply = receiver.receive(
            request.method, {name.lower(): value for name, value in request.headers.items()}, _read
        )
        return Response(reply.body, reply.status, reply.headers)

    return lomi_webhook


def _read(limit: int) -> bytes:
    # A chunked body has no length that could be looked at before.
    request.max_content_length = limit
    return request.get_data()
