"""What the page shows of a sandbox, as JSON values, all of it taken from the declarations and the tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..behaviours import Filter, List, Search, Update, status_filter
from ..clock import to_micros
from ..engine import Engine
from ..faults import FAULTS, FaultKind
from ..fields import CURRENCIES, Field, read_time
from ..http import JsonValue
from ..log import masked
from ..matching import Fault, InjectedFault
from ..resource import Operation, Resource, View
from ..resources.transactions import STATUSES
from ..store import SqlValue, Values
from ..wire import Dialect, Docs
from .board import Board

ROWS: Final = 10
ALWAYS: Final = 2**62
# What `Sandbox.pay` asks for, besides the customer.
PAYMENT: Final = (
    Field("amount", "number", required=True),
    Field("currency_code", choices=CURRENCIES, required=True),
    Field("status", choices=STATUSES, required=True),
    Field("recurring", "boolean"),
)


def about(board: Board) -> Values:
    """Return what stays as it is for as long as the sandbox is served."""
    return {
        "key": masked(board.api_key),
        "routes": list(board.routes),
        "events": list(board._events),  # noqa: SLF001 - of the same package
        "faults": [_kind(kind) for kind in FAULTS.values()],
        "resources": [_resource(each, _operations(board, each)) for each in resources(board).values()],
    }


def state(board: Board) -> Values:
    """Return the switches as they stand, and a `revision` that is another whenever the data or the log may be."""
    engine = board._engine  # noqa: SLF001 - of the same package
    requests = board.requests
    last = requests[-1].number if requests else 0
    return {
        "now": to_micros(board.clock.now()) // 1000,
        "speed": board.clock.speed,
        "due": _due(board, engine),
        "dialect": board.dialect,
        "revision": f"{last}/{len(requests)}/{len(engine.journal)}/{engine.store.changes}",
        "faults": [_fault(fault) for fault in board.faults],
        "merchants": [{"id": each.id, "name": each["name"]} for each in engine.store.select("merchants")[::-1]],
    }


def table(board: Board, type: str, query: dict[str, list[str]]) -> Values:
    """Return a page of the objects of a type, the newest first, that a merchant has and that the filters let through.

    Raises:
        LookupError: There is no such type.
        DatabaseError: A filter does not take that value.
    """
    engine, resource = board._engine, resources(board)[type]  # noqa: SLF001 - of the same package
    store = engine.store
    sent = {name: given[0] for name, given in query.items() if given[0]}
    where: list[str] = []
    values: list[SqlValue] = []
    if "merchant" in sent:
        where, values = ["owner = ?"], [sent["merchant"]]
    for each in _filters(resource):
        if each.name in sent and (not each.choices or sent[each.name] in each.choices):
            where.append(each.condition)
            values.append(each.value(sent[each.name]))
    if resource.searched and "search" in sent:
        where.append("instr(search, ?)")
        values.append(sent["search"].casefold())
    total = store.count(type, where, values)
    pages = max(1, -(-total // ROWS))
    page = min(max(int(sent.get("page", 1)), 1), pages)
    view, columns = View(engine, dialect_of(board)), resource.shape.keys(board.dialect, resource)
    rows: list[JsonValue] = [
        {"id": record.id, "status": record.status, "values": resource.show(view, record)}
        for record in store.select(type, where, values, f"OFFSET {(page - 1) * ROWS}", ROWS)
    ]
    return {
        "columns": [*columns],
        "key": resource.key if resource.key in columns else "id",
        "rows": rows,
        "total": total,
        "page": page,
        "pages": pages,
    }


def resources(board: Board) -> dict[str, Resource]:
    """Return the declarations of what callers can see, by type."""
    kinds = board._engine.kinds  # noqa: SLF001 - of the same package
    return {type: kind for type, kind in kinds.items() if isinstance(kind, Resource) and kind.shape.server}


def dialect_of(board: Board) -> Dialect:
    """Return how the sandbox shows ids and times."""
    return Docs() if board.dialect == "docs" else Dialect()


def shown_id(board: Board, type: str, id: str) -> str:
    """Return an id as callers see it."""
    resource = resources(board).get(type)
    return dialect_of(board).show_id(resource.prefix, id) if resource else id


def _resource(resource: Resource, operations: list[tuple[Resource, Operation]]) -> Values:
    states = dict.fromkeys(step.target for step in resource.steps)
    return {
        "type": resource.type,
        "search": bool(resource.searched),
        "filters": [
            {"name": each.name, "choices": list(each.choices), "date": each.value is read_time}
            for each in _filters(resource)
        ],
        "states": list(states),
        "steps": [
            {"source": each.source, "target": each.target, "event": each.event}
            for each in resource.steps
            if each.source is not None
        ],
        "operations": [_operation(*each) for each in operations],
        "pay": [_field(each) for each in PAYMENT] if resource.type == "customers" else None,
    }


def _operations(board: Board, resource: Resource) -> list[tuple[Resource, Operation]]:
    """Return the operations whose path leads to a resource; those on its parts may be declared elsewhere."""
    paths = {f"/{each.replace('_', '-')}": each for each in resources(board)}
    return [
        (each, operation)
        for each in resources(board).values()
        for operation in each.operations
        if paths.get(f"/{operation.path.split('/')[1]}", each.type) == resource.type
    ]


def _operation(resource: Resource, operation: Operation) -> Values:
    """Return an operation and the fields of its form; None for one whose body is not the resource's."""
    fields: tuple[Field, ...] | None = None
    if operation.method == "POST" and "{" not in operation.path:
        fields = resource.fields or None
    elif isinstance(operation.run, Update):
        only = operation.run.only
        fields = tuple(each for each in resource.fields if not only or each.name in only)
    return {
        "method": operation.method,
        "path": operation.path,
        "fields": None if fields is None else [_field(each) for each in fields],
        "required": operation.method == "POST",
    }


