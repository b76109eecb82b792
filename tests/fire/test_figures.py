"""The experiments in their short form, and what stands in the documentation about the long one."""

from __future__ import annotations

from pathlib import Path

import pytest

from . import __main__  # noqa: F401  # enters the experiments
from .figures import EXPERIMENTS, Experiment, measure

SHORT = [each for each in EXPERIMENTS.values() if each.short]
PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"


@pytest.mark.parametrize("experiment", SHORT, ids=lambda each: each.name)
def test_the_promise_is_kept(experiment: Experiment):
    figures, _ = measure(experiment.name, long=False)
    assert figures
    assert [each for each in figures if not each.kept] == []
