"""Failures on demand: each in process and over a socket, where a client must see the same."""

import re
import sys
import threading

import anyio
import httpx
import pytest

from lomi.sandbox import Sandbox, transport as _transport
from lomi.sandbox.faults import FAULTS

MERCHANT = "/merchants/904d003c-3736-41d4-90a5-9de74d404fd7"


# Kinds


@pytest.mark.parametrize(("dialect", "code"), [("docs", "SERVICE_UNAVAILABLE"), ("server", "service_unavailable")])
def test_fail(reach, dialect, code):
    with Sandbox(dialect) as sandbox, reach(sandbox) as client:
        sandbox.fail(503, times=2, retry_after=1)
        for _ in range(2):
            answer = client.post("/customers", json={"name": "J"})
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
            assert answer.json()["error"]["code"] == code
        assert client.get("/customers").json()["pagination"]["totalCount"] == 150


def test_fail_with_its_own_code_message_and_retry_after(ask_docs):
    ask_docs.sandbox.fail(500, code="DATABASE_ERROR", message="Try later", retry_after="soon")
    answer = ask_docs("/me")
    assert (answer.error["code"], answer.error["message"]) == ("DATABASE_ERROR", "Try later")
    assert answer.headers["retry-after"] == "soon"
    ask_docs.sandbox.fail(499)
    answer = ask_docs("/me")
    assert (answer.status, answer.error["code"], answer.error["message"]) == (499, "ERROR", "Error")
    assert "retry-after" not in answer.headers


def test_fail_after_commit(ask):
    ask.sandbox.fail(500, when="after_commit")
    assert ask.post({"name": "There"}).status == 500
    assert ask("/customers?search=There").json["pagination"]["totalCount"] == 1


@pytest.mark.parametrize(("when", "stored"), [("before", 0), ("after_commit", 1)])
def test_drop(deployed, reach, when, stored):
    with reach(deployed) as client:
        deployed.drop(when)
        with pytest.raises(httpx.RemoteProtocolError, match=r"^Server disconnected without sending a response\.$"):
            client.post("/customers", json={"name": "Gone"})
        assert deployed.requests[-1].status is None
        assert client.get("/customers?search=Gone").json()["pagination"]["totalCount"] == stored


def test_drop_of_a_large_upload(deployed, reach):
    with reach(deployed) as client:
        deployed.drop()
        with pytest.raises(httpx.RemoteProtocolError):
            client.post("/customers", json={"name": "J", "metadata": {"a": "x" * 2**20}})


