"""What the log and hooks get of a call, and that a listener never changes it."""

from __future__ import annotations

import io
import logging
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import anyio
import httpx
import pytest

from lomi import (
    AsyncLomiClient,
    Customer,
    Hooks,
    LomiAPIError,
    LomiClient,
    LomiConfigurationError,
    LomiConnectionError,
    LomiNotFoundError,
    LomiResponseError,
    LomiTimeoutError,
    Request,
    RequestEvent,
    ResponseEvent,
    RetryEvent,
    path,
)
from lomi._core.response import Response, TransportFailure
from lomi._telemetry import observer

KEY = "lomi_sk_test_5f2dd1c6c3a94a6b8a5e"
PERSONAL = ("cus_7531", "amadou", KEY)
OK = Response(200, [(b"X-Request-Id", b"theirs-1")], b'{"id": "cus_7531", "email": "amadou.ba@example.com"}')
NOT_FOUND = Response(404, [], b'{"error": {"code": "not_found", "message": "no amadou", "request_id": "theirs-2"}}')
BROKEN = Response(500, [], b"")
LOST = TransportFailure(LomiTimeoutError, "no response in time", sent=True)
REFUSED = TransportFailure(LomiConnectionError, "refused", sent=False)

Scripted = Response | TransportFailure | BaseException


@pytest.fixture(autouse=True)
def _without_telemetry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observer, "telemetry", lambda: None)
    monkeypatch.delenv("LOMI_LOG", raising=False)


@pytest.fixture
def records() -> Iterator[list[logging.LogRecord]]:
    log, kept = logging.getLogger("lomi"), Kept()
    level = log.level
    log.addHandler(kept)
    log.setLevel(logging.DEBUG)
    yield kept.records
    log.setLevel(level)
    log.removeHandler(kept)


class Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


class Script(httpx.BaseTransport):
    """A transport that responds as it is told; each attempt takes a quarter of a second."""

    def __init__(self, results: list[Scripted], tick: Callable[[float], None]) -> None:
        self.results = results
        self.tick = tick

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.tick(0.25)
        result = self.results.pop(0)
        if isinstance(result, BaseException):
            raise result
        if isinstance(result, TransportFailure):
            raise (httpx.ReadTimeout if result.sent else httpx.ConnectError)(result.message)
        return httpx.Response(result.status, headers=list(result.raw_headers), content=result.body)


def client_of(*results: Scripted, hooks: Hooks | None = None) -> LomiClient:
    now = [1000.0]

    def pass_time(seconds: float) -> None:
        now[0] += seconds

    client = LomiClient(KEY, hooks=hooks, transport=Script(list(results), pass_time))
    client.backend.monotonic = lambda: now[0]
    client.backend.random = lambda: 1.0
    client.backend.sleep = pass_time  # type: ignore[method-assign]
    return client


def facts(record: logging.LogRecord) -> dict[str, Any]:
    ordinary = logging.makeLogRecord({}).__dict__.keys() | {"message"}
    return {name: value for name, value in record.__dict__.items() if name not in ordinary}


def test_a_call_is_one_record_with_its_facts_as_fields(records: list[logging.LogRecord]) -> None:
    client_of(OK).customers.get("cus_7531")
    (record,) = records
    assert record.levelno == logging.DEBUG
    assert record.name == "lomi"
    assert facts(record) == {
        "operation": "customers.get",
        "method": "GET",
        "path": "/customers/{id}",
        "status": 200,
        "error": None,
        "attempt": 1,
        "outcome": "succeeded",
        "request_id": "theirs-1",
        "ms": 250.0,
    }
    assert record.getMessage() == "GET /customers/{id} -> 200 in 250 ms (succeeded, attempt 1, request theirs-1)"


def test_a_retry_is_a_record_at_info(records: list[logging.LogRecord]) -> None:
    client_of(LOST, BROKEN, OK).customers.get("cus_7531")
    first, second, last = records
    assert first.levelno == second.levelno == logging.INFO
    ours = facts(first)["request_id"]
    assert first.getMessage() == (
        f"GET /customers/{{id}}: attempt 1, LomiTimeoutError; again in 0.5 s (request {ours})"
    )
    assert facts(second) == {
        "operation": "customers.get",
        "method": "GET",
        "path": "/customers/{id}",
        "status": 500,
        "error": None,
        "attempt": 2,
        "request_id": ours,
        "delay": 1.0,
    }
    assert (last.levelno, facts(last)["attempt"], facts(last)["ms"]) == (logging.DEBUG, 3, 2250.0)


