import itertools
import socket
import time
from concurrent.futures import Future
from contextlib import closing

import pytest

from lomi import LomiClient, LomiReconcileError
from lomi.cli.bulk.importer import Importer, _Task, payload
from lomi.cli.bulk.journal import Entry, Journal, State
from lomi.cli.bulk.rate_limit import RateLimit
from lomi.cli.bulk.reader import Row
from lomi.cli.errors import CommandError
from tests.cli.bulk.imports import PATCH, POST, Clock, exact, importer, load, people, posts, stored
from tests.wire import TEST_KEY


def test_every_row_becomes_one_customer_and_a_second_run_adds_none(empty, journal):
    rows, moved = people(20), []
    report = load(empty, journal, rows, concurrency=4, advance=moved.append)
    assert (report.imported, report.remaining, report.unknown, report.rejected) == (20, 0, [], [])
    assert sum(moved) == 20
    exact(empty, journal, rows)
    sent = len(empty.requests)
    assert load(empty, journal, rows).imported == 20
    assert len(empty.requests) == sent


ORDERS = {
    "lost before": lambda sandbox: sandbox.drop(route=POST, skip=1),
    "lost after": lambda sandbox: sandbox.drop("after_commit", route=POST, skip=1),
    "500 before": lambda sandbox: sandbox.fail(500, route=POST, skip=1),
    "500 after": lambda sandbox: sandbox.fail(500, when="after_commit", route=POST, skip=1),
    "half an answer": lambda sandbox: sandbox.malformed(route=POST, skip=1),
    "429": lambda sandbox: sandbox.rate_limit(3, route=POST, skip=1),
    "key check": lambda sandbox: sandbox.unauthorized(route=POST, skip=1),
    "no metadata": lambda sandbox: sandbox.lose_metadata(route=POST, skip=1),
    "no metadata, nor later": lambda sandbox: (
        sandbox.lose_metadata(route=POST),
        sandbox.fail(500, route=PATCH, times=2),
    ),
    "no metadata, no answer": lambda sandbox: (
        sandbox.lose_metadata(route=POST),
        sandbox.drop("after_commit", route=POST),
    ),
    "no listing": lambda sandbox: (sandbox.drop("after_commit", route=POST), sandbox.fail(500, route="GET /customers")),
}


@pytest.mark.parametrize("order", ORDERS)
def test_there_is_one_customer_per_row_under_every_fault(empty, journal, order):
    ORDERS[order](empty)
    rows = people(3)
    report = load(empty, journal, rows)
    assert (report.imported, report.remaining, report.unknown, report.rejected) == (3, 0, [], [])
    assert not empty.faults
    exact(empty, journal, rows)


def test_two_identical_rows_are_two_customers(empty, journal):
    rows = [Row(line, {"name": "Awa", "metadata": {"n": 1}}) for line in (2, 3)]
    empty.lose_metadata(route=POST, times=2)
    empty.drop("after_commit", route=POST, times=2)
    assert load(empty, journal, rows, concurrency=2).imported == 2
    exact(empty, journal, rows)


def test_a_row_does_not_claim_the_customer_of_an_identical_row(empty, journal):
    rows = [Row(line, {"name": "Awa", "metadata": {"n": 1}}) for line in (2, 3)]
    empty.drop(route=POST)
    empty.lose_metadata(route=POST)
    empty.delay(0.3, route=PATCH)
    assert load(empty, journal, rows, concurrency=2).imported == 2
    exact(empty, journal, rows)


def test_a_row_waits_while_an_identical_one_is_running(empty, journal):
    row = people(1)[0]
    first, second = (_Task(number, row, row.fields, step="reconcile") for number in (1, 2))
    second.candidate_ids = ["cus_1"]
    doubt = LomiReconcileError("1 customer may be it")
    with empty.client() as client:
        loader = importer(client, journal)
        loader._running[Future()] = first
        loader._failed(second, doubt)
        assert [task for _, _, task in loader._scheduled] == [second]
        assert second.customer_id is None
        loader._running.clear()
        loader._failed(second, doubt)
        assert second.customer_id == "cus_1"


