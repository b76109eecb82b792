import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lomi.cli.app import app
from lomi.webhooks.events import Event
from lomi.webhooks.inbox import Inbox
from lomi.webhooks.stores.sqlite import SQLiteStore

KEY = "PAYMENT_SUCCEEDED:t1:completed"
HANDLERS = """
from lomi.webhooks.inbox import Inbox
from lomi.webhooks.stores.sqlite import SQLiteStore
inbox = Inbox(SQLiteStore("shop.db"))
@inbox.on("PAYMENT_SUCCEEDED")
def fulfil(event): pass
def fail(event): 1 / 0
def leave(event):
    import os
    os.chdir("elsewhere")
nothing = 1
"""


def fail(event):
    raise ValueError


@pytest.fixture
def failed(tmp_path, monkeypatch):
    """A database in which an event has failed, and beside it a module of handlers."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop_handlers.py").write_text(HANDLERS)
    inbox = Inbox(SQLiteStore("shop.db"), fail, clock=lambda: 1000.0)
    for id in ("t1", "t2"):
        data = {"transaction_id": id, "status": "completed", "customer_name": "Awa Diop"}
        inbox.process(Event.from_dict({"event": "PAYMENT_SUCCEEDED", "data": data}))
    yield inbox
    sys.modules.pop("shop_handlers", None)


@pytest.mark.parametrize("database", ["shop.db", "sqlite:///shop.db"])
def test_failed_events_are_listed_worked_on_and_erased(run, failed, database):
    path = sys.path[:]
    listed = run.json("inbox", "list", "--database", database)
    assert {(row["key"][-12:], row["status"], row["error"]) for row in listed} == {
        ("t1:completed", "failed", "ValueError"),
        ("t2:completed", "failed", "ValueError"),
    }
    run("inbox", "list", "--database", database)
    assert "1970-01-01 00:16 UTC" in run.out
    assert "Awa" not in run.out
    on = ("--database", database, "--handler", "shop_handlers:fulfil")
    assert run.json("inbox", "replay", KEY, *on) == {"key": KEY, "result": "done"}
    run("inbox", "replay", KEY, *on, code=2)
    assert "inbox.failed() lists" in run.err
    run("inbox", "work", *on, "--limit", "1")
    assert "done" in run.out
    assert run.json("inbox", "list", "--database", database) == []
    purged = run.json("inbox", "purge", "--database", database, "--older-than", "1", "--keys-older-than", "0")
    assert purged["payloads_erased"] == 0
    assert sys.path == path


def test_an_inbox_with_its_handlers_needs_no_database(run, failed):
    assert run.json("inbox", "work", "--handler", "shop_handlers:inbox")["done"] == 2
    assert run.json("inbox", "list", "--handler", "shop_handlers:inbox") == []


def test_a_replay_that_fails_has_an_exit_code(run, failed):
    result = CliRunner().invoke(
        app, ["inbox", "replay", KEY, "--database", "shop.db", "--handler", "shop_handlers:fail", "--json"]
    )
    assert (result.exit_code, json.loads(result.stdout)["result"]) == (1, "failed")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["work", "--database", "shop.db"], "pass --handler module:name"),
        (["list"], "pass --database"),
        (["list", "--database", "nothing.db"], "there is no file nothing.db"),
        (
            ["work", "--database", "shop.db", "--handler", "nothing:here"],
            "(ModuleNotFoundError: No module named 'nothing')",
        ),
        (["work", "--database", "shop.db", "--handler", "shop_handlers:no"], "cannot be imported (AttributeError: "),
        (["work", "--database", "shop.db", "--handler", "shop_handlers:nothing"], "neither an Inbox nor a function"),
    ],
)
def test_what_is_missing_is_named(run, failed, arguments, message):
    run("inbox", *arguments, code=2)
    assert message in run.err


def test_a_database_that_fails_is_no_traceback(run, failed, tmp_path):
    (tmp_path / "text.db").write_text("this is no database" * 100)
    run("inbox", "list", "--database", "text.db", code=1)
    assert "the database failed: DatabaseError" in run.err
    run("inbox", "list", "--database", "sqlite:///text.db", code=1)
    assert "the database failed: DatabaseError" in run.err


def test_a_url_needs_sqlalchemy(run, failed, monkeypatch):
    monkeypatch.setitem(sys.modules, "sqlalchemy.exc", None)
    run("inbox", "list", "--database", "sqlite:///shop.db", code=2)
    assert "lomi[sqlalchemy]" in run.err


def test_a_url_needs_its_driver(run, failed, monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg2", None)
    run("inbox", "list", "--database", "postgresql+psycopg2://shop:secret@localhost/shop", code=2)
    assert "the driver psycopg2 is not installed; install it, or name another in the URL" in run.err
    assert "secret" not in run.err


def test_a_handler_may_change_the_directory(run, failed):
    (Path.cwd() / "elsewhere").mkdir()
    path = sys.path[:]
    on = ("--database", str(Path.cwd() / "shop.db"), "--handler", "shop_handlers:leave")
    assert run.json("inbox", "replay", KEY, *on)["result"] == "done"
    assert sys.path == path
