"""What a sandbox holds, and everything that changes it from the outside."""

import gc
import json
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import uuid
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest

from lomi.sandbox import Merchant, Sandbox, store as store_module
from lomi.sandbox.store import VERSION, Store

ROOT = Path(__file__).parents[3]
MERCHANT = "904d003c-3736-41d4-90a5-9de74d404fd7"


def figures(ask, merchant=None):
    """Balance in XOF, lifetime value, MRR and ARR."""
    identifier = merchant.id if merchant else MERCHANT
    key = merchant.api_key if merchant else ask.sandbox.api_key
    data = ask(f"/merchants/{identifier}", key=key).json["data"]
    balance = ask(f"/merchants/{identifier}/balance?currency_code=XOF", key=key).json["data"]["balance"]
    return balance, data["merchant_lifetime_value"], data["mrr"], data["arr"]


def everything(ask):
    customers = ask("/customers?pageSize=1000").json["customers"]
    key = "id" if "id" in customers[0] else "customer_id"
    return [(customer, ask(f"/customers/{customer[key]}/transactions").json) for customer in customers[:40]]


# Determinism


def test_same_seed_same_ids_and_times(asker):
    runs = []
    for _ in range(2):
        with Sandbox("server", seed=7) as sandbox:
            ask = asker(sandbox)
            made = ask.customer()
            merchant = sandbox.merchant()
            runs.append((everything(ask), made, merchant, merchant.api_key, ask("/x").json["request_id"]))
    assert runs[0] == runs[1]


def test_another_seed_other_ids_same_people(asker):
    with Sandbox("docs", seed=1) as one, Sandbox("docs", seed=2) as two:
        first, second = (asker(sandbox)("/customers").json["customers"] for sandbox in (one, two))
    assert [item["name"] for item in first] == [item["name"] for item in second]
    assert not {item["id"] for item in first} & {item["id"] for item in second}


def test_without_a_seed_ids_are_random_and_time_is_the_machines(asker, monkeypatch):
    monkeypatch.setattr("time.time_ns", lambda: 1_800_000_000_123_456_000)
    with Sandbox() as one, Sandbox() as two:
        ids = [asker(sandbox).id() for sandbox in (one, two)]
        assert one.clock.now() == datetime(2027, 1, 15, 8, 0, 0, 123456, tzinfo=timezone.utc)
        assert one.clock.advance(hours=1, minutes=1) - two.clock.now() == timedelta(hours=1, minutes=1)
    assert ids[0] != ids[1]


def test_a_seeded_clock_moves_by_a_millisecond_a_request(ask):
    before = ask.sandbox.clock.now()
    ask("/me")
    assert ask.sandbox.clock.now() - before == timedelta(milliseconds=1)


# The clock


def test_clock_moves_every_timestamp(either, asker):
    ask = asker(either)
    either.clock.advance(days=31)
    customer = ask.customer()
    identifier = customer.get("id") or customer["customer_id"]
    payment = either.pay(identifier, 100)
    assert customer["created_at"].startswith("2026-02-15T10:30:00")
    assert payment["created_at"].startswith("2026-02-15T10:30:00")
    assert ask(f"/merchants/{MERCHANT}/mrr").json["data"]["as_of_date"].startswith("2026-02-15T10:30:00")
    assert ask("/me").headers["date"] == "Sun, 15 Feb 2026 10:30:00 GMT"


def test_clock_only_goes_forward(pages):
    with pytest.raises(ValueError, match="forward"):
        pages.clock.advance(days=-1)


@pytest.mark.parametrize("amount", [float("nan"), "1", None, True])
@pytest.mark.parametrize("unit", ["days", "hours", "minutes", "seconds"])
def test_clock_is_moved_by_a_number(pages, unit, amount):
    with pytest.raises(ValueError, match=f"^{unit} is a number, 0 or more, not {amount!r}$"):
        pages.clock.advance(**{unit: amount})


@pytest.mark.parametrize("days", [10**7, 10**30, float("inf"), 10**400])
def test_the_clock_ends_with_the_year_9999(pages, days):
    before = pages.clock.now()
    with pytest.raises(ValueError, match="9999"):
        pages.clock.advance(days=days)
    assert pages.clock.now() == before


