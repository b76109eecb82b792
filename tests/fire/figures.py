"""The experiments, and the table of what they measured."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

__all__ = ["EXPERIMENTS", "Experiment", "Figure", "experiment", "measure", "table"]


@dataclass(frozen=True)
class Figure:
    """One promise, and what was measured of it."""

    promise: str
    measured: str
    kept: bool


@dataclass(frozen=True)
class Experiment:
    """Something that is done to clients; yields the figures it comes to."""

    name: str
    run: Callable[[bool], Iterator[Figure]]
    """Told whether to run long."""
    short: bool
    """Whether it has a short form, which depends on no clock on the wall."""


EXPERIMENTS: dict[str, Experiment] = {}


def experiment(name: str, *, short: bool = True) -> Callable[[Callable[[bool], Iterator[Figure]]], Experiment]:
    """Enter an experiment under a name."""

    def enter(run: Callable[[bool], Iterator[Figure]]) -> Experiment:
        EXPERIMENTS[name] = Experiment(name, run, short)
        return EXPERIMENTS[name]

    return enter


def measure(name: str, *, long: bool) -> tuple[list[Figure], float]:
    """Run an experiment; return its figures, and the seconds it took."""
    began = time.monotonic()
    figures = list(EXPERIMENTS[name].run(long))
    return figures, time.monotonic() - began


def table(name: str, figures: list[Figure]) -> list[str]:
    """Return the lines of a Markdown table."""
    return [f"| `{name}` | {each.promise} | {each.measured} | {'yes' if each.kept else '**NO**'} |" for each in figures]
