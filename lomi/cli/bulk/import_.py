"""``lomi-py customers import``."""

from __future__ import annotations

import csv
import os
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import IO, Annotated, Any, Final

import typer

from ...errors import FieldError
from ..command import Session, command
from ..connect import owner
from ..errors import RESUME, Code, CommandError, describe
from ..output import console, print_json
from .files import Format, beside, format_of
from .journal import Journal, Report, State
from .rate_limit import RATE, WINDOW, RateLimit, steady_clock
from .reader import Row, read
from .spreadsheet import escape

__all__ = ["register"]

COLUMNS: Final = ("line", "field", "problem", "fix")


def register(app: typer.Typer) -> None:
    """Add the command to an app."""
    command(app, "import", lines=False, writes=True)(import_)


def import_(
    session: Session,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV or JSON lines, in UTF-8.")],
    format: Annotated[Format | None, typer.Option(help="The format. Default: by the file's extension.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check the file without sending anything.")] = False,
    skip_rejects: Annotated[
        bool, typer.Option("--skip-rejects", help="Import the valid rows even if others are invalid.")
    ] = False,
    rejects: Annotated[
        Path | None, typer.Option(help="Where to list rejected rows. Default: FILE.rejects.csv.", show_default=False)
    ] = None,
    journal: Annotated[
        Path | None, typer.Option(help="Where to keep the journal. Default: FILE.journal.", show_default=False)
    ] = None,
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="Requests at a time.")] = 8,
    rate: Annotated[
        int, typer.Option(min=1, max=10**9, help="Customers per 15 minutes; the API allows 5000 per address.")
    ] = RATE,
    grace_period: Annotated[
        float, typer.Option(min=0, max=900, help="Seconds that a request without a response may still take effect.")
    ] = 5.0,
) -> Code:
    """Create the customers of a file.

    After an interruption, run the same command again to continue; no customer is created twice.
    """
    format = format_of(file, format)
    file, rejects, journal = _paths(file, rejects, journal)
    source = Source(file, format)
    with closing(Rejects(rejects)) as rejected:
        valid = _check(source, rejected, skip=skip_rejects)
        if dry_run or not valid:
            return _finish(session, Report(remaining=valid), rejected, sent=False)
        session.confirm(f"create up to {valid} customers")
        path = None if session.on_sandbox else journal
        with closing(Journal(path, owner(session.client, session.account))) as log:
            _compare(source, log)
            options = {"concurrency": concurrency, "grace_period": grace_period}
            report = _run(session, source, log, rate, valid, options)
            for line, reason in report.rejected:
                rejected.add(line, FieldError("", f"rejected: {reason}", "correct the row, then run the command again"))
            return _finish(session, report, rejected, sent=True)


def _paths(file: Path, rejects: Path | None, journal: Path | None) -> tuple[Path, Path, Path]:
    """Return the paths of the file, its rejects and its journal: three files."""
    if not file.is_file():
        raise CommandError(f"{file.name} is not a regular file", "save its content to one: it is read more than once")
    # A link and its target share a journal.
    file = file.resolve() if file.is_symlink() else file
    paths = file, rejects or beside(file, "rejects.csv"), journal or beside(file, "journal")
    if len({each.resolve() for each in paths}) < 3:
        raise CommandError("--rejects and --journal must name files of their own", "leave them out, or name others")
    return paths


def _run(session: Session, source: Source, log: Journal, rate: int, valid: int, options: dict[str, Any]) -> Report:
    from .importer import Importer
    from .progress import finishing, progress

    now = steady_clock()
    # If this machine's clock was ahead in an earlier run, entries of the future count as of now.
    limit = RateLimit(rate, WINDOW, (min(at, now()) for at in log.since(now() - WINDOW)))
    try:
        with progress(valid, "customers") as advance:
            importer = Importer(
                *(session.client, log, limit),
                **options,
                account=session.account,
                advance=advance,
                finishing=finishing,
                now=now,
                sleep=_sleep,
            )
            return importer.run(source.valid_rows())
    except KeyboardInterrupt:
        message = f"interrupted: {len(log.every(State.IMPORTED))} of {valid} imported"
        raise CommandError(message, RESUME, code=Code.INTERRUPTED) from None


def _sleep(seconds: float) -> None:
    """Sleep; announce a long pause on a terminal."""
    out = console(stderr=True)
    if out.is_terminal and seconds > 10:
        out.print(f"lomi-py: paused for {seconds / 60:.1f} minutes by --rate, or by the API's own limit")
    time.sleep(seconds)


