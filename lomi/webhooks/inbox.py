"""An inbox: each event is handled exactly once, in one transaction of the database with what the handler changes."""

from __future__ import annotations

import json
import logging
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any, Final, Generic, Literal, TypeVar

from pydantic_core import from_json

from .._i18n.language import Message, printable
from .._sync.client import LomiClient
from .._transaction_sync import sync_transactions
from ..errors import FieldError, LomiConfigurationError, LomiValidationError
from ..models._surrogates import repair_surrogates
from ..models.transactions import PaymentTransaction
from .events import Event, PaymentEvent, RefundEvent, bounded_key, event_for
from .receiver import call, check_names, is_async
from .stores import KEY_LENGTH, Connection, Store, StoredEvent

__all__ = ["Counts", "Handler", "Inbox", "Result"]

_Handler = TypeVar("_Handler", bound=Callable[..., Any])
Handler = Callable[[Any], object]
"""Called with an `Event`. What it returns is ignored; an exception is a failure."""

Result = Literal["done", "known", "stale", "failed", "dead", "ignored"]
"""What became of an event.

- ``"done"``: the handler was run, and what it changed is committed.
- ``"known"``: it was done before, or another worker is at it.
- ``"stale"``: a later event of the same payment or refund is done; the handler was not run.
- ``"failed"``: the handler failed; nothing it changed is kept, and `Inbox.work` tries again.
- ``"dead"``: it failed for the last time; `Inbox.replay` tries again.
- ``"ignored"``: no handler is registered for it; nothing was stored.
"""

_CONNECTION: Final[ContextVar[Any]] = ContextVar("lomi_inbox_connection")
_log: Final = logging.getLogger("lomi.webhooks")

# What a payment or refund goes through; nothing leads back. A payer may try again after a failure.
_PROGRESS: Final = {
    "PAYMENT_CREATED": 1,
    "PAYMENT_FAILED": 2,
    "PAYMENT_SUCCEEDED": 3,
    "REFUND_CREATED": 1,
    "REFUND_FAILED": 2,
    "REFUND_COMPLETED": 3,
}
_SETTLED: Final = ("done", "stale")


class Counts:
    """How many events had each `Result`."""

    def __init__(self, results: Iterable[Result] = ()) -> None:
        counted = Counter[str](results)
        self.done: int = counted["done"]
        self.known: int = counted["known"]
        self.stale: int = counted["stale"]
        self.failed: int = counted["failed"]
        self.dead: int = counted["dead"]
        self.ignored: int = counted["ignored"]

    def to_dict(self) -> dict[str, int]:
        """Return the counts by their names."""
        return dict(vars(self))

    def __repr__(self) -> str:
        """Return the counts that are not zero."""
        return f"Counts({', '.join(f'{name}={count}' for name, count in vars(self).items() if count)})"


