"""A sandbox with the project's own client, and a shop's webhook endpoint."""

import json

import pytest

from lomi.sandbox import Sandbox
from lomi.sandbox.http import Request


@pytest.fixture
def sandbox():
    with Sandbox(seed=1, customers=3) as made:
        yield made


@pytest.fixture
def client(sandbox):
    with sandbox.client(max_retries=0) as made:
        yield made


@pytest.fixture
def events(sandbox):
    """Every event that the shop receives: name and data."""
    received = []

    def receive(body, _):
        sent = json.loads(body)
        received.append((sent["event"], sent["data"]))

    sandbox.webhooks.add(receive)
    return received


@pytest.fixture
def session(client):
    """Creates a checkout session; keywords change it."""

    def create(idempotency_key=None, **fields):
        plain = {
            "amount": 5000,
            "currency_code": "XOF",
            "customer_email": "awa@shop.example",
            "success_url": "https://shop.example/ok?s={CHECKOUT_SESSION_ID}",
            "cancel_url": "https://shop.example/back",
            "metadata": {"order": "1881"},
        }
        return client.checkout_sessions.create({**plain, **fields}, idempotency_key=idempotency_key)

    return create


@pytest.fixture
def product(client):
    """Creates a product with one price, and returns both ids; keywords change the price."""

    def create(product_type="one_time", **price):
        made = client.products.create(
            name="Honey",
            product_type=product_type,
            prices=[{"amount": 2000, "currency_code": "XOF", **price}],
        )
        return made.product_id, made.prices[0].price_id

    return create


@pytest.fixture
def ask(sandbox):
    """Sends what the client would not: the response of the server itself."""

    def sent(method, target, body=None, **headers):
        pairs = {"x-api-key": sandbox.api_key, "content-type": "application/json", **headers}
        text = b"" if body is None else json.dumps(body).encode()
        if body is None:
            del pairs["content-type"]
        return sandbox.handle(Request(method, target, tuple(pairs.items()), text))

    return sent
