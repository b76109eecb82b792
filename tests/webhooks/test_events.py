from __future__ import annotations

import copy
import json
import math
import pickle
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, strategies as st

import lomi
from lomi import (
    LomiConfigurationError,
    LomiError,
    LomiValidationError,
    LomiWebhookPayloadError,
    LomiWebhookSignatureError,
    webhooks,
)
from lomi.models import PaymentTransaction, Refund
from lomi.webhooks import Event, UnknownEvent, event_for, parse, sign
from lomi.webhooks.events import EVENT_CLASSES

from .deliveries import SECRET, VECTOR, VECTOR_SIGNATURE, body, headers


def received(event: str = "PAYMENT_SUCCEEDED", data: object = None, **fields: object) -> Event:
    sent = body(event, data, **fields)
    return parse(sent, headers(sent), SECRET)


def test_the_vector() -> None:
    event = parse(VECTOR, {"x-lomi-signature": VECTOR_SIGNATURE}, SECRET)
    assert isinstance(event, webhooks.PaymentSucceeded)
    assert (event.id, event.event) == ("0b6f4a52-7c1d-4e0a-9a53-5b1f2d3c4e5f", "PAYMENT_SUCCEEDED")
    assert event.timestamp == datetime(2026, 1, 15, 9, 30, tzinfo=timezone.utc)
    assert event.object.is_paid(lomi.Money(15_000, "XOF"))
    assert event.object.metadata == {"note": "café"}
    assert (event.raw, event.lomi_environment) == (VECTOR, "production")
    assert event.dedupe_key == "PAYMENT_SUCCEEDED:7d1c2b3a-4e5f-4a6b-8c7d-9e0f1a2b3c4d:completed"
    assert json.loads(VECTOR)["data"] == event.data


def test_an_event_is_printed_without_what_is_about_people() -> None:
    event = received(data={"transaction_id": "t1", "customer_email": "awa@example.com"})
    assert "awa@example.com" not in repr(event) + str(event) + event.to_html()
    assert "e1" in repr(event)


def test_an_event_becomes_what_was_sent_and_again_an_event() -> None:
    event = received(more={"a": 1})
    envelope = event.to_dict()
    assert envelope.keys() == {"id", "event", "timestamp", "data", "lomi_environment", "more"}
    assert event["more"] == {"a": 1}
    assert Event.from_dict(json.loads(json.dumps(envelope)), raw=event.raw) == event
    assert pickle.loads(pickle.dumps(event)) == event == copy.deepcopy(event)
    with pytest.raises(ValueError, match="frozen"):
        event.id = "other"  # type: ignore[misc]


OBJECTS: dict[str, dict[str, Any]] = {
    "PAYMENT": {"transaction_id": "o1", "status": "completed"},
    "REFUND": {"refund_id": "o1"},
    "SUBSCRIPTION": {"subscription_id": "o1"},
    "USAGE": {"id": "o1", "quantity_applied": 2},
}
KEYS = {
    "PAYMENT_SUCCEEDED": "PAYMENT_SUCCEEDED:o1:completed",
    "REFUND_COMPLETED": "REFUND_COMPLETED:o1",
    "SUBSCRIPTION_RENEWED": "SUBSCRIPTION_RENEWED:e1",
    "USAGE_RECORDED": "USAGE_RECORDED:e1",
    "SUBSCRIPTION_USAGE_PERIOD_CLOSED": "SUBSCRIPTION_USAGE_PERIOD_CLOSED:e1",
}


@pytest.mark.parametrize("name", EVENT_CLASSES)
def test_every_event_has_its_class_and_its_object(name: str) -> None:
    data = OBJECTS[name.partition("_")[0]]
    event = received(name, data)
    assert type(event) is EVENT_CLASSES[name]
    assert type(event).__name__ == name.title().replace("_", "")
    assert getattr(webhooks, type(event).__name__) is type(event)
    if isinstance(event.object, dict):
        assert event.object == data
    else:
        assert event.object.identity == "o1"
    assert KEYS.get(name, event.dedupe_key) == event.dedupe_key


def test_there_is_a_class_for_every_event_that_an_endpoint_can_subscribe_to() -> None:
    from lomi.models.webhooks import _WebhookEventType

    assert set(EVENT_CLASSES) == set(_WebhookEventType.__args__)  # type: ignore[attr-defined]


