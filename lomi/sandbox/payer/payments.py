"""What a sandbox lets a test do about payments."""

from __future__ import annotations

from typing import Any, Final, Literal

from ..checks import require, require_amount, require_currency, require_text
from ..engine import Engine
from ..paying import HOLD, HasId, find_customer
from ..resources.checkout_sessions import INVOICE_LIFETIME, opened
from ..store import Values
from .payer import NOUNS, Payer

# What the id of something that can be paid is called.
ID_NAMES: Final = ("checkout_session_id", "link_id", "request_id", "transaction_id", "id")


class Payments:
    """Whoever pays in a sandbox."""

    _engine: Engine

    def payer(self, subject: object) -> Payer:
        """Return someone who can pay, decline or leave what a merchant's program has created.

        Args:
            subject: A checkout session, a payment link, a payment request, a charge, an invoice that blocks a session;
                or its id, or the address of its page.

        Raises:
            LookupError: There is no such thing in the sandbox.
            ValueError: It is nothing that can be paid.

        Examples:
            >>> session = client.checkout_sessions.create(amount=5000, currency_code="XOF")
            >>> sandbox.payer(session).pay("WAVE").status
            'completed'
        """
        invoice: Any = getattr(subject, "blocking_invoice", None)
        text: Any = subject if invoice is None else invoice.checkout_url
        for name in ID_NAMES if not isinstance(text, str) else ():
            text = getattr(subject, name, text)
            if isinstance(text, str):
                break
        require(isinstance(text, str), "a payer pays a session, a link, a request or a charge, or its id", subject)
        id = text.rstrip("/").rpartition("/")[2]
        with self._engine.lock:
            self._engine.catch_up(self._engine.now)
            for type in NOUNS:
                if self._engine.store.find(type, id) is not None:
                    return Payer(self._engine, type, id)
        raise LookupError("there is nothing to pay with that id in this sandbox")

    @property
    def mobile_money(self) -> Literal["completes", "waits"]:
        """What becomes of a charge by Wave or MTN; may be set at any time.

        `completes`: it is completed when it is created, as with a test key on the server. `waits`: it is pending until
        the payer acts, as in live mode, and expires after a day: the way to all that test mode cannot provoke.
        """
        with self._engine.lock:
            return "waits" if self._engine.store.setting(HOLD) else "completes"

    @mobile_money.setter
    def mobile_money(self, flow: Literal["completes", "waits"]) -> None:
        require(flow in ("completes", "waits"), 'mobile_money is "completes" or "waits"', flow)
        with self._engine.lock:
            self._engine.store.set_setting(HOLD, int(flow == "waits"))

    def invoice(
        self, customer: str | HasId, amount: float, currency_code: str = "XOF", *, number: str | None = "F-0001"
    ) -> Payer:
        """Leave a customer with an unpaid invoice, and return its payer.

        Until it is paid, `checkout_sessions.create` for this customer responds with the invoice, not with a session.

        Args:
            customer: A customer, or the id of one.
            amount: What is left to pay, in major units, above 0.
            currency_code: Three upper-case letters.
            number: What is printed on it, or None.

        Raises:
            LookupError: There is no such customer.
            ValueError: The amount, the currency or the number is invalid.
        """
        require_currency(currency_code)
        require_amount(amount, currency_code)
        require_text("number", number, optional=True)
        engine = self._engine
        with engine.lock, engine.store.transaction():
            payer = find_customer(engine, customer)
            to = {"owner": payer.owner, "environment": payer.environment}
            body: Values = {"customer_id": payer.id, "amount": amount, "currency_code": currency_code}
            invoice = engine.create("invoices", {**body, "invoice_number": number}, **to)
            body.update(title=number, quantity=1, invoice_id=invoice.id, metadata={"payment_flow": "invoice_payment"})
            session = engine.create("checkout_sessions", opened(engine, payer.owner, body, INVOICE_LIFETIME), **to)
            invoice.body["checkout_session_id"] = session.id
            engine.save(invoice)
        return Payer(engine, "checkout_sessions", session.id)
