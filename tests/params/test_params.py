from __future__ import annotations

import enum
import json
import math
import re
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, strategies as st

import lomi
from lomi import CustomerCreateParams, CustomerListParams, CustomerUpdateParams, MerchantBalanceParams
from lomi._core.validation import validated
from lomi.params._json import json_value

FIELDS = (
    "name",
    "email",
    "phone_number",
    "whatsapp_number",
    "country",
    "city",
    "address",
    "postal_code",
    "is_business",
    "metadata",
)

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=20)
anything = values | st.recursive(
    scalars | st.just(math.nan) | st.integers() | st.text() | st.binary() | st.just(object()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=10,
)


def create(mapping: Any = None, /, **fields: Any) -> dict[str, Any]:
    return validated("customers.create", CustomerCreateParams, mapping, fields)


def update(mapping: Any = None, /, **fields: Any) -> dict[str, Any]:
    return validated("customers.update", CustomerUpdateParams, mapping, fields, none_clears=True)


def listing(**fields: Any) -> dict[str, Any]:
    return validated("customers.list", CustomerListParams, None, fields)


def problems(make: Any, *args: Any, **fields: Any) -> dict[str, str]:
    with pytest.raises(lomi.LomiValidationError) as caught:
        make(*args, **fields)
    error = caught.value
    assert error.errors
    assert all(each.hint and each.problem for each in error.errors)
    assert len(str(error)) <= 500
    return {each.field: f"{each.problem} ({each.hint})" for each in error.errors}


WHOLE = {
    "name": "Amadou Ba",
    "email": "amadou.ba@example.com",
    "phone_number": "+221771234567",
    "whatsapp_number": "+221771234567",
    "country": "Senegal",
    "city": "Dakar",
    "address": "12 Rue Carnot",
    "postal_code": "11000",
    "is_business": False,
    "metadata": {"internal_id": "USER_123", "tags": ["a", 1, 1.5, None, True], "deep": {"er": {}}},
}


def test_all_ten_fields_pass_as_they_are() -> None:
    assert set(WHOLE) == set(FIELDS)
    assert CustomerCreateParams.__annotations__.keys() == CustomerUpdateParams.__annotations__.keys() == set(FIELDS)
    assert create(**WHOLE) == create(WHOLE) == create(MappingProxyType(WHOLE)) == WHOLE
    assert update(**WHOLE) == update(WHOLE) == WHOLE


def test_create_leaves_out_none_and_update_does_not() -> None:
    nothing = dict.fromkeys(name for name in FIELDS if name not in ("name", "is_business"))
    assert create(name="A", is_business=None, **nothing) == {"name": "A"}
    assert create({"name": "A", "is_business": None, **nothing}) == {"name": "A"}
    assert update(**nothing) == update(nothing) == nothing
    assert update(city=None) == {"city": None}


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("name", "", "is blank"),
        ("name", " \t\n", "is blank"),
        ("name", 5, "is not a string but int"),
        ("name", "a\0", "contains U\\+0000"),
        ("name", "\ud83d", "contains a lone surrogate"),
        ("email", "", "cannot be an e-mail address"),
        ("email", "not-an-email", "cannot be an e-mail address"),
        ("email", "a@", "cannot be an e-mail address"),
        ("email", "@b.c", "cannot be an e-mail address"),
        ("email", "a@b@c.d", "cannot be an e-mail address"),
        ("email", "a b@c.d", "cannot be an e-mail address"),
        ("email", "a@b..c", "cannot be an e-mail address"),
        ("email", "a@.b", "cannot be an e-mail address"),
        ("email", "a@b.c\n", "cannot be an e-mail address"),
        ("email", "a" * 251 + "@b.c", "is longer than an e-mail address can be"),
        ("email", "a@b.c\0", "contains U\\+0000"),
        ("email", ["a@b.c"], "is not a string but list"),
        ("phone_number", 221771234567, "is not a string but int"),
        ("whatsapp_number", 1.5, "is not a string but float"),
        ("country", True, "is not a string but bool"),
        ("city", b"Dakar", "is not a string but bytes"),
        ("address", "\0", "contains U\\+0000"),
        ("postal_code", 11000, "is not a string but int"),
        ("is_business", "yes", "is not a boolean but str"),
        ("is_business", 1, "is not a boolean but int"),
        ("metadata", "vip", "is not a mapping but str"),
        ("metadata", [("a", 1)], "is not a mapping but list"),
    ],
)
def test_each_field_is_checked(field: str, value: object, problem: str) -> None:
    for make in (create, update):
        fields = {"name": "A", field: value} if make is create else {field: value}
        for found in (problems(make, **fields), problems(make, fields)):
            assert list(found) == [field]
            assert re.match(problem, found[field])


@pytest.mark.parametrize(
    "email",
    [
        "a@b.c",
        "a@localhost",
        "amadou+tag@example.co.sn",
        '"with@at"@example.com',
        "é@exämple.fr",
        "o'neil@x.y",
        "a" * 250 + "@b.c",
    ],
)
def test_what_can_be_an_address(email: str) -> None:
    assert create(name="A", email=email)["email"] == email


