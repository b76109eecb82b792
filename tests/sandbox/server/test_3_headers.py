"""server.md, 3: response headers. One test a line."""

import uuid

import pytest

MERCHANT = "904d003c-3736-41d4-90a5-9de74d404fd7"


def rate(answer):
    return {name for name in answer.headers if name.startswith("x-ratelimit")}


RATE = {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"}


def test_success(ask):
    answer = ask("/customers")
    headers = answer.headers
    assert rate(answer) == RATE
    assert headers["x-ratelimit-limit"] == "5000"
    assert headers["x-ratelimit-remaining"] == "4999"
    assert uuid.UUID(headers["x-request-id"]).version == 4
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert headers["content-length"] == str(len(answer.body))
    assert headers["etag"].startswith('W/"')
    assert headers["vary"] == "Origin"
    assert headers["x-powered-by"] == "Express"
    assert headers["access-control-expose-headers"]
    assert headers["x-content-type-options"] == "nosniff"
    assert not {"cache-control", "last-modified", "server"} & set(headers)


def test_no_server_header_over_a_socket(deployed, reach):
    with reach(deployed) as client:
        headers = client.get("/customers").headers
    assert "server" not in headers
    assert len(headers.get_list("date")) == 1


def test_reset_is_seconds_and_not_an_epoch(ask):
    assert ask("/me").headers["x-ratelimit-reset"] == "900"
    ask.sandbox.clock.advance(seconds=100)
    assert ask("/me").headers["x-ratelimit-reset"] == "800"


def test_refusals_after_the_throttle_carry_rate_headers(ask):
    unknown = uuid.UUID(int=1)
    answers = {
        401: ask("/me", key=None),
        403: ask(f"/merchants/{unknown}"),
        404: ask(f"/customers/{unknown}"),
        400: ask("/customers?page=x"),
        500: ask("/customers/x"),
    }
    for status, answer in answers.items():
        assert answer.status == status
        assert rate(answer) == RATE


def test_refusals_before_the_throttle_do_not(ask):
    json = {"Content-Type": "application/json"}
    for answer in (
        ask("/nowhere"),
        ask("/customers", "POST", body=b"{", headers=json),
        ask("/customers", "POST", body=b" " * (10 * 2**20 + 1), headers=json),
    ):
        assert answer.status in {404, 400, 500}
        assert rate(answer) == set()


def test_429_has_no_remaining_and_no_reset(ask):
    ask.sandbox.throttle(limit=1)
    ask("/me")
    answer = ask("/me")
    assert answer.status == 429
    assert answer.headers["retry-after"] == "900"
    assert answer.headers["x-ratelimit-limit"] == "1"
    assert answer.headers["x-ratelimit-policy"] == "fixed-window"
    assert answer.headers["x-ratelimit-window-seconds"] == "900"
    assert not {"x-ratelimit-remaining", "x-ratelimit-reset"} & set(answer.headers)


def test_request_id_of_the_client_is_echoed_unchecked(ask):
    for sent in ("mine", "x" * 5000):
        answer = ask("/customers/x", headers={"X-Request-Id": sent})
        assert answer.headers["x-request-id"] == answer.json["request_id"] == sent


def test_two_request_ids_are_joined(ask):
    answer = ask("/nowhere", headers=[("X-Request-Id", "a"), ("X-Request-Id", "b")])
    assert answer.headers["x-request-id"] == answer.json["request_id"] == "a, b"


def test_non_ascii_request_id_comes_back_mojibake(deployed, reach):
    with reach(deployed) as client:
        answer = client.get("/nowhere", headers={"X-Request-Id": "é".encode()})
    assert answer.json()["request_id"] == "é".encode().decode("latin-1")


def test_empty_request_id_is_replaced(ask):
    assert uuid.UUID(ask("/me", headers={"X-Request-Id": ""}).headers["x-request-id"]).version == 4


@pytest.mark.parametrize("form", ["{}", 'W/"other", {}', "*"])
def test_conditional_get(ask, form):
    target = f"/merchants/{MERCHANT}"
    tag = ask(target).headers["etag"]
    for sent in {tag, tag.removeprefix("W/")}:
        answer = ask(target, headers={"If-None-Match": form.format(sent)})
        assert answer.status == 304
        assert answer.body == b""
        assert answer.headers["etag"] == tag
        assert rate(answer) == RATE
    assert ask(target, "HEAD", headers={"If-None-Match": tag}).status == 304


def test_304_over_a_socket(deployed, reach):
    with reach(deployed) as client:
        tag = client.get("/customers").headers["ETag"]
        answer = client.get("/customers", headers={"If-None-Match": tag})
        assert (answer.status_code, answer.content) == (304, b"")
        assert client.get("/customers").status_code == 200


def test_304_still_costs_quota(ask):
    before = int(ask("/me").headers["x-ratelimit-remaining"])
    answer = ask("/me", headers={"If-None-Match": "*"})
    assert answer.status == 304
    assert int(answer.headers["x-ratelimit-remaining"]) == before - 1


def test_another_tag_and_no_cache_disable_it(ask):
    tag = ask("/me").headers["etag"]
    assert ask("/me", headers={"If-None-Match": 'W/"other"'}).status == 200
    assert ask("/me", headers={"If-None-Match": tag, "Cache-Control": "no-cache"}).status == 200


def test_a_change_changes_the_tag(ask):
    customer = ask.id()
    tag = ask(f"/customers/{customer}").headers["etag"]
    ask.patch(f"/customers/{customer}", {"city": "Thiès"})
    assert ask(f"/customers/{customer}", headers={"If-None-Match": tag}).status == 200


@pytest.mark.parametrize("figure", ["mrr", "arr"])
def test_mrr_and_arr_are_never_304(ask, figure):
    target = f"/merchants/{MERCHANT}/{figure}"
    assert ask(target, headers={"If-None-Match": "*"}).status == 200


def test_if_match_is_ignored(ask):
    customer = ask.id()
    assert ask.patch(f"/customers/{customer}", {"city": "Kara"}, headers={"If-Match": '"no"'}).status == 200
    assert ask.post({"name": "J"}, headers={"If-None-Match": "*"}).status == 201
