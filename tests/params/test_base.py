"""The constrained types that no resource uses yet, and what is said of each wrong value."""

from __future__ import annotations

import json
from typing import Any, Literal

import pytest
from pydantic import ConfigDict, with_config
from typing_extensions import NotRequired, TypedDict

import lomi
from lomi._core.validation import field_errors, validated
from lomi.params._base import (
    Flag,
    Metadata,
    QueryFlag,
    Text,
    UUIDString,
    is_loopback,
)


@with_config(ConfigDict(extra="forbid", strict=True))
class Item(TypedDict):
    price_id: UUIDString
    note: NotRequired[Text]


@with_config(ConfigDict(extra="forbid", strict=True, defer_build=True))
class Params(TypedDict, total=False):
    currency_code: Text
    is_active: QueryFlag
    metadata: Metadata
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
        is_active=True,
        metadata={"order": 7},
        rail="bank",
        items=[{"price_id": UUID, "note": "two"}],
    )
    assert json.loads(json.dumps(sent)) == {
        "is_active": "true",
        "metadata": {"order": 7},
        "rail": "bank",
        "items": [{"price_id": UUID, "note": "two"}],
    }
    assert take(is_active=False) == {"is_active": "false"}


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
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


def test_problems_inside_a_list_are_named_with_their_place() -> None:
    found = problems(items=[{"price_id": UUID}, {"price_id": "cus_1", "note": 5}, {"nte": "x"}, {"price_id": None}])
    assert {name: text.partition(" (")[0] for name, text in found.items()} == {
        "items[1].price_id": "is not a UUID",
        "items[1].note": "is not a string but int",
        "items[2].price_id": "is required",
        "items[2].nte": "is not a field of this operation",
        "items[3].price_id": "is not a string but None",
    }


def test_flags_are_strict_wherever_they_are_used() -> None:
    assert field_errors("x", Flag, True) == []
    assert len(field_errors("x", Flag, 1)) == 1


@pytest.mark.parametrize(
    ("host", "loopback", "with_subdomains"),
    [
        ("localhost", True, True),
        ("127.0.0.1", True, True),
        ("127.8.0.1", True, True),
        ("::1", True, True),
        ("shop.localhost", False, True),
        ("127.1", False, False),
        ("10.0.0.1", False, False),
        ("local", False, False),
        ("evillocalhost", False, False),
        ("localhost.evil.example", False, False),
        ("fe80::1%x.localhost", False, False),
    ],
)
def test_loopback(host: str, loopback: bool, with_subdomains: bool) -> None:
    assert (is_loopback(host), is_loopback(host, subdomains=True)) == (loopback, with_subdomains)
