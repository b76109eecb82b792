"""A server that costs next to nothing: canned objects over keep-alive connections, in a process of its own.

    python -m benchmarks.server CERTIFICATE

A path may start with ``/close`` (the connection ends with the response), ``/l20`` (answer after 20 ms) and ``/t10000``
(a listing of so many customers). It listens on two ports; the second speaks TLS.
"""

from __future__ import annotations

import json
import re
import selectors
import socket
import ssl
import sys
import time
from collections import deque
from contextlib import suppress
from functools import cache

_HEAD = (
    b"HTTP/1.1 200 OK\r\n"
    b"X-Powered-By: Express\r\n"
    b"Vary: Origin\r\n"
    b"X-RateLimit-Limit: 5000\r\n"
    b"X-RateLimit-Remaining: 4990\r\n"
    b"X-RateLimit-Reset: 900\r\n"
    b"X-Request-Id: 550e8400-e29b-41d4-a716-446655440000\r\n"
    b"Content-Type: application/json; charset=utf-8\r\n"
    b"Content-Length: %d\r\n"
    b'ETag: W/"230-6bH8yI3cX6ZFd0oy1uX0ZpT9oUQ"\r\n'
    b"Date: Mon, 01 Jan 2024 00:00:00 GMT\r\n"
    b"Connection: keep-alive\r\n"
    b"Keep-Alive: timeout=5\r\n\r\n"
)
# As the API's server does, which announces it too.
_IDLE = 5.0
# For how long after a request the server does not sleep: to wake its core would cost every client the same, and in a
# virtual machine as much as a third of our call.
_AWAKE = 0.005
_TARGET = re.compile(
    rb"[A-Z]+ (?:http://[^/ ]+)?(?:/close)?(?:/l(?P<latency>\d+))?(?:/t(?P<total>\d+))?"
    rb"(?P<path>/[^ ?]*)(?:\?(?P<query>\S*))?$"
)
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@cache
def customer(number: int) -> bytes:
    """Return a customer of about 560 bytes."""
    return _json(
        {
            "customer_id": f"904d003c-3736-41d4-90a5-9de7{number:08d}",
            "organization_id": "6f1c1f5e-5f0a-4d0b-8d53-3a5a4c0f7a11",
            "name": "Amadou Ba",
            "email": "amadou.ba@example.com",
            "phone_number": "+221771234567",
            "whatsapp_number": "+221771234567",
            "country": "Senegal",
            "city": "Dakar",
            "address": "12, rue Amadou Assane Ndoye",
            "postal_code": "11000",
            "is_business": False,
            "metadata": {"internal_id": f"USER_{number}", "segment": "retail"},
            "environment": "test",
            "created_at": "2024-01-15T10:30:00.123456+00:00",
            "updated_at": "2024-02-20T14:45:00.654321+00:00",
        }
    )


def _stripe() -> bytes:
    return _json(
        {
            "id": "cus_NffrFeUfNV2Hib",
            "object": "customer",
            "address": {
                "city": "Dakar",
                "country": "SN",
                "line1": "12, rue Amadou Assane Ndoye",
                "postal_code": "11000",
            },
            "balance": 0,
            "created": 1680893993,
            "currency": "xof",
            "default_source": None,
            "delinquent": False,
            "description": "904d003c-3736-41d4-90a5-9de700000001",
            "email": "amadou.ba@example.com",
            "invoice_prefix": "0759376C",
            "livemode": False,
            "metadata": {"internal_id": "USER_1", "segment": "retail"},
            "name": "Amadou Ba",
            "next_invoice_sequence": 1,
            "phone": "+221771234567",
            "preferred_locales": [],
            "tax_exempt": "none",
            "test_clock": None,
        }
    )


def _treasury() -> bytes:
    return _json(
        {
            "id": "904d003c-3736-41d4-90a5-9de700000001",
            "object": "counterparty",
            "live_mode": False,
            "created_at": "2024-01-15T10:30:00Z",
            "updated_at": "2024-02-20T14:45:00Z",
            "discarded_at": None,
            "name": "Amadou Ba",
            "accounts": [],
            "email": "amadou.ba@example.com",
            "external_id": "6f1c1f5e-5f0a-4d0b-8d53-3a5a4c0f7a11",
            "legal_entity_id": "6f1c1f5e-5f0a-4d0b-8d53-3a5a4c0f7a12",
            "metadata": {"internal_id": "USER_1", "segment": "retail", "address": "12, rue Amadou Assane Ndoye, Dakar"},
            "send_remittance_advice": False,
            "verification_status": "unverified",
        }
    )


