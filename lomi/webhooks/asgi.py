"""An endpoint for webhooks as an ASGI application.

>>> application = webhook({"PAYMENT_SUCCEEDED": fulfil})
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any

from typing_extensions import Unpack

from .receiver import Handler, Handlers, Receiver, ReceiverOptions, Refusal, read_body

__all__ = ["webhook"]

_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]
_Application = Callable[[_Message, _Receive, _Send], Awaitable[None]]


def webhook(on: Handler | Handlers | None = None, **options: Unpack[ReceiverOptions]) -> _Application:
    """Return an ASGI application that verifies webhooks and calls a function with their events.

    A function that is not async runs in a thread.

    Args:
        on: A function for all events, or a mapping of event names to functions; left out with ``inbox=``.
        **options: See [`ReceiverOptions`][lomi.webhooks.ReceiverOptions].

    Raises:
        LomiConfigurationError: A secret, the name of an event, or a function cannot be one; or an inbox is there too.
    """
    receiver = Receiver(on, **options)

    async def lomi_webhook(scope: _Message, receive: _Receive, send: _Send) -> None:
        if scope["type"] != "http":
            raise ValueError("webhooks come by HTTP only")
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}

        async def read(limit: int) -> bytes:
            return await read_body(_chunks(receive), limit)

        reply = await receiver.areceive(scope["method"], headers, read)
        fields = {**reply.headers, "Content-Length": str(len(reply.body))}
        raw = [(name.lower().encode(), value.encode()) for name, value in fields.items()]
        await send({"type": "http.response.start", "status": reply.status, "headers": raw})
        await send({"type": "http.response.body", "body": reply.body})

    return lomi_webhook


async def _chunks(receive: _Receive) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refusal(400, "body_truncated")
        yield message.get("body", b"")
        more = message.get("more_body", False)
