"""Subscriptions, as a test begins them and lets their charges fail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .api import Api
from .checks import require_bool, require_count, require_json
from .engine import Engine
from .http import JsonValue
from .paying import HasId, find_customer
from .resource import View
from .resources.subscriptions import SUBSCRIPTIONS, first_amount, instalment, subscribe
from .store import Values


class Billing:
    """What a test does to subscriptions, behind the API's back."""

    _engine: Engine
    _api: Api

    def subscribe(
        self,
        customer: str | HasId,
        price: object,
        *,
        saved_card: bool = True,
        metadata: Mapping[str, JsonValue] | None = None,
    ) -> Values:
        """Let a customer subscribe, and return the subscription as `GET /subscriptions/{id}` shows it.

        What is due at once is paid: the price, the rest of the period, or nothing with a trial. Renewals happen
        on the subscription's `next_billing_date`, when the sandbox's clock comes to it.

        Args:
            customer: A customer, or the id of one.
            price: A price of a recurring product, or its id.
            saved_card: Whether renewals can be charged. Without, a trial expires, and a renewal leaves the
                subscription `past_due`.
            metadata: Any JSON object.

        Raises:
            LookupError: There is no such customer, or no such price.
            ValueError: The price is not one of a recurring product; the metadata cannot be sent as JSON.
        """
        require_bool("saved_card", saved_card)
        require_json("metadata", metadata)
        engine = self._engine
        with engine.worker_held():
            with engine.lock, engine.at(engine.now), engine.store.transaction():
                payer = find_customer(engine, customer)
                found = engine.store.find("prices", str(getattr(price, "price_id", price)))
                if found is None or found.owner != payer.owner:
                    raise LookupError("there is no such price")
                amount, paid = first_amount(engine, found), None
                if amount:
                    body = instalment(found, payer.id, amount, first=True)
                    where = {"owner": payer.owner, "environment": payer.environment}
                    paid = engine.create("transactions", body, **where, status="pending")
                made = subscribe(
                    engine,
                    customer_id=payer.id,
                    price=found,
                    environment=payer.environment,
                    transaction=paid,
                    saved_card=saved_card,
                    metadata=None if metadata is None else dict(metadata),
                )
                if paid is not None:
                    engine.step(paid, "completed")
            engine.outbox.deliver()
        return SUBSCRIPTIONS.show(View(engine, self._api.dialect), made)

    def decline_renewals(self, subscription: object, times: int = 1) -> None:
        """Let the next charges of a subscription fail; later ones succeed again.

        A failed charge leaves a failed transaction, and is made again after the merchant's `retry_payment_every` days,
        `total_retries` times. Then the product's `failed_payment_action` is taken.

        Args:
            subscription: A subscription, or the id of one.
            times: How many charges fail, 0 or more.

        Raises:
            LookupError: There is no such subscription.
            ValueError: `times` is not a whole number, 0 or more.
        """
        require_count("times", times)
        id: Any = getattr(subscription, "subscription_id", subscription)
        engine = self._engine
        with engine.lock:
            found = engine.store.find("subscriptions", str(id))
            if found is None:
                raise LookupError("there is no such subscription")
            found.body["declines"] = times
            engine.save(found)
