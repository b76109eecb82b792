from __future__ import annotations

import json
from types import NoneType
from typing import Any

import pytest
from hypothesis import given, strategies as st

import lomi
from lomi import Customer, CustomerListing, Merchant, MerchantMRR, Transaction
from lomi._core.decoding import decode_or_raise
from lomi._core.response import Response, TransportFailure
from lomi._core.sent_request import SentRequest

from ..wire import (
    CUSTOMER,
    CUSTOMER_IDS,
    DELETED,
    DIALECTS,
    ERRORS,
    LIST_ITEM,
    MERCHANT,
    MERCHANT_ID,
    MRR,
    TRANSACTIONS,
    enveloped,
    listing,
)
from .factories import call, failure, request, response

WRITES = ["POST", "PUT", "PATCH", "DELETE"]


def decoded(result: Response | TransportFailure, method: str = "GET", kind: Any = dict, **options: Any) -> Any:
    """Return the value of a call with one attempt."""
    made = call(request(method, kind, **options))
    made.record_attempt(result)
    return decode_or_raise(made, result)


def error_of(expected: type[lomi.LomiError], result: Response | TransportFailure, *args: Any, **options: Any) -> Any:
    with pytest.raises(lomi.LomiError) as caught:
        decoded(result, *args, **options)
    error = caught.value
    assert type(error) is expected
    assert error.attempts == 1
    assert error.request_id
    assert error.path == "/customers/{id}"
    assert error.__cause__ is error.__context__ is None
    return error


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_object_in_both_dialects(dialect) -> None:
    assert decoded(response(200, CUSTOMER[dialect]), kind=Customer).id == CUSTOMER_IDS[dialect]
    assert decoded(response(201, CUSTOMER[dialect]), "POST", Customer).name == "Amadou Ba"
    page = decoded(response(200, listing(dialect, [LIST_ITEM[dialect]], 1, 20, 150)), kind=CustomerListing)
    assert page.pagination.total_count == 150
    (payment,) = decoded(response(200, TRANSACTIONS[dialect]), kind=list[Transaction])
    assert payment.gross_amount == 10000
    assert decoded(response(200, []), kind=list[Transaction]) == []
    status, body = DELETED[dialect]
    assert decoded(response(status, body), "DELETE", NoneType) is None
    for data, kind in ((MERCHANT, Merchant), (MRR, MerchantMRR)):
        answer = decoded(response(200, enveloped(dialect, data)), kind=kind, unwrap_data=True)
        assert answer == decoded(response(200, data), kind=kind, unwrap_data=True)
        assert answer.merchant_id == MERCHANT_ID


