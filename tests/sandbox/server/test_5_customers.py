"""server.md, 5: customers in the server dialect. One test a line."""

import json
import re
import uuid

import pytest

UNKNOWN = "00000000-0000-4000-8000-000000000000"
JSON = {"Content-Type": "application/json"}
KEYS = [
    *("customer_id", "organization_id", "name", "email", "phone_number", "whatsapp_number", "country", "city"),
    *("address", "postal_code", "is_business", "metadata", "environment", "created_at", "updated_at"),
]


def status_of(answer):
    return answer.status


# The object


def test_object_has_fifteen_keys_and_customer_id(ask):
    customer = ask.customer()
    assert list(customer) == KEYS
    assert str(uuid.UUID(customer["customer_id"])) == customer["customer_id"]
    assert customer["environment"] == "test"


def test_create_stores_empty_text_or_null_for_what_is_absent(ask):
    customer = ask.customer()
    assert [customer[name] for name in ("country", "city", "address", "postal_code")] == ["", "", "", ""]
    assert [customer[name] for name in ("email", "phone_number", "whatsapp_number")] == [None, None, None]
    assert customer["is_business"] is False
    assert customer["metadata"] is None


def test_list_items_are_thinner(ask):
    ask.customer(metadata={"a": 1})
    item = ask("/customers").json["customers"][0]
    assert list(item) == [key for key in KEYS if key != "environment"]
    assert item["metadata"] is None
    assert item["organization_id"]


def test_timestamps_are_passed_through_from_the_database(ask):
    created = ask.customer()["created_at"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?\+00:00", created)


def test_timestamps_on_the_second_have_no_fraction(ask):
    ask.sandbox.clock.advance(seconds=0.999)
    assert ask.customer()["created_at"] == "2026-01-15T10:30:01+00:00"


# Creating


def test_create_answers_201(ask):
    assert ask.post({"name": "J"}).status == 201


@pytest.mark.parametrize("body", [{}, {"name": None}, [], [1]])
def test_create_without_a_name_is_500(ask, body):
    assert ask.post(body).status == 500


@pytest.mark.parametrize(
    ("name", "stored"),
    [("", ""), (123, "123"), ({"a": 1}, '{"a":1}'), (False, "false"), (0, "0"), ([1, "é"], '[1,"é"]'), (1.5, "1.5")],
)
def test_create_casts_any_name_to_text(ask, name, stored):
    assert ask.customer(name=name)["name"] == stored


def test_create_stores_an_email_that_is_none(ask):
    assert ask.customer(email="not-an-email")["email"] == "not-an-email"


@pytest.mark.parametrize(
    ("sent", "stored"),
    [("yes", True), ("false", False), (1, True), (True, True), ("0", False), (0, False), ("", False), (None, False)],
)
def test_create_casts_is_business(ask, sent, stored):
    assert ask.customer(is_business=sent)["is_business"] is stored


@pytest.mark.parametrize("sent", ["maybe", 2, {}])
def test_create_with_an_is_business_that_cannot_be_cast_is_500(ask, sent):
    assert ask.post({"name": "J", "is_business": sent}).status == 500


@pytest.mark.parametrize("falsy", ["", 0, False, None])
def test_create_takes_falsy_for_absent(ask, falsy):
    customer = ask.customer(email=falsy, phone_number=falsy, country=falsy)
    assert [customer[name] for name in ("email", "phone_number", "country")] == [None, None, ""]


def test_create_ignores_unknown_fields(ask):
    customer = ask.customer(customer_id=UNKNOWN, environment="live", organization_id="x", unknown=1)
    assert customer["customer_id"] != UNKNOWN
    assert customer["environment"] == "test"
    assert customer["organization_id"] != "x"
    assert "unknown" not in customer


@pytest.mark.parametrize("metadata", [{"a": {"b": [1, None, "🎉"]}}, {}, None, [1, 2], "text"])
def test_create_stores_any_metadata_as_it_is(ask, metadata):
    customer = ask.customer(metadata=metadata)
    assert customer["metadata"] == metadata
    assert ask(f"/customers/{customer['customer_id']}").json["metadata"] == metadata


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("9007199254740993", "9007199254740992"),
        ("12345678901234567890", "12345678901234567000"),
        ("1e400", "null"),
        ("-1e400", "null"),
        ("1.0", "1"),
        ("1e21", "1e+21"),
        ("0.1", "0.1"),
        ("-0", "0"),
        ("9" * 5000, "null"),
    ],
)
def test_numbers_are_those_of_javascript(ask, sent, stored):
    answer = ask("/customers", "POST", body=b'{"name":"J","metadata":{"n":%s}}' % sent.encode(), headers=JSON)
    assert b'"metadata":{"n":%s}' % stored.encode() in answer.body


