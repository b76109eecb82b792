"""server.md, 6: merchants in the server dialect. One test a line."""

import re

import pytest

MERCHANT = "904d003c-3736-41d4-90a5-9de74d404fd7"
SUFFIXES = ["", "/mrr", "/arr", "/balance?currency_code=XOF"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_all_four_have_the_same_envelope(ask, suffix):
    body = ask(f"/merchants/{MERCHANT}{suffix}").json
    assert set(body) == {"success", "data"}
    assert body["success"] is True
    assert body["data"]["merchant_id"] == MERCHANT


def test_nothing_else_in_the_api_has_it(ask):
    assert "success" not in ask("/customers").json
    assert "success" not in ask("/me").json


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_key_required_and_read_only(ask, suffix):
    target = f"/merchants/{MERCHANT}{suffix}"
    assert ask(target, key=None).status == 401
    assert ask(target, "HEAD").status == 200
    assert ask(target, "POST", json={}).status == 404


@pytest.mark.parametrize(
    "identifier", ["00000000-0000-4000-8000-000000000000", "me", "abc", f"{MERCHANT}%20", MERCHANT.upper()]
)
def test_any_other_id_is_403_before_any_other_check(ask, identifier):
    for suffix in ("", "/mrr", "/arr", "/balance"):
        answer = ask(f"/merchants/{identifier}{suffix}")
        assert answer.status == 403
        assert answer.error["message"] == "Access denied: merchant ID does not match API key"


def test_another_merchant_of_the_sandbox_is_403(ask):
    other = ask.sandbox.merchant()
    assert ask(f"/merchants/{other.id}").status == 403
    assert ask(f"/merchants/{other.id}", key=other.api_key).status == 200


def test_me(ask):
    assert ask("/me").json == {
        "merchant_id": MERCHANT,
        "organization_id": ask("/customers").json["customers"][0]["organization_id"],
        "organization_name": "Test Merchant",
        "environment": "test",
    }


def test_merchant_has_thirteen_keys(ask):
    data = ask(f"/merchants/{MERCHANT}").json["data"]
    assert data == {
        "merchant_id": MERCHANT,
        "name": "Test Merchant",
        "email": "merchant@example.com",
        "phone_number": "+123456789",
        "country": "SN",
        "mrr": 50000,
        "arr": 600000,
        "merchant_lifetime_value": 1200000,
        "retry_payment_every": 3,
        "total_retries": 5,
        "metadata": {"industry": "e-commerce"},
        "created_at": "2023-01-15T10:30:00+00:00",
        "updated_at": "2023-02-20T14:45:00+00:00",
    }


@pytest.mark.parametrize(("figure", "amount"), [("mrr", 50000), ("arr", 600000)])
def test_mrr_and_arr_are_as_of_the_request(ask, figure, amount):
    first = ask(f"/merchants/{MERCHANT}/{figure}").json["data"]
    assert first[figure] == amount
    assert first["currency_code"] == "XOF"
    assert re.fullmatch(r"2026-01-15T10:30:00\.\d{3}Z", first["as_of_date"])
    assert ask(f"/merchants/{MERCHANT}/{figure}").json["data"]["as_of_date"] > first["as_of_date"]


def test_mrr_may_be_fractional(ask):
    other = ask.sandbox.merchant(mrr=1234.5)
    answer = ask(f"/merchants/{other.id}/mrr", key=other.api_key)
    assert b'"mrr":1234.5,' in answer.body


@pytest.mark.parametrize("query", ["", "?currency_code=", "?currencyCode=XOF"])
def test_balance_needs_its_currency(ask, query):
    answer = ask(f"/merchants/{MERCHANT}/balance{query}")
    assert (answer.status, answer.error["message"]) == (400, "currency_code query parameter is required")


@pytest.mark.parametrize("query", ["ZZZ", "xof", "XOF&currency_code=USD"])
def test_balance_of_a_currency_without_account_is_404_with_the_databases_text(ask, query):
    answer = ask(f"/merchants/{MERCHANT}/balance?currency_code={query}")
    assert (answer.status, answer.error["code"]) == (404, "not_found")
    assert "account" in answer.error["message"]


@pytest.mark.parametrize(("currency", "balance"), [("XOF", 250000), ("USD", 105000), ("EUR", 48250)])
def test_balance_is_as_of_its_last_change(ask, currency, balance):
    ask.sandbox.clock.advance(days=1)
    assert ask(f"/merchants/{MERCHANT}/balance?currency_code={currency}").json["data"] == {
        "merchant_id": MERCHANT,
        "currency_code": currency,
        "balance": balance,
        "as_of_date": "2026-01-15T10:30:00+00:00",
    }


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_database_error_is_404_with_its_text(ask, suffix):
    ask.sandbox.database_error("permission denied for function f")
    answer = ask(f"/merchants/{MERCHANT}{suffix}")
    assert (answer.status, answer.error["message"]) == (404, "permission denied for function f")
