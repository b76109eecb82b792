"""The ASGI side of a served sandbox, and uvicorn as it is used here; imported only to serve."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Awaitable, Callable, MutableMapping
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from ._guard import page_or_refusal
from ._http import LARGEST_BODY, Request, Response

try:
    import uvicorn
    from uvicorn.protocols.http.h11_impl import H11Protocol
except ImportError as error:
    raise ImportError('serving the sandbox needs uvicorn: pip install "lomi[sandbox]"') from error

if TYPE_CHECKING:
    from ._sandbox import Sandbox

# Seconds that closing waits for a client to read what was sent.
PATIENCE = 1.0

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]


class Worker:
    """uvicorn on one listening socket, in a thread with an event loop of its own."""

    def __init__(self, sandbox: Sandbox, listener: socket.socket) -> None:
        self._application = Application(sandbox)
        self._uvicorn = _Uvicorn(
            _Config(
                self._application,
                http=_Protocol,
                loop="asyncio",
                ws="none",
                lifespan="off",
                interface="asgi3",
                proxy_headers=False,
                server_header=False,
                date_header=False,
                timeout_keep_alive=5,
                h11_max_incomplete_event_size=1024 * 1024,
            )
        )
        self._listener = listener
        self._up = threading.Event()
        self._uvicorn.ready = self._up.set
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="lomi-sandbox", daemon=True)
        self._thread.start()
        self._up.wait()
        if self._failure is not None:
            raise RuntimeError("the sandbox could not be served") from self._failure

    def _run(self) -> None:
        loop = _loop()
        try:
            loop.run_until_complete(self._uvicorn.serve([self._listener]))
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
            self._failure = error
        finally:
            loop.close()
            self._listener.close()
            self._up.set()

    def stop(self) -> None:
        self._uvicorn.should_exit = True
        self._application.stop()
        self._thread.join()


class Application:
    """The ASGI side: reads a request whole, lets the sandbox answer, and sends as much as it should."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._open: set[asyncio.Transport] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopped = False

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        self._loop = asyncio.get_running_loop()
        connection = connection_of(send)
        self._open.add(connection)
        try:
            if self._stopped:
                connection.close()
            body = await _body(receive)
            if body is not None:
                request = _request(scope, body)
                answer = page_or_refusal(self._sandbox, request) or self._sandbox.handle(request)
                await _answer(answer, connection, receive, send)
        finally:
            self._open.discard(connection)

    def stop(self) -> None:
        """Let go of every request that is still waiting for something."""
        self._stopped = True
        if self._loop is not None:
            # The loop may be closed by now, and nothing waits on a closed one.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._hang_up)

    def _hang_up(self) -> None:
        for connection in self._open:
            connection.close()


def connection_of(send: Send) -> asyncio.Transport:
    """The connection behind an ASGI `send`, asked of uvicorn's own object: ASGI cannot hang up."""
    connection: object = getattr(getattr(send, "__self__", None), "transport", None)
    if not isinstance(connection, asyncio.Transport):
        raise TypeError("this version of uvicorn hides its connection: the sandbox cannot drop it")
    return connection


async def _body(receive: Receive) -> bytes | None:
    """The whole body, or a little more than the server would take; None if the client went away."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        part: bytes = message.get("body", b"")
        size += len(part)
        if size - len(part) <= LARGEST_BODY:
            parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


def _request(scope: Message, body: bytes) -> Request:
    target: bytes = scope["raw_path"]
    if scope["query_string"]:
        target += b"?" + scope["query_string"]
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    return Request(
        method=scope["method"],
        target=target.decode("latin-1"),
        headers=tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers),
        body=body,
        # None where the client is gone already.
        peer=(scope["client"] or ("",))[0],
    )


async def _answer(answer: Response, connection: asyncio.Transport, receive: Receive, send: Send) -> None:
    if answer.delay and await _gone_within(answer.delay, receive):
        return
    if not answer.dropped:
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        body = answer.body[: answer.cut_at]
        if answer.drip:
            for byte in body:
                if await _gone_within(answer.drip, receive):
                    return
                await send({"type": "http.response.body", "body": bytes((byte,)), "more_body": True})
            body = b""
        cut = answer.cut_at is not None
        await send({"type": "http.response.body", "body": body, "more_body": cut})
        if not cut:
            return
    connection.close()
    await _gone(receive)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _gone_within(seconds: float, receive: Receive) -> bool:
    """Wait so long, or until the client goes away or the server ends; True for these two."""
    gone = asyncio.ensure_future(_gone(receive))
    done, _ = await asyncio.wait({gone}, timeout=seconds)
    gone.cancel()
    await asyncio.wait({gone})
    return bool(done)


def _loop() -> asyncio.AbstractEventLoop:
    """An event loop of Python's own, whatever this process uses elsewhere, in real time."""
    loop: Any = getattr(asyncio, "ProactorEventLoop", asyncio.SelectorEventLoop)()
    # A test that has frozen `time.monotonic` would wait for ever for an answer that is held back, and for the end.
    loop.time = partial(time.clock_gettime, time.CLOCK_MONOTONIC) if hasattr(time, "clock_gettime") else loop.time
    return cast("asyncio.AbstractEventLoop", loop)


class _Config(uvicorn.Config):
    def configure_logging(self) -> None:
        """Leave the logging of the process alone: it may serve an application of its own with uvicorn."""


class _Uvicorn(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready: Callable[[], None]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        asyncio.get_running_loop().call_later(PATIENCE, self._give_up)
        await super().shutdown(sockets)

    def _give_up(self) -> None:
        # Closing waits until all is sent: without end, where a client does not read.
        for connection in list(self.server_state.connections):
            connection.transport.abort()


class _Protocol(H11Protocol):
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # The sandbox has a log of its own, and this one would hold searches, which are personal data.
        self.access_log = False
        # asyncio only does this for sockets that name their protocol. Without it an answer takes 40 ms.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
