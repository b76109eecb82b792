"""What one operation is, before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import Any, Generic, Literal, TypeVar
from urllib.parse import quote, urlencode

from .._i18n.language import Message
from ..errors import FieldError
from . import validation as _params

__all__ = ["Method", "Path", "Request", "path", "with_extras"]

T = TypeVar("T")
Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
# An id that was formatted into the template may bring a dot segment, an empty one or a query.
_TEMPLATE = re.compile(r"(/(?!\.{1,2}(/|$))[\w.~{}-]+)+", re.ASCII)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True)
class Path:
    """A path on the API, made by `path`. Printing it shows the template, never the ids."""

    template: str
    raw: str = field(repr=False)

    def __str__(self) -> str:
        return self.template


def path(template: str, /, **segments: str) -> Path:
    """Return a path whose ids are each exactly one segment, whatever they contain.

    Args:
        template: The path with names in braces, such as ``/customers/{id}``.
        **segments: The value of each name. They are percent-encoded here: pass them as they are.

    Raises:
        LomiValidationError: A segment is not a string, is empty or white space, is ``.`` or ``..``, or holds a
            control character or a lone surrogate; or the template is not a path of plain segments.

    Example:
        >>> path("/customers/{id}", id="cus_1/2").raw
        '/customers/cus_1%2F2'
    """
    if not _TEMPLATE.fullmatch(template):
        hint = Message("such as /customers/{id}, with the id as an argument of its own")
        _params.refuse("path", [FieldError("template", Message("is not a path of plain segments"), hint)])
    problems = [problem for name, value in segments.items() for problem in _params.segment(name, value)]
    _params.refuse(template, problems)
    quoted = {name: quote(value, safe="") for name, value in segments.items()}
    return Path(template, template.format_map(quoted))


@dataclass(frozen=True)
class Request(Generic[T]):
    """One operation: what to send, and what comes back. ``client.send(request)`` carries it out.

    For endpoints that this package has no method for yet; everything that protects the methods (checks,
    deadline, retries, typed errors) protects it too.

    Args:
        method: ``GET``, ``HEAD``, ``POST``, ``PUT``, ``PATCH`` or ``DELETE``.
        path: From `path`.
        response_type: The type of the answer: a `LomiModel` subclass, ``list[...]`` of one, ``dict``, or
            ``type(None)`` when the answer holds nothing of interest.
        query: The query. None and empty strings are left out; the API refuses them.
        body: A JSON object to send.
        unwrap_data: The answer may stand in ``{"data": ...}``.
        idempotency_key: For a POST that the API honours an ``Idempotency-Key`` on: makes it safe to repeat.
        declared: The names of all parameters of the operation, which the extras of `with_options` cannot be.
        operation: What the log, hooks and traces call it, such as ``customers.create``. Default: method and template.

    Raises:
        LomiValidationError: One of the values cannot be sent.

    Example:
        >>> account = client.send(Request("GET", path("/me"), dict[str, str]))
    """

    method: Method
    path: Path
    response_type: type[T]
    _: KW_ONLY
    query: Mapping[str, str | int | None] = field(default_factory=dict[str, "str | int | None"], repr=False)
    body: Mapping[str, Any] | None = field(default=None, repr=False)
    unwrap_data: bool = False
    idempotency_key: str | None = field(default=None, repr=False)
    operation: str | None = field(default=None, repr=False)
    declared: frozenset[str] = field(default=frozenset(), repr=False)

    def __post_init__(self) -> None:
        problems: list[FieldError] = []
        if self.method not in _METHODS:
            problem, hint = Message("is not an HTTP method that the API has"), Message("such as GET or POST")
            problems.append(FieldError("method", problem, hint))
        if not isinstance(self.path, Path):
            hint = Message("such as {}", 'path("/customers/{id}", id=customer_id)')
            problems.append(FieldError("path", Message("is not a Path"), hint))
        if self.body is not None:
            object.__setattr__(self, "body", _params.json_value("body", self.body, problems))
        if self.idempotency_key is not None:
            problems += _params.header("idempotency_key", self.idempotency_key)
        texts = ((name, value) for name, value in self.query.items() if value is not None and type(value) is not int)
        problems += [problem for name, value in texts for problem in _params.text(name, value)]
        _params.refuse(f"{self.method}", problems)

    @property
    def idempotent(self) -> bool:
        """Whether carrying it out twice leaves the same state as carrying it out once."""
        return self.method != "POST" or self.idempotency_key is not None

    @property
    def target(self) -> str:
        """The path with the query, ready to send."""
        query = {name: value for name, value in self.query.items() if value is not None and value != ""}
        return f"{self.path.raw}?{urlencode(query)}" if query else self.path.raw


def with_extras(request: Request[T], query: Mapping[str, str | int], body: Mapping[str, Any]) -> Request[T]:
    """Return a request with more query parameters and, where it has a body, more fields.

    Raises:
        LomiValidationError: The request has a name of theirs already, or its operation declares it.
    """
    if not query and (not body or request.body is None):
        return request
    problems: list[FieldError] = []
    declared = request.declared
    for option, extras, present in (("extra_query", query, request.query), ("extra_body", body, request.body)):
        problems += [
            FieldError(f"{option}.{name}", Message("is a parameter of this operation"), Message("pass it there"))
            for name in extras
            if present is not None and (name in present or name in declared)
        ]
    _params.refuse(request.operation or request.method, problems)
    changes: dict[str, Any] = {"query": {**request.query, **query}}
    if request.body is not None:
        changes["body"] = {**request.body, **body}
    return replace(request, **changes)
