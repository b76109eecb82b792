"""``lomi-py inbox``."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import LomiError
from .command import AsJson
from .errors import Code, CommandError, describe
from .output import details, print_json, show, table, timestamp

if TYPE_CHECKING:
    from ..webhooks.inbox import Inbox
    from ..webhooks.stores import Store

__all__ = ["app"]

app: typer.Typer = typer.Typer(help="Webhooks that failed: try them again, list, replay, erase.", no_args_is_help=True)

Database = Annotated[
    str | None,
    typer.Option(metavar="URL", help="An sqlite file, or a URL of SQLAlchemy such as postgresql+psycopg://…"),
]
Target = Annotated[
    str | None, typer.Option("--handler", metavar="MODULE:NAME", help="The function that handles events, or an Inbox.")
]
Limit = Annotated[int, typer.Option(min=1, help="At most this many events.")]


@app.command()
def work(handler: Target = None, database: Database = None, limit: Limit = 100, as_json: AsJson = False) -> None:
    """Try again what failed and is due. Run it every minute or so; several may run at once."""
    with _inbox(handler, database, runs=True) as inbox:
        _show_fields(inbox.work(limit).to_dict(), as_json)


@app.command(name="list")
def list_(handler: Target = None, database: Database = None, limit: Limit = 100, as_json: AsJson = False) -> None:
    """List the events that failed, without their payloads."""
    with _inbox(handler, database) as inbox:
        rows = inbox.failed(limit)
    columns = ("key", "status", "attempts", "error", "recorded_at", "due_at")
    if as_json:
        print_json([{name: getattr(row, name) for name in columns} for row in rows], indent=2)
        return
    cells = [
        (row.key, row.status, row.attempts, row.error, _moment(row.recorded_at), _moment(row.due_at)) for row in rows
    ]
    show(table(columns, cells, right=("attempts",)))


@app.command()
def replay(
    key: Annotated[str, typer.Argument(help="The event's key, from lomi-py inbox list.")],
    handler: Target = None,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Handle one event that failed now, even if it is dead."""
    with _inbox(handler, database, runs=True) as inbox:
        result = inbox.replay(key)
        _show_fields({"key": key, "result": result}, as_json)
    if result in ("failed", "dead"):
        raise typer.Exit(Code.FAILED)


@app.command()
def purge(
    handler: Target = None,
    database: Database = None,
    older_than: Annotated[int, typer.Option(min=0, metavar="DAYS", help="Erase payloads older than this.")] = 30,
    keys_older_than: Annotated[int, typer.Option(min=0, metavar="DAYS", help="Delete rows older than this.")] = 400,
    as_json: AsJson = False,
) -> None:
    """Erase the payloads of old failed events, and delete old rows."""
    with _inbox(handler, database) as inbox:
        erased, deleted = inbox.purge(timedelta(days=older_than), keys_older_than=timedelta(days=keys_older_than))
    _show_fields({"payloads_erased": erased, "rows_deleted": deleted}, as_json)


@contextmanager
def _inbox(target: str | None, database: str | None, *, runs: bool = False) -> Generator[Inbox[Any]]:
    from ..webhooks.inbox import Inbox
    from ..webhooks.loading import load_inbox

    if target is None and runs:
        raise CommandError("it is not known what handles the events", "pass --handler module:name")
    failures: tuple[type[Exception], ...] = (sqlite3.Error,)
    if database is not None and "://" in database:
        try:
            from sqlalchemy.exc import SQLAlchemyError
        except ImportError:
            raise CommandError("a URL needs SQLAlchemy", 'pip install "lomi[sqlalchemy]"') from None
        failures = (sqlite3.Error, SQLAlchemyError)
    directory = str(Path.cwd())
    sys.path.insert(0, directory)
    try:
        yield Inbox(_store(database)) if target is None else load_inbox(target, lambda: _store(database))
    except LomiError as error:
        raise describe(error) from None
    except failures as error:
        raise CommandError(f"the database failed: {type(error).__name__}", code=Code.FAILED) from error
    finally:
        sys.path.remove(directory)


def _store(database: str | None) -> Store[Any]:
    if database is None:
        raise CommandError("it is not known where the inbox is", "pass --database")
    if "://" in database:
        from sqlalchemy import create_engine
        from sqlalchemy.orm import sessionmaker
        from sqlalchemy.pool import NullPool

        from ..webhooks.stores.sqlalchemy import SQLAlchemyStore

        try:
            engine = create_engine(database, poolclass=NullPool)
        except ImportError as error:
            hint = "install it, or name another in the URL, such as postgresql+psycopg://"
            raise CommandError(f"the driver {error.name} is not installed", hint) from None
        return SQLAlchemyStore(sessionmaker(engine))
    if not Path(database).is_file():
        raise CommandError(f"there is no file {database}")
    from ..webhooks.stores.sqlite import SQLiteStore

    return SQLiteStore(database)


def _show_fields(fields: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(fields, indent=2)
    else:
        show(details(fields))


def _moment(time: float) -> str:
    return timestamp(datetime.fromtimestamp(time, timezone.utc))
