import json

import pytest
from typer.testing import CliRunner

from lomi.cli import _connect
from lomi.cli._app import app
from lomi.sandbox import Sandbox


class Run:
    """Runs command lines, and keeps what the last one printed."""

    def __init__(self):
        self.out = self.err = ""

    def __call__(self, *arguments, input=None, code=0):
        result = CliRunner().invoke(app, [str(argument) for argument in arguments], input=input)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        self.out, self.err = result.stdout, result.stderr
        assert result.exit_code == code, result.output
        if code not in (0, 7):
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
def somebody(monkeypatch):
    """Somebody sits at the terminal, and can be asked."""
    monkeypatch.setattr(_connect, "_is_somebody_there", lambda: True)


@pytest.fixture
def sandbox(run, monkeypatch):
    """A sandbox that is served, and that the environment names."""
    with Sandbox() as sandbox, sandbox.serve() as server:
        monkeypatch.setenv("LOMI_API_KEY", server.api_key)
        monkeypatch.setenv("LOMI_BASE_URL", server.url)
        yield sandbox