@pytest.mark.parametrize(
    ("results", "error", "status", "outcome", "request_id"),
    [
        ([NOT_FOUND], LomiNotFoundError, 404, "rejected", "theirs-2"),
        ([LOST] * 3, LomiTimeoutError, None, "unknown", None),
        ([REFUSED] * 3, LomiConnectionError, None, "not_sent", None),
        ([Response(200, [], b"<html>")], LomiResponseError, 200, "rejected", None),
        ([LomiConfigurationError("closed")], LomiConfigurationError, None, "not_sent", None),
        ([KeyboardInterrupt()], KeyboardInterrupt, None, "unknown", None),
    ],
)
def test_a_call_that_fails_says_how(
    records: list[logging.LogRecord],
    results: list[Scripted],
    error: type[BaseException],
    status: int | None,
    outcome: str,
    request_id: str | None,
) -> None:
    events: list[object] = []
    client = client_of(*results, hooks=Hooks(on_request=events.append, on_response=events.append))
    with pytest.raises(error) as raised:
        client.customers.get("cus_7531")
    told = facts(records[-1])
    assert told["error"] == error.__name__ == raised.type.__name__
    assert (told["status"], told["outcome"]) == (status, outcome)
    assert told["request_id"] == (request_id or events[0].request_id)  # type: ignore[attr-defined]
    assert [type(event) for event in events] == [RequestEvent, ResponseEvent] * (len(events) // 2)


def test_nothing_personal_and_no_key_is_told(records: list[logging.LogRecord]) -> None:
    events: list[object] = []
    hooks = Hooks(on_request=events.append, on_response=events.append, on_retry=events.append)
    client = client_of(BROKEN, OK, NOT_FOUND, Response(200, [], b'{"customers": []}'), hooks=hooks)
    client.customers.get("cus_7531")
    with pytest.raises(LomiAPIError):
        client.customers.update("cus_7531", name="amadou")
    client.customers.list(search="amadou")
    told = repr(events) + repr([record.__dict__ for record in records])
    assert "customers.list" in told
    assert not [secret for secret in PERSONAL if secret in told.lower()]


def test_an_answer_cannot_write_lines_into_the_log(records: list[logging.LogRecord]) -> None:
    forged = Response(404, [], b'{"error": {"request_id": "1)\\nGET /customers/{id} -> 200"}}')
    with pytest.raises(LomiNotFoundError):
        client_of(forged).customers.get("cus_7531")
    assert "\n" not in records[0].getMessage()


def test_hooks_get_each_attempt_and_each_retry() -> None:
    events: list[Any] = []
    hooks = Hooks(on_request=events.append, on_response=events.append, on_retry=events.append)
    client_of(LOST, OK, hooks=hooks).customers.delete("cus_7531")
    what = {"operation": "customers.delete", "method": "DELETE", "path": "/customers/{id}"}
    ours = events[0].request_id
    assert events == [
        RequestEvent(**what, attempt=1, request_id=ours),
        ResponseEvent(
            **what,
            attempt=1,
            request_id=ours,
            status=None,
            headers={},
            error="LomiTimeoutError",
            outcome="unknown",
            seconds=0.25,
        ),
        RetryEvent(**what, attempt=1, request_id=ours, status=None, error="LomiTimeoutError", delay=0.5),
        RequestEvent(**what, attempt=2, request_id=ours),
        ResponseEvent(
            **what,
            attempt=2,
            request_id="theirs-1",
            status=200,
            headers={"x-request-id": "theirs-1", "content-length": str(len(OK.body))},
            error=None,
            outcome="succeeded",
            seconds=0.25,
        ),
    ]


def test_hooks_get_the_headers_of_a_response_without_the_key() -> None:
    events: list[ResponseEvent] = []
    echo = Response(404, [(b"X-Echo", f"key {KEY}".encode()), (b"X-RateLimit-Limit", b"60")], b"")
    with pytest.raises(LomiNotFoundError):
        client_of(echo, hooks=Hooks(on_response=events.append)).customers.get("cus_7531")
    (event,) = events
    assert dict(event.headers) == {"x-echo": "key [key]", "x-ratelimit-limit": "60"}
    assert event.headers["X-RateLimit-Limit"] == "60"
    assert "ratelimit" not in repr(event)
    again = pickle.loads(pickle.dumps(event))
    assert again == event


def test_hooks_show_what_they_hold() -> None:
    assert repr(Hooks()) == "Hooks()"
    assert repr(Hooks(on_retry=print)) == f"Hooks(on_retry={print!r})"


def test_hooks_hear_of_clones_and_of_requests_of_ones_own() -> None:
    events: list[RequestEvent] = []
    client = client_of(OK, hooks=Hooks(on_request=events.append)).with_options(timeout=5)
    client.send(Request("GET", path("/me"), Customer))
    assert [(event.operation, event.path) for event in events] == [("GET /me", "/me")]


def test_a_hook_that_raises_breaks_nothing_and_is_logged_once(records: list[logging.LogRecord]) -> None:
    def broken(_event: object) -> None:
        raise RuntimeError("a bug of the owner")

    client = client_of(LOST, OK, OK, hooks=Hooks(on_request=broken, on_response=broken, on_retry=broken))
    assert client.customers.get("cus_7531").id == "cus_7531"
    assert client.customers.get("cus_7531").id == "cus_7531"
    warnings = [record for record in records if record.levelno == logging.WARNING]
    assert [record.getMessage().split()[0] for record in warnings] == ["on_request", "on_response", "on_retry"]
    assert all(record.exc_info and record.exc_info[0] is RuntimeError for record in warnings)


@pytest.fixture
def factory() -> Iterator[None]:
    """An application whose every record has an id of its own requests."""
    ordinary = logging.getLogRecordFactory()

    def make(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = ordinary(*args, **kwargs)
        record.request_id = "the application's"
        return record

    logging.setLogRecordFactory(make)
    yield
    logging.setLogRecordFactory(ordinary)


@pytest.mark.usefixtures("factory")
def test_fields_that_the_application_gives_every_record_stay(records: list[logging.LogRecord]) -> None:
    assert client_of(LOST, OK).customers.get("cus_7531").id == "cus_7531"
    assert [record.getMessage()[:15] for record in records] == ["GET /customers/"] * 2
    assert {vars(record)["request_id"] for record in records} == {"the application's"}


@pytest.mark.parametrize("error", [RuntimeError, KeyError])
def test_a_log_that_raises_breaks_nothing(records: list[logging.LogRecord], error: type[Exception]) -> None:
    class Broken(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise error

    broken = Broken()
    logging.getLogger("lomi").addHandler(broken)
    try:
        assert client_of(LOST, OK).customers.get("cus_7531").id == "cus_7531"
    finally:
        logging.getLogger("lomi").removeHandler(broken)
    assert [record.getMessage() for record in records if record.levelno == logging.WARNING] == [
        f"logging raised {error.__name__}; calls continue, and this is logged once"
    ]


async def _coroutine_hook(_event: object) -> None: ...


class _CoroutineObject:
    async def __call__(self, _event: object) -> None: ...


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda: Hooks(on_retry=_coroutine_hook), "coroutine function"),
        (lambda: Hooks(on_request=_CoroutineObject()), "on_request is a coroutine function"),
        (lambda: Hooks(on_retry="print"), "on_retry is not a function but str"),
        (lambda: LomiClient(KEY, hooks=print), "hooks is not lomi.Hooks"),
        (lambda: AsyncLomiClient(KEY, hooks={}), "hooks is not lomi.Hooks but dict"),
    ],
)
def test_hooks_that_cannot_work_are_refused(make: Callable[[], object], problem: str) -> None:
    with pytest.raises(LomiConfigurationError, match=problem):
        make()


