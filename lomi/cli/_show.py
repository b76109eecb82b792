"""What commands print: tables for people, JSON for programs."""

from __future__ import annotations

import codecs
import json
import re
import signal
import sys
from collections.abc import Callable, Collection, Generator, Iterable, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any, Final, Protocol

from rich.box import ROUNDED
from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from ..errors import LomiValidationError
from ..money import Money
from ._errors import Unshown, plain

__all__ = [
    "as_json",
    "console",
    "details",
    "give",
    "interrupted",
    "line",
    "money",
    "print_json",
    "progress",
    "table",
    "when",
]


# Control characters, and those that turn the direction of a line.
_STEERS: Final = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


class HasMoney(Protocol):
    """An answer with an amount."""

    @property
    def money(self) -> Money: ...
    @property
    def currency_code(self) -> str | None: ...


def give(
    answer: Any, shown: Callable[[], RenderableType], *, json: bool, jsonl: bool, items: Iterable[Any] | None = None
) -> None:
    """Print an answer: as JSON, as one JSON object for each item and line, or as a person likes to read it.

    Args:
        answer: What the method returned, as built-ins.
        shown: Makes the table.
        json: Whether it is to be JSON.
        jsonl: Whether it is to be one JSON object a line.
        items: What these objects are; the answer itself if there are none.

    Raises:
        Unshown: The output cannot be written.
    """
    try:
        if json:
            print_json(answer, indent=2)
        elif jsonl:
            for item in [answer] if items is None else items:
                print_json(item)
        else:
            console().print(shown())
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Unshown(error) from None


def print_json(value: Any, indent: int | None = None) -> None:
    """Print JSON; in ASCII where the output is not UTF-8, the one encoding that JSON has."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    print(as_json(value, indent, ascii=codecs.lookup(encoding).name != "utf-8"))


def as_json(value: Any, indent: int | None = None, *, ascii: bool = False) -> str:
    """Return JSON, readable in every script; what could steer a terminal is escaped."""
    text = json.dumps(value, ensure_ascii=ascii, indent=indent)
    return _STEERS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def console(*, stderr: bool = False) -> Console:
    """Return a console that takes nothing in the data for markup, a number to colour or an emoji."""
    made = Console(stderr=stderr, markup=False, emoji=False, highlight=False)
    if not made.is_terminal:
        # In a pipe nothing is folded.
        made.width = 400
    return made


def line(*parts: str | tuple[str, str]) -> Text:
    """Return a line of words, each plain or with a style."""
    return Text.assemble(*parts)


def table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, right: Collection[str] = (), title: str | None = None
) -> Table:
    """Return a table. What comes from the API or a file cannot move the cursor or colour the terminal."""
    # Where there is little room, as on a telephone, a folded id is better than one without an end.
    roomy = console().width >= 80
    made = Table(box=ROUNDED, title=title, title_justify="left", title_style="bold", header_style="bold")
    for name in columns:
        whole = name in right or (name == "id" and roomy)
        made.add_column(name, justify="right" if name in right else "left", overflow="fold", no_wrap=whole)
    for row in rows:
        made.add_row(*("" if value is None else plain(str(value)) for value in row))
    return made


def details(answer: dict[str, Any]) -> Table:
    """Return one object as a table of its fields, without those that hold nothing."""
    rows = ((name, value) for name, value in answer.items() if value not in (None, ""))
    texts = ((name, value if isinstance(value, str) else as_json(value)) for name, value in rows)
    return table(("field", "value"), texts)


def money(answer: HasMoney, amount: int | Decimal | None) -> str:
    """Return an amount as a person reads it; as the API sent it where that is no whole amount of a known currency."""
    try:
        return str(answer.money)
    except LomiValidationError:
        return " ".join(str(part) for part in (amount, answer.currency_code) if part is not None)


def when(moment: datetime | None) -> str:
    """Return a moment to the minute, in UTC."""
    return "" if moment is None else f"{moment.astimezone(timezone.utc):%Y-%m-%d %H:%M} UTC"


@contextmanager
def interrupted() -> Generator[None, None, None]:
    """Say that Ctrl-C waits for what is under way; another one ends the process at once, as ``kill`` does."""
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    console(stderr=True).show_cursor()
    print("lomi: waiting for what is under way; another Ctrl-C ends at once", file=sys.stderr)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def progress(total: int | None, what: str) -> Generator[Callable[[int], None], None, None]:
    """Show on a terminal how far something is, how fast and for how long; give the function that moves it on."""
    out = console(stderr=True)
    if not out.is_terminal:
        yield lambda _: None
        return
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
    with Progress(*columns, console=out) as bar:
        task = bar.add_task(what, total=total)
        yield lambda count: bar.advance(task, count)


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text("" if task.speed is None else f"{task.speed:.0f}/s")
