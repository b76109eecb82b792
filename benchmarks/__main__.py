"""Measure, print, and write ``benchmarks/RESULTS.md`` and the plots of the documentation.

python -m benchmarks            about ten minutes
python -m benchmarks --quick    less than three: fewer rounds, no instruction counts, nothing written
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from benchmarks import figures, report, startup
from benchmarks.instructions import instructions
from benchmarks.run import Addresses, Sample, Worker, server, server_cpu

FORMER = {"sync_lomi_1": "lomi==1.1.0", "sync_lomi_sdk": "lomi-sdk==1.3.0", "sync_niquests": "niquests>=3.9,<4"}
OTHER_PYTHON = "3.13"
OTHER_PACKAGES = ("httpx", "httpcore", "anyio", "certifi", "pydantic", "typing-extensions")
WIDTHS = (1, 5, 20, 50, 100, 200, 500)
SYNC = (
    "sync_lomi", "sync_httpx", "sync_httpcore", "sync_httpx2", "sync_requests", "sync_lomi_1", "sync_lomi_sdk",
    "sync_modern_treasury", "sync_openai", "sync_stripe", "sync_niquests", "sync_http_client", "sync_pyreqwest",
)  # fmt: skip
ASYNC = (
    "async_lomi", "async_lomi_aiohttp", "async_lomi_pyreqwest", "async_httpx", "async_httpx2", "async_aiohttp",
    "async_modern_treasury", "async_openai", "async_stripe", "async_stripe_aiohttp", "async_pyreqwest",
    "async_lomi_uvloop", "async_httpx_uvloop",
)  # fmt: skip
CONCURRENT = (
    "async_lomi",
    "async_lomi_aiohttp",
    "async_lomi_pyreqwest",
    "async_httpx",
    "async_httpx2",
    "async_stripe_aiohttp",
)
RIVALS = ("async_lomi", "async_httpx", "async_stripe_aiohttp")


@dataclass
class Bench:
    """One run: the server's addresses, how long, and what was found."""

    server: Addresses
    quick: bool
    found: report.Found = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    def rounds(
        self,
        name: str,
        peers: Sequence[str],
        calls: int,
        rounds: int,
        width: int = 1,
        path: str = "",
        *,
        tls: bool = False,
        python: str = sys.executable,
    ) -> None:
        """Let peers take turns; keep their samples under a name."""
        url = (self.server.tls if tls else self.server.plain) + path
        with ExitStack() as stack:
            workers = [worker for peer in peers if (worker := self._worker(peer, url, calls, width, stack, python))]
            begun, used = server_cpu(self.server.plain), 0.0
            samples: dict[str, list[Sample]] = {worker.peer: [] for worker in workers}
            for _ in range(rounds):
                for worker in [*workers]:
                    try:
                        if width > 1:
                            worker.do(width, width)  # connections that the others' turns have outlived
                        samples[worker.peer].append(worker.do(calls, width))
                    except (RuntimeError, BrokenPipeError) as error:  # one peer that fails ends no other's run
                        self.missing[worker.peer] = str(error)
                        workers.remove(worker)
                        del samples[worker.peer]
            used = (server_cpu(self.server.plain) - begun) / (
                rounds * (calls + (width if width > 1 else 0)) * max(1, len(workers))
            )
        self.found[name] = samples
        fastest = min((s.cpu for of_one in samples.values() for s in of_one), default=0.0)
        print(
            f"{name}: {len(samples)} peers; the server took {used * 1e6:.0f} µs a call, the fastest {fastest * 1e6:.0f}"
        )

    def widths(self, name: str, peer: str, rounds: int, widths: Sequence[int]) -> None:
        """Let one peer take turns with itself, with more and fewer calls in flight."""
        with ExitStack() as stack:
            if worker := self._worker(peer, self.server.plain, max(widths), max(widths), stack):
                turns = [{width: worker.do(1000, width) for width in widths} for _ in range(rounds)]
                self.found[name] = {f"{peer} {width}": [turn[width] for turn in turns] for width in widths}

    def after_idle(self, name: str, peers: Sequence[str], calls: int, rounds: int, width: int, seconds: float) -> None:
        """Measure bursts on pools that have been filled and then left alone."""
        with ExitStack() as stack:
            workers = [
                worker for peer in peers if (worker := self._worker(peer, self.server.plain, calls, width, stack))
            ]
            self.found[name] = {worker.peer: [] for worker in workers}
            for _ in range(rounds):
                for worker in workers:
                    worker.do(width * 2, width)
                    self.found[name][worker.peer].append(worker.do(calls, width, seconds))

    def _worker(
        self, peer: str, url: str, calls: int, width: int, stack: ExitStack, python: str = sys.executable
    ) -> Worker | None:
        if peer in self.missing:
            return None
        try:
            where = installed(FORMER[peer]) if peer in FORMER else None
            if python != sys.executable:
                packages = [f"{package}=={version(package)}" for package in OTHER_PACKAGES]
                where = installed(*packages, python=python)
            variables = {"SSL_CERT_FILE": self.server.root} if url.startswith("https:") else {}
            worker = Worker(peer, url, where, python, **variables)
            stack.callback(worker.close)
            worker.do(min(calls, 50) if width == 1 else width * 2, width)
        except (RuntimeError, BrokenPipeError, subprocess.CalledProcessError) as error:
            self.missing[peer] = str(error)
            return None
        return worker


def installed(*requirements: str, python: str = sys.executable) -> Path:
    """Return a directory with packages that cannot be beside ours, installed if need be."""
    name = requirements[0] if python == sys.executable else " ".join([OTHER_PYTHON, *requirements])
    where = Path(tempfile.gettempdir()) / "lomi-benchmarks" / name
    if not where.exists():
        pip = [python, "-m", "pip", "install", "--quiet", "--target", str(where), *requirements]
        subprocess.run(pip, check=True)
    return where


