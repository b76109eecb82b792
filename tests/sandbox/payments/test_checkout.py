"""Checkout sessions: opened by a merchant, paid by a payer, expired by the clock."""

import httpx
import pytest

import lomi
from lomi.models.checkout_sessions import CreatedCheckoutSession, InvoiceBlock
from lomi.sandbox import Sandbox, StateError


def status(client, session):
    return client.checkout_sessions.get(session.checkout_session_id).status


def test_a_session_is_paid_and_the_shop_is_notified(sandbox, client, events, session):
    made = session()
    assert isinstance(made, CreatedCheckoutSession)
    assert (made.amount, made.environment, made.line_item_count) == (5000, "test", None)
    assert made.checkout_url == f"https://lomi-sandbox.invalid/_sandbox/pay/checkout/{made.checkout_session_id}"
    assert status(client, made) == "open"

    outcome = sandbox.payer(made).pay("WAVE")
    assert (outcome.status, outcome.reason, outcome.needs_authentication) == ("completed", None, False)
    assert outcome.url == f"https://shop.example/ok?s={made.checkout_session_id}"
    assert status(client, made) == "completed"
    paid = client.transactions.get(outcome.transaction_id)
    assert (paid.status, paid.gross_amount, paid.provider_code) == ("completed", 5000, "WAVE")
    assert paid.metadata == {"order": "1881", "wave_payment_status": "succeeded"}
    [(event, data)] = events
    assert event == "PAYMENT_SUCCEEDED"
    assert data["transaction_id"] == outcome.transaction_id
    assert data["status"] == "completed"
    assert "fee_structure_id" not in data
    with pytest.raises(StateError, match="the checkout session is completed: it can no longer be paid"):
        sandbox.payer(made).pay()


def test_the_balance_moves_by_the_net_amount(session):
    with Sandbox(seed=1, customers=0, fees=True) as sandbox, sandbox.client() as client:
        made = client.checkout_sessions.create(amount=30_000, currency_code="XOF")
        paid = client.transactions.get(sandbox.payer(made).pay("MTN").transaction_id)
        assert (paid.gross_amount, paid.fee_amount, paid.net_amount) == (30_000, 1_070, 28_930)
        assert paid.fee_subcategory == "mobile_money"
        assert sandbox.ledger()[-1].movement == f"payment/{paid.transaction_id}"


def test_a_decline_leaves_the_session_open(sandbox, client, events, session):
    made = session()
    payer = sandbox.payer(made.checkout_url)
    failed = payer.decline("insufficient_funds", method="MTN")
    assert (failed.status, failed.reason, failed.url) == ("failed", "insufficient_funds", made.checkout_url)
    assert client.transactions.get(failed.transaction_id).status == "failed"
    assert status(client, made) == "open"
    assert payer.pay().status == "completed"
    assert [event for event, _ in events] == ["PAYMENT_FAILED", "PAYMENT_SUCCEEDED"]


def test_a_payer_who_gives_up(sandbox, client, events, session):
    made = session()
    outcome = sandbox.payer(made).cancel()
    assert (outcome.status, outcome.transaction_id, outcome.url) == ("open", None, "https://shop.example/back")
    assert status(client, made) == "open"
    assert events == []


def test_it_expires_after_an_hour(sandbox, client, events, session):
    made = session()
    sandbox.clock.advance(minutes=59)
    assert status(client, made) == "open"
    sandbox.clock.advance(minutes=1)
    assert status(client, made) == "expired"
    with pytest.raises(StateError, match="expired"):
        sandbox.payer(made).pay()
    assert events == []


def test_a_payer_who_times_out(sandbox, client, session):
    made = session()
    payer = sandbox.payer(made)
    waiting = payer.pay(card="4000002500003155", authenticate=None)
    assert payer.time_out().status == "expired"
    assert status(client, made) == "expired"
    assert client.transactions.get(waiting.transaction_id).status == "expired"
    assert "expiration_info" in client.transactions.get(waiting.transaction_id).metadata


def test_idempotency(client, session):
    first = session(idempotency_key="one")
    assert session(idempotency_key="one").checkout_session_id == first.checkout_session_id
    with pytest.raises(lomi.LomiConflictError, match="different request payload"):
        session(idempotency_key="one", amount=1)
    assert len(list(client.checkout_sessions.list())) == 1


def test_lists(sandbox, client, session):
    paid, left = session(), session()
    sandbox.payer(paid).pay()
    ids = [each.checkout_session_id for each in client.checkout_sessions.list()]
    assert ids == [left.checkout_session_id, paid.checkout_session_id]
    assert [each.status for each in client.checkout_sessions.list(status="completed")] == ["completed"]
    assert [each.checkout_session_id for each in client.checkout_sessions.list(limit=1)] == ids


