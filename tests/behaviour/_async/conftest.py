from __future__ import annotations

from collections.abc import Iterator

import pytest
import respx

from tests.wire import BASE_URL


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOMI_API_KEY", "LOMI_BASE_URL", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def api() -> Iterator[respx.MockRouter]:
    """The API, as far as a test tells it what to answer."""
    with respx.mock(base_url=BASE_URL) as router:
        yield router
