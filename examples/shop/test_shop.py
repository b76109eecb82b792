"""The shop's own tests. They use the fixtures and the marker that come with the package.

Run them with `pytest examples/shop`, and under random faults with `pytest examples/shop --lomi-chaos=random`.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from shop import Shop

from lomi import Customer, LomiClient, LomiError
from lomi.sandbox import Sandbox

NAME, EMAIL = "Awa Diop", "awa.diop@example.com"


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        yield connection


@pytest.fixture
def shop(lomi_client: LomiClient, database: sqlite3.Connection) -> Shop:
    return Shop(lomi_client, database)


def buy(shop: Shop, order: str) -> str:
    """Buy as people do: click again when there is an error, and wait when there is none."""
    for _ in range(5):
        with contextlib.suppress(LomiError):
            customer_id = shop.checkout(order, NAME, EMAIL)
            if customer_id is not None:
                return customer_id
        shop.settle(older_than=0)
    raise AssertionError("five clicks, and still no customer")


def registered(client: LomiClient) -> list[str]:
    return [customer.id for customer in client.customers.list(search=EMAIL)]


def test_a_buyer_is_registered(shop: Shop, lomi_client: LomiClient) -> None:
    customer_id = buy(shop, "order-1")
    assert registered(lomi_client) == [customer_id]
    assert lomi_client.customers.get(customer_id).name == NAME


def test_a_second_order_registers_nobody_else(shop: Shop, lomi_client: LomiClient) -> None:
    assert buy(shop, "order-1") == buy(shop, "order-2")
    assert len(registered(lomi_client)) == 1


@pytest.mark.parametrize(
    "lost",
    [
        pytest.param("request", marks=pytest.mark.lomi_faults("drop_before", "html_502", route="POST /customers")),
        pytest.param("answer", marks=pytest.mark.lomi_faults("drop_after_commit", route="POST /customers")),
        pytest.param("half", marks=pytest.mark.lomi_faults("truncate", route="POST /customers")),
        pytest.param("server", marks=pytest.mark.lomi_faults("fail_after_commit", status=500, route="POST /customers")),
        pytest.param("metadata", marks=pytest.mark.lomi_faults("lose_metadata", route="POST /customers")),
    ],
)
def test_a_click_that_fails_and_another_one_register_one_customer(
    shop: Shop, lomi_client: LomiClient, lost: str
) -> None:
    assert registered(lomi_client) == []
    customer_id = buy(shop, "order-1")
    assert registered(lomi_client) == [customer_id], lost


@pytest.mark.lomi_faults("drop_after_commit", route="POST /customers")
def test_a_lost_answer_is_found_out_at_once(shop: Shop, lomi_client: LomiClient) -> None:
    customer_id = shop.checkout("order-1", NAME, EMAIL)
    assert registered(lomi_client) == [customer_id]


def test_lomi_stays_away_for_a_while(shop: Shop, lomi_sandbox: Sandbox, lomi_client: LomiClient) -> None:
    lomi_sandbox.drop("after_commit", route="POST /customers")
    with lomi_sandbox.fail(503, times=None, route="GET"):
        assert shop.checkout("order-1", NAME, EMAIL) is None
        assert shop.checkout("order-1", NAME, EMAIL) is None
        assert shop.settle(older_than=0) == 1
    assert shop.settle(older_than=0) == 0
    assert registered(lomi_client) == [shop.customer_of(EMAIL)]


@pytest.mark.lomi_no_chaos
def test_somebody_is_still_at_it(shop: Shop, lomi_sandbox: Sandbox) -> None:
    lomi_sandbox.drop("after_commit", route="POST /customers")
    with lomi_sandbox.fail(503, times=None, route="GET"):
        assert shop.checkout("order-1", NAME, EMAIL) is None
    asked = len(lomi_sandbox.requests)
    assert shop.settle() == 1
    assert len(lomi_sandbox.requests) == asked


def test_the_machine_dies_before_it_can_note_the_answer(
    lomi_client: LomiClient, database: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    create: Any = lomi_client.customers.create

    def create_and_die(**fields: Any) -> Customer:
        with contextlib.suppress(LomiError):
            create(**fields)
        raise SystemExit

    monkeypatch.setattr(lomi_client.customers, "create", create_and_die)
    shop = Shop(lomi_client, database)
    with pytest.raises(SystemExit):
        shop.checkout("order-1", NAME, EMAIL)
    monkeypatch.undo()
    customer_id = buy(Shop(lomi_client, database), "order-1")
    assert registered(lomi_client) == [customer_id]
