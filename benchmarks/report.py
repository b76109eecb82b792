"""The table of ratios, and the plots."""

from __future__ import annotations

import platform
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib import import_module, metadata
from pathlib import Path
from typing import Any, Literal

from benchmarks import french, peers
from benchmarks.run import ROOT, Figure, Sample

Found = dict[str, dict[str, list[Sample]]]
NAMES = {
    "lomi": "lomi",
    "lomi_aiohttp": "lomi, httpx-aiohttp",
    "lomi_pyreqwest": "lomi, pyreqwest",
    "httpx": "httpx + model",
    "httpx2": "httpx2 + model",
    "httpcore": "httpcore + model",
    "aiohttp": "aiohttp + model",
    "requests": "requests + model",
    "niquests": "niquests + model",
    "http_client": "http.client + model",
    "pyreqwest": "pyreqwest + model",
    "lomi_uvloop": "lomi, uvloop",
    "httpx_uvloop": "httpx + model, uvloop",
    "post_lomi": "lomi",
    "post_httpx": "httpx + model",
    "post_http_client": "http.client + model",
    "lomi_1": "lomi 1.1.0",
    "lomi_sdk": "lomi-sdk 1.3.0",
    "modern_treasury": "modern-treasury",
    "openai": "openai",
    "stripe": "stripe",
    "stripe_aiohttp": "stripe, aiohttp",
}
PACKAGES = (
    "lomi", "httpx", "httpcore", "pydantic", "httpx2", "aiohttp", "httpx-aiohttp", "pyreqwest", "requests",
    "modern-treasury", "openai", "stripe", "uvloop",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One comparison and what it should come to."""

    what: str
    scenario: str
    ours: str
    theirs: str
    target: float
    kind: Literal["cost", "speed"] = "cost"
    """``cost``: ours by theirs, to be small. ``speed``: theirs by ours, to be large."""
    by: Literal["cpu", "wall"] = "cpu"


ROWS = (
    Row("sync get + model against `httpx.Client.get` + model", "sync", "sync_lomi", "sync_httpx", 0.70),
    Row("… against lomi 1.1.0", "sync", "sync_lomi", "sync_lomi_1", 1.0),
    Row("… against modern-treasury", "sync", "sync_lomi", "sync_modern_treasury", 0.45),
    Row("… against stripe", "sync", "sync_lomi", "sync_stripe", 0.35),
    Row("a create against `httpx.Client.post` + model", "post", "sync_post_lomi", "sync_post_httpx", 0.75),
    Row("sync get at 20 ms latency, wall time against httpx", "far", "sync_lomi", "sync_httpx", 1.0, by="wall"),
    Row("… both over TLS, connection kept", "tls", "sync_lomi", "sync_httpx", 0.75),
    Row("… both over TLS, a handshake for each call", "tls fresh", "sync_lomi", "sync_httpx", 1.1),
    Row("… both on Python 3.13", "sync 3.13", "sync_lomi", "sync_httpx", 0.70),
    Row("async get + model against `httpx.AsyncClient.get` + model", "async bound", "async_lomi", "async_httpx", 0.50),
    Row("… against modern-treasury", "async", "async_lomi", "async_modern_treasury", 0.55),
    Row("… both on Python 3.13", "async 3.13", "async_lomi", "async_httpx", 0.50),
    Row("… both on uvloop", "async", "async_lomi_uvloop", "async_httpx_uvloop", 0.50),
    Row("50 in flight, throughput against `AsyncClient.get`", "50 bound", "async_lomi", "async_httpx", 5, "speed"),
    Row("… against stripe with aiohttp", "async 50", "async_lomi", "async_stripe_aiohttp", 1.0, "speed"),
    Row("… against `AsyncClient.get`, after 6 idle seconds", "idle 50", "async_lomi", "async_httpx", 4, "speed"),
    Row(
        "… against stripe with aiohttp, after 6 idle seconds",
        "idle 50",
        "async_lomi",
        "async_stripe_aiohttp",
        1.0,
        "speed",
    ),
    Row("200 in flight, throughput against that at 50", "wide", "async_lomi 200", "async_lomi 50", 0.9, "speed"),
    Row("500 in flight, throughput against that at 50", "wide", "async_lomi 500", "async_lomi 50", 0.9, "speed"),
    Row("500 connections open, a call against one with 1 open", "open", "async_open_500", "async_open_1", 1.1),
    Row("8 threads, throughput against `httpx.Client.get`", "threads", "sync_lomi", "sync_httpx", 1.25, "speed"),
    Row("a page of 100, against `response.json()` + validation", "page", "sync_page", "sync_page_by_hand", 0.60),
    # 2 would mean that a customer costs as much on the larger page.
    Row("a fetched page of 100, against one of 50", "page size", "sync_page_100", "sync_page_50", 1.6),
    Row("all resources used before, a call against one after 2", "used", "sync_used_all", "sync_used_2", 1.1),
    Row("… a further client", "client used", "sync_client_used_all", "sync_client_used_2", 1.1),
    Row("plain `import lomi` against httpx + pydantic + the same models", "import", "lomi", "by hand", 1.10),
    Row(
        "a new process to its first response, against httpx + the same model",
        "start",
        "sync_lomi",
        "sync_by_hand",
        1.10,
    ),
    Row("… against openai", "start", "sync_lomi", "sync_openai", 0.50),
    Row("… against stripe, which has no models", "start", "sync_lomi", "sync_stripe", 2.0),
    Row(
        "… without bytecode, against httpx + the same model",
        "start without bytecode",
        "sync_lomi",
        "sync_by_hand",
        1.25,
    ),
    Row(
        "10,000 customers at 20 ms latency, 8 in flight, against page by page",
        "ahead",
        "sync_walk_ahead",
        "sync_walk",
        5,
        "speed",
        "wall",
    ),
    Row("… async", "ahead", "async_walk_ahead", "async_walk", 5, "speed", "wall"),
    Row("walking 100,000 against asking for the same pages", "walk", "sync_walk", "sync_walk_by_hand", 1.15),
)


def write(
    found: Found, memory: Mapping[str, float | None], counts: Mapping[str, int | None], missing: Mapping[str, str]
) -> str:
    """Return the report as Markdown."""
    cores = f"{platform.python_implementation()} {platform.python_version()}, {platform.system()} {platform.machine()}"
    table = [
        "| what | ours | theirs | ratio | ± | target | met |",
        "| --- | ---: | ---: | ---: | ---: | ---: | :-: |",
        *(line for row in ROWS if (line := _line(row, found))),
        *_absolute(found, memory),
    ]
    lines = [
        "# Results",
        "",
        f"{datetime.now(timezone.utc):%Y-%m-%d}, {cores}, client on one core, server on another. "
        + ", ".join(f"{name} {version}" for name in PACKAGES if (version := _version(name)))
        + ". Written by `python -m benchmarks`.",
        "",
        "A ratio is the median over interleaved rounds of the ratios within a round, ± half of their middle half.",
        "Times are CPU time of a call: with calls in flight the client's core is never idle, so that throughput is its",
        "inverse. Only pages at 20 ms latency are wall time.",
        "",
        *_section("table", table),
        "## One call",
        "",
        "| client | CPU µs | wall µs | × ours |",
        "| --- | ---: | ---: | ---: |",
    ]
    for scenario, ours in (("sync", "sync_lomi"), ("async", "async_lomi"), ("post", "sync_post_lomi")):
        lines += _table(found.get(scenario, {}), ours)
    lines += ["", "## Throughput: calls a second of CPU time", ""]
    wide = {int(name.split()[1]): of for name, of in found.items() if name.startswith("async ") and name[6:].isdigit()}
    wide[1] = found.get("async", {})
    peers = [*wide.get(50, {})]
    lines += ["| in flight | " + " | ".join(_name(peer) for peer in peers) + " |", "| ---: |" + " ---: |" * len(peers)]
    for width in sorted(wide):
        rates = (f"{1 / _median(wide[width][peer], 'cpu'):,.0f}" if peer in wide[width] else "" for peer in peers)
        lines.append(f"| {width} | " + " | ".join(rates) + " |")
    growth = _growth(found)
    lines += ["", "## Cost as work grows", "", *_section("growth", growth)]
    faster = _faster(found)
    lines += ["", "## By hand, as a share of our CPU time of a call", "", *_section("faster", faster)]
    if counted := {peer: count for peer, count in counts.items() if count}:
        lines += ["", "## Instructions of one call, in user space, by callgrind", ""]
        lines += ["| client | instructions |", "| --- | ---: |"]
        lines += [f"| {_name(peer)}, {peer.split('_')[0]} | {count:,} |" for peer, count in counted.items()]
    if missing:
        lines += ["", "Not measured: " + "; ".join(f"{_name(peer)} ({why})" for peer, why in missing.items()) + "."]
    lines += ["", "## The first table in French", "", *_section("table-fr", french.table(table))]
    lines += ["## Cost as work grows, in French", "", *_section("growth-fr", french.table(growth))]
    lines += ["## By hand, in French", "", *_section("faster-fr", french.table(faster))]
    return "\n".join(lines).rstrip("\n") + "\n"


# What grows, the scenario and peer of each size, and by how many items a sample is divided.
GROWTH = (
    ("calls in flight, CPU of a call", {n: ("wide", f"async_lomi {n}", 1) for n in (50, 200, 500)}),
    ("threads, CPU of a call", {n: ("wide threads", f"sync_lomi {n}", 1) for n in (1, 8, 32)}),
    ("open connections, CPU of a call", {n: ("open", f"async_open_{n}", 1) for n in (1, 50, 500)}),
    ("page size, CPU of a customer", {n: ("page size", f"sync_page_{n}", n) for n in (10, 25, 50, 100)}),
    ("length of a walk, CPU of a customer", {n: (f"walk {n}", "sync_walk", n) for n in (1_000, 10_000)}),
    (
        "resources used before, CPU of a call",
        {2: ("used", "sync_used_2", 1), len(peers.RESOURCES): ("used", "sync_used_all", 1)},
    ),
    (
        "resources used before, CPU of a further client",
        {2: ("client used", "sync_client_used_2", 1), len(peers.RESOURCES): ("client used", "sync_client_used_all", 1)},
    ),
)


def _growth(found: Found) -> list[str]:
    """Return what a unit of work costs as there is more of it."""
    lines = ["| what | at | µs |", "| --- | ---: | ---: |"]
    for what, sizes in GROWTH:
        for size, (scenario, peer, share) in sizes.items():
            if samples := found.get(scenario, {}).get(peer):
                lines.append(f"| {what} | {size:,} | {_median(samples, 'cpu') / share * 1e6:.1f} |")
    return lines


def _faster(found: Found) -> list[str]:
    """Return what HTTP libraries by hand cost, as shares of what the package costs."""
    lines = ["| what | one call, blocking | one call, async | 50 calls in flight |", "| --- | ---: | ---: | ---: |"]
    for library in ("pyreqwest", "aiohttp", "http_client"):
        cells = []
        for scenario in ("sync", "async", "async 50 by hand"):
            flavour, samples = scenario.split()[0], found.get(scenario, {})
            ours, theirs = samples.get(f"{flavour}_lomi"), samples.get(f"{flavour}_{library}")
            cells.append(f"{_median(theirs, 'cpu') / _median(ours, 'cpu'):.2f}" if ours and theirs else "")
        lines.append(f"| {library.replace('_', '.')} | {' | '.join(cells)} |")
    return lines


def _section(name: str, lines: Sequence[str]) -> list[str]:
    """Return lines that a page can show by their section's name."""
    return [f"<!-- --8<-- [start:{name}] -->", "", *lines, "", f"<!-- --8<-- [end:{name}] -->", ""]


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return str(import_module("lomi").__version__) if package == "lomi" else None


def _name(peer: str) -> str:
    return NAMES.get(peer.split("_", 1)[1], peer) if "_" in peer else peer


def _median(samples: Sequence[Sample], by: str) -> float:
    return statistics.median([sample.cpu if by == "cpu" else sample.wall for sample in samples])


def _line(row: Row, found: Found) -> str | None:
    ours = found.get(row.scenario, {}).get(row.ours)
    theirs = found.get(row.scenario, {}).get(row.theirs)
    if not ours or not theirs:
        return None
    pairs = [(getattr(mine, row.by), getattr(other, row.by)) for mine, other in zip(ours, theirs, strict=False)]
    ratio = Figure.of([a / b if row.kind == "cost" else b / a for a, b in pairs])
    met = ratio.value <= row.target if row.kind == "cost" else ratio.value >= row.target
    sign = "≤" if row.kind == "cost" else "≥"
    return (
        f"| {row.what} | {_time(_median(ours, row.by))} | {_time(_median(theirs, row.by))} | {ratio.value:.2f} "
        f"| {ratio.spread * 100:.0f} % | {sign} {row.target:.2f} | {'yes' if met else '**no**'} |"
    )


def _absolute(found: Found, memory: Mapping[str, float | None]) -> list[str]:
    facts: list[tuple[str, float | None, float | None, str]] = [
        ("plain `import lomi`, CPU", _of(found, "import", "lomi", 1e3), 30, "ms"),
        ("`from lomi import LomiClient`, CPU", _of(found, "import", "client", 1e3), None, "ms"),
        ("a further client, CPU", _of(found, "client", "sync_client", 1e3), 0.3, "ms"),
        ("a further client, memory", (memory["client"] or 0) / 1024, 30, "KiB"),
        # A walk remembers every id, or it could not tell that an item comes twice: 130 bytes each.
        ("walking them, growth of memory", memory["walk"] and memory["walk"] / 1024 / 1024, 15, "MiB"),
    ]
    theirs = {
        "`from lomi import LomiClient`, CPU": f"{_of(found, 'import', 'by hand', 1e3) or 0:.0f} ms (by hand)",
        "a further client, CPU": f"{_of(found, 'client', 'sync_client_httpx', 1e3) or 0:.1f} ms (httpx)",
    }
    return [
        f"| {what} | {value:.2f} {unit} | {theirs.get(what, '')} | | | {_verdict(value, target, unit)} |"
        for what, value, target, unit in facts
        if value is not None
    ]


def _verdict(value: float, target: float | None, unit: str) -> str:
    return "|" if target is None else f"≤ {target} {unit} | {'yes' if value <= target else '**no**'}"


def _of(found: Found, scenario: str, peer: str, factor: float) -> float | None:
    samples = found.get(scenario, {}).get(peer)
    return _median(samples, "cpu") * factor if samples else None


def _time(seconds: float) -> str:
    return f"{seconds * 1e6:.0f} µs" if seconds < 0.01 else f"{seconds * 1e3:.0f} ms"


def _table(samples: Mapping[str, Sequence[Sample]], ours: str) -> list[str]:
    if ours not in samples:
        return []
    base = _median(samples[ours], "cpu")
    order = sorted(samples, key=lambda peer: _median(samples[peer], "cpu"))
    return [
        f"| {_name(peer)}, {peer.split('_')[0]} | {_median(samples[peer], 'cpu') * 1e6:.0f} "
        f"| {_median(samples[peer], 'wall') * 1e6:.0f} | {_median(samples[peer], 'cpu') / base:.2f} |"
        for peer in order
    ]


def save(text: str) -> None:
    """Keep the report."""
    (ROOT / "benchmarks" / "RESULTS.md").write_text(text, "utf-8")


def plot(found: Found, widths: Sequence[int]) -> None:
    """Draw what a call costs, and throughput against calls in flight, for both languages of the documentation."""
    matplotlib: Any = import_module("matplotlib")
    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.hashsalt": "lomi", "font.size": 10, "axes.spines.top": False})
    # Without a background they suit a light page, and inverted a dark one: docs/stylesheets/extra.css.
    matplotlib.rcParams.update({"axes.spines.right": False, "savefig.transparent": True})
    _draw(found, widths, ROOT / "docs" / "images", str)
    _draw(found, widths, ROOT / "docs" / "fr" / "images", french.label)


def _draw(found: Found, widths: Sequence[int], where: Path, say: Callable[[str], str]) -> None:
    """Draw into a directory, with labels as ``say`` puts them."""
    figure_of: Any = import_module("matplotlib.pyplot").subplots
    where.mkdir(exist_ok=True)

    figure, axes = figure_of(2, 1, figsize=(7.5, 6.8), layout="constrained", sharex=True)
    for ax, scenario in zip(axes, ("sync", "async"), strict=True):
        samples = found[scenario]
        order = sorted(samples, key=lambda peer: -_median(samples[peer], "cpu"))
        values = [_median(samples[peer], "cpu") * 1e6 for peer in order]
        colours = [
            "#0b7a4b" if _name(peer) in ("lomi", "lomi, httpx-aiohttp", "lomi, pyreqwest") else "#b9c2c9"
            for peer in order
        ]
        bars = ax.barh([say(_name(peer)) for peer in order], values, color=colours)
        ax.bar_label(bars, fmt="%.0f", padding=3)
        ax.set_title(say(f"{scenario}, one at a time"))
        ax.margins(x=0.1)
    axes[-1].set_xlabel(say("CPU time of a call, µs"))
    figure.savefig(where / "latency.svg", metadata={"Date": None})

    figure, ax = figure_of(figsize=(7.5, 4.5), layout="constrained")
    styles = {"async_lomi": "#0b7a4b", "async_lomi_aiohttp": "#35a37b", "async_lomi_pyreqwest": "#8fcfb4",
              "async_httpx": "#c2410c",
              "async_httpx2": "#d98943", "async_stripe_aiohttp": "#6366a8"}  # fmt: skip
    for peer, colour in styles.items():
        scenarios = ["async" if width == 1 else f"async {width}" for width in widths]
        known = [
            (w, _median(found[s][peer], "cpu")) for w, s in zip(widths, scenarios, strict=True) if peer in found[s]
        ]
        ax.plot([w for w, _ in known], [1 / cpu for _, cpu in known], "o-", color=colour, label=say(_name(peer)))
    ax.set(xscale="log", xlabel=say("calls in flight"), ylabel=say("calls a second of CPU time"), ylim=0)
    ax.set_xticks(list(widths), [str(width) for width in widths])
    ax.minorticks_off()
    ax.grid(axis="y", alpha=0.3)
    figure.legend(frameon=False, loc="outside upper center", ncols=len(styles), columnspacing=1.2)
    figure.savefig(where / "throughput.svg", metadata={"Date": None})