def test_an_update_says_what_was_before() -> None:
    inner = {"subscription_id": "s1", "status": "paused", "next_billing_date": "2026-02-01"}
    event = received(
        "SUBSCRIPTION_UPDATED",
        {"object": inner, "previous_attributes": {"status": "active"}, "context": {"source": "cron"}},
    )
    assert isinstance(event, webhooks.SubscriptionUpdated)
    assert (event.object.subscription_id, event.object.status) == ("s1", "paused")
    assert (event.previous_attributes, event.context) == ({"status": "active"}, {"source": "cron"})
    bare = received("SUBSCRIPTION_UPDATED", inner)
    assert isinstance(bare, webhooks.SubscriptionUpdated)
    assert (bare.object, bare.previous_attributes, bare.context) == (event.object, {}, {})


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("test.webhook", {"a": 1}),
        ("NETWORK_PAYMENT_CREATED", {"transaction_id": "t1"}),
        ("PAYMENT_SUCCEEDED", {"amount": 1}),
        ("PAYMENT_SUCCEEDED", {"transaction_id": None}),
        ("REFUND_COMPLETED", {}),
        ("SUBSCRIPTION_CREATED", {"object": {}}),
    ],
)
def test_what_is_not_known_is_data(name: str, data: dict[str, object]) -> None:
    event = received(name, data)
    assert type(event) is UnknownEvent
    assert (event.event, event.data) == (name, data)
    assert event.dedupe_key == f"{name}:e1"


@pytest.mark.parametrize("data", [None, [], "text", 5, True])
def test_data_that_is_no_object_is_empty(data: object) -> None:
    sent = json.dumps({"event": "test.webhook", "id": "e1", "data": data}).encode()
    event = parse(sent, headers(sent), SECRET)
    assert (event.data, event.raw) == ({}, sent)


def test_a_field_that_cannot_be_read_is_none() -> None:
    event = received(
        data={"transaction_id": "t1", "gross_amount": "much", "created_at": 5.5, "status": ["x"]},
        timestamp="yesterday",
        id={"a": 1},
    )
    assert isinstance(event, webhooks.PaymentSucceeded)
    assert (event.timestamp, event.id, event["timestamp"]) == (None, None, "yesterday")
    assert (event.object.gross_amount, event.object.status, event.object["gross_amount"]) == (None, None, "much")
    assert event.object.transaction_id == "t1"


def test_half_an_emoji_is_no_reason_to_lose_an_event() -> None:
    sent = rb'{"event":"PAYMENT_SUCCEEDED","data":{"transaction_id":"t1","metadata":{"note":"\ud83d"}}}'
    event = parse(sent, headers(sent), SECRET)
    assert event.data["metadata"] == {"note": "\ufffd"}
    assert event.raw == sent


@pytest.mark.parametrize(
    ("data", "is_test"),
    [
        ({"environment": "test"}, True),
        ({"environment": "live"}, False),
        ({"environment": "staging"}, None),
        ({"environment": ["test"]}, None),
        ({"environment": "live", "metadata": {"payment_environment": "test"}}, False),
        ({"metadata": {"payment_environment": "test", "test_mode": False}}, True),
        ({"metadata": {"payment_environment": "live"}}, False),
        ({"metadata": {"test_mode": True}}, True),
        ({"metadata": {"test_mode": "true"}}, True),
        ({"metadata": {"test_mode": False}}, False),
        ({"metadata": {"test_mode": ["true"]}}, None),
        ({"metadata": ["environment"]}, None),
        ({"object": {"environment": "test"}}, True),
        ({}, None),
    ],
)
def test_the_mark_of_the_environment(data: dict[str, object], is_test: bool | None) -> None:
    event = received("X", data)
    assert event.is_test is is_test
    assert event.environment == {True: "test", False: "live", None: None}[is_test]


def test_the_key_is_the_same_for_all_deliveries_of_an_event() -> None:
    first, second = received(id="a"), received(id="b", timestamp="2026-01-15T09:30:03.000Z")
    assert first.dedupe_key == second.dedupe_key
    keys = {
        first.dedupe_key,
        received(data={"transaction_id": "t2", "status": "completed"}).dedupe_key,
        received("PAYMENT_FAILED", {"transaction_id": "t1", "status": "failed"}).dedupe_key,
        received("PAYMENT_SUCCEEDED", {"transaction_id": "t1", "status": "refunded"}).dedupe_key,
    }
    assert len(keys) == 4
    # Every renewal is an event of its own; with no id at all, what it says decides.
    assert len({received("SUBSCRIPTION_RENEWED", {"subscription_id": "s1"}, id=each).dedupe_key for each in "ab"}) == 2
    renewals = [received("SUBSCRIPTION_RENEWED", {"subscription_id": each}, id=None).dedupe_key for each in "aab"]
    assert renewals[0] == renewals[1] != renewals[2]


