"""Each event is handled once, on every store, whatever happens between."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import httpx
import pytest

import lomi
from lomi.sandbox import Sandbox
from lomi.webhooks.events import Event, parse
from lomi.webhooks.inbox import Counts, Inbox
from lomi.webhooks.stores.sqlite import SQLiteStore

from .shops import Shop, payment, refund

KEY = "PAYMENT_SUCCEEDED:t1:completed"
ROOT = Path(__file__).parents[3]


def fail(event: Event) -> None:
    raise ValueError("Awa Diop")


def run(shop: Shop, mode: str, *ids: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.webhooks.inbox.shops", shop.kind, shop.path, mode, *ids]
    return subprocess.Popen(command, cwd=ROOT)


def test_an_event_is_handled_once_whatever_its_delivery_is_called(shop: Shop) -> None:
    inbox = shop.inbox(shop.ship)
    assert [inbox.process(payment(delivery=f"d{n}")) for n in range(3)] == ["done", "known", "known"]
    assert inbox.process(payment("t2")) == "done"
    assert shop.shipped() == {"t1": 1, "t2": 1}
    # Nothing of a person is kept.
    assert shop.row() == {
        "key": KEY,
        "recorded_at": 1e6,
        "updated_at": 1e6,
        "status": "done",
        "event": "PAYMENT_SUCCEEDED",
        "event_id": "d0",
        "payload": None,
        "error": "",
        "progress": 0,
        "attempts": 0,
        "due_at": 0.0,
    }


def test_threads_with_the_same_events_handle_each_once(shop: Shop) -> None:
    inbox = shop.inbox(shop.ship)
    ids = [f"t{n % 10}" for n in range(40)]

    def process(id: str) -> str:
        try:
            return inbox.process(payment(id))
        finally:
            if shop.kind == "django":
                from django.db import connections

                connections["inbox"].close()

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(process, ids))
    assert (results.count("done"), results.count("known")) == (10, 30)
    assert shop.shipped() == dict.fromkeys(ids, 1)


def test_processes_with_the_same_events_handle_each_once(shop: Shop) -> None:
    ids = [f"t{n}" for n in range(20)]
    children = [run(shop, "process", *ids), run(shop, "process", *reversed(ids))]
    assert [child.wait(60) for child in children] == [0, 0]
    assert shop.shipped() == dict.fromkeys(ids, 1)


def test_a_process_that_is_killed_has_done_nothing(shop: Shop) -> None:
    assert run(shop, "killed", "t1").wait(60) == -9
    assert shop.shipped() == {}
    assert shop.inbox(shop.ship).process(payment()) == "done"
    assert shop.shipped() == {"t1": 1}


def test_a_worker_that_is_killed_has_counted_its_attempt(shop: Shop) -> None:
    assert shop.inbox(fail).process(payment()) == "failed"
    assert run(shop, "killed").wait(60) == -9
    assert (shop.shipped(), shop.row()["attempts"], shop.row()["status"]) == ({}, 2, "failed")
    shop.now += 10**7
    assert shop.inbox(shop.ship).work().done == 1


def test_what_a_handler_that_fails_has_done_is_rolled_back_and_its_event_kept(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    errors: list[tuple[Event, Exception]] = []

    def ship_and_fail(event: Event) -> None:
        shop.ship(event)
        fail(event)

    inbox = shop.inbox(ship_and_fail, on_error=lambda event, error: errors.append((event, error)))
    with caplog.at_level(logging.ERROR, "lomi.webhooks"):
        assert inbox.process(payment()) == "failed"
    assert shop.shipped() == {}
    [row] = inbox.failed()
    assert (row.key, row.status, row.error, row.attempts) == (KEY, "failed", "ValueError", 1)
    assert b"Awa Diop" in (row.payload or b"")
    assert caplog.messages == [f"the handler of {KEY} raised ValueError; the event is failed"]
    assert [(event.dedupe_key, str(error)) for event, error in errors] == [(KEY, "Awa Diop")]
    # A delivery that comes again is another attempt.
    assert shop.inbox(shop.ship).process(payment()) == "done"
    assert (shop.shipped(), inbox.failed()) == ({"t1": 1}, [])


def test_what_failed_is_tried_again_when_it_is_due(shop: Shop) -> None:
    shop.inbox(fail).process(payment())
    inbox = shop.inbox(shop.ship)
    assert inbox.work().to_dict() == Counts().to_dict()
    shop.now += 30
    assert repr(inbox.work(limit=1)) == "Counts(done=1)"
    assert shop.shipped() == {"t1": 1}
    assert shop.row()["payload"] is None
    assert inbox.process(payment()) == "known"


def test_waits_double_and_end_after_the_last_attempt(shop: Shop) -> None:
    inbox = shop.inbox(fail, max_attempts=4)
    assert inbox.process(payment()) == "failed"
    for longest, result in ((30, "failed"), (60, "failed"), (120, "dead")):
        [row] = inbox.failed()
        assert longest / 2 <= row.due_at - shop.now <= longest
        shop.now = row.due_at
        assert inbox.work().to_dict()[result] == 1
    shop.now += 10**7
    assert inbox.work().to_dict() == Counts().to_dict()
    [row] = inbox.failed()
    assert (row.status, row.attempts) == ("dead", 4)
    # Someone who sends it once more is not refused, but it stays dead.
    assert inbox.process(payment()) == "dead"
    assert shop.inbox(shop.ship).replay(KEY) == "done"
    assert shop.shipped() == {"t1": 1}


def test_an_attempt_that_ends_its_worker_counts(shop: Shop) -> None:
    shop.inbox(fail).process(payment())

    def interrupt(event: Event) -> None:
        raise KeyboardInterrupt

    for _ in range(2):
        shop.now += 10**5
        with pytest.raises(KeyboardInterrupt):
            shop.inbox(interrupt, max_attempts=3).work()
    assert shop.row()["attempts"] == 3
    shop.now += 10**5
    assert shop.inbox(interrupt, max_attempts=3).work().dead == 1
    assert shop.inbox().failed()[0].status == "dead"


def test_only_what_failed_can_be_replayed(shop: Shop) -> None:
    inbox = shop.inbox(shop.ship)
    inbox.process(payment())
    for key in (KEY, "unknown"):
        with pytest.raises(lomi.LomiValidationError, match=r"inbox\.failed"):
            inbox.replay(key)
    assert shop.shipped() == {"t1": 1}


def test_what_another_worker_has_done_meanwhile_is_left_alone(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    inbox = shop.inbox(fail)
    inbox.process(payment("t1"))
    inbox.process(payment("t2"))
    shop.now += 60
    inbox, select = shop.inbox(shop.ship), shop.store.select
    monkeypatch.setattr(shop.store, "select", lambda *a, **options: [*select(*a, **options)] * 2)
    assert repr(inbox.work()) == "Counts(done=2, known=2)"
    assert shop.shipped() == {"t1": 1, "t2": 1}


@pytest.mark.parametrize(
    ("first", "late"),
    [
        (payment(), payment(event="PAYMENT_FAILED", status="failed")),
        (payment(), payment(event="PAYMENT_CREATED", status="pending")),
        (payment(), payment(status="refunded")),  # the same event again, with the status of today
        (refund(), refund(event="REFUND_CREATED")),
    ],
)
def test_what_comes_late_does_not_move_an_order_backwards(shop: Shop, first: Event, late: Event) -> None:
    handled: list[str] = []
    inbox = shop.inbox(lambda event: handled.append(event.event))
    assert [inbox.process(each) for each in (first, late, late)] == ["done", "stale", "known"]
    assert handled == [first.event]


def test_what_comes_in_order_is_all_handled(shop: Shop) -> None:
    handled: list[str] = []
    inbox = shop.inbox(lambda event: handled.append(event.event))
    events = [
        payment(event="PAYMENT_CREATED", status="pending"),
        payment(event="PAYMENT_FAILED", status="failed"),
        payment(),
        refund(event="REFUND_CREATED"),
        refund(),
        refund("r2"),
        Event.from_dict({"id": "1", "event": "SUBSCRIPTION_RENEWED", "data": {"subscription_id": "s"}}),
        Event.from_dict({"id": "2", "event": "SUBSCRIPTION_RENEWED", "data": {"subscription_id": "s"}}),
    ]
    assert {inbox.process(each) for each in events} == {"done"}
    assert handled == [each.event for each in events]


def test_a_failure_that_is_overtaken_is_not_tried_again(shop: Shop) -> None:
    assert shop.inbox(fail).process(payment(event="PAYMENT_FAILED", status="failed")) == "failed"
    inbox = shop.inbox(shop.ship)
    assert inbox.process(payment()) == "done"
    shop.now += 60
    assert inbox.work().stale == 1
    assert shop.shipped() == {"t1": 1}


def test_handlers_are_registered_by_event(shop: Shop) -> None:
    inbox = shop.inbox()
    handled: list[str] = []

    @inbox.on("PAYMENT_SUCCEEDED", "REFUND_COMPLETED")
    def handle(event: Event) -> None:
        handled.append(event.event)

    assert inbox.process(payment()) == "done"
    assert inbox.process(refund()) == "done"
    assert inbox.process(payment(event="PAYMENT_FAILED", status="failed")) == "ignored"
    assert handled == ["PAYMENT_SUCCEEDED", "REFUND_COMPLETED"]
    assert inbox.process(payment("t2"), fail) == "failed"
    shop.now += 60
    # A worker that does not know what to do leaves it to others.
    assert shop.inbox().work().ignored == 1
    assert inbox.work().done == 1


def test_old_payloads_are_erased_and_old_rows_deleted(shop: Shop) -> None:
    inbox = shop.inbox(shop.ship)
    inbox.process(payment("t0"))
    shop.now += 390 * 86_400
    inbox.process(payment(), fail)
    assert inbox.purge() == (0, 0)
    shop.now += 31 * 86_400
    inbox.process(payment("t2"), fail)
    assert inbox.purge() == (1, 2)  # the row of t0, and that of its order
    rows = {row.key: (row.status, row.payload is None) for row in inbox.failed()}
    assert rows == {KEY: ("dead", True), "PAYMENT_SUCCEEDED:t2:completed": ("failed", False)}
    assert inbox.purge(timedelta(0), keys_older_than=timedelta(days=60)) == (0, 0)
    with pytest.raises(lomi.LomiValidationError):
        inbox.replay(KEY)
    assert inbox.process(payment()) == "done"  # who has the payload can still send it


def test_only_a_database_that_fails_is_an_error(shop: Shop) -> None:
    begin = shop.store.begin
    left = 1

    def begin_once() -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            raise OSError("the disk is full")
        return begin()

    shop.store.begin = begin_once
    inbox = shop.inbox(fail)
    with pytest.raises(OSError, match="disk"):
        inbox.process(payment())
    shop.store.begin = begin
    assert (inbox.failed(), shop.inbox(shop.ship).process(payment())) == ([], "done")


def test_another_delivery_succeeds_while_the_failure_of_one_is_stored(shop: Shop) -> None:
    begin = shop.store.begin

    def begin_late() -> Any:
        shop.store.begin = begin
        assert Inbox[Any](shop.store, shop.ship).process(payment()) == "done"
        return begin()

    def fail_late(event: Event) -> None:
        shop.store.begin = begin_late
        fail(event)

    assert shop.inbox(fail_late).process(payment()) == "known"
    assert (shop.shipped(), shop.row()["status"]) == ({"t1": 1}, "done")


def test_the_connection_is_there_only_for_handlers(shop: Shop) -> None:
    inbox = shop.inbox(shop.ship)
    inbox.process(payment())
    with pytest.raises(lomi.LomiConfigurationError, match="while a handler runs"):
        _ = inbox.connection


def test_what_cannot_work_is_refused(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "shop.db")
    with pytest.raises(lomi.LomiValidationError, match="max_attempts"):
        Inbox(store, max_attempts=0)
    with pytest.raises(lomi.LomiValidationError, match="limit"):
        Inbox(store).work(limit=0)
    with pytest.raises(lomi.LomiConfigurationError, match="in memory"):
        SQLiteStore(":memory:")


class Books:
    """The listings of the API."""

    def __init__(self) -> None:
        self.transactions = [
            {"transaction_id": f"t{n}", "status": status, "gross_amount": 5000, "currency_code": "XOF"}
            for n, status in enumerate(["completed", "failed", "pending", "refunded", "completed"])
        ]
        self.refunds = [{"refund_id": "r3", "transaction_id": "t3", "status": "completed"}]

    def client(self) -> lomi.LomiClient:
        transport = httpx.MockTransport(self._answer)
        return lomi.LomiClient("lomi_sk_test_x", transport=transport)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/refunds":
            return httpx.Response(200, json={"data": self.refunds})
        return httpx.Response(200, json=self.transactions)


def test_what_was_missed_is_read_from_the_api(shop: Shop) -> None:
    handled: dict[str, tuple[str, bool | None]] = {}
    inbox = shop.inbox(lambda event: handled.update({event.object.identity: (event.event, event.is_test)}))
    books, since = Books(), datetime(2026, 3, 1, tzinfo=timezone.utc)
    received = Event.from_dict({"id": "d", "event": "PAYMENT_SUCCEEDED", "data": books.transactions[0]})
    assert inbox.process(received) == "done"
    with books.client() as client:
        assert repr(inbox.catch_up(client, since=since)) == "Counts(done=3, known=1)"
        assert handled == {
            "t0": ("PAYMENT_SUCCEEDED", None),
            "t1": ("PAYMENT_FAILED", True),
            "t4": ("PAYMENT_SUCCEEDED", True),
            "r3": ("REFUND_COMPLETED", None),
        }
        books.transactions[1]["status"] = books.transactions[2]["status"] = "completed"
        assert repr(inbox.catch_up(client, since=since, lookback=timedelta(0))) == "Counts(done=2, known=3)"
        with pytest.raises(lomi.LomiValidationError, match="since"):
            inbox.catch_up(client, since=since.replace(tzinfo=None))
    # A delivery that is late after all is known, too.
    assert inbox.process(payment("t4")) == "known"


def test_an_event_that_was_read_and_not_received_can_fail_as_well(shop: Shop) -> None:
    with Books().client() as client:
        counts = shop.inbox(fail).catch_up(client, since=datetime(2026, 3, 1, tzinfo=timezone.utc))
        assert counts.failed == 4
    shop.now += 60
    assert shop.inbox(shop.ship).work().done == 4
    assert shop.shipped() == {"t0": 1, "t1": 1, "t4": 1, "r3": 1}


def test_the_deliveries_of_an_outage_are_recovered(shop: Shop) -> None:
    inbox, up = shop.inbox(shop.ship), True

    def receive(body: bytes, headers: Mapping[str, str]) -> int:
        if up:
            inbox.process(parse(body, headers, "whsec_shop"))
        return 200 if up else 503

    with Sandbox(seed=1, customers=0) as sandbox, sandbox.client() as client:
        sandbox.webhooks.add(receive, secret="whsec_shop")

        def buy() -> str:
            sandbox.clock.advance(minutes=1)
            session = client.checkout_sessions.create(amount=5000, currency_code="XOF")
            paid = sandbox.payer(session).pay().transaction_id
            assert paid is not None
            return paid

        before, since = [buy(), buy()], sandbox.clock.now()
        up = False
        during = [buy() for _ in range(10)]
        refund = client.refunds.create(transaction_id=before[0], amount=5000)
        # The sender tries for 75 seconds, and then gives up.
        sandbox.clock.advance(minutes=2)
        up = True
        after = [buy()]
        assert set(shop.shipped()) == {*before, *after}
        assert inbox.catch_up(client, since=since).done == len(during) + 1
        assert shop.shipped() == dict.fromkeys([*before, *during, *after, refund.identity], 1)
        assert inbox.catch_up(client, since=since).done == 0
