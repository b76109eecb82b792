"""An endpoint for webhooks in Django.

>>> urlpatterns = [path("webhooks/lomi", webhook({"PAYMENT_SUCCEEDED": fulfil}))]
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from asgiref.sync import sync_to_async
from django.db import connections, transaction
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from typing_extensions import Unpack, override

from .events import Event
from .receiver import Handler, Handlers, Receiver, ReceiverOptions, Refusal, Reply

__all__ = ["webhook"]


def webhook(on: Handler | Handlers | None = None, **options: Unpack[ReceiverOptions]) -> Callable[..., Any]:
    """Return a view that verifies webhooks and calls a function with their events.

    It is exempt from CSRF protection: the signature takes its place. It is async when a function or the inbox is.
    With ``ATOMIC_REQUESTS``, what your function has written is rolled back when it fails.

    Args:
        on: A function for all events, or a mapping of event names to functions; left out with ``inbox=``.
        **options: See [`ReceiverOptions`][lomi.webhooks.ReceiverOptions].

    Raises:
        LomiConfigurationError: A secret, the name of an event, or a function cannot be one; or an inbox is there too.
    """
    receiver = _Receiver(on, **options)

    def lomi_webhook(request: HttpRequest) -> HttpResponse:
        return _response(receiver.receive(request.method or "", _headers(request), _reader(request)))

    async def async_lomi_webhook(request: HttpRequest) -> HttpResponse:
        read = _reader(request)

        async def async_read(limit: int) -> bytes:
            return read(limit)

        return _response(await receiver.areceive(request.method or "", _headers(request), async_read))

    # An inbox stores an event after its transaction was rolled back, which must not be inside another one.
    return csrf_exempt(transaction.non_atomic_requests(async_lomi_webhook if receiver.is_async else lomi_webhook))


class _Receiver(Receiver):
    @override
    def call(self, handler: Handler, event: Event) -> None:
        with ExitStack() as stack:
            # An inbox has transactions of its own.
            for connection in connections.all() if self.inbox is None else ():
                if connection.settings_dict["ATOMIC_REQUESTS"]:
                    stack.enter_context(transaction.atomic(using=connection.alias))
            super().call(handler, event)

    @override
    async def in_thread(self, function: Callable[..., object], *arguments: object) -> None:
        # Django's own thread, whose database connections it closes.
        await sync_to_async(function)(*arguments)


def _headers(request: HttpRequest) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}


def _reader(request: HttpRequest) -> Callable[[int], bytes]:
    def read(limit: int) -> bytes:
        # Not `request.body`: it has no limit for chunked bodies, and one of DATA_UPLOAD_MAX_MEMORY_SIZE for others.
        try:
            return request.read(limit)
        except UnreadablePostError:
            raise Refusal(400, "body_truncated") from None

    return read


def _response(reply: Reply) -> HttpResponse:
    return HttpResponse(reply.body, status=reply.status, headers=dict(reply.headers))