@pytest.mark.parametrize(
    ("value", "field", "problem"),
    [
        (math.nan, "metadata.x", "is NaN or infinite"),
        (-math.inf, "metadata.x", "is NaN or infinite"),
        (2**53, "metadata.x", "is beyond"),
        (-(2**53), "metadata.x", "is beyond"),
        (b"x", "metadata.x", "is bytes, which JSON cannot represent"),
        ({1, 2}, "metadata.x", "is set, which JSON cannot represent"),
        (object(), "metadata.x", "is object, which JSON cannot represent"),
        ("\0", "metadata.x", "contains U+0000"),
        ("\udc00", "metadata.x", "contains a lone surrogate"),
        ([0, [1, math.nan]], "metadata.x[1][1]", "is NaN or infinite"),
        ({"y": {"z": [b""]}}, "metadata.x.y.z[0]", "is bytes, which JSON cannot represent"),
        ({1: "a"}, "metadata.x.1", "has a key that is not a string but int"),
        ({None: "a"}, "metadata.x.None", "has a key that is not a string but None"),
        ({"a\0": 1}, "metadata.x.a?", "has a key that contains U+0000"),
        ({"k" * 100: math.nan}, "metadata.x." + "k" * 40, "is NaN or infinite"),
    ],
)
def test_what_json_or_the_api_cannot_carry(value: object, field: str, problem: str) -> None:
    for found in (problems(create, name="A", metadata={"x": value}), problems(update, {"metadata": {"x": value}})):
        assert list(found) == [field]
        assert found[field].startswith(problem)


def test_a_mapping_that_contains_itself() -> None:
    loop: dict[str, Any] = {}
    loop["again"] = loop
    (problem,) = problems(create, name="A", metadata=loop).values()
    assert problem.startswith("is nested more than 64 levels deep, or contains itself")
    deep: Any = 1
    for _ in range(63):
        deep = [deep]
    assert create(name="A", metadata={"x": deep})
    assert problems(create, name="A", metadata={"x": [deep]})


def test_what_is_sent_are_built_ins() -> None:
    class Colour(str, enum.Enum):
        RED = "red"

    class Number(enum.IntEnum):
        ONE = 1

    class Length(float):
        pass

    sent = create(name=Colour.RED, metadata={Colour.RED: [Number.ONE, Length(1.5)], "t": (1, 2)})
    assert sent == {"name": "red", "metadata": {"red": [1, 1.5], "t": [1, 2]}}
    assert type(sent["name"]) is str
    assert {type(key) for key in sent["metadata"]} == {str}
    assert [type(each) for each in sent["metadata"]["red"]] == [int, float]
    assert json.dumps(sent["name"]) == '"red"'


@given(values)
def test_what_json_can_carry_passes_unchanged(value: object) -> None:
    found: list[lomi.FieldError] = []
    clean = json_value("metadata", value, found)
    assert found == []
    assert clean == value
    assert json.loads(json.dumps(clean, allow_nan=False, ensure_ascii=False)) == clean


@given(anything)
def test_whatever_passes_can_be_sent(value: object) -> None:
    found: list[lomi.FieldError] = []
    clean = json_value("metadata", value, found)
    if not found:
        text = json.dumps(clean, allow_nan=False, ensure_ascii=False).encode()
        assert b"\\u0000" not in text


@given(st.dictionaries(st.sampled_from([*FIELDS, "nmae", ""]), anything))
def test_checks_refuse_or_pass_and_do_nothing_else(fields: dict[str, Any]) -> None:
    try:
        clean = create(fields)
    except lomi.LomiValidationError as error:
        assert error.errors
        assert len(str(error)) <= 500
        assert error.outcome == "not_sent"
        return
    assert clean["name"].strip()
    assert set(clean) <= set(FIELDS)
    json.dumps(clean, allow_nan=False).encode()


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("emial", 'did you mean "email"?'),
        ("Email", 'did you mean "email"?'),
        ("phone", "known are "),
        ("phone_numbre", 'did you mean "phone_number"?'),
        ("isBusiness", 'did you mean "is_business"?'),
        ("zzz", "known are "),
    ],
)
def test_an_unknown_name_gets_the_nearest(name: str, hint: str) -> None:
    for make in (create, update):
        assert hint in problems(make, {"name": "A", name: "x"})[name]


def test_unknown_names_that_are_no_strings() -> None:
    assert set(problems(create, {"name": "A", 1: "x", (): "y", "a\nb": "z"})) == {"1", "tuple", "a?b"}


def test_all_that_is_wrong_is_named_at_once() -> None:
    found = problems(create, {"emial": "x", "email": "xx", "is_business": "yes", "metadata": {"a": math.nan, "b": b""}})
    assert list(found) == ["name", "email", "is_business", "metadata.a", "metadata.b", "emial"]
    assert found["name"] == "is required (pass name)"


def test_no_problem_shows_the_value() -> None:
    secret = "s3cret-value"
    bad = {"name": [secret], "email": secret, "is_business": secret, "metadata": secret, "city": secret + "\0"}
    with pytest.raises(lomi.LomiValidationError) as caught:
        create(bad)
    assert secret not in str(caught.value) + repr(caught.value.errors)


