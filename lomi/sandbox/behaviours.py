"""What operations do, for declarations to name: create, list, get, update, delete."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from .fields import read_time
from .http import DatabaseError, JsonValue, Reply, holds_nul
from .resource import Call, Resource, Shape
from .store import SqlValue, Values, by
from .wire import LARGEST_INT4, Query, invalid, read_digits

Condition = tuple[str, list[SqlValue]]


@dataclass(frozen=True)
class Create:
    """Create an object of the resource's fields; 201."""

    def __call__(self, call: Call) -> Reply:
        values = call.dialect.create(call.resource.fields, call.body)
        if "metadata" in values:
            metadata, lost = _metadata(call, values["metadata"])
            # Metadata is written last, and a create whose metadata is lost succeeds.
            values["metadata"] = None if lost else metadata
        with call.engine.store.transaction():
            record = call.create(call.resource.prepare(call, values, None))
        return Reply(201, call.show(record))


@dataclass(frozen=True)
class Get:
    """Return one object; its shape is the resource's unless another is given."""

    wrapped: bool = False
    shape: Shape | None = None

    def __call__(self, call: Call) -> Reply:
        record = call.find()
        if record.previous is not None and call.faults.take("stale_read"):
            record.body = record.previous
        shown = call.show(record, self.shape)
        return Reply(200, call.dialect.envelope(shown) if self.wrapped else shown)


@dataclass(frozen=True)
class Update:
    """Change fields of an object: as on the server, the whole object is read and written back.

    Attributes:
        only: The fields that can be changed; empty for all.
    """

    only: tuple[str, ...] = ()

    def __call__(self, call: Call) -> Reply:
        record = call.find()
        known = [each for each in call.resource.fields if not self.only or each.name in self.only]
        changes = call.dialect.update(known, call.body)
        if changes is None:
            return Reply(200, call.show(record))
        lost = False
        if "metadata" in changes:
            metadata, lost = _metadata(call, changes.pop("metadata"))
            if not lost:
                record.body["metadata"] = metadata
        if changes:
            names = [each.name for each in call.resource.basic_fields]
            before = {name: record[name] for name in names}
            if record.previous is not None and call.faults.take("lose_update"):
                record.body.update({name: record.previous.get(name) for name in names})
            record.body.update(call.dialect.rewrite(call.resource.basic_fields, record.body))
            record.previous = {**record.body, **before}
            record.body.update(call.resource.prepare(call, changes, record))
        call.engine.save(record)
        if lost:
            call.dialect.metadata_lost()
        return Reply(200, call.show(record))


@dataclass(frozen=True)
class Delete:
    """Delete an object, softly."""

    response: Values = field(default_factory=lambda: {"deleted": True})

    def __call__(self, call: Call) -> Reply:
        record = call.find()
        call.engine.store.delete(record, call.engine.now)
        return Reply(200, self.response)


@dataclass(frozen=True)
class Filter:
    """A parameter of a list.

    Attributes:
        name: Its name in the query.
        condition: The SQL that it becomes, with a `?` for its value.
        choices: The values there are; empty for any.
        refuses: Whether the database refuses other values; else the server ignores them.
        several: Whether it may be a list, separated by commas.
        value: What SQL gets to see of a value.
    """

    name: str
    condition: str
    choices: tuple[str, ...] = ()
    refuses: bool = True
    several: bool = False
    value: Callable[[str], SqlValue] = str

    def read(self, call: Call) -> Condition | None:
        """Return the condition that a request asks for; None without one."""
        sent = call.query.get(self.name)
        strict = call.dialect.name == "docs"
        if sent is None:
            return None
        parts = [part.strip() for part in sent[0].split(",") if part.strip()] if self.several else sent
        if not parts:
            return None
        known = not self.choices or all(part in self.choices for part in parts)
        if len(sent) != 1 or not known:
            if strict and sent != ["all"]:
                raise invalid({self.name: f"must be one of {', '.join((*self.choices, 'all'))}"})
            if self.refuses and not strict:
                raise DatabaseError(f'invalid input value: "{",".join(sent)}"')
            return None
        return f"({' OR '.join([self.condition] * len(parts))})", [self.value(part) for part in parts]


@dataclass(frozen=True)
class Search:
    """A parameter that looks through the searched fields."""

    name: str = "search"

    def read(self, call: Call) -> Condition | None:
        """Return the condition that a request asks for; None without one."""
        sent = call.query.get(self.name, [])
        if not any(sent):
            return None
        # Sent more than once it is an array, and the server looks for an array.
        text = sent[0] if len(sent) == 1 else json.dumps(sent)
        return "instr(search, ?)", [text.replace("\0", "").casefold()]


def status_filter(*choices: str, several: bool = False) -> Filter:
    """Return the filter `status`."""
    return Filter("status", "status = ?", choices, several=several)


