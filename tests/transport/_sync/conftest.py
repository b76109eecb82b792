from __future__ import annotations

import ssl
from collections.abc import Iterator
from typing import Any

import pytest
import respx

from lomi._backends import proxies
from tests.fire.server import authority
from tests.wire import BASE_URL

HOST = "api.example"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOMI_API_KEY", "LOMI_BASE_URL", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def api() -> Iterator[respx.MockRouter]:
    """The API, as far as a test tells it what to respond."""
    with respx.mock(base_url=BASE_URL) as router:
        yield router


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Iterator[ssl.SSLContext]:
    """What a server shows so that clients trust it, as loopback and under a name."""
    made = authority("127.0.0.1", HOST)
    root = tmp_path / "root.pem"
    root.write_bytes(made.root)
    monkeypatch.setenv("SSL_CERT_FILE", str(root))
    proxies.ssl_context.cache_clear()
    yield made.server
    proxies.ssl_context.cache_clear()


@pytest.fixture
def through(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lead every client through a proxy."""
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    return lambda url: monkeypatch.setenv("ALL_PROXY", url)
