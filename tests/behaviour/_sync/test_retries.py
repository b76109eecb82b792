"""When a call is tried again: the table, row by row. Nothing sleeps: time is the test's."""

from __future__ import annotations

import logging
from typing import Any

import httpx
import pytest
import respx

import lomi
from tests.wire import CUSTOMER, TEST_KEY

from .doubles import Clock, Network

pytestmark = pytest.mark.anyio

GET = lomi.Request("GET", lomi.path("/customers/{id}", id="c"), dict)
DELETE = lomi.Request("DELETE", lomi.path("/customers/{id}", id="c"), type(None))
PATCH = lomi.Request("PATCH", lomi.path("/customers/{id}", id="c"), dict, body={"name": "A"})
POST = lomi.Request("POST", lomi.path("/customers"), dict, body={"name": "A"})
KEYED = lomi.Request("POST", lomi.path("/payments"), dict, body={"a": 1}, idempotency_key="key-1")
REQUESTS = {"GET": GET, "DELETE": DELETE, "PATCH": PATCH, "POST": POST, "KEYED": KEYED}

NOT_SENT = [httpx.ConnectError("refused"), httpx.ConnectTimeout(""), httpx.PoolTimeout(""), httpx.ProxyError("")]
LOST = [
    httpx.ReadTimeout(""),
    httpx.WriteTimeout("slow"),
    httpx.ReadError(""),
    httpx.WriteError("reset"),
    httpx.RemoteProtocolError("gone"),
    500,
    502,
    503,
    504,
]
NO = [301, 302, 303, 307, 308, 400, 401, 402, 403, 404, 405, 409, 410, 418, 422, 431, 501]


def outcome(network: Network, name: str, **options: Any) -> tuple[Any, list[float]]:
    """Return how a call ended, and how long it waited before each retry."""
    client = network.client(**options)
    clock = Clock(client)
    client.backend.random = lambda: 1.0
    try:
        return client.send(REQUESTS[name]), clock.slept
    except lomi.LomiError as error:
        return error, clock.slept


@pytest.mark.parametrize("name", REQUESTS)
@pytest.mark.parametrize("trouble", NOT_SENT, ids=repr)
def test_could_not_connect(name: str, trouble: Exception) -> None:
    network = Network(trouble, trouble, 200)
    result, slept = outcome(network, name)
    assert not isinstance(result, lomi.LomiError)
    assert slept == [0.5, 1.0]
    network = Network(trouble, trouble, trouble)
    error, slept = outcome(network, name)
    # Of another's transport, what counts is whether it read the body; a deletion has none to tell by.
    expected = "unknown" if name == "DELETE" else "not_sent"
    assert (error.outcome, error.attempts, slept) == (expected, 3, [0.5, 1.0])
    assert isinstance(
        error, lomi.LomiTimeoutError if isinstance(trouble, httpx.TimeoutException) else lomi.LomiConnectionError
    )
    assert error.request_id == network.requests[0].headers["X-Request-Id"]
    assert "3 attempts" in str(error)


@pytest.mark.parametrize("name", REQUESTS)
@pytest.mark.parametrize("trouble", NOT_SENT, ids=repr)
def test_our_own_pool_says_that_nothing_was_sent(api: respx.MockRouter, name: str, trouble: Exception) -> None:
    api.route().mock(side_effect=[trouble, trouble, httpx.Response(200, json={})])
    with lomi.LomiClient(TEST_KEY) as client:
        clock = Clock(client)
        client.backend.random = lambda: 1.0
        client.send(REQUESTS[name])
        assert clock.slept == [0.5, 1.0]
        api.route().mock(side_effect=trouble)
        with pytest.raises(lomi.LomiConnectionError) as caught:
            client.send(REQUESTS[name])
    assert (caught.value.outcome, caught.value.attempts) == ("not_sent", 3)


