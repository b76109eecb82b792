"""Runs test suites inside the test suite."""

import textwrap
from importlib.metadata import entry_points

import pytest

# Loaded once, out here: a run inside gives the interpreter back as it found it, and could load them only to forget them.
import lomi.testing._marker
import lomi.testing._sandbox
import lomi.testing._unittest

for name in lomi.__all__:
    getattr(lomi, name)

# Where the package lies in the path without being installed, nothing tells pytest of the plugin.
INSTALLED = any(each.value == "lomi.testing._plugin" for each in entry_points(group="pytest11"))
PLUGIN = () if INSTALLED else ("-p", "lomi.testing._plugin")


@pytest.fixture(autouse=True)
def no_chaos_from_outside(monkeypatch):
    monkeypatch.delenv("LOMI_CHAOS", raising=False)


@pytest.fixture
def options():
    """What a run inside is started with: our plugin, and as few others as it can do with."""

    def options():
        # Hypothesis would be imported anew for each run.
        names = ("asyncio", "xdist", "hypothesispytest", "cacheprovider")
        return [*PLUGIN, *(option for name in names for option in ("-p", f"no:{name}"))]

    return options


@pytest.fixture
def run(pytester, options, monkeypatch):
    """Run some tests in a suite of their own, as a merchant's would be; return its result.

    With a plugin of others it is in a process of its own, which loads that one and ours: all that are installed take
    longer than the run.
    """

    def run(source, *args, ini="", plugin=None):
        pytester.makepyfile(test_it=textwrap.dedent(source))
        pytester.makeini(f"[pytest]\nfilterwarnings = error\n{textwrap.dedent(ini)}")
        args = (*args, "--strict-markers", "--strict-config")
        if plugin is None:
            return pytester.runpytest_inprocess(*options(), *args)
        monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        names = ("lomi.testing._plugin", plugin, "no:cacheprovider")
        return pytester.runpytest_subprocess(*(option for name in names for option in ("-p", name)), *args)

    return run
