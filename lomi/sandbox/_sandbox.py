from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from . import _seed
from ._app import LIVE, App
from ._checks import LARGEST, as_json, demand, is_number, is_text, is_whole
from ._clock import Clock, Ticking
from ._dialects import Deployed, Dialect, DialectName, Docs, Values
from ._faults import FaultControls
from ._http import JsonValue, Request, Response
from ._log import RecordedRequest, RequestLog
from ._resources import RESOURCES
from ._routes import Router
from ._serve import Server
from ._store import Dump, Identifiers, SqlValue, Store
from ._throttle import Throttle
from ._transactions import show

if TYPE_CHECKING:
    import httpx
    from typing_extensions import Self

    from lomi import AsyncLomiClient, LomiClient

# Reserved never to exist: a client that got away from its transport reaches nobody.
BASE_URL: Final = "https://lomi-sandbox.invalid"


class HasId(Protocol):
    """Anything with an `id`, such as a customer."""

    @property
    def id(self) -> str: ...


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


@dataclass(frozen=True, repr=False)
class Snapshot:
    """Everything a sandbox held at one moment; made by `snapshot`, taken by `restore`."""

    dump: Dump
    clock: int


class Sandbox(FaultControls):
    """A local lomi. server with data of its own.

    Args:
        dialect: `docs` answers what the vendor's pages promise, `server` what the deployed server was seen to
            answer.
        data: A file to keep the data in; it is made if there is none, else goes on where it was left.
            Default: memory.
        seed: Makes ids and times the same in every run; the clock then stands still but for 1 ms a request.
            Default: random ids, and this machine's time.
        customers: How many customers a new sandbox starts with, 0 or more.
        api_key: The test key of its merchant. Default: `lomi_sk_test_sandbox`, or what the data file knows.
        rate_limit: Requests that one route takes from one address in a window.
        rate_window: The window, in seconds.
        vendor_examples: Whether the server dialect, too, knows the customer of the pages' examples by the id
            `cus_abc123...`; the docs dialect always does.

    Raises:
        ValueError: An argument is out of its range, a key looks live, or `data` is no file of a sandbox.
    """

    def __init__(
        self,
        dialect: DialectName = "docs",
        *,
        data: str | os.PathLike[str] | None = None,
        seed: int | None = None,
        customers: int = _seed.CUSTOMERS,
        api_key: str | None = None,
        rate_limit: int = 5000,
        rate_window: float = 900.0,
        vendor_examples: bool = False,
    ) -> None:
        demand(is_whole(customers, 0), "customers is a whole number, 0 or more", customers)
        demand(seed is None or is_whole(seed), "seed is a whole number, or None", seed)
        self._vendor_examples = vendor_examples
        self._customers = customers
        self._servers: set[Server] = set()
        self._asked_key = None if api_key is None else _test_key(api_key)
        routes = [route for resource in RESOURCES for route in resource.routes]
        throttle = Throttle(rate_limit, rate_window)
        super().__init__(routes, throttle, seed)
        chosen = self._dialect_named(dialect)
        path = None if data is None else str(Path(data))
        self._store = Store(path, "".join(resource.schema for resource in RESOURCES))
        self._ids = Identifiers(seed)
        self._log = RequestLog()
        self._clock = Ticking(frozen=seed is not None, moved=self._remember_clock)
        self.clock: Clock = self._clock
        self._app = App(
            self._store,
            self._clock,
            self._ids,
            Router(routes),
            throttle,
            self._log,
            chosen,
            self._orders_left,
        )
        try:
            with self._store.lock:
                self._fill()
        except ValueError:
            self._store.close()
            raise

    @property
    def dialect(self) -> DialectName:
        """The dialect that is spoken; may be set at any time, the data stays."""
        return self._app.dialect.name

    @dialect.setter
    def dialect(self, name: DialectName) -> None:
        self._app.dialect = self._dialect_named(name)

    @property
    def base_url(self) -> str:
        """The base URL for a client that uses `transport()`: a name that exists nowhere."""
        return BASE_URL

    @property
    def merchant_id(self) -> str:
        """The id of the merchant that the sandbox starts with."""
        return _seed.MERCHANT_ID

    @property
    def api_key(self) -> str:
        """The test key of the merchant that the sandbox starts with."""
        return self._api_key

    @property
    def requests(self) -> tuple[RecordedRequest, ...]:
        """What was received, the oldest first, keys and tokens masked; the last 10,000, or 16 MiB of text."""
        with self._store.lock:
            return self._log.entries()

    def handle(self, request: Request) -> Response:
        """Answer one request: what every way in comes down to."""
        return self._app.handle(request)

    def transport(self) -> httpx.BaseTransport:
        """Return a transport for an `httpx.Client` of your own: the sandbox without a socket.

        Faults raise what a real connection would: `httpx.RemoteProtocolError`, `httpx.ReadTimeout`.
        """
        from ._transport import SandboxTransport

        return SandboxTransport(self.handle)

    def async_transport(self) -> httpx.AsyncBaseTransport:
        """Return a transport for an `httpx.AsyncClient` of your own, under asyncio or trio."""
        from ._transport import AsyncSandboxTransport

        return AsyncSandboxTransport(self.handle)

    def client(
        self,
        *,
        api_key: str | None = None,
        account: str | None = None,
        timeout: float | None = 60.0,
        max_retries: int = 2,
    ) -> LomiClient:
        """Return a `LomiClient` that talks to this sandbox without a socket.

        Args:
            api_key: Default: the key of the merchant that the sandbox starts with.
            account: Act for this account; None for the merchant itself.
            timeout: Seconds for a whole call; None waits for ever.
            max_retries: How often a call is tried again, 0 or more.
        """
        import httpx

        from lomi import LomiClient

        return LomiClient(
            api_key=self.api_key if api_key is None else api_key,
            base_url=self.base_url,
            account=account,
            timeout=timeout,
            max_retries=max_retries,
            http_client=httpx.Client(transport=self.transport(), trust_env=False),
        )

    def async_client(
        self,
        *,
        api_key: str | None = None,
        account: str | None = None,
        timeout: float | None = 60.0,
        max_retries: int = 2,
    ) -> AsyncLomiClient:
        """Return an `AsyncLomiClient` that talks to this sandbox without a socket.

        Args:
            api_key: Default: the key of the merchant that the sandbox starts with.
            account: Act for this account; None for the merchant itself.
            timeout: Seconds for a whole call; None waits for ever.
            max_retries: How often a call is tried again, 0 or more.
        """
        import httpx

        from lomi import AsyncLomiClient

        return AsyncLomiClient(
            api_key=self.api_key if api_key is None else api_key,
            base_url=self.base_url,
            account=account,
            timeout=timeout,
            max_retries=max_retries,
            http_client=httpx.AsyncClient(transport=self.async_transport(), trust_env=False),
        )

    def serve(self, port: int = 0, *, host: str = "127.0.0.1") -> Server:
        """Serve over HTTP in a thread of its own, and return the running `Server`.

        Args:
            port: 0 takes a free one.
            host: `127.0.0.1`, `::1` or `localhost`.

        Raises:
            ImportError: uvicorn is not there; `pip install "lomi[sandbox]"` brings it.
            OSError: The port is taken.
            RuntimeError: The sandbox is closed.
            ValueError: The host is not this machine's loopback, or there is no such port.
        """
        self._store.check_open()
        demand(is_whole(port, 0, 65535), "port is 0 to 65535, a whole number", port)
        server = Server(self, port=port, host=host)
        self._servers.add(server)
        return server

    def throttle(self, limit: int = 5000, window: float = 900.0) -> None:
        """Set how many requests one route takes from one address, and start counting anew.

        Args:
            limit: Requests in a window, 1 or more.
            window: Seconds, above 0.
        """
        with self._store.lock:
            self._throttle.set(limit, window)

    def seed(
        self,
        *,
        customers: int = 0,
        transactions: int = 0,
        merchant: Merchant | None = None,
        environment: Literal["test", "live"] = "test",
    ) -> list[str]:
        """Add customers and transactions, and return the ids of the new customers, the oldest first.

        Transactions go to the new customers in turn; without new ones, to those that are there. The completed
        ones move the balances and the lifetime value.

        Args:
            customers: How many, 0 or more.
            transactions: How many, 0 or more.
            merchant: Whose; None is the merchant that the sandbox starts with.
            environment: `live` makes customers that a test key finds by id only, as on the server.

        Raises:
            LookupError: There is no such merchant, or it was before `reset` or `restore`.
            ValueError: An argument is out of its range, or there are transactions and nobody to make them.
        """
        demand(is_whole(customers, 0), "customers is a whole number, 0 or more", customers)
        demand(is_whole(transactions, 0), "transactions is a whole number, 0 or more", transactions)
        demand(environment in ("test", "live"), 'environment is "test" or "live"', environment)
        store = self._store
        with store.lock, store.transaction():
            owner = self.merchant_id if merchant is None else self._known_merchant(merchant)
            now = self._clock.micros()
            added = _seed.add_customers(store, self._ids, owner, environment, customers, now, 0)
            payers = added or [
                row["customer_id"]
                for row in store.rows(
                    "SELECT customer_id FROM customers"
                    " WHERE merchant_id = ? AND environment = ? AND deleted_at IS NULL ORDER BY number",
                    owner,
                    environment,
                )
            ]
            if transactions:
                if not payers:
                    raise ValueError("there is no customer to make the transactions")
                first = store.next_number("transactions")
                _seed.add_transactions(store, self._ids, owner, environment, transactions, payers, now, 0)
                _seed.count_transactions(store, owner)
                for row in store.rows(
                    "SELECT currency_code, sum(gross_amount) AS total FROM transactions"
                    " WHERE number >= ? AND status = 'completed' GROUP BY currency_code",
                    first,
                ):
                    self._credit(owner, row["total"], row["currency_code"], now, recurring=False)
            return [self._app.dialect.show_id("cus", identifier) for identifier in added]

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
            ValueError: The key looks live, is no test key, or belongs to somebody; a currency, an amount or
                metadata cannot be.
        """
        demand(is_text(name), "name is a text", name)
        demand(is_text(country), "country is a text", country)
        demand(email is None or is_text(email), "email is a text, or None", email)
        demand(phone_number is None or is_text(phone_number), "phone_number is a text, or None", phone_number)
        accounts = {currency_code: 0} if balances is None else dict(balances)
        amounts = {"lifetime_value": lifetime_value, **{f"balances[{code!r}]": held for code, held in accounts.items()}}
        amounts.update((figure, value) for figure, value in (("mrr", mrr), ("arr", arr)) if value is not None)
        for field_, amount in amounts.items():
            demand(is_number(amount, -LARGEST), f"{field_} is an amount, an int or a float", amount)
        for code in (currency_code, *accounts):
            _demand_currency(code)
        demand(
            not isinstance(capabilities, str) and all(map(is_text, capabilities)),
            'capabilities are several, such as ["customer.read"]',
            capabilities,
        )
        described = as_json("metadata", metadata or {})
        store = self._store
        with store.lock, store.transaction():
            now = self._clock.micros()
            number = store.next_number("merchants")
            identifier = self._ids.make("merchant", number)
            key = f"lomi_sk_test_{identifier.replace('-', '')}" if api_key is None else _test_key(api_key)
            if store.find("SELECT 1 FROM keys WHERE key = ?", key) is not None:
                raise ValueError("the key belongs to another merchant of the sandbox")
            operator = None if account_of is None else self._known_merchant(account_of)
            made = Merchant(
                identifier,
                self._ids.make("organization", number),
                name,
                key,
                None if operator is None else f"acct_{identifier.replace('-', '')}",
            )
            store.insert(
                "merchants",
                {
                    "number": number,
                    "merchant_id": made.id,
                    "organization_id": made.organization_id,
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
                    "metadata": described,
                    "account": made.account,
                    "operator": operator,
                    "capabilities": json.dumps(list(capabilities)),
                    "created_at": now,
                    "updated_at": now,
                },
            )
            store.insert("keys", {"key": key, "merchant_id": made.id, "environment": "test"})
            for currency, balance in accounts.items():
                store.insert(
                    "balances",
                    {
                        "merchant_id": made.id,
                        "currency_code": currency,
                        "balance": balance,
                        "updated_at": now,
                    },
                )
        return made

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
    ) -> Values:
        """Let a customer pay, and return the transaction as the API shows it.

        A completed payment is added to the merchant's balance in that currency, and to its lifetime value
        where that is the merchant's own currency. Any other status only leaves the transaction.

        Args:
            customer: A customer, or the id of one.
            amount: In the smallest unit of the currency: an int, or a float for a fraction of one, above 0.
            currency_code: Three upper-case letters.
            status: `completed`, `pending`, `failed`, `refunded`, or whatever the test is about.
            description: What was bought.
            recurring: Whether it comes every month, and is added to MRR and, twelve times, to ARR.
            metadata: Any JSON object.

        Raises:
            LookupError: There is no such customer.
            ValueError: The amount is not above 0, the currency is not three upper-case letters, or a text or the
                metadata cannot be sent as JSON.
        """
        demand(
            is_number(amount, 0) and amount > 0, f"amount is above 0 and at most {LARGEST:,}, an int or a float", amount
        )
        _demand_currency(currency_code)
        demand(is_text(status), "status is a text", status)
        demand(is_text(description), "description is a text", description)
        described = None if metadata is None else as_json("metadata", metadata)
        store, dialect = self._store, self._app.dialect
        with store.lock, store.transaction():
            payer = store.find(
                "SELECT * FROM customers WHERE customer_id = ? AND deleted_at IS NULL",
                self._customer_id(customer),
            )
            if payer is None:
                raise LookupError("there is no such customer")
            now = self._clock.micros()
            number = store.next_number("transactions")
            store.insert(
                "transactions",
                {
                    "number": number,
                    "transaction_id": self._ids.make("transaction", number),
                    "customer_id": payer["customer_id"],
                    "merchant_id": payer["merchant_id"],
                    "environment": payer["environment"],
                    "status": status,
                    "gross_amount": amount,
                    "currency_code": currency_code,
                    "description": description,
                    "metadata": described,
                    "payment_method_code": "WAVE",
                    "provider_code": "WAVE",
                    "recurring": int(recurring),
                    "created_at": now,
                },
            )
            store.run("UPDATE customers SET paid = paid + 1 WHERE customer_id = ?", payer["customer_id"])
            if status == "completed":
                self._credit(payer["merchant_id"], amount, currency_code, now, recurring=recurring)
            return show(dialect, store.row("SELECT * FROM transactions WHERE number = ?", number))

    def snapshot(self) -> Snapshot:
        """Return all data and the time, for `restore`; not the faults, the throttling and the request log."""
        with self._store.lock:
            return Snapshot(self._store.dump(), self._clock.setting)

    def restore(self, snapshot: Snapshot) -> None:
        """Put data and time back to what they were."""
        with self._store.lock:
            self._store.load(snapshot.dump)
            self._take_key()
            self._clock.setting = snapshot.clock

    def reset(self) -> None:
        """Start over: the first data and time, no faults, nothing throttled, an empty request log.

        The dialect and the limits of throttling stay as they are.
        """
        with self._store.lock:
            self._forget_orders()
            self._throttle.clear()
            self._log.clear()
            self._store.clear()
            self._clock.reset()
            self._ids.reset()
            self._fill()

    def close(self) -> None:
        """Close its servers and the database. Harmless the second time.

        A sandbox that is not served and just dropped is closed as well.
        """
        for server in [*self._servers]:
            server.close()
        with self._store.lock:
            self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Sandbox {self.dialect} {self._store.path or 'in memory'}>"

    def _dialect_named(self, name: str) -> Dialect:
        if name == "docs":
            return Docs()
        if name == "server":
            return Deployed(vendor_examples=self._vendor_examples)
        raise ValueError('dialect is "docs" or "server"')

    def _fill(self) -> None:
        """Plant the first data, unless the file has its own; go on from the time it knows."""
        store = self._store
        if store.find("SELECT 1 FROM merchants") is None:
            with store.transaction():
                key = self._asked_key or _seed.DEFAULT_API_KEY
                _seed.plant(store, self._ids, key, self._customers, self._clock.micros())
        self._take_key()
        kept = store.setting("clock")
        if kept is not None:
            self._clock.setting = kept
        if self._clock.frozen:
            latest = store.row(
                "SELECT max(t) AS t FROM (SELECT max(updated_at) AS t FROM customers UNION ALL"
                " SELECT max(created_at) FROM transactions UNION ALL SELECT max(updated_at) FROM merchants)"
            )["t"]
            self._clock.setting = max(self._clock.setting, latest)

    def _take_key(self) -> None:
        """Learn the key of the merchant that is always there, or add the one that was asked for to its keys."""
        store = self._store
        if self._asked_key is not None:
            store.run(
                "INSERT INTO keys (key, merchant_id, environment) VALUES (?, ?, 'test') ON CONFLICT DO NOTHING",
                self._asked_key,
                self.merchant_id,
            )
            if store.row("SELECT * FROM keys WHERE key = ?", self._asked_key)["merchant_id"] != self.merchant_id:
                raise ValueError("api_key belongs to another merchant of the data file; take another")
        first = store.row("SELECT key FROM keys WHERE merchant_id = ? ORDER BY number", self.merchant_id)["key"]
        self._api_key: str = self._asked_key or first

    def _known_merchant(self, merchant: Merchant | str) -> str:
        """The id of a merchant that is there."""
        identifier = merchant.id if isinstance(merchant, Merchant) else merchant
        if self._store.find("SELECT 1 FROM merchants WHERE merchant_id = ?", identifier) is None:
            raise LookupError("there is no such merchant in this sandbox")
        return identifier

    def _remember_clock(self, setting: int) -> None:
        with self._store.lock:
            self._store.set_setting("clock", setting)

    def _credit(self, merchant_id: str, amount: float, currency_code: str, now: int, *, recurring: bool) -> None:
        store = self._store
        store.run(
            "INSERT INTO balances (merchant_id, currency_code, balance, updated_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (merchant_id, currency_code)"
            " DO UPDATE SET balance = balance + excluded.balance, updated_at = excluded.updated_at",
            merchant_id,
            currency_code,
            amount,
            now,
        )
        monthly: SqlValue = amount if recurring else 0
        store.run(
            "UPDATE merchants SET merchant_lifetime_value = merchant_lifetime_value + ?, mrr = mrr + ?,"
            " arr = arr + 12 * ?, updated_at = ? WHERE merchant_id = ? AND currency_code = ?",
            amount,
            monthly,
            monthly,
            now,
            merchant_id,
            currency_code,
        )

    def _customer_id(self, customer: str | HasId) -> str | None:
        """Of either dialect, so that a test may switch in between."""
        text: Any = getattr(customer, "id", customer)
        demand(isinstance(text, str), "customer is a customer, or the id of one", customer)
        return Docs().read_id("cus", text) or text.lower()


def _test_key(key: object) -> str:
    # Whatever it is, it is not repeated: it may be a secret.
    if str(key).lower().startswith(LIVE):
        raise ValueError("a sandbox takes no key that looks live")
    if not isinstance(key, str) or re.fullmatch(r"lomi_sk_test_[!-~]+", key) is None:
        raise ValueError("a test key starts with lomi_sk_test_ and has no spaces")
    return key


def _demand_currency(code: object) -> None:
    demand(
        isinstance(code, str) and re.fullmatch(r"[A-Z]{3}", code) is not None,
        "a currency code is three upper-case letters",
        code,
    )
