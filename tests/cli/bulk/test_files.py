import csv
import io
import json
from pathlib import Path

import pytest

from lomi.cli.bulk.files import COLUMNS, Writer, format_of
from lomi.cli.bulk.reader import read
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


@pytest.mark.parametrize(
    ("name", "asked", "found"),
    [("a.csv", None, "csv"), ("a.JSONL", None, "jsonl"), ("a.ndjson", None, "jsonl"), ("a.csv", "jsonl", "jsonl")],
)
def test_the_format_is_the_option_or_the_extension(name, asked, found):
    assert format_of(Path(name), asked) == found


def test_an_unknown_extension():
    with pytest.raises(CommandError, match="add --format csv"):
        format_of(Path("a.xlsx"), None)


@pytest.mark.parametrize("format", ["csv", "jsonl"])
def test_a_written_file_can_be_read(format):
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
