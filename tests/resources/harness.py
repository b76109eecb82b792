"""Calls of resource methods against a recording transport, in both flavours, and what the contract says of them."""

from __future__ import annotations

import asyncio
import inspect
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

import lomi
from lomi.params._base import SentAs

TEST_KEY = "lomi_sk_test_0123456789abcdefghij"
FLAVOURS = ("sync", "async")
_ROOT = Path(__file__).parents[2]
# Beside a checkout; a worktree elsewhere finds it where it always is.
_CONTRACTS = (os.environ.get("LOMI_CONTRACT"), _ROOT.parent / "shared/contract", "/work/shared/contract")


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


class Server:
    """Records what is sent, and answers in turn; the last answer stays."""

    def __init__(self, *answers: Any, status: int = 200) -> None:
        self._answers = list(answers)
        self._status = status
        self.requests: list[httpx.Request] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        said = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(said, httpx.Response):
            return said
        return httpx.Response(self._status, json=said)

    async def aanswer(self, request: httpx.Request) -> httpx.Response:
        return self.answer(request)


def run(flavour: str, server: Server, call: Callable[[Any], Any], **options: Any) -> Any:
    """Return what a call returns, with a client of a flavour; a page's items are in it."""
    options.setdefault("max_retries", 0)
    if flavour == "sync":
        with httpx.Client(transport=httpx.MockTransport(server.answer)) as mine:
            return call(lomi.LomiClient(TEST_KEY, http_client=mine, **options))
    return asyncio.run(_run(server, call, options))


async def _run(server: Server, call: Callable[[Any], Any], options: Any) -> Any:
    async with httpx.AsyncClient(transport=httpx.MockTransport(server.aanswer)) as mine:
        found = call(lomi.AsyncLomiClient(TEST_KEY, http_client=mine, **options))
        return await found if inspect.isawaitable(found) else found


def collect(flavour: str, server: Server, call: Callable[[Any], Any]) -> list[Any]:
    """Return every item of a listing, of all its pages."""
    if flavour == "sync":
        return run(flavour, server, lambda client: list(call(client)))

    async def gather(client: Any) -> list[Any]:
        return [item async for item in call(client)]

    return run(flavour, server, gather)


def sent_query(request: httpx.Request) -> dict[str, str]:
    """Return the query of a request, no name twice."""
    pairs = parse_qsl(request.url.query.decode(), keep_blank_values=True, strict_parsing=bool(request.url.query))
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def assert_sent(case: Case, server: Server) -> None:
    """Hold the one request that was sent against what its case says."""
    (request,) = server.requests
    assert request.method == case.method
    assert request.url.raw_path.decode().partition("?")[0] == case.path
    assert sent_query(request) == dict(case.query)
    if case.body is None:
        assert request.content == b""
    else:
        assert request.headers["content-type"] == "application/json"
        assert json.loads(request.content) == case.body
    assert request.headers["x-api-key"] == TEST_KEY


# The contract


@cache
def contract(name: str) -> Any:
    """Return a file of the contract; None where it is not present."""
    for place in _CONTRACTS:
        if place and (Path(place) / name).is_file():
            return json.loads((Path(place) / name).read_text("utf-8"))
    return None


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
