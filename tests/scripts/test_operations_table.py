"""The page that lists every operation, generated from the code."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import operations_table


def test_every_operation_of_the_api_is_there() -> None:
    names = [row.name for row in operations_table.rows()]
    assert len(names) == len(set(names)) == 73
    assert set(names) > operations_table.UNPUBLISHED
    assert len(operations_table.UNPUBLISHED) == 3
    english, french = operations_table.pages().values()
    for text in (english, french):
        assert sum(line.startswith("| `") for line in text.splitlines()) == 73
    assert "the 70 that the API publishes" in english


def test_a_row_says_what_its_operation_does() -> None:
    lines = operations_table.page("en", operations_table.rows()).splitlines()
    refund = next(line for line in lines if line.startswith("| `refunds.create`"))
    assert refund == (
        "| `refunds.create` | `POST /refunds` | `RefundCreateParams` | `CreatedRefund` | no | 400 with some messages | yes"
        " | `refund.create` |"
    )
    session = next(line for line in lines if line.startswith("| `checkout_sessions.create`"))
    assert "| `CreatedCheckoutSession` or `InvoiceBlock` | key | | | `payment.create` |" in session
    payouts = next(line for line in lines if line.startswith("| `payouts.list`"))
    assert "| `PayoutListParams` | `Page[Payout]` | yes | | | |" in payouts


def test_a_page_that_is_not_what_the_code_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert operations_table.main(["--check"]) == 0
    monkeypatch.setattr(operations_table, "ROOT_OF_PAGES", tmp_path)
    assert operations_table.main(["--check"]) == 1
    assert "operations.md is not what the code says" in capsys.readouterr().out
    assert operations_table.main([]) == 0
    assert operations_table.main(["--check"]) == 0
