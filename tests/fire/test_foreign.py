"""The table of the programs of others, how their figures are judged, and which differences count as explained."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from . import contract
from .contract import EXPLAINED, Difference, published, table, unexplained
from .foreign import __main__ as foreign
from .foreign.programs import Needs
from .foreign.traffic import Row, judge

PAGES = [Path(__file__).parents[2] / "docs" / folder / "reliability.md" for folder in (".", "fr")]
MISSING = Needs("there-is-no-such-program", packages=("json", "there_is_no_such_package"))


@pytest.mark.parametrize("name", foreign.PROGRAMS)
def test_every_program_says_what_it_needs_and_has_its_line_on_the_pages(name: str):
    needs, run = foreign.PROGRAMS[name]
    assert callable(run)
    assert needs.program or needs.packages
    assert all(f"| `{name}` |" in page.read_text("utf-8") for page in PAGES)


def test_no_line_on_a_page_is_of_a_program_that_is_not_run():
    for page in PAGES:
        section = page.read_text("utf-8").partition("{#foreign}")[2].partition("\n## ")[0]
        assert set(re.findall(r"^\| `([\w-]+)` \|", section, re.MULTILINE)) == set(foreign.PROGRAMS)


def test_what_is_not_installed_is_skipped_and_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr(foreign, "PROGRAMS", {"one": (MISSING, None)})
    monkeypatch.setattr("sys.argv", ["foreign", "one"])
    assert foreign.main() == 0
    assert "one: skipped, not installed: there_is_no_such_package, there-is-no-such-program" in capsys.readouterr().err


def test_no_other_name_is_taken(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr("sys.argv", ["foreign", "apache"])
    with pytest.raises(SystemExit):
        foreign.main()
    assert "no such program: apache" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("rows", "stored", "kept"),
    [
        ([("a-0", "ok"), ("a-1", "ok"), ("a-2", "ok"), ("a-3", "unknown"), ("a-5", "ok")], ["a-1", "a-2", "a-5"], True),
        ([("a-0", "unknown"), ("a-1", "ok"), ("a-2", "unknown"), ("a-3", "ok")], ["a-1", "a-2", "a-3"], True),
        ([("a-1", "ok")], ["a-1", "a-1"], False),  # a duplicate
        ([("a-1", "ok"), ("a-2", "ok")], ["a-1"], False),  # lost
        ([("a-1", "ok"), ("a-2", "ok"), ("a-3", "not_sent")], ["a-1", "a-2", "a-3"], False),  # misreported
        ([("a-1", "ok"), ("a-2", "ok"), ("a-3", "rejected")], ["a-1", "a-2", "a-3"], False),
        ([("a-0", "raw OSError: gone"), ("a-1", "ok")], ["a-1"], False),
        ([("a-0", "wrong"), ("a-1", "ok")], ["a-1"], False),
        ([("a-1", "ok")], ["a-1", "b-1"], False),  # of nobody
        ([("a-1", "unknown"), ("a-2", "unknown"), ("a-3", "ok")], ["a-3"], False),  # too few to say anything
    ],
)
def test_judgement(rows: list[tuple[str, str]], stored: list[str], kept: bool):
    assert judge("calls", len(rows), [Row(*row) for row in rows], Counter(stored), 0).kept is kept


def test_a_call_without_an_end_is_missed():
    figure = judge("calls", 2, [Row("a-1", "ok")], Counter(["a-1"]), 1)
    assert not figure.kept
    assert "1 calls have no end" in figure.measured


def test_every_explanation_is_found_on_the_page():
    english = (PAGES[0].parent / "sandbox.md").read_text("utf-8")
    assert [each.why for each in EXPLAINED if f"| {each.why} |" not in english] == []


def test_difference_that_is_explained_and_one_that_is_not():
    known, unknown = Difference("me.get", "request: Selected route not found"), Difference("me.get", "a surprise")
    seen: list[set[Difference]] = [set(), {known, unknown}]
    assert list(table(seen)) == ["| The description does not list the operation. The server has it. | 0 | 1 |"]
    assert unexplained(seen) == [unknown]


def test_parameters_that_the_description_forgets(tmp_path: Path):
    account = {"name": "Lomi-Account", "in": "header"}
    paths = {"/a/{id}/{other}": {"get": {"parameters": [account, {"name": "id", "in": "path"}]}, "patch": {}}}
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps({"paths": paths}))
    operations = published(path)["paths"]["/a/{id}/{other}"]
    assert [each["name"] for each in operations["get"]["parameters"]] == ["id", "other"]
    assert [each["name"] for each in operations["patch"]["parameters"]] == ["id", "other"]


def test_contract_without_programs_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    path = tmp_path / "openapi.json"
    path.write_text('{"paths": {}}')
    monkeypatch.setattr("sys.argv", ["contract", str(path), "--schemathesis", "no-such-1", "--prism", "no-such-2"])
    assert contract.main() == 0
    assert capsys.readouterr().err.count("skipped, it is not installed") == 2
