"""``lomi-py customers export``."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from ...errors import LomiNotFoundError
from ..command import Session, command
from ..connect import owner
from ..errors import RESUME, Code, CommandError, printable
from ..fields import FILTERS
from ..output import as_json, print_json
from .files import Format, Writer, beside, format_of, ids_in
from .rate_limit import RATE, WINDOW, RateLimit, steady_clock
from .state_file import StateFile

if TYPE_CHECKING:
    from ... import Customer, CustomerPage, LomiClient

__all__ = ["register"]

# Customers per page; the API sets no maximum. With --details each of them is a request.
PAGE: Final = 500
PAGE_WITH_DETAILS: Final = 50
CONCURRENCY: Final = 8
_KIND: Final = 0x6C6F6D65


def register(app: typer.Typer) -> None:
    """Add the command to an app."""
    command(app, options=FILTERS, lines=False)(export)


def export(
    session: Session,
    file: Annotated[Path, typer.Argument(dir_okay=False, help="The file to write: CSV or JSON lines, in UTF-8.")],
    format: Annotated[Format | None, typer.Option(help="The format. Default: by the file's extension.")] = None,
    details: Annotated[
        bool, typer.Option("--details", help="Fetch each customer as well: listings lack the metadata.")
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file if it exists.")] = False,
    **filters: Any,
) -> None:
    """Export customers to a file.

    The file appears when it is complete. After an interruption, run the same command again to continue.
    """
    format = format_of(file, format)
    # The target of a link is replaced, not the link.
    file = file.resolve() if file.is_symlink() else file
    if file.exists() and not file.is_file():
        raise CommandError(f"{file.name} is not a regular file", "to print customers, use customers list --all --jsonl")
    if file.exists() and not overwrite:
        raise CommandError(f"{file.name} already exists", "add --overwrite to replace it")
    size = PAGE_WITH_DETAILS if details else PAGE
    found = session.client.customers.list(**filters, page_size=size)
    options = {"target": owner(session.client, session.account), **filters, "format": format, "details": details}
    with closing(_Part(file, format, options)) as part:
        try:
            _download(session.client, found, part, size, details=details)
        except KeyboardInterrupt:
            message = f"interrupted: {len(part.ids)} customers are in {part.path.name}"
            raise CommandError(message, RESUME, code=Code.INTERRUPTED) from None
        part.finish(file)
    if session.as_json:
        print_json({"exported": len(part.ids), "file": str(file)})
    else:
        print(printable(f"{len(part.ids)} customers exported to {file}."))


def _download(client: LomiClient, found: CustomerPage, part: _Part, size: int, *, details: bool) -> None:
    """Write the customers of a listing that the file lacks, so many at a time."""
    from .progress import progress

    limit = RateLimit(RATE, WINDOW)
    with progress(found.pagination.total_count, "customers") as advance:
        advance(len(part.ids))
        # The listing starts over, because its pages have moved with what came and went meanwhile.
        new = (customer for customer in found if customer.id not in part.ids)
        while customers := list(islice(new, size)):
            part.write(_fetch(client, customers, limit) if details else customers)
            advance(len(customers))


def _fetch(client: LomiClient, customers: Iterable[Customer], limit: RateLimit) -> Iterator[Customer]:
    """Yield the customers with their metadata, without those deleted meanwhile."""
    from .progress import finishing

    def get(id: str) -> Customer | None:
        try:
            return client.customers.get(id)
        except LomiNotFoundError:
            return None

    def limited() -> Iterator[str]:
        now = steady_clock()
        for customer in customers:
            if delay := limit.delay(now()):
                time.sleep(delay)
            limit.record(now())
            yield customer.id

    with ThreadPoolExecutor(CONCURRENCY) as workers:
        try:
            yield from filter(None, workers.map(get, limited()))
        except KeyboardInterrupt:
            with finishing():
                workers.shutdown(cancel_futures=True)
            raise


class _Part:
    """The unfinished file. After each page it is on the disk, with a state file that says how much of it is valid.

    Raises:
        CommandError: It was started with other options, or another export is writing it.
    """

    def __init__(self, file: Path, format: Format, options: dict[str, Any]) -> None:
        self.path = beside(file, "part")
        self._state_path = beside(file, "part.state")
        self.ids: set[str] = set()
        wanted = as_json(options)
        restart = f"remove {self._state_path.name} to start over"
        about = {"options": wanted, "bytes": "0"}
        with ExitStack() as stack:
            state = StateFile(self._state_path, _KIND, "state file of an export", restart, about)
            self._state = stack.enter_context(closing(state))
            if state.about["options"] != wanted:
                hint = f"run the original command, or {restart}"
                raise CommandError(f"{self.path.name} was started with other options", hint)
            valid = int(state.about["bytes"])
            if not valid or not self.path.is_file() or self.path.stat().st_size < valid:
                # Another user may have put a file or a link there, to read along or to have a file overwritten.
                self.path.unlink(missing_ok=True)
                os.close(os.open(self.path, os.O_CREAT | os.O_EXCL, 0o600))
                valid = 0
            self._file = stack.enter_context(self.path.open("r+", encoding="utf-8", newline=""))
            self._file.truncate(valid)
            self.ids.update(ids_in(self._file, format))
            self._file.seek(0, os.SEEK_END)
            self._writer = Writer(self._file, format)
            if not valid:
                self._writer.header()
                self._save()
            self.close = stack.pop_all().close

    def write(self, customers: Iterable[Customer]) -> None:
        """Write customers; they are on the disk when this returns."""
        for customer in customers:
            # Not to_dict(): the deployed API calls the id customer_id, which a file's columns do not depend on.
            self._writer.row(customer.model_dump(mode="json"))
            self.ids.add(customer.id)
        self._save()

    def finish(self, file: Path) -> None:
        """Give the file its name and remove the state file."""
        self._file.close()
        self.path.replace(file)
        self.close()
        self._state_path.unlink(missing_ok=True)

    def _save(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._state.set("bytes", str(os.fstat(self._file.fileno()).st_size))
