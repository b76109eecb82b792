"""How many machine instructions one call takes: a figure that no noise touches."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys

from benchmarks.run import ROOT, pin

FEW, MANY = 40, 140


def instructions(peer: str, url: str, in_flight: int = 1) -> int | None:
    """Return the instructions (user space) of one call, or None where valgrind is missing."""
    if shutil.which("valgrind") is None:
        return None
    few, many = (_count(peer, url, calls * in_flight, in_flight) for calls in (FEW, MANY))
    return (many - few) // (MANY - FEW) // in_flight


def _count(peer: str, url: str, calls: int, in_flight: int) -> int:
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", sys.executable]
    done = subprocess.run(
        [*command, "-m", "benchmarks.worker", peer, url],
        input=json.dumps({"calls": calls, "in_flight": in_flight}) + "\n",
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "0"},
        preexec_fn=lambda: pin(0),  # no threads yet
    )
    found = re.search(r"Collected : (\d+)", done.stderr)
    assert found is not None, done.stderr
    return int(found[1])
