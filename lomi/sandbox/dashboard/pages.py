"""The page at `/_sandbox/`: its files, what its script asks for, and what its switches do."""

from __future__ import annotations

import html
import json
import re
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, TimeoutError as StillRunning
from typing import Any, Final, cast

from ..checks import LARGEST, is_number, require
from ..clock import to_datetime
from ..http import DatabaseError, JsonValue, Request, Response
from ..log import MASK, masked
from ..store import Values
from ..wire import DialectName
from . import overview, snippets, timeline
from .board import Board

PREFIX: Final = "/_sandbox"
LANGUAGES: Final = ("en", "fr")
THEMES: Final = ("auto", "light", "dark")
FILES: Final = {
    "/page.css": "text/css; charset=utf-8",
    "/page.js": "text/javascript; charset=utf-8",
    "/icon.svg": "image/svg+xml",
}
JSON: Final = "application/json"
# What signs webhooks and opens portals is shown as little as keys are.
SECRET: Final = re.compile(r'("(?:\w*_)?(?:secret|token)": ")(?:[^"\\]|\\.)+"')
# Seconds that an order may take before the page is answered.
PATIENCE: Final = 0.25
# Nothing from elsewhere, nothing inline, no text as markup, in no frame, and kept by nobody.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
SAFETY: Final = (
    ("Content-Security-Policy", POLICY),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Cache-Control", "no-store"),
)


def handle(board: Board, request: Request) -> Response:
    """Answer whatever is asked under the prefix."""
    if not board._engine.store.close.alive:  # noqa: SLF001 - of the same package
        return _response(503, "text/plain", b"The sandbox is closed")
    name = request.path.removeprefix(PREFIX)
    writes = name in ORDERS
    if request.method not in ({"POST"} if writes else {"GET", "HEAD"}):
        return _response(405, "text/plain", b"Method not allowed", ("Allow", "POST" if writes else "GET, HEAD"))
    if name == "":
        return _response(308, "text/plain", b"", ("Location", f"{PREFIX}/"))
    if name == "/":
        return _response(200, "text/html; charset=utf-8", _document(request).encode(), ("Vary", "Accept-Language"))
    if name in FILES:
        return _response(200, FILES[name], _file(name[1:]))
    try:
        if writes:
            return _json(200, _ordered(board, request, ORDERS[name]))
        with board._engine.lock:  # noqa: SLF001
            answer = _told(board, request, name)
    except (ValueError, LookupError, TypeError, DatabaseError) as error:
        return _json(400, {"problem": str(error)})
    if answer is None:
        return _response(404, "text/plain", b"Not found")
    # Orders are answered as they are: one of them is for the key.
    return _response(200, JSON, masked(SECRET.sub(rf'\1{MASK}"', json.dumps(answer))).encode())


def _told(board: Board, request: Request, name: str) -> JsonValue:
    """What the page asks to know; None where there is no such thing."""
    if name == "/api/about":
        return {**overview.about(board), "words": dict(_words(preferred_language(request)))}
    if name == "/api/state":
        state = overview.state(board)
        new = state["revision"] != _first(request.query, "revision")
        return {**state, "timeline": timeline.timeline(board)} if new else state
    match = re.fullmatch(r"/api/(requests|tables)/(\w{1,40})", name)
    if match is None:
        return None
    if match[1] == "tables":
        return overview.table(board, match[2], request.query) if match[2] in overview.resources(board) else None
    return timeline.request(board, int(match[2])) if match[2].isdecimal() else None


def _ordered(board: Board, request: Request, order: Callable[[Board, Values], JsonValue]) -> JsonValue:
    # A page elsewhere cannot send this type without asking first, and is never told that it may.
    if request.header("content-type") != "application/json":
        raise ValueError("an order is sent as application/json")
    try:
        fields: JsonValue = json.loads(request.body)
    except (ValueError, RecursionError):
        raise ValueError("an order is JSON") from None
    if not isinstance(fields, dict):
        raise TypeError("an order is a JSON object")
    return _off_the_loop(lambda: order(board, fields))


def _off_the_loop(work: Callable[[], JsonValue]) -> JsonValue:
    """Return what work returns, or nothing if it takes long: it may send webhooks whose receivers call this server."""
    done: Future[JsonValue] = Future()

    def run() -> None:
        try:
            done.set_result(work())
        except Exception as error:  # noqa: BLE001 - raised again below
            done.set_exception(error)

    threading.Thread(target=run, name="lomi-sandbox-page", daemon=True).start()
    try:
        return done.result(PATIENCE)
    except StillRunning:
        return {}


def _dialect(board: Board, sent: Values) -> JsonValue:
    board.dialect = cast("DialectName", _text(sent, "dialect"))  # checked by the setter
    return {}


