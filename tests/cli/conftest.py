import json
import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from lomi.cli import connect
from lomi.cli.app import app
from lomi.sandbox import Sandbox


class Run:
    """Runs command lines and keeps the output of the last one."""

    def __init__(self):
        self.out = self.err = ""

    def __call__(self, *arguments, input=None, code=0):
        result = CliRunner().invoke(app, [str(argument) for argument in arguments], input=input)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        self.out, self.err = result.stdout, result.stderr
        assert result.exit_code == code, result.output
        if code not in (0, 7) and arguments[0] != "doctor":
            assert self.err.count("\n") == 1, self.err
        return self.out

    def json(self, *arguments, **options):
        return json.loads(self(*arguments, "--json", **options))

    def lines(self, *arguments, **options):
        return [json.loads(line) for line in self(*arguments, "--jsonl", **options).splitlines()]


@pytest.fixture
def run(monkeypatch):
    for name in ("LOMI_API_KEY", "LOMI_BASE_URL", "LOMI_LANG", "HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    return Run()


@pytest.fixture
def terminal(monkeypatch):
    """Standard input is a terminal."""
    monkeypatch.setattr(connect, "_is_interactive", lambda: True)


@pytest.fixture
def sandbox(run, monkeypatch):
    """A sandbox that is served, with its URL and key in the environment."""
    with Sandbox("server") as sandbox, sandbox.serve() as server:
        monkeypatch.setenv("LOMI_API_KEY", server.api_key)
        monkeypatch.setenv("LOMI_BASE_URL", server.url)
        yield sandbox


def python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-X", "utf8", "-W", "error", *arguments],
        env={**kept, **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
