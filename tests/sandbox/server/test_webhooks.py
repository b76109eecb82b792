"""Webhooks: what is sent, when it is sent again, and what can go wrong with it."""

import gc
import http.server
import json
import re
import threading
import time

import pytest

from lomi.sandbox import Delivery, Sandbox
from lomi.sandbox.webhooks import check_url, sign


@pytest.fixture
def sandbox():
    with Sandbox(seed=1, customers=2) as sandbox:
        yield sandbox


class Inbox:
    """Receives webhooks in process, and responds as it is told."""

    def __init__(self, *statuses):
        self.statuses = list(statuses)
        self.received = []

    def __call__(self, body, headers):
        self.received.append((body, headers))
        return self.statuses.pop(0) if self.statuses else None

    @property
    def ids(self):
        return [json.loads(body)["id"] for body, _ in self.received]

    @property
    def events(self):
        return [headers["X-Lomi-Event"] for _, headers in self.received]

    @property
    def amounts(self):
        return [json.loads(body)["data"]["gross_amount"] for body, _ in self.received]


@pytest.fixture
def inbox():
    return Inbox()


def pay(sandbox, amount=500, **options):
    customer = sandbox.objects("customers")[0]["customer_id"]
    return sandbox.pay(customer, amount, **options)


def test_the_vector_of_the_contract():
    body = (
        '{"id":"0b6f4a52-7c1d-4e0a-9a53-5b1f2d3c4e5f","event":"PAYMENT_SUCCEEDED","timestamp":"2026-01-15T09:30:00.000Z",'
        '"data":{"transaction_id":"7d1c2b3a-4e5f-4a6b-8c7d-9e0f1a2b3c4d","status":"completed","gross_amount":15000,'
        '"currency_code":"XOF","metadata":{"note":"café"}},"lomi_environment":"production"}'
    ).encode()
    assert sign("whsec_vector_secret_1", body) == "0f8aa173d169173f779484e25df4161e733c894aed0652d6afa374bb3eed1051"


def test_what_is_sent(sandbox, inbox):
    endpoint = sandbox.webhooks.add(inbox)
    payment = pay(sandbox, metadata={"note": "café"})
    ((body, headers),) = inbox.received
    assert headers == {
        "Content-Type": "application/json",
        "X-Lomi-Signature": sign(endpoint.secret, body),
        "X-Lomi-Event": "PAYMENT_SUCCEEDED",
        "User-Agent": "Lomi-Webhook/1.0",
    }
    sent = json.loads(body)
    assert list(sent) == ["id", "event", "timestamp", "data", "lomi_environment"]
    assert body == json.dumps(sent, ensure_ascii=False, separators=(",", ":")).encode()
    assert sent["timestamp"] == "2026-01-15T10:30:00.000Z"
    assert sent["data"]["transaction_id"] == payment["transaction_id"]
    assert sent["data"]["organization_id"]
    assert len(sent["data"]) == 20
    (delivery,) = sandbox.deliveries
    assert isinstance(delivery, Delivery)
    assert (delivery.status, delivery.attempt, delivery.response_status) == ("delivered", 1, 200)
    assert (delivery.event_id, delivery.body, delivery.endpoint) == (sent["id"], body.decode(), endpoint.id)
    assert delivery.signature == headers["X-Lomi-Signature"]
    assert delivery.sent_at == delivery.due_at
    assert endpoint.secret not in repr(endpoint)
    assert "café" not in repr(delivery)


def test_who_gets_which_events(sandbox, inbox):
    failed, all_, theirs = Inbox(), Inbox(), Inbox()
    sandbox.webhooks.add(failed, events=["PAYMENT_FAILED"], secret="whsec_mine")
    sandbox.webhooks.add(all_)
    sandbox.webhooks.add(theirs, merchant=sandbox.merchant())
    pay(sandbox)
    pay(sandbox, status="failed")
    pay(sandbox, status="pending")
    assert (failed.events, all_.events, theirs.events) == (
        ["PAYMENT_FAILED"],
        ["PAYMENT_SUCCEEDED", "PAYMENT_FAILED"],
        [],
    )
    assert failed.ids[0] == all_.ids[1]


