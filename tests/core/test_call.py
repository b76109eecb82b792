from __future__ import annotations

import math
from typing import Any

import pytest

import lomi
from lomi import Request, path
from lomi._core.call import Call, attempt_outcome, response_request_id
from lomi._core.response import Response, TransportFailure

from .factories import NOW, call, failure, request, response


def wire_headers(made: Call[Any]) -> dict[bytes, bytes]:
    return dict(made.headers)


def test_headers_that_differ_from_call_to_call() -> None:
    sent = {b"X-Request-Id": b"sent-by-us"}
    json_type = {b"Content-Type": b"application/json"}
    assert wire_headers(call()) == sent
    assert wire_headers(call(request("DELETE"))) == sent
    assert wire_headers(call(request("POST"))) == {**sent, b"Content-Length": b"0"}
    assert wire_headers(call(request("PATCH"), content=b"{}")) == {**sent, **json_type, b"Content-Length": b"2"}
    assert wire_headers(call(request("POST", idempotency_key="key-1"), content=b"{}")) == {
        **sent,
        b"Idempotency-Key": b"key-1",
        **json_type,
        b"Content-Length": b"2",
    }


def test_the_time_that_is_left() -> None:
    assert call().remaining(5) is None
    assert call(ends_at=7.0).remaining(5) == 2
    assert call(ends_at=7.0).remaining(9) == 0
    assert call(ends_at=math.inf).remaining(1e9) is None


@pytest.mark.parametrize(
    ("results", "outcome"),
    [
        ([], "not_sent"),
        ([failure(sent=False)], "not_sent"),
        ([failure(sent=True)], "unknown"),
        ([failure(sent=True), failure(sent=False)], "unknown"),
        ([failure(sent=False), response(429)], "rejected"),
        ([response(500), response(404)], "unknown"),
        ([response(404)], "rejected"),
        ([response(429), failure(sent=False)], "rejected"),
    ],
)
def test_the_outcome_is_the_worst_of_all_attempts(results, outcome) -> None:
    made = call(request("POST"))
    for result in results:
        made.record_attempt(result)
    assert made.error_context() == {
        "outcome": outcome,
        "attempts": len(results),
        "request_id": "sent-by-us",
        "method": "POST",
        "path": "/customers/{id}",
    }


def test_an_outcome_never_gets_better() -> None:
    made = call()
    for outcome, worst in (("rejected", "rejected"), ("not_sent", "rejected"), ("unknown", "unknown")):
        made.update_outcome(outcome)
        assert made.outcome == worst


@pytest.mark.parametrize(
    ("method", "result", "outcome"),
    [
        ("GET", response(200), "succeeded"),
        ("POST", response(201), "succeeded"),
        ("POST", response(299), "succeeded"),
        ("POST", response(400), "rejected"),
        ("POST", response(429), "rejected"),
        ("POST", response(500), "unknown"),
        ("GET", response(302), "rejected"),
        ("PATCH", response(302), "unknown"),
        ("POST", response(307), "rejected"),
        ("POST", failure(sent=True), "unknown"),
        ("POST", failure(sent=False), "not_sent"),
    ],
)
def test_the_outcome_of_one_attempt(method, result, outcome) -> None:
    assert attempt_outcome(request(method), result) == outcome


@pytest.mark.parametrize(
    ("headers", "body", "request_id"),
    [
        ({"X-Request-Id": "in-header"}, {"request_id": "in-body"}, "in-header"),
        ({}, {"request_id": "in-body"}, "in-body"),
        ({}, {"error": {"request_id": "inside"}}, "inside"),
        ({"X-Request-Id": ""}, {"request_id": ""}, ""),
        ({}, {"request_id": 5}, None),
        ({"X-Request-Id": "a\x1b[0m"}, {}, None),
        ({}, b"<html>", None),
        ({"X-Request-Id": "x" * 5000}, {}, "x" * 128),
    ],
)
def test_the_request_id_of_a_response(headers, body, request_id) -> None:
    result = response(404, body, headers)
    assert response_request_id(call(), result) == request_id
    assert call().error_context(result)["request_id"] == (request_id or "sent-by-us")


def test_the_body_of_a_success_names_no_request_id() -> None:
    assert response_request_id(call(), response(200, {"request_id": "of-an-object"})) is None
    assert response_request_id(call(), response(200, {}, {"X-Request-Id": "in-header"})) == "in-header"


def test_the_key_is_redacted_from_a_request_id() -> None:
    made = call(redact=lambda text: text.replace(b"s3cret", b"[key]"))
    assert response_request_id(made, response(404, {}, {"X-Request-Id": "id-s3cret"})) == "id-[key]"


class Listener:
    """Notes what a call notifies it of."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def call_started(self) -> None:
        self.heard.append("call_started")

    def attempt_started(self) -> None:
        self.heard.append("attempt_started")

    def attempt_finished(self, result: Response | TransportFailure) -> None:
        self.heard.append(result)

    def retry_scheduled(self, delay: float) -> None:
        self.heard.append(delay)

    def call_finished(self, error: BaseException | None) -> None:
        self.heard.append(error)


@pytest.mark.parametrize("error", [None, lomi.LomiError("over"), KeyboardInterrupt()])
def test_a_call_notifies_its_observer(error: BaseException | None) -> None:
    made, listener, results = call(), Listener(), [response(500), response(200)]
    made.observer = listener

    def carry_out() -> None:
        with made:
            made.record_attempt(results[0])
            made.pause(0.5)
            made.resume()
            made.record_attempt(results[1])
            if error is not None:
                raise error

    if error is None:
        carry_out()
    else:
        with pytest.raises(type(error)):
            carry_out()
    assert listener.heard == ["call_started", results[0], 0.5, "attempt_started", results[1], error]
    assert made.attempts == 2


def test_a_call_without_an_observer() -> None:
    with call() as made:
        made.record_attempt(failure(sent=True))
        made.pause(0.5)
        made.resume()
    assert made.attempts == 1


def test_a_call_knows_when_it_began_and_whose_data_it_is_about() -> None:
    made = call(Request("GET", path("/me"), dict))
    assert (made.started_at, made.now(), made.scope) == (NOW, NOW, ("https://sandbox.api.lomi.africa", None))
