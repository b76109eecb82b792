"""Creates customers, many at a time, so that a stop at any moment leaves nobody out and creates nobody twice."""

from __future__ import annotations

import hashlib
import heapq
import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from .. import (
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
from .._core.reconciliation import REFERENCE, SentRequest
from ._files import Row
from ._journal import Entry, Journal, State
from ._pace import Pace

__all__ = ["Importer", "Report", "digest", "payload"]

# How often one row is tried, after how many rows in succession that came to nothing all others are left, and after
# how many requests in succession that nobody answered well no other row is begun for a while.
_TRIES: Final = 6
_STRIKES: Final = 5
# Seconds to leave the API alone after a 429 that does not say how long.
_LEFT_ALONE: Final = 30.0
# Whatever it says, it is asked again after a day; no clock can wait for the largest of numbers.
_DAY: Final = 86_400.0


@dataclass
class Report:
    """What an import came to."""

    done: int = 0
    """Customers that exist now, earlier runs included."""
    refused: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    """Line and reason of those that the API does not want."""
    doubtful: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    """Line and reason of those that may exist, or still lack their metadata."""
    left: int = 0
    """Rows that were not tried."""
    stopped_by: LomiError | None = None
    """What kept the import from going on."""


@dataclass
class _Task:
    number: int
    row: Row
    fields: Mapping[str, Any] = field(repr=False)
    step: Literal["create", "reconcile", "finish"] = "create"
    error: LomiError | None = None
    customer_id: str | None = None
    tries: int = 0


class Importer:
    """One run over the rows of a file.

    The journal is written by one thread, which notes every row before its request leaves; the requests are made by
    others. What was under way when an earlier run ended is looked for before it is sent again.

    Args:
        client: Creates the customers.
        journal: Knows what earlier runs did.
        pace: Bounds the creates.
        concurrency: How many requests at a time, 1 or more.
        settle: How many seconds a request that nobody answered may take to have its effect.
        advance: Called with 1 when a row is finished.
        interrupted: Entered after Ctrl-C, while what is under way is waited for.
        now: The time, in seconds since 1970.
        sleep: Waits.
        backoff: Seconds before the second try of a row; doubles each time.
    """

    def __init__(
        self,
        client: LomiClient,
        journal: Journal,
        pace: Pace,
        *,
        concurrency: int,
        settle: float,
        advance: Callable[[int], object],
        interrupted: Callable[[], AbstractContextManager[None]],
        now: Callable[[], float],
        sleep: Callable[[float], object],
        backoff: float = 0.5,
    ) -> None:
        self._client = client
        self._journal = journal
        self._pace = pace
        self._concurrency = concurrency
        self._settle = settle
        self._advance = advance
        self._interrupted = interrupted
        self._now = now
        self._sleep = sleep
        self._backoff = backoff
        self._began = now()
        self._report = Report()
        self._rows: Iterator[_Task] = iter(())
        self._next: _Task | None = None
        self._later: list[tuple[float, int, _Task]] = []
        self._order = itertools.count()
        self._under_way: dict[Future[Customer | None], _Task] = {}
        self._noted: list[Entry] = []
        self._struck = 0
        self._unanswered = 0

    def run(self, rows: Iterator[tuple[int, Row]]) -> Report:
        """Import the rows, each with its number in the file; return what it came to.

        Raises:
            KeyboardInterrupt: Somebody pressed Ctrl-C; what was under way has been waited for and noted.
        """
        self._rows = filter(None, (self._task(number, row) for number, row in rows))
        self._next = next(self._rows, None)
        under_way = self._under_way
        with ThreadPoolExecutor(self._concurrency) as workers:
            try:
                while self._report.stopped_by is None:
                    for task in self._begin(self._concurrency - len(under_way)):
                        under_way[workers.submit(self._carry_out, task)] = task
                    full = len(under_way) == self._concurrency
                    idle = None if full else self._idle()
                    if under_way:
                        self._end(wait(under_way, idle, FIRST_COMPLETED).done)
                    elif idle is None:
                        break
                    else:
                        self._sleep(idle)
            except KeyboardInterrupt:
                with self._interrupted():
                    workers.shutdown()
                raise
            finally:
                self._end(wait(under_way).done)
                self._flush()
        return self._conclude()

    def _task(self, number: int, row: Row) -> _Task | None:
        """Return what is to be done for a row; None if that is nothing."""
        entry = self._journal.get(number)
        task = _Task(number, row, payload(row))
        if entry is None or entry.state is State.REFUSED:
            return task
        if entry.state is State.DONE:
            self._finished()
            return None
        task.customer_id = entry.customer_id
        task.step = "finish" if entry.state is State.BARE else "reconcile"
        if task.step == "reconcile":
            task.error = self._lost(task, entry.at)
        return task

    def _lost(self, task: _Task, sent_at: float) -> LomiError:
        """Return the error that the create of an earlier run would have raised, had it lived to see it."""
        error = LomiConnectionError("nobody heard the answer", outcome="unknown", method="POST", path="/customers")
        sent = {**task.fields, "metadata": self._metadata(task)}
        # A request can have left up to the end of that run, which was before this one began.
        error._sent_request = SentRequest(sent, self._client.config.scope, sent_at, max(sent_at, self._began), None)  # noqa: SLF001
        return error

    def _begin(self, free: int) -> list[_Task]:
        """Take as many tasks as may be begun now, and have them on the disk, with what has ended, before they are."""
        begun: list[_Task] = []
        now = self._now()
        while len(begun) < free and self._pace.wait(now) <= 0:
            if self._later and self._later[0][0] <= now:
                task = heapq.heappop(self._later)[2]
            elif self._next is not None:
                task, self._next = self._next, next(self._rows, None)
            else:
                break
            if task.step == "create":
                self._pace.take(now)
                self._note(task, State.SENT)
            begun.append(task)
        if begun or len(self._noted) >= self._concurrency:
            self._flush()
        return begun

    def _idle(self) -> float | None:
        """Return for how many seconds nothing can be begun; None if nothing is left to begin."""
        now = self._now()
        if self._next is not None:
            return self._pace.wait(now)
        return max(self._pace.wait(now), self._later[0][0] - now) if self._later else None

    def _carry_out(self, task: _Task) -> Customer | None:
        customers = self._client.customers
        if task.step == "create":
            # A mapping that the client has checked, and checks again.
            fields: Any = task.fields
            return customers.create(fields, reference=self._reference(task))
        if task.step == "reconcile" and task.error is not None:
            try:
                return customers.reconcile(task.error, settle=self._settle)
            except LomiReconcileError as doubt:
                # A customer that has metadata belongs to somebody else.
                doubt.candidate_ids = tuple(each for each in doubt.candidate_ids if not customers.get(each).metadata)
                raise
        return customers.update(task.customer_id or "", metadata=self._metadata(task))

    def _end(self, finished: set[Future[Customer | None]]) -> None:
        for future in finished:
            task = self._under_way.pop(future)
            error = future.exception()
            if isinstance(error, LomiError):
                self._failed(task, error)
            else:
                self._succeeded(task, future.result())

    def _succeeded(self, task: _Task, customer: Customer | None) -> None:
        if customer is not None:
            self._struck = self._unanswered = 0
            task.customer_id = customer.id
            self._note(task, State.DONE)
            self._finished()
        elif task.error is not None and task.tries >= _TRIES:
            # It was looked for after every try, and is not there.
            self._refuse(task, task.error)
            self._strike(task.error)
        else:
            task.step = "create"
            self._schedule(task, 0.0)

    def _failed(self, task: _Task, error: LomiError) -> None:
        task.error = error if task.step == "create" else task.error
        if isinstance(error, LomiPartialWriteError) and error.customer_id is not None:
            self._bare(task, error.customer_id)
        elif isinstance(error, LomiReconcileError):
            self._flush()
            free = [each for each in error.candidate_ids if not self._journal.claims(each)]
            if any(each.fields == task.fields for each in self._under_way.values()):
                # It may be that of a row which is the same, and whose metadata is just being written.
                self._again(task, error)
            elif free:
                # Made then, the same in every field, and without metadata, which the API loses at times: ours.
                self._bare(task, free[0])
            else:
                self._leave(task, error)
        elif isinstance(error, LomiRateLimitError):
            self._hold(_LEFT_ALONE if error.retry_after is None else min(error.retry_after, _DAY))
            self._schedule(task, 0.0)
        elif self._ends_it(task, error):
            self._report.stopped_by = error
            self._leave(task, error)
        elif task.step == "create" and error.outcome == "unknown":
            task.tries += 1
            task.step = "reconcile"
            self._schedule(task, self._settle)
            self._unanswered += 1
            if self._unanswered >= _STRIKES:
                self._hold(self._settle)
        elif task.step == "create" and isinstance(error, LomiAPIError) and not isinstance(error, LomiAuthError):
            self._refuse(task, error)
        elif task.step == "finish" and isinstance(error, LomiNotFoundError):
            # Deleted before its metadata was written.
            self._note(task, State.DONE)
            self._finished()
        else:
            self._again(task, error)

    def _ends_it(self, task: _Task, error: LomiError) -> bool:
        """Tell whether no row would fare better: nothing is there, or the key is not accepted, now as before."""
        nowhere = task.step == "create" and isinstance(error, LomiNotFoundError)
        refused = isinstance(error, LomiAuthError) and not self._report.done
        return nowhere or refused or isinstance(error, LomiPermissionError)

    def _again(self, task: _Task, error: LomiError) -> None:
        """Take the same step again later; after too many times leave it to the next run."""
        task.tries += 1
        if task.tries <= 2 * _TRIES:
            delay = self._backoff * 2.0 ** min(task.tries - 1, 5)
            self._schedule(task, delay)
            if isinstance(error, (LomiConnectionError, LomiAuthError)):
                self._hold(delay)
        else:
            self._leave(task, error)
            self._strike(error)

    def _hold(self, delay: float) -> None:
        """Begin no other row for a while: what failed is not about one row."""
        self._pace.close(self._now() + delay)

    def _schedule(self, task: _Task, delay: float) -> None:
        heapq.heappush(self._later, (self._now() + delay, next(self._order), task))

    def _strike(self, error: LomiError) -> None:
        self._struck += 1
        if self._struck >= _STRIKES:
            self._report.stopped_by = error

    def _bare(self, task: _Task, customer_id: str) -> None:
        task.step, task.customer_id = "finish", customer_id
        self._note(task, State.BARE)
        self._schedule(task, 0.0)

    def _refuse(self, task: _Task, error: LomiError) -> None:
        self._note(task, State.REFUSED)
        self._report.refused.append((task.row.line, error.message))
        self._advance(1)

    def _leave(self, task: _Task, error: LomiError | None) -> None:
        """Leave a task to the next run."""
        if task.step == "create":
            self._report.left += 1
        else:
            self._report.doubtful.append((task.row.line, "" if error is None else error.message))

    def _finished(self) -> None:
        self._report.done += 1
        self._advance(1)

    def _conclude(self) -> Report:
        for _, _, task in self._later:
            self._leave(task, task.error)
        self._report.left += (self._next is not None) + sum(1 for _ in self._rows)
        return self._report

    def _flush(self) -> None:
        if self._noted:
            self._journal.write(self._noted)
            self._noted.clear()

    def _note(self, task: _Task, state: State) -> None:
        self._noted.append(Entry(task.number, digest(task.row), state, self._now(), task.customer_id))

    def _reference(self, task: _Task) -> str:
        return f"{self._journal.id}-{task.number}"

    def _metadata(self, task: _Task) -> dict[str, Any]:
        return {**task.fields.get("metadata", {}), REFERENCE: self._reference(task)}


def payload(row: Row) -> dict[str, Any]:
    """Return what is sent for a row, but for the reference of this import; that of an earlier one is left out."""
    fields = {**row.fields}
    metadata = {key: value for key, value in fields.pop("metadata", {}).items() if key != REFERENCE}
    return {**fields, "metadata": metadata} if metadata else fields


def digest(row: Row) -> str:
    """Return a fingerprint of what a row holds."""
    text = json.dumps(row.fields, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
