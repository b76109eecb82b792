"""Comparing what a create sent with what is there."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

import lomi
from lomi._core.customer_matches import CustomerMatches
from lomi._core.sent_request import REFERENCE, SentRequest
from lomi.models import Customer

SCOPE = ("https://sandbox.api.lomi.africa", None)
NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)
SENT = {"name": "Awa Diop", "email": "Awa.Diop@example.com", "city": "Dakar", "is_business": False}


def attempt(sent: dict[str, Any] | None = None, ahead: float | None = None) -> SentRequest:
    began = NOON.timestamp()
    return SentRequest(SENT if sent is None else sent, SCOPE, began, began + 10, ahead)


def customer(id: str = "cus_1", at: datetime | None = NOON, **fields: Any) -> Customer:
    wire = {"id": id, "name": "Awa Diop", "email": "awa.diop@example.com", "city": "Dakar", "country": "", **fields}
    return Customer.model_validate({**wire, "created_at": at})


def verdict(attempt: SentRequest, *customers: Customer) -> tuple[str, ...] | str:
    matches = CustomerMatches(attempt, grace_period=5.0)
    for each in customers:
        matches.add(each)
    try:
        found = matches.result()
    except lomi.LomiReconcileError as error:
        return error.candidate_ids
    return "none" if found is None else found.id


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ({}, "cus_1"),
        ({"is_business": None}, "cus_1"),
        ({"phone_number": "+221771234567"}, "cus_1"),
        ({"email": "other@example.com"}, "none"),
        ({"city": "Thiès"}, "none"),
        ({"city": None}, "none"),
        ({"is_business": True}, "none"),
        ({"at": None}, ("cus_1",)),
    ],
)
def test_every_field_that_was_sent_counts(stored, expected):
    assert verdict(attempt(), customer(**stored)) == expected


def test_empty_and_null_are_one():
    assert verdict(attempt({"name": "Awa Diop", "country": "", "address": ""}), customer(country=None)) == "cus_1"


@pytest.mark.parametrize(
    ("ahead", "seconds", "expected"),
    [
        (None, -899, "cus_1"),
        (None, -901, "none"),
        (None, 10 + 5 + 899, "cus_1"),
        (None, 10 + 5 + 901, "none"),
        (0.0, -59, "cus_1"),
        (0.0, -61, "none"),
        (0.0, 10 + 5 + 59, "cus_1"),
        (0.0, 10 + 5 + 61, "none"),
        (3600.0, 0, "none"),
        (3600.0, 3600, "cus_1"),
    ],
)
def test_the_time_of_creation_counts_by_the_servers_clock_where_it_is_known(ahead, seconds, expected):
    assert verdict(attempt(ahead=ahead), customer(at=NOON + timedelta(seconds=seconds))) == expected


def test_two_that_are_the_same_cannot_be_told_apart():
    assert verdict(attempt(), customer("cus_1"), customer("cus_2"), customer("cus_3", city="")) == ("cus_1", "cus_2")


METADATA = {**SENT, "metadata": {"order": 7, "network": "mine"}}


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ({"order": 7, "network": "mine"}, "cus_1"),
        ({"order": 7, "network": {"account": "acct_1"}, "added": True}, "cus_1"),
        ({"order": 8}, "none"),
        (None, ("cus_1",)),
        ({}, ("cus_1",)),
        (["order"], ("cus_1",)),
    ],
)
def test_metadata_counts_and_what_has_none_may_have_lost_it(stored, expected):
    assert verdict(attempt(METADATA), customer(metadata=stored)) == expected


def test_what_surely_matches_beats_what_perhaps_does():
    assert verdict(attempt(METADATA), customer("cus_1"), customer("cus_2", metadata={"order": 7})) == "cus_2"


REFERRED = {**SENT, "metadata": {REFERENCE: "order-42"}}


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ({"metadata": {REFERENCE: "order-42"}}, "cus_1"),
        ({"metadata": {REFERENCE: "order-42"}, "city": "Thiès", "at": None}, "cus_1"),
        ({"metadata": {REFERENCE: "order-42"}, "at": NOON - timedelta(days=300)}, "cus_1"),
        ({"metadata": {REFERENCE: "order-43"}}, "none"),
        ({"metadata": {"other": 1}}, "none"),
        ({"metadata": None}, ("cus_1",)),
        ({"metadata": None, "city": "Thiès"}, "none"),
    ],
)
def test_a_reference_decides(stored, expected):
    assert verdict(attempt(REFERRED), customer(**stored)) == expected


@pytest.mark.parametrize(
    ("sent", "listed", "wanted"),
    [
        (SENT, {}, True),
        (SENT, {"email": None}, True),
        (SENT, {"at": None}, True),
        (SENT, {"city": "Thiès"}, False),
        (SENT, {"at": NOON + timedelta(hours=1)}, False),
        (METADATA, {"metadata": {"listed": "otherwise"}}, True),
        (REFERRED, {"at": None}, True),
        (REFERRED, {"city": "Thiès", "at": NOON + timedelta(days=300)}, True),
    ],
)
def test_only_what_may_be_it_is_fetched(sent, listed, wanted):
    assert CustomerMatches(attempt(sent), 5.0).is_candidate(customer(**listed)) is wanted


def test_the_search_is_for_the_email_else_the_name():
    assert CustomerMatches(attempt(), 5.0).text == "Awa.Diop@example.com"
    assert CustomerMatches(attempt({"name": "Awa Diop"}), 5.0).text == "Awa Diop"
    assert CustomerMatches(attempt({}), 5.0).text == ""
    assert CustomerMatches(attempt(), 5.0).clock_offset is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Awa\\Diop & Fils", "Diop & Fils"),
        ("Awa Diop\\", "Awa Diop"),
        ("\\\\", ""),
        ("100 % Awa_Diop", "100 % Awa_Diop"),
    ],
)
def test_the_search_is_for_a_text_that_finds_itself(name, text):
    assert CustomerMatches(attempt({"name": name}), 5.0).text == text
