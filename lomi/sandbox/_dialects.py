"""Where the vendor's pages and its deployed server differ, side by side.

`Docs` promises what the pages promise; `Deployed` answers as the server was observed to.
"""

# ruff: noqa: ARG002 - each question is put to both, and one of them may not mind all that it is told

from __future__ import annotations

import base64
import hashlib
import re
import uuid
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from ._clock import to_datetime
from ._http import (
    PHRASES,
    ApiError,
    DatabaseError,
    JsonValue,
    Reply,
    Request,
    Response,
    Unseen,
    holds_nul,
    js_true,
    to_json,
)

DialectName: TypeAlias = Literal["docs", "server"]
"""How a sandbox speaks: as the API's documentation says, or as the deployed server does."""
Values: TypeAlias = dict[str, JsonValue]
Headers: TypeAlias = tuple[tuple[str, str], ...]

# The page's examples carry this id, dots and all; it stands for one seeded customer.
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
    503: "SERVICE_UNAVAILABLE",
}


@dataclass(frozen=True)
class Field:
    """One field of a request body. `absent` is what the deployed server stores where none was sent."""

    name: str
    kind: Literal["text", "email", "boolean"]
    required: bool = False
    absent: JsonValue = None


class Dialect(ABC):
    """Every question on which the two disagree, one method each."""

    name: DialectName

    @abstractmethod
    def show_id(self, prefix: str, identifier: str) -> str:
        """A stored UUID as callers see it."""

    @abstractmethod
    def read_id(self, prefix: str, text: str) -> str | None:
        """The stored UUID that a caller means; None where there cannot be one."""

    @abstractmethod
    def time(self, micros: int) -> str:
        """A stored moment."""

    @abstractmethod
    def present(self, micros: int) -> str:
        """The as-of date of a figure that is worked out on request."""

    @abstractmethod
    def as_of(self, now: int, updated: int) -> str:
        """The as-of date of a stored figure."""

    @abstractmethod
    def entity(self, prefix: str, key: str, values: Values) -> Values:
        """A record in full; `key` holds its UUID."""

    @abstractmethod
    def item(self, prefix: str, key: str, values: Values) -> Values:
        """A record as a listing shows it."""

    @abstractmethod
    def transaction(self, values: Values) -> Values:
        """A transaction of a customer."""

    @abstractmethod
    def envelope(self, data: Values) -> Values:
        """What is wrapped around merchant data."""

    @abstractmethod
    def page(self, query: dict[str, list[str]]) -> tuple[int, int]:
        """Page number and page size."""

    @abstractmethod
    def pagination(self, page: int, size: int, total: int, shown: int) -> Values:
        """The pagination object; `shown` is how many rows this page has."""

    @abstractmethod
    def choice(self, query: dict[str, list[str]], name: str, choices: Sequence[str]) -> str | None:
        """A parameter that is one of some words; None where it does not filter."""

    @abstractmethod
    def create(self, fields: Sequence[Field], body: JsonValue | Unseen) -> Values:
        """The values to store for a new record, `metadata` among them."""

    @abstractmethod
    def update(self, fields: Sequence[Field], body: JsonValue | Unseen) -> Values | None:
        """The values that a PATCH sets; None where it changes nothing at all."""

    @abstractmethod
    def rewrite(self, fields: Sequence[Field], values: Values) -> Values:
        """The basic fields of a record as a PATCH of any of them writes all of them back."""

    @abstractmethod
    def metadata_lost(self, *, creating: bool) -> None:
        """The basic fields are stored and the metadata could not be: return to go on, or raise."""

    @abstractmethod
    def other_merchant(self, identifier: str) -> ApiError:
        """The merchant asked for is not the key's own."""

    @abstractmethod
    def no_account(self, currency: str) -> Exception:
        """The merchant has no balance in that currency."""

    @abstractmethod
    def currency(self, query: dict[str, list[str]]) -> str:
        """The `currency_code` parameter."""

    @abstractmethod
    def database_error(self, error: DatabaseError, reads: str | None) -> ApiError:
        """The database failed; `reads` is what the route was reading, if its page names an error for that."""

    @abstractmethod
    def success(self, reply: Reply, request: Request, request_id: str, rate: Headers, *, dated: bool) -> Response:
        """The answer on the wire. `dated`: the body holds the present moment, so no two are alike."""

    @abstractmethod
    def failure(self, refusal: ApiError, request_id: str, rate: Headers) -> Response:
        """The refusal on the wire."""


