"""A small shop that registers each buyer with lomi. once: with lost answers, double clicks and crashes too.

What keeps it from registering somebody twice is in `_register`: what is about to be sent is written down first, and
what lomi. did not answer is looked up before anything is sent again.
"""

from __future__ import annotations

import sqlite3
import time
import uuid

from lomi import Customer, LomiClient, LomiError, LomiNotFoundError

SCHEMA = """
CREATE TABLE IF NOT EXISTS buyers (
    email TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    reference TEXT NOT NULL UNIQUE,       -- what the customer is called at lomi., before it has an id
    state TEXT NOT NULL DEFAULT 'new',    -- 'new': nothing is there; 'sent': it may be; 'known': it is
    sent_at REAL,
    customer_id TEXT
);
CREATE TABLE IF NOT EXISTS orders (
    number TEXT PRIMARY KEY,
    email TEXT NOT NULL REFERENCES buyers
);
"""


class Shop:
    """Takes orders, and knows its buyers' ids at lomi."""

    def __init__(self, lomi: LomiClient, database: sqlite3.Connection) -> None:
        self._lomi = lomi
        self._database = database
        database.executescript(SCHEMA)

    def checkout(self, order: str, name: str, email: str) -> str | None:
        """Take an order, once; return its buyer's id at lomi., or None as long as nobody knows it (see `settle`).

        Raises:
            LomiError: lomi. has surely not registered the buyer: the same checkout may be tried again.
        """
        with self._database:
            self._database.execute(
                "INSERT OR IGNORE INTO buyers (email, name, reference) VALUES (?, ?, ?)",
                (email, name, uuid.uuid4().hex),
            )
            self._database.execute("INSERT OR IGNORE INTO orders (number, email) VALUES (?, ?)", (order, email))
        self._register(email)
        return self.customer_of(email)

    def customer_of(self, email: str) -> str | None:
        """Return a buyer's id at lomi., or None."""
        row = self._database.execute("SELECT customer_id FROM buyers WHERE email = ?", (email,)).fetchone()
        return row[0] if row else None

    def settle(self, older_than: float = 120.0) -> int:
        """Find out what became of buyers whose registration was cut short; return how many are still open.

        Run it at start-up and every few minutes. What does not exist is registered by the next checkout.

        Args:
            older_than: Seconds since it was sent; above the client's timeout, so that nobody is still at it.
        """
        open_ones = self._database.execute(
            "SELECT email, reference FROM buyers WHERE state = 'sent' AND sent_at <= ?", (time.time() - older_than,)
        ).fetchall()
        for email, reference in open_ones:
            try:
                self._note(email, self._find(email, reference))
            except LomiError:
                continue  # lomi. does not answer now: next time
        row = self._database.execute("SELECT count(*) FROM buyers WHERE state = 'sent'").fetchone()
        return int(row[0])

    def _register(self, email: str) -> None:
        with self._database:
            claimed = self._database.execute(
                "UPDATE buyers SET state = 'sent', sent_at = ? WHERE email = ? AND state = 'new'", (time.time(), email)
            )
        if claimed.rowcount == 0:
            return  # known already, or another checkout is at it
        name, reference = self._database.execute(
            "SELECT name, reference FROM buyers WHERE email = ?", (email,)
        ).fetchone()
        try:
            customer = self._lomi.customers.create(name=name, email=email, reference=reference)
        except LomiError as error:
            if error.outcome == "unknown":
                self._look_up(email, error)
            else:
                self._note(email, None)
                raise
        else:
            self._note(email, customer)

    def _look_up(self, email: str, error: LomiError) -> None:
        """Ask whether a registration that nobody answered has happened."""
        try:
            customer = self._lomi.customers.reconcile(error)
        except LomiError:
            return  # it stays 'sent', and `settle` asks again
        self._note(email, customer)
        if customer is None:
            raise error

    def _find(self, email: str, reference: str) -> Customer | None:
        """Look for a registration that this process knows nothing of, since another one sent it."""
        for listed in self._lomi.customers.list(search=email):
            try:
                customer = self._lomi.customers.get(listed.id)  # a listing does not show metadata
            except LomiNotFoundError:
                continue
            if (customer.metadata or {}).get("lomi_reference") == reference:
                return customer
        return None

    def _note(self, email: str, customer: Customer | None) -> None:
        state, customer_id = ("known", customer.id) if customer else ("new", None)
        with self._database:
            self._database.execute(
                "UPDATE buyers SET state = ?, customer_id = ? WHERE email = ?", (state, customer_id, email)
            )