def test_an_idle_client_observes_nothing() -> None:
    client = client_of(OK)
    call: Any = object()
    assert observer.Observer(None, client.config, client.backend.monotonic).observe(call) is None


def test_a_cancelled_async_call_is_told_to_its_end(records: list[logging.LogRecord]) -> None:
    events: list[Any] = []

    class Never(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await anyio.sleep_forever()
            raise AssertionError

    async def call(client: AsyncLomiClient) -> None:
        with anyio.CancelScope() as scope:
            scope.cancel()
            await client.customers.get("cus_7531")

    client = AsyncLomiClient(KEY, hooks=Hooks(on_response=events.append), transport=Never())
    anyio.run(partial(call, client))
    assert [(event.error, event.outcome) for event in events] == [("CancelledError", "unknown")]
    assert facts(records[-1])["error"] == "CancelledError"


@contextmanager
def no_set_up(*handlers: logging.Handler) -> Iterator[None]:
    """An application that has set up no logging, or just these handlers; the test runner has its own."""
    log, root = logging.getLogger("lomi"), logging.getLogger()
    before, level, others = list(log.handlers), log.level, list(root.handlers)
    root.handlers[:] = handlers
    try:
        yield
    finally:
        log.handlers[:], root.handlers[:] = before, others
        log.setLevel(level)


@pytest.mark.parametrize(("level", "lines"), [("debug", 2), (" INFO", 1), ("", 0)])
def test_lomi_log_shows_calls_on_standard_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], level: str, lines: int
) -> None:
    monkeypatch.setenv("LOMI_LOG", level)
    with no_set_up():
        LomiClient(KEY)
        client_of(BROKEN, OK).customers.get("cus_7531")
    printed = capsys.readouterr().err
    assert printed.count("\n") == lines
    assert printed.count("lomi INFO GET /customers/{id}: attempt 1, 500") == min(lines, 1)


def test_lomi_log_leaves_the_writing_to_an_application_that_logs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOMI_LOG", "debug")
    theirs = io.StringIO()
    with no_set_up(logging.StreamHandler(theirs)):
        client_of(OK).customers.get("cus_7531")
    assert capsys.readouterr().err == ""
    assert "-> 200" in theirs.getvalue()


def test_lomi_log_with_another_word_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOMI_LOG", "verbose")
    with pytest.raises(LomiConfigurationError, match="LOMI_LOG is neither debug nor info"):
        LomiClient(KEY)


def test_nothing_is_printed_where_nobody_asked(capsys: pytest.CaptureFixture[str]) -> None:
    def broken(_event: object) -> None:
        raise RuntimeError("a bug of the owner")

    with no_set_up():
        client_of(BROKEN, OK, hooks=Hooks(on_request=broken)).customers.get("cus_7531")
    assert capsys.readouterr().err == ""
