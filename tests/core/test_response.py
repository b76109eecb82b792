from __future__ import annotations

import time
from email.utils import formatdate

import pytest
from hypothesis import given, strategies as st

import lomi
from lomi._core.response import (
    Headers,
    Response,
    TransportFailure,
    clock_offset,
    seconds_to_wait,
)

from .factories import NOW, response


def test_headers() -> None:
    headers = Headers([(b"X-A", b"1"), (b"x-a", b"2"), (b"B", b"\xe9")])
    assert headers["x-A"] == headers["X-a"] == "1, 2"
    assert headers.get("b") == "é"
    assert headers.get("c", "none") == "none"
    assert "X-A" in headers
    assert list(headers) == ["x-a", "b"]
    assert len(headers) == 2
    assert repr(headers) == "Headers({'x-a': '1, 2', 'b': 'é'})"


def test_the_date_of_a_response() -> None:
    assert Response(200, [(b"Server", b"x"), (b"DATE", b"today")], b"").date == b"today"
    assert response().date == b""


@pytest.mark.parametrize(
    ("body", "payload"),
    [
        (b"", {}),
        (b"<html>", {}),
        (b"[]", {}),
        (b"5", {}),
        (b"{}", {"request_id": None, "message": None}),
        (b'{"error":"sentence"}', {"request_id": None, "message": "sentence"}),
        (b'{"message":"m","error":"Bad Request"}', {"request_id": None, "message": "m"}),
        (b'{"request_id":"r","error":{"code":"c"}}', {"request_id": "r", "message": None, "code": "c"}),
        (b'{"message":"outer","error":{"message":"inner"}}', {"request_id": None, "message": "inner"}),
        (b'{"message":"half an emoji \\ud83d"}', {"request_id": None, "message": "half an emoji \ufffd"}),
    ],
)
def test_the_payload_of_an_error(body, payload) -> None:
    assert response(400, body).error_payload == payload


@pytest.mark.parametrize(
    ("status", "header", "details", "seconds"),
    [
        (429, "5", None, 5.0),
        (429, "", {"retry_after_seconds": 3}, 3.0),
        (429, "4", {"retry_after_seconds": 3}, 4.0),
        (503, "", {"retry_after_seconds": 3}, None),
        (503, "7", None, 7.0),
        (429, "", {"retry_after_seconds": None}, None),
        (429, "", ["retry_after_seconds"], None),
        (429, formatdate(NOW + 9, usegmt=True), None, 9.0),
    ],
)
def test_how_long_the_api_asks_to_wait(status, header, details, seconds) -> None:
    result = response(status, {"error": {"details": details}}, {"Retry-After": header})
    assert result.retry_after(NOW) == seconds


def test_a_redacted_response_holds_no_key_in_headers_or_body() -> None:
    result = response(400, b"you sent s3cret", {"X-Echo": "s3cret"}).redacted(
        lambda text: text.replace(b"s3cret", b"-")
    )
    assert (result.status, result.body, dict(result.headers)) == (400, b"you sent -", {"x-echo": "-"})


def test_printing_a_result_shows_no_content() -> None:
    assert repr(response(400, b"s3cret", {"X-Echo": "s3cret"})) == "Response(status=400)"
    result = TransportFailure(lomi.LomiTimeoutError, "no response in time", True)
    assert repr(result) == "TransportFailure(LomiTimeoutError, 'no response in time', sent=True)"


def test_the_clock_offset() -> None:
    assert clock_offset(formatdate(NOW + 5, usegmt=True), NOW) == 5
    assert clock_offset(formatdate(NOW - 5, usegmt=True), NOW) == -5
    assert clock_offset("soon", NOW) is None


def test_a_date_without_a_zone_is_in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    tzset = getattr(time, "tzset", int)  # Windows, which has none, stays in its own zone
    with monkeypatch.context() as far_away:
        far_away.setenv("TZ", "UTC+5")
        tzset()
        assert seconds_to_wait("Sun Nov  6 08:49:37 1994", 784111770.0) == 7
    tzset()


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
def test_dates_that_do_not_exist(value: str) -> None:
    found = seconds_to_wait(value, NOW)
    assert found is None or found >= 0
