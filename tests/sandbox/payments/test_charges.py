"""Charges by Wave, MTN and card, and the transactions that they make."""

import json

import pytest

import lomi
from lomi.sandbox import Sandbox, StateError
from lomi.sandbox.http import Request
from lomi.sandbox.payer.cards import CARDS, CHALLENGED, DECLINED, PAID

AWA = {"name": "Awa Ba", "phone_number": "+2250700000003"}
UNKNOWN = "3f1c2d4e-8a7b-4c6d-9e0f-1a2b3c4d5e6f"


@pytest.fixture
def wave(client):
    def create(**fields):
        return client.charges.create_wave_charge({"amount": 2500, "currency": "XOF", "customer": AWA, **fields})

    return create


@pytest.fixture
def card(client):
    def create(**fields):
        plain = {"amount": 10_000, "customer_email": "lea@shop.example", "customer_name": "Lea"}
        return client.charges.create_card_charge({**plain, **fields})

    return create


# Wave and MTN


def test_wave_is_completed_at_creation(sandbox, client, events, wave):
    charge = wave(description="Fish")
    assert charge.checkout_url == f"https://lomi-sandbox.invalid/_sandbox/pay/charge/{charge.transaction_id}"
    assert (charge.wave_session.amount, charge.wave_session.payment_status) == (2500, "processing")
    paid = client.transactions.get(charge.transaction_id)
    assert (paid.status, paid.provider_code, paid.description) == ("completed", "WAVE", "Fish")
    customer = client.customers.get(paid.customer_id)
    assert (customer.name, customer.phone_number, customer.country) == ("Awa Ba", "+2250700000003", "CI")
    assert client.transactions.get(wave().transaction_id).customer_id == paid.customer_id
    sandbox.deliver()
    assert [event for event, _ in events] == ["PAYMENT_SUCCEEDED", "PAYMENT_SUCCEEDED"]


def test_mtn_multiplies(client):
    charge = client.charges.create_mtn_charge(
        amount=1200, currency="XOF", quantity=2, country_code="BJ", customer={"name": "K", "phone_number": "+2290500"}
    )
    assert charge.status == "PENDING"
    assert charge.mtn_response == {"referenceId": charge.reference_id}
    paid = client.transactions.get(charge.transaction_id)
    assert (paid.status, paid.gross_amount, paid.provider_code) == ("completed", 2400, "MTN")
    assert client.customers.get(paid.customer_id).country == "BJ"


def test_mobile_money_that_waits(sandbox, client, events, wave):
    assert sandbox.mobile_money == "completes"
    sandbox.mobile_money = "waits"
    assert sandbox.mobile_money == "waits"
    with pytest.raises(ValueError, match="mobile_money is"):
        sandbox.mobile_money = "maybe"
    urls = {"success_url": "https://shop.example/ok", "error_url": "https://shop.example/ko"}
    paid, declined, left, late = (wave(**urls) for _ in range(4))
    assert client.transactions.get(paid.transaction_id).status == "pending"
    assert sandbox.payer(paid).open().url == paid.checkout_url
    assert sandbox.payer(paid.transaction_id).pay().url == "https://shop.example/ok"
    assert sandbox.payer(declined).decline().url == "https://shop.example/ko"
    outcome = sandbox.payer(left).cancel()
    assert (outcome.status, outcome.url) == ("pending", "https://shop.example/ko")
    assert sandbox.payer(late).time_out().transaction_id == late.transaction_id
    states = [client.transactions.get(each.transaction_id).status for each in (paid, declined, left, late)]
    assert states == ["completed", "failed", "pending", "expired"]
    assert client.transactions.get(declined.transaction_id).metadata["wave_payment_status"] == "failed"
    assert [event for event, _ in events] == ["PAYMENT_SUCCEEDED", "PAYMENT_FAILED"]
    sandbox.clock.advance(days=1)
    assert client.transactions.get(left.transaction_id).status == "expired"
    assert len(events) == 2
    for each in (declined, left):
        with pytest.raises(StateError, match="it can no longer be paid"):
            sandbox.payer(each).pay()
    with pytest.raises(ValueError, match="method is WAVE"):
        sandbox.payer(wave()).pay("MTN")
    sandbox.reset()
    assert sandbox.mobile_money == "completes"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("wave", {}, 500),
        ("wave", {"amount": 5, "currency": "XOF"}, 500),
        ("wave", {"amount": 5, "currency": "XOF", "customer": "Awa"}, 500),
        ("wave", {"amount": 5, "currency": "EUR", "customer": {"name": "Awa"}}, 400),
        ("wave", {"amount": -5, "currency": "XOF", "customer": {"name": "Awa"}}, 400),
        ("mtn", {"amount": 5, "currency": "XOF", "customer": {"name": "Awa"}}, 500),
    ],
)
def test_what_the_server_refuses_of_mobile_money(ask, path, body, status):
    assert ask("POST", f"/charge/{path}", body).status == status


