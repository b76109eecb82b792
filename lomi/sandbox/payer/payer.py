"""What a payer does with a checkout session, a payment link, a payment request or a charge."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal, TypeAlias, get_args

from ..checks import is_text, is_whole, require
from ..engine import Engine, StateError
from ..paying import METHODS, Payment, find_payer, finish_card, try_card
from ..resources.checkout_sessions import LIFETIME, is_recurring, opened, page_url, price_amount
from ..resources.discount_coupons import apply_coupons, find_coupons
from ..resources.subscriptions import subscribe
from ..store import Record, Values, by
from .cards import find_card

Method: TypeAlias = Literal["WAVE", "MTN", "CARDS"]
"""How a payer pays."""
NOUNS: Final = {
    "checkout_sessions": "checkout session",
    "payment_links": "payment link",
    "payment_requests": "payment request",
    "charges": "charge",
    "transactions": "payment",
}
ENDED: Final = ("completed", "succeeded", "expired", "canceled", "refunded")
COPIED: Final = (
    *("title", "description", "currency_code", "product_id", "price_id", "allow_coupon_code", "allow_quantity"),
    *("success_url", "cancel_url", "customer_id"),
)
LINKS: Final = (*("product_id", "price_id", "subscription_id", "payment_link_id", "payment_request_id", "invoice_id"),)


@dataclass(frozen=True)
class Outcome:
    """What came of a payer's action.

    Attributes:
        status: Of the transaction, such as `completed` or `failed`; without one, of what is to be paid, such as `open`.
        transaction_id: The transaction; None if there is none.
        checkout_session_id: The session; None for a charge.
        url: Where the payer is sent, with the id of the session filled in; None: nowhere, the payer stays.
        reason: Why it was declined; None if it was not.
        needs_authentication: Whether the payer's bank asks for 3-D Secure: call `authenticate`.
    """

    status: str
    transaction_id: str | None = None
    checkout_session_id: str | None = None
    url: str | None = None
    reason: str | None = None
    needs_authentication: bool = False


class Payer:
    """Someone who pays, or does not; made by `Sandbox.payer`. Webhooks are sent before a method returns."""

    def __init__(self, engine: Engine, type: str, id: str, *, delivers: bool = True) -> None:
        self._engine = engine
        self._type = type
        self._id = id
        self._delivers = delivers
        self._session: str | None = None

    def open(self) -> Outcome:
        """Open the page, and return its address. Opening a payment link or request makes a checkout session.

        Raises:
            StateError: The link or the request can no longer be paid.
        """
        with self._acting():
            record = self._payable()
            session = record.type == "checkout_sessions"
            url = page_url(self._engine, record) if session else charge_url(self._engine, record)
            return Outcome(str(record.status), None, record.id if session else None, url)

    def pay(
        self,
        method: Method | None = None,
        *,
        card: str | None = None,
        quantity: int | None = None,
        coupons: Sequence[str] = (),
        authenticate: bool | None = True,
    ) -> Outcome:
        """Pay.

        Args:
            method: `WAVE`, `MTN` or `CARDS`. Default: `CARDS` with a card, the method of a charge, or else `WAVE`.
            card: The number of a test card, which decides what happens. Default: 4242 4242 4242 4242.
            quantity: How many, 1 or more, if the session lets the payer choose.
            coupons: Codes of discount coupons, if the session allows them.
            authenticate: Whether the payer passes 3-D Secure if the card asks for it; None leaves that open, for
                `authenticate()`.

        Raises:
            StateError: It is paid already, or can no longer be paid.
            ValueError: There is no such method or test card; a coupon cannot be used; the session has no choice of
                quantity or no coupons; the charge is paid in another way.
        """
        require(method is None or method in get_args(Method), "method is WAVE, MTN or CARDS", method)
        require(method in {None, "CARDS"} or card is None, "a card is for the method CARDS", method)
        require(quantity is None or is_whole(quantity, 1), "quantity is a whole number, 1 or more", quantity)
        require(not isinstance(coupons, str), 'coupons are several, such as ["SAVE10"]', coupons)
        require(authenticate in (True, False, None), "authenticate is True, False or None", authenticate)
        tested = find_card(card or "4242424242424242")
        with self._acting():
            record = self._payable()
            used = _method(record, method, card)
            free = record.type == "checkout_sessions" and not self._payment(record, quantity, coupons).amount
            if used != "CARDS" or free:
                return self._mobile(record, used, "completed", quantity, coupons)
            charge = self._charge(record, quantity, coupons)
            try_card(self._engine, charge, tested.problem, challenge=tested.challenge)
            if tested.challenge and authenticate is not None:
                finish_card(self._engine, charge, charge["problem"] if authenticate else "authentication_failed")
            return self._outcome(record, charge)

    def authenticate(self, *, passes: bool = True) -> Outcome:
        """Answer the 3-D Secure check of the payer's bank.

        Raises:
            StateError: No check is open.
        """
        with self._acting():
            record = self._payable()
            charge = self._card_charge(record)
            if charge is None or charge.status != "requires_action":
                raise StateError("no 3-D Secure check is open: pay with a card that asks for one, authenticate=None")
            finish_card(self._engine, charge, charge["problem"] if passes else "authentication_failed")
            return self._outcome(record, charge)

    def decline(self, reason: str = "declined", *, method: Method | None = None) -> Outcome:
        """Let the payment fail: in test mode, the real server cannot do that with Wave and MTN.

        A checkout session stays open, so that the payer can try again.

        Args:
            reason: Why, such as `insufficient_funds`.
            method: `WAVE`, `MTN` or `CARDS`. Default: the method of a charge, or else `WAVE`.

        Raises:
            StateError: It is paid already, can no longer be paid, or costs nothing.
            ValueError: There is no such method, or the reason is empty.
        """
        require(is_text(reason) and reason.strip() != "", "reason is a text", reason)
        require(method is None or method in get_args(Method), "method is WAVE, MTN or CARDS", method)
        with self._acting():
            record = self._payable()
            used = _method(record, method, None)
            if record["amount"] == 0:
                raise StateError("there is nothing to pay, so nothing can be declined")
            if used != "CARDS":
                return self._mobile(record, used, "failed", None, (), reason)
            charge = self._charge(record, None, ())
            finish_card(self._engine, charge, reason)
            return self._outcome(record, charge)

    def time_out(self) -> Outcome:
        """Do nothing until it expires: the session, or the payment of a charge. The clock is not moved.

        Raises:
            StateError: It is paid already, or has expired.
        """
        with self._acting():
            record = self._payable()
            engine, charge = self._engine, self._card_charge(record)
            paid = record if charge is None else engine.store.find("transactions", charge["transaction_id"])
            if paid is not None and paid.type == "transactions" and paid.status == "pending":
                engine.step(paid, "expired")
            if record.type == "checkout_sessions":
                engine.step(record, "expired")
                request = engine.store.find("payment_requests", record["payment_request_id"])
                if request is not None:
                    engine.step(request, "expired")
                return Outcome("expired", checkout_session_id=record.id)
            return Outcome("expired", None if paid is None else paid.id)

    def cancel(self) -> Outcome:
        """Give up and go back: nothing changes, as on the server, and the payer is sent to `cancel_url`.

        Raises:
            StateError: It is paid already, or has expired.
        """
        with self._acting():
            record = self._payable()
            session = record.id if record.type == "checkout_sessions" else None
            return Outcome(str(record.status), None, session, filled(record, "cancel_url"))

    @contextmanager
    def _acting(self) -> Generator[None]:
        """Let it all happen at one moment, or not at all, and send the events."""
        engine = self._engine
        engine.store.check_open()
        if not self._delivers:
            with engine.lock, engine.at(engine.now), engine.store.transaction():
                engine.catch_up(engine.now)
                yield
            return
        with engine.worker_held():
            with engine.lock, engine.at(engine.now), engine.store.transaction():
                engine.catch_up(engine.now)
                yield
            engine.outbox.deliver()

    def _payable(self) -> Record:
        """Return the session or the charge that can be paid, a session opened for it if need be."""
        store = self._engine.store
        session = store.find("checkout_sessions", self._session)
        if session is not None and session.status == "open":
            return session
        record = store.find(self._type, self._id)
        if record is None:
            raise LookupError(f"the {NOUNS[self._type]} is no longer in the sandbox")
        if self._type in {"payment_links", "payment_requests"}:
            record = open_session(self._engine, record)
            self._session = record.id
        elif record.status in ENDED or (record.status == "failed" and record["payment_method_code"] != "CARDS"):
            raise StateError(f"the {NOUNS[self._type]} is {record.status}: it can no longer be paid")
        elif record.type == "transactions" and record["payment_method_code"] == "CARDS":
            charges = store.select("charges", *by(transaction_id=record.id))
            return charges[0] if charges else record
        return record

    def _mobile(
        self,
        record: Record,
        method: str,
        status: str,
        quantity: int | None,
        coupons: Sequence[str],
        reason: str | None = None,
    ) -> Outcome:
        engine, succeeds = self._engine, status == "completed"
        marks: Values = {"wave_payment_status": "succeeded" if succeeds else "failed"} if method == "WAVE" else {}
        if record.type == "transactions":
            engine.step(record, status, metadata={**(record["metadata"] or {}), **marks} or None)
            return Outcome(status, record.id, None, filled(record, "success_url" if succeeds else "cancel_url"), reason)
        payment = self._payment(record, quantity, coupons)
        if succeeds and not payment.amount:
            price = engine.store.find("prices", record["price_id"])
            if price is not None and payment.recurring and not payment.discounts:
                return self._sign_up(record, payment, price, method)
            method, marks = "FREE", {}
        made = payment.start(engine, method, status, **marks)
        url = filled(record, "success_url") if succeeds else page_url(engine, record)
        return Outcome(status, made.id, record.id, url, reason)

    def _sign_up(self, session: Record, payment: Payment, price: Record, method: str) -> Outcome:
        """Begin a subscription with nothing to pay at first: there is no transaction."""
        self._engine.step(session, "completed")
        subscribe(
            self._engine,
            customer_id=payment.customer_id,
            price=price,
            environment=session.environment,
            saved_card=method == "CARDS",
            metadata=session["metadata"],
        )
        return Outcome("completed", None, session.id, filled(session, "success_url"))

    def _charge(self, record: Record, quantity: int | None, coupons: Sequence[str]) -> Record:
        """Return the card charge to try."""
        if record.type == "charges":
            return record
        payment = self._payment(record, quantity, coupons)
        charge = self._card_charge(record)
        if charge is None or charge["original_amount"] != payment.amount:
            charge = payment.start_card(self._engine)
            record.body["charge_id"] = charge.id
            self._engine.save(record)
        return charge

    def _card_charge(self, record: Record) -> Record | None:
        """Return the charge of an earlier attempt, which goes on."""
        return record if record.type == "charges" else self._engine.store.find("charges", record["charge_id"])

    def _outcome(self, record: Record, charge: Record) -> Outcome:
        engine = self._engine
        transaction = engine.store.find("transactions", charge["transaction_id"])
        session = record if record.type == "checkout_sessions" else None
        stays = None if session is None else page_url(engine, session)
        waits = charge.status == "requires_action"
        return Outcome(
            "pending" if waits or transaction is None else str(transaction.status),
            charge["transaction_id"],
            None if session is None else session.id,
            filled(record, "success_url") if charge.status == "succeeded" else stays,
            None if waits else charge["problem"],
            waits,
        )

    def _payment(self, session: Record, quantity: int | None, codes: Sequence[str]) -> Payment:
        """Return what a session asks for, after the payer's choices."""
        engine, amount, count = self._engine, session["amount"], session["quantity"] or 1
        if quantity is not None and quantity != count:
            if not session["allow_quantity"]:
                raise ValueError("the checkout session has no choice of quantity: create it with allow_quantity")
            price = engine.store.find("prices", session["price_id"])
            unit = amount / count if price is None else price_amount(engine, price, 1) or 0
            amount, count = unit * quantity, quantity
            amount = int(amount) if float(amount).is_integer() else round(amount, 2)
        if codes and not session["allow_coupon_code"]:
            raise ValueError("the checkout session takes no coupons: create it with allow_coupon_code")
        payer = session["customer_id"] or find_payer(
            *(engine, session.owner, session.environment),
            name=session["customer_name"] or session["customer_email"] or "Test Payer",
            email=session["customer_email"] or (None if session["customer_phone"] else "payer@example.com"),
            phone=session["customer_phone"],
        )
        coupons = find_coupons(
            *(engine, codes),
            owner=session.owner,
            environment=session.environment,
            customer_id=payer,
            product_id=session["product_id"],
            price_id=session["price_id"],
            quantity=count,
        )
        discounts = apply_coupons(coupons, amount, session["currency_code"])
        off = sum(each["discount_amount"] for each in discounts if isinstance(each["discount_amount"], (int, float)))
        return Payment(
            *(session.owner, session.environment, payer, round(amount - off, 2), session["currency_code"]),
            description=session["description"] or session["title"],
            metadata=session["metadata"],
            quantity=count,
            discounts=discounts,
            recurring=is_recurring(engine, engine.store.find("prices", session["price_id"])),
            links={"checkout_session_id": session.id, **{name: session[name] for name in LINKS}},
        )


