"""The page about the command line shows commands that work, and all of them."""

import re
import shlex
from pathlib import Path

import pytest
import typer

from lomi.cli.app import app
from lomi.cli.errors import Code

PAGE = (Path(__file__).parents[2] / "docs" / "command-line.md").read_text("utf-8")
SHOWN = re.findall(r"^lomi-py (.*--sandbox.*)$", PAGE, re.MULTILINE)


@pytest.mark.parametrize("command", SHOWN)
def test_a_command_of_the_page_runs(run, tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    Path("person.json").write_text('{"name": "Awa"}', "utf-8")
    if "import" in command:
        Path("people.csv").write_text("name\nAwa\n", "utf-8")
    assert run(*shlex.split(command))


def test_the_page_shows_every_command():
    for name, command in typer.main.get_command(app).commands.items():
        for inner in getattr(command, "commands", {"": None}):
            assert f"lomi-py {name} {inner}".strip() in PAGE


def test_every_exit_code_is_on_the_page():
    assert re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE) == [str(int(code)) for code in Code]