def test_retries_on_the_vendors_schedule(sandbox):
    inbox = Inbox(500, 503, 302, 599, 500)
    sandbox.webhooks.add(inbox)
    begun = sandbox.clock.now()
    pay(sandbox)
    assert [each.status for each in sandbox.deliveries] == ["retried", "waiting"]
    sandbox.clock.advance(minutes=10)
    assert [(each.sent_at - begun).total_seconds() for each in sandbox.deliveries] == [0, 5, 15, 35, 75]
    assert [each.status for each in sandbox.deliveries] == ["retried"] * 4 + ["failed"]
    assert [each.attempt for each in sandbox.deliveries] == [1, 2, 3, 4, 5]
    assert len(set(inbox.ids)) == 1
    assert len({body for body, _ in inbox.received}) == 5


def test_live_payments_are_sent_directly_with_another_id_each_time(sandbox, inbox):
    with sandbox._engine.lock:
        sandbox._engine.create(
            "webhooks",
            {"url": "", "secret": "whsec", "authorized_events": [], "is_active": True},
            owner=sandbox.merchant_id,
            environment="live",
            id="11111111-0000-4000-8000-000000000001",
        )
    inbox.statuses = [500] * 9
    sandbox._engine.outbox.handlers["11111111-0000-4000-8000-000000000001"] = inbox
    (live,) = sandbox.seed(customers=1, environment="live")
    sandbox.pay(live, 500)
    sandbox.clock.advance(minutes=10)
    waits = [each.sent_at.timestamp() - sandbox.deliveries[0].sent_at.timestamp() for each in sandbox.deliveries]
    assert waits == [0, 3, 9, 21]
    assert len(set(inbox.ids)) == 4


@pytest.mark.parametrize("status", [400, 404, 408, 409, 425, 429])
def test_a_4xx_is_final(sandbox, status):
    sandbox.webhooks.add(Inbox(status))
    pay(sandbox)
    sandbox.clock.advance(minutes=10)
    assert [(each.status, each.response_status) for each in sandbox.deliveries] == [("failed", status)]


def test_a_handler_that_raises_counts_as_500(sandbox):
    def handler(body, headers):
        raise ZeroDivisionError("of the shop")

    sandbox.webhooks.add(handler)
    sandbox.webhooks.add(lambda body, headers: "fine")
    pay(sandbox)
    assert [(each.response_status, each.response) for each in sandbox.deliveries[:2]] == [
        (500, "ZeroDivisionError('of the shop')"),
        (500, ""),
    ]


def test_a_handler_calls_the_api_back(sandbox):
    seen = []

    def handler(body, headers):
        identifier = json.loads(body)["data"]["customer_id"]
        with sandbox.client() as client:
            seen.append(client.customers.get(identifier).id == identifier)
        if len(seen) == 1:
            pay(sandbox, 7)

    sandbox.webhooks.add(handler)
    pay(sandbox)
    assert seen == [True, True]


def test_the_handler_of_another_process(sandbox):
    sandbox.webhooks.add(Inbox())
    sandbox._engine.outbox.handlers.clear()
    pay(sandbox)
    assert sandbox.deliveries[0].response == "the endpoint was a handler of another process"


# Faults


def test_lose_webhook(sandbox, inbox):
    sandbox.webhooks.add(inbox)
    fault = sandbox.lose_webhook(event="PAYMENT_FAILED")
    assert repr(fault) == "<Fault lose_webhook on PAYMENT_FAILED, struck 0>"
    pay(sandbox)
    pay(sandbox, status="failed")
    pay(sandbox, status="failed")
    assert inbox.events == ["PAYMENT_SUCCEEDED", "PAYMENT_FAILED"]
    assert [each.status for each in sandbox.deliveries] == ["delivered", "lost", "delivered"]
    assert repr(sandbox.drop()) == "<Fault drop on every route, struck 0>"
    assert repr(sandbox.lose_webhook()) == "<Fault lose_webhook on every event, struck 0>"


def test_duplicate_webhook(sandbox, inbox):
    sandbox.webhooks.add(inbox)
    sandbox.duplicate_webhook()
    pay(sandbox)
    pay(sandbox)
    assert inbox.received[0] == inbox.received[1] != inbox.received[2]
    assert len(inbox.received) == 3