@pytest.mark.parametrize("name", ["GET", "DELETE", "KEYED"])
@pytest.mark.parametrize("trouble", LOST, ids=repr)
def test_an_answer_is_lost_where_repeating_does_no_harm(name: str, trouble: Any) -> None:
    network = Network(trouble, trouble, 200)
    result, slept = outcome(network, name)
    assert not isinstance(result, lomi.LomiError)
    assert slept == [0.5, 1.0]
    # One call has one id, however often it is sent.
    assert len({request.headers["X-Request-Id"] for request in network.requests}) == 1
    error, _ = outcome(Network(trouble, trouble, trouble), name)
    assert (error.outcome, error.attempts) == ("unknown", 3)


@pytest.mark.parametrize("name", ["POST", "PATCH"])
@pytest.mark.parametrize("trouble", LOST, ids=repr)
def test_an_answer_is_lost_where_repeating_would_do_harm(name: str, trouble: Any) -> None:
    # A create would be done twice; an update that arrives late would undo a later one.
    network = Network(trouble)
    error, slept = outcome(network, name)
    assert (error.outcome, error.attempts, slept) == ("unknown", 1, [])
    assert error.request_id == network.requests[0].headers["X-Request-Id"]
    assert "it may have happened" in str(error)
    network = Network(httpx.ConnectError(""), trouble)
    error, slept = outcome(network, name)
    assert (error.outcome, error.attempts, slept) == ("unknown", 2, [0.5])


@pytest.mark.parametrize("name", REQUESTS)
def test_too_many_requests(name: str) -> None:
    again = httpx.Response(429, headers={"Retry-After": "7"}, json={})
    result, slept = outcome(Network(again, again, 200), name)
    assert not isinstance(result, lomi.LomiError)
    assert slept == [7.0, 7.0]
    for late in ("31", "900"):
        error, slept = outcome(Network(httpx.Response(429, headers={"Retry-After": late})), name)
        assert isinstance(error, lomi.LomiRateLimitError)
        assert (error.outcome, error.attempts, error.retry_after, slept) == ("rejected", 1, float(late), [])
    result, slept = outcome(Network(429, httpx.Response(429, headers={"Retry-After": "soon"}), 200), name)
    assert not isinstance(result, lomi.LomiError)
    assert slept == [0.5, 1.0]


@pytest.mark.parametrize("name", REQUESTS)
@pytest.mark.parametrize("status", NO)
def test_a_no_is_a_no(name: str, status: int) -> None:
    network = Network(httpx.Response(status, headers={"Location": "https://elsewhere.example/", "Retry-After": "1"}))
    error, slept = outcome(network, name)
    assert (error.attempts, slept, len(network.requests)) == (1, [], 1)
    assert isinstance(error, lomi.LomiResponseError if status < 400 else lomi.LomiAPIError)
    maybe = status >= 500 or (status in (301, 302, 303) and name != "GET")
    assert error.outcome == ("unknown" if maybe else "rejected")


@pytest.mark.parametrize(
    ("trouble", "ending"),
    [(httpx.UnsupportedProtocol("no"), "not_sent"), (httpx.LocalProtocolError("no"), "unknown")],
    ids=repr,
)
def test_what_never_goes_better_is_not_repeated(trouble: Exception, ending: str) -> None:
    error, slept = outcome(Network(trouble), "POST")
    assert (type(error), error.outcome, error.attempts, slept) == (lomi.LomiConnectionError, ending, 1, [])
    error, _ = outcome(Network(trouble), "GET")
    assert error.attempts == 1


def test_a_deletion_whose_answer_was_lost_and_that_finds_nothing_the_second_time() -> None:
    for trouble in LOST:
        network = Network(trouble, 404)
        result, _ = outcome(network, "DELETE")
        assert result is None
        assert len(network.requests) == 2
    error, _ = outcome(Network(429, 404), "DELETE")
    assert isinstance(error, lomi.LomiNotFoundError)
    assert (error.outcome, error.attempts) == ("rejected", 2)
    error, _ = outcome(Network(404), "DELETE")
    assert isinstance(error, lomi.LomiNotFoundError)


