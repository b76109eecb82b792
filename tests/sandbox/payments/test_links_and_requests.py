"""Payment links and payment requests: opened by a payer, they make checkout sessions."""

import datetime as dt

import pytest

import lomi
from lomi.sandbox import StateError

UNKNOWN = "3f1c2d4e-8a7b-4c6d-9e0f-1a2b3c4d5e6f"
SOON = "2026-02-01T00:00:00Z"


@pytest.fixture
def link(client):
    def create(**fields):
        plain = {"link_type": "instant", "title": "Workshop", "currency_code": "XOF", "amount": 50_000}
        return client.payment_links.create({**plain, **fields})

    return create


@pytest.fixture
def request_payment(client):
    def create(idempotency_key=None, **fields):
        plain = {"amount": 120_000, "currency_code": "XOF", "expiry_date": SOON, "description": "Rent"}
        return client.payment_requests.create({**plain, **fields}, idempotency_key=idempotency_key)

    return create


# Links


def test_each_opening_of_a_link_makes_a_session(sandbox, client, link):
    made = link(success_url="https://shop.example/ok?{CHECKOUT_SESSION_ID}")
    assert made.url == f"https://lomi-sandbox.invalid/_sandbox/pay/link/{made.link_id}"
    assert (made.is_active, made.quantity, made.require_billing_address) == (True, 1, True)
    payer = sandbox.payer(made)
    opened = payer.open()
    assert opened.status == "open"
    assert opened.url.endswith(f"/pay/checkout/{opened.checkout_session_id}")
    paid = payer.pay()
    assert paid.checkout_session_id == opened.checkout_session_id
    assert paid.url == f"https://shop.example/ok?{opened.checkout_session_id}"
    again = payer.pay(card="4242424242424242")
    assert again.checkout_session_id != opened.checkout_session_id
    sessions = list(client.checkout_sessions.list())
    assert [(each.payment_link_id, each.status, each.amount) for each in sessions] == [
        (made.link_id, "completed", 50_000)
    ] * 2


def test_a_link_of_a_product(sandbox, client, link, product):
    product_id, price_id = product()
    made = link(link_type="product", amount=None, product_id=product_id, allow_quantity=True)
    assert (made.amount, made.price_id) == (None, price_id)
    paid = sandbox.payer(made.link_id).pay(quantity=2)
    assert client.transactions.get(paid.transaction_id).gross_amount == 4000
    assert link(link_type="product", amount=None, product_id=product_id, price_id=price_id).price_id == price_id


def test_the_client_can_open_a_link(session, link):
    made = link()
    assert session(amount=None, payment_link_id=made.link_id).amount == 50_000


def test_metadata_is_dropped(ask):
    body = {"link_type": "instant", "title": "T", "currency_code": "XOF", "amount": 5, "metadata": {"lost": "yes"}}
    assert b'"metadata":null' in ask("POST", "/payment-links", body).body


def test_a_link_expires(sandbox, client, link):
    made = link(expires_at=sandbox.clock.now() + dt.timedelta(minutes=30))
    session = client.checkout_sessions.get(sandbox.payer(made).open().checkout_session_id)
    assert session.expires_at == made.expires_at
    sandbox.clock.advance(minutes=31)
    with pytest.raises(StateError, match="the payment link is no longer active"):
        sandbox.payer(made).open()


def test_lists_of_links(client, link, product):
    first = link()
    second = link(link_type="product", amount=None, product_id=product()[0])
    ids = [each.link_id for each in client.payment_links.list()]
    assert ids == [second.link_id, first.link_id]
    assert [each.link_id for each in client.payment_links.list(link_type="instant")] == [first.link_id]
    assert list(client.payment_links.list(is_active=False)) == []
    # The total is that of the page.
    assert [each.link_id for each in client.payment_links.list(limit=1)] == ids
    assert client.payment_links.get(first.link_id) == first


@pytest.mark.parametrize(
    "change",
    [
        {"link_type": "other"},
        {"amount": 0},
        {"product_id": UNKNOWN},
        {"link_type": "product", "amount": None, "product_id": UNKNOWN},
        {"link_type": "product"},
        {"title": None},
    ],
)
def test_what_the_server_refuses_of_links(ask, change):
    plain = {"link_type": "instant", "title": "T", "currency_code": "XOF", "amount": 5}
    assert ask("POST", "/payment-links", {**plain, **change}).status == 500


