"""Every method that the page of migration names is one of the client's, and both languages name the same."""

import re
from pathlib import Path

from lomi.sandbox import Sandbox

DOCS = Path(__file__).resolve().parents[2] / "docs"
# What the pages call a value, not a resource of the client.
VALUES = {"customer", "error", "result"}


def tables(page: Path) -> list[list[str]]:
    """The cells of every row whose first one names a method."""
    rows = [line.strip("| ").split(" |") for line in page.read_text("utf-8").splitlines() if line.startswith("| `")]
    return [re.findall(r"`([a-z_]+\.[a-z_]+)`", " ".join(cells[1:])) for cells in rows]


def test_methods_exist() -> None:
    named = {name for row in tables(DOCS / "migration.md") for name in row if name.split(".")[0] not in VALUES}
    assert len(named) >= 60
    with Sandbox() as sandbox, sandbox.client() as client:
        resources = {name: getattr(client, name.split(".")[0], None) for name in named}
        missing = {name for name, each in resources.items() if not callable(getattr(each, name.split(".")[1], None))}
    assert missing == set()


def test_both_languages_have_the_same_rows() -> None:
    assert tables(DOCS / "migration.md") == tables(DOCS / "fr" / "migration.md")
