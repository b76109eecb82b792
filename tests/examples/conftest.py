import importlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from lomi.sandbox import Sandbox, Server

ROOT = Path(__file__).resolve().parents[2]
FRAMEWORKS = ROOT / "examples" / "frameworks"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("docs", customers=0) as sandbox:
        yield sandbox


@pytest.fixture
def server(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """The sandbox over HTTP, found by whoever makes a client without arguments: here and in child processes."""
    with sandbox.serve() as server:
        monkeypatch.setenv("LOMI_API_KEY", server.api_key)
        monkeypatch.setenv("LOMI_BASE_URL", server.url)
        yield server


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], ModuleType]]:
    """Imports an example anew, as the process of a server would."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(FRAMEWORKS))
    yield importlib.import_module
    for name in set(sys.modules) - before:
        if str(FRAMEWORKS) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


@pytest.fixture
def start() -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Starts a Python program in the folder of the examples; what still runs at the end is ended."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str, **environment: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=FRAMEWORKS,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.terminate()
        try:
            process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
