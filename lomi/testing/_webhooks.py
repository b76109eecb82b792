"""Webhooks of a sandbox, delivered to the application under test."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

import httpx

if TYPE_CHECKING:
    from ..sandbox import Endpoint, Sandbox

SECRET: Final = "whsec_test"  # noqa: S105  # of the sandbox's own deliveries
BASE_URL: Final = "http://testserver"


class SandboxWebhooks:
    """Delivers the events of a sandbox to your application, signed, with every fault of the sandbox.

    Attributes:
        secret: What deliveries are signed with; in a test it is also in ``LOMI_WEBHOOK_SECRET``.
        responses: What your application responded, the oldest first.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self.secret: str = SECRET
        self.responses: list[httpx.Response] = []
        self._sandbox = sandbox
        self._connected: list[tuple[Any, str, list[httpx.Response]]] = []

    def connect(self, app: Any, path: str) -> Endpoint:
        """Deliver every event of the sandbox from now on, such as those of ``sandbox.payer(…).pay()``.

        A response other than 2xx is retried as lomi. retries, when the sandbox's clock moves on.

        Args:
            app: A WSGI or ASGI application, called without a socket; or the base URL of one on this machine.
            path: Where it receives webhooks, such as ``"/webhooks/lomi"``.
        """
        own: list[httpx.Response] = []

        def deliver(body: bytes, headers: Mapping[str, str]) -> int:
            response = _post(app, path, body, headers)
            self.responses.append(response)
            own.append(response)
            return response.status_code

        self._connected.append((app, path, own))
        return self._sandbox.webhooks.add(deliver, secret=self.secret)

    def post(self, app: Any, path: str, event: str, data: Mapping[str, Any] | None = None) -> httpx.Response:
        """Deliver an event about an example, and return the response; that of the last time, if a fault doubled it.

        Args:
            app: As for `connect`; it stays connected.
            path: Likewise.
            event: Its name, such as ``"PAYMENT_SUCCEEDED"``.
            data: Fields to put into the example's own.

        Raises:
            ValueError: There is no example of such an event.
            LookupError: It was not delivered: a fault lost it, or it is to come later.

        Examples:
            >>> assert lomi_webhooks.post(app, "/webhooks/lomi", "PAYMENT_SUCCEEDED").status_code == 200
        """
        if all((app, path) != (other, at) for other, at, _ in self._connected):
            self.connect(app, path)
        # Every other application that is connected gets the event as well.
        own = next(own for other, at, own in self._connected if (app, path) == (other, at))
        before = len(own)
        self._sandbox.webhooks.emit(event, data)
        if len(own) == before:
            raise LookupError(f"{event} was not delivered; see sandbox.deliveries")
        return own[-1]


def _post(app: Any, path: str, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
    if isinstance(app, str):
        return httpx.post(app.rstrip("/") + path, content=body, headers=headers, trust_env=False)
    if inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(getattr(app, "__call__", None)):  # noqa: B004
        # A thread of its own: the test may be running in an event loop.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(_apost, app, path, body, headers).result()
    with httpx.Client(transport=httpx.WSGITransport(app), base_url=BASE_URL) as client:
        return client.post(path, content=body, headers=headers)


def _apost(app: Any, path: str, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
    import anyio

    async def post() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE_URL) as client:
            return await client.post(path, content=body, headers=headers)

    return anyio.run(post)
