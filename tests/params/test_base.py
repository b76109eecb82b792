"""The constrained types that no resource uses yet, and what is said of each wrong value."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Literal

import pytest
from hypothesis import given, strategies as st
from pydantic import ConfigDict, with_config
from typing_extensions import NotRequired, TypedDict

import lomi
from lomi._core.validation import field_errors, validated
from lomi.params._base import (
    AbsoluteURL,
    Amount,
    AwareDatetime,
    Flag,
    PaymentMetadata,
    PlainDate,
    QueryFlag,
    Text,
    UUIDString,
    amount_problems,
)


@with_config(ConfigDict(extra="forbid", strict=True))
class Item(TypedDict):
    price_id: UUIDString
    note: NotRequired[Text]


@with_config(ConfigDict(extra="forbid", strict=True, defer_build=True))
class Params(TypedDict, total=False):
    amount: Amount
    currency_code: Text
    success_url: AbsoluteURL
    expires_at: AwareDatetime
    day: PlainDate
    is_active: QueryFlag
    metadata: PaymentMetadata
    rail: Literal["bank", "mobile"]
    items: list[Item]
    extra: dict[str, Any]
    raw: bytes


UUID = "3f1c2d4e-8a7b-4c6d-9e0f-1a2b3c4d5e6f"


def take(**fields: Any) -> dict[str, Any]:
    return validated("payments.create", Params, None, fields)


def problems(**fields: Any) -> dict[str, str]:
    with pytest.raises(lomi.LomiValidationError) as caught:
        take(**fields)
    assert caught.value.__context__ is None
    return {each.field: f"{each.problem} ({each.hint})" for each in caught.value.errors}


def test_what_is_taken_is_ready_for_json() -> None:
    sent = take(
        amount=Decimal("10.50"),
        success_url="https://example.com/paid?session={CHECKOUT_SESSION_ID}",
        expires_at=datetime(2026, 1, 31, 12, tzinfo=timezone(timedelta(hours=1))),
        day=date(2026, 1, 31),
        is_active=True,
        metadata={"order": 7},
        rail="bank",
        items=[{"price_id": UUID, "note": "two"}],
    )
    assert json.loads(json.dumps(sent)) == {
        "amount": 10.5,
        "success_url": "https://example.com/paid?session={CHECKOUT_SESSION_ID}",
        "expires_at": "2026-01-31T12:00:00+01:00",
        "day": "2026-01-31",
        "is_active": "true",
        "metadata": {"order": 7},
        "rail": "bank",
        "items": [{"price_id": UUID, "note": "two"}],
    }
    assert take(is_active=False) == {"is_active": "false"}


@pytest.mark.parametrize(("amount", "sent"), [(1, 1), (Decimal(250000), 250000), (Decimal("1E+3"), 1000)])
def test_a_whole_amount_is_sent_without_a_fraction(amount, sent) -> None:
    assert take(amount=amount) == {"amount": sent}
    assert type(take(amount=amount)["amount"]) is int


@given(st.decimals(Decimal("0.01"), Decimal("99999999.99"), places=2))
def test_an_amount_is_sent_exactly(amount) -> None:
    assert Decimal(json.dumps(take(amount=amount)["amount"])) == amount


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("amount", "100", "is not an int or a Decimal"),
        ("amount", 10.5, "is not an int or a Decimal"),
        ("amount", True, "is not an int or a Decimal"),
        ("amount", 0, "is not a positive amount (from 1 to"),
        ("amount", -5, "is not a positive amount"),
        ("amount", 2**53, "is not a positive amount"),
        ("amount", Decimal("NaN"), "is not a positive amount"),
        ("amount", Decimal("Infinity"), "is not a positive amount"),
        ("amount", Decimal("0.1234567890123456789"), "has more digits than a number in JSON can carry"),
        ("success_url", "/paid", "is not an absolute URL"),
        ("success_url", "https://", "is not an absolute URL"),
        ("success_url", "https://a b.c", "is not an absolute URL"),
        ("success_url", "https://a.b/{id}", "is not an absolute URL (such as https://example.com/paid?session={CHECK"),
        ("success_url", "javascript:alert(1)", "is not an absolute URL"),
        ("success_url", "http://example.com", "is neither https nor on this machine"),
        ("success_url", "http://localhost.example.com", "is neither https nor on this machine"),
        ("success_url", "ftp://127.0.0.1", "is neither https nor on this machine"),
        ("success_url", 5, "is not a string but int"),
        ("expires_at", "2026-01-31T00:00:00Z", "is not a datetime but str"),
        ("expires_at", datetime(2026, 1, 31), "has no time zone"),
        ("day", datetime(2026, 1, 31), "is not a date"),
        ("day", "2026-01-31", "is not a date"),
        ("is_active", "yes", "is not a boolean but str"),
        ("rail", "banks", 'is not one of the values it can have (did you mean "bank"? one of bank, mobile)'),
        ("items", {}, "is not a list but dict"),
        ("extra", [], "is not a mapping but list (pass a mapping)"),
        ("raw", 5, "is of a wrong type: int"),
        ("metadata", 5, "is not a mapping but int"),
    ],
)
def test_each_type_refuses(field, value, problem) -> None:
    (found,) = problems(**{field: value}).items()
    assert found[0] == field
    assert found[1].startswith(problem)


@pytest.mark.parametrize("url", ["http://localhost", "http://127.0.0.1:8000/x", "http://[::1]/", "https://é.fr/a#b"])
def test_urls_that_can_be(url) -> None:
    assert take(success_url=url) == {"success_url": url}


def test_problems_inside_a_list_are_named_with_their_place() -> None:
    found = problems(items=[{"price_id": UUID}, {"price_id": "cus_1", "note": 5}, {"nte": "x"}, {"price_id": None}])
    assert {name: text.partition(" (")[0] for name, text in found.items()} == {
        "items[1].price_id": "is not a UUID",
        "items[1].note": "is not a string but int",
        "items[2].price_id": "is required",
        "items[2].nte": "is not a field of this operation",
        "items[3].price_id": "is not a string but None",
    }


@pytest.mark.parametrize(
    "key", ["card_number", "cardNumber", "CARD-NO", "pan", "PAN", "cvc", "card_cvv2", "Credit Card Number", "cc_num"]
)
def test_card_data_is_refused_at_any_depth(key) -> None:
    found = problems(metadata={"a": [1, {key: "4242"}], "ok": 1})
    assert [name.startswith("metadata.a[1].") for name in found] == [True]
    assert "names card data" in next(iter(found.values()))
    assert "4242" not in str(found)


@pytest.mark.parametrize("key", ["order_number", "company", "span", "card_brand", "phone_no", "bank_number", "cc"])
def test_what_merely_sounds_like_card_data_is_taken(key) -> None:
    assert take(metadata={key: "x"}) == {"metadata": {key: "x"}}


@pytest.mark.parametrize(
    ("amount", "currency", "problem"),
    [
        (Decimal("10.5"), "XOF", "has more than 0 decimals"),
        (Decimal("10.505"), "USD", "has more than 2 decimals"),
        (Decimal("10.50"), "USD", None),
        (Decimal("10.0"), "XOF", None),
        (10, "XOF", None),
        (10, None, None),
        (None, "XOF", None),
    ],
)
def test_an_amount_has_no_more_decimals_than_its_currency(amount, currency, problem) -> None:
    found = amount_problems(take(amount=amount, currency_code=currency))
    assert [each.problem for each in found] == ([problem] if problem else [])


def test_flags_are_strict_wherever_they_are_used() -> None:
    assert field_errors("x", Flag, True) == []
    assert len(field_errors("x", Flag, 1)) == 1
