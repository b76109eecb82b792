"""The vendor's Customers page, as the docs dialect keeps its promises."""

import uuid

import pytest

JSON = {"Content-Type": "application/json"}
KEYS = [
    *("id", "organization_id", "name", "email", "phone_number", "whatsapp_number", "country", "city"),
    *("address", "postal_code", "is_business", "metadata", "created_at", "updated_at"),
]
BA = {
    "name": "Amadou Ba",
    "email": "amadou.ba@example.com",
    "phone_number": "+221771234567",
    "country": "Senegal",
    "city": "Dakar",
    "is_business": False,
    "metadata": {"internal_id": "USER_123"},
}


def test_create(ask_docs):
    answer = ask_docs.post(BA)
    assert answer.status == 201
    customer = answer.json
    assert list(customer) == KEYS
    assert customer["id"].startswith("cus_")
    assert {name: customer[name] for name in BA} == BA
    assert customer["created_at"] == "2026-01-15T10:30:00Z"


def test_success_has_no_headers_that_the_pages_do_not_mention(ask_docs):
    assert set(ask_docs("/customers").headers) == {"content-type", "content-length", "date"}


@pytest.mark.parametrize(
    ("body", "details"),
    [
        ({}, {"name": "is required"}),
        ({"name": None, "email": "a@b.sn"}, {"name": "is required"}),
    ],
)
def test_create_without_a_name(ask_docs, body, details):
    answer = ask_docs.post(body)
    assert (answer.status, answer.error["code"], answer.error["details"]) == (400, "MISSING_PARAMETER", details)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": 5}, "name"),
        ({"name": "a\0"}, "name"),
        ({"email": "not-an-email"}, "email"),
        ({"email": "two@at@signs"}, "email"),
        ({"email": True}, "email"),
        ({"city": 1}, "city"),
        ({"is_business": "yes"}, "is_business"),
        ({"is_business": 1}, "is_business"),
        ({"metadata": [1]}, "metadata"),
        ({"metadata": "text"}, "metadata"),
        ({"metadata": {"a": "\0"}}, "metadata"),
    ],
)
def test_create_with_a_bad_field(ask_docs, fields, field):
    answer = ask_docs.post({"name": "J", **fields})
    assert (answer.status, answer.error["code"]) == (400, "BAD_REQUEST")
    assert list(answer.error["details"]) == [field]
    assert set(answer.json) == {"error"}


def test_every_bad_field_is_named(ask_docs):
    answer = ask_docs.post({"name": "J", "email": "x", "is_business": 3})
    assert set(answer.error["details"]) == {"email", "is_business"}


def test_create_takes_null_for_absent_and_ignores_unknown_fields(ask_docs):
    customer = ask_docs.customer(email=None, is_business=None, metadata=None, unknown=1)
    assert (customer["email"], customer["is_business"], customer["metadata"]) == (None, False, None)
    assert "unknown" not in customer


@pytest.mark.parametrize(
    ("body", "headers"),
    [(b"{", JSON), (b"[]", JSON), (b"", JSON), (b"{}", {}), (b"a=b", {"Content-Type": "text/plain"})],
)
def test_a_body_that_is_no_json_object_is_400(ask_docs, body, headers):
    answer = ask_docs("/customers", "POST", body=body, headers=headers)
    assert (answer.status, answer.error["code"]) == (400, "BAD_REQUEST")


def test_list(ask_docs):
    body = ask_docs("/customers?page=1&pageSize=20").json
    assert set(body) == {"customers", "pagination"}
    assert body["pagination"] == {"page": 1, "pageSize": 20, "totalCount": 150, "totalPages": 8}
    assert list(body["customers"][0]) == KEYS
    assert body["customers"][0]["metadata"]


def test_list_defaults(ask_docs):
    assert len(ask_docs("/customers").json["customers"]) == 50


def test_list_filters(ask_docs):
    body = ask_docs("/customers?search=amadou&type=individual&status=active&page=1&pageSize=20").json
    assert body["customers"]
    assert all("Amadou" in item["name"] and not item["is_business"] for item in body["customers"])
    assert ask_docs("/customers?type=all&status=all").json["pagination"]["totalCount"] == 150
    assert ask_docs("/customers?status=inactive&type=business").json["pagination"]["totalCount"] == 10


def test_a_page_number_may_begin_with_any_number_of_zeros(ask_docs):
    zeros = "0" * 5000
    assert ask_docs(f"/customers?page={zeros}2&pageSize=20").json["pagination"]["page"] == 2
    assert ask_docs(f"/customers?page={zeros}").status == 400


