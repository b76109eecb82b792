"""From a request to a response: the whole server, without a socket."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from email.utils import format_datetime
from typing import Final

from .clock import to_datetime
from .engine import Engine
from .http import LARGEST_HEAD, ApiError, DatabaseError, JsonValue, Reply, Request, Response, Unparsed, read_body
from .log import LARGEST_KEPT, RecordedRequest, RequestLog, masked, masked_headers
from .matching import InjectedFault, MatchedFaults
from .operations import OPERATIONS
from .resource import Call, Caller, Match, Operation, Resource, Router
from .store import Record, by
from .throttle import Throttle
from .wire import Dialect

LIVE: Final = "lomi_sk_live_"
# Characters of a header, and headers, that are kept of a head that was too large.
LONGEST_PART: Final = 100
LONGEST_KEY: Final = 255
NO_NETWORK: Final = "Network requests are not supported for this endpoint"


@dataclass
class Api:
    """The parts that a request meets, and `handle`, which leads it through them."""

    engine: Engine
    resources: tuple[Resource, ...]
    throttle: Throttle
    log: RequestLog
    dialect: Dialect
    faults: Callable[[], tuple[InjectedFault, ...]]

    def __post_init__(self) -> None:
        built = {each.route: (resource, each) for resource in self.resources for each in resource.operations}
        self.routes: tuple[str, ...] = tuple(built)
        self.router: Router = Router({**dict.fromkeys(OPERATIONS), **built})
        self._callers: dict[tuple[tuple[int, int], str], Caller] = {}

    def handle(self, request: Request) -> Response:
        """Respond to a request. Safe from several threads."""
        with self.engine.lock:
            self.engine.store.check_open()
            begun = time.perf_counter()
            now = self.engine.clock.tick()
            request_id = request.header("x-request-id") or self.engine.ids.request()
            match = self.router.find(request.method, request.path)
            matched = MatchedFaults(self.faults(), request.method, None if match is None else match.template)
            response = matched.before(self.dialect, request_id, self.throttle)
            if response is None:
                response = self._response(request, request_id, match, matched, now)
                response = matched.after(self.dialect, request_id, self.throttle, response)
            date = ("Date", format_datetime(to_datetime(now), usegmt=True))
            delay, drip, stall = matched.delay, matched.drip, matched.stall
            response = replace(response, headers=(date, *response.headers), delay=delay, drip=drip, stall=stall)
            self._record(request, request_id, match, response, matched, now, begun)
        return replace(response, body=b"", cut_at=None) if request.method == "HEAD" else response

    def _response(
        self, request: Request, request_id: str, match: Match | None, matched: MatchedFaults, now: int
    ) -> Response:
        if request.head_size > LARGEST_HEAD:
            return Response(431, (("Content-Length", "0"), ("Connection", "close")))
        if request.method == "OPTIONS":
            return _preflight(request)
        rate: tuple[tuple[str, str], ...] = ()
        try:
            self.engine.catch_up(now)
            if match is not None and match.target is None:
                raise _not_built(match, request)
            # The order is the server's: body, path, throttle, account, key, and only then the operation.
            body = read_body(request)
            if match is None:
                raise ApiError(404, f"Cannot {request.method} {request.target}")
            resource, operation = match.target
            params = match.params()
            rate = self.throttle.admit(operation.route, request.peer, now, operation.limit)
            account = _account(request, operation, exact=match.exact)
            caller = self._caller(request, operation, account, matched)
            call = Call(self.engine, resource, operation, self.dialect, request, params, body, caller, matched)
            with self.engine.at(now, self.log.next_number):
                reply = self._reply(call)
            if reply.stream is not None:
                kind = ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked")
                return Response(reply.status, (*kind, ("X-Request-Id", request_id)), stream=reply.stream)
            return self.dialect.success(reply, request, request_id, rate, time_dependent=operation.time_dependent)
        except ApiError as error:
            refusal = error
        except sqlite3.OperationalError as error:
            refusal = ApiError(500, f"the sandbox's data file cannot be used: {error}", shown=True)
        return self.dialect.failure(refusal, request_id, rate)

    def _reply(self, call: Call) -> Reply:
        errors = call.operation.errors
        try:
            fault = call.faults.take("database_error")
            if fault is None and errors.status == 404:
                fault = call.faults.take("outage_as_404")
            if fault is not None:
                raise DatabaseError(fault.options["message"])
            key = (call.request.header("idempotency-key") or "").strip()[:LONGEST_KEY]
            return self._once(call, key) if call.operation.idempotent and key else call.operation.run(call)
        except DatabaseError as error:
            raise errors.seen(error, call) from error

    def _once(self, call: Call, key: str) -> Reply:
        """Carry out an operation, or return what it returned under the same key."""
        store, route = call.engine.store, call.operation.route
        owner = f"{call.caller.merchant_id}/{call.caller.account or ''}"
        fingerprint = _fingerprint(call.body)
        where = "operation = ? AND owner = ? AND key = ?"
        for row in store.rows(f"SELECT * FROM idempotency WHERE {where}", route, owner, key):
            if row["fingerprint"] != fingerprint:
                raise ApiError(409, "Idempotency-Key was reused with a different request payload")
            return Reply(row["status"], json.loads(row["body"]))
        with store.transaction():
            reply = call.operation.run(call)
            if reply.replayable:
                store.run(
                    "INSERT INTO idempotency (operation, owner, key, fingerprint, status, body)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
                    *(route, owner, key, fingerprint, reply.status, json.dumps(reply.value)),
                )
        return reply

    def _caller(self, request: Request, operation: Operation, account: str | None, matched: MatchedFaults) -> Caller:
        key = _key(request)
        if key.lower().startswith(LIVE):
            raise ApiError(401, "This is a sandbox: it refuses keys that look live. Use a test key.")
        if matched.take("unauthorized") is not None:
            raise ApiError(401, "Invalid API Key")
        store = self.engine.store
        version = store.writes["keys"], store.writes["merchants"]
        if account is None and (version, key) in self._callers:
            return self._callers[version, key]
        found = store.find("keys", key)
        merchant = None if found is None else store.find("merchants", found.owner)
        if found is None or merchant is None:
            raise ApiError(401, "Invalid API key")
        if account is not None:
            merchant = self._connected(merchant, operation, account)
        caller = Caller(merchant.id, merchant["organization_id"], merchant["name"], found.environment, account)
        if account is None:
            # The last one only: a merchant's figures change with its payments.
            self._callers = {(version, key): caller}
        return caller

    def _connected(self, operator: Record, operation: Operation, account: str) -> Record:
        """Return the merchant that an operator acts for; it must be the operator's, and allow it."""
        merchants = self.engine.store.select("merchants", *by(account=account))
        if not merchants or merchants[0]["operator"] != operator.id:
            raise ApiError(401, "network_account_not_found")
        if operation.account not in merchants[0]["capabilities"]:
            raise ApiError(401, "network_capability_missing")
        return merchants[0]

    def _record(
        self,
        request: Request,
        request_id: str,
        match: Match | None,
        response: Response,
        matched: MatchedFaults,
        now: int,
        begun: float,
    ) -> None:
        if request.head_size > LARGEST_HEAD:
            # Refused for its length, and not kept in full.
            headers = tuple(
                (name[:LONGEST_PART], value[:LONGEST_PART]) for name, value in request.headers[:LONGEST_PART]
            )
            request = replace(request, target=request.target[:LARGEST_HEAD], headers=headers)
        self.log.add(
            RecordedRequest(
                number=self.log.next_number,
                at=to_datetime(now),
                method=request.method,
                route=None if match is None else f"{request.method} {match.template}",
                operation=None if match is None else OPERATIONS.get(_route(match, request)),
                path=masked(request.path),
                query={masked(name): list(map(masked, values)) for name, values in request.query.items()},
                headers=masked_headers(request.headers),
                body=_kept(request.body),
                status=None if response.dropped else response.status,
                response="" if response.dropped else _kept(response.body),
                request_id=masked(request_id[:LARGEST_HEAD]),
                milliseconds=(time.perf_counter() - begun) * 1000,
                faults=tuple(matched.names),
            )
        )


def _kept(body: bytes) -> str:
    return masked(body[:LARGEST_KEPT].decode("utf-8", "replace"))


def _route(match: Match, request: Request) -> str:
    return f"{'GET' if request.method == 'HEAD' else request.method} {match.template}"


def _not_built(match: Match, request: Request) -> ApiError:
    route = _route(match, request)
    return ApiError(501, f"{OPERATIONS[route]} ({route}) is not in this sandbox", code="NOT_IMPLEMENTED")


def _fingerprint(body: JsonValue | Unparsed) -> str:
    sent = None if isinstance(body, Unparsed) else body
    return hashlib.sha256(json.dumps(sent, sort_keys=True).encode()).hexdigest()


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


def _account(request: Request, operation: Operation, *, exact: bool) -> str | None:
    """Return the account a request acts for. A blank header counts as none: the operator's own data is meant."""
    account = (request.header("lomi-account") or "").strip()
    if not account:
        return None
    # Decided by the letters of the path as they came, though routing ignores their case.
    if operation.account is None or not exact:
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
