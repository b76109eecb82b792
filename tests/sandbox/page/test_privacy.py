"""Before somebody asks for them, neither names nor addresses nor keys leave the sandbox for the page."""

import json

import pytest

from lomi.sandbox.dashboard import privacy as _privacy
from lomi.sandbox.dashboard.privacy import HIDDEN

PERSON = {
    "name": "Aïssatou Secret-Name",
    "email": "secret@person.example",
    "phone_number": "+221709998877",
    "whatsapp_number": "+221709998877",
    "city": "Secretville",
    "address": "12 Secret Street",
    "postal_code": "SECRET1",
    "country": "Senegal",
    "metadata": {"secret@key.example": "secret", "deep": [{"secret": 70999}]},
    "secret@field.example": 1,
    "is_business": False,
}
SECRETS = ("secret", "aïssatou", "a\\u00efssatou", "9998877", "70999")


def everything(page, *, personal):
    suffix = f"personal={'yes' if personal else 'no'}"
    state = page.json(f"state?{suffix}")
    details = [page.json(f"requests/{line['number']}?{suffix}") for line in state["requests"]]
    return json.dumps([state, details, page.json(f"data?{suffix}")], ensure_ascii=False).lower()


@pytest.fixture(params=["docs", "server"])
def busy(request, page, sandbox, send):
    """A sandbox that was told a person's data in every place where one can."""
    sandbox.dialect = request.param
    created = json.loads(send("POST", "/customers", PERSON).body)
    identifier = created.get("id") or created["customer_id"]
    sandbox.pay(identifier, 100, description="secret gift", metadata={"for": "secret"})
    send("GET", f"/customers/{identifier}")
    send("GET", f"/customers/{identifier}/transactions")
    send("PATCH", f"/customers/{identifier}", {"address": "13 Secret Street"})
    send("GET", "/customers?search=Secret&Secret=1&page=secret&pageSize=Secret")
    send("GET", "/customers?search=Secret&type=secret&status=secret")
    send("GET", "/customers/secret@person.example")
    send("GET", "/Secret%20Name/customers?secret")
    send("GET", f"/merchants/{sandbox.merchant_id}/balance?currency_code=secret")
    send("GET", "/merchants/secret/mrr")
    send("POST", f"/customers/{identifier}/portal-launch-session", {"return_url": "https://secret.example"})
    send("POST", "/customers", b'{"name": "Secret')
    send("POST", "/customers", b"[" * 5_000 + b'"secret"')
    send(
        "POST",
        "/customers",
        {"name": "x", "message": "secret", "details": {"Secret Field": "secret"}, "id": "s e c r e t"},
    )
    send(
        "GET", "/me", x_request_id="secret", cookie="a=secret", lomi_account="secret", x_note="secret", user_agent="me"
    )
    send("GET", "/me", x_api_key="secret", authorization="Basic secret")
    return page


def test_nothing_personal_is_told_unasked(busy):
    text = everything(busy, personal=False)
    assert [text[max(0, text.find(secret) - 80) :][:160] for secret in SECRETS if secret in text] == []
    assert HIDDEN in text


def test_all_of_it_is_told_when_it_is_asked_for_but_no_key(busy, sandbox):
    text = everything(busy, personal=True)
    for shown in ("aïssatou secret-name", "secret@person.example", "12 secret street", "secret@key.example"):
        assert shown in text
    assert sandbox.api_key not in text
    assert "basic secret" not in text
    assert "launch_token" in text
    assert '"x-api-key": "lomi_sk_test_****"' in text


def told(page, number=1, personal="no"):
    return page.json(f"requests/{number}?personal={personal}")


def test_what_is_plain_stays(page, send):
    send("GET", "/customers?page=2&pageSize=5&type=business&status=all")
    assert page.json("state")["requests"][0]["target"] == "/customers?page=2&pageSize=5&type=business&status=all"
    answer = json.loads(told(page)["response"])
    assert answer["pagination"] == {"page": 2, "pageSize": 5, "totalCount": 30, "totalPages": 6}
    first = answer["customers"][0]
    assert first["id"].startswith("cus_")
    assert first["created_at"].startswith("20")
    assert (first["is_business"], first["name"], first["metadata"]) == (True, HIDDEN, HIDDEN)
    assert told(page)["headers"] == {"x-api-key": "lomi_sk_test_****", "content-type": "application/json"}


def test_amounts_stay(page, sandbox, send):
    send("GET", f"/merchants/{sandbox.merchant_id}/balance?currency_code=XOF")
    line = page.json("state")["requests"][0]["target"]
    assert line == f"/merchants/{sandbox.merchant_id}/balance?currency_code=XOF"
    assert json.loads(told(page)["response"])["data"]["balance"] == 250_000


def test_messages_stay_where_they_repeat_nothing(page, send):
    send("POST", "/customers", {"email": "awa@example.com"})
    error = json.loads(told(page)["response"])["error"]
    assert error == {
        "code": "MISSING_PARAMETER",
        "message": "A required field is missing",
        "details": {"name": "is required"},
    }
    send("GET", "/customers/awa@example.com")
    error = json.loads(told(page, 2)["response"])["error"]
    assert error == {"code": "NOT_FOUND", "message": HIDDEN}


def test_an_unknown_path(page, send):
    send("GET", "/v1/customers/awa")
    assert page.json("state")["requests"][0]["target"] == f"/v1/customers/{HIDDEN}"
    assert page.json("state?personal=yes")["requests"][0]["target"] == "/v1/customers/awa"


def test_what_is_not_json(page, send):
    send("POST", "/customers", b"name=Awa")
    assert told(page)["body"] == HIDDEN
    assert told(page, personal="yes")["body"] == "name=Awa"


def test_nothing_sent(page, send):
    send("GET", "/me")
    assert told(page)["body"] == ""


def test_a_lone_surrogate_can_be_shown(page, send):
    send("POST", "/customers", b'{"name":"\\ud800"}')
    assert json.loads(told(page, personal="yes")["body"]) == {"name": "\ud800"}


def test_hints():
    assert _privacy.name_hint("Amadou Ba") == f"A{HIDDEN} B{HIDDEN}"
    assert _privacy.name_hint(" ") == HIDDEN
    assert _privacy.email_hint("a@b.c") == f"a{HIDDEN}@{HIDDEN}"
    assert _privacy.phone_hint("+221771234567") == f"+221 {HIDDEN}"
    assert _privacy.phone_hint("0701") == _privacy.phone_hint("Awa") == HIDDEN
    assert (_privacy.email_hint(None), _privacy.phone_hint("")) == (None, "")