def test_list_past_the_end_still_knows_its_totals(ask_docs):
    body = ask_docs("/customers?page=99").json
    assert body == {
        "customers": [],
        "pagination": {"page": 99, "pageSize": 50, "totalCount": 150, "totalPages": 3},
    }


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("page=0", "page"),
        ("page=-1", "page"),
        ("page=x", "page"),
        ("page=", "page"),
        ("page=1&page=2", "page"),
        ("pageSize=0", "pageSize"),
        ("pageSize=1.5", "pageSize"),
        ("type=robot", "type"),
        ("type=business&type=business", "type"),
        ("status=", "status"),
    ],
)
def test_list_with_a_bad_parameter(ask_docs, query, field):
    answer = ask_docs(f"/customers?{query}")
    assert (answer.status, answer.error["code"]) == (400, "BAD_REQUEST")
    assert list(answer.error["details"]) == [field]


def test_get(ask_docs):
    customer = ask_docs.customer()
    assert ask_docs(f"/customers/{customer['id']}").json == customer


@pytest.mark.parametrize("identifier", ["cus_unknown", "cus_" + "0" * 32, "x", str(uuid.UUID(int=0)), "%20"])
def test_get_unknown_is_404(ask_docs, identifier):
    answer = ask_docs(f"/customers/{identifier}")
    assert (answer.status, answer.error["code"]) == (404, "NOT_FOUND")


def test_get_of_another_merchants_is_404(ask_docs):
    other = ask_docs.sandbox.merchant()
    theirs = ask_docs.post({"name": "Theirs"}, key=other.api_key).json["id"]
    assert ask_docs(f"/customers/{theirs}").status == 404


def test_update(ask_docs):
    customer = ask_docs.customer(city="Dakar")
    changed = ask_docs.patch(
        f"/customers/{customer['id']}", {"email": "new.email@example.com", "metadata": {"vip": True}}
    )
    assert changed.status == 200
    assert changed.json["email"] == "new.email@example.com"
    assert changed.json["metadata"] == {"vip": True}
    assert changed.json["city"] == "Dakar"


def test_update_null_clears_and_nothing_changes_nothing(ask_docs):
    customer = ask_docs.customer(email="a@b.sn", metadata={"a": 1})
    target = f"/customers/{customer['id']}"
    assert ask_docs.patch(target, {}).json == customer
    assert ask_docs.patch(target, {"unknown": 1}).json == customer
    cleared = ask_docs.patch(target, {"email": None, "metadata": None}).json
    assert (cleared["email"], cleared["metadata"]) == (None, None)


@pytest.mark.parametrize("field", [{"name": None}, {"name": ""}, {"is_business": None}, {"email": "x"}])
def test_update_with_a_bad_field(ask_docs, field):
    answer = ask_docs.patch(f"/customers/{ask_docs.id()}", field)
    assert (answer.status, answer.error["code"]) == (400, "BAD_REQUEST")


def test_update_that_loses_its_metadata_is_200(ask_docs):
    target = f"/customers/{ask_docs.id(metadata={'a': 1})}"
    ask_docs.sandbox.lose_metadata()
    answer = ask_docs.patch(target, {"city": "Kara", "metadata": {"b": 2}})
    assert (answer.status, answer.json["city"], answer.json["metadata"]) == (200, "Kara", {"a": 1})


def test_delete(ask_docs):
    target = f"/customers/{ask_docs.id()}"
    assert ask_docs(target, "DELETE").status == 200
    assert [ask_docs(target, "DELETE").status, ask_docs(target).status] == [404, 404]


def test_the_customer_of_the_examples(ask_docs):
    target = "/customers/cus_abc123..."
    assert ask_docs(target).json["id"] == "cus_abc123..."
    assert ask_docs("/customers?search=amadou.ba@example.com").json["customers"][0]["id"] == "cus_abc123..."
    assert ask_docs.patch(target, {"email": "new.email@example.com"}).json["email"] == "new.email@example.com"
    transactions = ask_docs(f"{target}/transactions").json
    assert len(transactions) >= 2
    assert transactions[-1] == {
        "transaction_id": transactions[-1]["transaction_id"],
        "description": "Payment for Product A",
        "gross_amount": 10000,
        "currency_code": "XOF",
        "status": "completed",
        "created_at": "2024-01-15T10:30:00Z",
    }
    assert uuid.UUID(transactions[-1]["transaction_id"])
    assert ask_docs(target, "DELETE").status == 200
    assert ask_docs(target).status == 404


def test_portal_in_this_dialect(ask_docs):
    customer = ask_docs.id()
    assert ask_docs.post({}, f"/customers/{customer}/portal-launch-session").json["customer_id"] == customer


@pytest.mark.parametrize(("key", "status"), [(None, 401), ("", 401), ("lomi_sk_test_wrong", 401)])
def test_401(ask_docs, key, status):
    answer = ask_docs("/customers", key=key)
    assert (answer.status, answer.error["code"]) == (status, "UNAUTHORIZED")


def test_unknown_route(ask_docs):
    answer = ask_docs("/nowhere", key=None)
    assert (answer.status, answer.error["code"]) == (404, "NOT_FOUND")


def test_a_database_error_is_500(ask_docs):
    ask_docs.sandbox.database_error()
    answer = ask_docs("/customers")
    assert (answer.status, answer.error["code"]) == (500, "INTERNAL_ERROR")
