from __future__ import annotations

import copy
import pickle
from decimal import Context, Decimal

import pytest
from hypothesis import given, strategies as st

import lomi
from lomi import Money
from lomi.money import _EXPONENTS, exponent

currencies = st.sampled_from(sorted(_EXPONENTS))
amounts = st.integers(-(10**25), 10**25)
# Every Python number type but those that are exact and whole.
NOT_WHOLE = [1.0, 10.5, float("nan"), True, "1", Decimal(1), Decimal("1.5"), None, 1j]


@pytest.mark.parametrize(
    ("currency", "digits"),
    [
        ("XOF", 0),
        ("XAF", 0),
        ("GNF", 0),
        ("JPY", 0),
        ("USD", 2),
        ("EUR", 2),
        ("NGN", 2),
        ("MRU", 2),
        ("TND", 3),
        ("CLF", 4),
    ],
)
def test_exponents(currency: str, digits: int) -> None:
    assert exponent(currency) == digits


def test_the_table_is_well_formed() -> None:
    assert all(len(code) == 3 and code.isupper() and code.isascii() for code in _EXPONENTS)
    assert set(_EXPONENTS.values()) == {0, 2, 3, 4}
    # One for every currency in use, give or take what a year brings.
    assert 150 < len(_EXPONENTS) < 200


@pytest.mark.parametrize(
    ("amount", "currency", "text", "decimal"),
    [
        (250000, "XOF", "250 000 XOF", "250000"),
        (1050, "USD", "10.50 USD", "10.50"),
        (-1050, "USD", "-10.50 USD", "-10.50"),
        (5, "USD", "0.05 USD", "0.05"),
        (-5, "USD", "-0.05 USD", "-0.05"),
        (0, "USD", "0.00 USD", "0.00"),
        (0, "XOF", "0 XOF", "0"),
        (1234567, "TND", "1 234.567 TND", "1234.567"),
        (123456789, "EUR", "1 234 567.89 EUR", "1234567.89"),
        (10001, "CLF", "1.0001 CLF", "1.0001"),
    ],
)
def test_what_a_person_reads(amount: int, currency: str, text: str, decimal: str) -> None:
    money = Money(amount, currency)
    assert str(money) == text
    assert money.to_decimal() == Decimal(decimal)
    assert str(money.to_decimal()) == decimal


@given(amounts, currencies)
def test_decimal_and_back_is_the_same(amount: int, currency: str) -> None:
    money = Money(amount, currency)
    decimal = money.to_decimal()
    assert decimal.as_tuple().exponent == -exponent(currency)
    assert decimal.scaleb(exponent(currency), context=Context(prec=60)) == amount
    assert Money.from_decimal(decimal, currency) == money
    assert Money.from_decimal(f"{decimal:f}", currency) == money


@given(amounts, amounts, st.integers(-1000, 1000), currencies)
def test_arithmetic_is_that_of_the_minor_units(one: int, two: int, factor: int, currency: str) -> None:
    a, b = Money(one, currency), Money(two, currency)
    assert (a + b).amount == one + two
    assert (a - b).amount == one - two
    assert (a * factor) == (factor * a) == Money(one * factor, currency)
    assert (-a).amount == -one
    assert abs(a).amount == abs(one)
    assert bool(a) is bool(one)
    assert (a < b, a <= b, a > b, a >= b, a == b) == (one < two, one <= two, one > two, one >= two, one == two)
    assert sum([a, b, a]) == Money(2 * one + two, currency)
    assert hash(a) == hash(Money(one, currency))
    assert sorted([a, b]) == sorted([b, a])


@given(currencies, currencies)
def test_currencies_do_not_mix(one: str, two: str) -> None:
    a, b = Money(1, one), Money(1, two)
    if one == two:
        assert a + b == Money(2, one)
        return
    assert a != b
    for operation in ("__add__", "__sub__", "__lt__", "__le__", "__gt__", "__ge__"):
        with pytest.raises(lomi.LomiValidationError, match=f"currency is {two}, not {one}"):
            getattr(a, operation)(b)


