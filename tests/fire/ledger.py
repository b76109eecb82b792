"""Random histories of money in the sandbox: after each step everything adds up, to the hundredth of a franc."""

from __future__ import annotations

import multiprocessing
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from lomi import LomiAPIError, LomiClient
from lomi.sandbox import LedgerEntry, Merchant, Sandbox

from .figures import Figure, experiment

__all__ = ["KINDS", "Action", "Player", "histories", "random_history"]

KINDS = ("pay", "pay", "refund", "refund", "refund_at_fault", "payout", "payout", "fail_payout", "advance", "advance")
LONGEST = 24
ACCOUNTS = ("available", "held", "payers", "fees", "paid_out", "opening", "unrecorded")
CAPTURED = {"completed", "refunded"}
Books = dict[tuple[str, str, str], Decimal]
CURRENCIES: Any = ("XOF", "EUR", "USD")
PROVIDERS: Any = ("STRIPE", "WAVE", "WAVE", "MTN")


class Action(NamedTuple):
    """One step of a history; the numbers choose among what there is."""

    kind: str
    who: int
    what: int
    how: int


class Holder(NamedTuple):
    """One merchant in one environment: its client, a customer of its own, and its payout methods."""

    merchant_id: str
    environment: str
    client: LomiClient
    customer: str
    methods: dict[str, str]


