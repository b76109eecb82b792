"""The sandbox over HTTP: uvicorn in a thread with an event loop of its own."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from ._http import LARGEST_BODY, Request, Response

try:
    import uvicorn
    from uvicorn.protocols.http.h11_impl import H11Protocol
except ImportError as error:
    raise ImportError('serving the sandbox needs uvicorn: pip install "lomi[sandbox]"') from error

if TYPE_CHECKING:
    from ._sandbox import Sandbox

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

HOSTS: Final = {"127.0.0.1": socket.AF_INET, "localhost": socket.AF_INET, "::1": socket.AF_INET6}


class Server:
    """A sandbox that is being served, from its making to `close()`; a context manager.

    Attributes:
        sandbox: The sandbox that answers.
        host: The address it listens on.
        port: The port it listens on.
        url: The base URL for clients, such as `http://127.0.0.1:49152`.
    """

    def __init__(self, sandbox: Sandbox, *, port: int, host: str) -> None:
        if host not in HOSTS:
            raise ValueError(f"a sandbox listens on this machine only: {', '.join(HOSTS)}")
        self.sandbox = sandbox
        self.host = "127.0.0.1" if host == "localhost" else host
        # The protocol is named because asyncio turns Nagle's algorithm off only where it is: 40 ms a request.
        listener = socket.socket(HOSTS[host], socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((self.host, port))
            listener.listen(2048)
        except BaseException:
            listener.close()
            raise
        self.port: int = listener.getsockname()[1]
        self.url = f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"
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
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._uvicorn.serve([listener])), name="lomi-sandbox", daemon=True
        )
        self._thread.start()
        self._uvicorn.up.wait()

    @property
    def api_key(self) -> str:
        """The test key of the merchant that the sandbox starts with."""
        return self.sandbox.api_key

    def close(self) -> None:
        """Stop serving: answers that are held back are dropped. The sandbox and its data stay."""
        self._uvicorn.should_exit = True
        self._application.stop()
        self._thread.join()

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Server {self.url} of {self.sandbox!r}>"


class Application:
    """The ASGI side: reads a request whole, lets the sandbox answer, and sends as much as it should."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._open: set[asyncio.Transport] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        self._loop = asyncio.get_running_loop()
        connection = connection_of(send)
        self._open.add(connection)
        try:
            body = await _body(receive)
            if body is not None:
                answer = self._sandbox.handle(_request(scope, body))
                await _answer(answer, connection, receive, send)
        finally:
            self._open.discard(connection)

    def stop(self) -> None:
        """Let go of every request that is still waiting for something."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(lambda: [connection.close() for connection in self._open])


def connection_of(send: Send) -> asyncio.Transport:
    """The connection behind an ASGI `send`. ASGI has no word for hanging up, so this asks uvicorn's own object."""
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
        peer=scope["client"][0],
        served=True,
    )


async def _answer(answer: Response, connection: asyncio.Transport, receive: Receive, send: Send) -> None:
    if answer.delay:
        # Waits for the client to go away, which ends a delay early, as does the end of the server.
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(receive(), answer.delay)
            return
    if not answer.dropped:
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        cut = answer.cut_at is not None
        await send({"type": "http.response.body", "body": answer.body[: answer.cut_at], "more_body": cut})
        if not cut:
            return
    connection.close()
    while (await receive())["type"] != "http.disconnect":
        pass


class _Config(uvicorn.Config):
    def configure_logging(self) -> None:
        """Leave the logging of the process alone: it may serve an application of its own with uvicorn."""


class _Uvicorn(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()


class _Protocol(H11Protocol):
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # The sandbox has a log of its own, and this one would hold searches, which are personal data.
        self.access_log = False