def test_a_customer_that_may_belong_to_another_row_is_reported(empty, journal):
    empty.lose_metadata(route=POST)
    empty.drop("after_commit", route=POST)
    lost = empty.drop(route="GET /customers", times=None)
    assert len(load(empty, journal, people(1)).unknown) == 1
    lost.cancel()
    journal.write([Entry(99, "x", State.IMPORTED, 0.0, stored(empty)[0].id)])
    [(line, reason)] = load(empty, journal, people(1)).unknown
    assert line == 2
    assert "may be the one that was sent" in reason
    assert len(stored(empty)) == 1


def test_requests_in_flight_when_a_run_died_are_reconciled(empty, journal):
    rows = people(3)
    with empty.client() as client:
        client.customers.create({**payload(rows[0])}, reference=f"{journal.id}-1")
    now = time.time()
    journal.write([Entry(number, rows[number - 1].digest, State.SENT, now) for number in (1, 2)])
    assert load(empty, journal, rows).imported == 3
    exact(empty, journal, rows)
    assert posts(empty) == 3


def test_metadata_that_an_earlier_run_could_not_write_is_written(empty, journal):
    rows = people(2)
    with empty.client() as client:
        ids = [client.customers.create(payload(row), reference="x").id for row in rows]
        client.customers.delete(ids[1])
    journal.write([Entry(n, rows[n - 1].digest, State.INCOMPLETE, 0.0, ids[n - 1]) for n in (1, 2)])
    assert load(empty, journal, rows).imported == 2
    [customer] = stored(empty)
    assert customer.metadata == {"n": 1, "lomi_reference": f"{journal.id}-1"}
    assert journal.get(2).state is State.IMPORTED


def test_a_rejected_row_is_reported_and_tried_again_by_the_next_run(empty, journal):
    rows = people(3)
    empty.fail(400, message="no such country", route=POST, skip=1)
    report = load(empty, journal, rows)
    assert (report.imported, report.rejected) == (2, [(3, "no such country")])
    assert [entry.number for entry in journal.every(State.REJECTED)] == [2]
    assert load(empty, journal, rows).imported == 3
    # It is known not to exist, so it is not searched for.
    assert {request.method for request in empty.requests} == {"POST"}
    exact(empty, journal, rows)


def test_a_row_on_which_the_server_always_fails_is_rejected(empty, journal):
    clock = Clock()
    empty.fail(500, route=POST, times=6)
    report = load(empty, journal, people(3), clock=clock)
    assert (report.imported, report.rejected, report.stopped_by) == (2, [(2, "An unexpected error occurred")], None)
    assert len(stored(empty)) == 2


def test_failing_rows_stop_the_import_only_if_they_are_consecutive(empty, journal):
    empty.fail(500, route=POST, times=24)
    empty.fail(500, route=POST, times=24, skip=1)
    report = load(empty, journal, people(10))
    assert (report.imported, len(report.rejected), report.stopped_by) == (2, 8, None)


def test_a_server_that_is_down_stops_the_import(empty, journal):
    down = empty.fail(503, route=POST, times=None)
    report = load(empty, journal, people(9))
    assert (report.imported, len(report.rejected), report.remaining) == (0, 5, 4)
    assert report.stopped_by.status_code == 503
    down.cancel()
    assert load(empty, journal, people(9)).imported == 9
    exact(empty, journal, people(9))


def test_no_connection(journal):
    clock = Clock()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with LomiClient(TEST_KEY, base_url=url, max_retries=0) as client:
            report = importer(client, journal, clock=clock, concurrency=8).run(iter(enumerate(people(20), 1)))
    assert report.stopped_by.outcome == "not_sent"
    assert report.remaining == 20
    assert clock.slept
    # Without a connection no other row is started, except in place of those given up: few are left to reconcile.
    assert len(journal.every(State.SENT)) <= 8 + 5


def test_a_wrong_base_url_stops_the_import(empty, journal):
    empty.fail(404, route=POST, times=None)
    report = load(empty, journal, people(9))
    assert (report.stopped_by.status_code, report.remaining, report.rejected) == (404, 9, [])
    assert posts(empty) == 1