def test_clock_repr(pages):
    assert repr(pages.clock) == "<Clock 2026-01-15T10:30:00+00:00 frozen>"
    with Sandbox() as running:
        assert "frozen" not in repr(running.clock)


# seed


def test_seed_customers_come_in_front(either, asker):
    ids = either.seed(customers=3)
    items = asker(either)("/customers?pageSize=3").json["customers"]
    assert [item.get("id") or item["customer_id"] for item in items] == ids[::-1]


def test_seed_transactions_move_the_figures(ask):
    before = figures(ask)
    ids = ask.sandbox.seed(customers=2, transactions=20)
    made = [item for customer in ids for item in ask(f"/customers/{customer}/transactions").json]
    assert len(made) == 20
    completed = sum(
        item["gross_amount"] for item in made if (item["status"], item["currency_code"]) == ("completed", "XOF")
    )
    after = figures(ask)
    assert completed > 0
    assert (after[0] - before[0], after[1] - before[1]) == (completed, completed)
    assert after[2:] == before[2:]


def test_seed_transactions_for_those_that_are_there(asker):
    with Sandbox("server", customers=2, seed=1) as sandbox:
        ask = asker(sandbox)
        before = [len(transactions) for _, transactions in everything(ask)]
        assert sandbox.seed(transactions=4) == []
        assert [len(transactions) for _, transactions in everything(ask)] == [count + 2 for count in before]


def test_seed_for_another_merchant(ask):
    other = ask.sandbox.merchant()
    ask.sandbox.seed(customers=3, transactions=8, merchant=other)
    assert ask("/customers", key=other.api_key).json["pagination"]["totalCount"] == 3
    assert ask("/customers").json["pagination"]["totalCount"] == 150
    assert figures(ask, other)[0] > 0


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        *(("customers", each) for each in (-1, 1.5, "3", True)),
        *(("transactions", each) for each in (-1, float("nan"))),
        *(("environment", each) for each in ("prod", "Live", None)),
    ],
)
def test_seed_arguments(pages, name, wrong):
    with pytest.raises(ValueError, match=f"^{name} is .*, not {wrong!r}$"):
        pages.seed(**{name: wrong})


def test_seed_errors(pages):
    with pytest.raises(ValueError, match="no customer"):
        pages.seed(transactions=1, merchant=pages.merchant())


def test_seed_a_hundred_thousand(asker):
    with Sandbox(customers=0) as sandbox:
        sandbox.seed(customers=100_000)
        body = asker(sandbox)("/customers?pageSize=100&page=1000").json
        assert len(body["customers"]) == 100
        assert body["pagination"]["totalPages"] == 1000


def test_listing_uses_the_index(pages):
    def plan(where):
        rows = pages._engine.store.rows(
            f"EXPLAIN QUERY PLAN SELECT * FROM objects WHERE {where} ORDER BY created_at DESC, number DESC LIMIT 1",
            *("m", "test")[: where.count("?")],
        )
        return [row["detail"] for row in rows]

    assert plan("type = 'customers' AND deleted_at IS NULL AND owner = ? AND environment = ?") == [
        "SEARCH objects USING INDEX objects_listed (type=? AND owner=? AND environment=?)"
    ]
    assert plan("type = 'transactions' AND deleted_at IS NULL AND json_extract(body, '$.customer_id') = ?") == [
        "SEARCH objects USING INDEX transactions_by_customer_id (<expr>=?)"
    ]


@pytest.mark.parametrize("count", [0, 1, 7])
def test_a_sandbox_may_start_with_other_numbers_of_customers(asker, count):
    with Sandbox(customers=count) as sandbox:
        assert asker(sandbox)("/customers").json["pagination"]["totalCount"] == count


def test_seed_for_a_merchant_that_is_gone(pages):
    merchant = pages.merchant()
    pages.reset()
    with pytest.raises(LookupError, match="no such merchant"):
        pages.seed(customers=1, merchant=merchant)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [*(("customers", each) for each in (-1, 1.5, "3", True)), *(("seed", each) for each in (1.5, "x", True))],
)
def test_what_a_sandbox_cannot_start_with(name, wrong):
    with pytest.raises(ValueError, match=f"^{name} is a whole number.*, not {wrong!r}$"):
        Sandbox(**{name: wrong})


# merchant


