from __future__ import annotations

import sys

import httpx
import httpx2
import pytest

from lomi._backends.httpx_family import family_of, request_body
from lomi._backends.transport_errors import CertificateInvalidError, MalformedResponseError, ProxyRefusedError

FAMILIES = [httpx, httpx2]
pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("family", FAMILIES)
def test_an_object_belongs_to_the_family_whose_class_it_is_of(family) -> None:
    transport = family.MockTransport(lambda _request: family.Response(200))
    assert family_of(transport, "BaseTransport") is family
    assert family_of(transport, "AsyncBaseTransport") is family
    assert family_of(transport, "Client") is None
    with family.Client(transport=transport) as client:
        assert family_of(client, "Client") is family
        assert family_of(client, "AsyncClient") is None


@pytest.mark.parametrize("value", [None, object(), "httpx", httpx])
def test_an_object_of_no_family(value) -> None:
    assert family_of(value, "BaseTransport") is None


def test_a_family_that_is_not_imported(monkeypatch) -> None:
    transport = httpx2.MockTransport(lambda _request: httpx2.Response(200))
    monkeypatch.delitem(sys.modules, "httpx2")
    assert family_of(transport, "BaseTransport") is None
    assert family_of(httpx.MockTransport(lambda _request: httpx.Response(200)), "BaseTransport") is httpx


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(("content", "chunks"), [(b"{}", [b"{}"]), (b"", [b""]), (None, [])])
async def test_a_body_knows_whether_it_was_read(family, content, chunks, anyio_backend) -> None:
    blocking = request_body(family, "SyncByteStream")
    assert blocking is request_body(family, "SyncByteStream")
    assert issubclass(blocking, family.SyncByteStream)
    # Some transports refuse what is both.
    assert not issubclass(blocking, family.AsyncByteStream)
    body = blocking(content)
    assert not body.was_read
    assert list(body) == chunks
    assert body.was_read
    asynchronous = request_body(family, "AsyncByteStream")
    assert issubclass(asynchronous, family.AsyncByteStream)
    body = asynchronous(content)
    # Asking for an iterator is not reading yet: aiohttp does so before it connects.
    assert aiter(aiter(body)) is not None
    assert not body.was_read
    assert [chunk async for chunk in body] == chunks
    assert body.was_read


def test_what_is_permanent_is_an_error_of_httpx_too() -> None:
    assert issubclass(MalformedResponseError, httpx.RemoteProtocolError)
    assert issubclass(ProxyRefusedError, httpx.ProxyError)
    assert issubclass(CertificateInvalidError, httpx.ConnectError)
