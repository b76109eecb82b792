"""An endpoint for webhooks in Starlette and FastAPI.

>>> app = Starlette(routes=[Route("/webhooks/lomi", webhook({"PAYMENT_SUCCEEDED": fulfil}), methods=["POST"])])

>>> app = FastAPI()
>>> app.post("/webhooks/lomi")(webhook({"PAYMENT_SUCCEEDED": fulfil}))
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from typing_extensions import Unpack

from .receiver import Handler, Handlers, Receiver, ReceiverOptions, Refusal, read_body

__all__ = ["webhook"]


def webhook(
    on: Handler | Handlers | None = None, **options: Unpack[ReceiverOptions]
) -> Callable[[Request], Awaitable[Response]]:
    """Return an endpoint that verifies webhooks and calls a function with their events.

    A function that is not async runs in a thread.

    Args:
        on: A function for all events, or a mapping of event names to functions; left out with ``inbox=``.
        **options: See [`ReceiverOptions`][lomi.webhooks.ReceiverOptions].

    Raises:
        LomiConfigurationError: A secret, the name of an event, or a function cannot be one; or an inbox is there too.
    """
    receiver = Receiver(on, **options)

    async def lomi_webhook(request: Request) -> Response:
        async def read(limit: int) -> bytes:
            try:
                return await read_body(request.stream(), limit)
            except ClientDisconnect:
                raise Refusal(400, "body_truncated") from None

        reply = await receiver.areceive(request.method, dict(request.headers), read)
        return Response(reply.body, reply.status, reply.headers)

    return lomi_webhook