def _field(field: Field) -> Values:
    return {"name": field.name, "kind": field.kind, "required": field.required, "choices": list(field.choices)}


def _filters(resource: Resource) -> list[Filter]:
    """Return the filters of the resource's lists; where none is on the status, one on that as well."""
    found: dict[str, Filter] = {}
    for operation in resource.operations:
        if isinstance(operation.run, List):
            found.update({each.name: each for each in operation.run.filters if not isinstance(each, Search)})
    if resource.steps:
        found.setdefault("status", status_filter(*dict.fromkeys(step.target for step in resource.steps)))
    return list(found.values())


def _kind(kind: FaultKind) -> Values:
    """Return how a form asks for a fault."""
    return {
        "kind": kind.name,
        "of_events": kind.webhooks,
        "when": any(each.name == "when" for each in kind.parameters),
        "parameters": [
            dict(zip(("name", "min", "max", "step", "start"), (each.name, *each.form), strict=True))
            for each in kind.parameters
            if each.form
        ],
    }


def _fault(fault: Fault) -> Values:
    options: Mapping[str, Any] = fault.options if isinstance(fault, InjectedFault) else {}
    return {
        "id": str(id(fault)),
        "kind": fault.kind,
        "options": {name: value for name, value in options.items() if value is not None},
        "route": fault.route,
        "probability": fault.probability if isinstance(fault, InjectedFault) else 1,
        "struck": fault.struck,
        "left": fault.left,
    }


def _due(board: Board, engine: Engine) -> JsonValue:
    """Return what happens next by itself, and when; None if nothing does."""
    record, delivery = engine.store.first_due(ALWAYS), engine.outbox.first_due(ALWAYS)
    if record is not None and record.due_at is not None and (delivery is None or record.due_at <= delivery):
        due = resources(board)[record.type].first_due(record) if record.type in resources(board) else None
        what = f"{record.type} {record.status} → {due[1].target}" if due else record.type
        return {"at": record.due_at / 1000, "micros": record.due_at, "what": what}
    return None if delivery is None else {"at": delivery / 1000, "micros": delivery, "what": "webhook"}