def test_truncate(deployed, reach):
    with reach(deployed) as client:
        whole = client.get("/me").content
        deployed.truncate(times=2)
        deployed.truncate(keep=3)
        deployed.truncate(keep=10**6)
        for kept in (len(whole) // 2, len(whole) // 2, 3, len(whole) - 1):
            expected = f"received {kept} bytes, expected {len(whole)}"
            with pytest.raises(httpx.RemoteProtocolError, match=expected):
                client.get("/me")
        assert client.get("/me").content == whole


def test_truncated_body_is_seen_while_streaming(deployed, reach):
    with reach(deployed) as client:
        deployed.truncate(keep=5)
        with client.stream("GET", "/me") as answer:
            assert answer.status_code == 200
            parts = answer.iter_raw()
            assert next(parts) == b'{"mer'
            with pytest.raises(httpx.RemoteProtocolError):
                next(parts)


def test_truncate_of_nothing_is_a_drop_and_a_head_has_nothing_to_cut(deployed, reach):
    with reach(deployed) as client:
        deployed.truncate()
        with pytest.raises(httpx.RemoteProtocolError):
            client.get("/me", headers={"If-None-Match": "*"})
        deployed.truncate()
        assert client.head("/me").status_code == 200


def test_malformed(deployed, reach):
    with reach(deployed) as client:
        deployed.malformed()
        answer = client.post("/customers", json={"name": "There"})
        assert answer.status_code == 201
        assert answer.headers["Content-Type"].startswith("application/json")
        with pytest.raises(ValueError, match=r"."):
            answer.json()
        assert client.get("/customers?search=There").json()["pagination"]["totalCount"] == 1


def test_malformed_of_nothing_is_nothing(ask):
    ask.sandbox.malformed()
    assert ask("/me", headers={"If-None-Match": "*"}).status == 304


@pytest.mark.parametrize(("when", "stored"), [("before", 0), ("after_commit", 1)])
def test_html_502(deployed, reach, when, stored):
    with reach(deployed) as client:
        deployed.html_502(when)
        answer = client.post("/customers", json={"name": "Proxy"})
        assert (answer.status_code, answer.headers["Content-Type"]) == (502, "text/html")
        assert answer.text.startswith("<html>")
        assert client.get("/customers?search=Proxy").json()["pagination"]["totalCount"] == stored


@pytest.mark.parametrize(
    ("given", "header", "seconds"),
    [(1, "1", 1), (2.5, "2.5", 2.5), ("Thu, 01 Jan 2026 00:00:00 GMT",) * 2 + (900,), ("nonsense", "nonsense", 900)],
)
def test_rate_limit(ask, given, header, seconds):
    ask.sandbox.rate_limit(given)
    answer = ask("/me")
    assert (answer.status, answer.headers["retry-after"]) == (429, header)
    assert answer.error["code"] == "rate_limit_exceeded"
    assert answer.error["details"] == {"retry_after_seconds": seconds, "limit": 5000}
    assert answer.headers["x-ratelimit-policy"] == "fixed-window"
    assert ask("/me").status == 200


def test_rate_limit_without_retry_after(ask_docs):
    ask_docs.sandbox.rate_limit(None)
    answer = ask_docs("/me")
    assert answer.status == 429
    assert "retry-after" not in answer.headers


def test_repeat_page(either, asker):
    ask = asker(either)
    first, second, third = (ask(f"/customers?page={page}&pageSize=5").json["customers"] for page in (1, 2, 3))
    fault = either.repeat_page()
    assert ask("/customers?page=1&pageSize=5").json["customers"] == first
    assert fault.struck == 0
    repeated = ask("/customers?page=2&pageSize=5").json
    assert (repeated["customers"], repeated["pagination"]["page"]) == (first, 2)
    assert ask("/customers?page=2&pageSize=5").json["customers"] == second
    either.repeat_page(times=None)
    assert [ask(f"/customers?page={page}&pageSize=5").json["customers"] for page in (2, 3, 4)] == [first, second, third]


def test_lose_metadata_waits_for_metadata(ask_docs):
    fault = ask_docs.sandbox.lose_metadata(times=1)
    ask_docs.customer()
    assert fault.struck == 0
    assert ask_docs.customer(metadata={"a": 1})["metadata"] is None
    assert fault.struck == 1


def test_lose_update_waits_for_a_second_update(ask_docs):
    target = f"/customers/{ask_docs.id()}"
    ask_docs.sandbox.lose_update()
    ask_docs.patch(target, {"city": "Kara"})
    ask_docs.patch(target, {"metadata": {"a": 1}})
    assert ask_docs.patch(target, {"country": "Togo"}).json["city"] is None


# Delay


def test_delay_in_process(deployed, monkeypatch):
    waited = []
    monkeypatch.setattr(_transport, "sleep", waited.append)
    with httpx.Client(transport=deployed.transport(), base_url=deployed.base_url) as client:
        deployed.delay(3)
        deployed.delay(4, times=2)
        assert client.get("/me", timeout=8).status_code == 401
        with pytest.raises(httpx.ReadTimeout):
            client.get("/me", timeout=2)
        client.get("/me", timeout=None)
    assert waited == [7, 2]


def test_delay_adds_up_with_other_faults(ask):
    ask.sandbox.delay(3)
    ask.sandbox.fail(503)
    response = ask.sandbox.handle(_transport.received(httpx.Request("GET", "http://x/me")))
    assert (response.status, response.delay) == (503, 3)
    assert ask.sandbox.requests[-1].faults == ("delay", "fail")


def test_delay_outlasts_the_client_and_the_request_is_carried_out(deployed, reach):
    with reach(deployed) as client:
        deployed.delay(30)
        with pytest.raises(httpx.ReadTimeout):
            client.post("/customers", json={"name": "Slow"}, timeout=httpx.Timeout(10, read=0.05))
        assert client.get("/customers?search=Slow").json()["pagination"]["totalCount"] == 1


def test_delay_over_a_socket_ends(deployed):
    with deployed.serve() as server, httpx.Client(base_url=server.url, trust_env=False) as client:
        deployed.delay(0.01)
        assert client.get("/me").status_code == 401


def test_closing_the_server_ends_a_delay(deployed):
    outcome = []
    with deployed.serve() as server:
        struck = threading.Event()
        fault = deployed.delay(60)
        matches = fault.matches

        def noticed(method, path):
            hit = matches(method, path)
            struck.set()
            return hit

        fault.matches = noticed

        def wait():
            try:
                httpx.get(f"{server.url}/me", trust_env=False, timeout=30)
            except httpx.HTTPError as error:
                outcome.append(error)

        thread = threading.Thread(target=wait)
        thread.start()
        assert struck.wait(30)
    thread.join()
    assert isinstance(outcome[0], httpx.RemoteProtocolError)


# Drip


def test_drip(deployed, reach, monkeypatch):
    waited = []
    monkeypatch.setattr(_transport, "sleep", waited.append)
    with reach(deployed) as client:
        whole = client.get("/me").content
        deployed.drip(0.0001)
        with client.stream("GET", "/me") as answer:
            parts = list(answer.iter_raw())
            # On a socket, bytes that a busy machine has let wait arrive together.
            assert b"".join(parts) == whole
            assert not waited or len(parts) == len(whole)
        deployed.drip(0.0001)
        answer = client.get("/me", timeout=5)
        assert (answer.content, answer.headers["Content-Length"]) == (whole, str(len(whole)))
        assert deployed.requests[-1].faults == ("drip",)
    assert waited in ([], [0.0001] * 2 * len(whole))


def test_drip_ends_early_where_another_fault_cuts_it(deployed, reach, monkeypatch):
    monkeypatch.setattr(_transport, "sleep", lambda seconds: None)
    with reach(deployed) as client:
        whole = client.get("/me").content
        deployed.drip(0.0001, times=2)
        deployed.truncate(keep=3)
        deployed.drop()
        with pytest.raises(httpx.RemoteProtocolError, match=f"received 3 bytes, expected {len(whole)}"):
            client.get("/me")
        with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
            client.get("/me")
        assert client.get("/me").content == whole


def test_a_client_that_waits_too_little_for_each_byte(deployed, reach):
    with reach(deployed) as client:
        deployed.drip(30)
        with pytest.raises(httpx.ReadTimeout):
            client.get("/me", timeout=httpx.Timeout(10, read=0.05))


# Async, under both event loops


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_async_transport(deployed, backend, monkeypatch):
    waited = []

    async def sleep(seconds):
        waited.append(seconds)

    monkeypatch.setattr(_transport, "async_sleep", sleep)

    async def main():
        async with httpx.AsyncClient(
            transport=deployed.async_transport(),
            base_url=deployed.base_url,
            headers={"X-API-KEY": deployed.api_key},
        ) as client:
            created = await client.post("/customers", json={"name": "Async"})
            assert created.status_code == 201
            deployed.drop()
            with pytest.raises(httpx.RemoteProtocolError):
                await client.get("/me")
            deployed.truncate()
            with pytest.raises(httpx.RemoteProtocolError):
                await client.get("/me")
            deployed.delay(9)
            with pytest.raises(httpx.ReadTimeout):
                await client.get("/me", timeout=1)
            deployed.drip(1, times=2)
            assert len((await client.get("/me")).content) == waited.count(1) - 1
            with pytest.raises(httpx.ReadTimeout):
                await client.get("/me", timeout=0.5)

    anyio.run(main, backend=backend)
    assert waited[:4] == [0, 0, 0, 1]
    assert waited[-2:] == [0, 0.5]


# Where, how often, how likely


@pytest.mark.parametrize(
    ("route", "struck"),
    [
        (None, [True, True, True, True]),
        ("GET", [True, False, True, True]),
        ("/customers", [True, True, False, False]),
        ("POST /customers", [False, True, False, False]),
        ("/customers/{id}", [False, False, True, False]),
    ],
)
def test_route(ask, route, struck):
    ask.sandbox.fail(503, route=route, times=None)
    answers = [ask("/customers"), ask.post({"name": "J"}), ask("/Customers/x"), ask("/nowhere")]
    assert [answer.status == 503 for answer in answers] == struck


@pytest.mark.parametrize("route", ["/nowhere", "FETCH", "GET /nowhere", "get /customers", ""])
def test_route_must_be_there(pages, route):
    with pytest.raises(ValueError, match="no route is called"):
        pages.fail(route=route)


def test_times_and_skip(ask):
    fault = ask.sandbox.fail(503, times=2, skip=1)
    assert [ask("/me").status for _ in range(4)] == [200, 503, 503, 200]
    assert (fault.struck, fault.left) == (2, 0)
    assert ask.sandbox.faults == ()


def test_left(ask):
    twice, always = ask.sandbox.delay(1, times=2), ask.sandbox.delay(1, times=None)
    ask("/me")
    assert (twice.left, always.left) == (1, None)
    twice.cancel()
    always.cancel()
    assert (twice.left, always.left) == (0, 0)


def test_probability_is_repeatable_under_a_seed(ask, asker):
    def run(sandbox, **more):
        with sandbox.fail(503, times=None, probability=0.3, **more):
            return [asker(sandbox)("/me").status for _ in range(40)]

    statuses = run(ask.sandbox, seed=5)
    assert run(ask.sandbox, seed=5) == statuses
    assert run(ask.sandbox, seed=6) != statuses
    assert 3 < statuses.count(503) < 25
    with Sandbox("server", seed=9) as one, Sandbox("server", seed=9) as two:
        assert run(one) == run(two)
    with Sandbox("server") as unseeded:
        assert set(run(unseeded)) <= {200, 503}


def test_a_request_that_is_let_off_does_not_count(ask):
    fault = ask.sandbox.fail(503, times=3, probability=0.2, seed=1)
    statuses = [ask("/me").status for _ in range(100)]
    assert (statuses.count(503), fault.struck) == (3, 3)


NAN, INF = float("nan"), float("inf")
# What a fault is ordered with, and what each of it must not be.
WRONG = [
    ("fail", "status", (200, 304, 399, 600, 500.5, NAN, "503", True)),
    ("fail", "code", (5, "\ud800")),
    ("fail", "message", (5, "\ud800", b"text")),
    ("fail", "retry_after", (-1, NAN, INF, True, [], "a\r\nX-Other: 1", " ", "١")),
    ("fail", "when", ("x", 1, [])),
    ("rate_limit", "retry_after", (-0.5, NAN, -INF, b"1", "a\nb")),
    ("outage_as_404", "message", (None, 5)),
    ("stall", "seconds", (0, NAN, "1")),
    ("delay_webhook", "seconds", (0, NAN, "1")),
    ("lose_webhook", "event", (1, "payment.succeeded", "")),
    ("database_error", "message", (None, 5, "\ud800")),
    ("delay", "seconds", (0, -1, NAN, INF, 86_401, 10**400, "1", None, True)),
    ("drip", "seconds_per_byte", (0, -0.1, NAN, INF, 86_401, "1", None)),
    ("drop", "when", ("after", 0)),
    ("html_502", "when", ("Before",)),
    ("truncate", "keep", (-1, 1.5, NAN, "1", True)),
    ("malformed", "times", (0, -1, 1.5, NAN, INF, "2", True)),
    ("malformed", "skip", (-1, 0.5, NAN, "2", None)),
    ("malformed", "probability", (0, -0.5, 1.5, NAN, "1", None)),
    ("malformed", "seed", (1.5, "seed", [1])),
    ("malformed", "route", (1, [], "")),
]


WANTED = {kind.name: [each.name for each in kind.parameters] for kind in FAULTS.values()}


@pytest.mark.parametrize(
    ("kind", "name", "value"), [(kind, name, each) for kind, name, wrong in WRONG for each in wrong]
)
def test_what_cannot_be_is_refused_before_anything_happens(pages, kind, name, value):
    needed = {"drip": {"seconds_per_byte": 1}}.get(kind, {"seconds": 1} if "seconds" in WANTED.get(kind, ()) else {})
    said = f"no {name} is called" if name in {"route", "event"} else rf"^{name} is .*, not {re.escape(repr(value))}$"
    with pytest.raises(ValueError, match=said):
        getattr(pages, kind)(**{**needed, name: value})
    assert pages.faults == ()


def test_what_was_refused_does_not_move_the_chances_of_the_next(asker):
    def statuses(refused):
        with Sandbox("server", seed=3) as sandbox:
            if refused:
                with pytest.raises(ValueError, match="times"):
                    sandbox.fail(times=0)
            sandbox.fail(503, times=None, probability=0.5)
            return [asker(sandbox)("/me").status for _ in range(20)]

    assert statuses(refused=True) == statuses(refused=False)


def test_extremes_that_are_right(ask):
    ask.sandbox.rate_limit(0)
    assert ask("/me").headers["retry-after"] == "0"
    ask.sandbox.fail(599, message="", code="", retry_after="")
    answer = ask("/me")
    assert (answer.status, answer.error["message"], answer.headers["retry-after"]) == (599, "", "")
    ask.sandbox.delay(86_400)
    ask.sandbox.drip(86_400, probability=1, times=10**30, skip=10**30, seed=-(10**30))


def test_faults_ordered_by_several_threads_are_all_there(pages):
    threads = [threading.Thread(target=lambda: [pages.drop() for _ in range(50)]) for _ in range(8)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert len(pages.faults) == 400


def test_the_first_ordered_strikes_and_the_next_waits(ask):
    ask.sandbox.fail(503)
    ask.sandbox.fail(500)
    assert [ask("/me").status for _ in range(3)] == [503, 500, 200]


def test_cancel_context_and_clear(ask):
    sandbox = ask.sandbox
    fault = sandbox.fail(503, times=None)
    assert repr(fault) == "<Fault fail on every route, struck 0>"
    fault.cancel()
    fault.cancel()
    assert repr(fault) == "<Fault fail on every route, struck 0, over>"
    with sandbox.fail(503, times=None, route="GET /me") as fault:
        assert fault.kind == "fail"
        assert fault.route == "GET /me"
        assert ask("/me").status == 503
    assert ask("/me").status == 200
    sandbox.fail(503)
    sandbox.delay(1)
    assert [fault.kind for fault in sandbox.faults] == ["fail", "delay"]
    sandbox.clear_faults()
    assert sandbox.faults == ()
    assert ask("/me").status == 200
