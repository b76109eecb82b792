"""CSV cells in which no spreadsheet finds a formula."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["escape", "unescape"]

# Spreadsheets of French-speaking countries end a cell at a semicolon, quoted or not, so a formula may start there too.
_START: Final = r"(?:\A|(?<=[;\t\r\n]))"
_FORMULA: Final = re.compile(_START + r"(?='*[=+\-@\t\r\n＝＋－＠])")
_ESCAPED: Final = re.compile(_START + r"'(?='*[=+\-@\t\r\n＝＋－＠])")
_PHONE: Final = re.compile(r"\+[0-9 ]+")


def escape(text: str) -> str:
    """Return a cell with an apostrophe in front of what a spreadsheet would take for a formula.

    Phone numbers stay as they are: every spreadsheet takes a plus sign and digits for a number.
    """
    return text if _PHONE.fullmatch(text) else _FORMULA.sub("'", text)


def unescape(cell: str) -> str:
    """Return the text that `escape` made a cell of."""
    return _ESCAPED.sub("", cell)
