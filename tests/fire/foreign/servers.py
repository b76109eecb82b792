"""Application servers that host a program which calls the API."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import httpx
import trustme

from ..figures import Figure
from .programs import Needs, directory, free_port, listening, running
from .traffic import Row, judge
from .upstream import upstream

__all__ = ["SERVERS"]

# Calls in a request, requests at a time.
BATCH, AT_A_TIME = 20, 8
APP = "tests.fire.foreign.app"


def _hosted(what: str, command: list[str], sign: str, path: str, calls: int) -> Iterator[Figure]:  # Python runs it
    ca = trustme.CA()
    with directory() as here:
        ca.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(here / "server.pem"))
        with upstream(here / "server.pem") as api:
            port = free_port()
            run = [sys.executable, *(part.format(port=port) for part in command)]
            env = {**os.environ, "FOREIGN_UPSTREAM": api.url}
            with (
                running(run, here / "out", partial(listening, port), env=env),
                ThreadPoolExecutor(AT_A_TIME) as threads,
            ):
                ends = list(threads.map(partial(_ask, port, "hosted"), range(0, calls, BATCH)))
            rows = [row for each, _ in ends for row in each]
            figure = judge(what, calls, rows, *api.stored())
    hosts = {host for _, host in ends}
    processes = len({host.split()[0] for host in hosts})
    kept = figure.kept and processes > 1 and all(sign in host for host in hosts)
    yield Figure(figure.promise, f"{figure.measured}; {processes} processes", kept)


def _ask(port: int, tag: str, first: int) -> tuple[list[Row], str]:
    url = f"http://127.0.0.1:{port}/{tag}/{first}/{BATCH}"
    # A connection each: what is measured is the client inside.
    response = httpx.get(url, timeout=120, trust_env=False)
    if response.status_code != 200:
        return [Row(f"{tag}-{first}", f"raw {response.status_code}: {response.text[:200]}")], "0 "
    rows, host = response.json()
    return [Row(*row) for row in rows], host


def _gunicorn(worker: str, *options: str) -> tuple[Needs, Callable[[str, int], Iterator[Figure]]]:
    command = ["-m", "gunicorn", "-k", worker, "-w", "2", "-b", "127.0.0.1:{port}", "--max-requests", "30"]
    command += ["--max-requests-jitter", "10", "--log-level", "error", *options, f"{APP}:wsgi"]
    preloaded = ", loaded before the fork" if "--preload" in options else ""
    what = f"by 2 `{worker}` workers{preloaded}, which end after 30 to 40 requests"
    needs = Needs(packages=("gunicorn", "gevent") if worker == "gevent" else ("gunicorn",))
    return needs, partial(_hosted, what, command, "gevent" if worker == "gevent" else "")


UVICORN = ["-m", "uvicorn", "--loop", "uvloop", "--port", "{port}", "--workers", "2", "--log-level", "error"]
SERVERS: dict[str, tuple[Needs, Callable[[str, int], Iterator[Figure]]]] = {
    "gunicorn": _gunicorn("sync"),
    "gunicorn-preload": _gunicorn("sync", "--preload"),
    "gthread": _gunicorn("gthread", "--threads", "4"),
    "gthread-preload": _gunicorn("gthread", "--threads", "4", "--preload"),
    "gevent": _gunicorn("gevent"),
    "gevent-preload": _gunicorn("gevent", "--preload"),
    "uvicorn": (
        Needs(packages=("uvicorn", "uvloop")),
        partial(_hosted, "by 2 `uvicorn` workers with uvloop", [*UVICORN, f"{APP}:asgi"], "uvloop"),
    ),
}
