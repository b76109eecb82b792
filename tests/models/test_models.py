from __future__ import annotations

import copy
import json
import pickle
import re
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, strategies as st
from pydantic import ValidationError

import lomi
from lomi import (
    Customer,
    CustomerListing,
    Listing,
    LomiModel,
    Merchant,
    MerchantARR,
    MerchantBalance,
    MerchantMRR,
    Money,
    Pagination,
    Transaction,
)

from ..wire import (
    ARR,
    BALANCE,
    CUSTOMER,
    CUSTOMER_IDS,
    DIALECTS,
    LIST_ITEM,
    MERCHANT,
    MRR,
    TRANSACTIONS,
    listing,
)

UTC = timezone.utc
EXAMPLES: list[tuple[type[LomiModel], dict[str, Any]]] = [
    *[(Customer, CUSTOMER[dialect]) for dialect in DIALECTS],
    *[(Customer, LIST_ITEM[dialect]) for dialect in DIALECTS],
    *[(Transaction, TRANSACTIONS[dialect][0]) for dialect in DIALECTS],
    (Merchant, MERCHANT),
    (MerchantMRR, MRR),
    (MerchantARR, ARR),
    (MerchantBalance, BALANCE),
    *[(CustomerListing, listing(dialect, [LIST_ITEM[dialect]], 1, 20, 150)) for dialect in DIALECTS],
]
ID_ONLY: list[tuple[type[LomiModel], dict[str, Any]]] = [
    (Customer, {"id": "a"}),
    (Customer, {"customer_id": "a"}),
    (Transaction, {"transaction_id": "a"}),
    (Merchant, {"merchant_id": "a"}),
    (MerchantMRR, {"merchant_id": "a"}),
    (MerchantARR, {"merchant_id": "a"}),
    (MerchantBalance, {"merchant_id": "a"}),
]


def read(model: type[LomiModel], answer: Any) -> Any:
    return model.model_validate_json(json.dumps(answer))


@pytest.mark.parametrize(("model", "answer"), EXAMPLES)
def test_every_wire_name_reads_its_field(model, answer) -> None:
    made = read(model, answer)
    for name, value in answer.items():
        assert name in made
        found = made[name]
        if isinstance(found, datetime):
            # Python 3.10 reads fractions of exactly six digits only.
            text = re.sub(r"\.(\d+)", lambda digits: f".{digits[1]:0<6}", value.replace("Z", "+00:00"))
            assert found == datetime.fromisoformat(text)
        elif isinstance(found, LomiModel):
            assert found.to_dict() == value
        elif not (found and isinstance(found, list)):
            assert found == value
        assert made.get(name) == found


@pytest.mark.parametrize(("model", "answer"), [*EXAMPLES, *ID_ONLY])
def test_what_every_model_can(model, answer) -> None:
    made = read(model, {**answer, "brand_new": {"a": [1]}})
    assert made["brand_new"] == made.brand_new == {"a": [1]}
    assert made.get("nothing") is None
    assert made.get("nothing", 5) == 5
    assert "nothing" not in made
    with pytest.raises(KeyError):
        made["nothing"]
    as_dict = made.to_dict()
    assert json.loads(json.dumps(as_dict, allow_nan=False)) == as_dict
    assert as_dict["brand_new"] == {"a": [1]}
    # Round trip: what it says is what it reads.
    assert read(model, as_dict) == made
    with pytest.raises(ValidationError):
        made.brand_new = 1
    twins = [
        pickle.loads(pickle.dumps(made)),
        copy.deepcopy(made),
        copy.copy(made),
        read(model, json.loads(json.dumps(as_dict))),
    ]
    assert all(twin == made for twin in twins)
    if not isinstance(made, Listing):
        assert len({made, *twins}) == 1
    assert str(made) == repr(made)


