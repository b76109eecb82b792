"""How a resource is declared: its fields, what its objects look like, its states and its operations.

A new one is a file in `resources/` and one line in `resources/__init__.py`:

    PARCELS = Resource(
        "parcels",
        key="parcel_id",
        prefix="par",
        noun="Parcel",
        fields=(Field("address", required=True), Field("weight", "number"), Field("metadata", "metadata")),
        shape=Shape("parcel_id organization_id address weight status metadata environment created_at updated_at"),
        steps=(
            Step(None, "packed"),
            Step("packed", "sent", event="PARCEL_SENT"),
            Step("packed", "lost", after=timedelta(days=3), event="PARCEL_LOST"),
        ),
        operations=(
            Operation("POST", "/parcels", Create(), idempotent=True, limit=(120, 60)),
            Operation("GET", "/parcels", List("counted", paging="window", size=20, filters=(status_filter("packed"),))),
            Operation("GET", "/parcels/{id}", Get()),
            Operation("POST", "/parcels/{id}/send", send),
        ),
    )
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from .amounts import to_minor
from .engine import Engine, Kind, Step
from .fields import Field
from .http import ApiError, DatabaseError, JsonValue, Reply, Request, Unparsed, decode_segment
from .matching import MatchedFaults
from .store import Record, Values
from .wire import Dialect, DialectName

__all__ = ["Call", "Caller", "DatabaseErrors", "Field", "Operation", "Resource", "Router", "Shape", "Step", "View"]


@dataclass(frozen=True)
class Caller:
    """Whose data a request may see: that of the key, or of the account it acts for."""

    merchant_id: str
    organization_id: str
    name: str
    environment: str
    account: str | None


@dataclass(frozen=True)
class DatabaseErrors:
    """What a caller sees of a database error.

    Attributes:
        status: The status in the server dialect.
        message: The message, in which `{text}` is the database's own, `{id}` the id in the path and `{noun}` that of
            the resource; None hides it.
        documented: The message of a documented `DATABASE_ERROR`; None: the pages name no error of their own.
    """

    status: int = 500
    message: str | None = None
    documented: str | None = None

    def seen(self, error: DatabaseError, call: Call) -> ApiError:
        """Return the error as a dialect shows it."""
        if call.dialect.name == "docs":
            code = None if self.documented is None else "DATABASE_ERROR"
            return ApiError(500, self.documented or "Internal server error.", code=code)
        message = None if self.message is None else self.message.format(text=error, id=call.id, noun=call.resource.noun)
        return ApiError(self.status, message or str(error), shown=message is not None)


MISSING: Final = "{noun} with ID {id} not found or access denied"
TEXT: Final = DatabaseErrors(400, "{text}")
NOT_FOUND: Final = DatabaseErrors(404, MISSING)


@dataclass(frozen=True)
class Operation:
    """One operation of a resource.

    Attributes:
        method: Upper case. A GET responds to HEAD as well.
        path: Such as `/customers/{id}`.
        run: Carries it out.
        account: What a connected account must allow for `Lomi-Account` to be accepted; None refuses that header.
        idempotent: Whether it honours `Idempotency-Key`.
        limit: Requests and seconds of a rate limit of its own.
        errors: What a caller sees of a database error.
        time_dependent: The response holds the current time, so that it is never "not modified".
    """

    method: str
    path: str
    run: Callable[[Call], Reply]
    account: str | None = None
    idempotent: bool = False
    limit: tuple[int, float] | None = None
    errors: DatabaseErrors = DatabaseErrors()
    time_dependent: bool = False

    @property
    def route(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class View:
    """How objects are looked at: where what belongs to them is found, and in which dialect."""

    engine: Engine
    dialect: Dialect


@dataclass(frozen=True)
class Shape:
    """What callers see of an object.

    Attributes:
        server: Its keys in the server dialect, in order.
        docs: Its keys in the docs dialect. Default: the server's; of a resource whose ids have a prefix, with `id` for
            the key and without `environment`.
        nulls: Keys that the server always gives as null.
        minor: Keys of amounts that are shown in the smallest unit of the currency, not in major units.
    """

    server: str
    docs: str = ""
    nulls: tuple[str, ...] = ()
    minor: tuple[str, ...] = ()

    def keys(self, dialect: DialectName, resource: Resource) -> list[str]:
        """Return the keys in a dialect."""
        if dialect == "docs" and self.docs:
            return self.docs.split()
        keys = self.server.split()
        if dialect == "server" or not resource.prefix:
            return keys
        return ["id" if each == resource.key else each for each in keys if each != "environment"]


@dataclass(frozen=True)
class Resource(Kind):
    """A type of objects, and the operations on them.

    Attributes:
        type: Its name, such as `customers`.
        key: What the server calls its id, such as `customer_id`.
        noun: What an error calls one of them.
        missing: The error where there is none with the `{id}` in the path.
        prefix: What its ids begin with in the docs dialect; empty for a bare UUID.
        fields: What a request may bring.
        shape: What callers see of one of them.
        event_shape: What an event carries; None for the same.
        steps: How its objects go from state to state; none for objects without states.
        operations: What can be done with them.
        searched: The fields that a search looks through.
        indexed: The fields that objects are looked up by.
        prepare: Changes the values of a create or an update before they are stored; the record is None for a create.
        finish: Changes what is shown of an object; it may look up what belongs to it.
    """

    type: str
    key: str
    noun: str = ""
    missing: str = MISSING
    prefix: str = ""
    fields: tuple[Field, ...] = ()
    shape: Shape = Shape("")
    event_shape: Shape | None = None
    steps: tuple[Step, ...] = ()
    operations: tuple[Operation, ...] = ()
    searched: tuple[str, ...] = ()
    indexed: tuple[str, ...] = ()
    prepare: Callable[[Call, Values, Record | None], Values] = lambda _, values, __: values
    finish: Callable[[View, Record, Values], Values] = lambda _, __, values: values

    @property
    def basic_fields(self) -> tuple[Field, ...]:
        """The fields that are written together; metadata is written after them."""
        return tuple(field for field in self.fields if field.kind != "metadata")

    def show(self, view: View, record: Record, shape: Shape | None = None) -> Values:
        """Return an object as callers see it."""
        shape, dialect = shape or self.shape, view.dialect
        values: Values = {}
        for key in shape.keys(dialect.name, self):
            if key in {"id", self.key}:
                values[key] = dialect.show_id(self.prefix, record.id)
            elif key == "organization_id":
                values[key] = view.engine.organization(record.owner)
            elif key in {"status", "environment"}:
                values[key] = str(getattr(record, key))
            elif key in {"created_at", "updated_at"}:
                values[key] = dialect.time(getattr(record, key))
            elif key in shape.minor:
                values[key] = to_minor(record[key], record["currency_code"])
            else:
                values[key] = _shown(key, record[key], view)
        if dialect.name == "server":
            values.update(dict.fromkeys(shape.nulls))
        return self.finish(view, record, values)

    def event_data(self, engine: Engine, record: Record) -> Values:
        """Return the `data` of an event: the object as the server shows it."""
        return self.show(View(engine, Dialect()), record, self.event_shape)


def _shown(key: str, value: JsonValue, view: View) -> JsonValue:
    if isinstance(value, int) and not isinstance(value, bool) and key.endswith(("_at", "_date", "_from")):
        return view.dialect.time(value)
    if isinstance(value, str) and key in view.engine.prefixes:
        return view.dialect.show_id(view.engine.prefixes[key], value)
    return value


@dataclass(frozen=True)
class Call:
    """One request to an operation, and all that it may use."""

    engine: Engine
    resource: Resource
    operation: Operation
    dialect: Dialect
    request: Request
    params: dict[str, str]
    body: JsonValue | Unparsed
    caller: Caller
    faults: MatchedFaults

    @property
    def query(self) -> dict[str, list[str]]:
        return self.request.query

    @property
    def sent(self) -> Values:
        """The body, if it is an object; else nothing."""
        return self.body if isinstance(self.body, dict) else {}

    @property
    def id(self) -> str:
        """The id in the path, as sent; empty if there is none."""
        return next(iter(self.params.values()), "")

    def find(self, resource: Resource | None = None) -> Record:
        """Return the object whose id is in the path; only its owner matters, not its environment.

        Raises:
            ApiError: There is none, or it belongs to another merchant.
            DatabaseError: It cannot be an id.
        """
        resource = resource or self.resource
        record = self.find_own(resource.type, self.id, resource.prefix)
        if record is None:
            raise ApiError(404, resource.missing.format(noun=resource.noun, id=self.id))
        return record

    def find_own(self, type: str, id: str, prefix: str = "") -> Record | None:
        """Return the caller's object of a type by its id, as sent; None if there is none."""
        record = self.engine.store.find(type, self.dialect.read_id(prefix, id))
        return None if record is None or record.owner != self.caller.merchant_id else record

    def create(self, body: Values, status: str | None = None, type: str | None = None) -> Record:
        """Create an object of this resource, or of another type."""
        owner, environment = self.caller.merchant_id, self.caller.environment
        return self.engine.create(type or self.resource.type, body, owner=owner, environment=environment, status=status)

    def show(self, record: Record, shape: Shape | None = None) -> Values:
        """Return an object of this resource as the caller sees it."""
        return self.resource.show(self.view, record, shape)

    @property
    def view(self) -> View:
        """How the caller sees objects."""
        return View(self.engine, self.dialect)


class Router:
    """Finds the operation of a path, whose letters may be of either case and which may end in one slash."""

    def __init__(self, routes: Mapping[str, Any]) -> None:
        self._routes: dict[str, list[tuple[str, re.Pattern[str], Any]]] = {}
        # What is spelled out comes before what may be anything: /accounts/balance before /accounts/{id}.
        for route in sorted(routes, key=lambda each: each.replace("{", "\x7f")):
            method, path = route.split(" ")
            pattern = re.compile(
                re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path)) + "/?", re.IGNORECASE | re.ASCII
            )
            self._routes.setdefault(method, []).append((path, pattern, routes[route]))

    def find(self, method: str, path: str) -> Match | None:
        for template, pattern, target in self._routes.get("GET" if method == "HEAD" else method, []):
            found = pattern.fullmatch(path)
            if found is not None:
                return Match(target, template, found.groupdict(), re.fullmatch(pattern.pattern, path) is not None)
        return None


@dataclass(frozen=True)
class Match:
    """What a path leads to, and what it holds, still percent-encoded. `exact`: its letters are lower case."""

    target: Any
    template: str
    raw: dict[str, str]
    exact: bool

    def params(self) -> dict[str, str]:
        return {name: decode_segment(segment) for name, segment in self.raw.items()}
