"""The pytest plugin: fixtures, a marker, and random faults for a whole run.

pytest imports it in every run, in projects that never test against lomi. too: what is heavy is imported by the
fixtures.
"""

from __future__ import annotations

import argparse
import os
import random
import shlex
import zlib
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any, cast

import pytest

from . import _current

if TYPE_CHECKING:
    from .. import AsyncLomiClient, LomiClient
    from ..sandbox import DialectName, Fault, Sandbox
    from ._sandbox import InstantSandbox
    from ._webhooks import SandboxWebhooks

_RUN = pytest.StashKey[_current.Run]()
_FIXTURES = {"lomi_api", "lomi_sandbox", "lomi_client", "lomi_webhooks", "async_lomi_client"}
_RECEIVED = "lomi. sandbox"
_CHAOS = "lomi. chaos"
_LINES = 50


def _seed(text: str) -> int:
    if text == "random":
        return random.SystemRandom().randrange(10**6)
    try:
        return _current.whole_number(text, "the seed")
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{error}; 'random' chooses one") from None


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("lomi", "lomi. sandbox").addoption(
        "--lomi-chaos",
        metavar="SEED",
        type=_seed,
        default=os.environ.get(_current.VARIABLE) or None,
        help="let random faults affect the tests that use the lomi. sandbox, the same ones again under the same seed,"
        f" a whole number or 'random' (default: {_current.VARIABLE} in the environment, else none)",
    )
    parser.addini(
        "lomi_dialect",
        "how the lomi. sandbox responds: server, as the deployed server does (the default); docs, as the"
        " vendor's pages promise; both, which runs each test in either",
        default="server",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "lomi_faults(*names, **parameters): inject faults into the lomi. sandbox for a test, such as"
        ' "drop_after_commit"; parameters (route=, times=, skip=, status=, ...) are those of the methods of a Sandbox',
    )
    config.addinivalue_line("markers", "lomi_no_chaos: leave a test alone under --lomi-chaos")
    if config.getini("lomi_dialect") not in {"server", "docs", "both"}:
        raise pytest.UsageError(f"lomi_dialect is server, docs or both, not {config.getini('lomi_dialect')!r}")
    # A worker of xdist reads the command line anew, and "random" would be another number there.
    told: dict[str, Any] = getattr(config, "workerinput", {})
    config.stash[_RUN] = run = _current.Run(told.get(_CHAOS, config.getoption("lomi_chaos")))
    _current.runs.append(run)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:  # of xdist
    node.workerinput[_CHAOS] = node.config.stash[_RUN].seed


def pytest_unconfigure(config: pytest.Config) -> None:
    # Not there when pytest gave up before it had set us up.
    run = config.stash.get(_RUN, None)
    if run is not None:
        _current.runs.remove(run)


def pytest_report_header(config: pytest.Config) -> str | None:
    seed = config.stash[_RUN].seed
    return None if seed is None else f"lomi. chaos: --lomi-chaos={seed}"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "lomi_dialect" not in metafunc.fixturenames or metafunc.config.getini("lomi_dialect") != "both":
        return
    # Whoever has a fixture of that name in front of ours has chosen.
    defined: list[Any] = vars(metafunc).get("_arg2fixturedefs", {}).get("lomi_dialect", [])
    chosen = [name for mark in metafunc.definition.iter_markers("parametrize") for name in _parametrized(mark)]
    if len(defined) <= 1 and "lomi_dialect" not in chosen:
        metafunc.parametrize("lomi_dialect", ["server", "docs"], indirect=True)


def _parametrized(mark: pytest.Mark) -> list[str]:
    """The names that a mark ``parametrize`` gives values to."""
    names: str | list[str] = mark.args[0] if mark.args else mark.kwargs.get("argnames", [])
    return [name.strip() for name in names.split(",")] if isinstance(names, str) else [*names]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    run = item.config.stash[_RUN]
    run.test, run.failed = item.nodeid, False
    run.no_chaos = item.get_closest_marker("lomi_no_chaos") is not None
    run.sandboxes.clear()
    marked = any(mark.name == "lomi_faults" for mark in item.own_markers)
    if marked and _FIXTURES.isdisjoint(cast("Any", item).fixturenames):
        pytest.fail(
            f"lomi_faults: the test uses none of the fixtures {', '.join(sorted(_FIXTURES))}, so that no fault would"
            " affect it; in a LomiTestCase inject the fault into self.lomi_sandbox",
            pytrace=False,
        )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
    call: pytest.CallInfo[None],  # noqa: ARG001
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    run = item.config.stash[_RUN]
    run.failed = run.failed or report.failed
    if report.failed and run.sandboxes:
        report.sections.append((_RECEIVED, "\n".join(_received(run))))
        struck = sum(sandbox.chaos.ordered for sandbox in run.sandboxes if sandbox.chaos is not None)
        if struck and run.seed is not None:
            report.sections.append((_CHAOS, f"{struck} random fault(s); to repeat: {_again(run.seed, item.nodeid)}"))
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    seed = config.stash[_RUN].seed
    reports = [*terminalreporter.getreports("failed"), *terminalreporter.getreports("error")]
    struck = dict.fromkeys(each.nodeid for each in reports if any(name == _CHAOS for name, _ in each.sections))
    if not struck:
        return
    terminalreporter.section(_CHAOS)
    terminalreporter.write_line(f"{len(struck)} failed after random faults had struck; to repeat:")
    for nodeid in struck:
        terminalreporter.write_line(_again(seed, nodeid))


