import shlex
import subprocess
import sys

import pytest


def complete(run, *words):
    return run("complete", "--", *words).split()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ([], ["demo", "doctor", "completion", "sandbox", "customers", "merchants"]),
        (["d"], ["demo", "doctor"]),
        (["customers", ""], ["list", "get", "create", "update", "delete", "transactions", "export", "import"]),
        (["customers", "list", "--s"], ["--search", "--status", "--sandbox"]),
        (["customers", "list", "--type", ""], ["business", "individual", "all"]),
        (["customers", "list", "--type", "business", "--he"], ["--help"]),
        (["sandbox", "--dialect", "s"], ["server"]),
        (["sandbox", "--port", ""], []),
        (["customers", "update", "cus_1", "--ind"], ["--individual"]),
        (["customers", "import", "peo"], []),
        (["nonsense", "d"], ["demo", "doctor"]),
    ],
)
def test_what_a_word_can_become(run, words, found):
    assert complete(run, *words) == found


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_names_this_python_and_the_short_name(run, shell):
    script = run("completion", shell, "--name", "lomi2")
    assert script.count(f"{shlex.quote(sys.executable)} -m lomi ") == 1
    assert "lomi2 complete -- " in script
    assert "{" + "run}" not in script


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_path_with_a_space_is_quoted_and_stands_in_no_other_quotes(run, monkeypatch, shell):
    monkeypatch.setattr(sys, "executable", "/home/Awa Ba/bin/python")
    [line] = [line for line in run("completion", shell).splitlines() if "Awa" in line]
    assert line.count("'") == 2
    assert " '/home/Awa Ba/bin/python' -m lomi " in line


def test_a_name_that_no_shell_takes(run):
    run("completion", "bash", "--name", "x; rm", code=2)
    assert "--name is no name" in run.err


def test_bash_completes():
    script = (
        f'eval "$({shlex.quote(sys.executable)} -m lomi completion bash)"; '
        'COMP_WORDS=(lomi-py customers im); COMP_CWORD=2; _lomi_py; echo "${COMPREPLY[@]}"'
    )
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "import\n"
