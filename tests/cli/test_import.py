import csv
import itertools
import json
import os
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
from concurrent.futures import Future
from contextlib import closing, nullcontext

import pytest

from lomi import LomiClient, LomiReconcileError
from lomi.cli import _import, _pace
from lomi.cli._errors import Refusal
from lomi.cli._files import Row
from lomi.cli._import import Source
from lomi.cli._importer import Importer, _Task, digest, payload
from lomi.cli._journal import Entry, Journal, State
from lomi.cli._pace import Pace
from lomi.cli._show import interrupted
from lomi.sandbox import Sandbox
from tests.cli.import_experiment import experiment
from tests.wire import LIVE_KEY, TEST_KEY

POST = "POST /customers"
PATCH = "PATCH /customers/{id}"


class Clock:
    """Time that passes only where somebody waits for it."""

    def __init__(self):
        self.at = time.time()
        self.slept = []
        self.watch = lambda: None

    def now(self):
        return self.at

    def sleep(self, seconds):
        self.watch()
        self.slept.append(seconds)
        self.at += seconds


def people(count):
    return [
        Row(n + 1, {"name": f"Awa {n}", "email": f"awa.{n}@example.com", "metadata": {"n": n}})
        for n in range(1, count + 1)
    ]


@pytest.fixture
def empty():
    with Sandbox(customers=0) as sandbox:
        yield sandbox


@pytest.fixture
def journal():
    with closing(Journal(None, "here")) as journal:
        yield journal


def importer(client, journal, *, clock=None, pace=None, concurrency=1, settle=0.0, advance=lambda count: None):
    clock = clock or Clock()
    pace = pace or Pace(1000, 900.0)
    return Importer(
        *(client, journal, pace),
        concurrency=concurrency,
        settle=settle,
        advance=advance,
        interrupted=nullcontext,
        now=clock.now,
        sleep=clock.sleep,
    )


def load(sandbox, journal, rows, **options):
    with sandbox.client(max_retries=0) as client:
        return importer(client, journal, **options).run(iter(enumerate(rows, 1)))


def stored(sandbox):
    with sandbox.client() as client:
        return sorted(client.customers.list(), key=lambda customer: (customer.name, customer.id))


def posts(sandbox):
    return sum(request.method == "POST" for request in sandbox.requests)


def exact(sandbox, journal, rows):
    """Every row is exactly one customer, whole, and the journal knows it."""
    found = stored(sandbox)
    assert sorted(customer.name for customer in found) == sorted(row.fields["name"] for row in rows)
    references = {customer.metadata.pop("lomi_reference") for customer in found}
    assert references == {f"{journal.id}-{number}" for number in range(1, len(rows) + 1)}
    assert sorted(customer.metadata["n"] for customer in found) == sorted(row.fields["metadata"]["n"] for row in rows)
    assert {entry.customer_id for entry in journal.every(State.DONE)} == {customer.id for customer in found}


def test_every_row_becomes_one_customer_and_another_run_adds_none(empty, journal):
    rows, moved = people(20), []
    report = load(empty, journal, rows, concurrency=4, advance=moved.append)
    assert (report.done, report.left, report.doubtful, report.refused) == (20, 0, [], [])
    assert sum(moved) == 20
    exact(empty, journal, rows)
    sent = len(empty.requests)
    assert load(empty, journal, rows).done == 20
    assert len(empty.requests) == sent


