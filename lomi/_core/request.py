"""What one operation is, before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Generic, Literal, NoReturn, TypeVar
from urllib.parse import quote, urlencode

from typing_extensions import override

from .._i18n.language import Message
from ..errors import FieldError
from ..params._base import HeaderValue, PathSegment, Text
from ..params._json import json_value, type_name
from .validation import field_errors, raise_if_invalid, validation_error

__all__ = ["Method", "Path", "Request", "path", "path_from", "trusted_request", "with_changes", "with_extras"]

T = TypeVar("T")
Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
_TEMPLATE = re.compile(r"(/(?!\.{1,2}(/|$))([\w.~-]|\{\w+\})+)+", re.ASCII)
# As most ids are: it is a valid segment, and the same when it is quoted.
_PLAIN = re.compile(r"[\w~-][\w.~-]*", re.ASCII)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
_set = object.__setattr__


class _Frozen:
    """A value: compared by its fields, never changed."""

    __slots__: tuple[str, ...] = ()

    # Plain classes: decorating a dataclass takes about a millisecond of every start.
    def _values(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name, None) for name in self.__slots__)

    @override
    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} cannot be changed")

    @override
    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} cannot be changed")

    @override
    def __eq__(self, other: object) -> bool:
        return self._values() == other._values() if isinstance(other, type(self)) else NotImplemented

    @override
    def __hash__(self) -> int:
        return hash(self._values())

    @override
    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self), self._values())


def _restored(kind: type[_Frozen], values: tuple[Any, ...]) -> _Frozen:
    made = kind.__new__(kind)
    for name, value in zip(kind.__slots__, values, strict=True):
        _set(made, name, value)
    return made


class Path(_Frozen):
    """A path on the API, made by `path`. Printing it shows the template, never the ids."""

    __slots__ = ("raw", "template")

    template: str
    raw: str

    def __init__(self, template: str, raw: str) -> None:
        _set(self, "template", template)
        _set(self, "raw", raw)

    @override
    def __str__(self) -> str:
        return self.template

    @override
    def __repr__(self) -> str:
        return f"Path(template={self.template!r})"


def path(template: str, /, **segments: str) -> Path:
    """Return a path whose ids are each exactly one segment, whatever they contain.

    Args:
        template: The path with names in braces, such as ``/customers/{id}``.
        **segments: The value of each name. They are percent-encoded here: pass them as they are.

    Raises:
        LomiValidationError: A segment is not a string, is empty or white space, is ``.`` or ``..``, or holds a
            control character or a lone surrogate; or the template is not a path of plain segments.

    Examples:
        >>> path("/customers/{id}", id="cus_1/2").raw
        '/customers/cus_1%2F2'
    """
    if not _TEMPLATE.fullmatch(template) or set(re.findall(r"\{(\w+)\}", template)) != set(segments):
        hint = Message("such as /customers/{id}, with the id as an argument of its own")
        raise validation_error("path", [FieldError("template", Message("is not a path of plain segments"), hint)])
    return path_from(template, template, segments)


def path_from(
    operation: str, template: str, segments: Mapping[str, str], types: Mapping[str, Any] | None = None
) -> Path:
    """Return a path made from a template of our own.

    Args:
        operation: The method's name, for messages.
        template: The path with names in braces.
        segments: The value of each name.
        types: What each has to be, where it is more than a `PathSegment`.

    Raises:
        LomiValidationError: A segment is not valid.
    """
    problems: list[FieldError] = []
    quoted: dict[str, str] = {}
    for name, value in segments.items():
        given: object = value
        if isinstance(given, str) and _PLAIN.fullmatch(given):
            found, quoted[name] = [], given
        elif not (found := field_errors(name, PathSegment, value)):
            quoted[name] = quote(value, safe="")
        if types and name in types and not found:
            found = field_errors(name, types[name], value)
        problems += found
    raise_if_invalid(operation, problems)
    return Path(template, template.format_map(quoted) if quoted else template)


# In the order of `trusted_request`.
_FIELDS = (
    "method",
    "path",
    "response_type",
    "query",
    "body",
    "unwrap_data",
    "idempotency_key",
    "operation",
    "declared",
)


class Request(_Frozen, Generic[T]):
    """One operation: what to send, and what comes back. ``client.send(request)`` carries it out.

    Use it for endpoints that this package has no method for yet. Everything that protects the methods protects it
    too: checks, deadline, retries, typed errors.

    Args:
        method: ``GET``, ``HEAD``, ``POST``, ``PUT``, ``PATCH`` or ``DELETE``.
        path: The path, from `path`.
        response_type: The type of the response: a `LomiModel` subclass, ``list[...]`` of one, ``dict``, or
            ``type(None)`` when the response holds nothing of interest.
        query: The query. None and empty strings are left out; the API refuses them.
        body: A JSON object to send.
        unwrap_data: Whether the response may stand in ``{"data": ...}``.
        idempotency_key: For a POST that the API honours an ``Idempotency-Key`` on: makes it safe to repeat.
        operation: The name in logs, hooks and traces, such as ``customers.create``. Default: method and template.

    Raises:
        LomiValidationError: One of the values cannot be sent.

    Examples:
        >>> account = client.send(Request("GET", path("/me"), dict[str, str]))
    """

    __slots__ = _FIELDS

    method: Method
    path: Path
    response_type: type[T]
    query: Mapping[str, str | int | None]
    body: Mapping[str, Any] | None
    unwrap_data: bool
    idempotency_key: str | None
    operation: str | None
    declared: frozenset[str]
    """The names of what the operation takes, which the extras of ``with_options`` cannot be."""

    def __init__(
        self,
        method: Method,
        path: Path,
        response_type: type[T],
        *,
        query: Mapping[str, str | int | None] | None = None,
        body: Mapping[str, Any] | None = None,
        unwrap_data: bool = False,
        idempotency_key: str | None = None,
        operation: str | None = None,
    ) -> None:
        problems, query, body = _checked(method, path, query, body, idempotency_key)
        if problems:
            del query, body, idempotency_key  # a traceback shows what its frames hold
            raise validation_error(f"{method}", problems)
        declared: frozenset[str] = frozenset()
        _fill(self, (method, path, response_type, query, body, unwrap_data, idempotency_key, operation, declared))

    @override
    def __repr__(self) -> str:
        shown = ("method", "path", "response_type", "unwrap_data")
        return f"Request({', '.join(f'{name}={getattr(self, name, None)!r}' for name in shown)})"

    @property
    def target(self) -> str:
        """The path with the query, ready to send."""
        query = {name: value for name, value in self.query.items() if value is not None and value != ""}
        return f"{self.path.raw}?{urlencode(query)}" if query else self.path.raw


def _is_mapping(value: object) -> bool:
    return isinstance(value, Mapping)


def _checked(
    method: Any, path: Any, query: Any, body: Any, idempotency_key: Any
) -> tuple[list[FieldError], dict[str, Any], dict[str, Any] | None]:
    """Return what is wrong with the values of a request, and copies of those that can be changed."""
    problems: list[FieldError] = []
    if method not in _METHODS:
        hint = Message("such as GET or POST")
        problems.append(FieldError("method", Message("is not an HTTP method that the API has"), hint))
    if not isinstance(path, Path):
        hint = Message("such as {}", 'path("/customers/{id}", id=customer_id)')
        problems.append(FieldError("path", Message("is not a Path"), hint))
    if body is not None:
        body = json_value("body", body, problems)
    if idempotency_key is not None:
        problems += field_errors("idempotency_key", HeaderValue, idempotency_key)
    if query is not None and not _is_mapping(query):
        hint = Message("pass a mapping")
        problems.append(FieldError("query", Message("is not a mapping but {}", type_name(query)), hint))
        query = None
    query = {} if query is None else dict(query)
    for name, value in query.items():
        problems += field_errors("query", Text, name)
        if value is not None and type(value) is not int:
            problems += field_errors(name, Text, value)
    return problems, query, body


def _fill(request: Request[Any], values: tuple[Any, ...]) -> None:
    for name, value in zip(_FIELDS, values, strict=True):
        _set(request, name, value)


def trusted_request(
    method: Method,
    path: Path,
    response_type: type[T],
    *,
    query: Mapping[str, str | int | None] | None = None,
    body: Mapping[str, Any] | None = None,
    unwrap_data: bool = False,
    idempotency_key: str | None = None,
    operation: str | None = None,
    declared: frozenset[str] = frozenset(),
) -> Request[T]:
    """Return a request whose values are known to be valid: they come from `validated`, or from another request."""
    request: Request[T] = object.__new__(Request)  # pyright: ignore[reportUnknownVariableType]
    _fill(request, (method, path, response_type, query or {}, body, unwrap_data, idempotency_key, operation, declared))
    return request


def with_changes(request: Request[T], **changes: Any) -> Request[T]:
    """Return a request with other values, which are known to be valid."""
    values = {name: getattr(request, name) for name in _FIELDS}
    return trusted_request(**{**values, **changes})


def with_extras(request: Request[T], query: Mapping[str, str | int], body: Mapping[str, Any]) -> Request[T]:
    """Return a request with more query parameters and, where it has a body, more fields.

    Raises:
        LomiValidationError: The request has a name of theirs already, or its operation declares it.
    """
    if not query and (not body or request.body is None):
        return request
    problems: list[FieldError] = []
    for option, extras, present in (("extra_query", query, request.query), ("extra_body", body, request.body)):
        problems += [
            FieldError(f"{option}.{name}", Message("is a parameter of this operation"), Message("pass it there"))
            for name in extras
            if present is not None and (name in present or name in request.declared)
        ]
    raise_if_invalid(request.operation or request.method, problems)
    changes: dict[str, Any] = {"query": {**request.query, **query}}
    if request.body is not None:
        changes["body"] = {**request.body, **body}
    return with_changes(request, **changes)
