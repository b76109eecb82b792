"""The ledger: every movement of money is a set of entries that sums to zero, and a balance is a sum of entries.

Each merchant has a book for each environment and currency, with these accounts:

    available    what the merchant can pay out: its balance
    held         payouts that have not settled
    payers       what payers have paid, less what they got back; below zero
    fees         what lomi. has earned
    paid_out     what has reached bank accounts and beneficiaries
    opening      what was there before the first movement; below zero
    unrecorded   refunds that a provider has sent and whose record failed; below zero

Amounts are whole hundredths of the smallest unit, see `amounts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from . import amounts
from .engine import Engine
from .store import Record, Store, Values, by

AVAILABLE: Final = "available"
HELD: Final = "held"
PAYERS: Final = "payers"
FEES: Final = "fees"
PAID_OUT: Final = "paid_out"
OPENING: Final = "opening"
UNRECORDED: Final = "unrecorded"

# The fixed plan: fee_subcategory, percentage and fixed amount in XOF and in any other currency, in major units.
CARD_FEES: Final = ("cards", "4.5", "250", "0.4")
MOBILE_FEES: Final = ("mobile_money", "2.9", "200", "0")


class Book(NamedTuple):
    """What a merchant has in one environment and currency."""

    owner: str
    environment: str
    currency_code: str

    @classmethod
    def of(cls, record: Record) -> Book:
        """Return the book that an object with a `currency_code` moves."""
        return cls(record.owner, record.environment, str(record["currency_code"]))


def post(engine: Engine, book: Book, movement: str, entries: Mapping[str, int]) -> bool:
    """Book a movement, such as `payment/ID`, and return whether it was new: each is booked once only.

    Raises:
        RuntimeError: The entries do not sum to zero.
    """
    if sum(entries.values()):
        raise RuntimeError(f"the entries of {movement} do not sum to zero")
    store = engine.store
    if store.rows("SELECT 1 FROM entries WHERE movement = ? LIMIT 1", movement):
        return False
    open_account(engine, book)
    for account, amount in entries.items():
        store.run(
            "INSERT INTO entries (movement, owner, environment, currency_code, account, amount, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            *(movement, *book, account, amount, engine.now),
        )
    return True


def balance(store: Store, book: Book, account: str = AVAILABLE) -> int:
    """Return the sum of an account's entries."""
    where = "owner = ? AND environment = ? AND currency_code = ? AND account = ?"
    return int(store.row(f"SELECT coalesce(sum(amount), 0) AS n FROM entries WHERE {where}", *book, account)["n"])


def find_account(engine: Engine, book: Book) -> Record | None:
    """Return the account that the API shows for a book, or None if it was never opened."""
    return next(iter(engine.store.select("accounts", *by(**book._asdict()))), None)


def open_account(engine: Engine, book: Book) -> Record:
    """Return the account of a book, opened if need be, as changed now."""
    account = find_account(engine, book)
    if account is None:
        body: Values = {"currency_code": book.currency_code}
        return engine.create("accounts", body, owner=book.owner, environment=book.environment)
    engine.save(account)
    return account


def open_with(engine: Engine, book: Book, amount: int) -> None:
    """Open the account of a book with a balance."""
    account = open_account(engine, book)
    post(engine, book, f"opening/{account.id}", {OPENING: -amount, AVAILABLE: amount})


def capture(engine: Engine, transaction: Record) -> bool:
    """Book a payment that completes, and return whether it was new.

    The payer's gross amount becomes net amount and fee, which are set in the transaction's body; storing the body is
    left to the caller, as in the effect of a step. A payment that completes a second time books and changes nothing.
    `resources.merchants.credit` does this and moves the merchant's figures.
    """
    book = Book.of(transaction)
    gross = amounts.exact(transaction["gross_amount"], book.currency_code)
    name, fee = _payment_fee(engine, transaction, gross)
    if not post(engine, book, f"payment/{transaction.id}", {PAYERS: -gross, FEES: fee, AVAILABLE: gross - fee}):
        return False
    transaction.body["fee_amount"] = amounts.major(fee, book.currency_code)
    transaction.body["net_amount"] = amounts.major(gross - fee, book.currency_code)
    if fee:
        transaction.body.update(fee_name=name, fee_category="payment_processing", fee_subcategory=name)
    return True


def _payment_fee(engine: Engine, transaction: Record, gross: int) -> tuple[str, int]:
    by_card = transaction["payment_method_code"] == "CARDS"
    name, percentage, francs, other = CARD_FEES if by_card else MOBILE_FEES
    if not engine.fees:
        return name, 0
    currency = str(transaction["currency_code"])
    fixed = francs if currency in amounts.WITHOUT_DECIMALS else other
    return name, min(gross, amounts.fee(gross, currency, percentage, fixed))


def movement_of(record: Record, name: str) -> tuple[Book, int, int]:
    """Return what a refund or a payout moves: its book, the amount of that name, and its fee."""
    book = Book.of(record)
    amount, fee = (amounts.exact(record[each], book.currency_code) for each in (name, "fee_amount"))
    return book, amount, fee
