import csv
import io
import json
import re
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from lomi.cli.bulk.files import COLUMNS, Writer, format_of
from lomi.cli.bulk.reader import read
from lomi.cli.bulk.spreadsheet import escape, unescape
from lomi.cli.errors import CommandError

PERSON = {
    "name": "Awa Ndiaye",
    "email": "awa@example.com",
    "phone_number": "+221 77 123 45 67",
    "is_business": False,
    "metadata": {"plan": "=gold", "n": 1},
}


def rows(text, format="csv"):
    return list(read(io.StringIO(text, newline=""), format))


def only(text, format="csv"):
    [row] = rows(text, format)
    return row


def test_a_csv_file_of_all_kinds_of_columns():
    text = (
        "name,email,is_business,metadata,metadata.plan,created_at\r\n"
        '"Ba, Amadou",amadou@example.com,oui,"{""vip"": true}",gold,2024-01-01\r\n'
        "\r\n"
        "Awa,,,,,\r\n"
    )
    first, second = rows(text)
    assert (first.line, second.line) == (2, 4)
    assert first.fields == {
        "name": "Ba, Amadou",
        "email": "amadou@example.com",
        "is_business": True,
        "metadata": {"vip": True, "plan": "gold"},
    }
    assert second.fields == {"name": "Awa"}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_the_one_that_the_first_line_uses(delimiter):
    row = only(delimiter.join(["name", '"city"', "email"]) + "\n" + delimiter.join(["Awa", "Thiès", "awa@example.com"]))
    assert row.fields == {"name": "Awa", "city": "Thiès", "email": "awa@example.com"}


@pytest.mark.parametrize(("word", "value"), [("TRUE", True), (" no ", False), ("0", False), ("Vrai", True)])
def test_words_for_yes_and_no(word, value):
    assert only(f"name,is_business\nAwa,{word}\n").fields["is_business"] is value


@pytest.mark.parametrize(
    ("text", "line", "field", "problem"),
    [
        ("name,email\nAwa,nobody\n", 2, "email", "cannot be an e-mail address"),
        ('name,city\nAwa,"Thi\nès"\n ,x\n', 4, "name", "is blank"),
        ("name,is_business\nAwa,perhaps\n", 2, "is_business", "is neither true nor false"),
        ("name,metadata\nAwa,{vip}\n", 2, "metadata", "is not JSON"),
        ("name,metadata,metadata.a\nAwa,[1],2\n", 2, "metadata", "is not a mapping but list"),
        (f"name,metadata\nAwa,{'[' * 100_000}\n", 2, "metadata", "is not JSON"),
        ("name,city\nAwa,Thiès,Dakar\n", 2, "", "has 3 cells, but the first line has 2"),
        ("city,name\nThiès\n", 2, "name", "is required"),
    ],
)
def test_what_is_wrong_with_a_row_of_csv(text, line, field, problem):
    row = rows(text)[-1]
    [found] = row.problems
    assert (row.line, found.field, found.problem) == (line, field, problem)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", 'there is no column "name" in the first line'),
        ("name,emial\n", 'unknown column "emial" in the first line; did you mean "email"?'),
        ("name,zzz\n", "use name, email, phone_number"),
        ("name,name\n", 'the column "name" appears twice in the first line'),
        ("email\n", 'there is no column "name"'),
        ('name,city\nAwa,"Thiès\n', "is not CSV: unexpected end of data; look for a quotation mark"),
    ],
)
def test_what_is_wrong_with_a_whole_file_of_csv(text, said):
    with pytest.raises(CommandError) as refusal:
        rows(text)
    assert said in str(refusal.value)


def test_json_lines():
    first, second, third, fourth, fifth = rows(
        '{"name": "Awa", "id": "cus_1", "email": null}\n\n[1]\nnonsense\n{"name": "x", "emial": 1}\n{"name": 5}\n',
        "jsonl",
    )
    assert (first.line, first.fields) == (1, {"name": "Awa"})
    assert (second.line, second.problems[0].problem) == (3, "is not a JSON object")
    assert (third.line, third.problems[0].problem) == (4, "is not JSON")
    assert (fourth.line, fourth.problems[0].hint) == (5, 'did you mean "email"?')
    assert (fifth.line, fifth.problems[0].problem) == (6, "is not a string but int")


def test_a_row_prints_nobody():
    assert "Awa" not in repr(only("name\nAwa\n"))


@pytest.mark.parametrize(
    ("name", "asked", "found"),
    [("a.csv", None, "csv"), ("a.JSONL", None, "jsonl"), ("a.ndjson", None, "jsonl"), ("a.csv", "jsonl", "jsonl")],
)
def test_the_format_is_what_was_asked_or_what_the_name_says(name, asked, found):
    assert format_of(Path(name), asked) == found


def test_a_name_that_does_not_say_the_format():
    with pytest.raises(CommandError, match="add --format csv"):
        format_of(Path("a.xlsx"), None)


@pytest.mark.parametrize("text", ["=1+1", "+1+1", "-1", "@SUM(A1)", "\t1", "'=1", "''@x", "+221 77 x", "＝1"])
def test_what_a_spreadsheet_would_calculate_is_quoted(text):
    assert escape(text) == f"'{text}"


def test_what_a_spreadsheet_would_take_for_another_cell_is_quoted_there():
    assert escape("Awa;=cmd|'/c calc'!A0;") == "Awa;'=cmd|'/c calc'!A0;"
    assert escape("Rue 10\n-1") == "Rue 10\n'-1"
    assert escape("\r=1") == "'\r'=1"
    assert escape("1;2; -3") == "1;2; -3"


@pytest.mark.parametrize("text", ["", "Awa", "+221 77 123 45 67", "+221771234567", "'Awa", "N'Guessan", "{}", "1-2"])
def test_what_a_spreadsheet_would_not_calculate_is_left_alone(text):
    assert escape(text) == text


@given(st.text() | st.text("'=+-@\t\r\n;＝ 0", max_size=8))
def test_a_guarded_cell_comes_back_as_it_was(text):
    assert unescape(escape(text)) == text
    # Wherever a spreadsheet divides the line, no part is a formula.
    for part in re.split("[;\t\r\n]", escape(text)) if not re.fullmatch(r"\+[0-9 ]+", text) else []:
        assert not part.startswith(("=", "+", "-", "@", "＝"))


@pytest.mark.parametrize("format", ["csv", "jsonl"])
def test_what_is_written_is_read_back(format):
    customer = {"id": "cus_1", **PERSON, "city": None, "address": "=HYPERLINK(1)", "created_at": "2024-01-01T00:00:00Z"}
    target = io.StringIO(newline="")
    table = Writer(target, format)
    table.header()
    table.row(customer)
    assert only(target.getvalue(), format).fields == {**PERSON, "address": "=HYPERLINK(1)"}
    if format == "csv":
        header, cells = csv.reader(io.StringIO(target.getvalue()))
        assert tuple(header) == COLUMNS
        assert cells[header.index("address")] == "'=HYPERLINK(1)"
        assert cells[header.index("phone_number")] == "+221 77 123 45 67"
    else:
        assert json.loads(target.getvalue()) == customer
