"""``lomi-py demo``: the life of a payment, against a sandbox on this machine."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from .connect import new_sandbox
from .output import line, show, table

if TYPE_CHECKING:
    from .. import LomiClient
    from ..sandbox import Sandbox
    from ..webhooks import Event

__all__ = ["demo"]

ORDER: Final = '{"amount": 24_500, "currency_code": "XOF", "customer_phone": "+221771234567"}'


def demo() -> None:
    """Show the life of a payment, against a local sandbox. Needs no key and no network."""
    from .. import LomiClient

    # Key and URL are passed explicitly, so that the environment has no influence.
    with new_sandbox() as sandbox, sandbox.serve() as server, LomiClient(server.api_key, base_url=server.url) as client:
        show(line("A sandbox is running on ", (server.url, "cyan"), ": no key, no account, no network."))
        tour = _Tour(sandbox, client)
        opening = sandbox.ledger()
        _pay(tour)
        _lose_a_refund(tour)
        _balance(tour, len(opening))
        show(f"\n{tour.requests} requests over a real socket in {tour.seconds * 1000:.0f} ms. Next steps:")
        show(
            line(
                ("  lomi-py sandbox", "cyan"), "                    a server to develop against, with a page to pay on"
            )
        )
        show(line(("  lomi-py customers list --sandbox", "cyan"), "   its customers in a table"))


class _Tour:
    """Runs lines of Python and prints each with its requests and how long it took."""

    def __init__(self, sandbox: Sandbox, client: LomiClient) -> None:
        self.sandbox = sandbox
        self.requests = 0
        self.seconds = 0.0
        self.names: dict[str, Any] = {"client": client, "sandbox": sandbox}

    def section(self, title: str) -> None:
        show(line("\n", (title, "bold")))

    def run(self, code: str) -> Any:
        """Run one line, ``name = expression`` or an expression, and return its value."""
        name, _, expression = code.rpartition(" = ")
        before, started = len(self.sandbox.requests), time.perf_counter()
        try:
            self.names[name] = eval(expression, self.names)  # noqa: S307  # the lines are those of this file
        finally:
            seconds = time.perf_counter() - started
            sent = self.sandbox.requests[before:]
            self.requests += len(sent)
            show(line("  ", (code, "cyan")), soft_wrap=True)
            for request in sent:
                self.seconds += seconds / len(sent)
                result = request.status or "the response is lost"
                show(line((f"  {request.route} → {result}, {seconds / len(sent) * 1000:.0f} ms", "dim")))
        return self.names[name]


def _pay(tour: _Tour) -> None:
    events: list[Event] = []

    def receive(body: bytes, headers: Mapping[str, str]) -> int:
        from ..webhooks import parse

        events.append(parse(body, headers, endpoint.secret))
        return 200

    endpoint = tour.sandbox.webhooks.add(receive)
    tour.section("1. Open a checkout session, and send the payer to its page")
    tour.run(f"order = {ORDER}")
    session = tour.run("session = client.checkout_sessions.create(order)")
    show(table(("amount", "checkout_url"), [(session.money, session.checkout_url)]))

    tour.section("2. The payer is declined, tries again, and pays")
    for code in ('sandbox.payer(session).decline("insufficient_funds")', 'paid = sandbox.payer(session).pay("WAVE")'):
        show(f"  the payment is {tour.run(code).status}")
    session_now = tour.run("client.checkout_sessions.get(session.checkout_session_id)")
    show(f"  the session is {session_now.status}; is_paid: {session_now.is_paid(session.money)}")

    tour.section("3. Your endpoint has been notified; webhooks.parse has verified each signature")
    rows = [(each.event, each.dedupe_key) for each in events]
    show(table(("event", "dedupe_key"), rows))


def _lose_a_refund(tour: _Tour) -> None:
    from .. import LomiConnectionError
    from ..money import Money

    tour.section("4. Refund a part. The connection breaks before the response arrives: did it happen?")
    tour.sandbox.drop("after_commit", route="POST /refunds")
    try:
        tour.run("client.refunds.create(transaction_id=paid.transaction_id, amount=4_500)")
    except LomiConnectionError as error:
        show(line("  ", (type(error).__name__, "yellow"), f': error.outcome is "{error.outcome}"'))
        tour.names["error"] = error
    found = tour.run("client.refunds.reconcile(error)")
    refunded = Money.from_decimal(found.object.refunded_amount, "XOF")
    show(line("  ", (type(found).__name__, "green"), f": {refunded}, {found.object.status}"))
    show(f"  still refundable: {tour.run('client.transactions.get_refundable(paid.transaction_id)')}")


def _balance(tour: _Tour, opened: int) -> None:
    from ..money import Money

    tour.section("5. The balance adds up")
    [balance] = tour.run('client.accounts.get_balance(currency="XOF")')
    moved = [each for each in tour.sandbox.ledger()[opened:] if each.account == "available"]
    rows = [(each.movement.partition("/")[0], Money.from_decimal(each.amount, "XOF")) for each in moved]
    total = sum((amount for _, amount in rows), Money(0, "XOF"))
    show(table(("", "amount"), [("before", balance.money - total), *rows, ("now", balance.money)], right=("amount",)))