def test_a_country_that_is_not_known_is_the_ivory_coast(client, ask):
    body = {"amount": 5, "currency": "XOF", "countryCode": "FR", "customer": {"phoneNumber": "+337"}}
    assert ask("POST", "/charge/mtn", body).status == 201
    assert next(iter(client.transactions.list(page_size=1))).customer_country == "CI"


# Cards


def test_a_card_charge_is_paid(sandbox, client, events, card):
    charge = card(description="Fish", metadata={"order": "1", "stripe_key": "x"}, appearance_theme="night")
    assert (charge.status, charge.original_amount, charge.original_currency) == (
        "requires_payment_method",
        10_000,
        "XOF",
    )
    assert (charge.amount, charge.currency, charge.appearance.theme) == (1524, "eur", "dark")
    assert charge.client_secret.startswith(f"{charge.id}_secret_")
    assert client.charges.get_card_charge(charge.id).transaction.status == "pending"
    outcome = sandbox.payer(charge).pay(card="4242 4242 4242 4242")
    assert (outcome.status, outcome.url, outcome.checkout_session_id) == ("completed", None, None)
    after = client.charges.get_card_charge(charge.id)
    assert (after.status, after.transaction.transaction_id) == ("succeeded", outcome.transaction_id)
    # The merchant's own keys are lost in webhooks if they begin like the processor's.
    assert client.transactions.get(outcome.transaction_id).metadata == {"order": "1", "stripe_key": "x"}
    [(event, data)] = events
    assert (event, data["metadata"]) == ("PAYMENT_SUCCEEDED", {"order": "1"})
    with pytest.raises(lomi.LomiServerError):
        client.charges.cancel_card_charge(charge.id)


@pytest.mark.parametrize("number", CARDS)
def test_test_cards(sandbox, client, card, number):
    charge = card(currency_code="EUR", amount=19.99)
    assert charge.amount == 1999
    outcome = sandbox.payer(charge).pay(card=number)
    problem = {**dict.fromkeys(PAID), **DECLINED, **CHALLENGED}[number]
    assert outcome.reason == problem
    assert outcome.status == ("failed" if problem else "completed")
    status = client.charges.get_card_charge(charge.id).status
    assert status == ("requires_payment_method" if problem else "succeeded")


def test_three_d_secure(sandbox, client, events, card):
    charge = card()
    payer = sandbox.payer(charge)
    waiting = payer.pay(card="4000002500003155", authenticate=None)
    assert (waiting.status, waiting.needs_authentication) == ("pending", True)
    assert client.charges.get_card_charge(charge.id).status == "requires_action"
    refused = payer.authenticate(passes=False)
    assert (refused.status, refused.reason) == ("failed", "authentication_failed")
    with pytest.raises(StateError, match="no 3-D Secure check is open"):
        payer.authenticate()
    assert payer.pay(card="4000002500003155", authenticate=False).reason == "authentication_failed"
    payer.pay(card="4000002500003155", authenticate=None)
    assert payer.authenticate().status == "completed"
    # The same payment: it has failed, and succeeds.
    assert [event for event, _ in events] == ["PAYMENT_FAILED", "PAYMENT_FAILED", "PAYMENT_SUCCEEDED"]
    assert len({data["transaction_id"] for _, data in events}) == 1


def test_a_card_charge_is_declined_cancelled_and_left(sandbox, client, card):
    declined = card()
    assert sandbox.payer(declined).decline("lost_card").reason == "lost_card"
    assert sandbox.payer(declined).pay().status == "completed"
    cancelled = card()
    assert client.charges.cancel_card_charge(cancelled.id).status == "canceled"
    with pytest.raises(StateError, match="canceled"):
        sandbox.payer(cancelled).pay()
    # The server leaves the transaction, until it has waited for a day.
    assert client.charges.get_card_charge(cancelled.id).transaction.status == "pending"
    sandbox.clock.advance(hours=24)
    assert client.charges.get_card_charge(cancelled.id).transaction.status == "expired"
    left = card()
    sandbox.clock.advance(hours=24)
    # Too late for the transaction, not for the processor.
    assert sandbox.payer(left).pay().status == "expired"
    assert client.charges.get_card_charge(left.id).status == "succeeded"
    left = card()
    assert sandbox.payer(left).cancel().status == "requires_payment_method"
    assert sandbox.payer(left).time_out().status == "expired"
    assert client.charges.get_card_charge(left.id).transaction.status == "expired"
    by_transaction = client.charges.get_card_charge(card().id).transaction
    assert sandbox.payer(by_transaction).pay().status == "completed"
    with pytest.raises(ValueError, match="method is CARDS"):
        sandbox.payer(card()).pay("WAVE")


