"""The two dialects on the wire: ids, times, errors, envelopes, headers, and what becomes of a body.

`Dialect` responds as the deployed server was observed to, `Docs` as the vendor's pages promise. What is particular to
one resource stands with that resource.
"""

# ruff: noqa: ARG002 - both dialects are asked the same, whatever they need to know

from __future__ import annotations

import base64
import hashlib
import re
import uuid
from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

from .clock import to_datetime
from .fields import Field, read_uuid
from .http import PHRASES, ApiError, DatabaseError, JsonValue, Reply, Request, Response, Unparsed, js_true, to_json
from .store import Values

DialectName: TypeAlias = Literal["server", "docs"]
"""How a sandbox responds: as the deployed server does, or as the API's documentation says."""
Headers: TypeAlias = tuple[tuple[str, str], ...]
Query: TypeAlias = dict[str, list[str]]

# The examples of the pages use this id, dots and all; it stands for one seeded customer.
EXAMPLE_ID: Final = "cus_abc123..."
EXAMPLE_UUID: Final = "abc12300-0000-4000-8000-000000000001"

LARGEST_INT4: Final = 2**31 - 1

CODES: Final = {
    400: "BAD_REQUEST",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    409: "CONFLICT",
    429: "RATE_LIMIT_EXCEEDED",
    500: "INTERNAL_ERROR",
    501: "NOT_IMPLEMENTED",
    503: "SERVICE_UNAVAILABLE",
}


