from __future__ import annotations

from collections.abc import Iterator

import pytest

from lomi.sandbox import Sandbox, Server

from ...wire import DIALECTS


@pytest.fixture(scope="package", params=DIALECTS)
def running(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A sandbox over a real socket, in either dialect."""
    with Sandbox(dialect=request.param, vendor_examples=True).serve() as server:
        yield server


@pytest.fixture
def server(running: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The same, as new, with the environment that leads a client to it."""
    running.sandbox.reset()
    monkeypatch.setenv("LOMI_API_KEY", running.api_key)
    monkeypatch.setenv("LOMI_BASE_URL", running.url)
    return running
