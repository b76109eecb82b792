from __future__ import annotations

import math
import time
from email.utils import formatdate

import pytest
from hypothesis import given, strategies as st
from lomi._core.reply import Response, TransportFailure, seconds_to_wait

from lomi._core.retry import RetryBudget, RetryPolicy, is_retryable

from .answers import NOW, failure, reply, request

GET, POST, KEYED = request("GET"), request("POST"), request("POST", idempotency_key="key-1")
SAFE = [GET, request("HEAD"), request("DELETE"), request("PATCH"), request("PUT"), KEYED]
REFUSED = [300, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 408, 409, 410, 413, 422, 425, 431, 501, 505]


def policy(max_retries: int = 2, random: float = 1.0) -> RetryPolicy:
    return RetryPolicy(max_retries, lambda: random)


def delay(asked, result, *, attempt=1, remaining=math.inf, retries=2, random=1.0):
    return policy(retries, random).delay(asked, attempt, result, remaining=remaining, wall=NOW)


@pytest.mark.parametrize("status", [200, 201, 204, *REFUSED])
@pytest.mark.parametrize("asked", [*SAFE, POST], ids=str)
def test_answers_that_are_final(asked, status) -> None:
    assert not is_retryable(asked, reply(status))
    assert delay(asked, reply(status)) is None


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_passing_failures_of_the_server(status) -> None:
    for asked in SAFE:
        assert delay(asked, reply(status)) == 0.5
    assert delay(POST, reply(status)) is None


def test_too_many_requests_is_repeated_whatever_was_asked() -> None:
    for asked in [*SAFE, POST]:
        assert delay(asked, reply(429)) == 0.5


def test_failures_to_connect_are_repeated_whatever_was_asked() -> None:
    for asked in [*SAFE, POST]:
        assert delay(asked, failure(sent=False)) == 0.5


def test_lost_answers_are_repeated_where_that_does_no_harm() -> None:
    for asked in SAFE:
        assert delay(asked, failure(sent=True)) == 0.5
    assert delay(POST, failure(sent=True)) is None


@pytest.mark.parametrize("sent", [True, False])
def test_a_failure_that_stays_is_final(sent) -> None:
    for asked in [*SAFE, POST]:
        assert delay(asked, failure(sent=sent, retryable=False)) is None


def test_so_many_retries_and_no_more() -> None:
    assert delay(GET, reply(500), attempt=2) == 1.0
    assert delay(GET, reply(500), attempt=3) is None
    assert delay(GET, reply(500), retries=0) is None


@given(st.integers(1, 101), st.floats(0, 1, exclude_max=True))
def test_full_jitter(attempt: int, random: float) -> None:
    waited = delay(GET, reply(503), attempt=attempt, retries=100, random=random)
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
    answer = Response(429, [(b"Retry-After", value.encode("utf-8"))], b"")
    assert delay(POST, answer, random=0.5) == waited


def test_a_date_without_a_zone_is_in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    tzset = getattr(time, "tzset", int)  # Windows, which has none, stays in its own zone
    with monkeypatch.context() as far_away:
        far_away.setenv("TZ", "UTC+5")
        tzset()
        assert seconds_to_wait("Sun Nov  6 08:49:37 1994", 784111770.0) == 7
    tzset()


def test_retry_after_is_heard_on_any_passing_failure() -> None:
    assert delay(GET, reply(503, headers={"Retry-After": "7"})) == 7.0
    assert delay(GET, reply(503, headers={"Retry-After": "70"})) is None
    assert delay(POST, reply(503, headers={"Retry-After": "7"})) is None


def test_the_body_says_how_long_where_the_header_does_not() -> None:
    details = {"error": {"details": {"retry_after_seconds": 3}}}
    assert delay(GET, reply(429, details)) == 3.0
    assert delay(GET, reply(429, details, {"Retry-After": "4"})) == 4.0
    assert delay(GET, reply(503, details)) == 0.5
    assert delay(GET, reply(429, {"error": {"details": {"retry_after_seconds": None}}})) == 0.5
    assert delay(GET, reply(429, {"error": {"details": ["retry_after_seconds"]}})) == 0.5


@given(st.text() | st.from_regex(r"\A[0-9 .:,GMTadeiMonJ+-]{0,40}\Z"))
def test_no_retry_after_crashes(value: str) -> None:
    found = seconds_to_wait(value, NOW)
    assert found is None or found >= 0


@pytest.mark.parametrize(
    "value",
    [
        "Mon, 32 Jan 2024 00:00:00 GMT",
        "Mon, 01 Jan 0001 00:00:00 +2359",
        "Fri, 31 Dec 9999 23:59:59 -2359",
        "Fri, 31 Dec 99999 23:59:59 GMT",
        "Mon, 01 Jan 2024 25:00:00 GMT",
        "Mon, 01 Jan 2024 00:00:00 +9999999999",
        ", , , ,",
    ],
)
def test_dates_that_are_none(value: str) -> None:
    found = seconds_to_wait(value, NOW)
    assert found is None or found >= 0


def test_a_wait_beyond_the_time_that_is_left_is_not_begun() -> None:
    assert delay(GET, reply(500), remaining=0.5) is None
    assert delay(GET, reply(500), remaining=0.51) == 0.5
    assert delay(GET, reply(429, headers={"Retry-After": "5"}), remaining=5) is None
    assert delay(GET, reply(429, headers={"Retry-After": "5"}), remaining=5.1) == 5.0


@given(
    st.sampled_from([*SAFE, POST]),
    st.one_of(
        st.builds(reply, st.integers(100, 599), st.binary(max_size=20)),
        st.builds(failure, sent=st.booleans(), retryable=st.booleans()),
    ),
    st.integers(1, 5),
    st.floats(0, 100),
)
def test_no_write_is_repeated_that_may_have_happened(asked, result, attempt, remaining) -> None:
    waited = delay(asked, result, attempt=attempt, remaining=remaining, retries=3)
    if waited is None:
        return
    assert attempt <= 3
    assert 0 <= waited < remaining
    assert waited <= 30
    maybe = result.sent if isinstance(result, TransportFailure) else result.status != 429
    assert asked is not POST or not maybe


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
    budget = RetryBudget(capacity=2, earned=1)
    for _ in range(5):
        budget.deposit()
    assert [budget.withdraw() for _ in range(3)] == [True, True, False]
    budget.deposit()
    assert budget.withdraw()