def test_merchant(ask_docs):
    made = ask_docs.sandbox.merchant(
        "Boutique",
        email="b@example.com",
        phone_number="+2250701020304",
        country="CI",
        currency_code="EUR",
        mrr=1,
        arr=12,
        lifetime_value=99,
        balances={"EUR": 5, "XOF": 6},
        metadata={"a": 1},
        api_key="lomi_sk_test_boutique",
    )
    assert isinstance(made, Merchant)
    assert made.account is None
    data = ask_docs(f"/merchants/{made.id}", key="lomi_sk_test_boutique").json["data"]
    assert {name: data[name] for name in ("name", "email", "phone_number", "country", "mrr", "arr", "metadata")} == {
        "name": "Boutique",
        "email": "b@example.com",
        "phone_number": "+2250701020304",
        "country": "CI",
        "mrr": 1,
        "arr": 12,
        "metadata": {"a": 1},
    }
    balance = ask_docs(f"/merchants/{made.id}/balance?currency_code=XOF", key=made.api_key)
    assert balance.json["data"]["balance"] == 6
    assert "lomi_sk" not in repr(made)


def test_merchants_see_only_their_own(ask):
    other = ask.sandbox.merchant()
    assert other.api_key.startswith("lomi_sk_test_")
    assert ask("/customers", key=other.api_key).json["customers"] == []


@pytest.mark.parametrize(
    "key", ["lomi_sk_live_x", "LOMI_SK_LIVE_x", "sk_test", "lomi_sk_test_", "lomi_sk_test_a b", 5, ""]
)
def test_keys_that_are_no_test_keys(pages, key):
    with pytest.raises(ValueError, match="key"):
        pages.merchant(api_key=key)
    with pytest.raises(ValueError, match="key"):
        Sandbox(api_key=key)


def test_a_key_belongs_to_one_merchant(pages):
    with pytest.raises(ValueError, match="another merchant"):
        pages.merchant(api_key=pages.api_key)


NAN = float("nan")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"balances": {"xof": 1}}, "a currency code is three upper-case letters, not 'xof'"),
        ({"balances": {None: 1}}, "a currency code is three upper-case letters, not None"),
        ({"currency_code": "cfa", "balances": {"XOF": 1}}, "a currency code is three upper-case letters, not 'cfa'"),
        ({"balances": {"XOF": NAN}}, r"balances\['XOF'\] is an amount, an int or a float, not nan"),
        ({"mrr": NAN}, "mrr is an amount"),
        ({"arr": "1"}, "arr is an amount"),
        ({"lifetime_value": None}, "lifetime_value is an amount"),
        ({"lifetime_value": 10**19}, "lifetime_value is an amount"),
        ({"metadata": {"a": NAN}}, "metadata is an object of JSON values: "),
        ({"metadata": {"a": object()}}, "metadata is an object of JSON values: "),
        ({"metadata": "text"}, "metadata is an object of JSON values: "),
        ({"metadata": {"a": "\ud800"}}, "metadata is an object of JSON values: "),
        ({"name": None}, "name is a text, not None"),
        ({"country": None}, "country is a text, not None"),
        ({"email": 5}, "email is a text, or None, not 5"),
        ({"phone_number": []}, "phone_number is a text, or None, not "),
        ({"capabilities": "customer.read"}, "capabilities are several, "),
        ({"capabilities": [None]}, "capabilities are several, "),
    ],
)
def test_a_merchant_that_cannot_be(ask, wrong, said):
    with pytest.raises(ValueError, match=f"^{said}"):
        ask.sandbox.merchant(**wrong)
    assert len(ask.sandbox.objects("merchants")) == 1


def test_a_merchant_without_any_account(ask):
    made = ask.sandbox.merchant(balances={})
    assert ask(f"/merchants/{made.id}/balance?currency_code=XOF", key=made.api_key).status == 404


def test_a_merchant_that_nobody_knows_acts_for_none(pages):
    with pytest.raises(LookupError, match="no such merchant"):
        pages.merchant(account_of="00000000-0000-4000-8000-000000000000")


# pay


def test_pay_moves_transactions_balance_and_figures_together(ask):
    before = figures(ask)
    customer = ask.id()
    payment = ask.sandbox.pay(customer, 10_000, "XOF", description="Rice")
    assert ask(f"/customers/{customer}/transactions").json == [payment]
    assert payment["description"] == "Rice"
    assert figures(ask) == (before[0] + 10_000, before[1] + 10_000, before[2], before[3])