@pytest.mark.parametrize("id", ["x" * 1000, "é", "\x00", "a\nb"])
def test_a_key_fits_into_a_column(id: str) -> None:
    key = received("REFUND_CREATED", {"refund_id": id}).dedupe_key
    assert len(key) <= 200
    assert key.isascii()
    assert key.isprintable()
    assert key != received("REFUND_FAILED", {"refund_id": id}).dedupe_key


@pytest.mark.parametrize("name", ["PAYMENT_CREATED", "PAYMENT_SUCCEEDED", "PAYMENT_FAILED"])
def test_a_status_that_was_not_sent_is_that_of_the_event(name: str) -> None:
    status = {"PAYMENT_CREATED": "pending", "PAYMENT_SUCCEEDED": "completed", "PAYMENT_FAILED": "failed"}[name]
    with_status = received(name, {"transaction_id": "t1", "status": status})
    assert received(name, {"transaction_id": "t1"}).dedupe_key == with_status.dedupe_key


@pytest.mark.parametrize("name", ["X-Lomi-Signature", "x-lomi-signature", "X-LOMI-SIGNATURE"])
def test_names_of_headers_have_any_case(name: str) -> None:
    assert parse(VECTOR, {"Host": "x", name: VECTOR_SIGNATURE}, SECRET).id


def test_two_signatures_are_none() -> None:
    class Twice:
        def items(self) -> list[tuple[str, str]]:
            return [("X-Lomi-Signature", VECTOR_SIGNATURE), ("x-lomi-signature", "0" * 64)]

    with pytest.raises(LomiWebhookSignatureError, match="not 64"):
        parse(VECTOR, Twice(), SECRET)


def test_several_secrets_for_the_time_of_a_change() -> None:
    for secrets in (["whsec_new", SECRET], (SECRET, "whsec_new")):
        assert parse(VECTOR, headers(VECTOR), secrets).id
    with pytest.raises(LomiWebhookSignatureError):
        parse(VECTOR, headers(VECTOR), ["whsec_new", "whsec_newer"])


def test_the_secret_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOMI_WEBHOOK_SECRET", SECRET)
    assert parse(VECTOR, headers(VECTOR)).id
    with pytest.raises(LomiWebhookSignatureError):
        parse(VECTOR, headers(VECTOR), "whsec_other")
    monkeypatch.delenv("LOMI_WEBHOOK_SECRET")
    with pytest.raises(LomiConfigurationError, match="no webhook secret"):
        parse(VECTOR, headers(VECTOR))
    for none in ("", [], [""], [None], 5):
        with pytest.raises(LomiConfigurationError):
            parse(VECTOR, headers(VECTOR), none)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sent", "problem"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff", "not JSON"),
        (b'{"event":"X","data":{"amount":NaN}}', "not JSON"),
        (b'{"event":' * 100_000, "not JSON"),
        (b"[]", "not a JSON object"),
        (b'"PAYMENT_SUCCEEDED"', "not a JSON object"),
        (b"{}", "no name of an event"),
        (b'{"event":""}', "no name of an event"),
        (b'{"event":["PAYMENT_SUCCEEDED"]}', "no name of an event"),
    ],
)
def test_a_body_that_is_no_event_is_another_error_than_a_wrong_signature(sent: bytes, problem: str) -> None:
    with pytest.raises(LomiWebhookPayloadError) as caught:
        parse(sent, headers(sent), SECRET)
    assert problem in str(caught.value)
    assert caught.value.outcome == "not_sent"
    with pytest.raises(LomiWebhookSignatureError):
        parse(sent, headers(sent, "whsec_other"), SECRET)


def test_a_name_of_any_text_has_a_key() -> None:
    assert Event.from_dict({"event": "\ud800"}).dedupe_key.startswith("sha256:")