def test_what_the_server_refuses(ask):
    for body in (
        {"amount": 0, "currency_code": "XOF"},
        {"amount": 5, "currency_code": "GBP"},
        {"currency_code": "XOF"},
    ):
        assert ask("POST", "/checkout-sessions", body).status == 500
    assert ask("POST", "/checkout-sessions", None).status == 500
    for id, text in (
        ("cs_123", "Checkout session id must be a UUID"),
        ("%7BCHECKOUT_SESSION_ID%7D", "literal placeholder"),
    ):
        answer = ask("GET", f"/checkout-sessions/{id}")
        assert answer.status == 400
        assert text in answer.body.decode()
    answer = ask("GET", "/checkout-sessions/3f1c2d4e-8a7b-4c6d-9e0f-1a2b3c4d5e6f")
    assert answer.status == 404
    assert b"not found or access denied" in answer.body


def test_an_unpaid_invoice_blocks(sandbox, client, session):
    customer = client.customers.create(name="Awa")
    payer = sandbox.invoice(customer, 8000, number="F-0042")
    block = session(customer_id=customer.id, idempotency_key="k")
    assert isinstance(block, InvoiceBlock)
    assert block.blocking_invoice.invoice_number == "F-0042"
    assert block.blocking_invoice.amount_remaining == 8000
    flow = session(customer_id=customer.id, metadata={"payment_flow": "invoice_payment"})
    assert isinstance(flow, CreatedCheckoutSession)
    assert isinstance(session(), CreatedCheckoutSession)
    sandbox.clock.advance(days=6)
    assert sandbox.payer(block).pay().status == "completed"
    # The key was not used up by the block.
    assert isinstance(session(customer_id=customer.id, idempotency_key="k"), CreatedCheckoutSession)
    with pytest.raises(StateError):
        payer.pay()
    with pytest.raises(LookupError, match="no such customer"):
        sandbox.invoice("3f1c2d4e-8a7b-4c6d-9e0f-1a2b3c4d5e6f", 5)


def test_the_integration_is_written_over_the_metadata(client, session):
    made = session(integration_source="odoo", metadata={"integration_source": "mine", "order": "1"})
    read = client.checkout_sessions.get(made.checkout_session_id)
    assert read.metadata == {"integration_source": "odoo", "order": "1"}


def test_over_a_socket(sandbox):
    with (
        sandbox.serve() as server,
        sandbox.serve() as second,
        lomi.LomiClient(api_key=server.api_key, base_url=server.url) as client,
    ):
        made = client.checkout_sessions.create(amount=5000, currency_code="XOF")
        assert made.checkout_url.startswith(f"{second.url}/_sandbox/pay/checkout/")
        assert b"5,000" in httpx.get(made.checkout_url).content
        assert sandbox.payer(made.checkout_url).pay().status == "completed"
        assert status(client, made) == "completed"
        second.close()
        second.close()
        link = client.payment_links.create(link_type="instant", title="T", currency_code="XOF", amount=5)
        assert link.url.startswith(f"{server.url}/_sandbox/pay/link/")


# Products


def test_a_price_makes_the_amount(sandbox, client, session, product, ask):
    product_id, price_id = product()
    made = session(amount=None, product_id=product_id, quantity=3)
    assert made.amount == 6000
    assert session(amount=2000, price_id=price_id).amount == 2000
    read = client.checkout_sessions.get(made.checkout_session_id)
    assert read.product_id == product_id
    sandbox.payer(made).pay()
    row = next(iter(client.transactions.list(page_size=1)))
    assert (row.quantity, row.product_name, row.gross_amount) == (3, "Honey", 6000)
    for wrong in (
        {"amount": 1, "price_id": price_id},
        {"currency_code": "EUR", "price_id": price_id},
        {"product_id": "3f1c2d4e-8a7b-4c6d-9e0f-1a2b3c4d5e6f"},
        {"product_id": product()[0], "price_id": price_id},
    ):
        assert ask("POST", "/checkout-sessions", {"currency_code": "XOF", **wrong}).status == 500


def test_pay_what_you_want(session, product, ask):
    _, price_id = product(pricing_model="pay_what_you_want", minimum_amount=1000, maximum_amount=3000)
    assert session(amount=2500, price_id=price_id).amount == 2500
    assert session(amount=None, price_id=price_id).amount == 2000
    for amount in (999, 3001):
        body = {"currency_code": "XOF", "amount": amount, "price_id": price_id}
        assert ask("POST", "/checkout-sessions", body).status == 500
    cart = ask("POST", "/checkout-sessions", {"currency_code": "XOF", "line_items": [{"price_id": price_id}]})
    assert b"Checkout line_items rejected: pwyw not supported" in cart.body


