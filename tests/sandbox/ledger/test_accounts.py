"""Accounts, whose balances are sums of the ledger; and the ledger itself."""

from __future__ import annotations

from decimal import Decimal

import httpx
import pytest

import lomi
from lomi import LomiClient
from lomi.sandbox import Sandbox

from .conftest import Payer

UNKNOWN = "00000000-0000-4000-8000-000000000000"


def ask(sandbox: Sandbox, path: str) -> httpx.Response:
    with httpx.Client(transport=sandbox.transport(), base_url=sandbox.base_url) as plain:
        return plain.get(path, headers={"X-API-KEY": sandbox.api_key})


def test_accounts_are_listed_in_major_units(client: LomiClient, sandbox: Sandbox) -> None:
    accounts = list(client.accounts.list())
    assert {str(each["balance"]) for each in sandbox.objects("accounts")} == {"250000", "1050", "482.5"}
    assert {str(each.money) for each in accounts} == {"250 000 XOF", "1 050.00 USD", "482.50 EUR"}
    assert client.accounts.get(accounts[0].account_id) == accounts[0]
    assert (accounts[0].is_spi_account, accounts[0].spi_account_number) == (False, None)
    with sandbox.client(api_key=sandbox.merchant(balances={}).api_key) as theirs:
        assert list(theirs.accounts.list()) == []
        for id in (accounts[0].account_id, UNKNOWN):
            with pytest.raises(lomi.LomiNotFoundError, match=f"Account with ID {id} not found"):
                theirs.accounts.get(id)
    assert ask(sandbox, "/accounts/x").status_code == 500


def test_the_balances(client: LomiClient, sandbox: Sandbox, payer: Payer) -> None:
    assert [str(each.money) for each in client.accounts.get_balance()] == ["250 000 XOF", "1 050.00 USD", "482.50 EUR"]
    moment = sandbox.clock.advance(days=1)
    payer.pay(1999, "EUR")
    [balance] = client.accounts.get_balance(currency="EUR")
    assert str(balance.money) == "502.49 EUR"
    assert balance.last_updated is not None
    assert balance.last_updated >= moment
    # Merchants show the same in the smallest unit.
    assert client.merchants.get_balance(sandbox.merchant_id, currency_code="EUR").balance == 50_249
    answer = ask(sandbox, "/accounts/balance?currency=GBP")
    assert (answer.status_code, answer.json()["error"]["message"]) == (404, "No account found for currency GBP.")


def test_a_merchant_without_accounts(sandbox: Sandbox) -> None:
    with sandbox.client(api_key=sandbox.merchant(balances={}).api_key) as client:
        assert client.accounts.get_balance() == []
        with pytest.raises(lomi.LomiNotFoundError, match="No accounts found"):
            client.accounts.get_balance_breakdown()
        with pytest.raises(lomi.LomiResponseError):
            client.accounts.check_balance("XOF")


def test_the_breakdown_converts(client: LomiClient, sandbox: Sandbox, payer: Payer) -> None:
    payer.pay(25_000)
    payer.pay(7, "GNF")
    by_currency = {each.currency_code: each for each in client.accounts.get_balance_breakdown(target_currency="EUR")}
    francs = by_currency["XOF"]
    assert (francs.available_balance, francs.pending_balance, francs.unavailable_balance) == (275_000, 0, 0)
    assert (francs.target_currency, str(francs.converted_money)) == ("EUR", "419.23 EUR")
    assert by_currency["GNF"].converted_total_balance is None
    assert by_currency["EUR"].converted_total_balance == by_currency["EUR"].total_balance
    plain = client.accounts.get_balance_breakdown()[0]
    assert (plain.target_currency, plain.converted_available_balance) == (None, None)
    assert ask(sandbox, "/accounts/balance/breakdown?target_currency=GBP").status_code == 500


def test_the_check_is_a_number_as_text(client: LomiClient, sandbox: Sandbox) -> None:
    answer = ask(sandbox, "/accounts/balance/check/USD")
    assert (answer.status_code, answer.text) == (200, "1050")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert str(client.accounts.check_balance("USD").money) == "1 050.00 USD"
    assert ask(sandbox, "/accounts/balance/check/GBP").status_code == 500
    sandbox.dialect = "docs"
    assert client.accounts.check_balance("USD").has_sufficient_balance
    with sandbox.client(api_key=sandbox.merchant(balances={}).api_key) as theirs:
        assert theirs.accounts.check_balance("USD").available_balance == 0


def test_test_and_live_apart(client: LomiClient, sandbox: Sandbox) -> None:
    [customer] = sandbox.seed(customers=1, environment="live")
    sandbox.pay(customer, 5000)
    sandbox.seed(customers=1, transactions=8, environment="live")
    with sandbox.client(api_key=sandbox.live_key()) as live:
        amounts = {str(each.currency_code): each.balance for each in live.accounts.get_balance()}
    entries = [each for each in sandbox.ledger() if each.environment == "live" and each.account == "available"]
    for currency, balance in amounts.items():
        assert sum(each.amount for each in entries if each.currency_code == currency) == balance
    assert str(client.accounts.get_balance(currency="XOF")[0].money) == "250 000 XOF"
    # The list of accounts mixes them, as on the server.
    assert len(list(client.accounts.list())) == 3 + len(amounts)


def test_the_ledger_shows_a_payment(sandbox: Sandbox, payer: Payer) -> None:
    other = sandbox.merchant(balances={"EUR": 5})
    paid = payer.pay(1999, "EUR")
    entries = [each for each in sandbox.ledger() if each.movement == f"payment/{paid}"]
    assert [(each.account, each.amount) for each in entries] == [
        ("payers", Decimal("-19.99")),
        ("fees", 0),
        ("available", Decimal("19.99")),
    ]
    assert {(each.currency_code, each.merchant_id, each.environment) for each in entries} == {
        ("EUR", sandbox.merchant_id, "test")
    }
    assert entries[0].at <= sandbox.clock.now()
    assert [(each.account, each.amount) for each in sandbox.ledger(other)] == [
        ("opening", Decimal("-0.05")),
        ("available", Decimal("0.05")),
    ]
    with pytest.raises(LookupError, match="no such merchant"):
        sandbox.ledger(lomi.sandbox.Merchant("x", "y", "z", "k"))


def test_planted_payments_are_in_the_ledger() -> None:
    with Sandbox(seed=1) as sandbox, sandbox.client() as client:
        paid = {str(each["transaction_id"]) for each in sandbox.objects("transactions", status="completed")}
        booked = {each.movement.removeprefix("payment/") for each in sandbox.ledger() if "payment/" in each.movement}
        assert paid == booked
        assert str(client.accounts.get_balance(currency="XOF")[0].money) == "250 000 XOF"


def test_a_snapshot_holds_the_ledger(client: LomiClient, sandbox: Sandbox, payer: Payer) -> None:
    snapshot, before = sandbox.snapshot(), sandbox.ledger()
    payer.pay(5)
    assert len(sandbox.ledger()) > len(before)
    sandbox.restore(snapshot)
    assert sandbox.ledger() == before
    sandbox.reset()
    assert str(client.accounts.get_balance(currency="XOF")[0].money) == "250 000 XOF"
