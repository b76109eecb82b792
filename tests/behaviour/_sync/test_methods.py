"""What every method sends, and what it makes of the answer, in both dialects."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

import httpx
import pytest
import respx

import lomi
from tests.wire import (
    ARR,
    BALANCE,
    BASE_URL,
    CUSTOMER,
    CUSTOMER_IDS,
    DELETED,
    DIALECTS,
    ERRORS,
    LIST_ITEM,
    MERCHANT,
    MERCHANT_ID,
    MRR,
    TEST_KEY,
    TRANSACTIONS,
    Dialect,
    customers,
    enveloped,
    listing,
)

pytestmark = pytest.mark.anyio
WHOLE = {
    "name": "Amadou Ba",
    "email": "amadou.ba@example.com",
    "phone_number": "+221771234567",
    "whatsapp_number": "+221771234567",
    "country": "Senegal",
    "city": "Dakar",
    "address": "12 Rue Carnot",
    "postal_code": "11000",
    "is_business": False,
    "metadata": {"internal_id": "USER_123", "é": [1, None, True]},
}
# Never a test's own value: {dialect: answer} where they differ.
CALLS: dict[str, tuple[Any, str, str, Any, Any]] = {
    "create": (lambda c, of: c.customers.create(**WHOLE), "POST", "/customers", WHOLE, CUSTOMER),
    "create from a mapping": (lambda c, of: c.customers.create(WHOLE), "POST", "/customers", WHOLE, CUSTOMER),
    "create with a name": (
        lambda c, of: c.customers.create(name="A", email=None, is_business=None),
        "POST",
        "/customers",
        {"name": "A"},
        CUSTOMER,
    ),
    "get": (lambda c, of: c.customers.get(of), "GET", "/customers/{id}", None, CUSTOMER),
    "update": (
        lambda c, of: c.customers.update(of, email=None, metadata={"vip": True}),
        "PATCH",
        "/customers/{id}",
        {"email": None, "metadata": {"vip": True}},
        CUSTOMER,
    ),
    "update from a mapping": (
        lambda c, of: c.customers.update(of, {"email": "new.email@example.com", "city": None}),
        "PATCH",
        "/customers/{id}",
        {"email": "new.email@example.com", "city": None},
        CUSTOMER,
    ),
    "update from both": (
        lambda c, of: c.customers.update(of, {"email": None}, name="B", is_business=True),
        "PATCH",
        "/customers/{id}",
        {"email": None, "name": "B", "is_business": True},
        CUSTOMER,
    ),
    "get_transactions": (
        lambda c, of: c.customers.get_transactions(of),
        "GET",
        "/customers/{id}/transactions",
        None,
        TRANSACTIONS,
    ),
    "merchant": (lambda c, of: c.merchants.get(MERCHANT_ID), "GET", f"/merchants/{MERCHANT_ID}", None, MERCHANT),
    "mrr": (lambda c, of: c.merchants.get_mrr(MERCHANT_ID), "GET", f"/merchants/{MERCHANT_ID}/mrr", None, MRR),
    "arr": (lambda c, of: c.merchants.get_arr(MERCHANT_ID), "GET", f"/merchants/{MERCHANT_ID}/arr", None, ARR),
    "balance": (
        lambda c, of: c.merchants.get_balance(MERCHANT_ID, currency_code="XOF"),
        "GET",
        f"/merchants/{MERCHANT_ID}/balance?currency_code=XOF",
        None,
        BALANCE,
    ),
}
LISTS: list[tuple[dict[str, Any], str]] = [
    ({}, "/customers"),
    (
        {"search": "amadou b&", "type": "individual", "status": "active", "page": 1, "pageSize": 20},
        "/customers?search=amadou+b%26&type=individual&status=active&page=1&pageSize=20",
    ),
    ({"page_size": 20}, "/customers?pageSize=20"),
    ({"search": "", "type": None, "page": None}, "/customers"),
]


def sent(api: respx.MockRouter) -> httpx.Request:
    return api.calls.last.request


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", CALLS)
def test_every_method(api: respx.MockRouter, dialect: Dialect, name: str) -> None:
    make, method, target, body, answer = CALLS[name]
    answer = answer.get(dialect, answer)
    on_wire = enveloped(dialect, answer) if "/merchants/" in target else answer
    status = 201 if method == "POST" else 200
    api.route(method=method).respond(status, json=on_wire)
    with lomi.LomiClient(TEST_KEY) as client:
        result = make(client, CUSTOMER_IDS[dialect])
    request = sent(api)
    assert request.method == method
    assert str(request.url) == BASE_URL + target.format(id=CUSTOMER_IDS[dialect])
    assert (json.loads(request.content) if request.content else None) == body
    if body is not None:
        # Numbers, letters and order as they were passed; nothing escaped.
        assert request.content.decode() == json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    shown = [each.to_dict() for each in result] if isinstance(result, list) else [result.to_dict()]
    for one, wire in zip(shown, answer if isinstance(answer, list) else [answer], strict=True):
        assert one.get("name") == wire.get("name")
        assert one.get("gross_amount") == wire.get("gross_amount")
        assert one.get("mrr") == wire.get("mrr")
        assert one.get("balance") == wire.get("balance")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_delete(api: respx.MockRouter, dialect: Dialect) -> None:
    status, body = DELETED[dialect]
    api.delete(f"/customers/{CUSTOMER_IDS[dialect]}").respond(status, content=body)
    with lomi.LomiClient(TEST_KEY) as client:
        assert client.customers.delete(CUSTOMER_IDS[dialect]) is None
    assert sent(api).content == b""
    assert "content-type" not in sent(api).headers


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(("arguments", "target"), LISTS)
def test_list(api: respx.MockRouter, dialect: Dialect, arguments: dict[str, Any], target: str) -> None:
    api.get("/customers").respond(json=listing(dialect, [LIST_ITEM[dialect]], 1, 20, 1))
    with lomi.LomiClient(TEST_KEY) as client:
        page = client.customers.list(**arguments)
        assert str(sent(api).url) == BASE_URL + target
        assert api.calls.call_count == 1
        assert [customer.id for customer in page.customers] == [CUSTOMER_IDS[dialect]]
        assert page.items == page.customers == page["customers"]
        assert page["pagination"]["totalCount"] == page.pagination.total_count == 1
        assert page.to_dict()["pagination"] == {"page": 1, "pageSize": 20, "totalCount": 1, "totalPages": 1}
        assert repr(page).startswith("CustomerPage(1 items, Pagination(")
        assert [customer.id for customer in page] == [CUSTOMER_IDS[dialect]]
    assert api.calls.call_count == 1


@pytest.mark.parametrize("dialect", DIALECTS)
def test_iterating_walks_to_the_last_page(api: respx.MockRouter, dialect: Dialect) -> None:
    items = customers(dialect, 50)

    def answer(request: httpx.Request) -> httpx.Response:
        page, size = int(request.url.params["page"]), int(request.url.params["pageSize"])
        return httpx.Response(200, json=listing(dialect, items[(page - 1) * size : page * size], page, size, 50))

    api.get("/customers").mock(side_effect=answer)
    with lomi.LomiClient(TEST_KEY) as client:
        page = client.customers.list(search="a", page=2, page_size=20)
        given = [customer.id for customer in page]
        assert given == [f"cus_{number:04d}" for number in range(20, 50)]
        # The page that is held stays the page, and can be walked again.
        assert page.pagination.page == 2
        assert [customer.id for customer in page] == given
    urls = [str(call.request.url) for call in api.calls]
    assert urls[0].endswith("?search=a&page=2&pageSize=20")
    assert urls[1].endswith("?search=a&page=3&pageSize=20")
    assert len(urls) == 3


def test_page_size_under_both_names() -> None:
    with lomi.LomiClient(TEST_KEY) as client:
        with pytest.raises(TypeError, match="both page_size and pageSize"):
            client.customers.list(page_size=1, pageSize=1)


def test_what_every_request_carries(api: respx.MockRouter) -> None:
    api.route().respond(json={"merchant_id": "m", "id": "c"})
    with lomi.LomiClient(TEST_KEY) as client:
        client.merchants.get("m")
        get = sent(api)
        client.with_options(account="acct_1").customers.create(name="A")
        post = sent(api)
    for request in (get, post):
        names = [name.lower() for name, _ in request.headers.raw]
        assert len(names) == len(set(names))
        assert request.headers["X-API-KEY"] == TEST_KEY
        assert uuid.UUID(request.headers["X-Request-Id"]).version == 4
        assert request.headers["Accept"] == "application/json"
        assert request.headers["Accept-Encoding"] == "gzip"
        assert request.headers["Host"] == "sandbox.api.lomi.africa"
        assert re.fullmatch(r"lomi-python/[\d.]+ python/3\.\d+\.\d+\S*", request.headers["User-Agent"])
        assert "Cookie" not in request.headers
        assert "Idempotency-Key" not in request.headers
    assert get.headers["X-Request-Id"] != post.headers["X-Request-Id"]
    assert "Lomi-Account" not in get.headers
    assert post.headers["Lomi-Account"] == "acct_1"
    assert post.headers["Content-Type"] == "application/json"
    assert post.headers["Content-Length"] == str(len(post.content))
    assert "Content-Length" not in get.headers
    assert "Transfer-Encoding" not in post.headers


def test_odd_ids_stay_one_segment(api: respx.MockRouter) -> None:
    api.route().respond(json={"id": "c"})
    with lomi.LomiClient(TEST_KEY) as client:
        client.customers.get("../merchants/1?x#y")
    assert sent(api).url.raw_path == b"/customers/..%2Fmerchants%2F1%3Fx%23y"


BAD: list[Any] = [
    lambda c: c.customers.create(name=""),
    lambda c: c.customers.create({"emial": "x"}),
    lambda c: c.customers.update("c"),
    lambda c: c.customers.update("", name="A"),
    lambda c: c.customers.update("c", name=None),
    lambda c: c.customers.list(page=0),
    lambda c: c.customers.get(""),
    lambda c: c.customers.get(".."),
    lambda c: c.customers.delete("a\n"),
    lambda c: c.customers.get_transactions(" "),
    lambda c: c.merchants.get(""),
    lambda c: c.merchants.get_mrr("."),
    lambda c: c.merchants.get_arr(5),
    lambda c: c.merchants.get_balance("m", currency_code="xof"),
    lambda c: c.merchants.get_balance("", currency_code="XOF"),
]


@pytest.mark.parametrize("make", BAD)
def test_what_is_wrong_is_refused_before_any_io(api: respx.MockRouter, make: Any) -> None:
    with lomi.LomiClient(TEST_KEY) as client:
        with pytest.raises(lomi.LomiValidationError) as caught:
            make(client)
    assert (caught.value.outcome, caught.value.attempts) == ("not_sent", 0)
    assert api.calls.call_count == 0


@pytest.mark.parametrize(
    "make",
    [
        lambda c: c.customers.create({"name": "A"}, name="B"),
        lambda c: c.customers.list("search"),
        lambda c: c.merchants.get_balance("m"),
        lambda c: c.merchants.get_balance("m", "XOF"),
        lambda c: c.customers.get(),
    ],
)
def test_wrong_arguments_are_pythons_type_error(make: Any) -> None:
    with lomi.LomiClient(TEST_KEY) as client:
        with pytest.raises(TypeError):
            make(client)


@pytest.mark.parametrize(
    ("dialect", "answer"), [(dialect, answer) for dialect in DIALECTS for answer in ERRORS[dialect]], ids=str
)
def test_every_error(api: respx.MockRouter, dialect: Dialect, answer: Any) -> None:
    api.route().respond(answer.status, content=answer.body, headers=dict(answer.headers))
    with lomi.LomiClient(TEST_KEY, max_retries=0) as client:
        for make in (lambda c: c.customers.get("c"), lambda c: c.customers.create(name="A")):
            with pytest.raises(answer.kind) as caught:
                make(client)
            error = caught.value
            assert type(error) is answer.kind
            assert (error.status_code, error.code, error.message) == (answer.status, answer.code, answer.message)
            assert error.request_id == (answer.request_id or sent(api).headers["X-Request-Id"])
            assert error.attempts == 1
            assert error.outcome == ("unknown" if answer.status >= 500 else "rejected")
            assert error.body == answer.body
            assert TEST_KEY not in f"{error!r}{vars(error)}"


def test_the_way_to_endpoints_that_have_no_method(api: respx.MockRouter) -> None:
    api.get("/accounts/balance").respond(json=BALANCE)
    api.post("/checkout-sessions").respond(201, json={"a": 1})
    api.head("/me").respond(200)
    with lomi.LomiClient(TEST_KEY) as client:
        where = lomi.path("/accounts/balance")
        balance = client.send(lomi.Request("GET", where, lomi.MerchantBalance, unwrap_data=True))
        assert balance.money == lomi.Money(250000, "XOF")
        where = lomi.path("/checkout-sessions")
        request = lomi.Request("POST", where, dict[str, int], body={"amount": 5}, idempotency_key="key-1")
        assert client.send(request) == {"a": 1}
        assert sent(api).headers["Idempotency-Key"] == "key-1"
        assert client.send(lomi.Request("HEAD", lomi.path("/me"), type(None))) is None
        assert sent(api).method == "HEAD"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_odd_field_is_logged_by_name_and_costs_nothing_else(
    api: respx.MockRouter, dialect: Dialect, caplog: pytest.LogCaptureFixture
) -> None:
    headers = {"X-Request-Id": "r-1", "X-RateLimit-Limit": "5000", "X-RateLimit-Reset": "7"}
    api.get("/customers/x").respond(200, json={**CUSTOMER[dialect], "created_at": "s3cret"}, headers=headers)
    with lomi.LomiClient(TEST_KEY) as client:
        customer = client.customers.get("x")
    assert customer.created_at is None
    assert customer["created_at"] == "s3cret"
    (record,) = [each for each in caplog.records if each.levelname == "WARNING"]
    assert "customers.get" in record.getMessage()
    assert "created_at" in record.getMessage()
    assert "s3cret" not in caplog.text
    info = customer.last_response
    assert info is not None
    assert (info.status_code, info.request_id, info.attempts) == (200, "r-1", 1)
    assert info.headers["x-ratelimit-limit"] == "5000"
    assert info.elapsed >= 0
    assert info.rate_limit is not None
    assert (info.rate_limit.limit, info.rate_limit.remaining, info.rate_limit.reset) == (5000, None, 7.0)


def test_a_request_of_the_callers_own_with_an_odd_field_is_logged_too(
    api: respx.MockRouter, caplog: pytest.LogCaptureFixture
) -> None:
    api.get("/customers/x").respond(200, json={"id": "x", "city": []})
    with lomi.LomiClient(TEST_KEY) as client:
        client.send(lomi.Request("GET", lomi.path("/customers/{id}", id="x"), lomi.Customer))
    assert "GET /customers/{id}: a response with values that cannot be read, now None: city" in caplog.text