def _openai() -> bytes:
    return _json(
        {
            "id": "file-904d003c373641d490a59de700000001",
            "object": "file",
            "bytes": 120000,
            "created_at": 1677610602,
            "expires_at": 1677614202,
            "filename": "customers-" + 160 * "x" + ".jsonl",
            "purpose": "fine-tune",
            "status": "processed",
            "status_details": "Amadou Ba, 12, rue Amadou Assane Ndoye, 11000 Dakar, Senegal, amadou.ba@example.com "
            * 2,
        }
    )


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def listing(total: int, query: bytes) -> bytes:
    """Return a page of so many customers in all."""
    asked = dict(part.split(b"=", 1) for part in query.split(b"&") if b"=" in part)
    page, size = int(asked.get(b"page", b"1")), int(asked.get(b"pageSize", b"50"))
    first = (page - 1) * size
    items = b",".join(map(customer, range(first, min(first + size, total))))
    pages = -(-total // size)
    return b'{"customers":[%b],"pagination":{"page":%d,"pageSize":%d,"totalCount":%d,"totalPages":%d}}' % (
        items, page, size, total, pages,
    )  # fmt: skip


def _answer(line: bytes, busy: float) -> tuple[bytes, float]:
    """Return what to send for a request line, and after how many seconds."""
    found = _canned.get(line)
    if found is not None:
        return found
    target = _TARGET.match(line)
    assert target is not None, line
    path, latency = target["path"], int(target["latency"] or 0) / 1000
    if path == b"/cpu":
        body = b"%.6f" % busy
    elif path.endswith(b"/customers") and line.startswith(b"GET "):
        body = listing(int(target["total"] or 100), target["query"] or b"")
    else:
        body = next((make() for part, make in _OTHERS if part in path), customer(1))
        _canned[line] = (_HEAD % len(body) + body, latency)
    return _HEAD % len(body) + body, latency


_canned: dict[bytes, tuple[bytes, float]] = {}
_OTHERS = ((b"/v1/customers/", _stripe), (b"/counterparties/", _treasury), (b"/files/", _openai))


class Server:
    """Sockets and a selector, nothing else: half the cost of an asyncio protocol."""

    def __init__(self, certificate: str) -> None:
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(certificate)
        self._selector = selectors.DefaultSelector()
        self._plain, self._secure = (socket.create_server(("127.0.0.1", 0), backlog=2048) for _ in range(2))
        for listener in (self._plain, self._secure):
            listener.settimeout(0)
            self._selector.register(listener, selectors.EVENT_READ)
        self._selector.register(sys.stdin, selectors.EVENT_READ)
        self._late: deque[tuple[float, socket.socket, bytes]] = deque()
        self._begun: dict[socket.socket, bytes] = {}
        # When each connection was last used, the one that has waited longest first.
        self._used: dict[socket.socket, float] = {}
        self.busy = 0.0
        """How many seconds its work has taken."""

    def run(self) -> None:
        """Serve on free ports of the loopback interface until the standard input ends; print the ports."""
        print(self._plain.getsockname()[1], self._secure.getsockname()[1], flush=True)
        awake_until = 0.0
        while True:
            begun = time.monotonic()
            ready = self._selector.select(0 if begun < awake_until else self._pause(begun))
            if ready:
                begun = time.monotonic()
                awake_until = begun + _AWAKE
            for key, _ in ready:
                if key.fileobj is sys.stdin:
                    return
                assert isinstance(key.fileobj, socket.socket)
                if key.fileobj in (self._plain, self._secure):
                    self._accept(key.fileobj)
                else:
                    self._receive(key.fileobj)
            self._on_time(time.monotonic())
            self.busy += time.monotonic() - begun if ready else 0

    def _pause(self, now: float) -> float | None:
        """Return how long nothing will be due."""
        if self._late:
            return max(0.0, self._late[0][0] - now)
        return 0.5 if self._used else None

    def _on_time(self, now: float) -> None:
        """Send what is due, and close what has been idle too long."""
        while self._late and self._late[0][0] <= now:
            _, sock, answer = self._late.popleft()
            _send(sock, answer)
        while self._used and self._used[sock := next(iter(self._used))] < now - _IDLE:
            self._end(sock)

    def _accept(self, listener: socket.socket) -> None:
        with suppress(BlockingIOError):
            while True:
                sock, _ = listener.accept()
                sock.settimeout(0)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if listener is self._secure:
                    # The first read shakes hands.
                    sock = self._tls.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
                self._selector.register(sock, selectors.EVENT_READ)
                self._used[sock] = time.monotonic()

    def _receive(self, sock: socket.socket) -> None:
        try:
            data = sock.recv(65536)
        except ssl.SSLWantReadError:
            return
        except (ConnectionError, ssl.SSLError):
            data = b""
        if not data:
            self._end(sock)
            return
        del self._used[sock]
        self._used[sock] = time.monotonic()
        data = self._begun.pop(sock, b"") + data
        end = data.find(b"\r\n\r\n")
        length = None if data.startswith(b"GET ") else _LENGTH.search(data)
        if end < 0 or len(data) < end + 4 + (int(length[1]) if length else 0):
            self._begun[sock] = data
            return
        line = data[: data.find(b" HTTP/1.1\r\n")]
        answer, latency = _answer(line, self.busy)
        if b" /close" in line:
            _send(sock, answer.replace(b"keep-alive\r\n", b"close\r\n", 1))
            self._end(sock)
        elif latency:
            # One latency at a time, so they end in the order they began.
            self._late.append((time.monotonic() + latency, sock, answer))
        else:
            _send(sock, answer)

    def _end(self, sock: socket.socket) -> None:
        self._begun.pop(sock, None)
        del self._used[sock]
        self._selector.unregister(sock)
        if isinstance(sock, ssl.SSLSocket):
            with suppress(OSError):
                sock.unwrap()
        sock.close()


def _send(sock: socket.socket, answer: bytes) -> None:
    with suppress(ConnectionError):
        sent = sock.send(answer)
        if sent < len(answer):
            sock.settimeout(None)
            sock.sendall(answer[sent:])
            sock.settimeout(0)


if __name__ == "__main__":
    Server(sys.argv[1]).run()
