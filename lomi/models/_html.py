"""Answers as an HTML table, for notebooks; what may be about a person is masked unless it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._base import LomiModel

__all__ = ["card", "table"]

_MASKED = "•••"


def card(model: LomiModel, *, personal: bool) -> str:
    """Return one answer as a table: a row a field that has a value."""
    shown = _shown(model, personal=personal)
    rows = "".join(f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>" for name, text in shown.items())
    return f"<table><caption>{type(model).__name__}</caption><tbody>{rows}</tbody></table>"


def table(models: Sequence[LomiModel], caption: str, *, personal: bool) -> str:
    """Return answers of one kind as a table: a row an answer, a column a field that any of them has a value for."""
    shown = [_shown(model, personal=personal) for model in models]
    columns = list(dict.fromkeys(name for each in shown for name in each))
    head = "".join(f"<th>{escape(name)}</th>" for name in columns)
    cells = ("".join(f"<td>{escape(each.get(name, ''))}</td>" for name in columns) for each in shown)
    rows = "".join(f"<tr>{row}</tr>" for row in cells)
    return f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _shown(model: LomiModel, *, personal: bool) -> dict[str, str]:
    """Return the fields that have a value, as text. A field that is not known to be harmless counts as personal."""
    harmless = {*model.shown_in_repr, *model.shown_in_tables} - (model.model_extra or {}).keys()
    hidden = {name for name, info in type(model).model_fields.items() if info.exclude}
    return {
        name: str(value) if name in harmless or (personal and name not in model.always_masked) else _MASKED
        for name, value in model
        if value is not None and name not in hidden
    }