class Source:
    """The file, read several times so that its size does not matter. It must not change meanwhile."""

    def __init__(self, path: Path, format: Format) -> None:
        self._path = path
        self._format: Format = format
        self._version = _version(path.stat())

    def rows(self) -> Iterator[tuple[int, Row]]:
        """Yield every row with its number, from 1."""
        try:
            with self._path.open(encoding="utf-8-sig", newline="") as text:
                for numbered in enumerate(read(text, self._format), 1):
                    self._check(text)
                    yield numbered
                self._check(text)
        except UnicodeDecodeError:
            raise CommandError(f"{self._path.name} is not UTF-8", "save it as UTF-8; in Excel: CSV UTF-8") from None

    def valid_rows(self) -> Iterator[tuple[int, Row]]:
        """Yield the rows without problems."""
        return ((number, row) for number, row in self.rows() if not row.problems)

    def _check(self, text: IO[str]) -> None:
        # Rows would no longer have the numbers under which the journal knows them.
        if _version(os.fstat(text.fileno())) != self._version:
            message = f"{self._path.name} changed while it was being read"
            raise CommandError(message, "run the command again", code=Code.FAILED)


def _version(state: os.stat_result) -> tuple[int, int]:
    return state.st_size, state.st_mtime_ns


class Rejects:
    """The list of rows that are not imported, and why; a CSV file that exists only if there are any.

    Raises:
        CommandError: Another file has its name.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: int = 0
        self._file: IO[str] | None = None
        if path.exists() and not (path.is_file() and self._is_ours()):
            raise CommandError(f"{path.name} exists and is not a list of rejects", "name another file with --rejects")
        path.unlink(missing_ok=True)

    def _is_ours(self) -> bool:
        head = ",".join(COLUMNS).encode() + b"\n"
        with self.path.open("rb") as file:
            return file.read(len(head)) in {head, b""}

    def add(self, line: int, *problems: FieldError) -> None:
        """Write the problems of a row."""
        self.rows += 1
        if self._file is None:
            self._file = self.path.open("w", encoding="utf-8", newline="")
            csv.writer(self._file, lineterminator="\n").writerow(COLUMNS)
        csv.writer(self._file, lineterminator="\n").writerows((line, *map(escape, each)) for each in problems)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()


def _check(source: Source, rejected: Rejects, *, skip: bool) -> int:
    """Check the whole file and return the number of valid rows."""
    count = 0
    for count, row in source.rows():  # noqa: B007
        if row.problems:
            rejected.add(row.line, *row.problems)
    if rejected.rows and not skip:
        raise CommandError(
            f"{rejected.rows} of {count} rows are invalid, and nothing was sent",
            f"correct what {rejected.path.name} lists, or import the others with --skip-rejects",
        )
    return count - rejected.rows


def _compare(source: Source, journal: Journal) -> None:
    """Make sure that the file still holds what was sent before; otherwise customers would be created twice."""
    number = 0
    for number, row in source.rows():
        entry = journal.get(number)
        if entry is not None and entry.state is not State.REJECTED and entry.digest != row.digest:
            raise CommandError(
                f"line {row.line} was sent in an earlier run and has changed since",
                "restore it, or name another --journal if this is another file; add new rows at the end",
            )
    if (last := journal.last()) > number:
        raise CommandError(
            f"the file has {number} rows, but row {last} was sent in an earlier run",
            "restore the missing rows, or name another --journal if this is another file",
        )


def _finish(session: Session, report: Report, rejected: Rejects, *, sent: bool) -> Code:
    """Print a summary and return the exit code.

    Raises:
        CommandError: The import is not complete.
    """
    counts = {"imported": report.imported, "unknown": len(report.unknown), "remaining": report.remaining}
    # The exit code tells the result, also if the reader of a pipe has gone.
    with suppress(BrokenPipeError):
        if session.as_json:
            print_json({**counts, "rejected": rejected.rows, "rejects": str(rejected.path) if rejected.rows else None})
        elif sent:
            remaining = report.remaining + len(report.unknown)
            print(f"{report.imported} imported, {rejected.rows} rejected, {remaining} remaining.", flush=True)
        else:
            print(f"{report.remaining} valid, {rejected.rows} rejected; nothing was sent.", flush=True)
    if (error := report.stopped_by) is not None:
        described = describe(error)
        # The next run checks by itself whether a write happened.
        hint = RESUME if described.code is Code.UNKNOWN or not described.hint else f"{described.hint}; {RESUME}"
        raise CommandError(f"stopped: {error}", hint, code=described.code, cause=error)
    if report.unknown:
        line, reason = report.unknown[0]
        message = f"{len(report.unknown)} rows may have been imported (line {line}: {reason})"
        raise CommandError(message, RESUME, code=Code.UNKNOWN)
    return Code.PARTIAL if rejected.rows else Code.OK