def test_delay_webhook(sandbox, inbox):
    sandbox.webhooks.add(inbox)
    sandbox.delay_webhook(90)
    pay(sandbox, 1)
    pay(sandbox, 2)
    assert inbox.amounts == [2]
    sandbox.clock.advance(seconds=89)
    assert inbox.amounts == [2]
    sandbox.clock.advance(seconds=1)
    assert inbox.amounts == [2, 1]


def test_reorder_webhook(sandbox, inbox):
    sandbox.webhooks.add(inbox)
    sandbox.reorder_webhook()
    pay(sandbox, 1)
    assert [each.status for each in sandbox.deliveries] == ["held"]
    pay(sandbox, 2)
    assert inbox.amounts == [2, 1]
    sandbox.reorder_webhook()
    pay(sandbox, 3)
    sandbox.clock.advance(minutes=1)
    assert inbox.amounts == [2, 1, 3]


def test_corrupt_webhook_signature(sandbox, inbox):
    endpoint = sandbox.webhooks.add(inbox)
    sandbox.corrupt_webhook_signature()
    pay(sandbox)
    pay(sandbox)
    right = [headers["X-Lomi-Signature"] == sign(endpoint.secret, body) for body, headers in inbox.received]
    assert right == [False, True]


def test_change_webhook_id(sandbox):
    inbox = Inbox(500, 500)
    sandbox.webhooks.add(inbox)
    sandbox.change_webhook_id()
    pay(sandbox)
    sandbox.clock.advance(minutes=1)
    assert inbox.ids[0] != inbox.ids[1] == inbox.ids[2]


def test_faults_of_webhooks_do_not_strike_requests(sandbox):
    sandbox.lose_webhook(times=None)
    sandbox.client().customers.list()
    assert sandbox.requests[0].faults == ()


# Over HTTP


