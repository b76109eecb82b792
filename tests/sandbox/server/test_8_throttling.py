"""server.md, 8: throttling. One test a line."""

import math

import pytest

from lomi.sandbox import Sandbox


def test_default_is_5000_per_15_minutes(ask):
    answer = ask("/me")
    assert answer.headers["x-ratelimit-limit"] == "5000"
    assert answer.headers["x-ratelimit-reset"] == "900"


def test_per_route_and_address_whatever_the_key(ask):
    ask.sandbox.throttle(limit=2)
    assert [ask("/me", key=key).status for key in ("bad", "bad", None)] == [401, 401, 429]
    assert ask("/me").status == 429
    assert ask("/customers").status == 200
    assert ask("/me", peer="127.0.0.2").status == 200
    assert ask("/me", headers={"X-Forwarded-For": "10.0.0.1"}).status == 429


def test_one_route_is_one_bucket_whatever_its_parameters(ask):
    ask.sandbox.throttle(limit=2)
    answers = [ask(f"/customers/{identifier}").status for identifier in ("a", "b", "c")]
    assert answers == [500, 500, 429]


def test_the_block_lasts_a_whole_window_from_the_first_refusal(ask):
    clock = ask.sandbox.clock
    ask.sandbox.throttle(limit=1, window=60)
    ask("/me")
    clock.advance(seconds=50)
    assert ask("/me").status == 429
    clock.advance(seconds=55)
    assert ask("/me").status == 429
    clock.advance(seconds=5)
    assert ask("/me").status == 200


def test_retry_after_is_constant(ask):
    ask.sandbox.throttle(limit=1, window=60)
    ask("/me")
    assert ask("/me").headers["retry-after"] == "60"
    ask.sandbox.clock.advance(seconds=59)
    answer = ask("/me")
    assert answer.headers["retry-after"] == "60"
    assert answer.error["details"] == {"retry_after_seconds": 60, "limit": 1}


def test_a_window_without_a_refusal_ends_when_it_ends(ask):
    ask.sandbox.throttle(limit=2, window=60)
    assert ask("/me").headers["x-ratelimit-remaining"] == "1"
    ask.sandbox.clock.advance(seconds=60)
    answer = ask("/me")
    assert answer.headers["x-ratelimit-remaining"] == "1"
    assert answer.headers["x-ratelimit-reset"] == "60"


def test_limits_can_be_set_from_the_start(asker):
    with Sandbox("server", seed=1, throttle_limit=1, throttle_window=2.5) as sandbox:
        ask = asker(sandbox)
        assert [ask("/me").status, ask("/me").status] == [200, 429]
        assert sandbox.requests[-1].status == 429
        sandbox.reset()
        assert ask("/me").status == 200


NAN = float("nan")


@pytest.mark.parametrize(
    ("name", "wrong"),
    [("limit", each) for each in (0, 1.5, NAN, "5", True)] + [("window", each) for each in (0, -1, NAN, math.inf, "1")],
)
def test_limits_out_of_range(deployed, name, wrong):
    with pytest.raises(ValueError, match=f"^{name} is .*, not {wrong!r}$"):
        deployed.throttle(**{name: wrong})
    with pytest.raises(ValueError, match=f"^throttle_{name} is .*, not {wrong!r}$"):
        Sandbox(**{f"throttle_{name}": wrong})


def test_a_snapshot_from_before_a_window_is_not_blocked_by_it(ask):
    ask.sandbox.throttle(limit=1, window=60)
    snapshot = ask.sandbox.snapshot()
    ask.sandbox.clock.advance(days=31)
    assert [ask("/me").status, ask("/me").status] == [200, 429]
    ask.sandbox.restore(snapshot)
    answer = ask("/me")
    assert (answer.status, answer.headers["x-ratelimit-reset"]) == (200, "60")
    assert ask("/me").status == 429


def test_in_the_docs_dialect(ask_docs):
    ask_docs.sandbox.throttle(limit=1)
    ask_docs("/me")
    answer = ask_docs("/me")
    assert (answer.status, answer.error["code"]) == (429, "RATE_LIMIT_EXCEEDED")
    assert answer.headers["retry-after"] == "900"