def other_python() -> str | None:
    """Return the path of the other Python, on the PATH or among those of pyenv."""
    of_pyenv = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser() / "versions"
    places = (shutil.which(f"python{OTHER_PYTHON}"), *of_pyenv.glob(f"{OTHER_PYTHON}.*/bin/python"))
    for python in map(str, filter(None, places)):
        # pyenv leaves a command on the PATH that fails, for each version that is not chosen.
        if subprocess.run([python, "-c", ""], check=False, capture_output=True).returncode == 0:
            return python
    return None


def rounds_of(width: int, *, quick: bool) -> int:
    """Return how many rounds there is time for."""
    return 2 if quick else 7 if width <= 100 else 3


def measure(server: Addresses, *, quick: bool) -> Bench:
    """Run everything."""
    bench = Bench(server, quick)
    calls, rounds = (100, 4) if quick else (200, 9)
    bench.rounds("sync", SYNC, calls, rounds)
    bench.rounds("post", ("sync_post_lomi", "sync_post_httpx", "sync_post_http_client"), calls, rounds)
    bench.rounds("far", ("sync_lomi", "sync_httpx"), 20, 2 if quick else 5, path="/l20")
    bench.rounds("threads", ("sync_lomi", "sync_httpx"), calls, rounds, 8)
    bench.rounds("async", ASYNC, calls, rounds)
    # Two peers by themselves, and more rounds: else noise decides whether a bound is kept.
    bench.rounds("async bound", ("async_lomi", "async_httpx"), calls, 4 if quick else 31)
    for width in (50, 200, 500) if quick else WIDTHS[1:]:
        # Where it scans its pool for each call, httpx would take most of the time.
        slow = {"async_httpx", "async_httpx2"} if quick else {"async_httpx2"}
        clients = [peer for peer in CONCURRENT if width <= (50 if quick else 100) or peer not in slow]
        bench.rounds(f"async {width}", clients, max(200 if quick else 500, width), rounds_of(width, quick=quick), width)
    bench.rounds("50 bound", ("async_lomi", "async_httpx"), 200 if quick else 500, 2 if quick else 15, 50)
    by_hand = ("async_lomi", "async_aiohttp", "async_pyreqwest")
    bench.rounds("async 50 by hand", by_hand, 200 if quick else 500, rounds_of(50, quick=quick), 50)
    bench.widths("wide", "async_lomi", 3 if quick else 15, (50, 200, 500))
    bench.widths("wide threads", "sync_lomi", 2 if quick else 7, (1, 8, 32))
    bench.rounds("open", [f"async_open_{count}" for count in (1, 50, 500)], calls, rounds)
    bench.after_idle("idle 50", RIVALS, 200, 1 if quick else 9, 50, 6.0)
    bench.rounds("page", ("sync_page", "sync_page_by_hand"), 100, rounds)
    bench.rounds("page size", [f"sync_page_{size}" for size in (10, 25, 50, 100)], calls // 2, rounds)
    bench.rounds("client", ("sync_client", "sync_client_httpx"), 10, rounds)
    bench.rounds("used", ("sync_used_2", "sync_used_all"), calls, rounds)
    bench.rounds("client used", ("sync_client_used_2", "sync_client_used_all"), calls, rounds)
    walks = ("sync_walk_ahead", "sync_walk", "async_walk_ahead", "async_walk")
    bench.rounds("ahead", walks, 1, 1 if quick else 3, path="/l20/t10000")
    for length in (1_000, 10_000):
        bench.rounds(f"walk {length}", ("sync_walk",), 1, 2 if quick else 5, path=f"/t{length}")
    # A short walk takes more rounds: the ratio of two of them is off by a fifth now and then.
    total, walked = (10_000, 9) if quick else (100_000, 5)
    bench.rounds("walk", ("sync_walk", "sync_walk_by_hand"), 1, walked, path=f"/t{total}")
    bench.rounds("tls", ("sync_lomi", "sync_httpx"), calls, rounds, tls=True)
    bench.rounds("tls fresh", ("sync_lomi", "sync_httpx"), 20 if quick else 50, rounds, path="/close", tls=True)
    if python := other_python():
        for flavour in ("sync", "async"):
            peers = (f"{flavour}_lomi", f"{flavour}_httpx")
            bench.rounds(f"{flavour} {OTHER_PYTHON}", peers, calls, rounds, python=python)
    else:
        bench.missing[f"Python {OTHER_PYTHON}"] = "not installed"
    for name, times in figures.import_times(3 if quick else 11).items():
        bench.found.setdefault("import", {})[name] = [Sample(seconds, seconds) for seconds in times]
    for name, compiled in (("start", True), ("start without bytecode", False)):
        calls_of = startup.first_calls(server.plain, 3 if quick else 11, compiled=compiled)
        bench.found[name] = {peer: [Sample(each, each) for each in times] for peer, times in calls_of.items()}
    return bench


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--quick", action="store_true", help="less than three minutes; writes nothing")
    quick = bool(parser.parse_args().quick)
    with server() as addresses:
        bench = measure(addresses, quick=quick)
        memory = {
            "client": figures.client_memory(),
            "walk": figures.walk_memory(f"{addresses.plain}/t{20_000 if quick else 100_000}"),
        }
        counts: dict[str, int | None] = {}
        if not quick:
            counts = {
                peer: instructions(peer, addresses.plain)
                for peer in ("sync_lomi", "sync_httpx", "async_lomi", "async_httpx")
            }
    text = report.write(bench.found, memory, counts, bench.missing)
    print(text)
    if not quick:
        report.save(text)
        report.plot(bench.found, WIDTHS)


if __name__ == "__main__":
    main()