ORDERS = {
    "lost before": lambda sandbox: sandbox.drop(route=POST, skip=1),
    "lost after": lambda sandbox: sandbox.drop("after_commit", route=POST, skip=1),
    "500 before": lambda sandbox: sandbox.fail(500, route=POST, skip=1),
    "500 after": lambda sandbox: sandbox.fail(500, when="after_commit", route=POST, skip=1),
    "half an answer": lambda sandbox: sandbox.malformed(route=POST, skip=1),
    "429": lambda sandbox: sandbox.rate_limit(3, route=POST, skip=1),
    "key check": lambda sandbox: sandbox.database_error(at="key", route=POST, skip=1),
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
def test_whatever_strikes_there_is_one_customer_for_a_row(empty, journal, order):
    ORDERS[order](empty)
    rows = people(3)
    report = load(empty, journal, rows)
    assert (report.done, report.left, report.doubtful, report.refused) == (3, 0, [], [])
    assert not empty.faults
    exact(empty, journal, rows)


def test_two_rows_that_are_the_same_are_two_customers(empty, journal):
    rows = [Row(line, {"name": "Awa", "metadata": {"n": 1}}) for line in (2, 3)]
    empty.lose_metadata(route=POST, times=2)
    empty.drop("after_commit", route=POST, times=2)
    assert load(empty, journal, rows, concurrency=2).done == 2
    exact(empty, journal, rows)


def test_a_row_does_not_take_the_customer_that_one_like_it_is_being_given(empty, journal):
    rows = [Row(line, {"name": "Awa", "metadata": {"n": 1}}) for line in (2, 3)]
    empty.drop(route=POST)
    empty.lose_metadata(route=POST)
    empty.delay(0.3, route=PATCH)
    assert load(empty, journal, rows, concurrency=2).done == 2
    exact(empty, journal, rows)


def test_while_one_like_it_is_under_way_a_row_waits(empty, journal):
    row = people(1)[0]
    first, second = (_Task(number, row, row.fields, step="reconcile") for number in (1, 2))
    doubt = LomiReconcileError("1 customer may be it", candidate_ids=["cus_1"])
    with empty.client() as client:
        loader = importer(client, journal)
        loader._under_way[Future()] = first
        loader._failed(second, doubt)
        assert [task for _, _, task in loader._later] == [second]
        assert second.customer_id is None
        loader._under_way.clear()
        loader._failed(second, doubt)
        assert second.customer_id == "cus_1"


def test_a_customer_that_may_be_somebody_elses_is_left_to_people(empty, journal):
    empty.lose_metadata(route=POST)
    empty.drop("after_commit", route=POST)
    lost = empty.drop(route="GET /customers", times=None)
    assert len(load(empty, journal, people(1)).doubtful) == 1
    lost.cancel()
    journal.write([Entry(99, "x", State.DONE, 0.0, stored(empty)[0].id)])
    [(line, reason)] = load(empty, journal, people(1)).doubtful
    assert line == 2
    assert "may be the one that was sent" in reason
    assert len(stored(empty)) == 1


def test_what_was_under_way_when_a_run_died_is_looked_for(empty, journal):
    rows = people(3)
    with empty.client() as client:
        client.customers.create({**payload(rows[0])}, reference=f"{journal.id}-1")
    now = time.time()
    journal.write([Entry(number, digest(rows[number - 1]), State.SENT, now) for number in (1, 2)])
    assert load(empty, journal, rows).done == 3
    exact(empty, journal, rows)
    assert posts(empty) == 3


def test_metadata_that_an_earlier_run_could_not_write_is_written(empty, journal):
    rows = people(2)
    with empty.client() as client:
        ids = [client.customers.create(payload(row), reference="x").id for row in rows]
        client.customers.delete(ids[1])
    journal.write([Entry(n, digest(rows[n - 1]), State.BARE, 0.0, ids[n - 1]) for n in (1, 2)])
    assert load(empty, journal, rows).done == 2
    [customer] = stored(empty)
    assert customer.metadata == {"n": 1, "lomi_reference": f"{journal.id}-1"}
    assert journal.get(2).state is State.DONE


def test_what_the_api_refuses_is_told_and_tried_again_by_the_next_run(empty, journal):
    rows = people(3)
    empty.fail(400, message="no such country", route=POST, skip=1)
    report = load(empty, journal, rows)
    assert (report.done, report.refused) == (2, [(3, "no such country")])
    assert [entry.number for entry in journal.every(State.REFUSED)] == [2]
    assert load(empty, journal, rows).done == 3
    # It is known that it is not there: nobody looks for it.
    assert {request.method for request in empty.requests} == {"POST"}
    exact(empty, journal, rows)


def test_a_row_that_always_breaks_the_server_is_refused_and_the_others_go_on(empty, journal):
    clock = Clock()
    empty.fail(500, message="it broke", route=POST, times=6)
    report = load(empty, journal, people(3), clock=clock)
    assert (report.done, report.refused, report.stopped_by) == (2, [(2, "it broke")], None)
    assert len(stored(empty)) == 2


def test_rows_that_break_the_server_end_the_run_only_in_succession(empty, journal):
    empty.fail(500, route=POST, times=24)
    empty.fail(500, route=POST, times=24, skip=1)
    report = load(empty, journal, people(10))
    assert (report.done, len(report.refused), report.stopped_by) == (2, 8, None)


def test_a_server_that_is_down_ends_the_run(empty, journal):
    down = empty.fail(503, route=POST, times=None)
    report = load(empty, journal, people(9))
    assert (report.done, len(report.refused), report.left) == (0, 5, 4)
    assert report.stopped_by.status_code == 503
    down.cancel()
    assert load(empty, journal, people(9)).done == 9
    exact(empty, journal, people(9))


def test_nobody_is_reached(journal):
    clock = Clock()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with LomiClient(TEST_KEY, base_url=url, max_retries=0) as client:
            report = importer(client, journal, clock=clock, concurrency=8).run(iter(enumerate(people(20), 1)))
    assert report.stopped_by.outcome == "not_sent"
    assert report.left == 20
    assert clock.slept
    # While nobody is reached no other row is begun, but for those that are given up: the next run has few to look for.
    assert len(journal.every(State.SENT)) <= 8 + 5


def test_nothing_is_where_the_requests_go(empty, journal):
    empty.fail(404, route=POST, times=None)
    report = load(empty, journal, people(9))
    assert (report.stopped_by.status_code, report.left, report.refused) == (404, 9, [])
    assert posts(empty) == 1


def test_while_nothing_is_answered_well_few_rows_are_begun(empty, journal):
    clock = Clock()
    with empty.client(max_retries=0) as client:
        loader = importer(client, journal, clock=clock, concurrency=4, settle=0.1)
        empty.fail(503, route=POST, times=10)
        begun = []
        clock.watch = lambda: begun.append(len(journal.every(State.SENT)))
        assert loader.run(iter(enumerate(people(40), 1))).done == 40
    # Five in succession, and those that were under way with them.
    assert clock.slept
    assert max(begun) <= 8
    exact(empty, journal, people(40))


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_not_accepted_ends_the_run_at_once(empty, journal, status):
    empty.fail(status, times=None)
    report = load(empty, journal, people(9))
    assert report.stopped_by.status_code == status
    assert (report.done, report.left) == (0, 9)
    assert posts(empty) == 1


def test_what_waits_to_be_looked_for_when_the_run_ends_is_in_doubt(empty, journal):
    empty.fail(500, message="it broke", route=POST)
    empty.fail(403, route=POST)
    report = load(empty, journal, people(9), settle=5.0)
    assert report.stopped_by.status_code == 403
    assert (report.done, report.left, report.doubtful) == (0, 8, [(2, "it broke")])
    assert load(empty, journal, people(9)).done == 9
    exact(empty, journal, people(9))


def test_the_api_is_left_alone_for_as_long_as_it_asks(empty, journal):
    clock = Clock()
    empty.rate_limit(700, route=POST)
    empty.fail(429, route=POST)
    assert load(empty, journal, people(2), clock=clock).done == 2
    assert sum(clock.slept) == pytest.approx(730)


def test_no_answer_has_an_import_wait_for_ever(empty, journal):
    clock = Clock()
    empty.rate_limit(10**9, route=POST)
    assert load(empty, journal, people(1), clock=clock).done == 1
    assert sum(clock.slept) == pytest.approx(86_400)


def test_no_more_than_the_rate(empty, journal):
    clock = Clock()
    pace = Pace(4, 900.0, [clock.at - 400])
    assert load(empty, journal, people(10), clock=clock, pace=pace, concurrency=3).done == 10
    assert clock.slept == pytest.approx([500, 400, 500, 400])


def test_a_pace():
    pace = Pace(2, 10.0)
    assert pace.wait(100) == 0
    pace.take(100)
    pace.take(103)
    assert pace.wait(104) == 6
    assert pace.wait(110) == 0
    pace.close(120)
    pace.close(115)
    assert pace.wait(110) == 10


def test_ctrl_c_waits_for_what_is_under_way_and_the_next_run_goes_on(empty, journal):
    rows, count = people(12), itertools.count(1)

    def advance(_):
        if next(count) == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(empty, journal, rows, concurrency=3, advance=advance)
    assert 5 <= len(stored(empty)) < 12
    load(empty, journal, rows, concurrency=3)
    exact(empty, journal, rows)


def test_a_mistake_of_ours_is_not_taken_for_an_answer(empty, journal, monkeypatch):
    def mistaken(*arguments):
        raise ZeroDivisionError

    monkeypatch.setattr(Importer, "_carry_out", mistaken)
    with pytest.raises(ZeroDivisionError):
        load(empty, journal, people(1))


def test_the_reference_of_an_earlier_import_is_left_out():
    assert payload(Row(1, {"name": "Awa", "metadata": {"lomi_reference": "x"}})) == {"name": "Awa"}
    assert payload(Row(1, {"name": "Awa", "metadata": {"lomi_reference": "x", "a": 1}}))["metadata"] == {"a": 1}


def test_a_journal_is_used_by_one_import_at_a_time(tmp_path):
    with (
        closing(Journal(tmp_path / "j", "here")),
        pytest.raises(Refusal, match="j cannot be written: database is locked; another run"),
    ):
        Journal(tmp_path / "j", "here")


def test_a_journal_belongs_to_one_target(tmp_path):
    with closing(Journal(tmp_path / "j", "test")) as first:
        known = first.id
    with pytest.raises(Refusal, match="j belongs to an import into test, not live"):
        Journal(tmp_path / "j", "live")
    with closing(Journal(tmp_path / "j", "test")) as second:
        assert second.id == known


def test_what_is_no_journal(tmp_path):
    (tmp_path / "j").write_text("name,email\n" * 100)
    with pytest.raises(Refusal, match="j is no journal of an import"):
        Journal(tmp_path / "j", "here")
    with pytest.raises(FileNotFoundError):
        Journal(tmp_path / "nowhere" / "j", "here")


DAMAGE = {
    "another program's": "DROP TABLE about; DROP TABLE rows; CREATE TABLE shop (a); PRAGMA application_id = 0",
    "of another make": "PRAGMA user_version = 99",
    "without an id": "DELETE FROM about WHERE name = 'id'",
    "without rows": "DROP TABLE rows; CREATE TABLE rows (number)",
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_file_of_sqlite_that_is_no_journal_is_left_as_it_is(tmp_path, damage):
    path = tmp_path / "j"
    Journal(path, "here").close()
    with closing(sqlite3.connect(path)) as file:
        file.executescript(DAMAGE[damage])
        before = list(file.iterdump())
    refused = pytest.raises(Refusal, match=r"^j (is no journal of an import, or damaged|cannot be written)")
    with refused, closing(Journal(path, "here")) as journal:
        journal.get(1)
    with closing(sqlite3.connect(path)) as file:
        assert list(file.iterdump()) == before


def test_a_journal_that_is_torn(tmp_path):
    path = tmp_path / "j"
    with closing(Journal(path, "here")) as journal:
        journal.write([Entry(number, "x" * 32, State.SENT, 0.0) for number in range(1000)])
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"x" * (len(whole) - 4096))
    with pytest.raises(Refusal, match="damaged"):
        Journal(path, "here")


def test_no_room_for_the_journal_ends_the_run_before_anything_more_is_sent(tmp_path, empty):
    with closing(Journal(tmp_path / "j", "here")) as journal:
        pages = journal._notes._pragma("page_count") + 2
        journal._notes.rows.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(Refusal, match="j cannot be written: database or disk is full; make room"):
            load(empty, journal, people(500), concurrency=4)
        known = len(journal.every(*State))
        assert 0 < len(stored(empty)) <= known
    with closing(Journal(tmp_path / "j", "here")) as journal:
        assert load(empty, journal, people(500), concurrency=4).done == 500
        exact(empty, journal, people(500))


def test_a_row_is_on_the_disk_before_its_request_leaves(tmp_path, empty, monkeypatch):
    with closing(Journal(tmp_path / "j", "here")) as journal:
        assert journal._notes._pragma("synchronous") == 2
        assert journal._notes.rows.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        seen, carry_out = [], Importer._carry_out

        def look(self, task):
            seen.append(digest(task.row).encode() in (tmp_path / "j-wal").read_bytes())
            return carry_out(self, task)

        monkeypatch.setattr(Importer, "_carry_out", look)
        load(empty, journal, people(3))
    assert seen == [True] * 3


def write(path, rows):
    with path.open("w", encoding="utf-8", newline="") as target:
        table = csv.writer(target)
        table.writerow(["name", "email"])
        table.writerows(rows)
    return path


@pytest.fixture
def file(tmp_path):
    return write(tmp_path / "people.csv", [[f"Awa {n}", f"awa.{n}@example.com"] for n in range(5)])


def test_an_import_from_a_shell(run, sandbox, file):
    run("customers", "import", file)
    assert run.out == "5 customers exist, 0 were rejected, 0 are left.\n"
    assert sorted(path.name for path in file.parent.iterdir()) == ["people.csv", "people.csv.journal"]
    assert stat.S_IMODE((file.parent / "people.csv.journal").stat().st_mode) == 0o600
    sent = posts(sandbox)
    assert run.json("customers", "import", file) == {
        "created": 5,
        "rejected": 0,
        "doubtful": 0,
        "left": 0,
        "rejects": None,
    }
    assert posts(sandbox) == sent


def test_an_import_into_a_sandbox_of_its_own_leaves_no_journal(run, file):
    run("customers", "import", file, "--sandbox")
    assert run.out.startswith("5 customers exist")
    assert [path.name for path in file.parent.iterdir()] == ["people.csv"]


def test_what_a_file_holds_cannot_steer_the_terminal(run, tmp_path):
    (tmp_path / "people.csv").write_text("name,\x1b[31mred\x1b[0m\n")
    run("customers", "import", tmp_path / "people.csv", code=2)
    assert 'names an unknown column " [31mred [0m"' in run.err


def test_a_dry_run_sends_nothing_and_needs_no_key(run, file):
    run("customers", "import", file, "--dry-run")
    assert run.out == "5 customers can be imported; nothing was sent.\n"
    assert [path.name for path in file.parent.iterdir()] == ["people.csv"]


def test_a_file_with_bad_rows_is_not_begun(run, sandbox, tmp_path):
    file = write(tmp_path / "people.csv", [["Awa", "awa@example.com"], ["", "nobody"], ["=x", "a b@c"]])
    run("customers", "import", file, code=2)
    assert run.err.startswith("lomi: 2 of 3 rows cannot be imported, and nothing was sent; people.csv.rejects.csv says")
    assert posts(sandbox) == 0
    with (tmp_path / "people.csv.rejects.csv").open(newline="") as text:
        assert list(csv.reader(text)) == [
            ["line", "field", "problem", "fix"],
            ["3", "name", "is required", "pass name"],
            ["3", "email", "cannot be an e-mail address", "such as amadou.ba@example.com"],
            ["4", "email", "cannot be an e-mail address", "such as amadou.ba@example.com"],
        ]
    run("customers", "import", file, "--skip-rejects", "--dry-run", code=7)
    run("customers", "import", file, "--skip-rejects", code=7)
    assert run.out == "1 customers exist, 2 were rejected, 0 are left.\n"
    write(file, [["Awa", "awa@example.com"], ["Bintou", ""], ["=x", "a@b"]])
    run("customers", "import", file)
    assert run.out == "3 customers exist, 0 were rejected, 0 are left.\n"
    assert not (tmp_path / "people.csv.rejects.csv").exists()
    assert posts(sandbox) == 3


@pytest.mark.parametrize("name", ["people.csv", "notes.txt", "people.csv.journal", "directory"])
def test_what_is_no_list_of_rejects_is_not_removed(run, sandbox, file, monkeypatch, name):
    run("customers", "import", file)
    (file.parent / "notes.txt").write_text("mine")
    (file.parent / "directory").mkdir()
    monkeypatch.chdir(file.parent)
    before = {path: path.is_file() and path.read_bytes() for path in file.parent.iterdir()}
    for path in (name, file.parent / name, file.parent / "directory" / ".." / name):
        run("customers", "import", file, "--rejects", path, "--dry-run", code=2)
    run("customers", "import", file, "--rejects", "x", "--journal", "directory/../x", code=2)
    run("customers", "import", file, "--journal", "people.csv.rejects.csv", code=2)
    assert {path: path.is_file() and path.read_bytes() for path in file.parent.iterdir()} == before


def test_rejects_may_go_into_an_empty_file(run, file):
    (file.parent / "bad.csv").touch()
    run("customers", "import", file, "--rejects", file.parent / "bad.csv", "--dry-run")
    assert not (file.parent / "bad.csv").exists()


def test_a_pipe_is_not_imported(run, tmp_path):
    os.mkfifo(tmp_path / "people.csv")
    run("customers", "import", tmp_path / "people.csv", code=2)
    assert run.err.startswith("lomi: people.csv is no file, and cannot be read more than once")


def test_the_journal_is_beside_the_file_whatever_link_leads_there(run, sandbox, file, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "link.csv"
    link.symlink_to(file)
    run("customers", "import", link)
    run("customers", "import", file)
    assert posts(sandbox) == 5
    assert [path.name for path in link.parent.iterdir()] == ["link.csv"]


def test_a_file_that_changes_while_it_is_read_ends_the_import(run, sandbox, file):
    text = file.read_text("utf-8")
    sandbox.fail(400, route=POST, times=None)
    changed = []

    def change(self, *arguments):
        if not changed:
            changed.append(file.write_text("name,email\nNew,\n" + text.removeprefix("name,email\n"), "utf-8"))
        return carry_out(self, *arguments)

    carry_out = Importer._carry_out
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Importer, "_carry_out", change)
        run("customers", "import", file, "--concurrency", 1, code=1)
    assert run.err == "lomi: people.csv changed while it was read; run the command again\n"


def test_a_file_that_ends_early_is_noticed(tmp_path):
    file = write(tmp_path / "people.csv", [["Awa", ""], ["Bintou", ""]])
    source = Source(file, "csv")
    rows = source.rows()
    next(rows)
    next(rows)
    write(file, [])
    with pytest.raises(Refusal, match="changed while it was read"):
        next(rows)


@pytest.mark.parametrize("option", [["--settle", "inf"], ["--settle", "nan"], ["--rate", 10**20], ["--rate", 0]])
def test_an_option_out_of_its_range(run, file, option):
    run("customers", "import", file, *option, code=2)


def test_a_clock_that_was_ahead_does_not_stop_the_next_import(run, sandbox, file, monkeypatch):
    run("customers", "import", file, "--rate", 5)
    with closing(sqlite3.connect(f"{file}.journal")) as journal:
        journal.execute("UPDATE rows SET at = at + 100000")
        journal.commit()
    slept = []
    monkeypatch.setattr(_import, "_wait", lambda seconds: slept.append(seconds) or sandbox.fail(403, route=POST))
    began = time.time()
    monkeypatch.setattr(_import, "clock", lambda: lambda: began + sum(slept))
    with file.open("a") as more:
        more.write("Bintou,\n")
    run("customers", "import", file, "--rate", 5, code=4)
    assert 0 < max(slept) <= 900


def test_a_clock_never_jumps(monkeypatch):
    now = _pace.clock()
    before = now()
    monkeypatch.setattr(time, "time", lambda: 0.0)
    assert before <= now() < before + 60


def test_an_import_does_not_go_on_for_another_merchant(run, sandbox, file, monkeypatch):
    run("customers", "import", file)
    shop = sandbox.merchant("Shop")
    monkeypatch.setenv("LOMI_API_KEY", shop.api_key)
    run("customers", "import", file, code=2)
    assert f", not test {os.environ['LOMI_BASE_URL']} {shop.organization_id}; name another" in run.err


def test_an_import_that_ends_in_doubt_asks_nobody_to_look(run, sandbox, file):
    sandbox.fail(503, route=POST, times=None)
    run("customers", "import", file, "--settle", 0, code=6)
    assert run.err.startswith("lomi: stopped: 503")
    assert "look whether" not in run.err


def test_a_long_wait_is_told_to_somebody_who_looks_on(monkeypatch, capsys):
    slept = []
    monkeypatch.setattr(time, "sleep", slept.append)
    for seconds in (5, 90):
        _import._wait(seconds)
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("FORCE_COLOR", "1")
    for seconds in (5, 90):
        _import._wait(seconds)
    assert capsys.readouterr().err.startswith("lomi: nothing can be sent for 1.5 minutes")
    assert slept == [5, 90, 5, 90]


def test_while_requests_are_waited_for_ctrl_c_is_the_systems_own(capsys):
    before = signal.getsignal(signal.SIGINT)
    with interrupted():
        assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL
    assert signal.getsignal(signal.SIGINT) is before
    assert capsys.readouterr().err == "lomi: waiting for what is under way; another Ctrl-C ends at once\n"


def test_another_ctrl_c_ends_at_once_and_the_next_run_goes_on(sandbox, file):
    held = sandbox.delay(5, route=POST, times=5)
    command = [sys.executable, "-m", "lomi", "customers", "import", str(file), "--settle", "0", "--json"]
    # What runs in the background has been told to ignore Ctrl-C, and so are its children.
    code = "import runpy, signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
    code += "runpy.run_module('lomi', run_name='__main__')"
    attentive = [sys.executable, "-c", code, *command[3:]]
    with subprocess.Popen(attentive, stderr=subprocess.PIPE, text=True) as started:
        while held.struck < 5:
            time.sleep(0.01)
        started.send_signal(signal.SIGINT)
        said = started.stderr.readline()
        assert said == "lomi: waiting for what is under way; another Ctrl-C ends at once\n"
        started.send_signal(signal.SIGINT)
        assert started.wait(timeout=60) == -signal.SIGINT
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    assert json.loads(done.stdout)["created"] == 5
    assert len(stored(sandbox)) == 155


def test_what_the_api_refused_is_in_the_rejects_and_may_be_corrected(run, sandbox, file):
    sandbox.fail(400, message="=no", route=POST)
    run("customers", "import", file, "--concurrency", 1, code=7)
    assert '2,,was refused: =no,"correct the row' in (file.parent / "people.csv.rejects.csv").read_text()
    write(file, [["Bintou", ""], *([f"Awa {n}", f"awa.{n}@example.com"] for n in range(1, 5))])
    run("customers", "import", file)
    names = [customer.name for customer in stored(sandbox)]
    assert len(names) == 155
    assert "Bintou" in names
    assert "Awa 0" not in names


def test_a_line_that_was_sent_must_not_change(run, sandbox, file):
    run("customers", "import", file)
    write(file, [["Awa 0", "awa.0@example.com"], ["Awa", "awa.1@example.com"]])
    run("customers", "import", file, code=2)
    assert "line 3 was sent in an earlier run and has changed since" in run.err


def test_a_line_that_was_sent_must_not_go(run, sandbox, file):
    sandbox.fail(400, route=POST, skip=4)
    run("customers", "import", file, "--concurrency", 1, code=7)
    lines = file.read_text("utf-8").splitlines(keepends=True)
    file.write_text("".join(lines[:4]), "utf-8")
    run("customers", "import", file, code=2)
    assert run.err.startswith("lomi: the file has 3 rows, and row 4 was sent in an earlier run; put back")
    # The fifth was refused: nothing is lost with it.
    file.write_text("".join(lines[:5]), "utf-8")
    run("customers", "import", file)
    assert posts(sandbox) == 5


def test_a_file_without_customers(run, tmp_path):
    run("customers", "import", write(tmp_path / "people.csv", []))
    assert run.out == "0 customers can be imported; nothing was sent.\n"


def test_a_file_that_is_not_utf_8(run, tmp_path):
    (tmp_path / "people.csv").write_bytes("name\nAïssatou\n".encode("latin-1"))
    run("customers", "import", tmp_path / "people.csv", code=2)
    assert "people.csv is not UTF-8" in run.err


def test_the_rejects_do_not_take_the_place_of_the_file(run, file):
    run("customers", "import", file, "--rejects", file, code=2)
    assert "--rejects and --journal name files of their own" in run.err
    assert file.exists()


def test_an_import_that_was_stopped_says_how_to_go_on(run, sandbox, file):
    sandbox.fail(403, route=POST, times=None)
    run("customers", "import", file, code=4)
    assert run.err.startswith("lomi: stopped: 403")
    assert run.err.endswith("the same command goes on where this one ended\n")


def test_an_import_that_may_have_created_somebody_says_so(run, sandbox, file, monkeypatch):
    def doubtful(self, rows):
        report = self._conclude()
        report.doubtful.append((3, "nobody answered"))
        return report

    monkeypatch.setattr(Importer, "run", doubtful)
    run("customers", "import", file, code=6)
    assert "1 may exist (line 3: nobody answered)" in run.err


def test_an_interrupted_import_says_how_to_go_on(run, sandbox, file, monkeypatch):
    def interrupted(self, rows):
        raise KeyboardInterrupt

    monkeypatch.setattr(Importer, "run", interrupted)
    run("customers", "import", file, code=130)
    assert run.err == "lomi: interrupted: 0 of 5 exist; the same command goes on where this one ended\n"


def test_a_live_import_asks_first(run, file, monkeypatch):
    monkeypatch.setenv("LOMI_API_KEY", LIVE_KEY)
    run("customers", "import", file, code=2)
    assert "this would create up to 5 customers in live" in run.err


@pytest.mark.parametrize("dialect", ["docs", "server"])
def test_killed_at_random_moments_under_faults_there_is_one_customer_for_a_row(tmp_path, dialect):
    result = experiment(rows=200, kills=3, seed=7, directory=tmp_path, dialect=dialect, held=0.1)
    assert result.exact, result
    assert result.kills
    assert result.struck
