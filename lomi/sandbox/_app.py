"""From a request to a response: the whole server, without a socket."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from email.utils import format_datetime
from typing import Final

from ._clock import Ticking, to_datetime
from ._dialects import Dialect
from ._faults import Order, Struck
from ._http import LARGEST_HEAD, ApiError, DatabaseError, Reply, Request, Response, read_body
from ._log import LARGEST_KEPT, RecordedRequest, RequestLog, masked, masked_headers
from ._routes import Caller, Context, Match, Route, Router, no_route
from ._store import Identifiers, Row, Store
from ._throttle import Throttle

LIVE: Final = "lomi_sk_live_"
# Characters of a header, and headers, that are kept of a head that was too large.
LONGEST_PART: Final = 100
NO_NETWORK: Final = "Network requests are not supported for this endpoint"


@dataclass
class App:
    """The parts that a request meets, and `handle`, which leads it through them."""

    store: Store
    clock: Ticking
    ids: Identifiers
    router: Router
    throttle: Throttle
    log: RequestLog
    dialect: Dialect
    orders: Callable[[], tuple[Order, ...]]

    def handle(self, request: Request) -> Response:
        """Answer a request. Safe from several threads; one at a time gets through."""
        with self.store.lock:
            self.store.check_open()
            begun = time.perf_counter()
            now = self.clock.tick()
            request_id = request.header("x-request-id") or self.ids.request()
            match = self.router.find(request.method, request.path)
            path = None if match is None else match.route.path
            struck = Struck(self.orders(), request.method, path)
            response = struck.before(self.dialect, request_id)
            if response is None:
                response = self._answer(request, request_id, match, struck, now)
                response = struck.after(self.dialect, request_id, response)
            date = ("Date", format_datetime(to_datetime(now), usegmt=True))
            response = replace(response, headers=(date, *response.headers), delay=struck.delay, drip=struck.drip)
            self._record(request, request_id, path, response, struck, now, begun)
        return replace(response, body=b"", cut_at=None) if request.method == "HEAD" else response

    def _answer(self, request: Request, request_id: str, match: Match | None, struck: Struck, now: int) -> Response:
        if request.head_size > LARGEST_HEAD:
            return Response(431, (("Content-Length", "0"), ("Connection", "close")))
        if request.method == "OPTIONS":
            return _preflight(request)
        rate: tuple[tuple[str, str], ...] = ()
        try:
            # The order is the server's: body, path, throttle, account, key, and only then what is asked.
            body = read_body(request)
            if match is None:
                raise no_route(request)
            params = match.params()
            rate = self.throttle.admit(match.route.name, request.peer, now)
            account = _account(request, match)
            caller = self._caller(request, match.route, account, struck)
            context = Context(self.store, self.dialect, self.ids, now, request, params, body, caller, struck.take)
            reply = self._reply(match.route, context, struck)
            return self.dialect.success(reply, request, request_id, rate, dated=match.route.dated)
        except ApiError as refusal:
            return self.dialect.failure(refusal, request_id, rate)

    def _reply(self, route: Route, context: Context, struck: Struck) -> Reply:
        try:
            fault = struck.take("database_error")
            if fault is not None:
                raise DatabaseError(fault.message)
            return route.handle(context)
        except DatabaseError as error:
            raise self.dialect.database_error(error, route.reads) from error

    def _caller(self, request: Request, route: Route, account: str | None, struck: Struck) -> Caller:
        key = _key(request)
        if key.lower().startswith(LIVE):
            raise ApiError(401, "This is a sandbox: it refuses keys that look live. Use a test key.")
        if struck.take("key_error") is not None:
            raise ApiError(401, "Invalid API Key")
        row = self.store.find("SELECT * FROM keys JOIN merchants USING (merchant_id) WHERE key = ?", key)
        if row is None:
            raise ApiError(401, "Invalid API key")
        merchant = row if account is None else self._connected(row, route, account)
        return Caller(
            merchant["merchant_id"], merchant["organization_id"], merchant["name"], row["environment"], account
        )

    def _connected(self, operator: Row, route: Route, account: str) -> Row:
        """The merchant that an operator acts for; it must be the operator's, and allow it."""
        row = self.store.find(
            "SELECT * FROM merchants WHERE account = ? AND operator = ?", account, operator["merchant_id"]
        )
        if row is None:
            raise ApiError(401, "network_account_not_found")
        if route.capability not in json.loads(row["capabilities"]):
            raise ApiError(401, "network_capability_missing")
        return row

    def _record(
        self,
        request: Request,
        request_id: str,
        path: str | None,
        response: Response,
        struck: Struck,
        now: int,
        begun: float,
    ) -> None:
        if request.head_size > LARGEST_HEAD:
            # Refused for its length, and not kept in all of it.
            headers = tuple(
                (name[:LONGEST_PART], value[:LONGEST_PART]) for name, value in request.headers[:LONGEST_PART]
            )
            request = replace(request, target=request.target[:LARGEST_HEAD], headers=headers)
        self.log.add(
            RecordedRequest(
                number=self.log.next_number(),
                at=to_datetime(now),
                method=request.method,
                route=path,
                path=masked(request.path),
                query={masked(name): list(map(masked, values)) for name, values in request.query.items()},
                headers=masked_headers(request.headers),
                body=_kept(request.body),
                status=None if response.dropped else response.status,
                answer="" if response.dropped else _kept(response.body),
                request_id=masked(request_id[:LARGEST_HEAD]),
                milliseconds=(time.perf_counter() - begun) * 1000,
                faults=tuple(struck.names),
            )
        )


def _kept(body: bytes) -> str:
    return masked(body[:LARGEST_KEPT].decode("utf-8", "replace"))


def _preflight(request: Request) -> Response:
    return Response(
        204,
        (
            ("Vary", "Origin"),
            ("Access-Control-Allow-Methods", "GET,HEAD,PUT,PATCH,POST,DELETE"),
            ("Access-Control-Allow-Headers", request.header("access-control-request-headers") or "*"),
            ("Content-Length", "0"),
        ),
    )


def _account(request: Request, match: Match) -> str | None:
    """The account a request acts for. A blank header counts as none, and the operator's own data is meant."""
    account = (request.header("lomi-account") or "").strip()
    if not account:
        return None
    # Decided by the letters of the path as they came, though routing does not mind them.
    if match.route.capability is None or not match.exact:
        raise ApiError(401, NO_NETWORK)
    return account


def _key(request: Request) -> str:
    bearer = request.header("authorization") or ""
    key = (
        request.header("x-api-key")
        or request.header("x-lomi-api-key")
        or (bearer[7:] if bearer.startswith("Bearer ") else "")
    )
    if not key:
        raise ApiError(401, "API Key is missing")
    return key
