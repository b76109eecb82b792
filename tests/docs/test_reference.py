"""Everything that is exported is in the reference, once."""

import importlib
import re
from collections import Counter
from pathlib import Path

import pytest

import lomi

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"
TEXT = "\n".join(page.read_text("utf-8") for page in sorted(REFERENCE.glob("*.md")))
SHOWN = Counter(re.findall(r"^::: (\S+)$", TEXT, re.MULTILINE))


@pytest.mark.parametrize("module", ["lomi", "lomi.sandbox", "lomi.testing", "lomi.webhooks"])
def test_exported_names_are_shown(module: str) -> None:
    exported = {name for name in importlib.import_module(module).__all__ if not name.startswith("__")}
    if module == "lomi":
        exported -= set(lomi.errors.__all__)  # all of that module is shown
    named = {name for name in exported if f"{module}.{name}" in SHOWN or f"`{name}`" in TEXT}
    assert exported - named == set()


# For those who work on the package.
OURS = {"bench", "browser", "dev", "docs", "examples", "test"}


@pytest.mark.parametrize("page", ["index.md", "fr/index.md"])
def test_extras_are_named_where_people_start(page: str) -> None:
    pyproject = (REFERENCE.parents[1] / "pyproject.toml").read_text("utf-8")
    table = pyproject.partition("[project.optional-dependencies]")[2].partition("\n[")[0]
    text = (REFERENCE.parent / page).read_text("utf-8").partition("{#extras}" if "/" in page else "## Extras")[2]
    named = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    assert set(named) == set(re.findall(r"^(\w+) = ", table, re.MULTILINE)) - OURS


def test_nothing_is_shown_twice() -> None:
    assert [name for name, times in SHOWN.items() if times > 1] == []
