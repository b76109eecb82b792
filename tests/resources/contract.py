"""Calls of methods with what they have to send, held against the contract where it is present."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_origin
from urllib.parse import parse_qsl

import httpx
from typing_extensions import get_type_hints

from lomi.params._base import SentAs

from .recording import API, KEY

_ROOT = Path(__file__).parents[2]
# Beside a checkout, or where the environment says.
_CONTRACTS = (os.environ.get("LOMI_CONTRACT"), _ROOT.parent / "shared/contract")


@dataclass(frozen=True)
class Case:
    """A call of a method, what it has to send, and what the API answers."""

    operation: str
    call: Callable[[Any], Any]
    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    response: Any = None
    status: int = 200

    def __str__(self) -> str:
        return f"{self.operation}-{self.path}"


def sent_query(request: httpx.Request) -> dict[str, str]:
    """Return the query of a request, no name twice."""
    pairs = parse_qsl(request.url.query.decode(), keep_blank_values=True, strict_parsing=bool(request.url.query))
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def assert_sent(case: Case, api: API) -> None:
    """Hold the one request that was sent against what its case says."""
    request = api.request
    assert request.method == case.method
    assert request.url.raw_path.decode().partition("?")[0] == case.path
    assert sent_query(request) == dict(case.query)
    if case.body is None:
        assert request.content == b""
    else:
        assert request.headers["content-type"] == "application/json"
        assert json.loads(request.content) == case.body
    assert request.headers["x-api-key"] == KEY


# The contract


@cache
def contract(name: str) -> Any:
    """Return a file of the contract; None where it is not present."""
    for place in _CONTRACTS:
        if place and (Path(place) / name).is_file():
            return json.loads((Path(place) / name).read_text("utf-8"))
    return None


@cache
def contract_files(folder: str) -> list[str]:
    """Return the names of the JSON files in a folder of the contract; none where it is not present."""
    places = [Path(place) / folder for place in _CONTRACTS if place]
    return next((sorted(each.name for each in place.glob("*.json")) for place in places if place.is_dir()), [])


@cache
def operations() -> Mapping[str, Mapping[str, Any]]:
    """Return the operations of the contract by their name in an SDK; none where it is not present."""
    found = contract("operations.json")
    return {each["sdk"]: each for each in found["operations"]} if found else {}


def declared(params_type: Any) -> set[str]:
    """Return the names that a `TypedDict` has on the wire."""
    hints: Mapping[str, Any] = get_type_hints(params_type, include_extras=True)
    return {next(_sent_as(hint), name) for name, hint in hints.items()}


def _sent_as(hint: Any) -> Any:
    for part in get_args(hint):
        if isinstance(part, SentAs):
            yield part.name
        elif get_origin(part) is not None:
            yield from _sent_as(part)


def path_of(template: str, path: str) -> bool:
    """Tell whether a path is one of a template."""
    parts, found = template.split("/"), path.split("/")
    return len(parts) == len(found) and all(a == b or (a[:1] == "{" and b) for a, b in zip(parts, found, strict=True))


def against_contract(case: Case, *, not_in_openapi: Iterable[str] = ()) -> None:
    """Hold the method, path, names of the query and of the body of a case against both documents of the contract."""
    known = operations()[case.operation]
    assert (case.method, case.status) == (known["method"], known["status"])
    assert path_of(known["path"], case.path)
    in_query = {name for name, place, *_ in known["params"] if place == "query"}
    in_body = {name.partition(".")[0] for name, *_ in known["body"] or ()}
    assert set(case.query) <= in_query
    assert set(case.body or {}) <= in_body
    required = {name for name, _type, needed, *_ in known["body"] or () if needed.startswith(("yes", "**yes"))}
    assert {name for name in required if "." not in name} <= set(case.body or {})
    openapi = contract("openapi.json")["paths"].get(known["path"], {}).get(case.method.lower())
    assert (openapi is None) == (case.operation in not_in_openapi)
    if openapi is not None:
        assert set(case.query) <= {each["name"] for each in openapi.get("parameters", ()) if each["in"] == "query"}
        schema = openapi.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
        if schema:
            assert set(case.body) <= set(_properties(schema))


def _properties(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: Mapping[str, Any] = contract("openapi.json")["components"]["schemas"][name] if name else schema
    return found.get("properties", {})
