"""The table of errors says of every class what the class says of itself."""

import re
from pathlib import Path

import pytest

import lomi
from lomi import LomiAPIError, LomiError
from lomi.errors import BY_CODE, BY_STATUS

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = [page for page in (DOCS / "errors.md", DOCS / "fr" / "errors.md") if page.exists()]
CLASSES = {
    name: each for name in lomi.__all__ if isinstance(each := getattr(lomi, name), type) and issubclass(each, LomiError)
}


def rows(page: Path) -> dict[str, str]:
    """Class name → status and code, as the page has them."""
    line = re.compile(r"^\| ([^|]+) \| `(\w+)` \| [^|]+ \| [^|]+ \|$", re.MULTILINE)
    return {name: answer for answer, name in line.findall(page.read_text())}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_every_error_has_a_row(page: Path) -> None:
    assert set(rows(page)) == set(CLASSES) - {"LomiError"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
@pytest.mark.parametrize("name", [name for name, each in CLASSES.items() if issubclass(each, LomiAPIError)])
def test_status_and_code_are_those_of_the_class(page: Path, name: str) -> None:
    each = CLASSES[name]
    codes = [code for code, found in BY_CODE.items() if found is each]
    statuses = [status for status, found in BY_STATUS.items() if found is each]
    if not codes:  # known by its operation and its message, or by nothing
        assert (statuses, codes) == ([], [])
        return
    status = f"{statuses[0]} " if len(statuses) == 1 else "5xx " if statuses else ""
    assert rows(page)[name] == f"{status}`{codes[0]}`"
