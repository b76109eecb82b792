"""What commands print: tables for people, JSON for programs. Nothing in the data can steer the terminal."""

from __future__ import annotations

import codecs
import json
import re
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Final

from .errors import printable

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

__all__ = ["as_json", "console", "details", "line", "money", "print_json", "show", "table", "timestamp"]

# Control characters, and those that change the direction of a line.
_UNSAFE: Final = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def print_json(value: Any, indent: int | None = None) -> None:
    """Print JSON; in ASCII if the output is not UTF-8, the only encoding that JSON has."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    print(as_json(value, indent, ascii=codecs.lookup(encoding).name != "utf-8"))


def as_json(value: Any, indent: int | None = None, *, ascii: bool = False) -> str:
    """Return JSON, readable in every script, with what could steer a terminal escaped."""
    text = json.dumps(value, ensure_ascii=ascii, indent=indent)
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def console(*, stderr: bool = False) -> Console:
    """Return a console that finds no markup, emoji or numbers to highlight in the data."""
    from rich.console import Console

    made = Console(stderr=stderr, markup=False, emoji=False, highlight=False)
    if not made.is_terminal:
        made.width = 400  # nothing is wrapped in a pipe
    return made


def show(renderable: RenderableType, *, soft_wrap: bool = False) -> None:
    """Print text or a table."""
    out = console()
    with out.capture() as captured:
        out.print(renderable, soft_wrap=soft_wrap)
    # rich would end the process when the reader of a pipe has gone; print raises.
    print(captured.get(), end="", flush=True)


def line(*parts: str | tuple[str, str]) -> Text:
    """Return a line of text; each part is plain, or a pair of text and style."""
    from rich.text import Text

    return Text.assemble(*parts)


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    right: Collection[str] = (),
    title: str | None = None,
    caption: str | None = None,
) -> Table:
    """Return a table; the columns in ``right`` are aligned to the right and never wrapped."""
    from rich.box import ROUNDED
    from rich.table import Table

    # On a narrow terminal an id that wraps is better than one that is cut.
    wide = console().width >= 80
    made = Table(
        box=ROUNDED, title=title, caption=caption, title_justify="left", caption_justify="left", title_style="bold"
    )
    for name in columns:
        whole = name in right or (name == "id" and wide)
        made.add_column(name, justify="right" if name in right else "left", overflow="fold", no_wrap=whole)
    for row in rows:
        made.add_row(*(_cell(value) for value in row))
    return made


def details(fields: Mapping[str, Any]) -> Table:
    """Return one object as a table of its fields, without the empty ones."""
    return table(("field", "value"), ((name, value) for name, value in fields.items() if value not in (None, "")))


def money(amount: Any, currency: str | None) -> str:
    """Return an amount of minor units for display; as the API sent it unless it is whole and its currency known."""
    from .. import LomiValidationError, Money

    try:
        return str(Money(amount, currency or ""))
    except LomiValidationError:
        return " ".join(str(part) for part in (amount, currency) if part is not None)


def timestamp(moment: datetime | None) -> str:
    """Return a moment to the minute, in UTC."""
    return "" if moment is None else f"{moment.astimezone(timezone.utc):%Y-%m-%d %H:%M} UTC"


def _cell(value: object) -> str:
    if value is None:
        return ""
    return printable(as_json(value) if isinstance(value, (bool, dict, list)) else str(value))