def test_links_that_are_not_there(ask, product):
    for id in ("link_1", UNKNOWN):
        answer = ask("GET", f"/payment-links/{id}")
        assert answer.status == 404
        assert f"Payment link with ID {id} not found or access denied" in answer.body.decode()
    wrong = {"link_type": "product", "title": "T", "currency_code": "XOF", "product_id": product()[0]}
    assert ask("POST", "/payment-links", {**wrong, "price_id": product()[1]}).status == 500


# Requests


def test_a_request_is_paid(sandbox, client, request_payment):
    customer = client.customers.create(name="Awa")
    made = request_payment(customer_id=customer.id, payment_reference="RENT-01")
    assert (made.status, made.payment_reference) == ("pending", "RENT-01")
    assert made.payment_link == f"https://lomi-sandbox.invalid/_sandbox/pay/request/{made.request_id}"
    payer = sandbox.payer(made)
    assert payer.decline().status == "failed"
    assert client.payment_requests.get(made.request_id).status == "failed"
    paid = payer.pay()
    assert client.payment_requests.get(made.request_id).status == "completed"
    assert client.transactions.get(paid.transaction_id).customer_id == customer.id
    with pytest.raises(StateError, match="the payment request is completed"):
        sandbox.payer(made).open()


def test_a_request_expires(sandbox, client, request_payment):
    late = request_payment()
    assert sandbox.payer(request_payment()).time_out().status == "expired"
    sandbox.clock.advance_to(dt.datetime(2026, 2, 1, tzinfo=dt.timezone.utc))
    assert [each.status for each in client.payment_requests.list()] == ["expired", "expired"]
    with pytest.raises(StateError, match="the payment request is expired"):
        sandbox.payer(late).pay()


def test_requests_and_keys(client, request_payment):
    first = request_payment(idempotency_key="rent")
    assert request_payment(idempotency_key="rent").request_id == first.request_id
    with pytest.raises(lomi.LomiConflictError):
        request_payment(idempotency_key="rent", amount=1)


def test_lists_of_requests(client, request_payment, ask):
    customer = client.customers.create(name="Awa")
    mine, other = request_payment(customer_id=customer.id), request_payment()
    assert [each.request_id for each in client.payment_requests.list(customer_id=customer.id)] == [mine.request_id]
    assert [each.request_id for each in client.payment_requests.list(status="pending")] == [
        other.request_id,
        mine.request_id,
    ]
    answer = ask("GET", "/payment-requests?customerId=awa")
    assert (answer.status, b"Invalid customer ID format: awa" in answer.body) == (400, True)
    answer = ask("GET", "/payment-requests?status=lost")
    assert (answer.status, b"Failed to fetch payment requests: " in answer.body) == (500, True)
    assert ask("GET", "/payment-requests/pr_1").status == 404
    plain = {"amount": 5, "currency_code": "XOF", "expiry_date": SOON}
    assert ask("POST", "/payment-requests", plain).status == 201
    for wrong in ({"amount": -1}, {"customer_id": UNKNOWN}, {"expiry_date": None}):
        assert ask("POST", "/payment-requests", {**plain, **wrong}).status == 500


# Whoever pays


def test_what_cannot_be_paid(sandbox, client, session):
    with pytest.raises(LookupError, match="there is nothing to pay"):
        sandbox.payer(UNKNOWN)
    with pytest.raises(ValueError, match="a payer pays a session"):
        sandbox.payer(5)
    payer = sandbox.payer(session())
    for wrong in (
        {"method": "CASH"},
        {"method": "WAVE", "card": "4242424242424242"},
        {"card": "4111111111111111"},
        {"card": 4242},
        {"quantity": 0},
        {"coupons": "SAVE10"},
        {"authenticate": "yes"},
    ):
        with pytest.raises(ValueError, match=next(iter(wrong)).rstrip("s") if "card" not in wrong else "card"):
            payer.pay(**wrong)
    with pytest.raises(ValueError, match="reason"):
        payer.decline(" ")
    with pytest.raises(ValueError, match="method"):
        payer.decline(method="CASH")
    with pytest.raises(ValueError, match="real cards have no place here") as caught:
        payer.pay(card="4111111111111111")
    assert "4111" not in str(caught.value)
    sandbox.reset()
    with pytest.raises(LookupError, match="the checkout session is no longer in the sandbox"):
        payer.pay()
