"""Measure what the package promises under fire, over real sockets on loopback.

    python -m tests.fire                        every experiment that has a short form
    python -m tests.fire --long                 every experiment, at full length: a quarter of an hour
    python -m tests.fire --long --only creates  one of them

Prints a table of every figure; exits with 1 when one is missed.
"""

from __future__ import annotations

import argparse
import platform
import sys

from . import (  # noqa: F401  # each enters its own
    answers,
    canaries,
    connections,
    creates,
    cycles,
    exactly_once,
    forgeries,
    greenlets,
    ledger,
    processes,
    timing,
    transport,
    walking,
)
from .figures import EXPERIMENTS, measure, table


def main() -> int:
    """Run what was asked for; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.fire", description=__doc__.splitlines()[0])
    parser.add_argument("--long", action="store_true", help="at full length")
    parser.add_argument("--only", action="append", choices=sorted(EXPERIMENTS), help="one experiment; repeatable")
    options = parser.parse_args()
    names = options.only or [name for name, each in EXPERIMENTS.items() if options.long or each.short]
    missed = 0
    print(f"{platform.python_implementation()} {platform.python_version()}, {platform.system()}")
    print("| experiment | promise | measured | kept |\n| --- | --- | --- | --- |")
    for name in names:
        figures, seconds = measure(name, long=options.long)
        print(*table(name, figures), sep="\n", flush=True)
        print(f"({name}: {seconds:.0f} s)", file=sys.stderr)
        missed += sum(not each.kept for each in figures)
    if missed:
        print(f"{missed} missed", file=sys.stderr)
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
