"""server.md, 4: the error body. One test a line."""

import pytest

UNKNOWN = "00000000-0000-4000-8000-000000000000"
JSON = {"Content-Type": "application/json"}


def test_every_error_has_code_message_details_and_request_id(ask):
    for target in ("/nowhere", "/customers/x", "/customers?page=x"):
        body = ask(target).json
        assert set(body) == {"error", "request_id"}
        assert set(body["error"]) == {"code", "message", "details"}


@pytest.mark.parametrize("body", [b"{", b"null", b'"x"', b"7", b"true", b'{"a": NaN}', b"[" * 100_000])
def test_400_malformed_json(ask, body):
    answer = ask("/customers", "POST", body=body, headers=JSON)
    assert (answer.status, answer.error["code"], answer.error["details"]) == (400, "bad_request", "Bad Request")


@pytest.mark.parametrize("wrap", [b"[%s]", b'{"a":%s}'])
def test_json_as_deep_as_it_may_be_and_deeper(either, asker, wrap):
    ask = asker(either)

    def nested(depth, value=b'"\\ud800"'):
        for _ in range(depth):
            value = wrap % value
        return b'{"name":"J","metadata":{"a":%s,"b":[%s]}}' % (value, b",".join([b"[]"] * 500))

    created = ask("/customers", "POST", body=nested(198), headers=JSON)
    assert created.status == 201
    identifier = created.json.get("id") or created.json["customer_id"]
    assert ask(f"/customers/{identifier}").status == 200
    for depth in (199, 400, 900):
        answer = ask("/customers", "POST", body=nested(depth), headers=JSON)
        assert (answer.status, answer.error["code"].lower()) == (400, "bad_request")
    assert ask("/customers").json["pagination"]["totalCount"] == 151


@pytest.mark.parametrize("target", ["/customers?page=x", "/customers?pageSize=1.5", "/customers/%zz"])
def test_400_parameters_and_path(ask, target):
    assert ask(target).error["code"] == "bad_request"


def test_400_missing_currency_code(ask):
    assert ask(f"/merchants/{ask.sandbox.merchant_id}/balance").error["code"] == "bad_request"


def test_401(ask):
    for answer in (ask("/me", key=None), ask("/me", key="x"), ask("/me", headers={"Lomi-Account": "acct_1"})):
        assert (answer.status, answer.error["code"], answer.error["details"]) == (401, "unauthorized", "Unauthorized")


def test_403(ask):
    answer = ask(f"/merchants/{UNKNOWN}")
    assert (answer.status, answer.error["code"], answer.error["details"]) == (403, "forbidden", "Forbidden")


def test_404(ask):
    ask.sandbox.database_error("permission denied", route="/merchants/{id}")
    for answer in (
        ask(f"/customers/{UNKNOWN}"),
        ask("/nowhere"),
        ask("/customers", "PUT"),
        ask(f"/merchants/{ask.sandbox.merchant_id}"),
    ):
        assert (answer.status, answer.error["code"], answer.error["details"]) == (404, "not_found", "Not Found")


def test_429(ask):
    ask.sandbox.throttle(limit=1)
    ask("/me")
    answer = ask("/me")
    assert answer.error["code"] == "rate_limit_exceeded"
    assert answer.error["details"] == {"retry_after_seconds": 900, "limit": 1}


def test_500_is_always_the_same_text(ask):
    ask.sandbox.database_error("the reason")
    for answer in (ask("/customers"), ask("/customers/x")):
        assert (answer.status, answer.error) == (
            500,
            {"code": "internal_error", "message": "An unexpected error occurred", "details": None},
        )


def test_no_other_statuses(ask):
    seen = {
        ask(target, method, body=body, headers=headers).status
        for target in ("/customers", "/customers/x", "/merchants/x", "/nowhere")
        for method in ("GET", "POST", "PATCH", "DELETE", "PUT")
        for body in (b"", b"{}", b"{")
        for headers in (JSON, {"Content-Type": "text/plain"})
    }
    assert seen == {200, 400, 403, 404, 500}
