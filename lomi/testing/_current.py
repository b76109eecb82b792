"""The test run that goes on: what the runner knows and a sandbox asks for. Imports nothing, for the plugin's sake."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any, Final

VARIABLE: Final = "LOMI_CHAOS"


@dataclass(eq=False)
class Run:
    """One run of a test suite: its chaos, the current test, whether that is left alone or failed, and its sandboxes."""

    seed: int | None = None
    test: str = ""
    no_chaos: bool = False
    failed: bool = False
    sandboxes: list[Any] = field(default_factory=list[Any])


# Runs nest where a test runs tests.
runs: list[Run] = []


def chaos_seed() -> int | None:
    """Return the seed of the run, else of the environment; None where no chaos was asked for.

    Raises:
        ValueError: The variable holds no whole number.
    """
    if runs:
        # What is set up while the tests are collected is no test's, and nothing could be repeated.
        return None if runs[-1].no_chaos or not runs[-1].test else runs[-1].seed
    text = os.environ.get(VARIABLE)
    return None if not text else whole_number(text, VARIABLE)


def whole_number(text: str, source: str) -> int:
    """Return a seed.

    Raises:
        ValueError: It is no whole number.
    """
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"{source} is not a whole number: {text!r}") from None