class Inbox(Generic[Connection]):
    """Handles each event exactly once, however often, late or out of order it is delivered.

    An event and what its handler changes in the database are committed together, so there is never one without the
    other: not after a crash, and not when two workers get the same event at once. What leaves the database, such as
    an e-mail, cannot be part of that: let the handler write down that it is to be sent.

    Args:
        store: `SQLiteStore`, `SQLAlchemyStore` or `DjangoStore`, of the database that holds your orders.
        handler: Handles the events for which none is registered with `on`. Default: those are ignored.
        max_attempts: How often a handler is run before its event is dead. Default 20: about two and a half days.
        on_error: Called with the event and the exception when a handler failed, to report it with its traceback; the
            inbox itself stores and logs only the exception's class, since its text may hold personal data; all of it is
            logged at level DEBUG.
        clock: Returns the Unix time in seconds.

    Examples:
        >>> inbox = Inbox(SQLiteStore("shop.db"))
        >>> @inbox.on("PAYMENT_SUCCEEDED")
        ... def fulfil(event):
        ...     inbox.connection.execute("UPDATE orders SET paid = 1 WHERE id = ?", [event.object.metadata["order_id"]])
        >>> inbox.process(event)
        'done'
    """

    def __init__(
        self,
        store: Store[Connection],
        handler: Handler | None = None,
        *,
        max_attempts: int = 20,
        on_error: Callable[[Event, Exception], object] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if max_attempts < 1:
            raise _invalid("Inbox", "max_attempts", Message("is less than 1"), Message("pass at least 1"))
        _require_sync(handler)
        self._store = store
        self._handler = handler
        self._handlers: dict[str, Callable[..., Any]] = {}
        self._max_attempts = max_attempts
        self._on_error = on_error
        self._clock = clock

    @property
    def connection(self) -> Connection:
        """The connection or session whose transaction the handler runs in. Make all changes with it; never commit it.

        Raises:
            LomiConfigurationError: No handler is running.
        """
        try:
            connection: Connection = _CONNECTION.get()
        except LookupError:
            raise LomiConfigurationError(Message("inbox.connection is there only while a handler runs")) from None
        return connection

    def on(self, *events: str) -> Callable[[_Handler], _Handler]:
        """Return a decorator that registers the handler of some events.

        Args:
            events: Their names, such as ``"PAYMENT_SUCCEEDED"``.

        Raises:
            LomiConfigurationError: A name is not one of an event, or there is none; or the handler is async.
        """
        check_names(events or [None])

        def register(handler: _Handler) -> _Handler:
            _require_sync(handler)
            self._handlers.update(dict.fromkeys(events, handler))
            return handler

        return register

    def process(self, event: Event, handler: Handler | None = None) -> Result:
        """Run the handler of an event, unless that was done before; store the event if the handler fails.

        Args:
            event: What `lomi.webhooks.parse` returned.
            handler: The handler. Default: the one registered for it, or the inbox's own.

        Returns:
            What became of it. Whichever it is, respond with 200: the event is safe.

        Raises:
            Exception: The database failed. Nothing was stored: respond with 503, so that the event is sent again.
        """
        handler = handler or self._handlers.get(event.event) or self._handler
        if handler is None:
            return "ignored"
        return self._run(event, handler)

    def work(self, limit: int = 100) -> Counts:
        """Try again what failed and is due. Call it every minute or so; several workers may run at once.

        The first retry is due after 30 seconds at most, and each one after that within twice the time, up to 6 hours.
        An attempt is counted before it is made, so an event that kills its worker is not tried for ever either.

        Args:
            limit: At most this many events.

        Raises:
            Exception: The database failed.
        """
        if limit < 1:
            raise _invalid("Inbox.work", "limit", Message("is less than 1"), Message("pass at least 1"))
        with self._store.begin() as connection:
            due = self._store.select(connection, ["failed"], due_by=self._clock(), limit=limit)
        return Counts(self._retry(row.key) for row in due)

    def failed(self, limit: int = 100) -> list[StoredEvent]:
        """Return the events that failed, the dead ones too; those that are due first come first.

        Args:
            limit: At most this many.
        """
        with self._store.begin() as connection:
            return self._store.select(connection, ["failed", "dead"], due_by=sys.float_info.max, limit=limit)

    def replay(self, key: str) -> Result:
        """Run the handler of one failed or dead event now, with all attempts ahead of it again.

        Args:
            key: Its `dedupe_key`, as `failed` lists it.

        Raises:
            LomiValidationError: No event with this key failed, or its payload was erased.
        """
        with self._store.begin() as connection:
            row = self._store.lock(connection, key)
            if row is None or row.payload is None:
                raise _invalid(
                    "Inbox.replay",
                    "key",
                    Message("is not the key of a failed event that has its payload"),
                    Message("pass one that inbox.failed() lists"),
                )
            row.status, row.attempts, row.due_at = "failed", 0, self._clock()
            self._store.save(connection, row)
        return self._retry(key)

    def purge(
        self, older_than: timedelta = timedelta(days=30), *, keys_older_than: timedelta = timedelta(days=400)
    ) -> tuple[int, int]:
        """Erase what must not be kept any longer. Call it once a day.

        The payload of an event that is done is erased at once. What stays are its key, name, id and times, which tell
        a late duplicate from a new event.

        Args:
            older_than: Payloads of failed and dead events are erased after this time; the events are dead then.
            keys_older_than: Rows are deleted this long after their last change, once their payload is erased. Keep it
                longer than any window that you pass to `catch_up`: what it reads again would be new.

        Returns:
            How many payloads were erased and how many rows deleted.
        """
        now = self._clock()
        with self._store.begin() as connection:
            return self._store.purge(
                connection,
                erase_before=now - older_than.total_seconds(),
                delete_before=now - keys_older_than.total_seconds(),
            )

    def catch_up(self, client: LomiClient, *, since: datetime, lookback: timedelta = timedelta(days=3)) -> Counts:
        """Read payments and refunds from the API, and process those whose events were missed.

        Call it after an outage, and every night. It reads what `lomi.sync_transactions` reads: refunds of test and live
        alike. It cannot find events of subscriptions and usage, nor what only passed through a status: a payment that
        was refunded meanwhile has no event but that of its refund.

        Args:
            client: The client to read with.
            since: When you last did this: an aware datetime.
            lookback: How much further back to begin. Default 3 days; as long as your payments can stay pending.

        Returns:
            How many had which result: ``done`` are those that were missed.

        Raises:
            LomiValidationError: ``since`` is no aware datetime.
            LomiAPIError: The API returned an error. What was processed before is kept; call it again.
            LomiConnectionError: No response arrived; the same holds.
            Exception: The database failed.
        """
        objects = sync_transactions(client, since=since, lookback=lookback)
        events = (
            # A refund does not say of which environment it is, and the listing has those of both.
            event_for(each, client.environment if isinstance(each, PaymentTransaction) else None)
            for each in objects
        )
        return Counts(self.process(event) for event in events if event is not None)

    def _run(self, event: Event, handler: Callable[..., Any], *, counted: bool = False) -> Result:
        try:
            with self._store.begin() as connection:
                return self._handle(connection, event, handler, skip_locked=counted)
        except Exception as error:  # noqa: BLE001  # whatever a handler raises
            return self._postpone(event, error, counted=counted)

    def _handle(
        self, connection: Connection, event: Event, handler: Callable[..., Any], *, skip_locked: bool
    ) -> Result:
        now = self._clock()
        key = event.dedupe_key
        self._store.add(connection, _row(event, now))
        row = self._store.lock(connection, key, skip_locked=skip_locked)
        if row is None or row.status in _SETTLED:
            return "known"
        result: Literal["done", "stale"] = "done" if self._moves_on(connection, event, now) else "stale"
        row.status, row.payload, row.updated_at, row.due_at = result, None, now, 0.0
        # Before the handler runs: should it commit by mistake, the event is done with what it did.
        self._store.save(connection, row)
        if result == "done":
            token = _CONNECTION.set(connection)
            try:
                call(handler, event)
            finally:
                _CONNECTION.reset(token)
            # Where the handler swallowed an error of PostgreSQL, COMMIT would silently roll back; this fails instead.
            self._store.lock(connection, key)
        return result

    def _moves_on(self, connection: Connection, event: Event, now: float) -> bool:
        """Return whether an event is ahead of all others of its payment or refund, whose row stays locked."""
        if not isinstance(event, (PaymentEvent, RefundEvent)):
            return True
        key, progress = bounded_key("order", event.object.identity), _PROGRESS[event.event]
        self._store.add(connection, StoredEvent(key, now, now, status="order"))
        row = self._store.lock(connection, key)
        if row is None or progress <= row.progress:
            return False
        row.progress, row.updated_at = progress, now
        self._store.save(connection, row)
        return True

    def _postpone(self, event: Event, error: Exception, *, counted: bool) -> Result:
        """Store an event whose handler failed, in a transaction of its own."""
        now = self._clock()
        with self._store.begin() as connection:
            self._store.add(connection, _row(event, now))
            row = self._store.lock(connection, event.dedupe_key)
            result: Result = "known"
            # It is settled where another delivery succeeded meanwhile, or only the response to COMMIT was lost.
            if row is not None and row.status not in _SETTLED:
                if not counted:
                    row.attempts += 1
                    row.due_at = now + _delay(row.attempts)
                result = row.status = "dead" if row.attempts >= self._max_attempts else "failed"
                row.error, row.updated_at = type(error).__name__[:KEY_LENGTH], now
                row.payload = row.payload or _payload(event)
                self._store.save(connection, row)
        _log.error("the handler of %s raised %s; the event is %s", event.dedupe_key, type(error).__name__, result)
        _log.debug("the error", exc_info=error)
        if self._on_error is not None:
            try:
                self._on_error(event, error)
            except Exception as failure:  # noqa: BLE001  # the event is safe, whatever becomes of the report
                _log.error("on_error raised %s", type(failure).__name__)
        return result

    def _retry(self, key: str) -> Result:
        """Count an attempt and keep other workers away from it, in a transaction of its own; then make it."""
        now = self._clock()
        with self._store.begin() as connection:
            row = self._store.lock(connection, key, skip_locked=True)
            if row is None or row.payload is None or row.status != "failed" or row.due_at > now:
                return "known"
            handler = self._handlers.get(row.event) or self._handler
            if handler is None:
                return "ignored"
            row.attempts += 1
            row.due_at, row.updated_at = now + _delay(row.attempts), now
            if row.attempts > self._max_attempts:
                row.status = "dead"  # the last attempt ended its worker
            self._store.save(connection, row)
        if row.status == "dead":
            return "dead"
        event = Event.from_dict(from_json(repair_surrogates(row.payload)), raw=row.payload)
        return self._run(event, handler, counted=True)


def _require_sync(handler: object) -> None:
    if is_async(handler):
        raise LomiConfigurationError(
            Message("{} calls functions that are not async: write yours with def, without async", "Inbox")
        )


def _delay(attempts: int) -> float:
    """Return how long to wait after so many attempts, in seconds: half of it is jitter."""
    return min(6 * 3600.0, 30.0 * 2.0 ** (attempts - 1)) * (0.5 + random.random() / 2)


def _row(event: Event, now: float) -> StoredEvent:
    name, id = printable(event.event)[:KEY_LENGTH], printable(event.id or "")[:KEY_LENGTH]
    return StoredEvent(event.dedupe_key, now, now, event=name, event_id=id)


def _payload(event: Event) -> bytes:
    return event.raw or json.dumps(event.to_dict()).encode()


def _invalid(operation: str, field: str, problem: Message, hint: Message) -> LomiValidationError:
    return LomiValidationError(operation=operation, errors=[FieldError(field, problem, hint)])
