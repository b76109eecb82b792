from __future__ import annotations

import json
import re
import warnings
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Annotated, Any

import pytest
from hypothesis import given, strategies as st
from pydantic import ConfigDict, TypeAdapter, with_config
from typing_extensions import Required, TypedDict

import lomi
from lomi._core.validation import field_errors, validated
from lomi.params._base import Metadata, SentAs
from lomi.params._rules import (
    Dropped,
    LomiDroppedFieldWarning,
    fits_currency,
    refuse_card_data,
    require_one_of,
    rules,
)
from lomi.params._types import (
    AbsoluteURL,
    Amount,
    AwareDatetime,
    Currency3,
    CustomerId,
    IdempotencyKey,
    MtnCountryCode,
    Offset,
    PhoneNumber,
    PlainDate,
    Quantity,
    QueryFlag,
    UUIDString,
    comma_separated,
)

UUID = "123e4567-e89b-42d3-a456-426614174000"
DAKAR = timezone(timedelta(hours=0))
States = Annotated[str, comma_separated("pending", "completed")]


def read(value_type: Any, value: Any) -> Any:
    assert field_errors("f", value_type, value) == []
    return TypeAdapter(value_type).validate_python(value)


@pytest.mark.parametrize(
    ("value_type", "value", "sent"),
    [
        (Amount, 5000, 5000),
        (Amount, 5000.0, 5000),
        (Amount, Decimal("5E+3"), 5000),
        (Amount, Decimal("19.99"), 19.99),
        (Amount, 19.99, 19.99),
        (Amount, 2**53 - 1, 2**53 - 1),
        (AbsoluteURL, "https://shop.example", "https://shop.example"),
        (AbsoluteURL, "https://shop.example:8443/é?s={CHECKOUT_SESSION_ID}#a", None),
        (AbsoluteURL, "http://localhost:8000/ok", None),
        (AbsoluteURL, "http://shop.localhost/ok", None),
        (AbsoluteURL, "http://127.0.0.1/", None),
        (AbsoluteURL, "http://[::1]:80/{{CHECKOUT_SESSION_ID}}", None),
        (UUIDString, UUID, None),
        (UUIDString, UUID.upper(), None),
        (CustomerId, UUID, None),
        (CustomerId, "cus_12-ab_C", None),
        (PhoneNumber, "+2250700000003", None),
        (IdempotencyKey, "a", None),
        (IdempotencyKey, "order 42 " + "a" * 246, None),
        (AwareDatetime, "2026-02-01T00:00:00Z", None),
        (AwareDatetime, "2026-02-01 00:00+01:00", None),
        (AwareDatetime, datetime(2026, 2, 1, tzinfo=DAKAR), "2026-02-01T00:00:00+00:00"),
        (PlainDate, date(2026, 2, 1), "2026-02-01"),
        (PlainDate, "2026-02-01", None),
        (QueryFlag, True, "true"),
        (QueryFlag, False, "false"),
        (Offset, 0, None),
        (Quantity, 1, None),
        (Currency3, "XOF", None),
        (MtnCountryCode, "CM", None),
        (States, "pending", None),
        (States, "completed,pending", None),
        (States, ["completed", "pending", "completed"], "completed,pending"),
        (States, ("completed",), "completed"),
        (States, {"completed", "pending"}, "pending,completed"),
    ],
)
def test_what_is_accepted_and_how_it_is_sent(value_type: Any, value: Any, sent: Any) -> None:
    found = read(value_type, value)
    assert (found, type(found)) == ((value, type(value)) if sent is None else (sent, type(sent)))
    json.dumps(found)


