"""Edges that a reader found: what an error says, what is known of the outcome, and the time that a key may take."""

from __future__ import annotations

import logging
from typing import Any

import httpx
import pytest

import lomi
from lomi.sandbox import Sandbox
from tests.wire import TEST_KEY

from .doubles import Clock

pytestmark = pytest.mark.anyio


class Transport(httpx.BaseTransport):
    """Reads a request, then raises."""

    def __init__(self, error: Any) -> None:
        self.error = error

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        raise self.error(request)


def failed(error: Any) -> lomi.LomiError:
    client = lomi.LomiClient(TEST_KEY, base_url="http://127.0.0.1:9", transport=Transport(error), max_retries=0)
    with pytest.raises(lomi.LomiError) as caught:
        client.customers.create(name="Awa")
    return caught.value


def test_an_error_never_says_the_key_that_a_transport_quotes() -> None:
    error = failed(lambda request: RuntimeError(f"unexpected {request.headers!r}"))
    assert TEST_KEY not in str(error)
    assert "[key]" in error.message


def test_a_configuration_error_from_a_transport_that_has_read_the_request_leaves_it_unknown() -> None:
    error = failed(lambda _request: lomi.LomiConfigurationError("another client is closed"))
    assert isinstance(error, lomi.LomiConfigurationError)
    assert error.outcome == "unknown"


def test_a_key_that_comes_too_late_sends_nothing() -> None:
    transport = httpx.MockTransport(lambda _request: httpx.Response(200, json={}))
    client: Any = None

    def slow() -> str:
        clock.now += 2
        return TEST_KEY

    client = lomi.LomiClient(
        slow, environment="test", base_url="http://127.0.0.1:9", transport=transport, timeout=1, max_retries=0
    )
    clock = Clock(client)
    with pytest.raises(lomi.LomiTimeoutError, match="api_key function") as caught:
        client.customers.create(name="Awa")
    assert caught.value.outcome == "not_sent"


def test_a_create_with_an_extra_field_is_found() -> None:
    sandbox = Sandbox(customers=0)
    client = sandbox.client(max_retries=0)
    Clock(client)
    sandbox.drop("after_commit")
    with pytest.raises(lomi.LomiError) as caught:
        client.with_options(extra_body={"loyalty_tier": "gold"}).customers.create(name="Awa Diop")
    found = client.customers.reconcile(caught.value)
    assert found is not None
    assert found.name == "Awa Diop"


def test_the_header_tables_of_http_2_are_silent_in_our_calls(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    def log(request: httpx.Request) -> Exception:
        logging.getLogger("hpack.hpack").debug("adding %s", request.headers["X-API-KEY"])
        return httpx.ReadError("lost")

    failed(log)
    assert TEST_KEY not in caplog.text
