"""What a resource is made of: its tables and its routes. A new one is a file like this package's
`_customers.py`, and one line in `_resources.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ._dialects import Dialect
from ._http import ApiError, JsonValue, Reply, Request, Unseen, decode_segment
from ._store import Identifiers, Store


@dataclass(frozen=True)
class Caller:
    """Whose data a request may see: that of the key, or of the account it acts for."""

    merchant_id: str
    organization_id: str
    name: str
    environment: str
    account: str | None


@dataclass(frozen=True)
class Context:
    """All that a route may use. `now` is in microseconds; `take` gives the fault of a kind that strikes."""

    store: Store
    dialect: Dialect
    ids: Identifiers
    now: int
    request: Request
    params: dict[str, str]
    body: JsonValue | Unseen
    caller: Caller
    take: Callable[[str], object]

    @property
    def query(self) -> dict[str, list[str]]:
        return self.request.query


@dataclass(frozen=True)
class Route:
    """One operation.

    Args:
        method: Upper case. A GET answers HEAD as well.
        path: Such as `/customers/{id}`.
        handle: Works it out, within a transaction.
        capability: What an account must allow for `Lomi-Account` to be accepted; None refuses that header.
        reads: What is read, if the route's page names an error for a database that fails.
        dated: The answer holds the present moment, so that it is never "not modified".
    """

    method: str
    path: str
    handle: Callable[[Context], Reply]
    capability: str | None = None
    reads: str | None = None
    dated: bool = False

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class Resource:
    """Tables, as SQL that may run again on a database that has them, and routes. Each table has a column
    `number INTEGER PRIMARY KEY`.
    """

    schema: str
    routes: tuple[Route, ...]


@dataclass(frozen=True)
class Match:
    """A route and what its path holds, still percent-encoded. `exact`: its letters are lower case."""

    route: Route
    raw: dict[str, str]
    exact: bool

    def params(self) -> dict[str, str]:
        return {name: decode_segment(segment) for name, segment in self.raw.items()}


class Router:
    """Finds the route of a path, whose letters may be of either case and which may end in one slash."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self.routes = tuple(routes)
        self._split = [(route, route.path.split("/")[1:]) for route in routes]

    def find(self, method: str, path: str) -> Match | None:
        wanted = "GET" if method == "HEAD" else method
        segments = path.split("/")[1:]
        if len(segments) > 1 and segments[-1] == "":
            segments.pop()
        for route, pattern in self._split:
            if route.method == wanted and len(pattern) == len(segments):
                match = self._match(route, pattern, segments)
                if match is not None:
                    return match
        return None

    def _match(self, route: Route, pattern: Sequence[str], segments: Sequence[str]) -> Match | None:
        raw: dict[str, str] = {}
        exact = True
        for expected, segment in zip(pattern, segments, strict=True):
            if expected.startswith("{"):
                if not segment:
                    return None
                raw[expected[1:-1]] = segment
            elif segment.lower() != expected:
                return None
            else:
                exact = exact and segment == expected
        return Match(route, raw, exact)


def no_route(request: Request) -> ApiError:
    return ApiError(404, f"Cannot {request.method} {request.target}")