class Dialect:
    """What the deployed server answers: UUIDs, no validation, one lower-case code per status."""

    name: DialectName = "server"

    def __init__(self, *, vendor_examples: bool = False) -> None:
        self.vendor_examples = vendor_examples

    # Ids and times

    def show_id(self, prefix: str, identifier: str) -> str:
        """Return a stored UUID as callers see it."""
        return identifier

    def read_id(self, prefix: str, text: str) -> str | None:
        """Return the stored UUID that a caller means; None or DatabaseError if there cannot be one."""
        if self.vendor_examples and prefix == "cus" and text == EXAMPLE_ID:
            return EXAMPLE_UUID
        return read_uuid(text)

    def time(self, micros: int) -> str:
        """Return a stored moment as Postgres writes it: no trailing zeros in the fraction, the offset spelled out."""
        moment = to_datetime(micros)
        fraction = f".{moment.microsecond:06}".rstrip("0").rstrip(".")
        return moment.strftime("%Y-%m-%dT%H:%M:%S") + fraction + "+00:00"

    def present(self, micros: int) -> str:
        """Return the current time, for what is worked out on request."""
        return js_time(micros)

    # Bodies

    def create(self, fields: Sequence[Field], body: JsonValue | Unparsed) -> Values:
        """Return the values to store for a new object."""
        sent = _parsed(body)
        values: Values = {}
        for field in fields:
            value = sent.get(field.name)
            if value is None and field.required:
                raise DatabaseError(f'null value in column "{field.name}" violates not-null constraint')
            kept = field.required or field.kind == "metadata" or field.keeps_falsy
            present = value is not None and (kept or js_true(value))
            values[field.name] = field.cast(value) if present else field.absent
        return values

    def update(self, fields: Sequence[Field], body: JsonValue | Unparsed) -> Values | None:
        """Return the values that a PATCH sets; None if it changes nothing at all."""
        sent = _parsed(body)
        if not sent:
            return None
        values: Values = {}
        for field in fields:
            if field.name not in sent or (field.required and not js_true(sent[field.name])):
                continue
            value = sent[field.name]
            if value is not None:
                values[field.name] = field.cast(value)
            elif field.kind != "boolean":
                values[field.name] = None
        return values

    def rewrite(self, fields: Sequence[Field], values: Values) -> Values:
        """Return an object's fields as a PATCH of any of them writes all of them back."""
        return {field.name: field.absent if values.get(field.name) is None else values[field.name] for field in fields}

    def refusal(self, field: str, rule: str) -> Exception:
        """Return the error for a value that the database's own rules refuse."""
        return DatabaseError(f"{field} {rule}")

    def metadata_lost(self) -> None:
        """An update stored the fields and could not store the metadata: return to go on, or raise."""
        raise DatabaseError("the metadata could not be written")

    # Lists

    def page(self, query: Query, size: int) -> tuple[int, int]:
        """Return page number and page size."""
        page, size = read_digits(query, "page", 1), read_digits(query, "pageSize", size)
        if not (1 <= page <= LARGEST_INT4 and 0 <= size <= LARGEST_INT4):
            raise DatabaseError("OFFSET must not be negative, or integer out of range")
        return page, size

    def window(self, query: Query, limit: int) -> tuple[int, int]:
        """Return offset and limit."""
        limit, offset = read_digits(query, "limit", limit), read_digits(query, "offset", 0)
        if not (0 <= offset <= LARGEST_INT4 and 0 <= limit <= LARGEST_INT4):
            raise DatabaseError("LIMIT and OFFSET must not be negative")
        return offset, limit

    def pagination(self, page: int, size: int, total: int, shown: int) -> Values:
        """Return the pagination object; `shown` is how many rows this page has."""
        # The server reads the total off the first row, so that a page without rows has none.
        count = total if shown else 0
        return {
            "page": page,
            "pageSize": size,
            "totalCount": count,
            "totalPages": -(-count // size) if size else None,
        }

    # Responses

    def envelope(self, data: JsonValue) -> Values:
        """Wrap what is returned as `data`."""
        return {"success": True, "data": data}

    def success(
        self, reply: Reply, request: Request, request_id: str, rate: Headers, *, time_dependent: bool
    ) -> Response:
        """Return the response. `time_dependent`: the body holds the current time, so that no two are alike."""
        # A bare number goes out as text, and null as nothing at all.
        bare = not isinstance(reply.value, (dict, list))
        body = b"" if reply.value is None else to_json(reply.value)
        tag = _etag(body)
        headers = (*self._headers(request_id), *rate, ("ETag", tag))
        if request.method in {"GET", "HEAD"} and not time_dependent and _is_fresh(request, tag):
            return Response(304, headers)
        return _sent(reply.status, headers, body, "text/html" if bare else "application/json")

    def failure(self, refusal: ApiError, request_id: str, rate: Headers) -> Response:
        """Return the refusal."""
        status = refusal.status
        details: JsonValue = PHRASES.get(status) if refusal.shown else None
        error: Values = {
            "code": CODES.get(status, "ERROR").lower(),
            "message": refusal.message if refusal.shown else "An unexpected error occurred",
            "details": refusal.details if status == 429 else details,
        }
        headers = (*self._headers(request_id), *rate, *refusal.headers)
        return _json(status, headers, to_json({"error": error, "request_id": request_id}))

    def _headers(self, request_id: str) -> Headers:
        return (
            ("X-Request-Id", request_id),
            ("Vary", "Origin"),
            ("Access-Control-Expose-Headers", "X-Request-Id,X-RateLimit-Limit"),
            ("X-Content-Type-Options", "nosniff"),
            ("X-Frame-Options", "SAMEORIGIN"),
            ("X-Powered-By", "Express"),
            ("Keep-Alive", "timeout=5"),
        )


class Docs(Dialect):
    """What the pages promise: prefixed ids, validation, one upper-case code per error."""

    name: DialectName = "docs"

    def show_id(self, prefix: str, identifier: str) -> str:
        if prefix == "cus" and identifier == EXAMPLE_UUID:
            return EXAMPLE_ID
        return f"{prefix}_{uuid.UUID(identifier).hex}" if prefix else identifier

    def read_id(self, prefix: str, text: str) -> str | None:
        if prefix == "cus" and text == EXAMPLE_ID:
            return EXAMPLE_UUID
        pattern = rf"{prefix}_([0-9a-f]{{32}})" if prefix else r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
        match = re.fullmatch(pattern, text)
        return None if match is None else str(uuid.UUID(match[1]))

    def time(self, micros: int) -> str:
        return to_datetime(micros).strftime("%Y-%m-%dT%H:%M:%SZ")

    def present(self, micros: int) -> str:
        return self.time(micros)

    def create(self, fields: Sequence[Field], body: JsonValue | Unparsed) -> Values:
        sent = self._checked(fields, body)
        missing: Values = {
            field.name: "is required" for field in fields if field.required and sent.get(field.name) is None
        }
        if missing:
            raise ApiError(400, "A required field is missing", code="MISSING_PARAMETER", details=missing)
        values = {field.name: self._cast(field, sent) for field in fields}
        absent: Values = {
            field.name: bool(field.absent) if field.kind == "boolean" else field.absent or None for field in fields
        }
        return {name: absent[name] if value is None else value for name, value in values.items()}

    def update(self, fields: Sequence[Field], body: JsonValue | Unparsed) -> Values | None:
        sent = self._checked(fields, body)
        problems: Values = {
            field.name: "cannot be null"
            for field in fields
            if (field.required or field.kind == "boolean") and field.name in sent and sent[field.name] is None
        }
        if problems:
            raise invalid(problems)
        return {field.name: self._cast(field, sent) for field in fields if field.name in sent} or None

    def _cast(self, field: Field, sent: Values) -> JsonValue:
        value = sent.get(field.name)
        if field.kind == "uuid" and value is not None:
            return self.read_id(field.prefix, str(value))
        return None if value is None else field.cast(value)

    def _checked(self, fields: Sequence[Field], body: JsonValue | Unparsed) -> Values:
        """Return the known fields of a body, every one of them valid."""
        if not isinstance(body, dict):
            raise ApiError(400, "The body must be a JSON object, sent as application/json")
        sent = {field.name: body[field.name] for field in fields if field.name in body}
        problems: Values = {
            field.name: problem for field in fields if (problem := field.problem(sent.get(field.name))) is not None
        }
        ids = (field for field in fields if field.kind == "uuid" and isinstance(sent.get(field.name), str))
        problems.update(
            (field.name, "must be an id") for field in ids if self.read_id(field.prefix, str(sent[field.name])) is None
        )
        if problems:
            raise invalid(problems)
        return sent

    def rewrite(self, fields: Sequence[Field], values: Values) -> Values:
        return {field.name: values.get(field.name) for field in fields}

    def refusal(self, field: str, rule: str) -> Exception:
        return invalid({field: rule})

    def metadata_lost(self) -> None:
        """The pages know no such failure: the response is a success that lacks the metadata."""

    def page(self, query: Query, size: int) -> tuple[int, int]:
        return _count(query, "page", 1), _count(query, "pageSize", size)

    def window(self, query: Query, limit: int) -> tuple[int, int]:
        return _count(query, "offset", 0, least=0), _count(query, "limit", limit)

    def pagination(self, page: int, size: int, total: int, shown: int) -> Values:
        return {"page": page, "pageSize": size, "totalCount": total, "totalPages": -(-total // size)}

    def envelope(self, data: JsonValue) -> Values:
        return {"data": data}

    def success(
        self, reply: Reply, request: Request, request_id: str, rate: Headers, *, time_dependent: bool
    ) -> Response:
        return _json(reply.status, (), to_json(reply.value))

    def failure(self, refusal: ApiError, request_id: str, rate: Headers) -> Response:
        error: Values = {"code": refusal.code or CODES.get(refusal.status, "ERROR"), "message": refusal.message}
        if refusal.details is not None:
            error["details"] = refusal.details
        headers = tuple(pair for pair in refusal.headers if pair[0] == "Retry-After")
        return _json(refusal.status, headers, to_json({"error": error}))


def js_time(micros: int) -> str:
    moment = to_datetime(micros)
    return f"{moment.strftime('%Y-%m-%dT%H:%M:%S')}.{moment.microsecond // 1000:03}Z"


def invalid(problems: Values) -> ApiError:
    return ApiError(400, f"Invalid input data: {', '.join(sorted(problems))}", details=problems)


def read_digits(query: Query, name: str, default: int) -> int:
    """Return a parameter that the server wants to be digits, which is all that it checks."""
    values = query.get(name)
    if values is None:
        return default
    match = re.fullmatch(r"(-?)0*(\d+)", values[0], re.ASCII) if len(values) == 1 else None
    if match is None:
        raise ApiError(400, "Validation failed (numeric string is expected)")
    # Sixteen digits are out of every range already, and Python refuses to read very many.
    return int(match[1] + match[2][:16])


def _count(query: Query, name: str, default: int, least: int = 1) -> int:
    values = query.get(name)
    if values is None:
        return default
    match = re.fullmatch(r"0*(\d{1,9}?)", values[0], re.ASCII) if len(values) == 1 else None
    if match is None or int(match[1]) < least:
        raise invalid({name: f"must be a whole number, {least} or more"})
    return int(match[1])


def _parsed(body: JsonValue | Unparsed) -> Values:
    """Return the body; an array passes for an object without any known field."""
    if isinstance(body, dict):
        return body
    if isinstance(body, list):
        return {str(position): item for position, item in enumerate(body)}
    raise DatabaseError("the body was not parsed")


def _json(status: int, headers: Headers, body: bytes) -> Response:
    return _sent(status, headers, body, "application/json")


def _sent(status: int, headers: Headers, body: bytes, kind: str) -> Response:
    content = ("Content-Type", f"{kind}; charset=utf-8"), ("Content-Length", str(len(body)))
    return Response(status, (*headers, *content), body)


def _etag(body: bytes) -> str:
    digest = hashlib.sha1(body, usedforsecurity=False).digest()
    return f'W/"{len(body):x}-{base64.b64encode(digest).decode()[:27]}"'


def _is_fresh(request: Request, tag: str) -> bool:
    wanted = request.header("if-none-match")
    if wanted is None or "no-cache" in (request.header("cache-control") or "").lower():
        return False
    return wanted.strip() == "*" or tag[2:] in {one.strip().removeprefix("W/") for one in wanted.split(",")}
