"""pytest imports the plugin in every run, wherever this package is installed."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def loaded(*commands):
    """The modules of a new interpreter after each of these commands."""
    script = "import json, sys\nimport pytest\n" + "\n".join(
        f"{command}\nprint(json.dumps(sorted(sys.modules)))" for command in commands
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60, cwd=ROOT
    )
    return [set(json.loads(line)) for line in done.stdout.splitlines()]


def test_plugin_brings_nothing_but_itself():
    nothing, plugin = loaded("pass", "import lomi.testing._plugin")
    package = {"lomi", "lomi._version"}
    assert plugin - nothing == package | {"lomi.testing", "lomi.testing._current", "lomi.testing._plugin"}


def test_plugin_is_what_the_package_declares():
    declared = (ROOT / "pyproject.toml").read_text()
    assert '\n[project.entry-points.pytest11]\nlomi = "lomi.testing._plugin"\n\n' in declared


def test_installed_package_needs_no_option(run):
    run("def test_it(lomi_client): lomi_client.customers.list()").assert_outcomes(passed=1)
