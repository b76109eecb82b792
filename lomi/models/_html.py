"""HTML tables of responses, for notebooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

__all__ = ["card", "table"]


def card(title: str, fields: Mapping[str, str]) -> str:
    """Return one response as a table: a row for each field."""
    rows = "".join(f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>" for name, text in fields.items())
    return f"<table><caption>{escape(title)}</caption><tbody>{rows}</tbody></table>"


def table(rows: Sequence[Mapping[str, str]], caption: str) -> str:
    """Return several responses as a table: a row for each, and a column for each field that any of them has."""
    columns = list(dict.fromkeys(name for each in rows for name in each))
    head = "".join(f"<th>{escape(name)}</th>" for name in columns)
    cells = ("".join(f"<td>{escape(each.get(name, ''))}</td>" for name in columns) for each in rows)
    body = "".join(f"<tr>{row}</tr>" for row in cells)
    return f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