class Docs(Dialect):
    """What the two pages say: prefixed ids, validation, one specific upper-case code per error."""

    name: DialectName = "docs"

    def show_id(self, prefix: str, identifier: str) -> str:
        if prefix == "cus" and identifier == EXAMPLE_UUID:
            return EXAMPLE_ID
        return f"{prefix}_{uuid.UUID(identifier).hex}"

    def read_id(self, prefix: str, text: str) -> str | None:
        if prefix == "cus" and text == EXAMPLE_ID:
            return EXAMPLE_UUID
        match = re.fullmatch(rf"{prefix}_([0-9a-f]{{32}})", text)
        return None if match is None else str(uuid.UUID(match[1]))

    def time(self, micros: int) -> str:
        return to_datetime(micros).strftime("%Y-%m-%dT%H:%M:%SZ")

    def present(self, micros: int) -> str:
        return self.time(micros)

    def as_of(self, now: int, updated: int) -> str:
        return self.time(now)

    def entity(self, prefix: str, key: str, values: Values) -> Values:
        shown: Values = {"id": self.show_id(prefix, str(values[key]))}
        shown.update((name, value) for name, value in values.items() if name not in {key, "environment"})
        return shown

    def item(self, prefix: str, key: str, values: Values) -> Values:
        return self.entity(prefix, key, values)

    def transaction(self, values: Values) -> Values:
        names = ("transaction_id", "description", "gross_amount", "currency_code", "status", "created_at")
        return {name: values[name] for name in names}

    def envelope(self, data: Values) -> Values:
        return {"data": data}

    def page(self, query: dict[str, list[str]]) -> tuple[int, int]:
        return self._count(query, "page", 1), self._count(query, "pageSize", 50)

    def _count(self, query: dict[str, list[str]], name: str, default: int) -> int:
        values = query.get(name)
        if values is None:
            return default
        match = re.fullmatch(r"0*([1-9]\d{0,8})", values[0], re.ASCII) if len(values) == 1 else None
        if match is None:
            raise _invalid({name: "must be a whole number, 1 or more"})
        return int(match[1])

    def pagination(self, page: int, size: int, total: int, shown: int) -> Values:
        return {"page": page, "pageSize": size, "totalCount": total, "totalPages": -(-total // size)}

    def choice(self, query: dict[str, list[str]], name: str, choices: Sequence[str]) -> str | None:
        values = query.get(name, ["all"])
        if len(values) != 1 or values[0] not in (*choices, "all"):
            raise _invalid({name: f"must be one of {', '.join(choices)}, all"})
        return None if values == ["all"] else values[0]

    def create(self, fields: Sequence[Field], body: JsonValue | Unseen) -> Values:
        sent = self._checked(fields, body)
        missing: Values = {
            field.name: "is required" for field in fields if field.required and sent.get(field.name) is None
        }
        if missing:
            raise ApiError(400, "A required field is missing", code="MISSING_PARAMETER", details=missing)
        values: Values = {field.name: sent.get(field.name) for field in fields}
        values.update((field.name, bool(sent.get(field.name))) for field in fields if field.kind == "boolean")
        return {**values, "metadata": sent.get("metadata")}

    def update(self, fields: Sequence[Field], body: JsonValue | Unseen) -> Values | None:
        sent = self._checked(fields, body)
        problems: Values = {
            field.name: "cannot be null"
            for field in fields
            if (field.required or field.kind == "boolean") and field.name in sent and sent[field.name] is None
        }
        if problems:
            raise _invalid(problems)
        return sent or None

    def _checked(self, fields: Sequence[Field], body: JsonValue | Unseen) -> Values:
        """The known fields of a body, every one of them right."""
        if not isinstance(body, dict):
            raise ApiError(400, "The body must be a JSON object, sent as application/json")
        known = {field.name for field in fields} | {"metadata"}
        sent = {name: value for name, value in body.items() if name in known}
        problems: Values = {}
        for field in fields:
            problem = _problem(field, sent.get(field.name))
            if problem is not None:
                problems[field.name] = problem
        if not isinstance(sent.get("metadata"), (dict, type(None))):
            problems["metadata"] = "must be an object"
        elif holds_nul(sent.get("metadata")):
            problems["metadata"] = "must not hold the character U+0000"
        if problems:
            raise _invalid(problems)
        return sent

    def rewrite(self, fields: Sequence[Field], values: Values) -> Values:
        return values

    def metadata_lost(self, *, creating: bool) -> None:
        """The pages know no such failure: the answer is a success that lacks the metadata."""

    def other_merchant(self, identifier: str) -> ApiError:
        return ApiError(404, "No merchant found with the provided ID.", code="MERCHANT_NOT_FOUND")

    def no_account(self, currency: str) -> Exception:
        return ApiError(404, f"No {currency} balance found for the merchant.")

    def currency(self, query: dict[str, list[str]]) -> str:
        values = [value for value in query.get("currency_code", []) if value]
        if not values:
            raise ApiError(
                400,
                "The currency_code query parameter is missing.",
                code="MISSING_PARAMETER",
                details={"currency_code": "is required"},
            )
        if len(values) != 1 or re.fullmatch(r"[A-Z]{3}", values[0]) is None:
            raise _invalid({"currency_code": "must be three upper-case letters"})
        return values[0]

    def database_error(self, error: DatabaseError, reads: str | None) -> ApiError:
        if reads is None:
            return ApiError(500, "Internal server error.")
        return ApiError(500, f"Error retrieving {reads}.", code="DATABASE_ERROR")

    def success(self, reply: Reply, request: Request, request_id: str, rate: Headers, *, dated: bool) -> Response:
        return _json(reply.status, (), to_json(reply.value))

    def failure(self, refusal: ApiError, request_id: str, rate: Headers) -> Response:
        error: Values = {
            "code": refusal.code or CODES.get(refusal.status, "ERROR"),
            "message": refusal.message,
        }
        if refusal.details is not None:
            error["details"] = refusal.details
        headers = tuple(pair for pair in refusal.headers if pair[0] == "Retry-After")
        return _json(refusal.status, headers, to_json({"error": error}))


class Deployed(Dialect):
    """What the deployed server answers: UUIDs, no validation, one lower-case code per status."""

    name: DialectName = "server"

    def __init__(self, *, vendor_examples: bool) -> None:
        self.vendor_examples = vendor_examples

    def show_id(self, prefix: str, identifier: str) -> str:
        return identifier

    def read_id(self, prefix: str, text: str) -> str | None:
        if self.vendor_examples and prefix == "cus" and text == EXAMPLE_ID:
            return EXAMPLE_UUID
        if re.fullmatch(r"(?i)[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", text) is None:
            raise DatabaseError(f'invalid input syntax for type uuid: "{text}"')
        return str(uuid.UUID(text))

    def time(self, micros: int) -> str:
        # As Postgres writes it: no trailing zeros in the fraction, and the offset spelled out.
        moment = to_datetime(micros)
        fraction = f".{moment.microsecond:06}".rstrip("0").rstrip(".")
        return moment.strftime("%Y-%m-%dT%H:%M:%S") + fraction + "+00:00"

    def present(self, micros: int) -> str:
        moment = to_datetime(micros)
        return f"{moment.strftime('%Y-%m-%dT%H:%M:%S')}.{moment.microsecond // 1000:03}Z"

    def as_of(self, now: int, updated: int) -> str:
        return self.time(updated)

    def entity(self, prefix: str, key: str, values: Values) -> Values:
        return values

    def item(self, prefix: str, key: str, values: Values) -> Values:
        thin = {name: value for name, value in values.items() if name != "environment"}
        return {**thin, "metadata": None}

    def transaction(self, values: Values) -> Values:
        return values

    def envelope(self, data: Values) -> Values:
        return {"success": True, "data": data}

    def page(self, query: dict[str, list[str]]) -> tuple[int, int]:
        page, size = read_digits(query, "page", 1), read_digits(query, "pageSize", 50)
        if not (1 <= page <= LARGEST_INT4 and 0 <= size <= LARGEST_INT4):
            raise DatabaseError("OFFSET must not be negative, or integer out of range")
        return page, size

    def pagination(self, page: int, size: int, total: int, shown: int) -> Values:
        # The total is read off the first row, so a page without rows knows of none.
        count = total if shown else 0
        pages = -(-count // size) if size else None
        return {"page": page, "pageSize": size, "totalCount": count, "totalPages": pages}

    def choice(self, query: dict[str, list[str]], name: str, choices: Sequence[str]) -> str | None:
        values = query.get(name, [])
        return values[0] if len(values) == 1 and values[0] in choices else None

    def create(self, fields: Sequence[Field], body: JsonValue | Unseen) -> Values:
        sent = self._seen(body)
        values: Values = {}
        for field in fields:
            value = sent.get(field.name)
            if value is None and field.required:
                raise DatabaseError(f'null value in column "{field.name}" violates not-null constraint')
            # Falsy values count as absent, but for a required one, which only has to be there.
            values[field.name] = _cast(field, value) if field.required or js_true(value) else field.absent
        return {**values, "metadata": sent.get("metadata")}

    def update(self, fields: Sequence[Field], body: JsonValue | Unseen) -> Values | None:
        sent = self._seen(body)
        if not sent:
            return None
        values: Values = {}
        for field in fields:
            if field.name not in sent or (field.required and not js_true(sent[field.name])):
                continue
            value = sent[field.name]
            if value is not None:
                values[field.name] = _cast(field, value)
            elif field.kind != "boolean":
                values[field.name] = None
        if "metadata" in sent:
            values["metadata"] = sent["metadata"]
        return values

    def _seen(self, body: JsonValue | Unseen) -> Values:
        """An array passes for an object whose fields are none that anybody knows."""
        if isinstance(body, dict):
            return body
        if isinstance(body, list):
            return {str(position): item for position, item in enumerate(body)}
        raise DatabaseError("the body was not parsed")

    def rewrite(self, fields: Sequence[Field], values: Values) -> Values:
        empty = {field.name: field.absent for field in fields}
        return {name: empty[name] if value is None else value for name, value in values.items()}

    def metadata_lost(self, *, creating: bool) -> None:
        if not creating:
            raise DatabaseError("the metadata could not be written")

    def other_merchant(self, identifier: str) -> ApiError:
        return ApiError(403, "Access denied: merchant ID does not match API key")

    def no_account(self, currency: str) -> Exception:
        return DatabaseError(f"No account found for currency {currency}")

    def currency(self, query: dict[str, list[str]]) -> str:
        values = query.get("currency_code", [""])
        if values == [""]:
            raise ApiError(400, "currency_code query parameter is required")
        return ",".join(values)

    def database_error(self, error: DatabaseError, reads: str | None) -> ApiError:
        # The merchant endpoints pass the database's text on, as a 404; all others hide it.
        return ApiError(500, str(error)) if reads is None else ApiError(404, str(error))

    def success(self, reply: Reply, request: Request, request_id: str, rate: Headers, *, dated: bool) -> Response:
        body = to_json(reply.value)
        tag = _etag(body)
        headers = (*self._headers(request_id), *rate, ("ETag", tag))
        if request.method in {"GET", "HEAD"} and not dated and _is_fresh(request, tag):
            return Response(304, headers)
        return _json(reply.status, headers, body)

    def failure(self, refusal: ApiError, request_id: str, rate: Headers) -> Response:
        status = refusal.status
        error: Values = {
            "code": CODES.get(status, "ERROR").lower(),
            "message": "An unexpected error occurred" if status == 500 else refusal.message,
            "details": refusal.details if status == 429 else PHRASES.get(status) if status < 500 else None,
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


def read_digits(query: dict[str, list[str]], name: str, default: int) -> int:
    """A parameter that the deployed server wants to be digits, which is all that it asks of it."""
    values = query.get(name)
    if values is None:
        return default
    match = re.fullmatch(r"(-?)0*(\d+)", values[0], re.ASCII) if len(values) == 1 else None
    if match is None:
        raise ApiError(400, "Validation failed (numeric string is expected)")
    # Sixteen digits are out of every range already, and Python refuses to read very many.
    return int(match[1] + match[2][:16])


def _json(status: int, headers: Headers, body: bytes) -> Response:
    kind = ("Content-Type", "application/json; charset=utf-8")
    return Response(status, (*headers, kind, ("Content-Length", str(len(body)))), body)


def _invalid(problems: Values) -> ApiError:
    return ApiError(400, f"Invalid input data: {', '.join(sorted(problems))}", details=problems)


def _problem(field: Field, value: JsonValue) -> str | None:
    if value is None:
        return None
    if field.kind == "boolean":
        return None if isinstance(value, bool) else "must be true or false"
    if not isinstance(value, str):
        return "must be a string"
    if "\0" in value:
        return "must not hold the character U+0000"
    if field.required and not value.strip():
        return "must not be blank"
    if field.kind == "email" and re.fullmatch(r"[^@\s]+@[^@\s]+", value) is None:
        return "must be an e-mail address"
    return None


def _cast(field: Field, value: JsonValue) -> JsonValue:
    """A value as the database casts it to the type of its column."""
    if field.kind == "boolean":
        word = str(value).lower()
        if word in {"true", "t", "yes", "y", "on", "1"}:
            return True
        if word in {"false", "f", "no", "n", "off", "0"}:
            return False
        raise DatabaseError(f'invalid input syntax for type boolean: "{word}"')
    text = value if isinstance(value, str) else to_json(value).decode()
    if "\0" in text:
        raise DatabaseError("unsupported Unicode escape sequence")
    return text


def _etag(body: bytes) -> str:
    digest = hashlib.sha1(body, usedforsecurity=False).digest()
    return f'W/"{len(body):x}-{base64.b64encode(digest).decode()[:27]}"'


def _is_fresh(request: Request, tag: str) -> bool:
    wanted = request.header("if-none-match")
    if wanted is None or "no-cache" in (request.header("cache-control") or "").lower():
        return False
    return wanted.strip() == "*" or tag[2:] in {one.strip().removeprefix("W/") for one in wanted.split(",")}