class Player:
    """Plays histories in one sandbox, from the same beginning each."""

    def __init__(self, *, fees: bool) -> None:
        self.fees = fees
        self.sandbox = Sandbox(seed=1, customers=0, fees=fees)
        other = self.sandbox.merchant(balances={"XOF": 0, "EUR": 1_000_000, "USD": 5})
        self.holders = [self._holder(None), self._holder(other), self._holder(None, live=True)]
        for currency in CURRENCIES:
            self.sandbox.pay(self.holders[-1].customer, 30_000, currency)
        self.beginning = self.sandbox.snapshot()
        self.outcomes: Counter[str] = Counter()
        self.steps = 0

    def _holder(self, merchant: Merchant | None, *, live: bool = False) -> Holder:
        sandbox = self.sandbox
        environment: Any = "live" if live else "test"
        [customer] = sandbox.seed(customers=1, merchant=merchant, environment=environment)
        kinds: Any = ("bank", "spi", "wave")
        methods = {kind: sandbox.payout_method(kind, merchant=merchant) for kind in kinds}
        key = sandbox.live_key(merchant) if live else sandbox.api_key if merchant is None else merchant.api_key
        id = sandbox.merchant_id if merchant is None else merchant.id
        return Holder(id, environment, sandbox.client(api_key=key, max_retries=0), customer, methods)

    def play(self, actions: Sequence[Action]) -> None:
        """Play a history and check the books after each step; AssertionError if they are wrong."""
        sandbox = self.sandbox
        sandbox.restore(self.beginning)
        sandbox.clear_faults()
        books: Books = {}
        # Four days at the end, in which every payout settles or fails.
        for action in [*actions, Action("advance", 0, 0, 3)]:
            books = self._check(action, self._take(action), books)
            self.steps += 1
        held = [each for each in sandbox.ledger() if each.account == "held"]
        assert sum(each.amount for each in held) == 0, "a payout never settled"

    # Steps

    def _take(self, action: Action) -> str:
        """Take a step; return what came of it."""
        outcome = "done"
        try:
            getattr(self, f"_{action.kind}")(self.holders[action.who % len(self.holders)], action.what, action.how)
        except LomiAPIError as error:
            outcome = str(error.status_code)
        self.outcomes[f"{action.kind} {outcome}"] += 1
        return outcome

    def _pay(self, holder: Holder, what: int, how: int) -> None:
        currency, provider = CURRENCIES[what % 3], PROVIDERS[how % 4]
        status = "pending" if how % 7 == 0 else "completed"
        self.sandbox.pay(holder.customer, 1 + what * 37, currency, provider=provider, status=status)

    def _refund(self, holder: Holder, what: int, how: int) -> None:
        paid = self._objects("transactions", holder)
        if not paid:
            return
        chosen = paid[what % len(paid)]
        gross = Decimal(repr(chosen["gross_amount"]))
        unit = Decimal(1) if chosen["currency_code"] == "XOF" else Decimal("0.01")
        share = (gross * (how % 11) / 10).quantize(unit, ROUND_HALF_UP)
        kind: Any = (None, None, None, "partial", "full")[how % 5]
        fields: Any = {} if kind is None else {"refund_type": kind}
        holder.client.refunds.create(transaction_id=chosen["transaction_id"], amount=max(share, unit), **fields)

    def _refund_at_fault(self, holder: Holder, what: int, how: int) -> None:
        faults: list[tuple[str, dict[str, Any]]] = [
            ("lose_refund", {}),
            ("refuse_refund", {}),
            ("hold_refund", {"seconds": 3600}),
            ("hold_refund", {"seconds": 7200, "status": "failed"}),
        ]
        name, options = faults[how % 4]
        with self.sandbox.inject(name, **options):
            self._refund(holder, what, how // 4)

    def _payout(self, holder: Holder, what: int, how: int) -> None:
        currency = CURRENCIES[what % 3]
        rail: Any = ("bank", "spi", "wave")[how % 3]
        # A fee of a refund can have left a fraction of a franc, which `money` refuses.
        available = Decimal(holder.client.accounts.get_balance(currency=currency)[0].balance or 0)
        share = (available * (1 + how % 12) / 10).quantize(
            Decimal(1) if currency == "XOF" else Decimal("0.01"), ROUND_HALF_UP
        )
        method: Any = {"payout_method_id": holder.methods[rail]}
        holder.client.payouts.create(
            destination="self", rail=rail, amount=max(share, Decimal(1)), currency_code=currency, **method
        )

    def _fail_payout(self, holder: Holder, what: int, how: int) -> None:
        made = self._objects("payouts", holder)
        if made and how % 3 == 0:
            with suppress(ValueError):  # it has settled
                self.sandbox.fail_payout(made[what % len(made)]["payout_id"])

    def _advance(self, _: Holder, what: int, how: int) -> None:
        self.sandbox.clock.advance(**{("minutes", "hours", "hours", "days")[how % 4]: 4 if how == 3 else 1 + what % 30})

    def _objects(self, type: str, holder: Holder) -> list[Any]:
        return _of(holder, self.sandbox.objects(type))

    # The books

    def _check(self, action: Action, outcome: str, before: Books) -> Books:
        """Compare the ledger with what the API shows of every payment, refund and payout; return the balances."""
        entries = self.sandbox.ledger()
        _check_movements(entries)
        sums: defaultdict[tuple[str, str, str, str], Decimal] = defaultdict(Decimal)
        for each in entries:
            sums[each.merchant_id, each.environment, each.currency_code, each.account] += each.amount
        refunds: defaultdict[Any, list[Any]] = defaultdict(list)
        for refund in self.sandbox.objects("refunds"):
            if refund["status"] != "failed":
                refunds[refund["transaction_id"]].append(refund)
        transactions, withdrawals = self.sandbox.objects("transactions"), self.sandbox.objects("payouts")
        after: Books = {}
        for holder in self.holders:
            payments = [each for each in _of(holder, transactions) if each["status"] in CAPTURED]
            payouts = [each for each in _of(holder, withdrawals) if each["status"] != "failed"]
            for currency in CURRENCIES:
                book = {name: sums[holder.merchant_id, holder.environment, currency, name] for name in ACCOUNTS}
                paid = [each for each in payments if each["currency_code"] == currency]
                made = [each for payment in paid for each in refunds[payment["transaction_id"]]]
                sent = [Decimal(repr(each["amount"])) for each in payouts if each["currency_code"] == currency]
                self._check_book(book, paid, made, sent)
                after[holder.merchant_id, holder.environment, currency] = book["available"]
            for payment in payments:
                _check_payment(payment, refunds[payment["transaction_id"]])
        acting = self.holders[action.who % len(self.holders)]
        for shown in acting.client.accounts.get_balance():
            assert shown.balance == after[acting.merchant_id, acting.environment, str(shown.currency_code)]
        fell = {key for key, balance in after.items() if balance < min(Decimal(), before.get(key, balance))}
        # A payout never takes a balance below zero; a refund may, also when its record is repaired in time.
        assert not fell or action.kind in {"refund", "refund_at_fault", "advance"}, (fell, outcome)
        return after

    def _check_book(self, book: dict[str, Decimal], paid: list[Any], made: list[Any], sent: list[Decimal]) -> None:
        lost = _total(made, "refunded_amount", lost=True)
        returned = _total(made, "refunded_amount")
        gross, net = _total(paid, "gross_amount"), _total(paid, "net_amount")
        assert book["payers"] == returned + lost - gross
        assert book["unrecorded"] == -lost
        outflow = book["held"] + book["paid_out"]
        assert book["held"] >= 0
        assert book["paid_out"] >= 0
        assert book["fees"] >= 0
        assert sum(book.values()) == 0
        rest = -book["opening"] + net - returned - _total(made, "fee_amount") - book["available"]
        if self.fees:
            assert outflow + book["fees"] - (gross - net) - _total(made, "fee_amount") == rest >= sum(sent)
        else:
            assert book["fees"] == 0
            assert outflow == rest == sum(sent)


def _of(holder: Holder, objects: Sequence[Any]) -> list[Any]:
    """Return the payments or payouts of a holder."""
    own = {holder.customer, *holder.methods.values()}
    return [each for each in objects if (each.get("payout_method_id") or each.get("customer_id")) in own]


def _total(objects: list[Any], name: str, *, lost: bool = False) -> Decimal:
    """Return the sum over objects; over the refunds whose record failed if `lost`, else over the others."""
    return sum((Decimal(repr(each[name])) for each in objects if (each["status"] == "unrecorded") == lost), Decimal())


def _check_movements(entries: Sequence[LedgerEntry]) -> None:
    movements: defaultdict[str, Decimal] = defaultdict(Decimal)
    books: defaultdict[str, set[tuple[str, str, str]]] = defaultdict(set)
    for each in entries:
        movements[each.movement] += each.amount
        books[each.movement].add((each.merchant_id, each.environment, each.currency_code))
    assert not any(movements.values()), "a movement does not sum to zero"
    assert all(len(each) == 1 for each in books.values()), "a movement is in two books"


def _check_payment(payment: Any, refunds: list[Any]) -> None:
    returned = sum(Decimal(repr(each["refunded_amount"])) for each in refunds)
    gross = Decimal(repr(payment["gross_amount"]))
    assert returned <= gross, "more was refunded than was paid"
    completed = [each for each in refunds if each["status"] == "completed"]
    if len(completed) == len(refunds) and returned == gross:
        assert payment["status"] == "refunded"
    if not completed:
        assert payment["status"] == "completed"


def random_history(chance: random.Random) -> list[Action]:
    """Return a history of 1 to 24 steps."""
    steps = range(chance.randint(1, LONGEST))
    return [Action(chance.choice(KINDS), *(chance.randrange(1000) for _ in range(3))) for _ in steps]


def _play(part: tuple[bool, int, int]) -> tuple[int, int, list[str]]:
    """Play histories in a process of its own; return the steps, those that were accepted, and what was wrong."""
    fees, first, count = part
    player, failed = Player(fees=fees), list[str]()
    for number in range(first, first + count):
        try:
            player.play(random_history(random.Random(number)))
        except AssertionError as error:
            failed.append(f"history {number}: {error}")
    done = sum(times for name, times in player.outcomes.items() if name.endswith(" done"))
    return player.steps, done, failed


@experiment("ledger", short=False)
def histories(long: bool) -> Iterator[Figure]:
    """Payments, refunds, payouts and time in random order, in three currencies, with and without fees."""
    count = 10_000 if long else 100
    share = count // 4
    parts = [(fees, number * share, share) for number, fees in enumerate((False, True, False, True))]
    with ProcessPoolExecutor(len(parts), multiprocessing.get_context("spawn")) as pool:
        played = list(pool.map(_play, parts))
    steps, done = sum(each[0] for each in played), sum(each[1] for each in played)
    failed = [each for _, _, failures in played for each in failures]
    yield Figure(
        f"{count:,} random histories of payments, refunds, payouts, faults and time in the sandbox: after each step every "
        "movement sums to zero, every balance is the sum of its entries, no payment is refunded beyond its amount",
        f"{steps:,} steps, {done:,} of them accepted, {len(failed)} histories wrong" + "".join(failed[:1]),
        not failed,
    )
