"""How the whole suite runs, and the browser of the tests that need one."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Quiet: it looks for nobody. The name stands for one that an attacker owns and has resolve to this machine.
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
    "--host-resolver-rules=MAP evil.example 127.0.0.1",
)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Two workers for each core: half of the time a test waits for a socket, a process or a browser."""
    return 2 * (os.cpu_count() or 1)


def pytest_collection_finish() -> None:
    """Let no collection look at the thousands of tests again: one took 0.2 s, and tests ask for many."""

    gc.collect()
    gc.freeze()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, driven by Playwright."""
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if os.environ.get("LOMI_GATE") != "1":
        if path is None:
            pytest.skip("no Chromium here; with LOMI_GATE=1 this is a failure")
        pytest.importorskip("playwright", reason='no Playwright here: pip install "lomi[browser]"')
    assert path is not None, "the gate needs Chromium on the PATH, such as Debian's package chromium"
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield launched
        launched.close()