def test_name_with_nul_is_500(ask):
    assert ask.post({"name": "a\0b"}).status == 500


@pytest.mark.parametrize("metadata", [{"a": "x\0"}, {"\0": 1}, [{"a": ["\0"]}]])
def test_metadata_with_nul_is_lost_silently(ask, metadata):
    answer = ask.post({"name": "J", "metadata": metadata})
    assert (answer.status, answer.json["metadata"]) == (201, None)


def test_duplicate_keys_last_wins(ask):
    body = b'{"name":"first","name":"last"}'
    assert ask("/customers", "POST", body=body, headers=JSON).json["name"] == "last"


@pytest.mark.parametrize("name", ["Ndèye Fâtou", "مرحبا", "👩🏾‍💻"])
def test_any_script_round_trips(ask, name):
    assert ask(f"/customers/{ask.id(name=name)}").json["name"] == name


@pytest.mark.parametrize(
    "kind",
    [
        None,
        "application/x-www-form-urlencoded",
        "text/plain",
        "application/vnd.api+json",
        "application/merge-patch+json",
    ],
)
def test_create_with_a_body_that_is_not_json_is_500(ask, kind):
    headers = {} if kind is None else {"Content-Type": kind}
    assert ask("/customers", "POST", body=b'{"name":"J"}', headers=headers).status == 500


def test_create_without_a_body_is_500(ask):
    assert ask("/customers", "POST").status == 500
    assert ask("/customers", "POST", headers=JSON).status == 500


def test_charsets(ask):
    def post(kind, body):
        return ask("/customers", "POST", body=body, headers={"Content-Type": kind})

    assert post("application/json; charset=latin1", b'{"name":"J"}').status == 500
    assert post('application/json; charset="UTF-8"', b'{"name":"J"}').status == 201
    assert post("Application/JSON; x=y", b'\xef\xbb\xbf{"name":"BOM"}').json["name"] == "BOM"
    assert post("application/json", b'{"name":"J\xff"}').json["name"] == "J\ufffd"


def test_lone_surrogates_are_replaced(ask):
    body = b'{"name":"J\\ud83d","metadata":{"\\uDC00":["\\ud800", 1, "\\ud83d\\ude00"]}}'
    customer = ask("/customers", "POST", body=body, headers=JSON).json
    assert customer["name"] == "J\ufffd"
    assert customer["metadata"] == {"\ufffd": ["\ufffd", 1, "😀"]}


def test_create_is_not_atomic_and_metadata_can_be_lost(ask):
    ask.sandbox.lose_metadata()
    first, second = ask.customer(metadata={"a": 1}), ask.customer(metadata={"a": 1})
    assert first["metadata"] is None
    assert second["metadata"] == {"a": 1}


def test_a_create_whose_read_back_fails_is_500_and_a_retry_makes_a_second(ask):
    ask.sandbox.fail(500, when="after_commit", route="POST /customers")
    assert [ask.post({"name": "Twice"}).status for _ in range(2)] == [500, 201]
    assert ask("/customers?search=Twice").json["pagination"]["totalCount"] == 2


def test_idempotency_key_is_ignored(ask):
    headers = {"Idempotency-Key": "one"}
    first, second = (ask.post({"name": "J"}, headers=headers) for _ in range(2))
    assert (first.status, second.status) == (201, 201)
    assert first.json["customer_id"] != second.json["customer_id"]
    target = f"/customers/{first.json['customer_id']}"
    assert [ask(target, "DELETE", headers=headers).status for _ in range(2)] == [200, 404]


