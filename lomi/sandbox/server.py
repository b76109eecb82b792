"""HTTP/1.1 on loopback: asyncio and h11. It can drop, cut, drip and stall, which no ASGI server lets one do."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final, cast

import h11

from .http import LARGEST_BODY, PHRASES, Request, Response

HOSTS: Final = {"127.0.0.1": socket.AF_INET, "localhost": socket.AF_INET, "::1": socket.AF_INET6}
# Seconds: between two requests, for the rest of a head, for a body, and for a client to read what was sent when the
# server closes.
IDLE: Final = 5.0
HEAD: Final = 60.0
BODY: Final = 300.0
PATIENCE = 1.0
# Seconds between the signs of life in a stream, and what they look like.
PING: Final = 15.0
PINGED: Final = b'data: {"type":"ping"}\n\n'
# A head that is larger than the API takes is read all the same, so that the refusal arrives.
LARGEST_EVENT: Final = 1024 * 1024

logger: Final = logging.getLogger("lomi.sandbox")


class Listener:
    """A listening socket and the thread that serves it, until `close()`."""

    def __init__(self, respond: Callable[[Request], Response], *, port: int, host: str) -> None:
        if host not in HOSTS:
            raise ValueError(f"a sandbox listens on this machine only: {', '.join(HOSTS)}")
        self.host: str = "127.0.0.1" if host == "localhost" else host
        self._listener = socket.create_server((self.host, port), family=HOSTS[host], backlog=2048)
        self.port: int = self._listener.getsockname()[1]
        self.url: str = f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"
        self.respond = respond
        self.connections: set[Connection] = set()
        self._up = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="lomi-sandbox", daemon=True)
        self._thread.start()
        self._up.wait()
        if self._failure is not None:
            raise RuntimeError("the sandbox could not be served") from self._failure

    def close(self) -> None:
        """Stop serving: responses that are held back, or not read within a second, are dropped."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()

    def _run(self) -> None:
        try:
            self._loop = _loop()
            try:
                self._loop.run_until_complete(self._serve())
            finally:
                self._loop.close()
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
            self._failure = error
        finally:
            self._listener.close()
            self._up.set()

    async def _serve(self) -> None:
        self._stopping = asyncio.Event()
        server = await self._loop.create_server(lambda: Connection(self), sock=self._listener, backlog=2048)
        self._up.set()
        await self._stopping.wait()
        # Accept no more, and let what was accepted become a connection in the next turns of the loop: a server that is
        # closed before leaves a socket that no one closes. The loop of Windows has no readers.
        with contextlib.suppress(NotImplementedError):
            self._loop.remove_reader(self._listener)
        await _turns()
        server.close()
        for connection in list(self.connections):
            connection.close()
        # Closing waits until all is sent: without end, if a client does not read.
        end = self._loop.time() + PATIENCE
        while self.connections and self._loop.time() < end:  # noqa: ASYNC110 - at the end of its life only
            await asyncio.sleep(0.01)
        for connection in list(self.connections):
            connection.abort()
        await _turns()


