"""What a test makes happen to a merchant's money, and the ledger that it looks at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal

from . import amounts
from .actions import Actions, Merchant
from .checks import require_bool, require_one_of
from .clock import to_datetime

MethodKind = Literal["bank", "spi", "wave", "mtn"]
METHOD_KINDS: Final = ("bank", "spi", "wave", "mtn")


@dataclass(frozen=True)
class LedgerEntry:
    """One entry of the ledger. The entries of a movement sum to zero.

    Attributes:
        movement: What moved the money: `payment/ID`, `refund/ID`, `payout/ID` or `opening/ID`; where an object moves
            money more than once, what it was as well, such as `payout/ID/settled`.
        account: `available` is the merchant's balance, `held` is in payouts that have not settled. The others are the
            other side: `payers`, `fees`, `paid_out`, `opening`, and `unrecorded` for refunds whose record failed.
        amount: The change of the account, in major units, exact.
        currency_code: The currency.
        merchant_id: Whose money it is.
        environment: `test` or `live`.
        at: When; aware, UTC.
    """

    movement: str
    account: str
    amount: Decimal
    currency_code: str
    merchant_id: str
    environment: str
    at: datetime


class Bookkeeping(Actions):
    """Payout methods, live data, payouts that fail, and the ledger."""

    def ledger(self, merchant: Merchant | None = None) -> tuple[LedgerEntry, ...]:
        """Return every entry of the ledger, the oldest first.

        A balance is the sum of the entries of its account, and there is no other record of it.

        Args:
            merchant: Whose; None is every merchant.

        Raises:
            LookupError: There is no such merchant.
        """
        engine = self._engine
        with engine.lock:
            engine.catch_up(engine.now)
            owner = None if merchant is None else self._known_merchant(merchant)
            rows = engine.store.rows("SELECT * FROM entries WHERE ? IN (owner, '') ORDER BY number", owner or "")
        return tuple(
            LedgerEntry(
                movement=row["movement"],
                account=row["account"],
                amount=amounts.decimal(row["amount"], row["currency_code"]),
                currency_code=row["currency_code"],
                merchant_id=row["owner"],
                environment=row["environment"],
                at=to_datetime(row["created_at"]),
            )
            for row in rows
        )

    def payout_method(
        self, kind: MethodKind = "bank", *, verified: bool = True, merchant: Merchant | None = None
    ) -> str:
        """Register a payout method, as a merchant does on the dashboard, and return its id.

        Args:
            kind: `bank`, `spi` (a bank account that instant payments reach as well), `wave` or `mtn`.
            verified: False for a bank account that waits for approval.
            merchant: Whose; None is the merchant that the sandbox starts with.

        Raises:
            LookupError: There is no such merchant.
            ValueError: There is no such kind.
        """
        require_one_of("kind", kind, METHOD_KINDS)
        require_bool("verified", verified)
        engine = self._engine
        with engine.lock:
            owner = self._known_merchant(merchant)
            return engine.create("payout_methods", {"kind": kind, "verified": verified}, owner=owner).id

    def fail_payout(self, payout_id: str) -> None:
        """Let a payout fail that has not settled yet: the money returns to the balance.

        Raises:
            LookupError: There is no such payout.
            ValueError: It has failed or settled already.
        """
        engine = self._engine
        with engine.lock, engine.at(engine.now):
            engine.catch_up(engine.now)
            payout = engine.store.find("payouts", payout_id)
            if payout is None:
                raise LookupError("there is no such payout in this sandbox")
            if payout.status == "failed" or payout["settles_at"] is None:
                raise ValueError("the payout has failed or settled already")
            engine.step(payout, "failed")

    def live_key(self, merchant: Merchant | None = None) -> str:
        """Return a test key that sees live data and pays out live balances, as a live key would.

        The sandbox refuses real live keys; this is for what the API does in live only, such as payouts by Wave.

        Args:
            merchant: Whose; None is the merchant that the sandbox starts with.

        Raises:
            LookupError: There is no such merchant.
        """
        engine = self._engine
        with engine.lock:
            owner = self._known_merchant(merchant)
            key = f"lomi_sk_test_live_{engine.ids.make('key', engine.store.next_number('keys')).replace('-', '')}"
            return engine.create("keys", {}, owner=owner, environment="live", id=key).id
