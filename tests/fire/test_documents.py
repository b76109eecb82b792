"""What the documentation says of the tests: every one that it names is there, and every promise has its line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from . import __main__  # noqa: F401  # enters the experiments
from .figures import EXPERIMENTS

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", ["docs/security.md", "docs/reliability.md"])
def test_every_test_that_is_named_is_there(name: str):
    text = (ROOT / name).read_text("utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", text)
    for path, function in named:
        source = (ROOT / path).read_text("utf-8")
        assert not function or f"def {function}(" in source, f"{path}::{function}"
    cells = {cell for line in text.splitlines() if line.startswith("| ") for cell in re.findall(r"`([a-z]+)`", line)}
    assert len(named) > 1
    assert cells & EXPERIMENTS.keys()


def test_every_experiment_has_its_lines_on_the_page():
    page = (ROOT / "docs" / "reliability.md").read_text("utf-8")
    assert [name for name in EXPERIMENTS if f"| `{name}` |" not in page] == []


def test_no_line_on_the_page_was_missed_when_it_was_measured():
    page = (ROOT / "docs" / "reliability.md").read_text("utf-8")
    lines = [line for line in page.splitlines() if line.startswith("| `")]
    assert len(lines) > 40
    assert [line for line in lines if not line.endswith("| yes |")] == []