@pytest.mark.parametrize(
    ("dialect", "answer"), [(dialect, answer) for dialect in DIALECTS for answer in ERRORS[dialect]], ids=str
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_every_error_in_both_dialects(dialect, answer, method) -> None:
    error = error_of(answer.kind, response(answer.status, answer.body, dict(answer.headers)), method)
    assert (error.status_code, error.code, error.message) == (answer.status, answer.code, answer.message)
    assert error.details == answer.details
    assert error.request_id == (answer.request_id or "sent-by-us")
    assert error.body == answer.body
    assert error.method == method
    assert error.outcome == ("unknown" if answer.status >= 500 else "rejected")
    assert dict(error.headers) == {name.lower(): value for name, value in answer.headers.items()}


@pytest.mark.parametrize(
    ("body", "message", "code", "details"),
    [
        (b"", "Bad Gateway, with an empty body", None, None),
        (b"<html>", "Bad Gateway, with 6 bytes of no content type", None, None),
        (b"[]", "Bad Gateway, with 2 bytes of no content type", None, None),
        (b'"no"', "Bad Gateway, with 4 bytes of no content type", None, None),
        (b"null", "Bad Gateway, with 4 bytes of no content type", None, None),
        (b"{}", "Bad Gateway, with 2 bytes of no content type", None, None),
        (b'{"error":"sentence"}', "sentence", None, None),
        (b'{"message":"sentence","error":"Bad Request","statusCode":400}', "sentence", None, None),
        (b'{"message":["one","two",3]}', "one; two", None, None),
        (b'{"error":{"message":["one"],"details":[1]}}', "one", None, [1]),
        (b'{"error":{"message":"m","code":5}}', "m", None, None),
        (b'{"error":{"message":"m","code":""}}', "m", None, None),
        (b'{"error":{"message":{"a":1},"code":"x"}}', "Bad Gateway, with 40 bytes of no content type", "X", None),
        (b'{"message":"outer","error":{"code":"c"}}', "outer", "C", None),
        (b'{"error":null}', "Bad Gateway, with 14 bytes of no content type", None, None),
        (b"\xff\xfe", "Bad Gateway, with 2 bytes of no content type", None, None),
    ],
)
def test_errors_of_whatever_shape(body, message, code, details) -> None:
    error = error_of(lomi.LomiServerError, response(502, body))
    assert (error.message, error.code, error.details) == (message, code, details)


def test_a_status_without_a_name() -> None:
    error = error_of(lomi.LomiAPIError, response(499, b"x", {"Content-Type": "text/html"}))
    assert str(error) == "499: an error, with 1 bytes of text/html (request sent-by-us, GET /customers/{id}, 1 attempt)"


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
@pytest.mark.parametrize("method", ["GET", *WRITES])
def test_redirects_are_errors(status, method) -> None:
    location = "https://user:pw@elsewhere.example/path?token=s3cret"
    error = error_of(lomi.LomiResponseError, response(status, b"", {"Location": location}), method)
    assert error.status_code == status
    maybe = method != "GET" and status in (301, 302, 303)
    assert error.outcome == ("unknown" if maybe else "rejected")
    assert "s3cret" not in str(error)
    assert "pw" not in str(error)
    assert "never followed" in str(error)
    plain = error_of(lomi.LomiResponseError, response(status, b"", {"Location": "https://elsewhere.example/path"}))
    assert "to https://elsewhere.example," in str(plain)
    assert "redirect," in str(error_of(lomi.LomiResponseError, response(status)))


@pytest.mark.parametrize(
    ("body", "kind", "problem"),
    [
        (b"", dict, "the body: json_invalid"),
        (b"<html>", dict, "the body: json_invalid"),
        (b"{", Customer, "the body: json_invalid"),
        (b"[]", Customer, "the body: model_type"),
        (b"null", Customer, "the body: model_type"),
        (b"{}", Customer, "id: missing"),
        (b'{"id":[],"created_at":"soon"}', Customer, "id: string_type"),
        (b'{"customers":[{"id":"a"},{}]}', CustomerListing, "customers.1.id: missing"),
        (b"{}", list[Transaction], "the body: list_type"),
        (b'"\xff"', dict, "the body: "),
        (b"<html>", NoneType, "the body: json_invalid"),
        (b"[]", NoneType, "the body: dict_type"),
    ],
)
@pytest.mark.parametrize("method", ["GET", *WRITES])
def test_responses_that_cannot_be_read(body, kind, problem, method) -> None:
    error = error_of(lomi.LomiResponseError, response(200, body, {"Content-Type": "text/html"}), method, kind)
    assert problem in error.message
    assert f"({len(body)} bytes, text/html)" in error.message
    assert error.status_code == 200
    assert error.outcome == ("rejected" if method == "GET" else "unknown")


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (rb"\ud83d", "\ufffd"),
        (rb"Awa \uDE00!", "Awa \ufffd!"),
        (rb"\ud83d\ud83d\ude00\ud83d", "\ufffd\U0001f600\ufffd"),
        (rb"\ude00\ud83d\ude00", "\ufffd\U0001f600"),
        (rb"\\ud83d \\\ud83d \"", '\\ud83d \\\ufffd "'),
    ],
)
def test_half_an_emoji_does_not_hide_a_listing(sent, read) -> None:
    body = b'{"customers":[{"id":"a","name":"%s"},{"id":"b"}]}' % sent
    assert [each.name for each in decoded(response(200, body), kind=CustomerListing).items] == [read, None]
    merchant = decoded(
        response(200, b'{"data":{"merchant_id":"a","name":"%s"}}' % sent), kind=Merchant, unwrap_data=True
    )
    assert merchant.name == read
    refused = b'{"error":{"code":"merchant_not_found","message":"%s"}}' % sent
    assert error_of(lomi.LomiMerchantNotFoundError, response(404, refused)).message == read
    # Other problems are reported as ever.
    error = error_of(lomi.LomiResponseError, response(200, b'{"name":"%s"}' % sent), kind=Customer)
    assert "id: missing" in error.message


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"data":', b'{"success":false,"data":{}}'])
def test_envelopes_that_cannot_be_read(body) -> None:
    error = error_of(lomi.LomiResponseError, response(200, body), kind=Merchant, unwrap_data=True)
    assert "the body is not JSON" in error.message