class Connection(asyncio.Protocol):
    """One connection: reads requests whole, one after the other, and sends as much of a response as it should."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=LARGEST_EVENT)
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._sending: asyncio.Task[None] | None = None
        self._end_stream: Callable[[], None] | None = None
        self._idle = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._listener.connections.add(self)
        peer = transport.get_extra_info("peername")
        # None if the client is gone already.
        self._peer: str = peer[0] if peer else ""
        # asyncio only does this for sockets that name their protocol. Without it a response takes 40 ms.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._wait(HEAD, self._time_out)
        self._begin()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio passes it
        self._listener.connections.discard(self)
        self._wait(None)
        if self._sending is not None:
            self._sending.cancel()
        if self._end_stream is not None:
            self._end_stream()

    def data_received(self, data: bytes) -> None:
        if self._idle:
            self._idle = False
            self._wait(HEAD, self._time_out)
        self._http.receive_data(data)
        self._advance()

    def close(self) -> None:
        """Send what was written, and hang up."""
        self._transport.close()

    def abort(self) -> None:
        """Hang up."""
        self._transport.abort()

    def _begin(self) -> None:
        self._request: h11.Request | None = None
        self._parts: list[bytes] = []
        self._size = 0

    def _advance(self) -> None:
        """Take in what has arrived, as far as one request at a time allows."""
        try:
            while not self._transport.is_closing() and self._sending is None:
                event = self._http.next_event()
                if isinstance(event, h11.Request):
                    self._request = event
                    self._wait(BODY, self._time_out)
                elif isinstance(event, h11.Data):
                    self._size += len(event.data)
                    if self._size - len(event.data) <= LARGEST_BODY:
                        self._parts.append(bytes(event.data))
                elif isinstance(event, h11.EndOfMessage):
                    self._respond()
                else:
                    if self._http.they_are_waiting_for_100_continue:
                        self._send(h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue"))
                    return
        except h11.RemoteProtocolError as error:
            self._refuse(error.error_status_hint)

    def _respond(self) -> None:
        request = self._request
        assert request is not None  # noqa: S101 - it came before its end
        self._wait(None)
        received = Request(
            method=request.method.decode("latin-1"),
            target=request.target.decode("latin-1"),
            headers=tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers),
            body=b"".join(self._parts),
            peer=self._peer,
        )
        try:
            response = self._listener.respond(received)
        except Exception as error:
            logger.exception("the sandbox failed")
            body = f"The sandbox failed: {error!r}\n".encode()
            response = Response(500, (("Content-Type", "text/plain"), ("Content-Length", str(len(body)))), body)
        if response.stream is not None and received.method != "HEAD":
            self._send_head(response, [])
            self._wait(PING, self._ping)
            self._end_stream = response.stream(lambda piece: self._loop.call_soon_threadsafe(self._push, piece))
            return
        parts, pause = response.parts() if received.method != "HEAD" else ([], 0.0)
        if response.delay or pause:
            self._sending = self._loop.create_task(self._send_slowly(response, parts, pause))
        else:
            self._send_head(response, parts)
            self._end(response)

    def _send_head(self, response: Response, parts: list[bytes]) -> None:
        if not response.dropped:
            headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers]
            reason = PHRASES.get(response.status, "").encode()
            self._send(h11.Response(status_code=response.status, headers=headers, reason=reason), *map(_data, parts))

    def _push(self, piece: bytes) -> None:
        self._send(_data(piece))

    def _ping(self) -> None:
        self._push(PINGED)
        self._wait(PING, self._ping)

    async def _send_slowly(self, response: Response, parts: list[bytes], pause: float) -> None:
        await asyncio.sleep(response.delay)
        if pause and not response.dropped:
            self._send_head(response, [])
            for part in parts:
                await asyncio.sleep(pause)
                self._send(_data(part))
        else:
            self._send_head(response, parts)
        self._sending = None
        self._end(response)
        self._advance()

    def _end(self, response: Response) -> None:
        """Finish a response, and be ready for the next request; or hang up."""
        if response.dropped or response.cut_at is not None:
            self.close()
            return
        self._send(h11.EndOfMessage())
        if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
            self.close()
            return
        self._http.start_next_cycle()
        self._begin()
        self._idle = True
        self._wait(IDLE, self.close)

    def _send(self, *events: h11.Event) -> None:
        self._transport.write(b"".join(self._http.send(event) or b"" for event in events))

    def _wait(self, seconds: float | None, then: Callable[[], None] | None = None) -> None:
        """Do something unless something else happens before."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if seconds is None or then is None else self._loop.call_later(seconds, then)

    def _time_out(self) -> None:
        self._refuse(408)

    def _refuse(self, status: int) -> None:
        """Refuse what is no request, and hang up."""
        phrase = PHRASES.get(status, "Bad Request")
        self._transport.write(f"HTTP/1.1 {status} {phrase}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        self.close()


async def _turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def _data(part: bytes) -> h11.Data:
    return h11.Data(data=part)


def _loop() -> asyncio.AbstractEventLoop:
    """Return an event loop of Python's own, whatever this process uses elsewhere, in real time."""
    loop: Any = getattr(asyncio, "ProactorEventLoop", asyncio.SelectorEventLoop)()
    # A test that has frozen `time.monotonic` would wait for ever for a response that is held back, and for the end.
    loop.time = partial(time.clock_gettime, time.CLOCK_MONOTONIC) if hasattr(time, "clock_gettime") else loop.time
    return cast("asyncio.AbstractEventLoop", loop)
