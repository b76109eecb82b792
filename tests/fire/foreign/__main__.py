"""Run the client behind and inside software that others wrote: web servers, load balancers, proxies, application servers.

    python -m tests.fire.foreign                 every program that is installed
    python -m tests.fire.foreign nginx squid     some of them
    python -m tests.fire.foreign --calls 500     fewer calls each

Each program is started by its path, in a directory of its own, on a port of loopback, and stopped at the end. Debian's
packages are nginx, haproxy, squid and tinyproxy; of PyPI, mitmproxy, gunicorn, gevent, uvicorn and uvloop. One that
is not installed is skipped. Exits with 1 when a guarantee was not kept.
"""

from __future__ import annotations

import argparse
import sys
import time

from ..figures import table
from .proxies import PROXIES
from .servers import SERVERS

PROGRAMS = {**PROXIES, **SERVERS}
# Of each, at least.
CALLS = 6000


def main() -> int:
    """Run what was asked for; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.fire.foreign", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(PROGRAMS)}; default: all")
    parser.add_argument("--calls", type=int, default=CALLS, help="through each")
    options = parser.parse_args()
    if unknown := set(options.names) - PROGRAMS.keys():
        parser.error(f"no such program: {', '.join(sorted(unknown))}")
    missed = 0
    print("| program | guarantee | measured | kept |\n| --- | --- | --- | --- |")
    for name in options.names or PROGRAMS:
        needs, run = PROGRAMS[name]
        if missing := needs.missing():
            print(f"({name}: skipped, not installed: {', '.join(missing)})", file=sys.stderr, flush=True)
            continue
        began = time.monotonic()
        figures = list(run(needs.path(), options.calls))
        print(*table(name, figures), sep="\n", flush=True)
        print(f"({name}: {needs.version()}; {time.monotonic() - began:.0f} s)", file=sys.stderr, flush=True)
        missed += sum(not each.kept for each in figures)
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
