"""``python manage.py lomi_inbox``: try failed webhooks again, list, replay, erase."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from typing_extensions import override

from ......errors import LomiError
from .....inbox import Inbox
from .....loading import load_inbox
from ...store import DjangoStore

__all__ = ["Command"]


class Command(BaseCommand):
    """The inbox from a command line."""

    help: str = "Webhooks of lomi. that failed: try them again (work), list, replay, erase (purge)."

    @override
    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the subcommands and their options."""
        parser.add_argument("--database", help="The alias of the database. Default: as the routers choose.")
        actions = parser.add_subparsers(dest="action", required=True)
        for name, help in (("work", "Try again what failed and is due."), ("replay", "Handle one event now.")):
            runs = actions.add_parser(name, help=help)
            runs.add_argument("--handler", required=True, help="module:name of a function, or of an Inbox.")
            if name == "replay":
                runs.add_argument("key", help="The event's key, from list.")
            else:
                runs.add_argument("--limit", type=int, default=100, help="At most this many events.")
        actions.add_parser("list", help="List the events that failed, without their payloads.")
        purge = actions.add_parser("purge", help="Erase old payloads and delete old rows.")
        purge.add_argument("--older-than", type=int, default=30, help="Erase payloads older than so many days.")
        purge.add_argument("--keys-older-than", type=int, default=400, help="Delete rows older than so many days.")

    @override
    def handle(self, *args: Any, **options: Any) -> None:
        """Run a subcommand.

        Raises:
            CommandError: The handler cannot be loaded, or the key is not that of a failed event.
        """
        store = DjangoStore(using=options["database"])
        try:
            inbox: Inbox[Any] = load_inbox(options["handler"], lambda: store) if "handler" in options else Inbox(store)
            for line in _lines(inbox, options):
                self.stdout.write(line)
        except LomiError as error:
            raise CommandError(str(error)) from error


def _lines(inbox: Inbox[Any], options: dict[str, Any]) -> list[str]:
    action = options["action"]
    if action == "work":
        return [f"{name}: {count}" for name, count in inbox.work(options["limit"]).to_dict().items()]
    if action == "replay":
        return [inbox.replay(options["key"])]
    if action == "list":
        return [f"{row.key}  {row.status}  {row.attempts}  {row.error}" for row in inbox.failed()]
    days = [timedelta(days=options[name]) for name in ("older_than", "keys_older_than")]
    erased, deleted = inbox.purge(days[0], keys_older_than=days[1])
    return [f"payloads erased: {erased}", f"rows deleted: {deleted}"]
