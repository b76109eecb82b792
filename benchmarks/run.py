"""Starts the server and the clients, each pinned to a core, and measures in interleaved rounds."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import trustme

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Sample:
    """Seconds a call, in one round."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Figure:
    """A median over rounds, and half of the range of the middle half, relative to it."""

    value: float
    spread: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Figure:
        """Return the figure of a list of measurements."""
        middle = statistics.median(values)
        low, _, high = statistics.quantiles(values, n=4) if len(values) > 1 else (middle, middle, middle)
        return cls(middle, (high - low) / 2 / middle if middle else 0.0)


def pin(core: int) -> None:
    """Keep this process on one core, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[core % len(cores)]})


def environment(**variables: str) -> dict[str, str]:
    """Return the environment of a process that is measured: without proxies, with these variables."""
    return {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")} | variables


def spawn(arguments: Sequence[str], core: int, python: str = sys.executable, **variables: str) -> subprocess.Popen[str]:
    """Start a Python process on a core, with pipes."""
    return subprocess.Popen(
        [python, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment(**variables),
        preexec_fn=lambda: pin(core),  # noqa: PLW1509  # no threads yet
    )


class Addresses(NamedTuple):
    """Where the server is, and the file with the root of its certificate."""

    plain: str
    tls: str
    root: str


@contextmanager
def server() -> Iterator[Addresses]:
    """Run the server on the second core."""
    with tempfile.TemporaryDirectory() as directory:
        root, certificate = str(Path(directory, "root.pem")), str(Path(directory, "server.pem"))
        authority = trustme.CA()
        authority.cert_pem.write_to_path(root)
        authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(certificate)
        process = spawn(["-m", "benchmarks.server", certificate], 1)
        assert process.stdin
        assert process.stdout
        try:
            plain, tls = process.stdout.readline().split()
            yield Addresses(f"http://127.0.0.1:{plain}", f"https://127.0.0.1:{tls}", root)
        finally:
            process.stdin.close()
            process.wait(10)


def server_cpu(url: str) -> float:
    """Return the CPU seconds that the server has used so far."""
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"{url}/cpu") as answer:
        return float(answer.read())


class Worker:
    """A client's process."""

    def __init__(
        self, peer: str, url: str, path: Path | None = None, python: str = sys.executable, **variables: str
    ) -> None:
        where = [] if path is None else ["--path", str(path)]
        self.peer = peer
        self._process = spawn(["-m", "benchmarks.worker", *where, peer, url], 0, python, **variables)

    def do(self, calls: int, in_flight: int = 1, idle: float = 0) -> Sample:
        """Make so many calls, and return what one took."""
        assert self._process.stdin
        assert self._process.stdout
        calls = max(1, calls // in_flight) * in_flight
        self._process.stdin.write(json.dumps({"calls": calls, "in_flight": in_flight, "idle": idle}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.peer} ended: see above")
        took = json.loads(line)
        return Sample(took["wall"] / calls, took["cpu"] / calls)

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(30)