def test_a_cart(sandbox, client, product, ask):
    (_, honey), (_, milk) = product(), product(amount=500)
    made = client.checkout_sessions.create(
        currency_code="XOF", line_items=[{"price_id": honey, "quantity": 2}, {"price_id": milk}]
    )
    assert (made.amount, made.line_item_count) == (4500, 2)
    _, plan = product("recurring", billing_interval="month")
    for items, status_, text in (
        ([{"price_id": plan}], 400, b"recurring not supported"),
        ([{"price_id": plan}, {"price_id": milk}], 400, b"mixed product types"),
        ([{"price_id": milk, "quantity": 0}], 500, b"internal_error"),
        (["milk"], 500, b"internal_error"),
    ):
        answer = ask("POST", "/checkout-sessions", {"currency_code": "XOF", "line_items": items})
        assert answer.status == status_
        assert text in answer.body


def test_a_payer_chooses_quantity_and_coupons(sandbox, client, session, product):
    client.discount_coupons.create(
        code="SAVE10", discount_type="percentage", discount_percentage=10, usage_frequency_limit="total"
    )
    product_id, _ = product()
    made = session(amount=None, product_id=product_id, allow_quantity=True, allow_coupon_code=True)
    paid = client.transactions.get(sandbox.payer(made).pay(quantity=2, coupons=["save10"]).transaction_id)
    assert paid.gross_amount == 3600
    row = next(iter(client.transactions.list(page_size=1)))
    assert (row.quantity, row.coupon_code) == (2, "SAVE10")
    [coupon] = client.discount_coupons.list()
    assert coupon.current_uses == 1
    plain = sandbox.payer(session(allow_quantity=True, quantity=2))
    with pytest.raises(ValueError, match="takes no coupons: create it with allow_coupon_code"):
        plain.pay(coupons=["SAVE10"])
    assert client.transactions.get(plain.pay(quantity=3).transaction_id).gross_amount == 7500
    with pytest.raises(ValueError, match="no choice of quantity: create it with allow_quantity"):
        sandbox.payer(session()).pay(quantity=2)
    with pytest.raises(ValueError, match="no such coupon"):
        sandbox.payer(session(allow_coupon_code=True)).pay(coupons=["NOTHING"])


@pytest.mark.parametrize("how", [{}, {"method": "CARDS"}])
def test_what_is_free_is_paid_without_a_provider(sandbox, client, session, how):
    client.discount_coupons.create(
        code="ALL", discount_type="percentage", discount_percentage=100, usage_frequency_limit="total"
    )
    outcome = sandbox.payer(session(allow_coupon_code=True)).pay(**how, coupons=["ALL"])
    paid = client.transactions.get(outcome.transaction_id)
    assert (paid.gross_amount, paid.provider_code, paid.payment_method_code) == (0, "FREE", "FREE")


# Subscriptions


def test_a_recurring_product_subscribes_and_a_session_renews(sandbox, client, events, session, product):
    product_id, _ = product("recurring", billing_interval="month")
    outcome = sandbox.payer(session(amount=None, product_id=product_id)).pay(card="4242 4242 4242 4242")
    paid = client.transactions.get(outcome.transaction_id)
    assert (paid.transaction_type, paid.gross_amount) == ("instalment", 2000)
    subscription = client.subscriptions.get(paid.subscription_id)
    assert subscription.status == "active"
    again = session(amount=None, subscription_id=paid.subscription_id)
    assert again.amount == 2000
    sandbox.payer(again).pay()
    renewed = client.subscriptions.get(paid.subscription_id)
    assert renewed.next_billing_date > subscription.next_billing_date
    assert [event for event, _ in events if event.startswith("SUB")][-1] == "SUBSCRIPTION_RENEWED"
    # Paid when it has ended: money, and no subscription.
    late = session(amount=None, subscription_id=paid.subscription_id)
    client.subscriptions.cancel(paid.subscription_id)
    assert sandbox.payer(late).pay().status == "completed"
    assert [each.status for each in client.subscriptions.list()] == ["cancelled"]


@pytest.mark.parametrize("method", ["WAVE", "CARDS"])
def test_a_trial_begins_with_nothing_to_pay(sandbox, client, session, method):
    made = client.products.create(
        name="Plan",
        product_type="recurring",
        trial_enabled=True,
        trial_period_days=7,
        prices=[{"amount": 2000, "currency_code": "XOF", "billing_interval": "month"}],
    )
    opened = session(amount=None, product_id=made.product_id)
    assert opened.amount == 0
    with pytest.raises(StateError, match="nothing can be declined"):
        sandbox.payer(opened).decline()
    outcome = sandbox.payer(opened).pay(method)
    assert (outcome.status, outcome.transaction_id) == ("completed", None)
    assert status(client, opened) == "completed"
    assert [each.status for each in client.subscriptions.list()] == ["trial"]