@pytest.mark.parametrize(
    ("value_type", "value", "problem"),
    [
        (Amount, "5000", "is not a number but str"),
        (Amount, True, "is not a number but bool"),
        (Amount, None, "is not a number but None"),
        (Amount, 0, "is not positive"),
        (Amount, -0.01, "is not positive"),
        (Amount, Decimal("-Infinity"), "is NaN or infinite"),
        (Amount, float("nan"), "is NaN or infinite"),
        (Amount, Decimal("sNaN"), "is NaN or infinite"),
        (Amount, 2**53, "is beyond 2"),
        (Amount, 1e300, "is beyond 2"),
        (Amount, 10**400, "is beyond 2"),
        (Amount, Decimal("0.12345678901234567891"), "has more digits than JSON can carry"),
        (AbsoluteURL, "", "is not an absolute https URL"),
        (AbsoluteURL, "/thanks", "is not an absolute https URL"),
        (AbsoluteURL, "shop.example/ok", "is not an absolute https URL"),
        (AbsoluteURL, "http://shop.example", "is not an absolute https URL"),
        (AbsoluteURL, "http://localhost.evil.example", "is not an absolute https URL"),
        (AbsoluteURL, "javascript:alert(1)", "is not an absolute https URL"),
        (AbsoluteURL, "https://", "is not an absolute https URL"),
        (AbsoluteURL, "https://[x", "is not an absolute https URL"),
        (AbsoluteURL, "https://shop.example:99999/", "is not an absolute https URL"),
        (AbsoluteURL, "https://shop.example/a b", "is not an absolute https URL"),
        (AbsoluteURL, "https://shop.example/a\n", "is not an absolute https URL"),
        (AbsoluteURL, 5, "is not a string but int"),
        (UUIDString, "cs_123", "is not a UUID"),
        (UUIDString, UUID + "\n", "is not a UUID"),
        (UUIDString, UUID.replace("-", ""), "is not a UUID"),
        (UUIDString, 5, "is not a string but int"),
        (CustomerId, "cus_", "is not the id of a customer"),
        (CustomerId, "cus_1/2", "is not the id of a customer"),
        (PhoneNumber, "0700000003", "is not an international phone number"),
        (PhoneNumber, "+225 07 00 00 00 03", "is not an international phone number"),
        (IdempotencyKey, "", "is empty, longer than 255 characters"),
        (IdempotencyKey, " a", "is empty, longer than 255 characters"),
        (IdempotencyKey, "a" * 256, "is empty, longer than 255 characters"),
        (IdempotencyKey, "é", "is empty, longer than 255 characters"),
        (AwareDatetime, datetime(2026, 2, 1), "has no time zone"),
        (AwareDatetime, "2026-02-01T00:00:00", "has no time zone"),
        (AwareDatetime, "2026-02-01", "is not a date and time in ISO 8601"),
        (AwareDatetime, "2026-02-30T00:00:00Z", "does not exist in the calendar"),
        (AwareDatetime, date(2026, 2, 1), "is not a datetime but date"),
        (PlainDate, datetime(2026, 2, 1), "is not a date but datetime"),
        (PlainDate, "2026-2-1", "is not a date in ISO 8601"),
        (PlainDate, "2026-02-30", "does not exist in the calendar"),
        (PlainDate, 20260201, "is not a date but int"),
        (QueryFlag, "true", "is not a boolean but str"),
        (Offset, -1, "is out of range"),
        (Quantity, 0, "is out of range"),
        (Quantity, 1.0, "is not a whole number but float"),
        (Currency3, "xof", "is not one of the values it can have"),
        (Currency3, "GBP", "is not one of the values it can have"),
        (MtnCountryCode, "SN", "is not one of the values it can have"),
        (States, "complete", "is not one of the values it can have"),
        (States, "pending, completed", "is not one of the values it can have"),
        (States, [], "is not one of the values it can have"),
        (States, [["pending"]], "is not one of the values it can have"),
        (States, 5, "is not a list but int"),
    ],
)
def test_what_is_refused(value_type: Any, value: Any, problem: str) -> None:
    (found,) = field_errors("f", value_type, value)
    assert re.match(problem, found.problem)
    assert found.hint


def test_a_hint_names_what_was_meant() -> None:
    assert field_errors("f", States, "complete")[0].hint == 'did you mean "completed"? one of pending, completed'


@given(st.decimals(min_value=Decimal("0.01"), max_value=10**9, places=2))
def test_every_amount_of_cents_is_sent_exactly(amount: Decimal) -> None:
    assert Decimal(json.dumps(read(Amount, amount))) == amount


