"""An inbox that uses Django's ORM."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields
from typing import Any, Final

from django.db import connections, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from ...._i18n.language import Message
from ....errors import LomiConfigurationError
from .. import Status, StoredEvent

__all__ = ["DjangoStore"]

_NAMES: Final = [each.name for each in fields(StoredEvent)]


class DjangoStore:
    """Keeps an inbox in a database of Django's, with `django.db.transaction.atomic`.

    Handlers run inside that block and use your models as everywhere.

    Args:
        using: The alias of the database. Default: that which the routers choose for the inbox's model.

    Examples:
        >>> inbox = Inbox(DjangoStore(), handler=fulfil)
    """

    def __init__(self, *, using: str | None = None) -> None:
        self._using = using

    def _alias(self) -> str:
        # Models can be imported only when the apps are ready.
        from .models import InboxEvent

        return self._using or router.db_for_write(InboxEvent)

    def _events(self) -> Any:  # a query set; without their mypy plugin, the stubs know no more
        from .models import InboxEvent

        return InboxEvent.objects.using(self._alias())

    @contextmanager
    def begin(self) -> Generator[BaseDatabaseWrapper]:
        """Open a transaction, or a savepoint where one is open already; see `Store.begin`.

        Raises:
            LomiConfigurationError: The database has ``AUTOCOMMIT`` off.
        """
        alias = self._alias()
        if not (connections[alias].in_atomic_block or transaction.get_autocommit(using=alias)):
            raise LomiConfigurationError(
                Message("the database {} has AUTOCOMMIT off, so nothing would be committed: turn it on", alias)
            )
        with transaction.atomic(using=alias):
            yield connections[alias]

    def add(self, _connection: BaseDatabaseWrapper, row: StoredEvent, /) -> None:
        """Insert a row unless its key is known."""
        events = self._events()
        events.bulk_create([events.model(**asdict(row))], ignore_conflicts=True)

    def lock(self, connection: BaseDatabaseWrapper, key: str, /, *, skip_locked: bool = False) -> StoredEvent | None:
        """Return a row with ``FOR UPDATE``."""
        if connection.vendor == "sqlite":  # it has the lock of a write alone
            self._events().filter(key=key).update(key=key)
        skip = skip_locked and connection.features.has_select_for_update_skip_locked
        row = self._events().select_for_update(skip_locked=skip).filter(key=key).values_list(*_NAMES).first()
        return None if row is None else _stored(row)

    def save(self, _connection: BaseDatabaseWrapper, row: StoredEvent, /) -> None:
        """Write a row that exists."""
        self._events().filter(key=row.key).update(**asdict(row))

    def select(
        self,
        _connection: BaseDatabaseWrapper,
        statuses: Sequence[Status],
        /,
        *,
        due_by: float,
        limit: int,
    ) -> list[StoredEvent]:
        """Return rows of these statuses that are due."""
        due = self._events().filter(status__in=statuses, due_at__lte=due_by).order_by("due_at")
        return [_stored(row) for row in due.values_list(*_NAMES)[:limit]]

    def purge(
        self,
        _connection: BaseDatabaseWrapper,
        /,
        *,
        erase_before: float,
        delete_before: float,
    ) -> tuple[int, int]:
        """Erase old payloads and delete old rows."""
        deleted, _ = self._events().filter(payload__isnull=True, updated_at__lt=delete_before).delete()
        old = self._events().filter(payload__isnull=False, recorded_at__lt=erase_before)
        return old.update(payload=None, status="dead"), deleted


def _stored(row: tuple[Any, ...]) -> StoredEvent:
    values = dict(zip(_NAMES, row, strict=True))
    if values["payload"] is not None:
        values["payload"] = bytes(values["payload"])  # PostgreSQL's drivers return a view
    return StoredEvent(**values)
