"""server.md, 2: authentication. One test a line."""

import base64

import pytest


@pytest.mark.parametrize("header", ["X-API-KEY", "X-Lomi-API-Key"])
def test_key_headers(ask, header):
    assert ask("/me", key=None, headers={header: ask.sandbox.api_key}).status == 200


def test_bearer_is_case_sensitive(ask):
    assert ask("/me", key=None, headers={"Authorization": f"Bearer {ask.sandbox.api_key}"}).status == 200
    answer = ask("/me", key=None, headers={"Authorization": f"bearer {ask.sandbox.api_key}"})
    assert (answer.status, answer.error["message"]) == (401, "API Key is missing")


def test_x_api_key_wins(ask):
    answer = ask("/me", key="lomi_sk_test_wrong", headers={"Authorization": f"Bearer {ask.sandbox.api_key}"})
    assert answer.status == 401


def test_basic_auth_and_query_keys_are_not_read(ask):
    basic = base64.b64encode(f"{ask.sandbox.api_key}:".encode()).decode()
    answer = ask(f"/me?api_key={ask.sandbox.api_key}", key=None, headers={"Authorization": f"Basic {basic}"})
    assert (answer.status, answer.error["message"]) == (401, "API Key is missing")


def test_an_empty_header_counts_as_missing(ask):
    assert ask("/me", key="").error["message"] == "API Key is missing"
    assert ask("/me", key="", headers={"X-Lomi-API-Key": ask.sandbox.api_key}).status == 200


def test_the_same_header_twice_is_joined(ask):
    key = ask.sandbox.api_key
    assert ask("/me", key=None, headers=[("X-API-KEY", key), ("X-API-KEY", key)]).error["message"] == "Invalid API key"


def test_no_key_and_bad_key(ask):
    missing, bad = ask("/me", key=None), ask("/me", key="lomi_sk_test_wrong")
    assert (missing.status, missing.error["code"], missing.error["message"]) == (
        401,
        "unauthorized",
        "API Key is missing",
    )
    assert (bad.status, bad.error["message"]) == (401, "Invalid API key")


def test_database_failure_during_key_verification_is_401(ask):
    ask.sandbox.unauthorized()
    answer = ask("/me")
    assert (answer.status, answer.error["message"]) == (401, "Invalid API Key")
    assert ask("/me").status == 200


def test_a_key_over_its_quota_is_401_with_the_databases_text(ask):
    ask.sandbox.fail(401, message="Rate limit exceeded")
    answer = ask("/me")
    assert (answer.status, answer.error["code"], answer.error["message"]) == (
        401,
        "unauthorized",
        "Rate limit exceeded",
    )
    assert "retry-after" not in answer.headers


def test_environment_comes_only_from_the_key(ask):
    assert ask("/me?environment=live").json["environment"] == "test"
    assert ask("/customers?environment=live").json["pagination"]["totalCount"] == 150


def test_order_body_then_throttle_then_key_then_pipes_then_handler(ask):
    json = {"Content-Type": "application/json"}
    ask.sandbox.throttle(limit=1)
    assert ask("/customers?page=x", "POST", body=b"{", headers=json, key=None).status == 400
    assert ask("/customers?page=x", key=None).status == 401
    assert ask("/customers?page=x", key=None).status == 429
    ask.sandbox.throttle(limit=1)
    assert ask("/customers?page=x").status == 400


@pytest.mark.parametrize("key", ["lomi_sk_live_abc", "LOMI_SK_LIVE_abc"])
def test_keys_that_look_live_are_refused(either, asker, key):
    answer = asker(either)("/me", key=key)
    assert answer.status == 401
    assert "sandbox" in answer.error["message"]
    assert key not in str(either.requests[-1].headers)
