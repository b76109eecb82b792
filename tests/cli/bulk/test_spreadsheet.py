import re

import pytest
from hypothesis import given, strategies as st

from lomi.cli.bulk.spreadsheet import escape, unescape


@pytest.mark.parametrize("text", ["=1+1", "+1+1", "-1", "@SUM(A1)", "\t1", "'=1", "''@x", "+221 77 x", "＝1"])
def test_formulas_are_escaped(text):
    assert escape(text) == f"'{text}"


def test_formulas_inside_a_cell_are_escaped():
    assert escape("Awa;=cmd|'/c calc'!A0;") == "Awa;'=cmd|'/c calc'!A0;"
    assert escape("Rue 10\n-1") == "Rue 10\n'-1"
    assert escape("\r=1") == "'\r'=1"
    assert escape("1;2; -3") == "1;2; -3"


@pytest.mark.parametrize("text", ["", "Awa", "+221 77 123 45 67", "+221771234567", "'Awa", "N'Guessan", "{}", "1-2"])
def test_other_text_is_left_unchanged(text):
    assert escape(text) == text


@given(st.text() | st.text("'=+-@\t\r\n;＝ 0", max_size=8))
def test_unescape_restores_the_text(text):
    assert unescape(escape(text)) == text
    # Wherever a spreadsheet divides the line, no part is a formula.
    for part in re.split("[;\t\r\n]", escape(text)) if not re.fullmatch(r"\+[0-9 ]+", text) else []:
        assert not part.startswith(("=", "+", "-", "@", "＝"))