def test_pay_every_month(ask):
    before = figures(ask)
    ask.sandbox.pay(ask.id(), 500, recurring=True)
    assert figures(ask) == (before[0] + 500, before[1] + 500, before[2] + 500, before[3] + 6000)


@pytest.mark.parametrize("status", ["pending", "failed", "refunded", "expired"])
def test_pay_that_is_not_completed_moves_no_money(ask, status):
    before = figures(ask)
    assert ask.sandbox.pay(ask.id(), 500, status=status)["status"] == status
    assert figures(ask) == before


def test_pay_in_another_currency(ask):
    before = figures(ask)
    ask.sandbox.pay(ask.id(), 700, "GNF")
    assert figures(ask) == before
    balance = ask(f"/merchants/{MERCHANT}/balance?currency_code=GNF").json["data"]["balance"]
    assert balance == 700


def test_pay_takes_customers_and_ids_of_either_dialect(ask):
    class Customer:
        id = ask.id()

    ask.sandbox.pay(Customer(), 1)
    ask.sandbox.dialect = "docs"
    shown = ask.sandbox.pay(Customer.id.upper(), 2)
    assert uuid.UUID(shown["transaction_id"])
    ask.sandbox.pay("cus_" + Customer.id.replace("-", ""), 3)
    ask.sandbox.dialect = "server"
    assert [item["gross_amount"] for item in ask(f"/customers/{Customer.id}/transactions").json] == [3, 2, 1]


@pytest.mark.parametrize("amount", [0, -1, NAN, float("inf"), 2**53, "5", Decimal(5), True, None])
def test_pay_amount(pages, amount):
    with pytest.raises(ValueError, match=f"^amount is above 0 .*, not {re.escape(repr(amount))}$"):
        pages.pay("cus_abc123...", amount)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"currency_code": "xof"}, "a currency code is three upper-case letters, not 'xof'"),
        ({"customer": None}, "customer is a customer, or the id of one, not None"),
        ({"status": 5}, "status is one of pending, completed, failed, refunded, expired, not 5"),
        ({"status": "complted"}, "status is one of .*, not 'complted'"),
        ({"amount": 0.5}, "amount is whole in XOF, which has no decimals, not 0.5"),
        ({"recurring": 1}, "recurring is True or False, not 1"),
        ({"description": "\ud800"}, "description is a text, not "),
        ({"metadata": {"a": NAN}}, "metadata is an object of JSON values: "),
    ],
)
def test_pay_errors(pages, wrong, said):
    with pytest.raises(ValueError, match=f"^{said}"):
        pages.pay(**{"customer": "cus_abc123...", "amount": 1, **wrong})


def test_pay_of_nobody(pages):
    with pytest.raises(LookupError):
        pages.pay("cus_nobody", 1)


# snapshot, restore, reset


def test_restore_brings_back_data_and_time(ask):
    sandbox = ask.sandbox
    customer = ask.id()
    snapshot, then = sandbox.snapshot(), sandbox.clock.now()
    before = everything(ask)
    sandbox.clock.advance(days=3)
    sandbox.pay(customer, 5)
    ask(f"/customers/{customer}", "DELETE")
    first = ask.id(name="After")
    assert everything(ask) != before
    sandbox.restore(snapshot)
    assert sandbox.clock.now() == then
    assert everything(ask) == before
    assert ask.id(name="After") == first
    assert "Snapshot" in repr(snapshot)


def test_restore_of_a_running_clock(pages):
    with Sandbox() as sandbox:
        snapshot = sandbox.snapshot()
        sandbox.clock.advance(days=400)
        later = sandbox.clock.now()
        sandbox.restore(snapshot)
        assert later - sandbox.clock.now() > timedelta(days=399)


def test_restore_of_another_sandbox_s_data(asker):
    with Sandbox("server", customers=1) as one, Sandbox("server", customers=0, api_key="lomi_sk_test_own") as two:
        one.merchant(api_key="lomi_sk_test_theirs")
        two.restore(one.snapshot())
        for key in (two.api_key, one.api_key, "lomi_sk_test_theirs"):
            assert asker(two)("/me", key=key).status == 200
        assert asker(two)("/customers").json["pagination"]["totalCount"] == 1


