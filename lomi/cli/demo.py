"""``lomi-py demo``: every method of the client, against a sandbox on this machine."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from .connect import new_sandbox
from .output import line, money, show, table, timestamp

if TYPE_CHECKING:
    from .. import Customer, LomiClient
    from ..sandbox import Sandbox

__all__ = ["demo"]

PAYMENTS: Final = (
    (15_000, "XOF", "Order 2041: two cotton boubous"),
    (21_500, "XOF", "Order 2057: wax print, six yards"),
    (4_990, "USD", "Order 2063: shipped to Atlanta"),
)


def demo() -> None:
    """Show what the client can do, against a local sandbox. Needs no key and no network."""
    from .. import LomiClient

    # Key and URL are passed explicitly, so that the environment has no influence.
    with new_sandbox() as sandbox, sandbox.serve() as server, LomiClient(server.api_key, base_url=server.url) as client:
        show(line("A sandbox is running on ", (server.url, "cyan"), ": no key, no account, no network."))
        tour = _Tour(sandbox, client)
        _figures(tour, _customers(tour))
        _deletion(tour)
        show(f"\n{tour.requests} requests over a real socket in {tour.seconds * 1000:.0f} ms. Next steps:")
        show(line(("  lomi-py customers list --sandbox", "cyan"), "   the same data in a table"))
        show(line(("  lomi-py sandbox", "cyan"), "                    a server to develop against"))


class _Tour:
    """Runs lines of Python and prints each with its requests and how long it took."""

    def __init__(self, sandbox: Sandbox, client: LomiClient) -> None:
        self.sandbox = sandbox
        self.requests = 0
        self.seconds = 0.0
        self._names: dict[str, Any] = {"client": client, "merchant_id": sandbox.merchant_id}

    def section(self, title: str) -> None:
        show(line("\n", (title, "bold")))

    def run(self, code: str) -> Any:
        """Run one line, ``name = expression`` or an expression, and return its value."""
        name, _, expression = code.rpartition(" = ")
        before, started = len(self.sandbox.requests), time.perf_counter()
        try:
            self._names[name] = eval(expression, self._names)  # noqa: S307  # the lines are those of this file
        finally:
            seconds = time.perf_counter() - started
            sent = self.sandbox.requests[before:]
            self.requests += len(sent)
            self.seconds += seconds
            wire = f"{sent[0].route} → {sent[0].status}" if len(sent) == 1 else f"{len(sent)} requests"
            show(line("  ", (code, "cyan")), soft_wrap=True)
            show(line((f"  {wire}, {seconds * 1000:.0f} ms", "dim")), soft_wrap=True)
        return self._names[name]


def _customers(tour: _Tour) -> Customer:
    tour.section("1. Create a customer")
    fields = 'name="Awa Ndiaye", phone_number="+221771234567", city="Dakar"'
    tour.run(f"customer = client.customers.create({fields})")
    customer = tour.run("client.customers.get(customer.id)")
    names = ("id", "name", "phone_number", "city")
    created = ("created_at", timestamp(customer.created_at))
    show(table(("field", "value"), [*((name, customer[name]) for name in names), created]))

    tour.section("2. Find her again")
    page = tour.run('client.customers.list(search="awa", type="individual", page_size=4)')
    rows: list[tuple[object, ...]] = [
        ("→" if each.id == customer.id else "", each.name, each.email) for each in page.customers
    ]
    at = page.pagination
    caption = f"page {at.page} of {at.total_pages}; {at.total_count} customers match"
    show(table(("", "name", "email"), rows, caption=caption))
    active = tour.run('sum(1 for _ in client.customers.list(status="active", page_size=25))')
    show(f"  {active} active customers on all pages, each exactly once.")

    tour.section("3. Update her: a new city, no phone number")
    updated: Customer = tour.run(
        'client.customers.update(customer.id, city="Thiès", phone_number=None, metadata={"vip": True})'
    )
    rows = [(name, customer[name], updated[name]) for name in ("name", "city", "phone_number", "metadata")]
    show(table(("field", "before", "now"), rows))
    return updated


def _figures(tour: _Tour, customer: Customer) -> None:
    tour.section("4. Read the merchant's figures, before and after three payments")
    before = tour.run('client.merchants.get_balance(merchant_id, currency_code="XOF")')
    for amount, currency, description in PAYMENTS:
        tour.sandbox.pay(customer, amount, currency, description=description)
    payments = tour.run("client.customers.get_transactions(customer.id)")
    rows = [(each.description, each.status, money(each.gross_amount, each.currency_code)) for each in payments]
    show(table(("description", "status", "amount"), rows, right=("amount",)))
    merchant = tour.run("client.merchants.get(merchant_id)")
    mrr = tour.run("client.merchants.get_mrr(merchant_id)")
    arr = tour.run("client.merchants.get_arr(merchant_id)")
    after = tour.run('client.merchants.get_balance(merchant_id, currency_code="XOF")')
    rows = [
        ("monthly recurring revenue", "", mrr.money),
        ("annual recurring revenue", "", arr.money),
        ("balance", before.money, after.money),
    ]
    columns = ("figure", "before", "now")
    show(table(columns, rows, right=columns[1:], title=f"{merchant.name} ({merchant.country})"))


def _deletion(tour: _Tour) -> None:
    from .. import LomiNotFoundError

    tour.section("5. Delete her")
    tour.run("client.customers.delete(customer.id)")
    try:
        tour.run("client.customers.get(customer.id)")
    except LomiNotFoundError as error:
        show(line("  ", (type(error).__name__, "yellow"), f": {error.message}"), soft_wrap=True)
