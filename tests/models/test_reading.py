"""A response is never lost for one odd field: what cannot be read is None, and its raw value stays readable by key."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest
from hypothesis import given, strategies as st
from pydantic import TypeAdapter, ValidationError

import lomi
from lomi import Customer, CustomerListing, LomiModel, Merchant, Pagination, Transaction
from lomi.models._base import attach_response
from lomi.models._reading import read
from lomi.models._response import ResponseInfo

from ..wire import CUSTOMER, DIALECTS, LIST_ITEM, MERCHANT, listing


class Order(LomiModel):
    order_id: str
    customer: Customer | None = None
    notes: list[str | None] | None = None
    amount: int | float | None = None


def from_json(kind: Any, data: Any) -> tuple[Any, tuple[str, ...]]:
    """Read it from bytes and from what JSON makes of them, and see that both are the same."""
    adapter = TypeAdapter(kind)
    before = copy.deepcopy(data)
    one, two = read(adapter, json.dumps(data).encode()), read(adapter, data)
    assert one == two
    assert data == before
    return one


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_can_be_read_is_read_once(dialect) -> None:
    assert from_json(Customer, CUSTOMER[dialect]) == (Customer.model_validate(CUSTOMER[dialect]), ())


@pytest.mark.parametrize(
    ("kind", "wire", "name", "odd"),
    [
        (Customer, CUSTOMER["server"], "created_at", "the day before yesterday"),
        (Customer, CUSTOMER["server"], "email", {"address": "a@b.c"}),
        (Customer, CUSTOMER["docs"], "is_business", "perhaps"),
        (Merchant, MERCHANT, "mrr", "a lot"),
        (Merchant, MERCHANT, "total_retries", [5]),
    ],
)
def test_an_odd_field_is_none_and_stays_readable_by_key(kind, wire, name, odd) -> None:
    model, unreadable = from_json(kind, {**wire, name: odd})
    assert unreadable == (name,)
    assert getattr(model, name) is None
    assert model[name] == model.get(name) == odd
    assert name in model
    assert model.to_dict()[name] == odd
    good = kind.model_validate(wire)
    assert {**model.to_dict(), name: None} == {**good.to_dict(), name: None}
    assert pickle.loads(pickle.dumps(model)) == copy.deepcopy(model) == model
    assert str(odd) not in repr(model)
    assert str(odd) not in model.to_html()
    assert good[name] == getattr(good, name)


def test_several_inside_lists_and_nested_models() -> None:
    wire = listing("server", [{**LIST_ITEM["server"], "city": 1.5, "phone_number": []} for _ in range(3)], 1, 3, 3)
    wire["customers"][1]["created_at"] = "never"
    wire["pagination"]["pageSize"] = "many"
    page, unreadable = from_json(CustomerListing, wire)
    assert set(unreadable) == {"customers.phone_number", "customers.created_at", "pagination.pageSize"}
    assert [customer.created_at is None for customer in page.customers] == [False, True, False]
    assert page.customers[1]["created_at"] == "never"
    assert page.pagination.page_size is None
    assert page.pagination["pageSize"] == page.pagination["page_size"] == "many"
    assert page.pagination["totalCount"] == 3


@pytest.mark.parametrize(
    ("kind", "wire"),
    [
        (Customer, {}),
        (Customer, {"id": None}),
        (Customer, {"id": ["a"], "city": []}),
        (Customer, []),
        (Customer, None),
        (CustomerListing, {"customers": [{"id": "a"}, {"name": "B"}]}),
        (CustomerListing, {"customers": None}),
        (list[Transaction], [{"transaction_id": "a"}, {}]),
        (list[Transaction], {}),
    ],
)
def test_only_the_identifier_is_strict(kind, wire) -> None:
    with pytest.raises(ValidationError) as caught:
        from_json(kind, wire)
    assert caught.value.__context__ is None


@pytest.mark.parametrize("body", [b"", b"{", b"<html>", b"\xff"])
def test_what_is_no_json(body) -> None:
    with pytest.raises(ValidationError):
        read(TypeAdapter(Customer), body)


def test_an_object_inside_another_is_given_up_where_its_identifier_is_missing() -> None:
    order, unreadable = from_json(Order, {"order_id": "o", "customer": {"name": "Awa", "city": []}})
    assert order.customer is None
    assert order["customer"] == {"name": "Awa", "city": []}
    assert unreadable == ("customer",)
    order, unreadable = from_json(Order, {"order_id": "o", "customer": {"id": "c", "city": []}})
    assert order.customer.id == "c"
    assert order.customer["city"] == []
    assert unreadable == ("customer.city",)


def test_an_item_of_a_list_and_a_value_of_no_type_of_several() -> None:
    order, unreadable = from_json(Order, {"order_id": "o", "notes": ["a", [], "b"], "amount": {}})
    assert order.notes == ["a", None, "b"]
    assert order.amount is None
    assert order["amount"] == {}
    assert unreadable == ("notes", "amount")


def test_a_listing_that_does_not_tell_where_it_is() -> None:
    page, unreadable = from_json(CustomerListing, {"customers": [], "pagination": "first"})
    assert page.pagination == Pagination()
    assert unreadable == ("pagination",)


def test_what_goes_wrong_again_and_again_is_left() -> None:
    class Deep(LomiModel):
        inner: Deep | None = None
        id: str

    Deep.model_rebuild(_types_namespace={"Deep": Deep})
    wire: dict[str, Any] = {}
    for _ in range(30):
        wire = {"inner": wire, "id": "a"}
    model, unreadable = from_json(Deep, wire)
    assert (model.id, len(unreadable)) == ("a", 1)
    nested: Any = int
    odd: Any = "odd"
    for _ in range(12):
        nested, odd = list[nested], [odd]
    with pytest.raises(ValidationError):
        from_json(dict[str, nested], {"x": odd})


OPTIONAL = [name for name in CUSTOMER["docs"] if name != "id"]
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(st.fixed_dictionaries({"id": st.text(min_size=1)}, optional=dict.fromkeys(OPTIONAL, anything)))
def test_whatever_the_fields_are_a_customer_with_an_id_is_read(wire) -> None:
    if not isinstance(wire["id"], str):
        return
    customer, unreadable = read(TypeAdapter(Customer), wire)
    assert customer.id == wire["id"]
    for name in unreadable:
        assert getattr(customer, name) is None
        assert customer[name] == wire[name]


def test_last_response_is_about_the_response_and_no_part_of_the_object() -> None:
    info = ResponseInfo(status_code=200, headers={}, request_id="r", attempts=1, elapsed=0.5)
    one, two = Customer(id="a"), Customer(id="a")
    assert one.last_response is None
    attach_response(one, info)
    assert one.last_response is info
    assert one == two
    assert hash(one) == hash(two)
    assert repr(one) == repr(two)
    assert one.to_dict() == two.to_dict()
    assert one.to_html(personal=True) == two.to_html(personal=True)
    for twin in (pickle.loads(pickle.dumps(one)), copy.copy(one), copy.deepcopy(one), one.model_copy()):
        assert twin == one
        assert twin.last_response is None
    attach_response([two, 5], info)
    assert two.last_response is info
    attach_response({"id": "a"}, info)
    with pytest.raises(ValidationError):
        one.last_response = None


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ({}, None),
        ({"x-ratelimit-limit": "many"}, None),
        ({"x-ratelimit-limit": "5000"}, (5000, None, None)),
        ({"x-ratelimit-limit": "0", "x-ratelimit-remaining": "0", "x-ratelimit-reset": " 12.5 "}, (0, 0, 12.5)),
        ({"x-ratelimit-remaining": "-1", "x-ratelimit-reset": "7"}, (None, None, 7.0)),
        ({"x-ratelimit-limit": "9" * 40, "x-ratelimit-reset": "٣"}, None),
    ],
)
def test_the_rate_limit(headers, told) -> None:
    limit = ResponseInfo(status_code=200, headers=headers, request_id=None, attempts=1, elapsed=0.0).rate_limit
    assert (limit and (limit.limit, limit.remaining, limit.reset)) == told
    if limit:
        assert repr(limit) == f"RateLimit(limit={told[0]}, remaining={told[1]}, reset={told[2]})"


def test_a_response_prints_no_header() -> None:
    info = ResponseInfo(status_code=201, headers={"set-cookie": "s3cret"}, request_id="r-1", attempts=2, elapsed=0.1)
    assert repr(info) == "ResponseInfo(status_code=201, request_id='r-1', attempts=2)"
    assert lomi.ResponseInfo is ResponseInfo