def test_few_rows_are_started_while_outcomes_are_unknown(empty, journal):
    clock = Clock()
    with empty.client(max_retries=0) as client:
        loader = importer(client, journal, clock=clock, concurrency=4, grace_period=0.1)
        empty.fail(503, route=POST, times=10)
        started = []
        clock.watch = lambda: started.append(len(journal.every(State.SENT)))
        assert loader.run(iter(enumerate(people(40), 1))).imported == 40
    # Five in succession, and those that were under way with them.
    assert clock.slept
    assert max(started) <= 8
    exact(empty, journal, people(40))


@pytest.mark.parametrize("status", [401, 403])
def test_a_rejected_key_stops_the_import_at_once(empty, journal, status):
    empty.fail(status, times=None)
    report = load(empty, journal, people(9))
    assert report.stopped_by.status_code == status
    assert (report.imported, report.remaining) == (0, 9)
    assert posts(empty) == 1


def test_rows_not_yet_reconciled_when_the_import_stops_are_unknown(empty, journal):
    empty.fail(500, route=POST)
    empty.fail(403, route=POST)
    report = load(empty, journal, people(9), grace_period=5.0)
    assert report.stopped_by.status_code == 403
    assert (report.imported, report.remaining, report.unknown) == (0, 8, [(2, "An unexpected error occurred")])
    assert load(empty, journal, people(9)).imported == 9
    exact(empty, journal, people(9))


def test_a_429_pauses_the_import(empty, journal):
    clock = Clock()
    empty.rate_limit(700, route=POST)
    empty.fail(429, route=POST)
    assert load(empty, journal, people(2), clock=clock).imported == 2
    assert sum(clock.slept) == pytest.approx(730)


def test_a_pause_lasts_a_day_at_most(empty, journal):
    clock = Clock()
    empty.rate_limit(10**9, route=POST)
    assert load(empty, journal, people(1), clock=clock).imported == 1
    assert sum(clock.slept) == pytest.approx(86_400)


def test_the_rate_is_kept(empty, journal):
    clock = Clock()
    limit = RateLimit(4, 900.0, [clock.at - 400])
    assert load(empty, journal, people(10), clock=clock, limit=limit, concurrency=3).imported == 10
    assert clock.slept == pytest.approx([500, 400, 500, 400])


def test_ctrl_c_lets_running_requests_finish_and_the_next_run_continues(empty, journal):
    rows, count = people(12), itertools.count(1)

    def advance(_):
        if next(count) == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(empty, journal, rows, concurrency=3, advance=advance)
    assert 5 <= len(stored(empty)) < 12
    load(empty, journal, rows, concurrency=3)
    exact(empty, journal, rows)


def test_a_bug_is_not_taken_for_an_api_error(empty, journal, monkeypatch):
    def mistaken(*arguments):
        raise ZeroDivisionError

    monkeypatch.setattr(Importer, "_perform", mistaken)
    with pytest.raises(ZeroDivisionError):
        load(empty, journal, people(1))


def test_the_reference_of_an_earlier_import_is_left_out():
    assert payload(Row(1, {"name": "Awa", "metadata": {"lomi_reference": "x"}})) == {"name": "Awa"}
    assert payload(Row(1, {"name": "Awa", "metadata": {"lomi_reference": "x", "a": 1}}))["metadata"] == {"a": 1}


def test_nothing_more_is_sent_when_the_disk_is_full(tmp_path, empty):
    with closing(Journal(tmp_path / "j", "here")) as journal:
        pages = journal._file.pragma("page_count") + 2
        journal._file.db.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(CommandError, match="j cannot be written: database or disk is full; free some disk space"):
            load(empty, journal, people(500), concurrency=4)
        known = len(journal.every(*State))
        assert 0 < len(stored(empty)) <= known
    with closing(Journal(tmp_path / "j", "here")) as journal:
        assert load(empty, journal, people(500), concurrency=4).imported == 500
        exact(empty, journal, people(500))


def test_a_row_is_on_the_disk_before_its_request_is_sent(tmp_path, empty, monkeypatch):
    with closing(Journal(tmp_path / "j", "here")) as journal:
        assert journal._file.pragma("synchronous") == 2
        assert journal._file.db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        seen, carry_out = [], Importer._perform

        def look(self, task):
            seen.append(task.row.digest.encode() in (tmp_path / "j-wal").read_bytes())
            return carry_out(self, task)

        monkeypatch.setattr(Importer, "_perform", look)
        load(empty, journal, people(3))
    assert seen == [True] * 3
