"""The payer's page, asked for as a browser on this machine does, without a socket."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode

import pytest

import lomi.sandbox
from lomi.sandbox.dashboard.guard import page_or_refusal
from lomi.sandbox.http import Request
from lomi.sandbox.payer.cards import CARDS

HERE = "http://127.0.0.1:8000"
NOT_HTML = "<script>alert(1)</script>\"'&"
WORDS = json.loads((Path(lomi.sandbox.__file__).parent / "dashboard" / "payer" / "words.json").read_text("utf-8"))


class Text(HTMLParser):
    """What a page says, the buttons it has, and the tags that it is made of."""

    def __init__(self, markup):
        super().__init__()
        self.words, self.buttons, self.tags, self.links = "", [], set(), []
        self.feed(markup)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag == "button":
            self.buttons.append(dict(attrs)["value"])
        if tag == "a":
            self.links.append(dict(attrs)["href"])

    def handle_data(self, data):
        self.words += data


class Visitor:
    def __init__(self, sandbox):
        self.sandbox = sandbox

    def send(self, url, method="GET", body=b"", **headers):
        target = url.replace("https://lomi-sandbox.invalid", "")
        pairs = {"host": "127.0.0.1:8000", **{name.replace("_", "-"): value for name, value in headers.items()}}
        return page_or_refusal(self.sandbox, Request(method, target, tuple(pairs.items()), body))

    def read(self, url, **headers):
        answer = self.send(url, **headers)
        assert answer.status == 200
        return Text(answer.body.decode())

    def press(self, url, action, **fields):
        """Press a button, and return where that leads."""
        body = urlencode({"action": action, **fields}).encode()
        answer = self.send(url, "POST", body, origin=HERE, content_type="application/x-www-form-urlencoded")
        assert (answer.status, answer.body) == (303, b"")
        return dict(answer.headers)["Location"]


@pytest.fixture
def visitor(sandbox):
    return Visitor(sandbox)


def status(client, made):
    return client.checkout_sessions.get(made.checkout_session_id).status


@pytest.mark.parametrize("method", ["WAVE", "MTN", "CARDS"])
def test_a_person_pays(client, visitor, session, method):
    made = session(title="Order 1881", description="Two baskets", amount=24_500)
    page = visitor.read(made.checkout_url)
    assert "Order 1881" in page.words
    assert "Two baskets" in page.words
    assert "24,500\u00a0XOF" in page.words
    assert page.buttons == ["WAVE", "MTN", "CARDS", "decline", "cancel"]
    leads = visitor.press(made.checkout_url, method, card="4242 4242 4242 4242")
    assert leads == f"https://shop.example/ok?s={made.checkout_session_id}"
    assert status(client, made) == "completed"
    after = visitor.read(made.checkout_url)
    assert "Paid" in after.words
    assert after.links == [leads]
    assert after.buttons == []
    # Pressed again, in another tab.
    assert visitor.press(made.checkout_url, method) == made.checkout_url


def test_the_shop_is_notified(sandbox, visitor, events, session):
    made = session()
    visitor.press(made.checkout_url, "decline")
    visitor.press(made.checkout_url, "WAVE")
    sandbox.deliver()
    assert [event for event, _ in events] == ["PAYMENT_FAILED", "PAYMENT_SUCCEEDED"]


def test_three_d_secure(client, visitor, session):
    made = session()
    card = "4000002500003155"
    assert visitor.press(made.checkout_url, "CARDS", card=card) == made.checkout_url
    assert visitor.read(made.checkout_url).buttons == ["pass", "refuse"]
    leads = visitor.press(made.checkout_url, "refuse")
    assert "Your bank could not confirm" in visitor.read(leads).words
    visitor.press(made.checkout_url, "CARDS", card=card)
    assert visitor.press(made.checkout_url, "pass").startswith("https://shop.example/ok")
    assert status(client, made) == "completed"


@pytest.mark.parametrize(
    ("action", "fields", "text"),
    [
        ("decline", {}, "There is not enough money in the account."),
        ("CARDS", {"card": "4000000000000069"}, "The card has expired."),
        ("CARDS", {"card": "4000000000000002"}, "The payment was declined."),
        ("CARDS", {"card": "4111111111111111"}, "Use one of the test cards"),
        ("WAVE", {"coupon": "SAVE10"}, "This coupon cannot be used."),
        ("WAVE", {"quantity": "2"}, "The quantity cannot be changed."),
        ("PAYPAL", {}, "The payment was declined."),
    ],
)
def test_what_does_not_work(client, visitor, session, action, fields, text):
    made = session()
    leads = visitor.press(made.checkout_url, action, **fields)
    page = visitor.read(leads)
    assert text in page.words
    assert "WAVE" in page.buttons
    assert status(client, made) == "open"


def test_choices(client, visitor, session):
    client.discount_coupons.create(
        code="SAVE10", discount_type="percentage", discount_percentage=10, usage_frequency_limit="total"
    )
    made = session(allow_quantity=True, allow_coupon_code=True)
    assert {"Quantity", "Coupon code"} <= set(
        re.findall(r"Quantity|Coupon code", visitor.read(made.checkout_url).words)
    )
    visitor.press(made.checkout_url, "WAVE", quantity="2", coupon="save10")
    assert next(iter(client.transactions.list(page_size=1))).gross_amount == 9000


def test_cancel_and_expiry(sandbox, client, visitor, session):
    made = session()
    assert visitor.press(made.checkout_url, "cancel") == "https://shop.example/back"
    nowhere = session(cancel_url=None, success_url=None)
    assert visitor.press(nowhere.checkout_url, "cancel") == nowhere.checkout_url
    assert visitor.press(nowhere.checkout_url, "WAVE") == nowhere.checkout_url
    assert visitor.read(nowhere.checkout_url).links == []
    sandbox.clock.advance(hours=1)
    page = visitor.read(made.checkout_url)
    assert "This can no longer be paid." in page.words
    assert page.links == ["https://shop.example/back"]


def test_links_and_requests(sandbox, client, visitor):
    link = client.payment_links.create(link_type="instant", title="Deposit", currency_code="EUR", amount=19.99)
    answer = visitor.send(link.url)
    assert answer.status == 303
    url = dict(answer.headers)["Location"]
    assert "19.99\u00a0EUR" in visitor.read(url).words
    assert "19,99\u00a0EUR" in visitor.read(url, accept_language="fr").words
    assert dict(visitor.send(link.url).headers)["Location"] != url
    request = client.payment_requests.create(amount=5, currency_code="XOF", expiry_date="2026-02-01T00:00:00Z")
    visitor.press(dict(visitor.send(request.payment_link).headers)["Location"], "WAVE")
    assert client.payment_requests.get(request.request_id).status == "completed"
    assert "Paid" in visitor.read(request.payment_link).words


def test_charges(sandbox, client, visitor):
    sandbox.mobile_money = "waits"
    wave = client.charges.create_wave_charge(amount=2500, currency="XOF", customer={"name": "Awa"})
    assert visitor.read(wave.checkout_url).buttons == ["WAVE", "decline", "cancel"]
    visitor.press(wave.checkout_url, "decline")
    assert "Nothing was paid." in visitor.read(wave.checkout_url).words
    card = client.charges.create_card_charge(amount=10_000, customer_email="a@b.example", customer_name="Awa")
    url = f"/_sandbox/pay/charge/{card.id}"
    page = visitor.read(url)
    assert page.buttons == ["CARDS", "decline"]
    assert "10,000\u00a0XOF" in page.words
    visitor.press(url, "CARDS", card="4242424242424242")
    assert "Paid" in visitor.read(url).words
    left = client.charges.create_card_charge(amount=10_000, customer_email="a@b.example", customer_name="Awa")
    client.charges.cancel_card_charge(left.id)
    assert "Expired" in visitor.read(f"/_sandbox/pay/charge/{left.id}").words


def test_nothing_of_a_merchant_becomes_markup(ask, visitor, session):
    plain = {"amount": 5, "currency_code": "XOF", "title": NOT_HTML, "description": NOT_HTML}
    urls = {"success_url": f"javascript:alert(1)//{NOT_HTML}", "cancel_url": "https://x.example/\r\nSet-Cookie: a=1"}
    made = json.loads(ask("POST", "/checkout-sessions", {**plain, **urls}).body)
    page = visitor.read(made["checkout_url"])
    assert NOT_HTML in page.words
    assert "script" not in page.tags
    assert visitor.press(made["checkout_url"], "cancel") == "https://x.example/%0D%0ASet-Cookie:%20a=1"
    visitor.press(made["checkout_url"], "WAVE")
    assert visitor.read(made["checkout_url"]).links == []
    other = session()
    assert "script" not in visitor.read(f"{other.checkout_url}?{urlencode({'problem': NOT_HTML})}").tags


def test_languages(visitor, session):
    made = session(amount=24_500)
    english = visitor.read(made.checkout_url)
    french = visitor.read(made.checkout_url, accept_language="fr-SN,fr;q=0.9,en;q=0.8")
    assert "Pay by card" in english.words
    assert "Payer par carte" in french.words
    assert "24\u202f500\u00a0XOF" in french.words
    assert all({"en", "fr"} == set(said) and all(said.values()) for said in WORDS.values())


def test_it_needs_no_script_and_nothing_from_elsewhere(visitor, session):
    made = session()
    answer = visitor.send(made.checkout_url)
    headers = dict(answer.headers)
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cache-Control"] == "no-store"
    assert all(number in answer.body.decode() for number in CARDS)
    style = visitor.send("/_sandbox/pay/pay.css")
    assert dict(style.headers)["Content-Type"].startswith("text/css")
    for path in ("/", "/nothing/1", "/checkout/1", "/words.json", "/link/"):
        assert visitor.send(f"/_sandbox/pay{path}").status == 404
    for method in ("HEAD", "PUT"):
        assert visitor.send(made.checkout_url, method).status == 405


def test_who_may_come(client, visitor, session):
    made = session()
    led = {"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate", "sec_fetch_dest": "document"}
    assert visitor.send(made.checkout_url, **led).status == 200
    for change in ({"sec_fetch_dest": "iframe"}, {"sec_fetch_mode": "no-cors"}):
        assert visitor.send(made.checkout_url, **{**led, **change}).status == 403
    body = b"action=WAVE"
    assert visitor.send(made.checkout_url, "POST", body, **led).status == 403
    assert visitor.send(made.checkout_url, "POST", body, origin="https://evil.example").status == 403
    assert visitor.send(made.checkout_url, host="evil.example", **led).status == 403
    assert visitor.send(made.checkout_url, host="10.0.0.1", **led).status == 403
    assert status(client, made) == "open"


def test_a_closed_sandbox(sandbox, visitor, session):
    made = session()
    sandbox.close()
    assert visitor.send(made.checkout_url).status == 503