@pytest.mark.parametrize(("model", "answer"), ID_ONLY)
def test_only_the_id_is_required(model, answer) -> None:
    made = read(model, answer)
    assert made.identity == "a"
    rest = [name for name in model.model_fields if getattr(made, name) != "a"]
    assert all(getattr(made, name) is None for name in rest)
    assert read(model, {**answer, **dict.fromkeys(rest)}) == made
    with pytest.raises(ValidationError):
        read(model, {})
    with pytest.raises(ValidationError):
        read(model, dict.fromkeys(answer))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_id_has_both_names_in_both_dialects(dialect) -> None:
    customer = read(Customer, CUSTOMER[dialect])
    assert customer.id == customer["id"] == customer["customer_id"] == CUSTOMER_IDS[dialect]
    # Under the name that it came by.
    assert {"id", "customer_id"} & customer.to_dict().keys() == {"id", "customer_id"} & CUSTOMER[dialect].keys()
    assert customer.to_dict() == {**customer.to_dict(), **{name: CUSTOMER[dialect][name] for name in ("name", "city")}}
    assert {"id", "customer_id"} & customer.model_dump().keys() == {"id"}
    assert "sent_customer_id" not in repr(customer) + repr(customer.to_dict()) + customer.to_html(personal=True)


@pytest.mark.parametrize(("model", "answer"), EXAMPLES)
def test_repr_shows_no_personal_data(model, answer) -> None:
    secret = "s3cret"
    hidden = {"name", "email", "phone_number", "whatsapp_number", "address", "city", "postal_code", "description"}
    personal = {name: secret for name in answer if name in hidden}
    made = read(model, {**answer, **personal, "metadata": {secret: secret}, "brand_new": secret})
    shown = f"{made!r} {made} {[made]} {made.items if isinstance(made, Listing) else ''}"
    assert secret not in shown
    assert "Amadou" not in shown
    assert type(made).__name__ in shown
    with pytest.raises(ValidationError) as caught:
        read(model, {"id": [secret], "merchant_id": [secret], "transaction_id": [secret], "customers": secret})
    assert secret not in str(caught.value)


@pytest.mark.parametrize(
    ("sent", "read_as"),
    [
        ("2024-01-10T09:00:00Z", datetime(2024, 1, 10, 9, tzinfo=UTC)),
        ("2024-01-10T09:00:00.123456+00:00", datetime(2024, 1, 10, 9, 0, 0, 123456, tzinfo=UTC)),
        ("2024-01-10T09:00:00.123Z", datetime(2024, 1, 10, 9, 0, 0, 123000, tzinfo=UTC)),
        ("2024-01-10T10:00:00+01:00", datetime(2024, 1, 10, 9, tzinfo=UTC)),
        ("2024-01-10 09:00:00", datetime(2024, 1, 10, 9, tzinfo=UTC)),
        ("2024-01-10", datetime(2024, 1, 10, tzinfo=UTC)),
    ],
)
def test_datetimes_are_aware(sent, read_as) -> None:
    made = read(Customer, {"id": "a", "created_at": sent})
    assert made.created_at == read_as
    assert made.created_at.utcoffset() is not None
    assert datetime.fromisoformat(made.to_dict()["created_at"].replace("Z", "+00:00")) == read_as


def test_a_zone_is_kept() -> None:
    made = read(Customer, {"id": "a", "created_at": "2024-01-10T10:00:00+01:00"})
    assert made.created_at.utcoffset() == timedelta(hours=1)


@pytest.mark.parametrize(
    ("sent", "read_as"),
    [
        ("10000", 10000),
        ("10000.0", 10000),
        ("1e4", 10000),
        ("-5", -5),
        ("0", 0),
        ("10000.5", Decimal("10000.5")),
        ("0.1", Decimal("0.1")),
        ('"10000"', 10000),
        ('" 10000.50 "', Decimal("10000.50")),
        ("9007199254740993", 9007199254740993),
        ("1000000000000000000000000000000", 10**30),
    ],
)
def test_whole_amounts_are_int_and_fractions_decimal(sent, read_as) -> None:
    made = Transaction.model_validate_json(f'{{"transaction_id": "a", "gross_amount": {sent}}}')
    assert made.gross_amount == read_as
    assert type(made.gross_amount) is type(read_as)
    assert read(Transaction, made.to_dict()) == made


@pytest.mark.parametrize(
    "sent",
    [
        '""',
        '"abc"',
        "true",
        "[]",
        "{}",
        "NaN",
        "Infinity",
        '"NaN"',
        '"-inf"',
        '"٣"',
        "1e31",
        "1" + "0" * 31,
        '"1e999999999"',
        '"1,5"',
    ],
)
def test_what_is_no_amount(sent) -> None:
    with pytest.raises(ValidationError):
        Transaction.model_validate_json(f'{{"transaction_id": "a", "gross_amount": {sent}}}')