def field_filter(name: str, field: str, choices: tuple[str, ...] = (), *, several: bool = False) -> Filter:
    """Return a filter on a field of the body."""
    return Filter(name, f"json_extract(body, '$.{field}') = ?", choices, several=several)


def flag_filter(name: str, field: str) -> Filter:
    """Return a filter on a boolean: exactly `true` or `false`; the server ignores anything else."""
    condition = f"json_extract(body, '$.{field}') = ?"
    return Filter(name, condition, ("true", "false"), refuses=False, value=lambda word: word == "true")


def date_filters(start: str = "startDate", end: str = "endDate") -> tuple[Filter, Filter]:
    """Return the two filters on when an object was created."""
    return Filter(start, "created_at >= ?", value=read_time), Filter(end, "created_at <= ?", value=read_time)


@dataclass(frozen=True)
class List:
    """List objects, the newest first.

    Attributes:
        style: `pages` (`{name: […], pagination}`), `array` (bare), `counted` (`{data, total, limit, offset}`, where
            the total is that of the page) or `wrapped` (`{success, data}`).
        name: The key of the rows in the style `pages`.
        paging: `page` (page and pageSize), `window` (limit and offset), or None for everything.
        size: The default size of a page.
        filters: The parameters that filter.
        parent: The resource whose id is in the path; its objects' key filters. None for all objects of the caller.
        scoped: Whether only objects of the key's environment are listed.
        where: SQL that every object listed fulfils; empty for all.
        clamp: The largest page size, if the numbers are adjusted to their range; None if they are refused.
        shape: What a list shows of an object; None for what the resource shows.
        total: Whether each row carries the true total, as `total_count`.
        meta: Whether the style `wrapped` has a `meta` with the window.
    """

    style: Literal["pages", "array", "counted", "wrapped"]
    name: str = "data"
    paging: Literal["page", "window"] | None = None
    size: int = 50
    filters: tuple[Filter | Search, ...] = ()
    parent: Resource | None = None
    scoped: bool = True
    where: str = ""
    clamp: int | None = None
    shape: Shape | None = None
    total: bool = False
    meta: bool = False

    def __call__(self, call: Call) -> Reply:
        conditions, values = self._conditions(call)
        store, type = call.engine.store, call.resource.type
        offset, limit, page = self._range(call)
        # A repeated page is what another client's insert in the meantime makes of offset paging.
        skipped = max(0, offset - limit) if offset and call.faults.take("repeat_page") else offset
        records = store.select(type, conditions, values, f"OFFSET {skipped}", limit)
        more: Values = {"total_count": store.count(type, conditions, values)} if self.total else {}
        shown: list[JsonValue] = [{**call.show(record, self.shape), **more} for record in records]
        if self.style == "array":
            return Reply(200, shown)
        if self.style == "wrapped":
            meta: Values = {"limit": limit, "offset": offset, "total_returned": len(shown)} if self.meta else {}
            return Reply(200, {**call.dialect.envelope(shown), **({"meta": meta} if meta else {})})
        if self.style == "counted":
            return Reply(200, {"data": shown, "total": len(shown), "limit": limit, "offset": offset})
        total = store.count(type, conditions, values)
        return Reply(200, {self.name: shown, "pagination": call.dialect.pagination(page, limit, total, len(shown))})

    def _conditions(self, call: Call) -> tuple[list[str], list[SqlValue]]:
        whose = (
            {"owner": call.caller.merchant_id} if self.parent is None else {self.parent.key: call.find(self.parent).id}
        )
        conditions, values = by(**whose, **({"environment": call.caller.environment} if self.scoped else {}))
        if self.where:
            conditions.append(self.where)
        for each in self.filters:
            condition = each.read(call)
            if condition is not None:
                conditions.append(condition[0])
                values += condition[1]
        return conditions, values

    def _range(self, call: Call) -> tuple[int, int, int]:
        """Return offset, limit and the number of the page."""
        if self.paging is None:
            return 0, -1, 1
        if self.paging == "window":
            return (*call.dialect.window(call.query, self.size), 1)
        if self.clamp is None:
            page, size = call.dialect.page(call.query, self.size)
        else:
            page, size = _clamped(call.query, self.size, self.clamp)
        return (page - 1) * size, size, page


def _clamped(query: Query, size: int, largest: int) -> tuple[int, int]:
    page = max(1, read_digits(query, "page", 1))
    if page > LARGEST_INT4:
        raise DatabaseError("integer out of range")
    return page, min(largest, max(1, read_digits(query, "pageSize", size)))


def _metadata(call: Call, metadata: JsonValue) -> tuple[JsonValue, bool]:
    """Return metadata as it is stored, and whether its write fails: it is one of its own, after everything else."""
    lost = metadata is not None and (call.faults.take("lose_metadata") is not None or holds_nul(metadata))
    if isinstance(metadata, dict) and call.caller.account is not None:
        metadata = {**metadata, "network": {"account": call.caller.account}}
    return metadata, lost