@rules(require_one_of("email", "phoneNumber"), names={"phone_number": "phoneNumber"})
@with_config(ConfigDict(extra="forbid", strict=True))
class Person(TypedDict, total=False):
    email: str
    phone_number: str
    phoneNumber: str


@rules(
    fits_currency("amount", "least", default="XOF"),
    refuse_card_data,
    lambda values: [Dropped("metadata", "is dropped by the API")] if "metadata" in values else [],
)
@with_config(ConfigDict(extra="forbid", strict=True, defer_build=True))
class Params(TypedDict, total=False):
    amount: Required[Amount]
    least: Amount
    currency_code: Currency3
    start_date: Annotated[PlainDate, SentAs("startDate")]
    startDate: PlainDate
    is_pos: Annotated[QueryFlag, SentAs("isPos")]
    isPos: QueryFlag
    metadata: Metadata
    person: Person


def check(**fields: Any) -> dict[str, Any]:
    return validated("things.create", Params, None, fields)


def refused(**fields: Any) -> dict[str, str]:
    with pytest.raises(lomi.LomiValidationError) as caught:
        check(**fields)
    return {each.field: each.problem for each in caught.value.errors}


def test_rules_hold_what_fields_mean_together() -> None:
    assert check(amount=5) == {"amount": 5}
    assert check(amount=5.5, currency_code="USD") == {"amount": 5.5, "currency_code": "USD"}
    fraction = "has a fraction, which XOF does not have"
    assert refused(amount=Decimal("5.5"), least=0.1) == {"amount": fraction, "least": fraction}
    assert refused(amount=5.5, currency_code="XOF") == {"amount": fraction}
    cents = "has more than 2 decimals"
    assert refused(amount=Decimal("5.005"), least=0.001, currency_code="EUR") == {"amount": cents, "least": cents}
    assert check(amount=0.07, currency_code="EUR") == {"amount": 0.07, "currency_code": "EUR"}
    # A rule is for fields that are each valid.
    assert refused(amount=5.5, least=-1) == {"least": "is not positive"}
    assert refused(amount=5, person={}) == {"person.email": "is required"}


def test_every_other_spelling_is_sent_under_its_name_on_the_wire() -> None:
    assert check(is_pos=True, start_date="2026-02-01", amount=1) == {
        "isPos": "true",
        "startDate": "2026-02-01",
        "amount": 1,
    }
    assert check(amount=1, person={"phone_number": "+1"}) == check(amount=1, person={"phoneNumber": "+1"}) | {
        "person": {"phoneNumber": "+1"}
    }
    assert refused(amount=1, person={"email": "a", "phone_number": "1", "phoneNumber": "1"}) == {
        "person.phone_number": "is there twice"
    }
    with pytest.raises(TypeError, match="got both is_pos and isPos"):
        check(amount=1, start_date="2026-02-01", is_pos=True, isPos=True)


@pytest.mark.filterwarnings("ignore::lomi.params._rules.LomiDroppedFieldWarning")
@pytest.mark.parametrize("name", ["card_number", "cardNumber", "PAN", "cvc", "CVV2", "card[number]", "Security-Code"])
def test_card_data_is_refused_wherever_it_is(name: str) -> None:
    problem = "names card data, which must not be sent"
    assert refused(amount=1, metadata={name: "4242"}) == {f"metadata.{name}": problem}
    assert refused(amount=1, metadata={"a": [1, {"b": {name: 1}}]}) == {f"metadata.a[1].b.{name}": problem}
    assert check(amount=1, metadata={"card_last4": "4242", "company": "x", "notes": ["pan"]})


def test_what_the_api_drops_is_said_once_at_the_callers_line() -> None:
    with pytest.warns(LomiDroppedFieldWarning, match="^metadata is dropped by the API$") as caught:
        check(amount=1, metadata={})
    assert [warning.filename for warning in caught] == [__file__]
    with warnings.catch_warnings(record=True) as none:
        warnings.simplefilter("always")
        refused(amount=0, metadata={})
        refused(amount=1, metadata={"cvc": 1})
        warnings.simplefilter("ignore", LomiDroppedFieldWarning)
        check(amount=1, metadata={})
    assert none == []