def _method(record: Record, method: str | None, card: str | None) -> str:
    """Return the method to pay with; a charge has its own."""
    own = "CARDS" if record.type == "charges" else None
    if record.type == "transactions":
        own = next((name for name, codes in METHODS.items() if codes[0] == record["provider_code"]), "WAVE")
    if own is not None and (method or own) != own:
        raise ValueError(f"method is {own}: the charge is paid with it, not with {method}")
    return own or method or ("CARDS" if card is not None else "WAVE")


def charge_url(engine: Engine, record: Record) -> str:
    """Return the address of the page where a charge is paid."""
    return f"{engine.address}/_sandbox/pay/charge/{record.id}"


def filled(record: Record, name: str) -> str | None:
    """Return where the payer goes, with the id of the session in its place."""
    url = record[name]
    if not isinstance(url, str):
        return None
    return url.replace("{{CHECKOUT_SESSION_ID}}", record.id).replace("{CHECKOUT_SESSION_ID}", record.id)


def open_session(engine: Engine, record: Record) -> Record:
    """Make the checkout session that a payer of a link or a request sees.

    Raises:
        StateError: It can no longer be paid.
    """
    until, noun = record["expires_at"] or record["expiry_date"], NOUNS[record.type]
    if record["is_active"] is False or record.status in {"completed", "expired"} or (until or engine.now) < engine.now:
        raise StateError(f"the {noun} is {record.status or 'no longer active'}: it can no longer be paid")
    price = engine.store.find("prices", record["price_id"])
    body: Values = {name: record[name] for name in COPIED}
    body.update(quantity=1, amount=record["amount"] if price is None else price_amount(engine, price, 1))
    body["payment_link_id" if record.type == "payment_links" else "payment_request_id"] = record.id
    lifetime = LIFETIME if until is None else min(LIFETIME, timedelta(microseconds=until - engine.now))
    body = opened(engine, record.owner, body, lifetime)
    return engine.create("checkout_sessions", body, owner=record.owner, environment=record.environment)