def test_an_age_limit_is_there_for_those_who_want_it() -> None:
    old = headers(VECTOR)
    assert parse(VECTOR, old, SECRET, max_age=10**9).id
    assert parse(VECTOR, old, SECRET, max_age=math.inf).id
    with pytest.raises(LomiWebhookSignatureError):
        parse(VECTOR, old, SECRET, max_age=math.nan)
    with pytest.raises(LomiWebhookSignatureError, match="more than max_age from now"):
        parse(
            body(timestamp="2020-01-01T00:00:00Z"),
            headers(body(timestamp="2020-01-01T00:00:00Z")),
            SECRET,
            max_age=3600,
        )
    future = body(timestamp=(datetime.now(timezone.utc) + timedelta(days=9)).isoformat())
    with pytest.raises(LomiWebhookSignatureError, match="more than max_age from now"):
        parse(future, headers(future), SECRET, max_age=3600)
    without = body(timestamp=None)
    with pytest.raises(LomiWebhookSignatureError, match="no timestamp"):
        parse(without, headers(without), SECRET, max_age=3600)
    assert parse(without, headers(without), SECRET).timestamp is None


@pytest.mark.parametrize(
    ("status", "name"),
    [
        ("completed", "PAYMENT_SUCCEEDED"),
        ("failed", "PAYMENT_FAILED"),
        ("pending", None),
        ("refunded", None),
        (None, None),
    ],
)
def test_the_event_of_a_payment_that_was_read(status: str | None, name: str | None) -> None:
    read = PaymentTransaction.model_validate(
        {"transaction_id": "t1", "status": status, "gross_amount": "10.5", "updated_at": "2026-01-15T09:30:00Z"}
    )
    event = event_for(read, "test")
    if name is None:
        assert event is None
        return
    assert event is not None
    assert type(event) is EVENT_CLASSES[name]
    assert event.dedupe_key == received(name, {"transaction_id": "t1", "status": status}).dedupe_key
    assert (event.is_test, event.id, event.raw) == (True, None, b"")
    assert event.timestamp == read.updated_at
    assert isinstance(event, webhooks.PaymentEvent)
    assert event.object.gross_amount == Decimal("10.5")


@pytest.mark.parametrize(
    ("status", "name"),
    [("pending", "REFUND_CREATED"), ("completed", "REFUND_COMPLETED"), ("failed", "REFUND_FAILED"), ("new", None)],
)
def test_the_event_of_a_refund_that_was_read(status: str, name: str | None) -> None:
    event = event_for(Refund(refund_id="r1", status=status))
    if name is None:
        assert event is None
        return
    assert event is not None
    assert event.dedupe_key == received(name, {"refund_id": "r1"}).dedupe_key
    assert (type(event), event.is_test, event.timestamp) == (EVENT_CLASSES[name], None, None)


def test_a_body_that_is_not_bytes_is_told_why() -> None:
    with pytest.raises(LomiValidationError, match="not bytes but str"):
        parse(VECTOR.decode(), headers(VECTOR), SECRET)  # type: ignore[arg-type]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
ENVELOPES = st.fixed_dictionaries(
    {"event": st.sampled_from([*EVENT_CLASSES, "X"]) | JSON},
    optional={
        "id": JSON,
        "timestamp": JSON,
        "object": JSON,
        "raw": JSON,
        "data": JSON
        | st.fixed_dictionaries(
            {},
            optional=dict.fromkeys(
                (
                    *("transaction_id", "refund_id", "subscription_id", "status", "metadata", "object", "environment"),
                    *("gross_amount", "created_at", "next_billing_date", "previous_attributes", "context"),
                ),
                JSON,
            ),
        ),
    },
)


def works(event: Event) -> None:
    assert isinstance(event.dedupe_key, str)
    assert event.is_test in (True, False, None)
    assert Event.from_dict(json.loads(json.dumps(event.to_dict()))).dedupe_key == event.dedupe_key
    if isinstance(event, webhooks.SubscriptionUpdated):
        assert isinstance(event.previous_attributes, dict)
    repr(event), hash(event), event.to_html(personal=True)


@given(
    ENVELOPES.map(lambda each: json.dumps(each).encode())
    | JSON.map(lambda each: json.dumps(each).encode())
    | st.binary()
)
def test_any_signed_body_is_an_event_or_an_error_of_this_package(sent: bytes) -> None:
    try:
        event = parse(sent, {"X-Lomi-Signature": sign(sent, SECRET)}, SECRET)
    except LomiError as error:
        assert isinstance(error, LomiWebhookPayloadError)
    else:
        works(event)


@given(
    st.binary() | st.text() | st.none(),
    st.dictionaries(st.text() | st.just("X-Lomi-Signature"), st.text() | st.binary() | st.none(), max_size=3),
)
def test_any_body_and_headers_are_an_error_of_this_package(sent: object, given_headers: dict[str, str]) -> None:
    with pytest.raises(LomiError):
        parse(sent, given_headers, SECRET)  # type: ignore[arg-type]
