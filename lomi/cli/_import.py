"""``python -m lomi customers import``."""

from __future__ import annotations

import csv
import os
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import IO, Annotated, Final

import typer

from ..errors import FieldError
from ._connect import agreed, connected
from ._errors import GO_ON, Code, Refusal, explain
from ._files import Format, Row, beside, format_of, guarded, read
from ._importer import Importer, Report, digest
from ._journal import Journal, State
from ._options import Account, AsJson, OnSandbox, Yes
from ._pace import RATE, WINDOW, Pace, clock
from ._show import console, interrupted, print_json, progress
from ._target import target_of

__all__ = ["import_"]

COLUMNS: Final = ("line", "field", "problem", "fix")


def import_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV or JSON lines, UTF-8.")],
    format: Annotated[
        Format | None, typer.Option(help="What the file holds. Default: what its name ends with.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check the file, and send nothing.")] = False,
    skip_rejects: Annotated[
        bool, typer.Option("--skip-rejects", help="Import the good rows of a file that has bad ones.")
    ] = False,
    rejects: Annotated[
        Path | None, typer.Option(help="Where to list what is wrong. Default: FILE.rejects.csv.", show_default=False)
    ] = None,
    journal: Annotated[
        Path | None, typer.Option(help="Where to note what was sent. Default: FILE.journal.", show_default=False)
    ] = None,
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="Requests at a time.")] = 8,
    rate: Annotated[
        int, typer.Option(min=1, max=10**9, help="Customers a quarter of an hour; the API takes 5000 from an address.")
    ] = RATE,
    settle: Annotated[
        float, typer.Option(min=0, max=900, help="Seconds a request nobody answered may take to have its effect.")
    ] = 5.0,
    yes: Yes = False,
    as_json: AsJson = False,
    account: Account = None,
    on_sandbox: OnSandbox = False,
) -> Code:
    """Create the customers of a file. Stop it as you like: the same command goes on, and creates nobody twice."""
    format = format_of(file, format)
    if not file.is_file():
        raise Refusal(f"{file.name} is no file, and cannot be read more than once", "save what it gives as one")
    # Whatever link leads to a file, its journal is the one beside it.
    file = file.resolve() if file.is_symlink() else file
    rejects, journal = rejects or beside(file, "rejects.csv"), journal or beside(file, "journal")
    if len({each.resolve() for each in (file, rejects, journal)}) < 3:
        raise Refusal("--rejects and --journal name files of their own", "leave them out, or name others")
    source = Source(file, format)
    with closing(Rejects(rejects)) as rejected:
        good = _check(source, rejected, skip=skip_rejects)
        if dry_run or not good:
            return _tell(Report(left=good), rejected, dry_run=True, json=as_json)
        with connected(on_sandbox=on_sandbox, account=account) as client:
            agreed(client, f"create up to {good} customers", yes=yes)
            with closing(Journal(None if on_sandbox else journal, target_of(client, account))) as log:
                _compare(source, log)
                now = clock()
                # What was noted while this machine's clock was ahead was not sent later than now.
                pace = Pace(rate, WINDOW, (min(at, now()) for at in log.since(now() - WINDOW)))
                try:
                    with progress(good, "customers") as advance:
                        importer = Importer(
                            *(client, log, pace),
                            concurrency=concurrency,
                            settle=settle,
                            advance=advance,
                            interrupted=interrupted,
                            now=now,
                            sleep=_wait,
                        )
                        report = importer.run(source.good())
                except KeyboardInterrupt:
                    done = log.count(State.DONE)
                    raise Refusal(f"interrupted: {done} of {good} exist", GO_ON, code=Code.INTERRUPTED) from None
                for line, reason in report.refused:
                    problem = FieldError("", f"was refused: {reason}", "correct the row, run the command again")
                    rejected.add(line, problem)
                return _tell(report, rejected, dry_run=False, json=as_json)


def _wait(seconds: float) -> None:
    """Wait; tell somebody who looks on when that is long."""
    out = console(stderr=True)
    if out.is_terminal and seconds > 10:
        out.print(f"lomi: nothing can be sent for {seconds / 60:.1f} minutes: --rate, or the API, asks to wait")
    time.sleep(seconds)