def test_name_is_required_and_cannot_be_cleared() -> None:
    assert problems(create)["name"].startswith("is required")
    assert problems(create, {})["name"].startswith("is required")
    assert problems(create, {"name": None})["name"].startswith("is required")
    assert problems(update, name=None)["name"].startswith("is None, but cannot be cleared")
    assert problems(update, {"name": None})["name"].startswith("is None, but cannot be cleared")
    assert problems(update, {"is_business": None})["is_business"].startswith("is None, but cannot be cleared")


def test_an_update_with_nothing_in_it() -> None:
    for empty in (lambda: update(), lambda: update({})):
        assert problems(empty)["params"].startswith("contains nothing to change")


@pytest.mark.parametrize("mapping", ["name", ["name"], 5, {"name"}])
def test_what_is_no_mapping(mapping: object) -> None:
    for make in (create, update):
        assert problems(make, mapping)["params"].startswith("is not a mapping")


def test_a_name_in_both_is_pythons_type_error() -> None:
    for make in (create, update):
        with pytest.raises(TypeError, match="got 'name' both in the mapping and as a keyword"):
            make({"name": "A"}, name="B")
        assert make({"name": "A"}, city="Dakar") == {"name": "A", "city": "Dakar"}


def test_what_a_listing_takes() -> None:
    whole = {"search": "amadou", "type": "individual", "status": "active", "page": 1, "pageSize": 20}
    assert listing(**whole) == whole
    assert listing(**dict.fromkeys(whole)) == {}
    assert listing(search="", type="all", status="all") == {"search": "", "type": "all", "status": "all"}


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("page", 0, "is out of range (from 1 to 2147483647)"),
        ("page", -1, "is out of range"),
        ("page", 2**31, "is out of range"),
        ("page", True, "is not a whole number but bool"),
        ("page", "1", "is not a whole number but str"),
        ("page", 1.0, "is not a whole number but float"),
        ("pageSize", 0, "is out of range"),
        ("pageSize", False, "is not a whole number but bool"),
        ("type", "busines", 'is not one of the values it can have (did you mean "business"?'),
        ("type", "BUSINESS", 'is not one of the values it can have (did you mean "business"?'),
        ("type", "", "is not one of the values it can have (one of business, individual, all)"),
        ("type", 1, "is not one of the values it can have (one of"),
        ("type", ["all"], "is not one of the values it can have (one of"),
        ("status", "x", "is not one of the values it can have (one of active, inactive, all)"),
        ("search", 5, "is not a string but int"),
        ("search", "a\0b", "contains U+0000"),
    ],
)
def test_listing_arguments_out_of_range(field: str, value: object, problem: str) -> None:
    assert problems(listing, **{field: value})[field].startswith(problem)


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("xof", 'is not three upper-case letters (did you mean "XOF"?)'),
        (" usd ", 'is not three upper-case letters (did you mean "USD"?)'),
        ("EURO", "is not three upper-case letters (such as"),
        ("", "is not three upper-case letters (such as"),
        ("XÖF", "is not three upper-case letters (such as"),
        ("XOF\n", 'is not three upper-case letters (did you mean "XOF"?)'),
        (952, "is not a string but int"),
        (None, "is required"),
    ],
)
def test_currency_codes(code: object, problem: str) -> None:
    def balance(**fields: Any) -> dict[str, Any]:
        return validated("merchants.get_balance", MerchantBalanceParams, None, fields)

    assert problems(balance, currency_code=code)["currency_code"].startswith(problem)
    assert balance(currency_code="XOF") == {"currency_code": "XOF"}
    # Which currencies there are, the API knows best.
    assert balance(currency_code="ZZZ") == {"currency_code": "ZZZ"}


def test_both_spellings_of_the_page_size() -> None:
    assert listing(page_size=20) == listing(pageSize=20) == listing(pageSize=20, page_size=None) == {"pageSize": 20}
    assert problems(listing, page_size=0)["page_size"].startswith("is out of range")
    with pytest.raises(TypeError, match=r"customers.list\(\) got both page_size and pageSize"):
        listing(page_size=20, pageSize=20)


def test_an_error_remembers_nothing_of_what_was_passed() -> None:
    secret = "s3cret" + "-value"
    with pytest.raises(lomi.LomiValidationError) as caught:
        create({"name": [secret], "metadata": {"a": {secret}}}, email=secret)
    error = caught.value
    assert (error.__context__, error.__cause__) == (None, None)
    frame = error.__traceback__
    while frame is not None:
        if frame.tb_frame.f_code.co_filename.endswith("validation.py"):
            assert secret not in repr(frame.tb_frame.f_locals)
        frame = frame.tb_next


@pytest.mark.parametrize("key", ["\ud800", "a\0"])
def test_a_key_that_is_no_text_does_not_hide_the_rest(key: str) -> None:
    found = problems(create, {"name": "", key: 1, 5: 2, "city": 5})
    assert found["name"].startswith("is blank")
    assert found["city"].startswith("is not a string but int")
    assert found["5"].startswith("is not a field")
    assert len(found) == 4
