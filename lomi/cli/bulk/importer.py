"""Creates customers concurrently, so that a stop at any moment loses none and duplicates none."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from ... import (
    Customer,
    LomiAPIError,
    LomiAuthError,
    LomiClient,
    LomiConnectionError,
    LomiError,
    LomiNotFoundError,
    LomiPartialWriteError,
    LomiPermissionError,
    LomiRateLimitError,
    LomiReconcileError,
)
from ..._core.sent_request import REFERENCE, lost_create
from .journal import Entry, Journal, Report, State
from .rate_limit import RateLimit
from .reader import Row

__all__ = ["Importer", "payload"]

# How often a row is tried, after how many failed rows in a row the import stops, and after how many unknown outcomes
# in a row it pauses.
_TRIES: Final = 6
_STRIKES: Final = 5
# Seconds to pause after a 429 that does not say how long.
_DEFAULT_PAUSE: Final = 30.0
# The longest pause, whatever a 429 says.
_DAY: Final = 86_400.0


@dataclass
class _Task:
    number: int
    row: Row
    fields: Mapping[str, Any] = field(repr=False)
    step: Literal["create", "reconcile", "finish"] = "create"
    error: LomiError | None = None
    customer_id: str | None = None
    candidate_ids: list[str] = field(default_factory=list[str])
    tries: int = 0


class Importer:
    """One run over the rows of a file.

    One thread writes the journal, each row before its request is sent; others make the requests. Requests that
    were in flight when an earlier run ended are reconciled before they are sent again.

    ``grace_period`` is how many seconds a request without a response may still take effect, ``account`` the connected
    account that the client acts on. ``advance`` is called with 1 when a row is finished; ``finishing`` is entered after
    Ctrl-C while running requests finish. ``backoff`` are the seconds before the second try of a row; they double.
    """

    def __init__(
        self,
        client: LomiClient,
        journal: Journal,
        limit: RateLimit,
        *,
        concurrency: int,
        grace_period: float,
        account: str | None,
        advance: Callable[[int], object],
        finishing: Callable[[], AbstractContextManager[None]],
        now: Callable[[], float],
        sleep: Callable[[float], object],
        backoff: float = 0.5,
    ) -> None:
        self._client = client
        self._journal = journal
        self._limit = limit
        self._concurrency = concurrency
        self._grace_period = grace_period
        self._account = account
        self._advance = advance
        self._finishing = finishing
        self._now = now
        self._sleep = sleep
        self._backoff = backoff
        self._started_at = now()
        self._report = Report()
        self._rows: Iterator[_Task] = iter(())
        self._next: _Task | None = None
        self._scheduled: list[tuple[float, int, _Task]] = []
        self._order = itertools.count()
        self._running: dict[Future[Customer | None], _Task] = {}
        self._unwritten: list[Entry] = []
        self._strikes = 0
        self._unknown_in_a_row = 0

    def run(self, rows: Iterator[tuple[int, Row]]) -> Report:
        """Import rows, each with its number in the file.

        Raises:
            KeyboardInterrupt: Ctrl-C was pressed; running requests have finished and are in the journal.
        """
        self._rows = filter(None, (self._task(number, row) for number, row in rows))
        self._next = next(self._rows, None)
        running = self._running
        with ThreadPoolExecutor(self._concurrency) as workers:
            try:
                while self._report.stopped_by is None:
                    for task in self._start(self._concurrency - len(running)):
                        running[workers.submit(self._perform, task)] = task
                    full = len(running) == self._concurrency
                    idle = None if full else self._idle()
                    if running:
                        self._collect(wait(running, idle, FIRST_COMPLETED).done)
                    elif idle is None:
                        break
                    else:
                        self._sleep(idle)
            except KeyboardInterrupt:
                with self._finishing():
                    workers.shutdown()
                raise
            finally:
                self._collect(wait(running).done)
                self._flush()
        return self._conclude()

    def _task(self, number: int, row: Row) -> _Task | None:
        """Return the task for a row, or None if there is nothing to do."""
        entry = self._journal.get(number)
        task = _Task(number, row, payload(row))
        if entry is None or entry.state is State.REJECTED:
            return task
        if entry.state is State.IMPORTED:
            self._finished()
            return None
        task.customer_id = entry.customer_id
        task.step = "finish" if entry.state is State.INCOMPLETE else "reconcile"
        if task.step == "reconcile":
            # The request was sent before that run ended, and that run ended before this one started.
            task.error = lost_create(
                {**task.fields, "metadata": self._metadata(task)},
                self._client.base_url,
                self._account,
                first_sent_at=entry.at,
                last_sent_at=max(entry.at, self._started_at),
            )
        return task

    def _start(self, free: int) -> list[_Task]:
        """Return the tasks that may start now. Their journal entries, and those of finished ones, are on the disk."""
        started: list[_Task] = []
        now = self._now()
        while len(started) < free and self._limit.delay(now) <= 0:
            if self._scheduled and self._scheduled[0][0] <= now:
                task = heapq.heappop(self._scheduled)[2]
            elif self._next is not None:
                task, self._next = self._next, next(self._rows, None)
            else:
                break
            if task.step == "create":
                self._limit.record(now)
                self._record(task, State.SENT)
            started.append(task)
        if started or len(self._unwritten) >= self._concurrency:
            self._flush()
        return started

    def _idle(self) -> float | None:
        """Return the seconds until a task can start, or None if there is none left."""
        now = self._now()
        if self._next is not None:
            return self._limit.delay(now)
        return max(self._limit.delay(now), self._scheduled[0][0] - now) if self._scheduled else None

    def _perform(self, task: _Task) -> Customer | None:
        customers = self._client.customers
        if task.step == "create":
            fields: Any = task.fields
            return customers.create(fields, reference=self._reference(task))
        if task.step == "reconcile" and task.error is not None:
            try:
                return customers.reconcile(task.error, grace_period=self._grace_period)
            except LomiReconcileError as doubt:
                # A customer that has metadata belongs to another row.
                task.candidate_ids = [each for each in doubt.candidate_ids if not customers.get(each).metadata]
                raise
        return customers.update(task.customer_id or "", metadata=self._metadata(task))

    def _collect(self, finished: set[Future[Customer | None]]) -> None:
        for future in finished:
            task = self._running.pop(future)
            error = future.exception()
            if isinstance(error, LomiError):
                self._failed(task, error)
            else:
                self._succeeded(task, future.result())

    def _succeeded(self, task: _Task, customer: Customer | None) -> None:
        if customer is not None:
            self._strikes = self._unknown_in_a_row = 0
            task.customer_id = customer.id
            self._record(task, State.IMPORTED)
            self._finished()
        elif task.error is not None and task.tries >= _TRIES:
            # It was searched for after each try and does not exist.
            self._reject(task, task.error)
            self._strike(task.error)
        else:
            task.step = "create"
            self._schedule(task, 0.0)

    def _failed(self, task: _Task, error: LomiError) -> None:
        task.error = error if task.step == "create" else task.error
        if isinstance(error, LomiPartialWriteError) and error.customer_id is not None:
            self._finish_later(task, error.customer_id)
        elif isinstance(error, LomiReconcileError):
            self._ambiguous(task, error)
        elif isinstance(error, LomiRateLimitError):
            self._pause(_DEFAULT_PAUSE if error.retry_after is None else min(error.retry_after, _DAY))
            self._schedule(task, 0.0)
        elif self._is_fatal(task, error):
            self._report.stopped_by = error
            self._leave(task, error)
        elif task.step == "create" and error.outcome == "unknown":
            task.tries += 1
            task.step = "reconcile"
            self._schedule(task, self._grace_period)
            self._unknown_in_a_row += 1
            if self._unknown_in_a_row >= _STRIKES:
                self._pause(self._grace_period)
        elif task.step == "create" and isinstance(error, LomiAPIError) and not isinstance(error, LomiAuthError):
            self._reject(task, error)
        elif task.step == "finish" and isinstance(error, LomiNotFoundError):
            # It was deleted before its metadata was written.
            self._record(task, State.IMPORTED)
            self._finished()
        else:
            self._retry(task, error)

    def _ambiguous(self, task: _Task, error: LomiReconcileError) -> None:
        self._flush()
        free = [each for each in task.candidate_ids if not self._journal.claims(each)]
        if any(each.fields == task.fields for each in self._running.values()):
            # It may belong to an identical row whose metadata is being written right now.
            self._retry(task, error)
        elif free:
            # Created at that time, with the same fields and without metadata, which the API sometimes loses: ours.
            self._finish_later(task, free[0])
        else:
            self._leave(task, error)

    def _is_fatal(self, task: _Task, error: LomiError) -> bool:
        """Return whether no other row would succeed: there is no such API, or the key was never accepted."""
        no_such_api = task.step == "create" and isinstance(error, LomiNotFoundError)
        bad_key = isinstance(error, LomiAuthError) and not self._report.imported
        return no_such_api or bad_key or isinstance(error, LomiPermissionError)

    def _retry(self, task: _Task, error: LomiError) -> None:
        """Repeat the same step later; after too many tries leave it to the next run."""
        task.tries += 1
        if task.tries <= 2 * _TRIES:
            delay = self._backoff * 2.0 ** min(task.tries - 1, 5)
            self._schedule(task, delay)
            if isinstance(error, (LomiConnectionError, LomiAuthError)):
                self._pause(delay)
        else:
            self._leave(task, error)
            self._strike(error)

    def _pause(self, seconds: float) -> None:
        """Start nothing for a while, because the failure was not about one row."""
        self._limit.pause(self._now() + seconds)

    def _schedule(self, task: _Task, delay: float) -> None:
        heapq.heappush(self._scheduled, (self._now() + delay, next(self._order), task))

    def _strike(self, error: LomiError) -> None:
        self._strikes += 1
        if self._strikes >= _STRIKES:
            self._report.stopped_by = error

    def _finish_later(self, task: _Task, customer_id: str) -> None:
        """Schedule writing the metadata of a customer that was created without it."""
        task.step, task.customer_id = "finish", customer_id
        self._record(task, State.INCOMPLETE)
        self._schedule(task, 0.0)

    def _reject(self, task: _Task, error: LomiError) -> None:
        self._record(task, State.REJECTED)
        self._report.rejected.append((task.row.line, error.message))
        self._advance(1)

    def _leave(self, task: _Task, error: LomiError | None) -> None:
        """Leave a task to the next run."""
        if task.step == "create":
            self._report.remaining += 1
        else:
            self._report.unknown.append((task.row.line, "" if error is None else error.message))

    def _finished(self) -> None:
        self._report.imported += 1
        self._advance(1)

    def _conclude(self) -> Report:
        for _, _, task in self._scheduled:
            self._leave(task, task.error)
        self._report.remaining += (self._next is not None) + sum(1 for _ in self._rows)
        return self._report

    def _flush(self) -> None:
        if self._unwritten:
            self._journal.write(self._unwritten)
            self._unwritten.clear()

    def _record(self, task: _Task, state: State) -> None:
        self._unwritten.append(Entry(task.number, task.row.digest, state, self._now(), task.customer_id))

    def _reference(self, task: _Task) -> str:
        return f"{self._journal.id}-{task.number}"

    def _metadata(self, task: _Task) -> dict[str, Any]:
        return {**task.fields.get("metadata", {}), REFERENCE: self._reference(task)}


def payload(row: Row) -> dict[str, Any]:
    """Return the fields to send for a row. The reference of an earlier import is left out."""
    fields = {**row.fields}
    metadata = {key: value for key, value in fields.pop("metadata", {}).items() if key != REFERENCE}
    return {**fields, "metadata": metadata} if metadata else fields
