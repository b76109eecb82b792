"""How many machine instructions one call takes: a figure that no noise touches."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence

from benchmarks.run import ROOT, environment, pin

FEW, MANY = 40, 140


def instructions(peer: str, url: str, in_flight: int = 1) -> int | None:
    """Return the instructions (user space) of one call, or None where valgrind is missing."""
    if shutil.which("valgrind") is None:
        return None
    few, many = (_count(peer, url, calls * in_flight, in_flight) for calls in (FEW, MANY))
    return (many - few) // (MANY - FEW) // in_flight


def _count(peer: str, url: str, calls: int, in_flight: int) -> int:
    return count(
        [sys.executable, "-m", "benchmarks.worker", peer, url],
        environment(PYTHONHASHSEED="0"),
        json.dumps({"calls": calls, "in_flight": in_flight}) + "\n",
    )


def count(command: Sequence[str], variables: Mapping[str, str], text: str = "") -> int:
    """Return the instructions (user space) of a command with these variables and this standard input."""
    done = subprocess.run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command],
        input=text,
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env=variables,
        preexec_fn=lambda: pin(0),  # no threads yet
    )
    found = re.search(r"Collected : (\d+)", done.stderr)
    assert found is not None, done.stderr
    return int(found[1])