def test_an_email_may_be_there_twice(ask):
    assert [ask.post({"name": "J", "email": "same@example.com"}).status for _ in range(2)] == [201, 201]


# Listing


def test_list(ask):
    body = ask("/customers").json
    assert len(body["customers"]) == 50
    assert body["pagination"] == {"page": 1, "pageSize": 50, "totalCount": 150, "totalPages": 3}


def test_list_is_newest_first(ask):
    newest = [ask.id() for _ in range(3)]
    items = ask("/customers?pageSize=150").json["customers"]
    assert [item["customer_id"] for item in items[:3]] == newest[::-1]
    times = [item["created_at"] for item in items]
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize("search", ["AMADOU", "amadou.ba", "ba"])
def test_list_search_by_name_or_email(ask, search):
    items = ask(f"/customers?pageSize=150&search={search}").json["customers"]
    assert items
    assert len(items) < 150
    assert all(search.lower() in f"{item['name']} {item['email']}".lower() for item in items)


def test_list_search_minds_no_case_beyond_ascii(ask):
    ask.customer(name="Élodie Ôbé")
    assert ask("/customers?search=%C3%89LODIE+%C3%94B%C3%89").json["pagination"]["totalCount"] == 1
    assert ask("/customers?search=%00").json["pagination"]["totalCount"] == 151


def test_list_by_type(ask):
    business = ask("/customers?type=business&pageSize=200").json["customers"]
    individual = ask("/customers?type=individual&pageSize=200").json["customers"]
    assert {item["is_business"] for item in business} == {True}
    assert {item["is_business"] for item in individual} == {False}
    assert len(business) + len(individual) == 150


def test_list_by_status(ask):
    counts = [ask(f"/customers?status={word}").json["pagination"]["totalCount"] for word in ("active", "inactive")]
    assert sum(counts) == 150
    assert min(counts) > 40
    customer = ask.id(name="Just Now")
    assert ask("/customers?search=just+now&status=active").json["customers"] == []
    ask.sandbox.pay(customer, 500)
    assert len(ask("/customers?search=just+now&status=active").json["customers"]) == 1


def test_list_has_rows_for_the_query_of_the_page(ask):
    assert ask("/customers?search=amadou&type=individual&status=active&page=1&pageSize=20").json["customers"]


def test_list_ignores_unknown_parameters(ask):
    body = ask("/customers?limit=1&offset=5&page_size=2&sort=name").json
    assert len(body["customers"]) == 50


@pytest.mark.parametrize("value", ["abc", "1.5", "%20", "", "1e1", "2%20", "1&page=2", "%D9%A1"])
def test_page_must_be_digits(ask, value):
    answer = ask(f"/customers?page={value}")
    assert (answer.status, answer.error["message"]) == (400, "Validation failed (numeric string is expected)")


@pytest.mark.parametrize("query", ["page=0", "page=-1", "pageSize=-5", "page=99999999999", "page=" + "9" * 9000])
def test_page_out_of_range_is_500(ask, query):
    assert ask(f"/customers?{query}").status == 500


def test_page_size_0_is_empty_without_a_number_of_pages(ask):
    body = ask("/customers?pageSize=0").json
    assert body == {
        "customers": [],
        "pagination": {"page": 1, "pageSize": 0, "totalCount": 0, "totalPages": None},
    }


def test_page_size_has_no_cap(ask):
    assert len(ask("/customers?page=0001&pageSize=100000").json["customers"]) == 150


def test_a_page_past_the_end_knows_of_no_total(ask):
    body = ask("/customers?page=4").json
    assert body == {
        "customers": [],
        "pagination": {"page": 4, "pageSize": 50, "totalCount": 0, "totalPages": 0},
    }


def test_offset_paging_over_a_changing_set_repeats_and_skips(ask):
    first = ask("/customers?pageSize=2").json["customers"]
    ask.customer()
    second = ask("/customers?pageSize=2&page=2").json["customers"]
    assert second[0] == first[1]
    ask(f"/customers/{second[0]['customer_id']}", "DELETE")
    third = ask("/customers?pageSize=2&page=3").json["customers"]
    everything = ask("/customers?pageSize=6").json["customers"]
    assert everything[3] not in first + second + third