@given(st.text() | st.floats() | st.integers() | st.booleans() | st.decimals() | st.binary() | st.lists(st.integers()))
def test_an_amount_is_read_or_refused_and_nothing_else(sent) -> None:
    try:
        made = Transaction.model_validate({"transaction_id": "a", "gross_amount": sent})
    except ValidationError:
        return
    amount = made.gross_amount
    assert isinstance(amount, (int, Decimal))
    assert not isinstance(amount, bool)
    assert isinstance(amount, int) is (amount == int(amount))


@pytest.mark.parametrize(
    ("made", "money"),
    [
        (read(MerchantMRR, MRR), Money(50000, "XOF")),
        (read(MerchantARR, ARR), Money(600000, "XOF")),
        (read(MerchantBalance, BALANCE), Money(250000, "XOF")),
        (read(Transaction, TRANSACTIONS["docs"][0]), Money(10000, "XOF")),
    ],
)
def test_amounts_with_their_currency(made, money) -> None:
    assert made.money == money


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"balance": None}, "amount is missing in the answer"),
        ({"currency_code": None}, "currency is missing in the answer"),
        ({"balance": 10.5}, "amount has a fraction"),
        ({"currency_code": "ZZZ"}, "currency is not an ISO 4217"),
        ({"currency_code": "xof"}, "did you mean XOF"),
    ],
)
def test_money_that_cannot_be_raises_and_parsing_does_not(changes, problem) -> None:
    made = read(MerchantBalance, {**BALANCE, **changes})
    with pytest.raises(lomi.LomiValidationError, match=problem):
        _ = made.money


def test_numbers_where_text_is_promised() -> None:
    made = read(Customer, {"id": 7, "phone_number": 221771234567, "postal_code": 11000})
    assert (made.id, made.phone_number, made.postal_code) == ("7", "221771234567", "11000")


@pytest.mark.parametrize("metadata", [[1], "text", 5, None, {}, {"a": [None]}])
def test_metadata_comes_through_as_it_is(metadata) -> None:
    made = read(Customer, {"id": "a", "metadata": metadata})
    assert made.metadata == metadata
    assert made.to_dict()["metadata"] == metadata
    hash(made)


def test_unknown_words_are_kept() -> None:
    assert read(Customer, {"id": "a", "environment": "staging"}).environment == "staging"
    assert read(Transaction, {"transaction_id": "a", "status": "brand_new"}).status == "brand_new"


def test_objects_of_different_kinds_are_not_equal() -> None:
    assert read(MerchantMRR, {"merchant_id": "a"}) != read(MerchantARR, {"merchant_id": "a"})
    assert hash(read(MerchantMRR, {"merchant_id": "a"})) != hash(read(MerchantARR, {"merchant_id": "a"}))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_listing(dialect) -> None:
    made = read(CustomerListing, listing(dialect, [LIST_ITEM[dialect]], 1, 20, 150))
    assert made.items == made.customers == made["customers"] == [read(Customer, LIST_ITEM[dialect])]
    at = made.pagination
    assert (at.page, at.page_size, at.total_count, at.total_pages) == (1, 20, 150, 8)
    assert (at["pageSize"], at["page_size"], at["totalCount"], at["totalPages"]) == (20, 20, 150, 8)
    assert at.to_dict() == {"page": 1, "pageSize": 20, "totalCount": 150, "totalPages": 8}
    assert repr(at) == "Pagination(page=1, page_size=20, total_count=150, total_pages=8)"


@pytest.mark.parametrize(
    "answer", [{"customers": []}, {"customers": [], "pagination": None}, {"customers": [], "pagination": {}}]
)
def test_a_listing_that_does_not_say_where_it_is(answer) -> None:
    assert read(CustomerListing, answer).pagination == Pagination()


def test_a_page_of_size_zero_has_no_number_of_pages() -> None:
    answer = {"customers": [], "pagination": {"page": 1, "pageSize": 0, "totalCount": 0, "totalPages": None}}
    assert read(CustomerListing, answer).pagination.total_pages is None


@pytest.mark.parametrize("answer", [{}, {"customers": None}, {"customers": {}}, {"customers": [{}]}, [], None])
def test_what_is_no_listing(answer) -> None:
    with pytest.raises(ValidationError):
        read(CustomerListing, answer)


def test_a_listing_of_nothing_in_particular() -> None:
    with pytest.raises(NotImplementedError):
        _ = Listing().items