@pytest.fixture
def lomi_dialect(request: pytest.FixtureRequest) -> DialectName:
    """The dialect of ``lomi_sandbox``: ``"server"`` or ``"docs"``. Override it, or parametrize a test with it."""
    chosen: DialectName = getattr(request, "param", None) or request.config.getini("lomi_dialect")
    return chosen


@pytest.fixture
def lomi_sandbox(request: pytest.FixtureRequest, lomi_dialect: DialectName) -> Iterator[InstantSandbox]:
    """A sandbox for this test, in its process, without customers."""
    from ._sandbox import sandbox

    node: pytest.Item = request.node
    unstruck: list[Fault] = []
    with sandbox(lomi_dialect, test=node.nodeid) as made:
        made.report = unstruck.append
        marked = _inject_marked(node, made)
        yield made
    if node.config.stash[_RUN].failed:
        # A test that failed need not have come so far.
        return
    for fault in unstruck:
        if fault not in marked:
            node.warn(pytest.PytestWarning(f"{fault!r} was injected and affected nothing"))
        elif marked[fault]:
            node.warn(pytest.PytestWarning(f"lomi_faults: {fault!r} met no request of the test"))


@pytest.fixture
def lomi_api(lomi_sandbox: InstantSandbox) -> Iterator[InstantSandbox]:
    """``lomi_sandbox``, used by every client that the tested code builds itself, such as ``LomiClient()``."""
    from ._api import api

    with api(lomi_sandbox):
        yield lomi_sandbox


@pytest.fixture
def lomi_client(lomi_sandbox: Sandbox) -> Iterator[LomiClient]:
    """A ``LomiClient`` of ``lomi_sandbox``, in virtual time."""
    with lomi_sandbox.client() as client:
        yield client


@pytest.fixture
def async_lomi_client(lomi_sandbox: Sandbox) -> Iterator[AsyncLomiClient]:
    """An ``AsyncLomiClient`` of ``lomi_sandbox``, in virtual time; for any event loop."""
    from ._unittest import close_now

    client = lomi_sandbox.async_client()
    yield client
    close_now(client)


@pytest.fixture
def lomi_webhooks(lomi_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> SandboxWebhooks:
    """Delivers events of ``lomi_sandbox`` to the application under test; ``LOMI_WEBHOOK_SECRET`` is set."""
    from ._webhooks import SandboxWebhooks

    webhooks = SandboxWebhooks(lomi_sandbox)
    monkeypatch.setenv("LOMI_WEBHOOK_SECRET", webhooks.secret)
    return webhooks


def _inject_marked(node: pytest.Item, sandbox: Sandbox) -> dict[Fault, bool]:
    """Inject what the markers say, the outermost first; return the faults, and whether each is of the test itself.

    A fault for a whole class or module need not affect each of its tests.
    """
    from ._marker import faults

    injected: dict[Fault, bool] = {}
    # Reversed: from the module to the test, and in a test from the top to the bottom.
    for position, (holder, mark) in enumerate(reversed(list(node.iter_markers_with_node("lomi_faults")))):
        parameters = dict(mark.kwargs)
        if "probability" in parameters:
            # Chance that is the same in every run.
            parameters.setdefault("seed", zlib.crc32(f"{node.nodeid}/{position}".encode()))
        problem = ""
        try:
            injected.update((inject(sandbox), holder is node) for inject in faults(mark.args, parameters))
        except ValueError as error:
            problem = str(error)
        if problem:
            pytest.fail(f"lomi_faults: {problem}", pytrace=False)
    return injected


def _again(seed: int | None, nodeid: str) -> str:
    return f"pytest --lomi-chaos={seed} {shlex.quote(nodeid)}"


def _received(run: _current.Run) -> Iterator[str]:
    """What the sandboxes of a test received, without anything personal."""
    requests = [each for sandbox in run.sandboxes for each in sandbox.requests]
    if not requests:
        yield "received no request"
    if len(requests) > _LINES:
        yield f"({len(requests) - _LINES} requests before these)"
    for each in requests[-_LINES:]:
        answer = "no response" if each.status is None else str(each.status)
        faults = f"  [{', '.join(each.faults)}]" if each.faults else ""
        yield f"{each.route or f'{each.method} (unknown path)'} -> {answer}{faults}"
