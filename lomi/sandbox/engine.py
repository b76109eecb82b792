"""The simulator: objects that go from state to state, in time, and say so in events."""

from __future__ import annotations

import threading
import weakref
from collections import deque
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from .clock import SECOND, EngineClock
from .http import JsonValue
from .log import LARGEST_JOURNAL, ObjectChange
from .store import Identifiers, Record, Store, Values
from .webhooks import Outbox

if TYPE_CHECKING:
    from .matching import InjectedFault

MICROSECOND: Final = timedelta(microseconds=1)
# Reserved never to exist: a client that lost its transport reaches no one.
BASE_URL: Final = "https://lomi-sandbox.invalid"


@dataclass(frozen=True)
class Step:
    """A way from one state to another.

    Attributes:
        source: The state before; None for an object that is being created.
        target: The state after.
        event: The webhook that it sends, if any.
        effect: What else it does. It may change the object's body; the engine stores it.
        after: It happens by itself so long after the object entered `source`.
        at: It happens by itself at the moment that this field of the body holds, in microseconds.
        when: Whether a step that happens by itself applies; the first one that does is taken.
    """

    source: str | None
    target: str
    event: str | None = None
    effect: Callable[[Engine, Record], None] | None = None
    after: timedelta | None = None
    at: str | None = None
    when: Callable[[Record], bool] = lambda _: True

    def due(self, record: Record) -> int | None:
        """Return when it happens by itself, or None."""
        if self.source != record.status or not self.when(record):
            return None
        if self.after is not None:
            return record.entered_at + self.after // MICROSECOND
        moment = None if self.at is None else record[self.at]
        return moment if isinstance(moment, int) else None


class Kind:
    """What the engine has to know of a type of objects.

    Attributes:
        type: Its name, such as `customers`.
        steps: How its objects go from state to state; none for objects without states.
        key: What callers call its id, such as `customer_id`.
        prefix: What its ids begin with in the docs dialect; empty for a bare UUID.
        searched: The fields that a search looks through.
        indexed: The fields that objects are looked up by.
    """

    type: str
    key: str
    prefix: str = ""
    steps: tuple[Step, ...] = ()
    searched: tuple[str, ...] = ()
    indexed: tuple[str, ...] = ()

    def event_data(self, engine: Engine, record: Record) -> Values:
        """Return the `data` of an event about an object."""
        raise NotImplementedError

    def first_due(self, record: Record) -> tuple[int, Step] | None:
        """Return the step that happens by itself, and when."""
        due = [(moment, step) for step in self.steps if (moment := step.due(record)) is not None]
        return min(due, key=lambda each: each[0]) if due else None

    def search(self, body: Values) -> str:
        """Return the text that a search looks through."""
        return "\n".join(str(body.get(name) or "") for name in self.searched).casefold()

    def indexes(self) -> str:
        """Return the SQL of its indexes."""
        return "".join(
            f"CREATE INDEX IF NOT EXISTS {self.type}_by_{name} ON objects (json_extract(body, '$.{name}'),"
            f" created_at DESC, number DESC) WHERE type = '{self.type}';"
            for name in self.indexed
        )


class StateError(ValueError):
    """An object cannot go to that state from where it is."""


