"""The ledger by itself: movements that cannot be, payments that complete twice."""

from __future__ import annotations

from decimal import Decimal

import pytest

from lomi.sandbox import amounts, ledger
from lomi.sandbox.engine import Engine
from lomi.sandbox.paying import transaction_body
from lomi.sandbox.resources import RESOURCES
from lomi.sandbox.resources.merchants import credit
from lomi.sandbox.store import Identifiers, Store, Values

BOOK = ledger.Book("m", "test", "XOF")


@pytest.fixture
def engine() -> Engine:
    kinds = {each.type: each for each in RESOURCES}
    store = Store(None, "".join(each.indexes() for each in RESOURCES))
    return Engine(kinds, store, Identifiers(1), tuple, frozen=True, background=False)


def test_entries_that_do_not_sum_to_zero(engine: Engine) -> None:
    with pytest.raises(RuntimeError, match="the entries of payment/1 do not sum to zero"):
        ledger.post(engine, BOOK, "payment/1", {ledger.PAYERS: -1})
    assert ledger.balance(engine.store, BOOK) == 0


def test_a_movement_is_booked_once(engine: Engine) -> None:
    entries = {ledger.PAYERS: -1, ledger.AVAILABLE: 1}
    assert [ledger.post(engine, BOOK, "payment/1", entries) for _ in range(2)] == [True, False]
    assert ledger.balance(engine.store, BOOK) == 1


def test_a_payment_that_completes_twice_is_credited_once(engine: Engine) -> None:
    body: Values = {"organization_id": "o", "currency_code": "XOF", "merchant_lifetime_value": 0, "mrr": 0, "arr": None}
    engine.create("merchants", body, owner="m", id="m")
    paid = engine.create(
        "transactions", transaction_body("c", 500, "XOF", "WAVE", "WAVE", description="", recurring=True), owner="m"
    )
    for _ in range(2):
        credit(engine, paid)
    merchant = engine.store.find("merchants", "m")
    assert merchant is not None
    assert (merchant["merchant_lifetime_value"], merchant["mrr"], merchant["arr"]) == (500, 500, None)
    assert ledger.balance(engine.store, BOOK) == amounts.exact(500, "XOF")


def test_amounts_are_exact() -> None:
    assert sum(amounts.exact(0.1, "EUR") for _ in range(3)) == amounts.exact(0.3, "EUR")
    assert amounts.major(amounts.exact(19.99, "EUR"), "EUR") == 19.99
    assert amounts.decimal(amounts.exact(2**53 - 1, "XOF"), "XOF") == Decimal(2**53 - 1)
    assert (amounts.to_major(1999, "EUR"), amounts.to_minor(19.99, "EUR")) == (19.99, 1999)
    assert (amounts.to_major(5, "XOF"), amounts.to_minor(5, "XOF")) == (5, 5)
    assert amounts.fee(amounts.exact(1050, "XOF"), "XOF", "2.9") == amounts.exact(30, "XOF")
    assert amounts.fee(amounts.exact(1050, "XOF"), "XOF", "2.9", two_decimals=True) == amounts.exact(30.45, "XOF")
