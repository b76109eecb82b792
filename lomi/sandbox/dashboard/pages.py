"""The page at `/_sandbox/`: its files, what its script asks for, and what its switches do."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from ..faults import FAULTS
from ..http import JsonValue, Request, Response
from ..wire import DialectName
from . import overview
from .board import Board

PREFIX: Final = "/_sandbox"
LANGUAGES: Final = ("en", "fr")
THEMES: Final = ("auto", "light", "dark")
FILES: Final = {
    "/page.css": "text/css; charset=utf-8",
    "/page.js": "text/javascript; charset=utf-8",
    "/icon.svg": "image/svg+xml",
}
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


class OrderError(ValueError):
    """An order that cannot be carried out as it is, and why."""


class Sent:
    """The body of an order, whose fields are read one by one; `OrderError` says what is wrong with one."""

    def __init__(self, fields: Mapping[str, JsonValue]) -> None:
        self._fields = fields

    def text(self, name: str) -> str:
        value = self._fields.get(name)
        if not isinstance(value, str):
            raise OrderError(f"{name} is a text")
        return value

    def number(self, name: str) -> float:
        value = self._fields.get(name)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not -1e15 < value < 1e15:
            raise OrderError(f"{name} is a number")
        return value

    def whole(self, name: str) -> int:
        value = self.number(name)
        if value != int(value):
            raise OrderError(f"{name} is a whole number")
        return int(value)

    def flag(self, name: str) -> bool:
        value = self._fields.get(name)
        if not isinstance(value, bool):
            raise OrderError(f"{name} is true or false")
        return value

    def has(self, name: str) -> bool:
        return self._fields.get(name) is not None

    def aim(self) -> dict[str, Any]:
        return {
            "times": self.whole("times") if self.has("times") else None,
            "probability": self.number("probability"),
        }


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
        answer = _ordered(board, request, ORDERS[name]) if writes else _told(board, request, name)
    except (ValueError, LookupError) as error:
        return _json(400, {"problem": str(error)})
    return _response(404, "text/plain", b"Not found") if answer is None else _json(200, answer)


def _told(board: Board, request: Request, name: str) -> JsonValue:
    """What the page asks to know; None where there is no such thing."""
    query = request.query
    personal = _first(query, "personal") == "yes"
    if name == "/api/about":
        return {**overview.about(board), "words": dict(_words(preferred_language(request)))}
    if name == "/api/state":
        return overview.state(board, _count(query, "after"), personal=personal)
    if name == "/api/data":
        return overview.data(
            board,
            _first(query, "merchant"),
            _first(query, "search"),
            _count(query, "customers"),
            _count(query, "transactions"),
            personal=personal,
        )
    number = re.fullmatch(r"/api/requests/([0-9]{1,15})", name)
    return None if number is None else overview.request(board, int(number[1]), personal=personal)


def _ordered(board: Board, request: Request, order: Callable[[Board, Sent], JsonValue]) -> JsonValue:
    # A page elsewhere cannot send this type without asking first, and is never told that it may.
    if request.header("content-type") != "application/json":
        raise OrderError("an order is sent as application/json")
    try:
        fields: JsonValue = json.loads(request.body)
    except (ValueError, RecursionError):
        raise OrderError("an order is JSON") from None
    if not isinstance(fields, dict):
        raise OrderError("an order is a JSON object")
    return order(board, Sent(fields))


def _speak(board: Board, sent: Sent) -> JsonValue:
    names: dict[str, DialectName] = {"docs": "docs", "server": "server"}
    name = sent.text("dialect")
    if name not in names:
        raise OrderError("dialect is docs or server")
    board.dialect = names[name]
    return {}


def _advance(board: Board, sent: Sent) -> JsonValue:
    board.clock.advance(hours=sent.number("hours"))
    return {}


def _fault(board: Board, sent: Sent) -> JsonValue:
    kind = sent.text("kind")
    if kind not in FAULTS:
        raise OrderError(f"kind is one of {', '.join(FAULTS)}")
    options = sent.aim()
    for parameter in FAULTS[kind].parameters:
        if parameter.name == "when":
            options["when"] = sent.text("when")
        elif parameter.form is not None:
            options[parameter.name] = sent.whole("value") if parameter.form[2] == 1 else sent.number("value")
    if not FAULTS[kind].webhooks and sent.has("route"):
        options["route"] = sent.text("route")
    board.inject(kind, **options)
    return {}


def _cancel(board: Board, sent: Sent) -> JsonValue:
    kind = sent.text("kind")
    for fault in board.faults:
        if fault.kind == kind:
            fault.cancel()
    return {}


def _pay(board: Board, sent: Sent) -> JsonValue:
    amount = sent.number("amount")
    if amount > 1e12:
        raise OrderError("amount is at most 1,000,000,000,000")
    board.pay(
        sent.text("customer"),
        amount,
        sent.text("currency_code"),
        status=sent.text("status"),
        recurring=sent.flag("recurring"),
    )
    return {}


def _reset(board: Board, _: Sent) -> JsonValue:
    board.reset()
    return {}


def _key(board: Board, _: Sent) -> JsonValue:
    return {"key": board.api_key}


ORDERS: Final[dict[str, Callable[[Board, Sent], JsonValue]]] = {
    "/api/dialect": _speak,
    "/api/clock": _advance,
    "/api/faults": _fault,
    "/api/faults/cancel": _cancel,
    "/api/pay": _pay,
    "/api/reset": _reset,
    "/api/key": _key,
}


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


def _count(query: Mapping[str, list[str]], name: str) -> int:
    text = _first(query, name)
    return int(text) if re.fullmatch(r"[0-9]{1,15}", text) else 0


def _json(status: int, value: JsonValue) -> Response:
    # Escaped throughout: a lone surrogate that somebody sent has no other form.
    return _response(status, "application/json", json.dumps(value).encode())


def _response(status: int, kind: str, body: bytes, *more: tuple[str, str]) -> Response:
    headers = (*SAFETY, ("Content-Type", kind), ("Content-Length", str(len(body))), *more)
    return Response(status, headers, body)
