"""What commands print for people: tables that fit a terminal, and plain text in a pipe."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timezone
from decimal import Decimal
from typing import Protocol

from rich.box import ROUNDED
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..errors import LomiValidationError
from ..money import Money

__all__ = ["console", "line", "money", "table", "when"]


class HasMoney(Protocol):
    """An answer with an amount."""

    @property
    def money(self) -> Money: ...
    @property
    def currency_code(self) -> str | None: ...


def console(*, stderr: bool = False) -> Console:
    """Return a console that takes nothing in the data for markup, a number to colour or an emoji."""
    return Console(stderr=stderr, markup=False, emoji=False, highlight=False)


def line(*parts: str | tuple[str, str]) -> Text:
    """Return a line of words, each plain or with a style."""
    return Text.assemble(*parts)


def table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, right: Collection[str] = (), title: str | None = None
) -> Table:
    """Return a table. What comes from the API or a file cannot move the cursor or colour the terminal."""
    made = Table(box=ROUNDED, title=title, title_justify="left", title_style="bold", header_style="bold")
    for name in columns:
        made.add_column(name, justify="right" if name in right else "left", overflow="fold")
    for row in rows:
        made.add_row(*(value if isinstance(value, Text) else _cell(value) for value in row))
    return made


def money(answer: HasMoney, amount: int | Decimal | None) -> str:
    """Return an amount as a person reads it; as the API sent it where that is no whole amount of a known currency."""
    try:
        return str(answer.money)
    except LomiValidationError:
        return " ".join(str(part) for part in (amount, answer.currency_code) if part is not None)


def when(moment: datetime | None) -> str:
    """Return a moment to the minute, in UTC."""
    return "" if moment is None else f"{moment.astimezone(timezone.utc):%Y-%m-%d %H:%M} UTC"


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return "".join(c if c.isprintable() else " " for c in text)