@pytest.mark.parametrize("body", [b"[]", b"5", b'{"data":[]}', b'{"data":null}', b'{"success":true}', b'{"data":{}}'])
def test_envelopes_without_what_is_documented(body) -> None:
    error = error_of(lomi.LomiResponseError, response(200, body), kind=Merchant, unwrap_data=True)
    assert "cannot be read" in error.message


def test_no_value_of_a_response_is_in_the_message() -> None:
    error = error_of(
        lomi.LomiResponseError,
        response(200, {"id": ["s3cret"], "created_at": "s3cret", "is_business": "s3cret"}),
        kind=Customer,
    )
    assert error.message.count(":") == 4
    assert "s3cret" not in str(error)


@pytest.mark.parametrize("body", [b"", b" \n", b"{}", b'{"message":"Customer deleted successfully"}'])
def test_responses_without_content_of_interest(body) -> None:
    assert decoded(response(200, body), "DELETE", NoneType) is None


@pytest.mark.parametrize("body", [b'{"success":false}', b'{"success":false,"data":{}}'])
def test_a_delete_that_was_not_done(body) -> None:
    error = error_of(lomi.LomiResponseError, response(200, body), "DELETE", NoneType)
    assert error.outcome == "unknown"


def test_a_404_to_a_repeated_delete_is_success() -> None:
    gone = response(404, {"error": {"code": "not_found", "message": "no"}})
    for first in (failure(sent=True), response(500), response(503)):
        made = call(request("DELETE", NoneType))
        made.record_attempt(first)
        made.record_attempt(gone)
        assert decode_or_raise(made, gone) is None
    for first in (failure(sent=False), response(429)):
        made = call(request("DELETE", NoneType))
        made.record_attempt(first)
        made.record_attempt(gone)
        with pytest.raises(lomi.LomiNotFoundError) as caught:
            decode_or_raise(made, gone)
        assert (caught.value.attempts, caught.value.outcome) == (2, "rejected")
    made = call(request("PATCH"))
    made.record_attempt(failure(sent=True))
    made.record_attempt(gone)
    with pytest.raises(lomi.LomiNotFoundError) as caught:
        decode_or_raise(made, gone)
    assert caught.value.outcome == "unknown"
    # A value is promised, and there is none.
    made = call(request("DELETE", Customer))
    made.record_attempt(failure(sent=True))
    made.record_attempt(gone)
    with pytest.raises(lomi.LomiNotFoundError):
        decode_or_raise(made, gone)


@pytest.mark.parametrize("kind", [lomi.LomiConnectionError, lomi.LomiTimeoutError])
@pytest.mark.parametrize("sent", [True, False])
def test_no_response(kind, sent) -> None:
    error = error_of(kind, failure(sent=sent, error=kind))
    assert error.outcome == ("unknown" if sent else "not_sent")
    assert error.request_id == "sent-by-us"
    assert str(error) == "the connection was lost (request sent-by-us, GET /customers/{id}, 1 attempt)"


def test_no_usable_response() -> None:
    error = error_of(
        lomi.LomiResponseError, TransportFailure(lomi.LomiResponseError, "too large", True, status=200), "POST"
    )
    assert (error.outcome, error.status_code) == ("unknown", 200)


def test_the_exception_of_a_function_of_the_caller_is_the_cause() -> None:
    cause = KeyError("vault")
    result = TransportFailure(lomi.LomiConfigurationError, "the api_key function raised KeyError", False, cause=cause)
    made = call(request("GET"))
    made.record_attempt(result)
    with pytest.raises(lomi.LomiConfigurationError) as caught:
        decode_or_raise(made, result)
    assert caught.value.__cause__ is cause
    assert caught.value.outcome == "not_sent"


