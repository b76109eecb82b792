"""What the page about the command line shows is what there is."""

import re
import shlex
from pathlib import Path

import pytest

from lomi.cli._errors import Code

PAGE = (Path(__file__).parents[2] / "docs" / "command-line.md").read_text("utf-8")
SHOWN = re.findall(r"^python -m lomi (.*--sandbox.*)$", PAGE, re.MULTILINE)


@pytest.mark.parametrize("command", SHOWN)
def test_a_command_of_the_page_runs(run, tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    Path("person.json").write_text('{"name": "Awa"}', "utf-8")
    if "import" in command:
        Path("people.csv").write_text("name\nAwa\n", "utf-8")
    assert run(*shlex.split(command))


def test_the_page_shows_every_command(run):
    for group in ("customers", "merchants"):
        for name in run("complete", "--", group, "").split():
            assert f"python -m lomi {group} {name} " in PAGE
    for name in run("complete", "--", "").split():
        assert f"python -m lomi {name}" in PAGE


def test_every_exit_code_is_on_the_page():
    assert re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE) == [str(int(code)) for code in Code]
