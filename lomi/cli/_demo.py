"""``python -m lomi demo``: a customer's whole life and the merchant's figures, against a sandbox on this machine."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeVar

from rich.console import Console

from .. import Customer, LomiClient, LomiNotFoundError, Money
from ._connect import served
from ._show import console, line, money, table, when

if TYPE_CHECKING:
    from ..sandbox import Sandbox

__all__ = ["demo"]

T = TypeVar("T")

CURRENCIES: Final = ("XOF", "USD", "EUR")
PAYMENTS: Final = (
    (15_000, "XOF", "Order 2041: two cotton boubous"),
    (21_500, "XOF", "Order 2057: wax print, six yards"),
    (4_990, "USD", "Order 2063: shipped to Atlanta"),
)


def demo() -> None:
    """Walk through a customer's whole life and a merchant's figures. Needs no key and no network."""
    from ..sandbox import Sandbox

    # Key and address are passed, so that those of the environment do not count; loopback is never sent to a proxy.
    with Sandbox() as sandbox, served(sandbox) as server, LomiClient(server.api_key, base_url=server.url) as client:
        out = console()
        out.print(line("A lomi. server answers on ", (server.url, "cyan"), ": no key, no account, no network."))
        tour = _Tour(out, sandbox)
        before = _balances(client, sandbox.merchant_id)
        customer = _arrives(tour, client)
        _is_found(tour, client, customer)
        _changes(tour, client, customer)
        _pays(tour, client, customer)
        _figures(tour, client, before)
        _leaves(tour, client, customer)
        out.print(f"\n{tour.calls} requests over a real socket in {tour.seconds * 1000:.0f} ms. Go on with:")
        out.print(line(("  python -m lomi customers list --sandbox", "cyan"), "   the same from a shell"))
        out.print(line(("  python -m lomi sandbox", "cyan"), "                    a server to write code against"))


class _Tour:
    """Prints each call as the line of Python that makes it, what went over the wire and how long it took."""

    def __init__(self, out: Console, sandbox: Sandbox) -> None:
        self.out = out
        self.sandbox = sandbox
        self.calls = 0
        self.seconds = 0.0

    def begin(self, title: str) -> None:
        """Begin a part."""
        self.out.print(line("\n", (title, "bold")))

    def call(self, code: str, make: Callable[[], T]) -> T:
        """Make a call and print it."""
        count = len(self.sandbox.requests)
        began = time.perf_counter()
        try:
            return make()
        finally:
            seconds = time.perf_counter() - began
            sent = self.sandbox.requests[count:]
            self.calls += len(sent)
            self.seconds += seconds
            wire = f"{sent[0].method} {sent[0].route} → {sent[0].status}" if len(sent) == 1 else f"{len(sent)} requests"
            self.out.print(line("  ", (code, "cyan")), soft_wrap=True)
            self.out.print(line((f"  {wire}, {seconds * 1000:.0f} ms", "dim")), soft_wrap=True)


def _arrives(tour: _Tour, client: LomiClient) -> Customer:
    tour.begin("1. Awa becomes a customer")
    customer = tour.call(
        'customer = client.customers.create(name="Awa Ndiaye", email="awa.ndiaye@example.com", …)',
        lambda: client.customers.create(
            name="Awa Ndiaye",
            email="awa.ndiaye@example.com",
            phone_number="+221771234567",
            country="Senegal",
            city="Dakar",
            metadata={"internal_id": "USER_2041"},
        ),
    )
    same = tour.call("client.customers.get(customer.id)", lambda: client.customers.get(customer.id))
    names = ("id", "name", "email", "phone_number", "city", "country", "metadata")
    rows = [*((name, same[name]) for name in names), ("created_at", when(same.created_at))]
    tour.out.print(table(("field", "value"), rows))
    return customer


def _is_found(tour: _Tour, client: LomiClient, customer: Customer) -> None:
    tour.begin("2. She is found again")
    page = tour.call(
        'client.customers.list(search="awa", type="individual", page_size=4)',
        lambda: client.customers.list(search="awa", type="individual", page_size=4),
    )
    rows = [("→" if each.id == customer.id else "", each.name, each.email) for each in page.customers]
    tour.out.print(table(("", "name", "email"), rows))
    at = page.pagination
    tour.out.print(f"  Page {at.page} of {at.total_pages}; {at.total_count} customers match.")
    everybody = tour.call(
        'for customer in client.customers.list(status="active", page_size=25): …',
        lambda: sum(1 for _ in client.customers.list(status="active", page_size=25)),
    )
    tour.out.print(f"  Every page walked: {everybody} active customers, each exactly once.")


def _changes(tour: _Tour, client: LomiClient, customer: Customer) -> None:
    tour.begin("3. She moves, and gives up her phone")
    updated = tour.call(
        'client.customers.update(customer.id, city="Thiès", phone_number=None, metadata={"vip": True})',
        lambda: client.customers.update(customer.id, city="Thiès", phone_number=None, metadata={"vip": True}),
    )
    rows = [(name, customer[name], updated[name]) for name in ("name", "city", "phone_number", "metadata")]
    tour.out.print(table(("field", "before", "now"), rows))


def _pays(tour: _Tour, client: LomiClient, customer: Customer) -> None:
    tour.begin("4. She pays, three times")
    for amount, currency, description in PAYMENTS:
        tour.sandbox.pay(customer, amount, currency, description=description)
    transactions = tour.call(
        "client.customers.get_transactions(customer.id)", lambda: client.customers.get_transactions(customer.id)
    )
    rows = [(each.description, each.status, money(each, each.gross_amount)) for each in transactions]
    tour.out.print(table(("description", "status", "amount"), rows, right=("amount",)))


def _figures(tour: _Tour, client: LomiClient, before: dict[str, Money]) -> None:
    tour.begin("5. The merchant's figures")
    id = tour.sandbox.merchant_id
    merchant = tour.call("client.merchants.get(merchant_id)", lambda: client.merchants.get(id))
    mrr = tour.call("client.merchants.get_mrr(merchant_id)", lambda: client.merchants.get_mrr(id))
    arr = tour.call("client.merchants.get_arr(merchant_id)", lambda: client.merchants.get_arr(id))
    balances = tour.call(
        'client.merchants.get_balance(merchant_id, currency_code="XOF")   # then USD, EUR',
        lambda: _balances(client, id),
    )
    rows: list[tuple[str, object, object]] = [
        ("monthly recurring revenue", "", money(mrr, mrr.mrr)),
        ("annual recurring revenue", "", money(arr, arr.arr)),
        *((f"balance in {currency}", before[currency], balance) for currency, balance in balances.items()),
    ]
    columns = ("figure", "before she paid", "now")
    tour.out.print(table(columns, rows, right=columns[1:], title=f"{merchant.name} ({merchant.country})"))


def _leaves(tour: _Tour, client: LomiClient, customer: Customer) -> None:
    tour.begin("6. She leaves")
    tour.call("client.customers.delete(customer.id)", lambda: client.customers.delete(customer.id))
    try:
        tour.call("client.customers.get(customer.id)", lambda: client.customers.get(customer.id))
    except LomiNotFoundError as error:
        tour.out.print(line("  ", (type(error).__name__, "yellow"), f": {error.message}"), soft_wrap=True)


def _balances(client: LomiClient, merchant_id: str) -> dict[str, Money]:
    return {code: client.merchants.get_balance(merchant_id, currency_code=code).money for code in CURRENCIES}