@pytest.fixture
def shop():
    """A shop's server: its address, what it received, and what it responds."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            received.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(statuses.pop(0) if statuses else 204)
            self.send_header("Content-Length", "0")
            self.end_headers()
            arrived.release()

        def log_message(self, *arguments):
            pass

    received, statuses, arrived = [], [], threading.Semaphore(0)
    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", received, statuses, arrived
        server.shutdown()
        thread.join()


def test_over_http(shop):
    url, received, statuses, _ = shop
    statuses.append(500)
    with Sandbox(seed=1, customers=2, webhook_url=f"{url}/hooks?a=1") as sandbox:
        pay(sandbox)
        sandbox.clock.advance(seconds=5)
        sandbox.webhooks.add(url)
        pay(sandbox)
        assert sandbox.deliver() == 0
    assert [path for path, _ in received] == ["/hooks?a=1", "/hooks?a=1", "/hooks?a=1", "/"]


def test_an_endpoint_that_is_not_there(sandbox):
    sandbox.webhooks.add("http://127.0.0.1:1/")
    sandbox.webhooks.add("https://127.0.0.1:1/")
    pay(sandbox)
    assert [each.response_status for each in sandbox.deliveries][:2] == [0, 0]
    assert "refused" in sandbox.deliveries[0].response


def test_they_leave_by_themselves_while_the_clock_runs(shop):
    url, received, statuses, arrived = shop
    statuses.append(500)
    with Sandbox(customers=2, webhook_url=url) as sandbox:
        sandbox.clock.run(speed=10_000)
        customer = sandbox.objects("customers")[0]["customer_id"]
        with sandbox._engine.lock:
            record = sandbox._engine.store.find("customers", customer)
            sandbox._engine.emit("USAGE_RECORDED", record)
        assert arrived.acquire(timeout=30)
        assert arrived.acquire(timeout=30)
    assert len(received) == 2


def test_a_dropped_sandbox_leaves_no_thread(sandbox):
    made = Sandbox(customers=2)
    made.webhooks.add(Inbox(500))
    pay(made)
    workers = [thread for thread in threading.enumerate() if thread.name == "lomi-sandbox-clock"]
    assert workers
    del made
    gc.collect()
    for worker in workers:
        worker.join(30)
        assert not worker.is_alive()


def test_closing_while_a_delivery_is_under_way(shop):
    _, received, __, ___ = shop
    with Sandbox(seed=1, customers=2) as sandbox:
        sandbox.webhooks.add(lambda body, headers: sandbox.close())
        customer = sandbox.objects("customers")[0]["customer_id"]
        sandbox.pay(customer, 500)
    assert received == []


def test_the_clock_waits_for_what_is_being_sent(sandbox):
    begun, moved = threading.Event(), threading.Event()

    def handler(body, headers):
        begun.set()
        moved.wait(0.2)  # ends early where the clock does not wait
        return 500

    sandbox.webhooks.add(handler)
    paying = threading.Thread(target=pay, args=(sandbox,))
    paying.start()
    assert begun.wait(30)
    sandbox.clock.advance(minutes=2)
    moved.set()
    paying.join(30)
    attempts = len(sandbox.deliveries)
    assert attempts > 1
    sandbox.clock.advance(days=1)
    assert len(sandbox.deliveries) == attempts  # all of them fell due on the way


def test_a_handler_can_move_the_clock(sandbox):
    inbox = Inbox(500)
    sandbox.webhooks.add(lambda body, headers: sandbox.clock.advance(minutes=1) and inbox(body, headers))
    pay(sandbox)
    assert [each.status for each in sandbox.deliveries] == ["retried", "waiting"]
    sandbox.clock.advance(minutes=1)
    assert len(inbox.received) == 2


def test_deliver_waits_for_what_is_being_sent(sandbox):
    begun, go = threading.Event(), threading.Event()

    def handler(body, headers):
        begun.set()
        assert go.wait(30)

    sandbox.webhooks.add(handler)
    thread = threading.Thread(target=pay, args=(sandbox,))
    thread.start()
    assert begun.wait(30)
    threading.Timer(0.01, go.set).start()
    assert sandbox.deliver() == 0
    thread.join()
    assert sandbox.deliveries[0].status == "delivered"


def test_a_process_that_died_sends_again(tmp_path):
    path = tmp_path / "data"
    with Sandbox(data=path, customers=2) as sandbox:
        sandbox.webhooks.add(Inbox())
        pay(sandbox)
        sandbox._engine.store.run("UPDATE deliveries SET status = 'sending'")
    with Sandbox(data=path) as sandbox:
        sandbox.deliver()
        assert sandbox.deliveries[0].response == "the endpoint was a handler of another process"


def test_a_file_keeps_its_endpoint_once(tmp_path):
    for _ in range(2):
        with Sandbox(data=tmp_path / "data", webhook_url="http://127.0.0.1:1/") as sandbox:
            assert len(sandbox._engine.store.select("webhooks")) == 1


# What is refused


@pytest.mark.parametrize(
    "url",
    [
        *("http://127.0.0.1/", "https://localhost:8000/hooks", "http://shop:80/", "http://[::1]:1/", "http://10.0.0.7"),
        *("http://shop.test/a?b=c", "http://host.docker.internal/", "http://api.shop.localhost"),
    ],
)
def test_urls_that_are_near(url):
    assert check_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        None,
        5,
        "ftp://localhost/",
        "http:///x",
        "https://example.com/",
        "http://8.8.8.8/",
        "http://localhost.evil.com",
    ],
)
def test_urls_that_are_not(sandbox, url):
    with pytest.raises(ValueError, match=f"^a webhook's URL is http or https, .*, not {re.escape(repr(url))}$"):
        sandbox.webhooks.add(url)
    with pytest.raises(ValueError, match=r"^a webhook's URL"):
        check_url(url)


def test_arguments(sandbox, inbox):
    for wrong in (["PAYMENT_SUCEEDED"], "PAYMENT_FAILED"):
        with pytest.raises(ValueError, match=r"^events are some of PAYMENT_CREATED, "):
            sandbox.webhooks.add(inbox, events=wrong)
    for wrong in ("", 5):
        with pytest.raises(ValueError, match=r"^secret is a text"):
            sandbox.webhooks.add(inbox, secret=wrong)
    with pytest.raises(LookupError):
        sandbox.webhooks.add(inbox, merchant=Sandbox(customers=0).merchant())
    with pytest.raises(ValueError, match=r"no event is called 'payment.failed'; there are PAYMENT_CREATED, "):
        sandbox.lose_webhook(event="payment.failed")


def test_the_clock_of_this_machine_is_not_needed(sandbox, monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda seconds: pytest.fail("slept"))
    sandbox.webhooks.add(Inbox(500))
    pay(sandbox)
    sandbox.clock.advance(minutes=1)
    assert sandbox.deliveries[-1].status == "delivered"
