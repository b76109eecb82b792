"""A progress bar on a terminal, and what Ctrl-C does during a long command."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from ..output import console

__all__ = ["finishing", "progress"]


@contextmanager
def progress(total: int | None, what: str) -> Generator[Callable[[int], None], None, None]:
    """Show progress, rate and remaining time on a terminal; yield the function that advances it."""
    out = console(stderr=True)
    if not out.is_terminal:
        yield lambda _: None
        return
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
    with Progress(*columns, console=out) as bar:
        task = bar.add_task(what, total=total)
        yield lambda count: bar.advance(task, count)


@contextmanager
def finishing() -> Generator[None, None, None]:
    """After Ctrl-C: announce that running requests are finished first; a second Ctrl-C ends the process at once."""
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    console(stderr=True).show_cursor()
    print("lomi-py: finishing running requests; press Ctrl-C again to stop at once", file=sys.stderr)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text("" if task.speed is None else f"{task.speed:.0f}/s")
