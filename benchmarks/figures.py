"""What is measured once, in a process of its own: imports, and memory."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tracemalloc
from pathlib import Path

from benchmarks import peers
from benchmarks.run import ROOT, pin

IMPORTS = {
    "python": "pass",
    "by hand": "import httpx, pydantic, lomi.models",
    "lomi": "import lomi",
    "client": "from lomi import LomiClient",
}


def import_times(rounds: int) -> dict[str, list[float]]:
    """Return the CPU seconds of imports, above those of a bare interpreter."""
    found: dict[str, list[float]] = {name: [] for name in IMPORTS}
    for _ in range(rounds + 1):
        for name, code in IMPORTS.items():
            found[name].append(_cpu(code))
    bare = min(found.pop("python"))
    return {name: [seconds - bare for seconds in times[1:]] for name, times in found.items()}


def _cpu(code: str) -> float:
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, preexec_fn=lambda: pin(0))  # noqa: PLW1509  # no threads
    _, _, used = os.wait4(process.pid, 0)
    process.returncode = 0
    return used.ru_utime + used.ru_stime


def client_memory() -> float:
    """Return how many bytes a further client takes."""
    from lomi import LomiClient

    clients = [LomiClient(peers.KEY)]
    tracemalloc.start()
    gc.collect()
    before, _ = tracemalloc.get_traced_memory()
    clients += [LomiClient(peers.KEY) for _ in range(100)]
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (after - before) / 100


def walk_memory(url: str) -> float | None:
    """Return by how many bytes the memory grows from the first thousand customers of a walk on to its end."""
    if not Path("/proc/self/statm").exists():
        return None
    code = (
        "import os, sys\n"
        "from lomi import LomiClient\n"
        "resident = lambda: int(open('/proc/self/statm').read().split()[1]) * os.sysconf('SC_PAGE_SIZE')\n"
        f"client = LomiClient({peers.KEY!r}, base_url=sys.argv[1])\n"
        "most = first = 0\n"
        "for number, _ in enumerate(client.customers.list(page_size=100)):\n"
        "    if number == 1000:\n"
        "        first = resident()\n"
        "    elif number % 1000 == 0:\n"
        "        most = max(most, resident())\n"
        "print(most - first)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, url], cwd=ROOT, capture_output=True, text=True, check=True)
    return float(done.stdout)
