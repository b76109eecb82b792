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


@pytest.mark.parametrize("module", ["lomi", "lomi.sandbox", "lomi.testing", "lomi.aiohttp", "lomi.protocols"])
def test_exported_names_are_shown(module: str) -> None:
    exported = {name for name in importlib.import_module(module).__all__ if not name.startswith("__")}
    if module == "lomi":
        exported -= set(lomi.errors.__all__)  # all of that module is shown
    named = {name for name in exported if f"{module}.{name}" in SHOWN or f"`{name}`" in TEXT}
    assert exported - named == set()


def test_nothing_is_shown_twice() -> None:
    assert [name for name, times in SHOWN.items() if times > 1] == []