def test_list_passes_unknown_words_through(ask):
    assert ask("/customers?type=robot&status=asleep").json["pagination"]["totalCount"] == 150
    assert ask("/customers?type=business&type=individual").json["pagination"]["totalCount"] == 150


def test_list_search_sent_twice_is_an_array_and_sent_empty_is_no_filter(ask):
    assert ask("/customers?search=a&search=b").json["customers"] == []
    assert ask("/customers?search=").json["pagination"]["totalCount"] == 150


# Getting


def test_get(ask):
    customer = ask.customer(metadata={"a": 1})
    answer = ask(f"/customers/{customer['customer_id']}")
    assert (answer.status, answer.json) == (200, customer)


def test_get_of_unknown_other_or_deleted_is_404(ask):
    other = ask.sandbox.merchant()
    theirs = ask.post({"name": "Theirs"}, key=other.api_key).json["customer_id"]
    deleted = ask.id()
    ask(f"/customers/{deleted}", "DELETE")
    for identifier in (UNKNOWN, theirs, deleted):
        answer = ask(f"/customers/{identifier}")
        assert answer.status == 404
        assert answer.error["message"] == f"Customer with ID {identifier} not found or access denied"


@pytest.mark.parametrize("identifier", ["cus_123", "None", UNKNOWN + "%20", "cus_abc123..."])
def test_get_of_what_is_no_uuid_is_500(ask, identifier):
    assert ask(f"/customers/{identifier}").status == 500


def test_letter_case_of_a_uuid_does_not_matter(ask):
    identifier = ask.id()
    assert ask(f"/customers/{identifier.upper()}").json["customer_id"] == identifier


def test_a_test_key_reads_patches_and_deletes_a_live_customer_by_id(ask):
    (live,) = ask.sandbox.seed(customers=1, environment="live")
    target = f"/customers/{live}"
    assert ask(target).json["environment"] == "live"
    assert ask.patch(target, {"city": "Ségou"}).json["city"] == "Ségou"
    assert ask("/customers").json["pagination"]["totalCount"] == 150
    assert ask(target, "DELETE").status == 200


# Updating


def test_patch_is_partial_and_moves_updated_at(ask):
    customer = ask.customer(email="a@example.com", city="Dakar")
    changed = ask.patch(f"/customers/{customer['customer_id']}", {"city": "Thiès"}).json
    assert {name for name in changed if changed[name] != customer[name]} == {"city", "updated_at"}


def test_patch_is_read_modify_write_so_that_concurrent_ones_lose(ask):
    target = f"/customers/{ask.id(email='old@example.com', city='Old')}"
    ask.patch(target, {"email": "new@example.com"})
    ask.sandbox.lose_update()
    ask.patch(target, {"city": "New"})
    stored = ask(target).json
    assert (stored["email"], stored["city"]) == ("old@example.com", "New")


def test_patch_null_and_empty(ask):
    target = f"/customers/{ask.id(email='a@example.com', phone_number='1', whatsapp_number='2')}"
    changed = ask.patch(target, {"email": None, "phone_number": None, "whatsapp_number": None}).json
    assert [changed[name] for name in ("email", "phone_number", "whatsapp_number")] == [None, None, None]
    assert ask.patch(target, {"email": ""}).json["email"] == ""


@pytest.mark.parametrize("name", [None, ""])
def test_patch_ignores_an_empty_name(ask, name):
    target = f"/customers/{ask.id(name='Kept')}"
    answer = ask.patch(target, {"name": name})
    assert (answer.status, answer.json["name"]) == (200, "Kept")


def test_patch_country_null_is_rewritten_by_the_next(ask):
    target = f"/customers/{ask.id(country='Togo')}"
    assert ask.patch(target, {"country": None}).json["country"] is None
    assert ask.patch(target, {"metadata": {"a": 1}}).json["country"] is None
    assert ask.patch(target, {"city": "Lomé"}).json["country"] == ""


def test_patch_is_business_null_is_kept(ask):
    target = f"/customers/{ask.id(is_business=True)}"
    assert ask.patch(target, {"is_business": None}).json["is_business"] is True
    assert ask.patch(target, {"is_business": "no"}).json["is_business"] is False


