"""``python -m lomi customers export``."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from .. import Customer, LomiClient, LomiNotFoundError
from ._connect import connected
from ._errors import GO_ON, Code, Refusal, plain
from ._files import Format, beside, format_of, ids_in, writer
from ._notes import Notes
from ._options import Account, AsJson, OnSandbox, Search, Status, Type
from ._pace import RATE, WINDOW, Pace, clock
from ._show import as_json as json_of, interrupted, print_json, progress
from ._target import target_of

__all__ = ["export"]

# Customers a page: the API sets no maximum. With --details a page is as much work as it has customers.
PAGE: Final = 500
PAGE_WITH_DETAILS: Final = 50
CONCURRENCY: Final = 8
_KIND: Final = 0x6C6F6D65


def export(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="Where to write: CSV or JSON lines, UTF-8.")],
    format: Annotated[Format | None, typer.Option(help="What to write. Default: what the name ends with.")] = None,
    search: Search = None,
    type: Type = None,
    status: Status = None,
    details: Annotated[
        bool, typer.Option("--details", help="Fetch each customer: a listing leaves the metadata out.")
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file if it is there.")] = False,
    as_json: AsJson = False,
    account: Account = None,
    on_sandbox: OnSandbox = False,
) -> Code:
    """Write customers to a file, all or those that match.

    Stop it as you like: the same command goes on. The file appears when it is whole.
    """
    format = format_of(file, format)
    # What a link leads to is replaced, not the link.
    file = file.resolve() if file.is_symlink() else file
    if file.exists() and not file.is_file():
        raise Refusal(f"{file.name} is no file", "customers list --all --jsonl prints customers")
    if file.exists() and not overwrite:
        raise Refusal(f"{file.name} is there already", "add --overwrite to replace it")
    with connected(on_sandbox=on_sandbox, account=account) as client:
        size = PAGE_WITH_DETAILS if details else PAGE
        found = client.customers.list(search=search, type=type, status=status, page_size=size)
        asked = {"target": target_of(client, account), "search": search, "type": type, "status": status}
        with closing(_Part(file, format, {**asked, "format": format, "details": details})) as part:
            pace = Pace(RATE, WINDOW)
            try:
                with progress(found.pagination.total_count, "customers") as advance:
                    advance(len(part.ids))
                    # The listing is walked anew, since what came and went meanwhile has moved its pages.
                    new = (customer for customer in found if customer.id not in part.ids)
                    while customers := list(islice(new, size)):
                        part.write(_whole(client, customers, pace) if details else customers)
                        advance(len(customers))
            except KeyboardInterrupt:
                said = f"interrupted: {len(part.ids)} customers are in {part.path.name}"
                raise Refusal(said, GO_ON, code=Code.INTERRUPTED) from None
            part.finish(file)
    count = len(part.ids)
    if as_json:
        print_json({"customers": count, "file": str(file)})
    else:
        print(plain(f"{count} customers are in {file}."))
    return Code.DONE


def _whole(client: LomiClient, customers: Iterable[Customer], pace: Pace) -> Iterator[Customer]:
    """Give the customers as they are when each is fetched; those deleted meanwhile are left out."""

    def get(id: str) -> Customer | None:
        try:
            return client.customers.get(id)
        except LomiNotFoundError:
            return None

    def paced() -> Iterator[str]:
        now = clock()
        for customer in customers:
            if delay := pace.wait(now()):
                time.sleep(delay)
            pace.take(now())
            yield customer.id

    with ThreadPoolExecutor(CONCURRENCY) as workers:
        try:
            yield from filter(None, workers.map(get, paced()))
        except KeyboardInterrupt:
            with interrupted():
                workers.shutdown(cancel_futures=True)
            raise


class _Part:
    """The file while it is being written. After each page it is on the disk, with a note of how far it is whole.

    Raises:
        Refusal: It was begun with other options, or another export is writing it.
    """

    def __init__(self, file: Path, format: Format, asked: dict[str, Any]) -> None:
        self.path = beside(file, "part")
        self._state = beside(file, "part.state")
        self.ids: set[str] = set()
        wanted = json_of(asked)
        anew = f"remove {self._state.name} to begin anew"
        about = {"asked": wanted, "bytes": "0"}
        with ExitStack() as stack:
            self._notes = stack.enter_context(closing(Notes(self._state, _KIND, "state of an export", anew, about)))
            if self._notes.about["asked"] != wanted:
                hint = f"run the command that began it, or {anew}"
                raise Refusal(f"{self.path.name} was begun with other options", hint)
            known = int(self._notes.about["bytes"])
            if not known or not self.path.is_file() or self.path.stat().st_size < known:
                # Other users of this machine have no business with people's names: what one of them may have put
                # there, to read along or to have another file overwritten, is not used.
                self.path.unlink(missing_ok=True)
                os.close(os.open(self.path, os.O_CREAT | os.O_EXCL, 0o600))
                known = 0
            self._file = stack.enter_context(self.path.open("r+", encoding="utf-8", newline=""))
            self._file.truncate(known)
            self.ids.update(ids_in(self._file, format))
            self._file.seek(0, os.SEEK_END)
            self._writer = writer(self._file, format)
            if not known:
                self._writer.header()
                self._save()
            self.close = stack.pop_all().close

    def write(self, customers: Iterable[Customer]) -> None:
        """Write customers; they are on the disk when this returns."""
        for customer in customers:
            self._writer.row(customer.to_dict())
            self.ids.add(customer.id)
        self._save()

    def finish(self, file: Path) -> None:
        """Give the file its name."""
        self._file.close()
        self.path.replace(file)
        self.close()
        self._state.unlink(missing_ok=True)

    def _save(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._notes.set("bytes", str(os.fstat(self._file.fileno()).st_size))
