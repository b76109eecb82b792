"""What a cold start costs: a new process until its first response, and where the milliseconds go.

python -m benchmarks.startup    instructions of each client, and the modules of this one
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

from benchmarks.instructions import count
from benchmarks.run import ROOT, environment, pin, server

PEERS = ("sync_lomi", "sync_by_hand", "sync_stripe", "sync_openai")
# Without what an interpreter does at its end: few functions in the cloud ever come to that.
_CALL = """
import os, sys
from contextlib import ExitStack
from benchmarks import peers
getattr(peers, sys.argv[1])(sys.argv[2], ExitStack())()
os._exit(0)
"""
# -X importtime misses what importlib.import_module loads, as pydantic and this package do for their names.
_MODULES = """
import importlib.machinery as machinery, json, sys, time
found, inside = {}, [0]
def timed(loader):
    run = loader.exec_module
    def exec_module(self, module):
        inside.append(0)
        begun = time.process_time_ns()
        try:
            run(self, module)
        finally:
            took = time.process_time_ns() - begun
            found[module.__name__] = took - inside.pop()
            inside[-1] += took
    loader.exec_module = exec_module
timed(machinery.SourceFileLoader)
timed(machinery.ExtensionFileLoader)
from lomi import LomiClient
loaded, before = time.process_time_ns(), sum(found.values())
LomiClient("lomi_sk_test_benchmark", base_url=sys.argv[1]).customers.get("cus_1")
found["the call itself"] = time.process_time_ns() - loaded - (sum(found.values()) - before)
print(json.dumps(found))
"""


def first_calls(url: str, rounds: int, *, compiled: bool) -> dict[str, list[float]]:
    """Return the CPU seconds of a process until its first response, by client."""
    found: dict[str, list[float]] = {peer: [] for peer in PEERS}
    with tempfile.TemporaryDirectory() as cache:
        for number in range(rounds + 1):
            for peer in PEERS:
                process = subprocess.Popen(
                    [*_python(cache, compiled=compiled), "-c", _CALL, peer, url],
                    cwd=ROOT,
                    env=_environment(),
                    preexec_fn=lambda: pin(0),  # noqa: PLW1509  # no threads yet
                )
                _, status, used = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
                assert process.returncode == 0, peer
                if number:  # the first one writes the bytecode
                    found[peer].append(used.ru_utime + used.ru_stime)
    return found


def start_instructions(url: str) -> dict[str, int]:
    """Return the user-space instructions with bytecode, above a bare interpreter; none without valgrind."""
    if shutil.which("valgrind") is None:
        return {}
    with tempfile.TemporaryDirectory() as cache:
        python = _python(cache, compiled=True)
        bare = _count([*python, "-c", "pass"])
        return {peer: _count([*python, "-c", _CALL, peer, url]) - bare for peer in PEERS}


def modules(url: str, rounds: int) -> dict[str, float]:
    """Return the CPU milliseconds of each module, without those that it imports: the least of several starts."""
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as cache:
        for _ in range(rounds + 1):
            done = subprocess.run(
                [*_python(cache, compiled=True), "-c", _MODULES, url],
                cwd=ROOT, env=_environment(), capture_output=True, text=True, check=True,
            )  # fmt: skip
            for name, took in json.loads(done.stdout).items():
                found[name] = min(took / 1e6, found.get(name, took / 1e6))
    return found


def _python(cache: str, *, compiled: bool) -> list[str]:
    # A cache that is never written stays empty, for the standard library too.
    return [sys.executable, "-X", f"pycache_prefix={cache}", *([] if compiled else ["-B"])]


def _environment() -> dict[str, str]:
    # Empty is as good as not set.
    return environment(PYTHONDONTWRITEBYTECODE="", PYTHONHASHSEED="0")


def _count(command: list[str]) -> int:
    subprocess.run(command, check=True, cwd=ROOT, env=_environment())  # writes the bytecode
    return count(command, _environment())


def _package(module: str) -> str:
    top = module.partition(".")[0]
    return "the standard library" if top in sys.stdlib_module_names else top


def main() -> None:
    """Print both tables."""
    with server() as addresses:
        url = addresses.plain
        counts = start_instructions(url)
        for compiled in (True, False):
            times = first_calls(url, 5, compiled=compiled)
            print(f"{'compiled' if compiled else 'without bytecode'}: CPU ms, million instructions")
            for peer in PEERS:
                count = f"{counts[peer] / 1e6:.0f}" if compiled and peer in counts else ""
                print(f"{statistics.median(times[peer]) * 1e3:7.0f} {count:>6}  {peer}")
        found = modules(url, 9)
    packages: dict[str, float] = {}
    for name, took in found.items():
        packages[_package(name)] = packages.get(_package(name), 0) + took
    print(
        "\n".join(f"{took:7.1f} ms  {name}" for name, took in sorted(packages.items(), key=lambda item: -item[1])), "\n"
    )
    longest = sorted(found.items(), key=lambda item: -item[1])[:40]
    print("\n".join(f"{took:7.2f} ms  {name}" for name, took in longest))


if __name__ == "__main__":
    main()