class Engine:
    """Creates objects, moves them from state to state, and lets time pass. Use it while holding `lock`."""

    def __init__(
        self,
        kinds: Mapping[str, Kind],
        store: Store,
        ids: Identifiers,
        faults: Callable[[], tuple[InjectedFault, ...]],
        *,
        frozen: bool,
        background: bool,
        fees: bool = False,
    ) -> None:
        self.kinds = kinds
        self.prefixes: dict[str, str] = {each.key: each.prefix for each in kinds.values() if each.prefix}
        self._organizations: dict[str, str] = {}
        self.fees = fees
        self.store = store
        self.lock: threading.RLock = store.lock
        self.ids = ids
        self.clock: EngineClock = EngineClock(frozen=frozen, travel=self.travel, changed=self._clock_changed)
        self.outbox: Outbox = Outbox(store, self.clock, ids, faults)
        # Of its servers, the last one at the end.
        self.addresses: list[str] = []
        self.journal: deque[ObjectChange] = deque(maxlen=LARGEST_JOURNAL)
        self._moment: int | None = None
        self._cause: int | str | None = None
        self._background = background
        self._worker: threading.Thread | None = None
        self._held = 0
        self._wake = threading.Event()
        weakref.finalize(self, self._wake.set)

    @property
    def now(self) -> int:
        """The current time; while something that fell due is carried out, the moment that it fell due."""
        return self.clock.micros() if self._moment is None else self._moment

    @property
    def address(self) -> str:
        """Where its pages are: at its server, or at a name that exists nowhere."""
        return self.addresses[-1] if self.addresses else BASE_URL

    # Objects

    def organization(self, owner: str) -> str:
        """Return the id of a merchant's organization, which stays the same."""
        if owner not in self._organizations:
            merchant = self.store.find("merchants", owner)
            if merchant is None:
                return ""
            self._organizations[owner] = str(merchant["organization_id"])
        return self._organizations[owner]

    def create(
        self,
        type: str,
        body: Values,
        *,
        owner: str,
        environment: str = "test",
        id: str | None = None,
        status: str | None = None,
    ) -> Record:
        """Create an object in its first state, or in the one that is given.

        Raises:
            StateError: It cannot begin in that state.
        """
        number = self.store.next_number(type)
        now = self.now
        made = id or self.ids.make(type.removesuffix("s"), number)
        record = Record(type, number, made, owner, environment, None, body, now, now, now)
        kind = self.kinds[type]
        with self.store.transaction():
            if not kind.steps:
                record.status = status
            # Stored before it takes its first step, whose effect may create objects that lead here.
            self._prepare(record)
            self.store.add([record])
            if kind.steps:
                self._take(record, self._step(record, status))
            else:
                self._note(record)
        return record

    def step(self, record: Record, target: str, **changes: JsonValue) -> Record:
        """Move an object to another state, with changes of its body.

        Raises:
            StateError: There is no such step from its state.
        """
        step = self._step(record, target)
        record.body.update(changes)
        with self.store.transaction():
            self._take(record, step)
        return record

    def save(self, record: Record) -> None:
        """Store an object's body as it is now."""
        self._prepare(record)
        self.store.save(record)
        if record.due_at is not None:
            self.wake()

    def emit(self, event: str, record: Record, data: Values | None = None) -> None:
        """Send an event about an object to whoever is subscribed; its `data` is the object if nothing else is given."""
        data = self.kinds[record.type].event_data(self, record) if data is None else data
        sent = self.outbox.add(event, data, record, self.now)
        self._note(record, event=event, deliveries=sent)
        self.wake()

    def _note(self, record: Record, **what: Any) -> None:
        self.journal.append(ObjectChange(self.now, self._cause, record.type, record.id, **what))

    def _prepare(self, record: Record) -> None:
        """Work out what follows from an object's body."""
        kind = self.kinds[record.type]
        record.search = kind.search(record.body)
        record.updated_at = self.now
        due = kind.first_due(record)
        record.due_at = None if due is None else due[0]

    def _step(self, record: Record, target: str | None) -> Step:
        for step in self.kinds[record.type].steps:
            if step.source == record.status and target in (None, step.target):
                return step
        raise StateError(f"{record.type.removesuffix('s')} {record.id} cannot go from {record.status} to {target}")

    def _take(self, record: Record, step: Step) -> None:
        self._note(record, source=record.status, target=step.target)
        record.status, record.entered_at = step.target, self.now
        if step.effect is not None:
            step.effect(self, record)
        self.save(record)
        if step.event is not None:
            self.emit(step.event, record)

    # Time

    def catch_up(self, until: int) -> None:
        """Carry out every step that has fallen due, in order, each at its moment."""
        while (record := self.store.first_due(until)) is not None:
            moment = record.due_at or 0
            with self.at(moment, "time"), self.store.transaction():
                due = self.kinds[record.type].first_due(record)
                if due is None:
                    self.save(record)
                    continue
                self._take(record, due[1])
                if record.due_at is not None and record.due_at <= moment:
                    raise RuntimeError(f"{record.type} {record.id} falls due again at the moment that it fell due")

    def travel(self, target: int) -> None:
        """Move the clock forward, and carry out everything that falls due on the way. Without the lock."""
        with self.worker_held():
            self._travel(target)

    def _travel(self, target: int) -> None:
        while True:
            self.outbox.settle()  # what another thread is sending may be due again on the way
            with self.lock:
                object_due = self.store.first_due(target)
                due = [each for each in (self.outbox.first_due(target),) if each is not None]
                due += [] if object_due is None or object_due.due_at is None else [object_due.due_at]
                if not due:
                    break
                self.clock.move_to(min(due))
                self.catch_up(min(due))
            self.outbox.deliver()
        self.clock.move_to(target)
        self._clock_changed()

    @contextmanager
    def at(self, moment: int, cause: int | str | None = None) -> Generator[None]:
        """Let everything in the block happen at one moment, and because of one thing: see `ObjectChange.cause`."""
        before = self._moment, self._cause
        self._moment, self._cause = moment, cause
        try:
            yield
        finally:
            self._moment, self._cause = before

    def _clock_changed(self) -> None:
        with self.lock:
            self.store.set_setting("frozen" if self.clock.frozen else "running", self.clock.saved_micros)
        self.wake()

    # What happens by itself while the clock runs

    def wake(self) -> None:
        """Let the worker look for what is due; start it if there is none."""
        with self.lock:
            if self._background and not self._held and self._worker is None and self._pause() is not None:
                name = "lomi-sandbox-clock"
                self._worker = threading.Thread(
                    target=_work, args=(weakref.ref(self), self._wake), name=name, daemon=True
                )
                self._worker.start()
        self._wake.set()

    @contextmanager
    def worker_held(self) -> Generator[None]:
        """Leave everything that is due to the block: the worker does nothing meanwhile."""
        with self.lock:
            self._held += 1
        try:
            yield
        finally:
            with self.lock:
                self._held -= 1
            if self.store.close.alive:
                self.wake()

    def notify_closed(self) -> None:
        """Let the worker see that the sandbox was closed."""
        self._wake.set()

    def run_due(self) -> float | None:
        """Carry out and send what is due. Return the seconds until the next thing is; None if nothing will be."""
        with self.lock:
            if self._held:
                return threading.TIMEOUT_MAX
            if self.store.close.alive:
                self.catch_up(self.clock.micros())
        self.outbox.deliver()
        with self.lock:
            pause = self._pause() if self.store.close.alive else None
            if pause is None:
                self._worker = None
            return pause

    def _pause(self) -> float | None:
        """Seconds of this machine until something falls due."""
        end = 2**62
        record, delivery = self.store.first_due(end), self.outbox.first_due(end)
        due = [each for each in (delivery, None if record is None else record.due_at) if each is not None]
        left = max(0, min(due) - self.clock.micros()) / SECOND if due else None
        if left is None or (left and self.clock.frozen):
            return None
        return left / self.clock.speed if left else 0.0


def _work(engine: weakref.ref[Engine], wake: threading.Event) -> None:
    """Run what is due as long as a clock has something ahead. Does not keep a dropped sandbox alive."""
    while True:
        alive = engine()
        pause = None if alive is None else alive.run_due()
        del alive
        if pause is None:
            return
        wake.wait(min(pause, threading.TIMEOUT_MAX))
        wake.clear()
