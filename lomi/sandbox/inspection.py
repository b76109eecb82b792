"""What a test looks at: what was received, and what is stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .api import Api
from .engine import Engine
from .http import JsonValue
from .log import RecordedRequest
from .matching import split
from .resource import View
from .store import Values


class Inspection:
    """What a sandbox received, and what it holds."""

    _engine: Engine
    _api: Api
    _routes: list[str]

    @property
    def requests(self) -> tuple[RecordedRequest, ...]:
        """What was received, the oldest first, keys and tokens masked; the last 10,000, or 16 MiB of text."""
        with self._engine.lock:
            return self._api.log.entries()

    def calls(
        self, route: str | None = None, *, json: Mapping[str, JsonValue] | None = None, status: int | None = None
    ) -> tuple[RecordedRequest, ...]:
        """Return the requests to a route, the oldest first.

        Args:
            route: `"POST /customers"`, `"/customers/{id}"` (any method), `"GET"` (any path), or None for every request.
            json: Fields that the request body must have, with these values; it may have others.
            status: The status of the response.

        Raises:
            ValueError: There is no such route.
        """
        if route is not None and route not in self._routes:
            raise ValueError(f"no route is called {route!r}; there are {', '.join(self._routes)}")
        method, path = split(route)
        found = [each for each in self.requests if method in {None, each.method}]
        if path is not None:
            found = [each for each in found if each.route == f"{each.method} {path}"]
        if json is not None:
            found = [each for each in found if isinstance(sent := each.json, dict) and {**sent, **json} == sent]
        return tuple(each for each in found if status in {None, each.status})

    def on_request(self, listener: Callable[[RecordedRequest], object] | None) -> None:
        """Call a function with each request from now on; None ends that. It must not use the sandbox."""
        with self._engine.lock:
            self._api.log.listener = listener

    def clear_log(self) -> None:
        """Forget what was received, and what followed from it; the data stays."""
        with self._engine.lock:
            self._api.log.clear()
            self._engine.journal.clear()

    def objects(self, type: str, **fields: JsonValue) -> tuple[Values, ...]:
        """Return what is stored, the oldest first, as the API shows it: no request is logged, and no fault applies.

        Args:
            type: `"customers"`, `"transactions"` or another type of objects.
            **fields: Values that the objects must have, such as `status="completed"`.

        Raises:
            ValueError: There is no such type.
        """
        types = {each.type: each for each in self._api.resources if each.shape.server}
        if type not in types:
            raise ValueError(f"no objects are called {type!r}; there are {', '.join(types)}")
        engine = self._engine
        with engine.lock:
            engine.catch_up(engine.now)
            view = View(engine, self._api.dialect)
            shown = [types[type].show(view, record) for record in reversed(engine.store.select(type))]
        return tuple(each for each in shown if {**each, **fields} == each)