class Source:
    """The file, read as often as is needed, so that its size does not matter. It must not change meanwhile."""

    def __init__(self, path: Path, format: Format) -> None:
        self._path = path
        self._format: Format = format
        self._made = _made(path.stat())

    def rows(self) -> Iterator[tuple[int, Row]]:
        """Give every row with its number, from 1."""
        try:
            with self._path.open(encoding="utf-8-sig", newline="") as text:
                for numbered in enumerate(read(text, self._format), 1):
                    self._check(text)
                    yield numbered
                self._check(text)
        except UnicodeDecodeError:
            raise Refusal(f"{self._path.name} is not UTF-8", "save it as UTF-8; in Excel: CSV UTF-8") from None

    def _check(self, text: IO[str]) -> None:
        # Rows would have other numbers than the journal knows them by.
        if _made(os.fstat(text.fileno())) != self._made:
            raise Refusal(f"{self._path.name} changed while it was read", "run the command again", code=Code.FAILED)

    def good(self) -> Iterator[tuple[int, Row]]:
        """Give the rows that nothing is wrong with."""
        return ((number, row) for number, row in self.rows() if not row.problems)


def _made(state: os.stat_result) -> tuple[int, int]:
    return state.st_size, state.st_mtime_ns


class Rejects:
    """The file that says which rows are not imported, and why; it is there only if there are any.

    Raises:
        Refusal: Something else has its name.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = 0
        self._file: IO[str] | None = None
        if path.exists() and not (path.is_file() and self._is_ours()):
            raise Refusal(f"{path.name} is there, and no list of rejects", "name another file with --rejects")
        path.unlink(missing_ok=True)

    def _is_ours(self) -> bool:
        head = ",".join(COLUMNS).encode() + b"\n"
        with self.path.open("rb") as file:
            return file.read(len(head)) in {head, b""}

    def add(self, line: int, *problems: FieldError) -> None:
        """Write what is wrong with a row."""
        self.rows += 1
        if self._file is None:
            self._file = self.path.open("w", encoding="utf-8", newline="")
            csv.writer(self._file, lineterminator="\n").writerow(COLUMNS)
        csv.writer(self._file, lineterminator="\n").writerows((line, *map(guarded, each)) for each in problems)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()


def _check(source: Source, rejected: Rejects, *, skip: bool) -> int:
    """Check the whole file; return how many rows can be imported."""
    count = 0
    for count, row in source.rows():  # noqa: B007
        if row.problems:
            rejected.add(row.line, *row.problems)
    if rejected.rows and not skip:
        raise Refusal(
            f"{rejected.rows} of {count} rows cannot be imported, and nothing was sent",
            f"{rejected.path.name} says what is wrong: correct them, or leave them out with --skip-rejects",
        )
    return count - rejected.rows


def _compare(source: Source, journal: Journal) -> None:
    """Make sure that what was sent before is still what the file holds: else its rows would be created again."""
    number = 0
    for number, row in source.rows():
        entry = journal.get(number)
        if entry is not None and entry.state is not State.REFUSED and entry.digest != digest(row):
            raise Refusal(
                f"line {row.line} was sent in an earlier run and has changed since",
                "put it back, or name another --journal if this is another file; new rows belong at the end",
            )
    if (last := journal.last()) > number:
        raise Refusal(
            f"the file has {number} rows, and row {last} was sent in an earlier run",
            "put back what is missing, or name another --journal if this is another file",
        )


def _tell(report: Report, rejected: Rejects, *, dry_run: bool, json: bool) -> Code:
    """Print what it came to, and return the exit code."""
    facts: dict[str, int | str | None] = {
        "created": report.done,
        "rejected": rejected.rows,
        "doubtful": len(report.doubtful),
        "left": report.left,
        "rejects": str(rejected.path) if rejected.rows else None,
    }
    if json:
        print_json(facts)
    elif dry_run:
        print(f"{report.left} customers can be imported; nothing was sent.")
    else:
        left = len(report.doubtful) + report.left
        print(f"{report.done} customers exist, {rejected.rows} were rejected, {left} are left.")
    if (error := report.stopped_by) is not None:
        code, said = explain(error)
        # Nobody has to look whether it happened: the next run does.
        raise Refusal(f"stopped: {error if code is Code.UNKNOWN else said}", GO_ON, code=code)
    if report.doubtful:
        line, reason = report.doubtful[0]
        raise Refusal(f"{len(report.doubtful)} may exist (line {line}: {reason})", GO_ON, code=Code.UNKNOWN)
    return Code.PARTLY if rejected.rows else Code.DONE
