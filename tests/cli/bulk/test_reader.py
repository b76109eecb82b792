import io

import pytest

from lomi.cli.bulk.reader import read
from lomi.cli.errors import CommandError


def rows(text, format="csv"):
    return list(read(io.StringIO(text, newline=""), format))


def only(text, format="csv"):
    [row] = rows(text, format)
    return row


def test_csv_columns():
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
def test_the_delimiter_is_that_of_the_first_line(delimiter):
    row = only(delimiter.join(["name", '"city"', "email"]) + "\n" + delimiter.join(["Awa", "Thiès", "awa@example.com"]))
    assert row.fields == {"name": "Awa", "city": "Thiès", "email": "awa@example.com"}


@pytest.mark.parametrize(("word", "value"), [("TRUE", True), (" no ", False), ("0", False), ("Vrai", True)])
def test_booleans(word, value):
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
def test_problems_of_a_csv_row(text, line, field, problem):
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
def test_problems_of_a_csv_file(text, said):
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


def test_what_a_listing_prints_can_be_imported():
    row = only(
        '{"customer_id": "3f1c2d4e-8a7b-4c6d-9e0f-1a2b3c4d5e6f", "name": "Awa", "environment": "test"}\n', "jsonl"
    )
    assert row.fields == {"name": "Awa"}


def test_the_repr_of_a_row_shows_no_fields():
    assert "Awa" not in repr(only("name\nAwa\n"))
