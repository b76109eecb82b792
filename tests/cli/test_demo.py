import io
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import lomi
from lomi import cli
from lomi.cli import _app, _show


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


def test_demo_shows_a_whole_life_and_the_figures(capsys):
    assert cli.main(["demo"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    for shown in (
        "POST /customers → 201",
        "GET /customers/{id} → 200",
        "GET /customers → 200",
        "PATCH /customers/{id} → 200",
        "GET /customers/{id}/transactions → 200",
        "DELETE /customers/{id} → 200",
        "GET /customers/{id} → 404",
        "LomiNotFoundError",
        "Page 1 of 3; 10 customers match.",
        "100 active customers",
        "{'vip': True}",
        "21 500 XOF",
        "49.90 USD",
        "GET /merchants/{id} → 200",
        "50 000 XOF",
        "600 000 XOF",
        "250 000 XOF",
        "286 500 XOF",
        "1 099.90 USD",
    ):
        assert shown in out, shown
    assert "2500.00" not in out


def test_demo_in_a_pipe_ignores_the_environment_and_has_no_colours():
    done = python(
        *("-m", "lomi", "demo"),
        LOMI_API_KEY="lomi_sk_live_not_for_this",
        LOMI_BASE_URL="https://lomi.invalid",
        HTTP_PROXY="http://127.0.0.1:9",
        HTTPS_PROXY="http://127.0.0.1:9",
        ALL_PROXY="http://127.0.0.1:9",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "18 requests over a real socket" in done.stdout
    assert "\x1b" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) < 110


def test_demo_where_the_output_cannot_show_every_letter():
    done = python("-X", "utf8=0", "-m", "lomi", "demo", PYTHONIOENCODING="ascii", LC_ALL="C")
    assert (done.returncode, done.stderr) == (0, "")
    assert "250 000 XOF" in done.stdout


@pytest.mark.parametrize("module", ["typer", "rich"])
def test_without_the_extra_one_line_says_what_to_install(monkeypatch, capsys, module):
    monkeypatch.setitem(sys.modules, module, None)
    assert cli.main(["demo"]) == 2
    assert capsys.readouterr().err == f'python -m lomi needs {module}: pip install "lomi[cli,sandbox]"\n'


@pytest.mark.parametrize("command", ["demo", "sandbox"])
def test_without_the_server_library_one_line_says_what_to_install(monkeypatch, capsys, command):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    monkeypatch.delitem(sys.modules, "lomi.sandbox._uvicorn", raising=False)
    assert cli.main([command]) == 2
    assert capsys.readouterr().err == 'lomi: the sandbox needs uvicorn; pip install "lomi[sandbox]"\n'


def test_without_a_command_the_help_is_shown(capsys):
    assert cli.main([]) == 2
    out, err = capsys.readouterr()
    assert "demo" in out
    assert err == ""


def test_a_mistyped_command_is_told_on_one_line(capsys):
    assert cli.main(["dmo"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "lomi: No such command 'dmo'. Did you mean 'demo'?; --help shows what there is\n"


def test_importing_the_package_imports_nothing_of_the_command_line():
    # Not rich: httpx itself imports it where it finds it.
    done = python("-c", "import lomi, sys; print({'typer', 'uvicorn', 'lomi.cli', 'lomi.sandbox'} & {*sys.modules})")
    assert done.stdout == "set()\n"


def test_the_version(capsys):
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr() == (f"lomi {lomi.__version__}\n", "")


def test_help_does_not_wait_for_the_sandbox_to_be_imported():
    done = python("-c", "import sys, lomi.cli; lomi.cli.main(['-h']); print('lomi.sandbox' in sys.modules)")
    assert done.stdout.endswith("\nFalse\n")


def test_the_sandbox_is_served_with_what_was_asked(monkeypatch, tmp_path):
    asked = []

    monkeypatch.setattr("lomi.sandbox.run", lambda *given: asked.append(given))
    assert cli.main(["sandbox"]) == 0
    file = tmp_path / "data.sqlite"
    options = ["--port", "8123", "--data", str(file), "--dialect", "server", "--seed", "7"]
    assert cli.main(["sandbox", *options]) == 0
    assert asked == [(0, None, "docs", None), (8123, file, "server", 7)]


def test_serving_the_sandbox_does_not_wait_for_the_client_to_be_imported():
    done = python(
        "-c",
        "import sys, lomi.sandbox, lomi.cli\n"
        "lomi.sandbox.run = lambda *asked: lomi.sandbox.Sandbox().serve().close()\n"
        "assert lomi.cli.main(['sandbox']) == 0\n"
        "print({'httpx', 'lomi._sync', 'lomi.models', 'uvicorn'} & {*sys.modules})",
    )
    assert (done.stdout, done.stderr) == ("{'uvicorn'}\n", "")


def test_the_help_of_the_sandbox_names_its_command(capsys):
    assert cli.main(["sandbox", "--help"]) == 0
    assert "python -m lomi sandbox [OPTIONS]" in capsys.readouterr().out
    assert cli.main(["sandbox", "--nothing"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_the_sandbox_refuses_a_file_that_is_none_of_its_own(capsys, tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("nothing of a sandbox " * 100)
    assert cli.main(["sandbox", "--data", str(file)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def run_main(name):
    # Not by runpy: where the package is installed, pytest rewrites its assertions with a loader that runpy cannot use.
    spec = find_spec("lomi.__main__")
    path = Path(spec.origin)
    exec(compile(path.read_text("utf-8"), path, "exec"), {"__name__": name, "__package__": "lomi", "__spec__": spec})


def test_the_module_runs(monkeypatch, capsys):
    assert python("-m", "lomi", "--help").returncode == 0
    monkeypatch.setattr(sys, "argv", ["lomi", "sandbox", "--help"])
    with pytest.raises(SystemExit) as end:
        run_main("__main__")
    assert end.value.code == 0
    assert "Ctrl-C" in capsys.readouterr().out
    run_main("lomi.__main__")


def test_a_traceback_would_show_no_locals():
    assert _app.app.pretty_exceptions_enable is False
    assert _app.app.pretty_exceptions_show_locals is False


def test_output_that_has_no_encoding_of_its_own(monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert cli.main(["dmo"]) == 2
    assert "demo" in sys.stderr.getvalue()


def test_a_terminal_sees_how_far_it_is(monkeypatch, capsys):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    with _show.progress(40, "customers") as advance:
        for _ in range(4):
            advance(10)
    err = capsys.readouterr().err
    assert "40/40" in err
    assert "/s" in err
    assert "customers" in err


def test_a_pipe_sees_no_progress(capsys):
    with _show.progress(40, "customers") as advance:
        advance(40)
    assert capsys.readouterr() == ("", "")
