import json
import os
import re
import shutil
import signal
import subprocess
import sys

import pytest

from lomi import cli
from lomi.sandbox import Sandbox, serving
from tests.cli.conftest import python


def test_help_does_not_import_the_sandbox():
    done = python("-c", "import sys, lomi.cli; lomi.cli.main(['-h']); print('lomi.sandbox' in sys.modules)")
    assert done.stdout.endswith("\nFalse\n")


@pytest.fixture
def served(monkeypatch):
    """The sandboxes that commands serve, each stopped at once."""
    made = []
    serve = Sandbox.serve

    def noted(sandbox, port):
        made.append((sandbox.dialect, port, len(sandbox.client().customers.list(page_size=9).customers)))
        return serve(sandbox, 0)

    monkeypatch.setattr(Sandbox, "serve", noted)
    monkeypatch.setattr(serving, "wait", lambda ended: None)
    return made


def test_options(served, tmp_path, capsys):
    assert cli.main(["sandbox"]) == 0
    out = capsys.readouterr().out
    assert "export LOMI_API_KEY=lomi_sk_test_sandbox LOMI_BASE_URL=http://127.0.0.1:" in out
    assert "from lomi import LomiClient" in out
    assert 'curl -H "X-API-KEY: $LOMI_API_KEY"' in out
    options = ["--port", "8123", "--data", str(tmp_path / "data"), "--dialect", "docs", "--seed", "7"]
    assert cli.main(["sandbox", *options, "--customers", "3", "--api-key", "lomi_sk_test_mine"]) == 0
    assert "LOMI_API_KEY=lomi_sk_test_mine " in capsys.readouterr().out
    assert served == [("server", 0, 9), ("docs", 8123, 3)]
    assert (tmp_path / "data").exists()


def test_a_log_and_a_webhook(monkeypatch, capsys):
    served = []
    serve = Sandbox.serve

    def noted(sandbox, port):
        served.append(sandbox)
        return serve(sandbox, port)

    def wait(ended):
        [sandbox] = served
        assert "http://127.0.0.1:9/hook" in [each["url"] for each in sandbox._engine.store.select("webhooks")]
        sandbox.client().customers.list(search="Awa")

    monkeypatch.setattr(Sandbox, "serve", noted)
    monkeypatch.setattr(serving, "wait", wait)
    assert cli.main(["sandbox", "--log", "--webhook-url", "http://127.0.0.1:9/hook"]) == 0
    out = capsys.readouterr().out
    assert re.fullmatch(r"\d\d:\d\d:\d\d  GET /customers  200  \d+ ms", out.splitlines()[-1])
    assert "Awa" not in out


def test_an_invalid_webhook_url(capsys):
    assert cli.main(["sandbox", "--webhook-url", "nowhere"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_what_it_prints_for_python_and_curl_works():
    arguments = [sys.executable, "-m", "lomi", "sandbox", "--customers", "2"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as started:
        lines = [started.stdout.readline() for _ in range(12)]
        environment = dict(re.findall(r"(\w+)=(\S+)", lines[3]))
        python = "".join(line[2:] for line in lines[6:9])
        done = subprocess.run(
            [sys.executable, "-c", python], env={**os.environ, **environment}, capture_output=True, check=False
        )
        assert done.stdout.count(b"\n") == 2, done.stderr
        if shutil.which("curl"):
            done = subprocess.run(
                ["sh", "-c", lines[11]], env={**os.environ, **environment}, capture_output=True, check=False
            )
            assert len(json.loads(done.stdout)["customers"]) == 2
        started.send_signal(signal.SIGTERM)
        assert started.wait(timeout=60) == 0


def test_serving_does_not_import_the_client():
    done = python(
        "-c",
        "import sys, lomi.cli, lomi.sandbox.serving\n"
        "lomi.sandbox.serving.wait = lambda ended: None\n"
        "assert lomi.cli.main(['sandbox']) == 0\n"
        "print({'httpx', 'lomi._sync', 'lomi.models'} & {*sys.modules})",
    )
    assert (done.stdout.splitlines()[-1], done.stderr) == ("set()", "")


def test_a_file_of_another_program_is_refused(capsys, tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("not a sandbox " * 100)
    assert cli.main(["sandbox", "--data", str(file)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
