"""The report of the benchmarks: its rows, and its tables in French, which hold what the English ones hold."""

import re
from functools import cached_property
from pathlib import Path

import pytest

import lomi
from benchmarks import french, peers, report
from benchmarks.report import GROWTH, ROWS
from benchmarks.run import Sample

RESULTS = Path(__file__).resolve().parents[2] / "benchmarks" / "RESULTS.md"


def section(name: str, text: str | None = None) -> list[str]:
    """The lines that a page shows by this name."""
    text = RESULTS.read_text() if text is None else text
    found = re.search(rf"\[start:{name}\] -->\n\n(.*?)\n\n<!-- --8<-- \[end:{name}\]", text, re.DOTALL)
    assert found is not None
    return found[1].splitlines()


def test_both_tables_are_in_step() -> None:
    for name in ("table", "growth", "faster"):
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


def written(found: report.Found) -> str:
    return report.write(found, {"client": None, "walk": None}, {}, {})


def test_growth_has_a_row_for_each_size_with_the_cost_of_one_unit() -> None:
    found: report.Found = {}
    for _, sizes in GROWTH:
        for scenario, peer, share in sizes.values():
            found.setdefault(scenario, {})[peer] = [Sample(9.0, cpu * share) for cpu in (1e-6, 2e-6, 9e-6)]
    rows = [f"| {what} | {size:,} | 2.0 |" for what, sizes in GROWTH for size in sizes]
    assert section("growth", written(found)) == ["| what | at | µs |", "| --- | ---: | ---: |", *rows]


@pytest.mark.parametrize(
    ("scenario", "least", "most", "kept", "broken"),
    [
        ("open", "async_open_1", "async_open_500", 1.0, 1.2),
        ("page size", "sync_page_50", "sync_page_100", 1.3, 2.0),
        ("used", "sync_used_2", "sync_used_all", 1.0, 1.2),
        ("client used", "sync_client_used_2", "sync_client_used_all", 1.0, 1.2),
    ],
)
def test_cost_that_grows_faster_than_the_work_is_marked(
    scenario: str, least: str, most: str, kept: float, broken: float
) -> None:
    for ratio, verdict in ((kept, "yes"), (broken, "**no**")):
        text = written({scenario: {least: [Sample(1, 1e-4)], most: [Sample(1, ratio * 1e-4)]}})
        line = section("table", text)[2]
        assert line.endswith(f"| {verdict} |"), line


def test_peers_that_are_measured_exist() -> None:
    compared = {peer for row in ROWS for peer in (row.ours, row.theirs) if row.scenario != "import"}
    grown = {peer for _, sizes in GROWTH for _, peer, _ in sizes.values()}
    # "async_lomi 50" is a peer with so many calls in flight.
    assert {peer for peer in compared | grown if not callable(getattr(peers, peer.split()[0], None))} == set()


def test_all_resources_are_used_where_all_are_said_to_be() -> None:
    names = {name for name, value in vars(lomi.LomiClient).items() if isinstance(value, cached_property)}
    assert set(peers.RESOURCES) == names


def test_libraries_by_hand_have_their_share_of_our_time_where_both_were_measured() -> None:
    ours, theirs = [Sample(9.0, 4e-4)] * 3, [Sample(1.0, 1e-4), Sample(1.0, 2e-4), Sample(1.0, 9e-4)]
    found: report.Found = {
        "sync": {"sync_lomi": ours, "sync_pyreqwest": theirs, "sync_http_client": theirs},
        "async": {"async_lomi": ours, "async_pyreqwest": theirs, "async_aiohttp": ours},
        "async 50 by hand": {"async_lomi": ours, "async_aiohttp": theirs},
    }
    assert section("faster", written(found))[2:] == [
        "| pyreqwest | 0.50 | 0.50 |  |",
        "| aiohttp |  | 1.00 | 0.50 |",
        "| http.client | 0.50 |  |  |",
    ]
