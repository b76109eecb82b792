"""The vendor's Merchants page, as the docs dialect keeps its promises."""

import pytest

MERCHANT = "904d003c-3736-41d4-90a5-9de74d404fd7"
UNKNOWN = "00000000-0000-4000-8000-000000000000"


def test_merchant(ask_docs):
    assert ask_docs(f"/merchants/{MERCHANT}").json == {
        "data": {
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
            "created_at": "2023-01-15T10:30:00Z",
            "updated_at": "2023-02-20T14:45:00Z",
        }
    }


@pytest.mark.parametrize(
    ("suffix", "data"),
    [
        ("/mrr", {"mrr": 50000, "currency_code": "XOF"}),
        ("/arr", {"arr": 600000, "currency_code": "XOF"}),
        ("/balance?currency_code=XOF", {"currency_code": "XOF", "balance": 250000}),
    ],
)
def test_figures(ask_docs, suffix, data):
    ask_docs.sandbox.clock.advance(days=31)
    assert ask_docs(f"/merchants/{MERCHANT}{suffix}").json == {
        "data": {"merchant_id": MERCHANT, **data, "as_of_date": "2026-02-15T10:30:00Z"}
    }


@pytest.mark.parametrize("suffix", ["", "/mrr", "/arr", "/balance", "/balance?currency_code=XOF"])
def test_merchant_not_found(ask_docs, suffix):
    other = ask_docs.sandbox.merchant()
    for identifier in (UNKNOWN, "x", other.id):
        answer = ask_docs(f"/merchants/{identifier}{suffix}")
        assert (answer.status, answer.error["code"]) == (404, "MERCHANT_NOT_FOUND")


@pytest.mark.parametrize("suffix", ["", "/mrr", "/arr", "/balance?currency_code=XOF"])
def test_unauthorized(ask_docs, suffix):
    answer = ask_docs(f"/merchants/{MERCHANT}{suffix}", key=None)
    assert (answer.status, answer.error["code"]) == (401, "UNAUTHORIZED")


@pytest.mark.parametrize("figure", ["mrr", "arr"])
def test_no_data_found(ask_docs, figure):
    other = ask_docs.sandbox.merchant(mrr=None, arr=None)
    answer = ask_docs(f"/merchants/{other.id}/{figure}", key=other.api_key)
    assert (answer.status, answer.error["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("suffix", "reads"),
    [
        ("", "merchant details"),
        ("/mrr", "merchant MRR"),
        ("/arr", "merchant ARR"),
        ("/balance?currency_code=XOF", "merchant balance"),
    ],
)
def test_database_error(ask_docs, suffix, reads):
    ask_docs.sandbox.database_error()
    answer = ask_docs(f"/merchants/{MERCHANT}{suffix}")
    assert (answer.status, answer.error["code"]) == (500, "DATABASE_ERROR")
    assert answer.error["message"] == f"Error retrieving {reads}."


def test_internal_error(ask_docs):
    ask_docs.sandbox.fail(500)
    answer = ask_docs(f"/merchants/{MERCHANT}")
    assert (answer.status, answer.error["code"]) == (500, "INTERNAL_ERROR")


@pytest.mark.parametrize("query", ["", "?currency_code=", "?currencyCode=XOF"])
def test_missing_parameter(ask_docs, query):
    answer = ask_docs(f"/merchants/{MERCHANT}/balance{query}")
    assert (answer.status, answer.error["code"]) == (400, "MISSING_PARAMETER")
    assert answer.error["details"] == {"currency_code": "is required"}


@pytest.mark.parametrize("currency", ["xof", "FRANC", "XOF&currency_code=USD"])
def test_a_currency_that_cannot_be_one(ask_docs, currency):
    answer = ask_docs(f"/merchants/{MERCHANT}/balance?currency_code={currency}")
    assert (answer.status, answer.error["code"]) == (400, "BAD_REQUEST")


def test_a_currency_without_balance(ask_docs):
    answer = ask_docs(f"/merchants/{MERCHANT}/balance?currency_code=GNF")
    assert (answer.status, answer.error["code"]) == (404, "NOT_FOUND")
