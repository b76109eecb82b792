"""The log of what was received."""

import pytest

from lomi.sandbox import Sandbox, log as _log


def test_a_body_that_is_too_deep_to_decode(ask):
    ask("/customers", "POST", body=b"[" * 60_000, headers={"Content-Type": "application/json"})
    assert ask.sandbox.requests[-1].json is None


def test_what_is_recorded(ask):
    ask.sandbox.fail(503, when="after_commit")
    ask.post({"name": "J"}, "/Customers?a=1&a=2&b=", headers={"X-Request-Id": "mine", "X-Custom": "1"})
    (entry,) = ask.sandbox.requests
    assert (entry.number, entry.method, entry.route, entry.path) == (1, "POST", "POST /customers", "/Customers")
    assert entry.query == {"a": ["1", "2"], "b": [""]}
    assert entry.headers["x-custom"] == "1"
    assert (entry.body, entry.json) == ('{"name": "J"}', {"name": "J"})
    assert (entry.status, entry.request_id, entry.faults) == (503, "mine", ("fail",))
    assert entry.response_json["error"]["code"] == "service_unavailable"
    assert entry.at.isoformat() == "2026-01-15T10:30:00.001000+00:00"
    assert entry.milliseconds >= 0


def test_unknown_routes_and_bodies_that_are_no_json(ask):
    ask("/nowhere", "POST", body=b"\xff")
    (entry,) = ask.sandbox.requests
    assert (entry.route, entry.json, entry.status) == (None, None, 404)


def test_over_a_socket(deployed, reach):
    with reach(deployed) as client:
        client.get("/customers", params={"search": "é"}, headers={"X-Request-Id": "mine"})
    (entry,) = deployed.requests
    assert (entry.query, entry.request_id, entry.status) == ({"search": ["é"]}, "mine", 200)
    assert entry.headers["host"]


@pytest.mark.parametrize(
    ("headers", "name", "shown"),
    [
        ({"X-API-KEY": "lomi_sk_test_secret"}, "x-api-key", "lomi_sk_test_****"),
        ({"X-Lomi-API-Key": "lomi_sk_live_secret"}, "x-lomi-api-key", "lomi_sk_live_****"),
        ({"Authorization": "Bearer lomi_sk_test_secret"}, "authorization", "Bearer lomi_sk_test_****"),
        ({"Authorization": "Basic secret"}, "authorization", "****"),
        ({"Cookie": "session=secret"}, "cookie", "****"),
        ([("X-API-KEY", "secret"), ("X-API-KEY", "lomi_sk_test_secret")], "x-api-key", "****, lomi_sk_test_****"),
        ({"X-Other": "lomi_sk_test_secret"}, "x-other", "lomi_sk_test_****"),
    ],
)
def test_keys_are_masked(ask, headers, name, shown):
    ask("/me", headers=headers, key=None)
    assert ask.sandbox.requests[-1].headers[name] == shown


def test_keys_are_masked_wherever_they_stand(ask):
    key = "lomi_sk_test_secret"
    ask.post({"name": key}, f"/customers/?{key}={key}", headers={"X-Request-Id": key})
    ask(f"/customers/{key}")
    for entry in ask.sandbox.requests:
        assert "secret" not in f"{vars(entry)}"
    assert ask.sandbox.requests[0].json == {"name": "lomi_sk_test_****"}


def test_repr_shows_no_personal_data(ask):
    ask.post({"name": "Private Person"}, "/customers?search=private")
    shown = repr(ask.sandbox.requests)
    assert "rivate" not in shown
    assert "POST" in shown
    assert "/customers" in shown


def test_long_bodies_are_cut(ask):
    ask.post({"name": "J", "metadata": {"a": "x" * 100_000}})
    (entry,) = ask.sandbox.requests
    assert len(entry.body) == len(entry.response) == 64 * 1024
    assert entry.json is None


def test_the_log_is_bounded(monkeypatch, asker):
    monkeypatch.setattr(_log, "LARGEST_LOG", 3)
    with Sandbox("server") as sandbox:
        for _ in range(5):
            asker(sandbox)("/me")
        assert [entry.number for entry in sandbox.requests] == [3, 4, 5]
        monkeypatch.setattr(_log, "LARGEST_TEXT", 1)
        asker(sandbox)("/me")
        assert [entry.number for entry in sandbox.requests] == [6]


@pytest.mark.parametrize(
    ("target", "headers"),
    [
        ("/me?" + "a" * 10_000, ()),
        ("/me?" + "a&" * 5_000, ()),
        ("/" + "a" * 10_000, ()),
        ("/me", [("X-Note", "a" * 10_000)]),
        ("/me", [("X-Request-Id", "a" * 5_000)]),
    ],
)
def test_the_log_is_bounded_whatever_it_is_filled_with(monkeypatch, ask, target, headers):
    monkeypatch.setattr(_log, "LARGEST_TEXT", 100_000)
    for _ in range(50):
        ask(target, headers=headers)
    assert 2 <= len(ask.sandbox.requests) <= 20
    assert ask.sandbox.requests[-1].number == 50


def test_of_a_head_that_is_too_large_only_its_beginning_is_kept(ask):
    key = "lomi_sk_test_" + "secret" * 100
    headers = [("X-Big", "a" * 100_000), *(("X-Other", f"{number}") for number in range(1000)), ("X-API-KEY", key)]
    ask("/me?" + "a&" * 500_000, headers=headers, key=key)
    (entry,) = ask.sandbox.requests
    assert (entry.status, entry.path, list(entry.query)) == (431, "/me", ["a"])
    assert len(entry.query["a"]) < 8192
    assert entry.headers["x-big"] == "a" * 100
    assert len(entry.headers["x-other"].split()) == 99
    assert "secret" not in f"{vars(entry)}"


def test_of_a_request_id_that_is_too_large_only_its_beginning_is_kept(ask):
    assert ask("/me", headers={"X-Request-Id": "a" * 100_000}).status == 431
    assert len(ask.sandbox.requests[-1].request_id) < 20_000
