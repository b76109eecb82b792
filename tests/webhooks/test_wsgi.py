from __future__ import annotations

import http.client
import io
import threading
from collections.abc import Callable
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server
from wsgiref.validate import validator

import pytest

from lomi import LomiConfigurationError
from lomi.webhooks.wsgi import webhook

from .deliveries import SECRET, VECTOR, Shop, headers


class Trickle(io.RawIOBase):
    """Returns less than is asked for, as a socket does."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.asked = 0

    def read(self, size: int = -1) -> bytes:
        self.asked = max(self.asked, size)
        part, self.content = self.content[: min(size, 10)], self.content[min(size, 10) :]
        return part


def call(
    application: Callable[..., Any], sent: bytes = VECTOR, method: str = "POST", **changes: Any
) -> tuple[str, dict[str, str], bytes]:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(sent)),
        "HTTP_X_LOMI_SIGNATURE": headers(sent)["X-Lomi-Signature"],
        "wsgi.input": Trickle(sent),
        **changes,
    }
    started: list[Any] = []
    content = b"".join(
        application(
            {name: value for name, value in environ.items() if value is not None}, lambda *given: started.extend(given)
        )
    )
    return started[0], dict(started[1]), content


def test_status_and_headers() -> None:
    shop = Shop()
    application = webhook(shop, secrets=SECRET)
    status, fields, content = call(application)
    assert (status, content) == ("200 OK", b'{"received":true}')
    assert fields == {"Content-Type": "application/json", "Content-Length": "17"}
    assert shop.events[0].raw == VECTOR
    assert call(application, method="GET")[0] == "405 Method Not Allowed"
    assert call(application, HTTP_X_LOMI_SIGNATURE="0" * 64)[0] == "401 Unauthorized"
    assert call(application, HTTP_CONTENT_ENCODING="gzip")[0] == "415 Unsupported Media Type"


def test_a_body_without_a_length() -> None:
    application = webhook(Shop(), secrets=SECRET)
    for without in (None, ""):
        assert call(application, CONTENT_LENGTH=without)[0] == "411 Length Required"
        assert call(application, CONTENT_LENGTH=without, **{"wsgi.input_terminated": True})[0] == "200 OK"
    stream = Trickle(b"x" * 2000)
    small = webhook(Shop(), secrets=SECRET, max_body_size=1000)
    changes = {"CONTENT_LENGTH": None, "wsgi.input": stream, "wsgi.input_terminated": True}
    assert call(small, **changes)[0] == "413 Request Entity Too Large"
    assert len(stream.content) == 999


def test_an_async_function_is_refused() -> None:
    async def fulfil(event: object) -> None:
        """Never runs."""

    with pytest.raises(LomiConfigurationError, match="WSGI calls functions that are not async"):
        webhook(fulfil)


class Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing."""


def test_over_a_socket() -> None:
    shop = Shop()
    with make_server("127.0.0.1", 0, validator(webhook(shop, secrets=SECRET)), handler_class=Silent) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=20)
        connection.request("POST", "/", VECTOR, headers(VECTOR))
        response = connection.getresponse()
        assert (response.status, response.read()) == (200, b'{"received":true}')
        connection.close()
        thread.join()
    assert len(shop.events) == 1
