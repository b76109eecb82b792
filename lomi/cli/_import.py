"""``python -m lomi customers import``."""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import IO, Annotated, Final

import typer

from ..errors import FieldError
from ._connect import agreed, connected, target_of
from ._errors import GO_ON, Code, Refusal, explain
from ._files import Format, Row, beside, format_of, guarded, read
from ._importer import Importer, Report, digest
from ._journal import Journal, State
from ._options import Account, AsJson, OnSandbox, Yes
from ._pace import RATE, WINDOW, Pace
from ._show import print_json, progress

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
        int, typer.Option(min=1, help="Customers in a quarter of an hour; the API takes 5000 from one address.")
    ] = RATE,
    settle: Annotated[
        float, typer.Option(min=0, help="Seconds that a request nobody answered may take to have its effect.")
    ] = 5.0,
    yes: Yes = False,
    as_json: AsJson = False,
    account: Account = None,
    on_sandbox: OnSandbox = False,
) -> Code:
    """Create the customers of a file. Stop it as you like: the same command goes on, and creates nobody twice."""
    if file in {rejects, journal}:
        raise Refusal("--rejects and --journal name files of their own", "leave them out, or name others")
    source = Source(file, format_of(file, format))
    with closing(Rejects(rejects or beside(file, "rejects.csv"))) as rejected:
        good = _check(source, rejected, skip=skip_rejects)
        if dry_run or not good:
            summary = Report(left=good)
            return _tell(summary, 0, rejected, dry_run=True, json=as_json)
        with connected(on_sandbox=on_sandbox, account=account) as client:
            agreed(client, f"create up to {good} customers", yes=yes)
            noted = None if on_sandbox else journal or beside(file, "journal")
            with closing(Journal(noted, target_of(client, account))) as log:
                _compare(source, log)
                pace = Pace(rate, WINDOW, log.since(time.time() - WINDOW))
                try:
                    with progress(good, "customers") as advance:
                        importer = Importer(client, log, pace, concurrency=concurrency, settle=settle, advance=advance)
                        report = importer.run(source.good())
                except KeyboardInterrupt:
                    done = log.count(State.DONE)
                    raise Refusal(f"interrupted: {done} of {good} exist", GO_ON, code=Code.INTERRUPTED) from None
                for line, reason in report.refused:
                    rejected.add(
                        line, FieldError("", f"was refused: {reason}", "correct the row, run the command again")
                    )
                return _tell(report, log.count(State.DONE), rejected, dry_run=False, json=as_json)


class Source:
    """The file, read as often as is needed, so that its size does not matter."""

    def __init__(self, path: Path, format: Format) -> None:
        self._path = path
        self._format: Format = format

    def rows(self) -> Iterator[tuple[int, Row]]:
        """Give every row with its number, from 1."""
        try:
            with self._path.open(encoding="utf-8-sig", newline="") as text:
                yield from enumerate(read(text, self._format), 1)
        except UnicodeDecodeError:
            raise Refusal(f"{self._path.name} is not UTF-8", "save it as UTF-8; in Excel: CSV UTF-8") from None

    def good(self) -> Iterator[tuple[int, Row]]:
        """Give the rows that nothing is wrong with."""
        return ((number, row) for number, row in self.rows() if not row.problems)


class Rejects:
    """The file that says which rows are not imported, and why; it is there only if there are any."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = 0
        self._file: IO[str] | None = None
        path.unlink(missing_ok=True)

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
    for number, row in source.rows():
        entry = journal.get(number)
        if entry is not None and entry.state is not State.REFUSED and entry.digest != digest(row):
            raise Refusal(
                f"line {row.line} was sent in an earlier run and has changed since",
                "put it back, and change that customer with customers update; new rows belong at the end",
            )


def _tell(report: Report, done: int, rejected: Rejects, *, dry_run: bool, json: bool) -> Code:
    """Print what it came to, and return the exit code."""
    facts: dict[str, int | str | None] = {
        "created": done,
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
        print(f"{done} customers exist, {rejected.rows} were rejected, {len(report.doubtful) + report.left} are left.")
    if report.stopped_by is not None:
        code, said = explain(report.stopped_by)
        raise Refusal(f"stopped: {said}", GO_ON, code=code)
    if report.doubtful:
        line, reason = report.doubtful[0]
        raise Refusal(f"{len(report.doubtful)} may exist (line {line}: {reason})", GO_ON, code=Code.UNKNOWN)
    return Code.PARTLY if rejected.rows else Code.DONE