def test_patch_casts_like_create(ask):
    target = f"/customers/{ask.id()}"
    assert ask.patch(target, {"name": 5, "email": 0}).json["email"] == "0"
    assert ask.patch(target, {"is_business": "maybe"}).status == 500
    assert ask.patch(target, {"city": "a\0"}).status == 500


def test_patch_metadata_is_replaced_whole_and_null_clears(ask):
    target = f"/customers/{ask.id(metadata={'a': 1})}"
    assert ask.patch(target, {"metadata": {"b": 2}}).json["metadata"] == {"b": 2}
    assert ask.patch(target, {"metadata": {}}).json["metadata"] == {}
    assert ask.patch(target, {"metadata": None}).json["metadata"] is None


@pytest.mark.parametrize("body", [{}, []])
def test_patch_of_nothing_changes_nothing(ask, body):
    customer = ask.customer()
    answer = ask.patch(f"/customers/{customer['customer_id']}", body)
    assert (answer.status, answer.json) == (200, customer)


@pytest.mark.parametrize("body", [{"unknown": 1}, [1]])
def test_patch_of_unknown_fields_moves_updated_at(ask, body):
    customer = ask.customer()
    changed = ask.patch(f"/customers/{customer['customer_id']}", body).json
    assert {name for name in changed if changed[name] != customer[name]} == {"updated_at"}


def test_patch_without_json_is_500(ask):
    target = f"/customers/{ask.id()}"
    assert ask(target, "PATCH").status == 500
    assert ask(target, "PATCH", body=b"{}", headers={"Content-Type": "text/plain"}).status == 500


def test_patch_whose_metadata_fails_has_changed_the_rest(ask):
    target = f"/customers/{ask.id(metadata={'a': 1})}"
    ask.sandbox.lose_metadata()
    assert ask.patch(target, {"city": "Sikasso", "metadata": {"b": 1}}).status == 500
    stored = ask(target).json
    assert (stored["city"], stored["metadata"]) == ("Sikasso", {"a": 1})


# Deleting


def test_delete_is_soft_and_happens_once(ask):
    customer = ask.id()
    target = f"/customers/{customer}"
    answer = ask(target, "DELETE", headers=JSON)
    assert (answer.status, answer.json) == (200, {"message": "Customer deleted successfully"})
    again = [
        ask(target, "DELETE"),
        ask(target),
        ask.patch(target, {"city": "x"}),
        ask(f"{target}/transactions"),
        ask(f"{target}/portal-launch-session", "POST"),
        ask(f"{target}/portal-audit"),
    ]
    assert list(map(status_of, again)) == [404] * 6
    assert ask("/customers").json["pagination"]["totalCount"] == 150


# Transactions


def test_transactions_are_a_bare_array_of_nine_keys(ask):
    customer = ask.id()
    assert ask(f"/customers/{customer}/transactions").json == []
    ask.sandbox.pay(customer, 500, metadata={"order": 7})
    ask.sandbox.clock.advance(minutes=1)
    ask.sandbox.pay(customer, 1000, "USD", status="failed")
    body = ask(f"/customers/{customer}/transactions?page=9&pageSize=0").json
    assert [(item["gross_amount"], item["currency_code"], item["status"]) for item in body] == [
        (1000, "USD", "failed"),
        (500, "XOF", "completed"),
    ]
    assert set(body[1]) == {
        *("transaction_id", "status", "gross_amount", "currency_code", "description", "metadata"),
        *("payment_method_code", "provider_code", "created_at"),
    }
    assert body[1]["metadata"] == {"order": 7}


def test_transactions_are_filtered_by_the_environment_of_the_key(ask):
    (live,) = ask.sandbox.seed(customers=1, transactions=3, environment="live")
    answer = ask(f"/customers/{live}/transactions")
    assert (answer.status, answer.json) == (200, [])


def test_transactions_of_an_unknown_customer_are_404(ask):
    assert ask(f"/customers/{UNKNOWN}/transactions").status == 404


# Portal sessions


