"""Run the tests with the lowest version of every dependency that pyproject.toml allows.

    python scripts/check_lowest.py                    on the oldest supported Python, in a temporary environment
    python scripts/check_lowest.py --python 3.12      on another
    python scripts/check_lowest.py -- tests/core -x   other tests

The newest versions are what an ordinary installation gets, so that the ordinary test run is the test of those. What
contributors install has to be there for the oldest Python too, which is looked up, not installed.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TESTS = ["tests/core", "tests/backends", "tests/transport", "tests/behaviour", "tests/cli", "tests/extras"]


def oldest_python() -> str:
    """Return the oldest Python that pyproject.toml supports, such as ``3.10``."""
    found = re.search(r'^requires-python = ">=([0-9.]+)"', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
    return found[1] if found else sys.exit("pyproject.toml has no requires-python of the form >=3.x")


def main() -> int:
    """Install and test; return the tests' exit code."""
    parser = argparse.ArgumentParser(description="Test with the lowest dependencies that are allowed.")
    parser.add_argument("--python", default=oldest_python(), help="which Python; default: the oldest supported")
    parser.add_argument("tests", nargs="*", default=TESTS, help="what to pass to pytest")
    arguments = parser.parse_args()
    uv = [sys.executable, "-m", "uv"]
    with tempfile.TemporaryDirectory() as work:
        python = str(Path(work, "env", "Scripts/python.exe" if os.name == "nt" else "bin/python"))
        install = ["pip", "install", "--quiet", "--python", python, "--resolution", "lowest-direct", ".[test]"]
        # No other Python is fetched: a gate tests with what is there.
        create = ["venv", "--quiet", "--no-python-downloads", "--python", arguments.python, str(Path(work, "env"))]
        contribute = ["pip", "compile", "--quiet", "--extra", "dev", "--python-version", oldest_python()]
        subprocess.run([*uv, *contribute, "-o", str(Path(work, "dev.txt")), "pyproject.toml"], check=True, cwd=ROOT)
        subprocess.run([*uv, *create], check=True, cwd=ROOT)
        subprocess.run([*uv, *install], check=True, cwd=ROOT)
        print(subprocess.run([*uv, "pip", "freeze", "--quiet", "--python", python], capture_output=True, text=True,
                             check=True, cwd=ROOT).stdout)  # fmt: skip
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "LOMI_"))}
        run = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments.tests]
        return subprocess.run(run, check=False, cwd=ROOT, env=clean).returncode


if __name__ == "__main__":
    sys.exit(main())
