"""What a handler, a report or an id may be like, and what must not be lost by it."""

from __future__ import annotations

import logging
import math
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import lomi
from lomi.webhooks.events import Event
from lomi.webhooks.inbox import Inbox
from lomi.webhooks.stores.sqlite import SQLiteStore

from .shops import Shop, payment


def fail(event: Event) -> None:
    raise ValueError("Awa Diop")


@pytest.mark.parametrize("names", [(), ("PAYMENT_SUCCEDED",), (fail,)])
def test_a_name_that_no_event_has_is_refused(tmp_path: Path, names: Any) -> None:
    # "@inbox.on" without its names, too, would register nothing, and each order be ignored.
    inbox = Inbox(SQLiteStore(tmp_path / "shop.db"))
    with pytest.raises(lomi.LomiConfigurationError, match="is not an event that this version knows"):
        inbox.on(*names)


async def afail(event: Event) -> None:
    """Never runs."""


def test_a_handler_that_is_async_is_refused_or_fails(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "shop.db")
    with pytest.raises(lomi.LomiConfigurationError, match="Inbox calls functions that are not async"):
        Inbox(store, afail)
    with pytest.raises(lomi.LomiConfigurationError, match="Inbox calls functions that are not async"):
        Inbox(store).on("PAYMENT_SUCCEEDED")(afail)
    # What cannot be seen before is not taken for done.
    assert Inbox(store, lambda event: afail(event)).process(payment()) == "failed"


def test_a_report_that_fails_loses_nothing(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    def report(event: Event, error: Exception) -> None:
        raise OSError("Awa Diop")

    inbox = shop.inbox(fail, on_error=report)
    assert inbox.process(payment()) == "failed"
    assert inbox.process(payment("t2")) == "failed"
    shop.now += 60
    assert inbox.work().failed == 2
    assert "on_error raised OSError" in caplog.text
    assert "Awa Diop" not in "".join(each.getMessage() for each in caplog.records)


def test_the_text_of_an_error_is_logged_for_those_who_look_for_it(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "lomi.webhooks"):
        shop.inbox(fail).process(payment())
    assert "Awa Diop" in caplog.text


@pytest.mark.parametrize("name", ["t" * 300, "\0", "\ud83d"])
def test_ids_that_no_column_can_hold_are_told_apart(shop: Shop, name: str) -> None:
    inbox = shop.inbox(lambda event: None)
    events = [payment(name + end, delivery=end) for end in ("a", "b", "a")]
    assert [inbox.process(each) for each in events] == ["done", "done", "known"]


def test_databases_are_asked_with_finite_numbers(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    # MySQL has no infinity.
    select, asked = shop.store.select, list[float]()

    def remember(*arguments: Any, **options: Any) -> Any:
        asked.append(options["due_by"])
        return select(*arguments, **options)

    monkeypatch.setattr(shop.store, "select", remember)
    inbox = shop.inbox(fail, max_attempts=1)
    inbox.process(payment())
    assert len(inbox.failed()) == 1
    assert all(map(math.isfinite, asked))


def test_what_waits_for_its_handler_is_not_deleted(shop: Shop) -> None:
    # The workers may have been down for longer than keys are kept.
    shop.inbox(fail).process(payment())
    shop.now += 10 * 86_400
    inbox = shop.inbox(shop.ship)
    inbox.purge(keys_older_than=timedelta(days=7))
    assert inbox.work().done == 1
    assert shop.shipped() == {"t1": 1}