def test_portal_launch_session(ask):
    customer = ask.id()
    answer = ask(f"/customers/{customer}/portal-launch-session", "POST")
    assert answer.status == 201
    body = answer.json
    assert set(body) == {
        *("customer_id", "organization_id", "launch_token", "launch_url", "expires_in_seconds", "flow_type"),
        *("flow_subscription_id", "return_url", "flow_after_completion_url"),
    }
    assert body["customer_id"] == customer
    assert body["expires_in_seconds"] == 900
    assert body["launch_token"] in body["launch_url"]


def test_portal_launch_session_echoes_what_it_does_not_check(ask):
    sent = {"flow_type": "nonsense", "return_url": "javascript:alert(1)", "flow_subscription_id": UNKNOWN}
    body = ask.post(sent, f"/customers/{ask.id()}/portal-launch-session").json
    assert {name: body[name] for name in sent} == sent
    cancel = ask.post({"flow_type": "subscription_cancel"}, f"/customers/{ask.id()}/portal-launch-session")
    assert cancel.status == 201


def test_portal_launch_session_with_a_subscription_that_is_no_uuid_is_500(ask):
    answer = ask.post({"flow_subscription_id": "sub_1"}, f"/customers/{ask.id()}/portal-launch-session")
    assert answer.status == 500


def test_portal_launch_token_is_masked_in_the_log(ask):
    token = ask(f"/customers/{ask.id()}/portal-launch-session", "POST").json["launch_token"]
    assert token not in ask.sandbox.requests[-1].response


# What happened in the portal


def test_portal_audit(ask):
    customer = ask.id()
    for flow in ("a", "b"):
        ask.post({"flow_type": flow}, f"/customers/{customer}/portal-launch-session")
    body = ask(f"/customers/{customer}/portal-audit").json
    assert [event["metadata"]["flow_type"] for event in body["events"]] == ["b", "a"]
    assert body["pagination"] == {"page": 1, "pageSize": 50, "totalCount": 2, "totalPages": 1}
    assert set(body["events"][0]) == {
        *("event_id", "organization_id", "customer_id", "event_type", "metadata", "created_at"),
    }


@pytest.mark.parametrize(
    ("query", "page", "size"),
    [("page=0&pageSize=0", 1, 1), ("page=-3&pageSize=-3", 1, 1), ("pageSize=1000", 1, 200)],
)
def test_portal_audit_mends_its_numbers_and_says_so(ask, query, page, size):
    pagination = ask(f"/customers/{ask.id()}/portal-audit?{query}").json["pagination"]
    assert (pagination["page"], pagination["pageSize"]) == (page, size)


def test_portal_audit_parameters(ask):
    target = f"/customers/{ask.id()}/portal-audit"
    ask.post({}, target.replace("audit", "launch-session"))
    assert ask(f"{target}?page=x").status == 400
    assert ask(f"{target}?page=1&page=2").status == 400
    assert ask(f"{target}?page=99999999999").status == 500
    assert ask(f"{target}?pageSize={'9' * 5000}").json["pagination"]["pageSize"] == 200
    assert ask(f"{target}?eventType=a&eventType=b").status == 500
    assert ask(f"{target}?eventType=session_launched").json["pagination"]["totalCount"] == 1
    assert ask(f"{target}?eventType=other").json["events"] == []


def test_portal_audit_past_the_end_knows_of_no_total(ask):
    target = f"/customers/{ask.id()}/portal-audit"
    ask.post({}, target.replace("audit", "launch-session"))
    assert ask(f"{target}?page=2").json["pagination"]["totalCount"] == 0


# The examples of the pages


def test_examples_of_the_pages_can_be_run_in_this_dialect_too(asker):
    from lomi.sandbox import Sandbox

    with Sandbox("server", vendor_examples=True) as sandbox:
        ask = asker(sandbox)
        customer = ask("/customers/cus_abc123...").json
        assert customer["name"] == "Amadou Ba"
        assert ask(f"/customers/{customer['customer_id']}").json == customer
        assert ask("/customers/cus_abc123.../transactions").json
        assert ask("/customers/cus_abc123...", "DELETE").status == 200
        assert ask("/customers/cus_abc123...").status == 404
        assert json.loads(ask("/customers/cus_other").body)["error"]["code"] == "internal_error"