@pytest.mark.parametrize(
    ("method", "options", "result", "remembered"),
    [
        ("POST", {"body": {}}, failure(sent=True), True),
        ("POST", {"body": {}}, response(500), True),
        ("POST", {"body": {}}, response(200, b"<html>"), True),
        ("PATCH", {"body": {}}, response(504), False),
        ("POST", {"body": {}, "idempotency_key": "key-1"}, response(500), False),
        ("POST", {"body": {}}, response(409), False),
        ("POST", {"body": {}}, failure(sent=False), False),
        ("POST", {}, response(500), False),
        ("DELETE", {}, response(500), False),
    ],
)
def test_an_unrepeatable_write_with_an_unknown_outcome_can_be_looked_for(method, options, result, remembered) -> None:
    where = lomi.path("/customers") if method == "POST" else lomi.path("/customers/{id}", id="cus_1")
    made = call(lomi.Request(method, where, Customer, **options))
    made.record_attempt(result)
    with pytest.raises(lomi.LomiError) as caught:
        decode_or_raise(made, result)
    sent = caught.value._sent_request
    assert isinstance(sent, SentRequest) is remembered


def test_rate_limits() -> None:
    said = {"error": {"code": "x", "details": {"retry_after_seconds": 900, "limit": 5000}}}
    error = error_of(lomi.LomiRateLimitError, response(429, said))
    assert (error.retry_after, error.limit) == (900.0, 5000)
    error = error_of(lomi.LomiRateLimitError, response(429, said, {"Retry-After": "60", "X-RateLimit-Limit": " 120 "}))
    assert (error.retry_after, error.limit) == (60.0, 120)
    for nothing in ({}, {"error": {"details": "x"}}, {"error": {"details": {"limit": "many"}}}):
        error = error_of(lomi.LomiRateLimitError, response(429, nothing))
        assert (error.retry_after, error.limit) == (None, None)


@pytest.mark.parametrize("status", [200, 302, 400, 503])
def test_an_echoed_key_is_in_no_error(status) -> None:
    secret = "lomi_sk_test_s3cret"
    headers = {
        "X-Echo": secret,
        "X-Request-Id": f"id {secret}",
        "Content-Type": f"text/{secret}",
        "Location": f"https://{secret}",
    }
    result = response(status, {"error": {"message": secret, "code": secret, "details": {secret: secret}}}, headers)
    made = call(request("GET", Customer), redact=lambda text: text.replace(secret.encode(), b"[key]"))
    made.record_attempt(result)
    with pytest.raises(lomi.LomiError) as caught:
        decode_or_raise(made, result)
    everything = [str(caught.value), *map(str, vars(caught.value).values())]
    if isinstance(caught.value, lomi.LomiAPIError):
        everything.append(str(dict(caught.value.headers)))
        assert caught.value.details == {"[key]": "[key]"}
    assert secret not in "".join(everything)


@given(
    st.integers(200, 599),
    st.binary() | st.text().map(str.encode),
    st.dictionaries(
        st.sampled_from(["content-type", "retry-after", "x-request-id", "location", "x-ratelimit-limit"]),
        st.text(st.characters(max_codepoint=255)),
    ),
)
def test_every_response_becomes_a_value_or_a_lomi_error(status, body, headers) -> None:
    result = response(status, body, headers)
    for kind, options in ((dict, {}), (Customer, {}), (Merchant, {"unwrap_data": True}), (NoneType, {})):
        try:
            decoded(result, "GET", kind, **options)
        except lomi.LomiError as error:
            assert len(str(error)) <= 500
            assert str(error).isprintable()


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["error", "code", "message", "details", "request_id", "data", "success", "id"]), inner
        )
    ),
    max_leaves=10,
)


@given(st.sampled_from([200, 201, 400, 404, 429, 500, 503]), json_values)
def test_json_of_whatever_shape(status, body) -> None:
    result = response(status, json.dumps(body).encode())
    for kind, options in ((Customer, {}), (Merchant, {"unwrap_data": True}), (CustomerListing, {})):
        try:
            decoded(result, "POST", kind, **options)
        except lomi.LomiError as error:
            assert error.outcome in ("rejected", "unknown")
            assert isinstance(error.request_id, str)