def test_reset_starts_over(ask):
    sandbox = ask.sandbox
    fresh = everything(ask)
    sandbox.reset()
    sandbox.fail(times=None)
    ask("/me")
    sandbox.clock.advance(days=1)
    sandbox.merchant(api_key="lomi_sk_test_gone")
    sandbox.reset()
    assert sandbox.requests == ()
    assert sandbox.faults == ()
    assert everything(ask) == fresh
    assert ask("/me", key="lomi_sk_test_gone").status == 401
    assert sandbox.requests[0].number > 1


def test_chance_starts_over_too(ask):
    def run():
        with ask.sandbox.fail(503, times=None, probability=0.5):
            return [ask("/me").status for _ in range(20)]

    first, second = run(), run()
    assert first != second
    ask.sandbox.reset()
    assert [run(), run()] == [first, second]


# A file


def test_a_file_survives_a_restart(tmp_path, asker):
    path = tmp_path / "sandbox.db"
    with Sandbox("server", data=path) as sandbox:
        customer = asker(sandbox).id(name="Kept")
        sandbox.pay(customer, 77)
        sandbox.clock.advance(days=10)
        assert str(path) in repr(sandbox)
    with Sandbox("server", data=str(path)) as sandbox:
        ask = asker(sandbox)
        assert ask(f"/customers/{customer}").json["name"] == "Kept"
        assert [item["gross_amount"] for item in ask(f"/customers/{customer}/transactions").json] == [77]
        assert ask("/customers").json["pagination"]["totalCount"] == 151
        assert sandbox.clock.now() - datetime.now(timezone.utc) > timedelta(days=9)


def test_a_file_survives_a_kill(tmp_path, asker):
    path = tmp_path / "sandbox.db"
    script = (
        "import os, signal, sys; from lomi.sandbox import Sandbox; from lomi.sandbox.http import Request\n"
        "sandbox = Sandbox('server', data=sys.argv[1], customers=0)\n"
        "headers = (('x-api-key', sandbox.api_key), ('content-type', 'application/json'))\n"
        "for _ in range(5): sandbox.handle(Request('POST', '/customers', headers, b'{\"name\":\"J\"}'))\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    ended = subprocess.run([sys.executable, "-c", script, str(path)], check=False, cwd=ROOT)
    assert ended.returncode == -signal.SIGKILL
    with Sandbox(data=path) as sandbox:
        assert asker(sandbox)("/customers").json["pagination"]["totalCount"] == 5


def test_a_seeded_file_goes_on_with_new_ids_and_later_times(tmp_path, asker):
    path = tmp_path / "sandbox.db"
    with Sandbox("docs", data=path, seed=3) as sandbox:
        sandbox.clock.advance(days=1)
        first = asker(sandbox).customer()
        now = sandbox.clock.now()
    with Sandbox("docs", data=path, seed=3) as sandbox:
        assert sandbox.clock.now() == now
        second = asker(sandbox).customer()
    assert first["id"] != second["id"]
    assert first["created_at"] <= second["created_at"]


def test_a_file_keeps_its_key_and_takes_another(tmp_path, asker):
    path = tmp_path / "sandbox.db"
    with Sandbox(data=path, api_key="lomi_sk_test_mine") as sandbox:
        assert sandbox.api_key == "lomi_sk_test_mine"
    with Sandbox(data=path) as sandbox:
        assert sandbox.api_key == "lomi_sk_test_mine"
    with Sandbox(data=path, api_key="lomi_sk_test_other") as sandbox:
        assert sandbox.api_key == "lomi_sk_test_other"
        assert asker(sandbox)("/me", key="lomi_sk_test_mine").status == 200
        assert asker(sandbox)("/me").status == 200


def test_a_file_s_key_is_not_taken_from_another_merchant(tmp_path):
    path = tmp_path / "sandbox.db"
    with Sandbox(data=path) as sandbox:
        sandbox.merchant(api_key="lomi_sk_test_theirs")
    with pytest.raises(ValueError, match="api_key belongs to another merchant"):
        Sandbox(data=path, api_key="lomi_sk_test_theirs")


@pytest.mark.parametrize("place", ["", ".", "nowhere/sandbox.db"])
def test_a_file_that_cannot_be(tmp_path, monkeypatch, place):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=r"cannot be used as a data file: unable to open .*; its folder must exist"):
        Sandbox(data=place)


