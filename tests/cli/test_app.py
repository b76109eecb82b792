import io
import json
import os
import shlex
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import lomi
from lomi import cli
from lomi.cli import main
from lomi.cli.app import app
from lomi.sandbox import Sandbox
from tests.cli.conftest import python


def test_ctrl_c(run, monkeypatch):
    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(Sandbox, "client", interrupted)
    run("customers", "list", "--sandbox", code=130)
    assert run.err == "lomi-py: interrupted\n"


def test_a_closed_pipe():
    arguments = [sys.executable, "-m", "lomi", "customers", "list", "--sandbox", "--jsonl", "--all"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as listing:
        listing.stdout.close()
        assert listing.stderr.read() == b""


def shell(command):
    """Run a command line with its streams as a shell makes them; return the code and what it said."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    line = command.replace("lomi-py", f"{shlex.quote(sys.executable)} -m lomi", 1)
    done = subprocess.run(["bash", "-c", line], capture_output=True, env=kept, timeout=60, check=False)
    return done.returncode, done.stderr.decode()


def test_output_that_cannot_be_written_is_reported_in_one_line():
    told = (1, "lomi-py: done, but the result cannot be printed: No space left on device\n")
    assert shell("lomi-py customers delete --sandbox cus_abc123... > /dev/full") == told
    for command in ("customers delete --sandbox cus_abc123... --json", "customers list --sandbox --all --jsonl"):
        code, said = shell(f"lomi-py {command} > /dev/full")
        assert code == 1
        assert "No space left on device" in json.loads(said)["error"]["message"]


def test_a_broken_pipe_is_no_error():
    for command in (
        "merchants mrr --sandbox",
        "merchants mrr --sandbox --json",
        "customers list --sandbox --all --jsonl",
    ):
        assert shell(f"(lomi-py {command}; echo $? >&2) | true") == (0, "0\n")


def test_closed_streams():
    assert shell("lomi-py customers get --sandbox cus_abc123... >&-") == (0, "")
    assert shell("lomi-py doctor --sandbox >&-") == (0, "")
    code, said = shell("lomi-py customers create --sandbox --from - <&-")
    assert (code, said) == (2, "lomi-py: --from - reads standard input, which is closed; pass a file\n")
    assert shell("lomi-py customers get --sandbox x 2>&- | grep -q x") == (1, "")


def test_a_bug_is_not_hidden(monkeypatch):
    def mistaken(*arguments, **options):
        raise ZeroDivisionError

    monkeypatch.setattr(Sandbox, "client", mistaken)
    with pytest.raises(ZeroDivisionError):
        main(["customers", "list", "--sandbox"])


@pytest.mark.parametrize("module", ["typer", "rich"])
def test_a_missing_extra(monkeypatch, capsys, module):
    monkeypatch.setitem(sys.modules, module, None)
    assert cli.main(["demo"]) == 2
    assert capsys.readouterr().err == f'lomi-py needs {module}: pip install "lomi[cli]"\n'


def test_without_a_command_the_help_is_printed(capsys):
    assert cli.main([]) == 2
    out, err = capsys.readouterr()
    assert "demo" in out
    assert err == ""


def test_a_mistyped_command(capsys):
    assert cli.main(["dmo"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "lomi-py: No such command 'dmo'. Did you mean 'demo'?; --help lists what there is\n"


def test_importing_the_package_does_not_import_the_command_line():
    # Not rich: httpx itself imports it where it finds it.
    done = python("-c", "import lomi, sys; print({'typer', 'uvicorn', 'lomi.cli', 'lomi.sandbox'} & {*sys.modules})")
    assert done.stdout == "set()\n"


def test_the_version(capsys):
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr() == (f"lomi {lomi.__version__}\n", "")


@pytest.mark.parametrize(
    "arguments", [["--version"], ["--help"], ["customers", "--help"], ["api", "--help"], ["customers", "import", "-h"]]
)
def test_help_and_version_do_not_import_the_client(arguments):
    code = f"import sys, lomi.cli; lomi.cli.main({arguments!r}); print({{'httpx', 'lomi.models'}} & {{*sys.modules}})"
    done = python("-c", code)
    assert (done.stdout.splitlines()[-1], done.stderr) == ("set()", "")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("lomi-py ", {"demo", "doctor", "sandbox", "api", "inbox", "listen", "trigger", "customers", "merchants"}),
        ("lomi-py customers im", {"import"}),
        ("lomi-py customers update --no", {"--no-business"}),
        ("lomi-py customers list --type ", {"business", "individual", "all"}),
        ("lomi-py sandbox --dialect s", {"server"}),
    ],
)
def test_completion(words, found):
    line = words.split(" ")
    environment = {"_LOMI_PY_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(len(line) - 1)}
    assert {*python("-m", "lomi", **environment).stdout.split()} == found


def test_the_completion_script_is_for_the_entry_point():
    done = python("-m", "lomi", "--show-completion", "bash", _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")
    assert "complete -o default -F _lomi_py_completion lomi-py" in done.stdout


def test_the_version_does_not_import_pydantic():
    done = python(
        "-c", "import sys, lomi.cli; lomi.cli.main(['--version']); print({'pydantic', 'typer'} & {*sys.modules})"
    )
    assert (done.stdout.splitlines()[-1], done.stderr) == ("set()", "")


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


def test_a_traceback_shows_no_local_variables():
    assert app.pretty_exceptions_enable is False
    assert app.pretty_exceptions_show_locals is False


def test_a_stream_without_an_encoding(monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert cli.main(["dmo"]) == 2
    assert "demo" in sys.stderr.getvalue()