@pytest.mark.parametrize("value", NOT_WHOLE)
def test_a_whole_number_and_nothing_like_it(value: object) -> None:
    with pytest.raises(lomi.LomiValidationError, match="amount") as caught:
        Money(value, "XOF")  # type: ignore[arg-type]
    fraction = "has a fraction" in caught.value.errors[0].problem
    assert fraction is isinstance(value, Decimal)


@pytest.mark.parametrize("value", [*NOT_WHOLE, "x", object()])
def test_nothing_but_money_is_added_or_compared(value: object) -> None:
    money = Money(1, "XOF")
    for operation in (
        lambda: money + value,
        lambda: value + money,
        lambda: money - value,
        lambda: value - money,
        lambda: money < value,
        lambda: money <= value,
        lambda: money > value,
        lambda: money >= value,
        lambda: money * value,
        lambda: value * money,
        lambda: money * money,
        lambda: 1 + money,
    ):
        with pytest.raises(TypeError):
            operation()
    assert money != value


@pytest.mark.parametrize(
    ("currency", "hint"),
    [
        ("xof", "did you mean XOF"),
        ("Usd", "did you mean USD"),
        ("ZZZ", "such as XOF"),
        ("", "such as XOF"),
        (None, "such as XOF"),
        (["XOF"], "such as XOF"),
        ("DEM", "such as XOF"),
    ],
)
def test_a_currency_in_use(currency: str, hint: str) -> None:
    for make in (lambda: Money(1, currency), lambda: Money.from_decimal(1, currency)):
        with pytest.raises(lomi.LomiValidationError, match=hint) as caught:
            make()
        assert caught.value.errors[0].field == "currency"


@pytest.mark.parametrize(
    ("given", "currency", "amount"),
    [
        ("10.50", "USD", 1050),
        ("10.5", "USD", 1050),
        ("10.500", "USD", 1050),
        (10, "USD", 1000),
        (" 7 ", "XOF", 7),
        ("+7", "XOF", 7),
        ("-0.05", "USD", -5),
        ("7.000", "XOF", 7),
        (Decimal("1.234"), "TND", 1234),
        ("-0", "USD", 0),
    ],
)
def test_from_what_a_person_writes(given: Decimal | str | int, currency: str, amount: int) -> None:
    assert Money.from_decimal(given, currency) == Money(amount, currency)


@pytest.mark.parametrize(
    "given",
    [10.5, 1.0, True, None, "", "1e3", "1,5", "ten", "NaN", "inf", Decimal("NaN"), "1.", ".5", "1_0", "٣", "9" * 31],
)
def test_what_is_no_decimal(given: object) -> None:
    with pytest.raises(lomi.LomiValidationError, match="is not a decimal number"):
        Money.from_decimal(given, "USD")  # type: ignore[arg-type]


@pytest.mark.parametrize(("given", "currency"), [("1.5", "XOF"), ("0.001", "USD"), ("1.2345", "TND")])
def test_more_decimals_than_there_are_is_never_rounded(given: str, currency: str) -> None:
    with pytest.raises(lomi.LomiValidationError, match="has more than"):
        Money.from_decimal(given, currency)


def test_a_decimal_with_an_exponent_is_a_number_too() -> None:
    assert Money.from_decimal(Decimal("1E+3"), "XOF") == Money(1000, "XOF")
    assert Money.from_decimal(Decimal("1E-2"), "USD") == Money(1, "USD")
    with pytest.raises(lomi.LomiValidationError):
        Money.from_decimal(Decimal("1E+999999"), "XOF")


def test_it_is_a_value() -> None:
    money = Money(1050, "USD")
    assert pickle.loads(pickle.dumps(money)) == copy.deepcopy(money) == money
    assert repr(money) == "Money(amount=1050, currency='USD')"
    with pytest.raises(AttributeError):
        money.amount = 1  # type: ignore[misc]
