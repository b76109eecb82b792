from __future__ import annotations

import math
from email.utils import formatdate

import pytest
from hypothesis import given, strategies as st

from lomi._core.response import Response, TransportFailure
from lomi._core.retry import RetryBudget, RetryPolicy, is_retryable

from .factories import NOW, failure, request, response

GET, POST, KEYED = request("GET"), request("POST"), request("POST", idempotency_key="key-1")
REPEATABLE = [GET, request("HEAD"), request("DELETE"), KEYED]
# A first attempt that arrives late would create a second object, or undo a later update.
UNREPEATABLE = [POST, request("PATCH"), request("PUT")]
REFUSED = [300, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 408, 409, 410, 413, 422, 425, 431, 501, 505]


def policy(max_retries: int = 2, random: float = 1.0) -> RetryPolicy:
    return RetryPolicy(max_retries, lambda: random)


def delay(asked, result, *, attempt=1, remaining=math.inf, retries=2, random=1.0):
    return policy(retries, random).delay(asked, attempt, result, remaining=remaining, now=NOW)


@pytest.mark.parametrize("status", [200, 201, 204, *REFUSED])
@pytest.mark.parametrize("asked", [*REPEATABLE, *UNREPEATABLE], ids=str)
def test_responses_that_are_final(asked, status) -> None:
    assert not is_retryable(asked, response(status))
    assert delay(asked, response(status)) is None


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_transient_failures_of_the_server_repeat_neither_post_nor_patch_nor_put(status) -> None:
    for asked in REPEATABLE:
        assert delay(asked, response(status)) == 0.5
    for asked in UNREPEATABLE:
        assert delay(asked, response(status)) is None


def test_too_many_requests_repeats_every_operation() -> None:
    for asked in [*REPEATABLE, *UNREPEATABLE]:
        assert delay(asked, response(429)) == 0.5


def test_an_attempt_that_was_not_sent_repeats_every_operation() -> None:
    for asked in [*REPEATABLE, *UNREPEATABLE]:
        assert delay(asked, failure(sent=False)) == 0.5


def test_a_lost_response_repeats_neither_post_nor_patch_nor_put() -> None:
    for asked in REPEATABLE:
        assert delay(asked, failure(sent=True)) == 0.5
    for asked in UNREPEATABLE:
        assert delay(asked, failure(sent=True)) is None


@pytest.mark.parametrize("sent", [True, False])
def test_a_permanent_failure_is_final(sent) -> None:
    for asked in [*REPEATABLE, *UNREPEATABLE]:
        assert delay(asked, failure(sent=sent, retryable=False)) is None


def test_no_more_than_max_retries() -> None:
    assert delay(GET, response(500), attempt=2) == 1.0
    assert delay(GET, response(500), attempt=3) is None
    assert delay(GET, response(500), retries=0) is None


@given(st.integers(1, 101), st.floats(0, 1, exclude_max=True))
def test_full_jitter(attempt: int, random: float) -> None:
    waited = delay(GET, response(503), attempt=attempt, retries=100, random=random)
    if attempt > 100:
        assert waited is None
    else:
        assert waited == random * min(8, 0.5 * 2 ** (attempt - 1))
        assert 0 <= waited <= 8


@pytest.mark.parametrize(
    ("value", "waited"),
    [
        ("0", 0.0),
        ("1", 1.0),
        ("1.2", 2.0),
        ("29.01", 30.0),
        ("30", 30.0),
        ("30.5", None),
        ("900", None),
        ("9999999999", None),
        (formatdate(NOW + 5, usegmt=True), 5.0),
        (formatdate(NOW - 5, usegmt=True), 0.0),
        (formatdate(NOW + 31, usegmt=True), None),
        ("soon", 0.25),
        ("-1", 0.25),
        ("1e3", 0.25),
        ("nan", 0.25),
        ("inf", 0.25),
        ("", 0.25),
        ("٣", 0.25),
        ("1, 2", 0.25),
        ("99999999999", 0.25),
    ],
)
def test_retry_after(value: str, waited: float | None) -> None:
    result = Response(429, [(b"Retry-After", value.encode("utf-8"))], b"")
    assert delay(POST, result, random=0.5) == waited


def test_retry_after_applies_to_every_transient_failure() -> None:
    assert delay(GET, response(503, headers={"Retry-After": "7"})) == 7.0
    assert delay(GET, response(503, headers={"Retry-After": "70"})) is None
    assert delay(POST, response(503, headers={"Retry-After": "7"})) is None


def test_the_body_of_a_429_names_the_wait_where_the_header_does_not() -> None:
    details = {"error": {"details": {"retry_after_seconds": 3}}}
    assert delay(GET, response(429, details)) == 3.0
    assert delay(GET, response(429, details, {"Retry-After": "4"})) == 4.0
    assert delay(GET, response(503, details)) == 0.5
    assert delay(GET, response(429, {"error": {"details": {"retry_after_seconds": None}}})) == 0.5
    assert delay(GET, response(429, {"error": {"details": ["retry_after_seconds"]}})) == 0.5


def test_a_wait_longer_than_the_time_left_is_not_begun() -> None:
    assert delay(GET, response(500), remaining=0.5) is None
    assert delay(GET, response(500), remaining=0.51) == 0.5
    assert delay(GET, response(429, headers={"Retry-After": "5"}), remaining=5) is None
    assert delay(GET, response(429, headers={"Retry-After": "5"}), remaining=5.1) == 5.0


@given(
    st.sampled_from([*REPEATABLE, *UNREPEATABLE]),
    st.one_of(
        st.builds(response, st.integers(100, 599), st.binary(max_size=20)),
        st.builds(failure, sent=st.booleans(), retryable=st.booleans()),
    ),
    st.integers(1, 5),
    st.floats(0, 100),
)
def test_no_unrepeatable_write_is_repeated_that_may_have_happened(asked, result, attempt, remaining) -> None:
    waited = delay(asked, result, attempt=attempt, remaining=remaining, retries=3)
    if waited is None:
        return
    assert attempt <= 3
    assert 0 <= waited < remaining
    assert waited <= 30
    maybe = result.sent if isinstance(result, TransportFailure) else result.status != 429
    assert asked not in UNREPEATABLE or not maybe


def test_the_budget_makes_retries_rare_when_everything_fails() -> None:
    budget = RetryBudget()
    sent = 0
    for _ in range(1000):
        budget.deposit()
        sent += 1
        while budget.withdraw():
            sent += 1
    assert 1100 <= sent <= 1111


def test_a_full_budget_is_not_overfilled() -> None:
    budget = RetryBudget(capacity=2, deposit=1)
    for _ in range(5):
        budget.deposit()
    assert [budget.withdraw() for _ in range(3)] == [True, True, False]
    budget.deposit()
    assert budget.withdraw()


def test_a_write_that_may_have_happened_is_not_repeated_after_a_429() -> None:
    charge = request("POST", operation="charges.create_card_charge")
    known = response(429, {"error": {"message": "Failed to register pending transaction"}})
    assert not is_retryable(charge, known)
    assert is_retryable(charge, response(429))
