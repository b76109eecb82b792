"""The payer's page: what a person sees who opens a checkout session, a payment link or request, or a charge.

It is made on the server and needs no script; each button sends the form and leads to the next page.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final
from urllib.parse import parse_qs, quote

from ..engine import Engine, StateError
from ..http import Request, Response
from ..payer.cards import CARDS
from ..payer.payer import Outcome, Payer, charge_url, filled
from ..resources.checkout_sessions import page_url
from ..store import Record
from .pages import PREFIX, SAFETY, preferred_language

PAGES: Final = f"{PREFIX}/pay"
TYPES: Final[dict[str, tuple[str, ...]]] = {
    "checkout": ("checkout_sessions",),
    "link": ("payment_links",),
    "request": ("payment_requests",),
    "charge": ("charges", "transactions"),
}
# Nothing but its own style. Where a form leads is not limited: from paying, the merchant's page is one redirect away.
POLICY: Final = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"
# A form that is sent without a referrer has no origin either, and would be refused.
HEADERS: Final = {**dict(SAFETY), "Content-Security-Policy": POLICY, "Referrer-Policy": "same-origin"}
METHODS: Final = {"WAVE": "Wave", "MTN": "MTN MoMo", "CARDS": ""}
STATES: Final = {"succeeded": "completed", "canceled": "expired"}


def handle(engine: Engine, request: Request) -> Response:
    """Return the page, or carry out what was pressed on it."""
    if not engine.store.close.alive:
        return _response(503, "The sandbox is closed", kind="text/plain")
    if request.method not in {"GET", "POST"}:
        return _response(405, "Method not allowed", ("Allow", "GET, POST"), kind="text/plain")
    name = request.path.removeprefix(f"{PAGES}/")
    if name == "pay.css":
        return _response(200, _file("pay.css"), kind="text/css")
    kind, _, id = name.partition("/")
    with engine.lock:
        engine.catch_up(engine.now)
        found = (engine.store.find(type, id) for type in TYPES.get(kind, ()))
        record = next((each for each in found if each is not None), None)
        words = Words(preferred_language(request))
        if record is None:
            return _response(404, _document(words, f"<h1>{words['nothing']}</h1>"))
        payer = Payer(engine, record.type, record.id, delivers=False)
        try:
            if request.method == "POST":
                return _pressed(engine, record, payer, request)
            if record.type in {"payment_links", "payment_requests"}:
                return _redirect(payer.open().url or "")
        except StateError:
            if request.method == "POST":
                return _redirect(_url(engine, record))
        return _response(200, _document(words, _shown(engine, record, words, request.query)))


class Words:
    """The words of the page in one language, safe in HTML."""

    def __init__(self, language: str) -> None:
        catalogue: dict[str, dict[str, str]] = json.loads(_file("words.json"))
        self.language = language
        self._words = {name: html.escape(said[language]) for name, said in catalogue.items()}

    def __getitem__(self, name: str) -> str:
        return self._words[name]

    def problem(self, reason: str) -> str:
        """Return why it was declined, in words."""
        return self._words.get(f"problem_{reason}", self._words["problem_declined"])

    def amount(self, value: float, currency: str) -> str:
        """Return an amount as it is written in the language."""
        text = f"{value:,.2f}" if currency != "XOF" or value != int(value) else f"{int(value):,}"
        if self.language == "fr":
            text = text.replace(",", "\u202f").replace(".", ",")
        return html.escape(f"{text}\u00a0{currency}")


def _pressed(engine: Engine, record: Record, payer: Payer, request: Request) -> Response:
    sent = {name: values[0] for name, values in parse_qs(request.body.decode("utf-8", "replace")).items()}
    try:
        outcome = _act(payer, sent)
    except StateError:
        raise
    except ValueError as error:
        # A number that is no test card, or a coupon: what the payer typed.
        reason = next((each for each in ("coupon", "quantity", "card") if each in str(error)), "declined")
        return _redirect(f"{_url(engine, record)}?problem={reason}")
    if outcome.reason is not None:
        return _redirect(f"{_url(engine, record)}?problem={quote(outcome.reason, safe='')}")
    leaves = sent.get("action") == "cancel" or outcome.status == "completed"
    return _redirect(outcome.url if leaves and outcome.url else _url(engine, record))


def _act(payer: Payer, sent: Mapping[str, str]) -> Outcome:
    action = sent.get("action", "")
    if action == "cancel":
        return payer.cancel()
    if action in {"pass", "refuse"}:
        return payer.authenticate(passes=action == "pass")
    if action == "decline":
        return payer.decline("insufficient_funds")
    method: Any = action
    count = sent.get("quantity", "")
    return payer.pay(
        method,
        card=sent.get("card") if method == "CARDS" else None,
        quantity=int(count) if re.fullmatch(r"[0-9]{1,6}", count) else None,
        coupons=[code for code in re.split(r"[\s,]+", sent.get("coupon", "")) if code],
        authenticate=None,
    )


def _url(engine: Engine, record: Record) -> str:
    return page_url(engine, record) if record.type == "checkout_sessions" else charge_url(engine, record)


def _shown(engine: Engine, record: Record, words: Words, query: Mapping[str, list[str]]) -> str:
    """Return what stands in the page."""
    charge = record if record.type == "charges" else engine.store.find("charges", record["charge_id"])
    merchant = engine.store.find("merchants", record.owner)
    amount = next(record[name] for name in ("amount", "gross_amount") if record[name] is not None)
    currency = str(record["currency_code"])
    if record.type == "charges":
        amount, currency = record["original_amount"], str(record["original_currency"])
    name = html.escape("" if merchant is None else str(merchant["name"]))
    title = html.escape(str(record["title"] or record["description"] or ""))
    detail = html.escape(str(record["description"] or "")) if record["title"] else ""
    head = (
        f'<header><p class="merchant">{name}</p><h1>{title or words["payment"]}</h1>'
        f'{f"<p>{detail}</p>" if detail else ""}<p class="amount">{words.amount(amount, currency)}</p></header>'
    )
    status = STATES.get(str(record.status), str(record.status))
    if status in {"completed", "expired", "refunded"} or (status == "failed" and record.type == "transactions"):
        back = filled(record, "success_url" if status == "completed" else "cancel_url")
        return head + _closed(status, back, words)
    problem = query.get("problem", [""])[0]
    alert = f'<p class="alert" role="alert">{words.problem(problem)}</p>' if problem else ""
    waits = charge is not None and charge.status == "requires_action"
    form = _challenge(words) if waits else _choices(record, words)
    return f'{head}{alert}<form method="post">{form}</form>'


def _closed(status: str, back: str | None, words: Words) -> str:
    link = ""
    # The server checks no address: only what leads to a page becomes a link.
    if back is not None and re.match(r"(?i)https?://", back):
        link = f'<p><a class="button" href="{html.escape(back)}">{words["back"]}</a></p>'
    return f'<section class="state {status}"><h2>{words[status]}</h2><p>{words[f"{status}_text"]}</p>{link}</section>'


def _challenge(words: Words) -> str:
    return (
        f"<section><h2>{words['challenge']}</h2><p>{words['challenge_text']}</p>"
        f"{_button('pass', words['pass'], 'primary')}{_button('refuse', words['refuse'])}</section>"
    )


def _choices(record: Record, words: Words) -> str:
    """Return the ways to pay, and the ways out."""
    methods = list(METHODS)
    if record.type == "charges":
        methods = ["CARDS"]
    elif record.type == "transactions":
        methods = [str(record["provider_code"])]
    options = ""
    if record["allow_quantity"]:
        count = int(record["quantity"] or 1)
        options += _field("quantity", words["quantity"], str(count), 'type="number" min="1" inputmode="numeric"')
    if record["allow_coupon_code"]:
        options += _field("coupon", words["coupon"], "", 'autocomplete="off"')
    options = f"<section>{options}</section>" if options else ""
    mobile = "".join(
        _button(method, html.escape(METHODS[method]), method.lower()) for method in methods if method != "CARDS"
    )
    mobile = f"<section><h2>{words['mobile']}</h2>{mobile}</section>" if mobile else ""
    ways_out = _button("decline", words["decline"]) + (
        "" if record.type == "charges" else _button("cancel", words["cancel"])
    )
    card = _card_form(words) if "CARDS" in methods else ""
    return f'{options}{mobile}{card}<section class="out">{ways_out}</section>'


def _card_form(words: Words) -> str:
    number, numbers = next(iter(CARDS)), "".join(f'<option value="{each}">' for each in CARDS)
    return (
        f"<section><h2>{words['card']}</h2>"
        + _field("card", words["number"], number, 'list="cards" inputmode="numeric" autocomplete="off"')
        + f'<datalist id="cards">{numbers}</datalist><div class="pair">'
        + _field("expiry", words["expiry"], "12/34", 'inputmode="numeric" autocomplete="off"')
        + _field("cvc", words["cvc"], "123", 'inputmode="numeric" autocomplete="off"')
        + f"</div>{_button('CARDS', words['pay_card'], 'primary')}</section>"
    )


def _field(name: str, label: str, value: str, attributes: str) -> str:
    return f'<label>{label}<input name="{name}" value="{html.escape(value)}" {attributes}></label>'


def _button(action: str, label: str, style: str = "") -> str:
    return f'<button class="{style}" name="action" value="{action}">{label}</button>'


def _document(words: Words, content: str) -> str:
    return (
        f'<!doctype html><html lang="{words.language}"><head><meta charset="utf-8"><title>{words["payment"]}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme"'
        f' content="light dark"><link rel="stylesheet" href="{PAGES}/pay.css"></head><body>'
        f'<p class="banner">{words["banner"]}</p><main>{content}</main></body></html>'
    )


def _redirect(url: str) -> Response:
    # Nothing of a merchant's address can end the header.
    return _response(303, "", ("Location", quote(url, safe="!#$%&'()*+,/:;=?@[]~{}|")))


def _response(status: int, text: str, *more: tuple[str, str], kind: str = "text/html") -> Response:
    body = text.encode("utf-8", "replace")
    plain = (("Content-Type", f"{kind}; charset=utf-8"), ("Content-Length", str(len(body))))
    return Response(status, (*HEADERS.items(), *plain, ("Vary", "Accept-Language"), *more), body)


def _file(name: str) -> str:
    return (files("lomi.sandbox.dashboard") / "payer" / name).read_text("utf-8")