def test_a_deletion_that_was_certainly_not_sent_and_that_finds_nothing_the_second_time(
    api: respx.MockRouter,
) -> None:
    api.route().mock(side_effect=[httpx.ConnectError(""), httpx.Response(404, json={})])
    with lomi.LomiClient(TEST_KEY) as client:
        Clock(client)
        with pytest.raises(lomi.LomiNotFoundError) as caught:
            client.send(DELETE)
    assert (caught.value.outcome, caught.value.attempts) == ("rejected", 2)


def test_an_http_client_that_is_closed_before_a_retry_does_not_undo_the_first_attempt() -> None:
    network = Network(httpx.ReadTimeout(""))
    client = network.client()

    def closing(_seconds: float) -> None:
        network.http_client.close()

    client.backend.sleep = closing
    with pytest.raises(lomi.LomiConfigurationError, match="is closed") as caught:
        client.send(KEYED)
    assert caught.value.outcome == "unknown"


def test_jitter_and_growth() -> None:
    network = Network(*[503] * 7)
    client = network.client(max_retries=6, timeout=None)
    clock = Clock(client)
    client.backend.random = lambda: 0.5
    with pytest.raises(lomi.LomiServiceUnavailableError) as caught:
        client.send(GET)
    assert clock.slept == [0.25, 0.5, 1.0, 2.0, 4.0, 4.0]
    assert caught.value.attempts == 7


def test_no_retries_where_none_are_wanted() -> None:
    error, slept = outcome(Network(503), "GET", max_retries=0)
    assert (error.attempts, slept) == (1, [])


def test_the_whole_call_is_bounded_sleeps_included() -> None:
    later = httpx.Response(429, headers={"Retry-After": "5"}, json={})
    error, slept = outcome(Network(later, later, later), "GET", timeout=10)
    assert (error.attempts, slept) == (2, [5.0])
    assert isinstance(error, lomi.LomiRateLimitError)
    network = Network(503, 200)
    result, slept = outcome(network, "GET", timeout=0.6)
    assert (result, slept) == ({}, [0.5])
    left = [request.extensions["timeout"]["read"] for request in network.requests]
    assert left == pytest.approx([0.6, 0.1])
    error, slept = outcome(Network(503, 200), "GET", timeout=0.5)
    assert (error.attempts, slept) == (1, [])


def test_timeouts_of_one_attempt() -> None:
    network = Network(200, 200, 200)
    for timeout in (60, 5, None):
        outcome(network, "GET", timeout=timeout)
    found = [request.extensions["timeout"] for request in network.requests]
    assert [each["connect"] for each in found] == [10.0, 5.0, 10.0]
    assert [each["read"] for each in found] == [60.0, 5.0, None]
    assert [each["write"] for each in found] == [each["pool"] for each in found] == [60.0, 5.0, None]


def test_a_surrounding_deadline_bounds_the_call() -> None:
    network = Network(200)
    client = network.client()
    with lomi.deadline(3):
        client.send(GET)
    assert 0 < network.requests[0].extensions["timeout"]["read"] <= 3


def test_the_budget_is_shared_by_all_clones() -> None:
    network = Network(*[503] * 200)
    client = network.client(max_retries=5)
    Clock(client)
    other = client.with_options(timeout=30, account="acct_1")
    for number in range(60):
        with pytest.raises(lomi.LomiServiceUnavailableError):
            (client, other)[number % 2].send(GET)
    # Ten retries at once, then one for ten calls.
    assert len(network.requests) == 60 + 10 + 5


def test_what_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    network = Network(429, httpx.Response(201, json={**CUSTOMER["docs"], "metadata": None}))
    client = network.client()
    Clock(client)
    client.customers.update("cus_s3cret", name="Amadou")
    said = "\n".join(record.getMessage() for record in caplog.records)
    assert "PATCH /customers/{id}" in said
    assert "429" in said
    assert network.requests[0].headers["X-Request-Id"] in said
    for private in (TEST_KEY, "s3cret", "Amadou", "lomi.africa", "X-API-KEY"):
        assert private not in said
