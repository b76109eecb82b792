"""The French table of the benchmarks holds what the English one holds, and no row of it is left in English."""

import re
from pathlib import Path

import pytest

from benchmarks import french
from benchmarks.report import GROWTH, ROWS

RESULTS = Path(__file__).resolve().parents[2] / "benchmarks" / "RESULTS.md"


def section(name: str) -> list[str]:
    """The lines that a page shows by this name."""
    found = re.search(rf"\[start:{name}\] -->\n\n(.*?)\n\n<!-- --8<-- \[end:{name}\]", RESULTS.read_text(), re.DOTALL)
    assert found is not None
    return found[1].splitlines()


def test_both_tables_are_in_step() -> None:
    for name in ("table", "growth"):
        assert section(f"{name}-fr") == french.table(section(name))


def test_every_row_has_a_french_name_and_no_name_is_left_over() -> None:
    known = {line.split("|")[1].strip() for line in section("table") if not line.startswith("| ---")}
    assert known | {row.what for row in ROWS} | {what for what, _ in GROWTH} == set(french.NAMES)


@pytest.mark.parametrize(
    ("english", "french_line"),
    [
        ("| … async | 392 ms | 2.27 s | 5.80 | 1 % | ≥ 5.00 | yes |", "| … asynchrone | 392 ms | 2,27 s | 5,80 | 1 % | ≥ 5,00 | oui |"),
        ("| … async | 1 | 19.1 ms (by hand) | | | ≤ 30 KiB | **no** |", "| … asynchrone | 1 | 19,1 ms (à la main) | | | ≤ 30 Kio | **non** |"),
        ("| … against lomi 1.1.0 | 1 MiB |", "| … face à lomi 1.1.0 | 1 Mio |"),
        ("| something new | 1.5 s |", "| something new | 1,5 s |"),
        ("| --- | ---: |", "| --- | ---: |"),
    ],
)  # fmt: skip
def test_line_in_french(english: str, french_line: str) -> None:
    assert french.table([english]) == [french_line]
