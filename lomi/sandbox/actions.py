"""What a test makes happen: customers, merchants, payments, webhooks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from . import seed
from .amounts import exact, to_major
from .api import LIVE, Api
from .checks import (
    LARGEST,
    is_number,
    is_text,
    require,
    require_amount,
    require_bool,
    require_count,
    require_currency,
    require_json,
    require_one_of,
    require_text,
)
from .engine import Engine
from .http import JsonValue
from .ledger import Book, open_with
from .paying import HasId, find_customer, transaction_body
from .resource import View
from .resources.merchants import credit
from .resources.transactions import LISTED, STATUSES, TRANSACTIONS
from .store import Values, by
from .webhooks import EVENTS


@dataclass(frozen=True)
class Merchant:
    """A merchant of the sandbox.

    Attributes:
        id: The merchant id, a UUID in both dialects.
        organization_id: The organization that its customers belong to.
        name: The display name.
        api_key: Its test key.
        account: What to send as `Lomi-Account`; None unless it was made with `account_of`.
    """

    id: str
    organization_id: str
    name: str
    api_key: str = field(repr=False)
    account: str | None = None


class Actions:
    """What a test makes happen in a sandbox, behind the API's back."""

    _engine: Engine
    _api: Api

    @property
    def merchant_id(self) -> str:
        """The id of the merchant that the sandbox starts with."""
        return seed.MERCHANT_ID

    def seed(
        self,
        *,
        customers: int = 0,
        transactions: int = 0,
        merchant: Merchant | None = None,
        environment: Literal["test", "live"] = "test",
    ) -> list[str]:
        """Add customers and transactions, and return the ids of the new customers, the oldest first.

        Transactions go to the new customers in turn; without new ones, to the existing ones. The completed
        ones move the balances and the lifetime value.

        Args:
            customers: How many, 0 or more.
            transactions: How many, 0 or more.
            merchant: Whose; None is the merchant that the sandbox starts with.
            environment: `live` makes customers that a test key finds by id only, as on the server.

        Raises:
            LookupError: There is no such merchant, or it was before `reset` or `restore`.
            ValueError: An argument is out of range, or there is no customer to make the transactions.
        """
        require_count("customers", customers)
        require_count("transactions", transactions)
        require(environment in ("test", "live"), 'environment is "test" or "live"', environment)
        engine = self._engine
        with engine.lock, engine.store.transaction():
            owner = self._known_merchant(merchant)
            now = engine.clock.micros()
            added = seed.add_customers(engine, owner, environment, customers, now, 0)
            if transactions:
                found = engine.store.select("customers", *by(owner=owner, environment=environment))
                payers = added or [each.id for each in found]
                if not payers:
                    raise ValueError("there is no customer to make the transactions")
                made = seed.add_transactions(*(engine, owner, environment, transactions, added or payers[::-1], now, 0))
                for each in made:
                    if each.status == "completed":
                        credit(engine, each)
                        engine.store.save(each)
            return [self._api.dialect.show_id("cus", identifier) for identifier in added]

    def merchant(
        self,
        name: str = "Another Merchant",
        *,
        email: str | None = None,
        phone_number: str | None = None,
        country: str = "CI",
        currency_code: str = "XOF",
        mrr: float | None = 0,
        arr: float | None = 0,
        lifetime_value: float = 0,
        balances: Mapping[str, float] | None = None,
        metadata: Mapping[str, JsonValue] | None = None,
        api_key: str | None = None,
        account_of: Merchant | str | None = None,
        capabilities: Sequence[str] = ("customer.read", "customer.write"),
    ) -> Merchant:
        """Add a merchant with a key of its own, and return it.

        Args:
            name: The display name.
            email: An address, or None.
            phone_number: A number, or None.
            country: Two letters.
            currency_code: The currency of `mrr`, `arr` and `lifetime_value`.
            mrr: Monthly recurring revenue in the smallest unit; None: there is no such figure.
            arr: Annual recurring revenue, likewise.
            lifetime_value: What it has taken so far, in the smallest unit.
            balances: Currency code to amount in the smallest unit; empty: no account in any currency. Default:
                nothing in `currency_code`.
            metadata: Any JSON object.
            api_key: A test key; None makes one.
            account_of: The merchant, or its id, that may act for this one with `Lomi-Account`.
            capabilities: What that merchant may do.

        Raises:
            LookupError: The sandbox does not have the merchant that is to act for this one.
            ValueError: The key looks live, is not a test key, or belongs to another merchant; a currency, an amount or
                metadata is invalid.
        """
        require_text("name", name)
        require_text("country", country)
        require_text("email", email, optional=True)
        require_text("phone_number", phone_number, optional=True)
        accounts = {currency_code: 0} if balances is None else dict(balances)
        amounts = {"lifetime_value": lifetime_value, **{f"balances[{code!r}]": held for code, held in accounts.items()}}
        amounts.update((figure, value) for figure, value in (("mrr", mrr), ("arr", arr)) if value is not None)
        for figure, amount in amounts.items():
            require(is_number(amount, -LARGEST), f"{figure} is an amount, an int or a float", amount)
        for code in (currency_code, *accounts):
            require_currency(code)
        require(
            not isinstance(capabilities, str) and all(map(is_text, capabilities)),
            'capabilities are several, such as ["customer.read"]',
            capabilities,
        )
        require_json("metadata", metadata)
        body: Values = {
            "name": name,
            "email": email,
            "phone_number": phone_number,
            "country": country,
            "currency_code": currency_code,
            "mrr": mrr,
            "arr": arr,
            "merchant_lifetime_value": lifetime_value,
            "retry_payment_every": 3,
            "total_retries": 5,
            "metadata": dict(metadata or {}),
            "capabilities": list(capabilities),
        }
        with self._engine.lock, self._engine.store.transaction():
            return self._add_merchant(body, accounts, api_key, account_of)

    def pay(
        self,
        customer: str | HasId,
        amount: float,
        currency_code: str = "XOF",
        *,
        status: str = "completed",
        description: str = "Payment",
        recurring: bool = False,
        metadata: Mapping[str, JsonValue] | None = None,
        provider: Literal["WAVE", "ORANGE", "MTN", "STRIPE"] = "WAVE",
    ) -> Values:
        """Let a customer pay, and return the transaction as `GET /customers/{id}/transactions` shows it.

        A completed payment is added to the merchant's balance in that currency, and to its lifetime value
        where that is the merchant's own currency. Any other status only leaves the transaction. Webhooks are sent
        before this returns.

        Args:
            customer: A customer, or the id of one.
            amount: In the smallest unit of the currency: an int, or a float for a fraction of one, above 0.
            currency_code: Three upper-case letters.
            status: `pending`, `completed`, `failed`, `refunded` or `expired`.
            description: What was bought.
            recurring: Whether it comes every month, and is added to MRR and, twelve times, to ARR.
            metadata: Any JSON object.
            provider: Who carries it: `WAVE`, `ORANGE`, `MTN`, or `STRIPE` for a card. Only cards and Wave are refunded.

        Raises:
            LookupError: There is no such customer.
            ValueError: The amount is not above 0, or has a fraction in a currency without decimals; there is no such
                status; the currency is not three upper-case letters; a text or the metadata cannot be sent as JSON.
        """
        require_currency(currency_code)
        require_amount(amount, currency_code)
        require_one_of("status", status, STATUSES)
        require_text("description", description)
        require_bool("recurring", recurring)
        methods = {carrier: method for method, carrier in seed.METHODS}
        require_one_of("provider", provider, methods)
        require_json("metadata", metadata)
        engine = self._engine
        with engine.worker_held():
            with engine.lock, engine.at(engine.now):
                payer = find_customer(engine, customer)
                body = transaction_body(
                    *(payer.id, to_major(amount, currency_code), currency_code, provider, methods[provider]),
                    description=description,
                    metadata=None if metadata is None else dict(metadata),
                    recurring=recurring,
                )
                made = engine.create(
                    *("transactions", body), owner=payer.owner, environment=payer.environment, status=status
                )
            engine.outbox.deliver()
        return TRANSACTIONS.show(View(engine, self._api.dialect), made, LISTED)

    def _known_events(self) -> list[str]:
        declared = [step.event for each in self._api.resources for step in each.steps if step.event is not None]
        return list(dict.fromkeys((*EVENTS, *declared)))

    def _add_merchant(
        self, body: Values, accounts: Mapping[str, float], api_key: str | None, account_of: Merchant | str | None
    ) -> Merchant:
        """Add a merchant with its key and its accounts."""
        engine = self._engine
        number = engine.store.next_number("merchants")
        id, organization_id = engine.ids.make("merchant", number), engine.ids.make("organization", number)
        key = f"lomi_sk_test_{id.replace('-', '')}" if api_key is None else checked_key(api_key)
        if engine.store.find("keys", key) is not None:
            raise ValueError("the key belongs to another merchant of the sandbox")
        operator = None if account_of is None else self._known_merchant(account_of)
        account = None if operator is None else f"acct_{id.replace('-', '')}"
        body.update(organization_id=organization_id, account=account, operator=operator)
        engine.create("merchants", body, owner=id, id=id)
        engine.create("keys", {}, owner=id, id=key)
        for currency, balance in accounts.items():
            open_with(engine, Book(id, "test", currency), exact(to_major(balance, currency), currency))
        return Merchant(id, organization_id, str(body["name"]), key, account)

    def _known_merchant(self, merchant: Merchant | str | None) -> str:
        """Return the id of a merchant of this sandbox; None is the one that it starts with."""
        if merchant is None:
            return self.merchant_id
        id = merchant.id if isinstance(merchant, Merchant) else merchant
        if self._engine.store.find("merchants", id) is None:
            raise LookupError("there is no such merchant in this sandbox")
        return id


def checked_key(key: object) -> str:
    """Return a test key; ValueError if it is none. The key is not repeated: it may be a secret."""
    if str(key).lower().startswith(LIVE):
        raise ValueError("a sandbox takes no key that looks live")
    if not isinstance(key, str) or re.fullmatch(r"lomi_sk_test_[!-~]+", key) is None:
        raise ValueError("a test key starts with lomi_sk_test_ and has no spaces")
    return key