def test_two_sandboxes_on_one_file(tmp_path, asker):
    path = tmp_path / "sandbox.db"
    with Sandbox("server", data=path) as one, Sandbox("server", data=path) as two:
        customer = asker(one).id()
        assert asker(two)(f"/customers/{customer}").status == 200


@pytest.mark.parametrize("content", [b"no database at all, just some text that is long enough", b""])
def test_files_that_are_no_sandbox(tmp_path, content):
    path = tmp_path / "other"
    path.write_bytes(content)
    if content:
        with pytest.raises(ValueError, match="not a sandbox data file"):
            Sandbox(data=path)
        assert path.read_bytes() == content
    else:
        Sandbox(data=path).close()


def test_the_database_of_another_program_is_left_alone(tmp_path):
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE theirs (a)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(ValueError, match="another program"):
        Sandbox(data=path)
    assert path.read_bytes() == before


def test_a_transaction_that_fails_leaves_nothing():
    store = Store(None)

    def write():
        with store.transaction():
            store.set_setting("a", 1)
            with store.transaction():
                store.run("INSERT INTO settings VALUES ('a', 2)")

    with pytest.raises(sqlite3.IntegrityError):
        write()
    assert store.setting("a") is None
    store.close()


def test_a_file_of_another_version_is_refused(tmp_path):
    path = tmp_path / "sandbox.db"
    Sandbox(data=path).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 2")
    connection.close()
    with pytest.raises(
        ValueError, match=f"not a sandbox data file of this version: it has version 2 and this is version {VERSION}"
    ):
        Sandbox(data=path)


def test_a_damaged_file_is_refused(tmp_path):
    path = tmp_path / "sandbox.db"
    with Sandbox(data=path) as sandbox:
        sandbox._engine.store.run("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(path.read_bytes())
    content[8192:16384] = b"x" * 8192
    path.write_bytes(content)
    with pytest.raises(
        ValueError, match=r"not a sandbox data file of this version: (it is damaged|database disk image)"
    ):
        Sandbox(data=path)


def test_a_locked_file_is_refused_and_reported(tmp_path, monkeypatch, asker):
    monkeypatch.setattr(store_module, "PATIENCE", 0)
    path = tmp_path / "sandbox.db"
    with Sandbox(data=path) as sandbox:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ValueError, match="cannot be used as a data file: database is locked"):
            Sandbox(data=path)
        answer = asker(sandbox).post({"name": "J"})
        assert (answer.status, answer.error["message"]) == (
            500,
            "the sandbox's data file cannot be used: database is locked",
        )
        assert answer.error["details"] == "Internal Server Error"
        other.close()
        assert asker(sandbox).post({"name": "J"}).status == 201


# Life


def test_close_twice_and_closed(either, asker):
    either.close()
    either.close()
    customer = "abc12300-0000-4000-8000-000000000001"
    for use in (
        lambda: asker(either)("/me"),
        lambda: either.pay(customer, 5),
        lambda: either.seed(customers=1),
        lambda: either.clock.advance(days=1),
        *(either.merchant, either.snapshot, either.reset),
    ):
        with pytest.raises(RuntimeError, match=r"^the sandbox is closed$"):
            use()
    assert either.requests == either.faults == ()


def test_a_forgotten_sandbox_leaves_no_warning():
    Sandbox().transport()
    gc.collect()


@pytest.mark.parametrize("name", ["", "DOCS", None])
def test_dialects_there_are(pages, name):
    with pytest.raises(ValueError, match="dialect"):
        Sandbox(name)
    with pytest.raises(ValueError, match="dialect"):
        pages.dialect = name


def test_dialect_may_change_at_any_time(ask_docs):
    customer = ask_docs.id()
    ask_docs.sandbox.dialect = "server"
    assert repr(ask_docs.sandbox) == "<Sandbox server in memory>"
    (first, *_) = ask_docs("/customers").json["customers"]
    assert "cus_" + first["customer_id"].replace("-", "") == customer


def test_several_threads_at_once(deployed, asker):
    ask = asker(deployed)
    failures = []

    def work():
        try:
            for _ in range(20):
                assert ask(f"/customers/{ask.id(metadata={'a': 1})}").status == 200
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert ask("/customers").json["pagination"]["totalCount"] == 150 + 160
    assert json.loads(ask("/customers?pageSize=1").body)