def _clock(board: Board, sent: Values) -> JsonValue:
    if "speed" in sent:
        speed = _number(sent, "speed")
        board.clock.run(speed) if speed else board.clock.freeze()
    elif "to" in sent:
        board.clock.advance_to(max(board.clock.now(), to_datetime(int(_number(sent, "to")))))
    else:
        board.clock.advance(minutes=_number(sent, "minutes"))
    return {}


def _fault(board: Board, sent: Values) -> JsonValue:
    options: dict[str, Any] = {name: value for name, value in sent.items() if name != "kind"}
    board.inject(_text(sent, "kind"), **options)
    return {}


def _cancel(board: Board, sent: Values) -> JsonValue:
    for fault in board.faults:
        if str(id(fault)) == sent.get("id"):
            fault.cancel()
    return {}


def _pay(board: Board, sent: Values) -> JsonValue:
    options: dict[str, Any] = dict(sent)
    board.pay(**options)
    return {}


def _step(board: Board, sent: Values) -> JsonValue:
    engine = board._engine  # noqa: SLF001 - of the same package
    with engine.lock, engine.at(engine.now):
        record = engine.store.find(_text(sent, "type"), _text(sent, "id"))
        if record is None:
            raise LookupError("there is no such object")
        engine.step(record, _text(sent, "target"))
    return {}


def _resend(board: Board, sent: Values) -> JsonValue:
    engine = board._engine  # noqa: SLF001
    with engine.lock:
        engine.outbox.queue_again(int(_number(sent, "number")))
    engine.outbox.deliver()
    return {}


def _reset(board: Board, _: Values) -> JsonValue:
    board.reset()
    return {}


def _key(board: Board, _: Values) -> JsonValue:
    return {"key": board.api_key}


def _snippets(board: Board, sent: Values) -> JsonValue:
    with board._engine.lock:  # noqa: SLF001
        entry = timeline.find(board, int(_number(sent, "number")))
        return {
            "curl": snippets.as_curl(board, entry, _text(sent, "url")),
            "pytest": snippets.as_pytest(board, entry),
        }


ORDERS: Final[dict[str, Callable[[Board, Values], JsonValue]]] = {
    "/api/dialect": _dialect,
    "/api/clock": _clock,
    "/api/faults": _fault,
    "/api/faults/cancel": _cancel,
    "/api/pay": _pay,
    "/api/step": _step,
    "/api/resend": _resend,
    "/api/reset": _reset,
    "/api/key": _key,
    "/api/snippets": _snippets,
}


def _text(sent: Values, name: str) -> str:
    value = sent.get(name)
    if not isinstance(value, str):
        raise TypeError(f"{name} is a text")
    return value


def _number(sent: Values, name: str) -> float:
    value = sent.get(name)
    require(is_number(value, -LARGEST), f"{name} is a number", value)
    return cast("float", value)


def _document(request: Request) -> str:
    """The page in the language that is asked for; its words stand in it as `{{name}}`."""
    language, theme = preferred_language(request), _first(request.query, "theme")
    values = {**_words(language), "lang": language, "theme": theme if theme in THEMES else "auto"}
    return re.sub(r"\{\{(\w+)\}\}", lambda match: html.escape(values[match[1]]), _file("index.html").decode())


def _words(language: str) -> dict[str, str]:
    catalogue: dict[str, dict[str, str]] = json.loads(_file("words.json"))
    return {name: said[language] for name, said in catalogue.items()}


def preferred_language(request: Request) -> str:
    """The language that the address names, or else the one that the browser would rather have."""
    asked = _first(request.query, "lang")
    if asked in LANGUAGES:
        return asked
    wanted: dict[str, float] = {}
    for part in (request.header("accept-language") or "").split(","):
        match = re.fullmatch(r"\s*([a-z]{2})\b[^;]*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*", part, re.IGNORECASE)
        if match is not None:
            wanted.setdefault(match[1].lower(), float(match[2] or 1))
    return max(LANGUAGES, key=lambda language: wanted.get(language, 0))


def _file(name: str) -> bytes:
    from importlib.resources import files

    return (files("lomi.sandbox.dashboard") / "page" / name).read_bytes()


def _first(query: Mapping[str, list[str]], name: str) -> str:
    return query.get(name, [""])[0]


def _json(status: int, value: JsonValue) -> Response:
    # Escaped throughout: a lone surrogate that somebody sent has no other form.
    return _response(status, JSON, json.dumps(value).encode())


def _response(status: int, kind: str, body: bytes, *more: tuple[str, str]) -> Response:
    headers = (*SAFETY, ("Content-Type", kind), ("Content-Length", str(len(body))), *more)
    return Response(status, headers, body)
