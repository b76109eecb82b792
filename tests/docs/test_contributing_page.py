"""The page that draws the house draws all of it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "docs" / "contributing.md", ROOT / "docs" / "fr" / "contributing.md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name)
def test_the_house_is_drawn_whole(page: Path) -> None:
    [house] = re.findall(r"^```text\nlomi/\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    drawn = {"outside": set(), "inside": set()}
    for line in house.splitlines():
        where = "inside" if line.startswith("│") else "outside"
        drawn[where] |= set(re.findall(r"(?<![/\w])\w+\.py\b|(?<=── )\w+(?=/)", line))
    for where, folder in (("outside", ROOT / "lomi"), ("inside", ROOT / "lomi" / "_async")):
        there = {path.name for path in folder.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
        assert drawn[where] - {"__init__.py"} == there - {"__init__.py", "__main__.py", "_version.py"}
