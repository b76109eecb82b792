"""How money is asked for, whoever asks: an operation of the API, the payer's page or a test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Protocol

from .checks import require
from .engine import MICROSECOND, Engine
from .http import JsonValue
from .store import Record, Values, by
from .wire import Docs

# The method of a payer: provider_code and payment_method_code.
METHODS: Final = {
    "WAVE": ("WAVE", "MOBILE_MONEY"),
    "MTN": ("MTN", "MOBILE_MONEY"),
    "CARDS": ("STRIPE", "CARDS"),
    "FREE": ("FREE", "FREE"),
}
# How long a payment is waited for that a provider has never reported on.
PATIENCE: Final = timedelta(hours=24)
# Francs in a euro.
PARITY: Final = 655.957
HOLD: Final = "mobile_money_waits"


class HasId(Protocol):
    """Anything with an `id`, such as a customer."""

    @property
    def id(self) -> str: ...


@dataclass(frozen=True)
class Payment:
    """What is to be paid, and for what; `links` are the ids of what it pays for."""

    owner: str
    environment: str
    customer_id: str
    amount: int | float
    currency_code: str
    description: str | None = None
    metadata: JsonValue = None
    quantity: int = 1
    discounts: Sequence[Values] = ()
    recurring: bool = False
    links: Values = field(default_factory=dict[str, JsonValue])

    def start(self, engine: Engine, method: str, status: str, **marks: JsonValue) -> Record:
        """Make its transaction; `marks` are what the provider adds to the metadata."""
        metadata = self.metadata if isinstance(self.metadata, dict) else None
        body = transaction_body(
            *(self.customer_id, self.amount, self.currency_code, *METHODS[method]),
            description=self.description,
            metadata={**(metadata or {}), **marks} or metadata,
            recurring=self.recurring and self.links.get("subscription_id") is None,
            transaction_type="instalment" if self.recurring else "payment",
            quantity=self.quantity,
            discounts=[*self.discounts],
            coupon_code=", ".join(str(each["code"]) for each in self.discounts) or None,
            waits_until=engine.now + PATIENCE // MICROSECOND if status == "pending" else None,
        )
        body.update(self.links)
        return engine.create("transactions", body, owner=self.owner, environment=self.environment, status=status)

    def start_card(self, engine: Engine, **more: JsonValue) -> Record:
        """Make a card charge and its pending transaction, and return the charge."""
        transaction = self.start(engine, "CARDS", "pending")
        number = engine.store.next_number("charges")
        id = f"pi_{engine.ids.make('charge', number).replace('-', '')[:24]}"
        francs = self.currency_code == "XOF"
        body: Values = {
            "client_secret": f"{id}_secret_{engine.ids.make('charge_secret', number).replace('-', '')[:25]}",
            "amount": round(self.amount / PARITY * 100 if francs else self.amount * 100),
            "currency": "eur" if francs else self.currency_code.lower(),
            "original_amount": self.amount,
            "original_currency": self.currency_code,
            "transaction_id": transaction.id,
            **more,
        }
        return engine.create("charges", body, owner=self.owner, environment=self.environment, id=id)


def transaction_body(
    customer_id: str,
    amount: float,
    currency_code: str,
    provider: str,
    method: str,
    *,
    description: str | None,
    metadata: JsonValue = None,
    recurring: bool = False,
    **more: JsonValue,
) -> Values:
    """Return the body of a transaction. `recurring`: it is what the merchant's monthly figures count."""
    return {
        "customer_id": customer_id,
        "transaction_type": "instalment" if recurring else "payment",
        "description": description,
        "gross_amount": amount,
        "fee_amount": 0,
        "net_amount": amount,
        "currency_code": currency_code,
        "payment_method_code": method,
        "provider_code": provider,
        "metadata": metadata,
        "recurring": recurring,
        **more,
    }


def find_customer(engine: Engine, customer: str | HasId) -> Record:
    """Return a customer by its id in either dialect, so that a test may switch in between."""
    text: Any = getattr(customer, "id", customer)
    require(isinstance(text, str), "customer is a customer, or the id of one", customer)
    found = engine.store.find("customers", Docs().read_id("cus", text) or text.lower())
    if found is None:
        raise LookupError("there is no such customer")
    return found


def find_payer(
    engine: Engine,
    owner: str,
    environment: str,
    *,
    name: JsonValue,
    email: JsonValue = None,
    phone: JsonValue = None,
    country: str = "CI",
) -> str:
    """Return the id of the customer with that address or number; a new one if there is none."""
    for key, value in (("email", email), ("phone_number", phone)):
        if value:
            where = by(owner=owner, environment=environment, **{key: str(value)})
            found = engine.store.select("customers", *where)
            if found:
                return found[0].id
    body: Values = {
        "name": str(name or email or phone or "Payer"),
        "email": email,
        "phone_number": phone,
        "whatsapp_number": None,
        "country": country,
        "city": "",
        "address": "",
        "postal_code": "",
        "is_business": False,
        "metadata": None,
    }
    return engine.create("customers", body, owner=owner, environment=environment).id


def first_status(engine: Engine) -> str:
    """Return how a payment by Wave or MTN begins: completed, or pending until the payer acts."""
    return "pending" if engine.store.setting(HOLD) else "completed"


def try_card(engine: Engine, charge: Record, problem: str | None, *, challenge: bool) -> None:
    """Try a card on a charge: it is paid, declined, or waits for the check of the payer's bank."""
    if challenge:
        engine.step(charge, "requires_action", problem=problem)
    else:
        finish_card(engine, charge, problem)


def finish_card(engine: Engine, charge: Record, problem: str | None) -> None:
    """End an attempt: the charge is paid, or was declined and can be tried again."""
    engine.step(charge, "requires_payment_method" if problem else "succeeded", problem=problem)
    transaction = engine.store.find("transactions", charge["transaction_id"])
    if transaction is not None and transaction.status in {"pending", "failed"}:
        engine.step(transaction, "failed" if problem else "completed")
