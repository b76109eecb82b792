"""Every script in examples/ runs, without a key, and prints what its docstring says."""

import ast
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SCRIPTS = sorted(path.name for path in EXAMPLES.glob("[!_]*.py"))


def run(name: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("LOMI_")}
    return subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLES / name)],
        env={**kept, "PYTHONPATH": str(EXAMPLES.parent), "PYTHONUTF8": "1", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("name", SCRIPTS)
def test_example_prints_what_it_says(name: str) -> None:
    docstring = ast.get_docstring(ast.parse((EXAMPLES / name).read_text())) or ""
    promised = textwrap.dedent(docstring.partition("Prints:\n")[2]).strip()
    assert promised, f"{name} does not say what it prints"
    done = run(name)
    assert done.returncode == 0, done.stderr
    assert (done.stdout.strip(), done.stderr) == (promised, "")


def test_readme_names_every_example_and_nothing_else() -> None:
    named = {EXAMPLES / link for link in re.findall(r"\]\(([^)]+)\)", (EXAMPLES / "README.md").read_text("utf-8"))}
    assert all(each.exists() for each in named)
    there = {*(EXAMPLES / name for name in SCRIPTS), EXAMPLES / "shop"}
    settings = {"conftest.py", "pytest.ini", "ruff.toml"}
    there |= {path for path in (EXAMPLES / "frameworks").iterdir() if path.name[0] not in "._"} - {
        EXAMPLES / "frameworks" / name for name in settings
    }
    assert named == {path for path in there if path.is_file() or any(path.glob("*.py"))}


def test_example_refuses_a_live_key() -> None:
    done = run("create_customer.py", LOMI_API_KEY="lomi_sk_live_nobody", LOMI_BASE_URL="http://127.0.0.1:9")
    assert done.returncode == 1
    assert "this is a live key" in done.stderr
    assert "lomi_sk_live_nobody" not in done.stderr


def test_example_uses_the_api_that_the_environment_names() -> None:
    done = run("create_customer.py", LOMI_API_KEY="lomi_sk_test_nobody", LOMI_BASE_URL="http://127.0.0.1:9")
    assert done.returncode == 1
    assert "LomiConnectionError" in done.stderr
