"""How the whole suite runs."""

from __future__ import annotations

import os

import pytest


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Two workers for each core: half of the time a test waits for a socket, a process or a browser."""
    return 2 * (os.cpu_count() or 1)