def test_a_card_charge_of_a_customer(sandbox, client, card):
    customer = client.customers.create(name="Lea")
    charge = client.charges.create_card_charge(
        amount=5, customer_id=customer.id, product_id=UNKNOWN.replace("3f", "4f")
    )
    paid = client.charges.get_card_charge(charge.id).transaction
    assert client.transactions.get(paid.transaction_id).customer_id == customer.id


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"amount": 0}, "amount must be a positive number"),
        ({"amount": "much"}, "amount must be a positive number"),
        ({"currency": "gbp"}, "Unsupported currency 'gbp'. Use XOF, USD, or EUR."),
        ({"customer_id": "cus_1"}, "customer_id must be a UUID v4"),
        ({"customer_id": UNKNOWN}, "Unable to resolve customer for reconciliation."),
        ({"customer_email": "lea"}, "Provide customer_id, or customer_email and customer_name with a valid email."),
        ({"customer_name": None}, "Provide customer_id, or both customer_email and customer_name"),
        ({"product_id": "honey"}, "product_id must be a UUID v4"),
        ({"appearance_theme": "pink"}, "appearance_theme must be one of"),
        ({"appearance_border_radius": -1}, "appearance_border_radius must be"),
        ({"appearance_billing_address": "always"}, "appearance_billing_address must be one of"),
    ],
)
def test_what_the_server_refuses_of_cards(ask, body, text):
    plain = {"amount": "12.0", "customer_email": "lea@shop.example", "customer_name": "Lea"}
    styled = {"appearance_border_radius": 8, "appearance_billing_address": "never"}
    assert ask("POST", "/charge/card", {**plain, **styled}).status == 201
    answer = ask("POST", "/charge/card", {**plain, **body})
    assert answer.status == 400
    assert text in answer.body.decode()


def test_whose_charge(sandbox, client, card):
    charge = card()
    other = sandbox.merchant("Other")
    with sandbox.client(api_key=other.api_key) as stranger, pytest.raises(lomi.LomiPermissionError):
        stranger.charges.get_card_charge(charge.id)
    with pytest.raises(lomi.LomiNotFoundError, match="No such payment_intent: 'pi_nothing'"):
        client.charges.get_card_charge("pi_nothing")


def test_in_the_docs_dialect():
    with Sandbox("docs", customers=0) as sandbox, sandbox.client() as client:
        customer = client.customers.create(name="Lea")

        def charge(id):
            body = json.dumps({"amount": 5, "customer_id": id}).encode()
            headers = (("x-api-key", sandbox.api_key), ("content-type", "application/json"))
            return sandbox.handle(Request("POST", "/charge/card", headers, body))

        assert charge("cus_nothing").status == 400
        made = json.loads(charge(customer.id).body)["data"]["id"]
        outcome = sandbox.payer(made).pay()
        assert outcome.status == "completed"
        shown = sandbox.objects("transactions", transaction_id=outcome.transaction_id)
        assert len(shown) == 1
        assert sandbox.payer(shown[0]["transaction_id"]).__class__ is sandbox.payer(made).__class__


# Transactions


def test_the_filters(sandbox, client, session, wave, card):
    sandbox.payer(session()).pay("MTN")
    wave()
    charge = card()
    sandbox.payer(charge).decline()
    newest = client.transactions.list(start_date=sandbox.clock.now().replace(hour=0))

    def found(**filters):
        return [each.provider_code for each in client.transactions.list(start_date="2026-01-15T10:00:00Z", **filters)]

    assert [each.provider_code for each in newest][:3] == ["STRIPE", "WAVE", "MTN"]
    assert "WAVE" in found(provider="WAVE")
    assert set(found(provider="WAVE")) == {"WAVE"}
    assert found(status=["failed"])[:1] == ["STRIPE"]
    assert found(type=["instalment"]) == []
    assert found(currency=["XOF"])[0] == "STRIPE"
    assert found(payment_method=["MOBILE_MONEY"])[:2] == ["WAVE", "MTN"]
    assert found(is_pos=True) == []
    assert found(is_pos=False)[:3] == ["STRIPE", "WAVE", "MTN"]
    assert found(end_date="2026-01-15T10:00:01Z") == []
    row = next(iter(client.transactions.list(page_size=1)))
    assert (row.customer_email, row.gross_amount_xof, row.quantity) == ("lea@shop.example", 10_000, 1)


def test_what_the_server_refuses_of_transactions(ask):
    for query in ("status=cancelled", "type=refund", "provider=CARD", "isPos="):
        assert ask("GET", f"/transactions?{query}").status == 500
    assert ask("GET", "/transactions?page=").status == 400
    assert ask("GET", "/transactions/tx_1").status == 500
    assert ask("GET", f"/transactions/{UNKNOWN}").status == 404
