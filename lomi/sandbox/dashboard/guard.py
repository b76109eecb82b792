"""Which requests a served sandbox accepts, and which ones may see its page."""

from __future__ import annotations

import re
from typing import Final

from ..http import Request, Response
from . import payer_page as payers
from .board import Board
from .pages import PREFIX, handle


def page_or_refusal(board: Board, request: Request) -> Response | None:
    """Return what a served sandbox responds before its API is asked: 403, or the page; None for a request to the API.

    It needs no key, is not throttled and not logged, and runs on the server's event loop.
    """
    if is_rebound(request):
        return REBOUND
    if request.path.startswith(f"{payers.PAGES}/"):
        allowed = is_local(request) or is_visit(request)
        return payers.handle(board._engine, request) if allowed else FORBIDDEN  # noqa: SLF001 - of the same package
    if request.path != PREFIX and not request.path.startswith(f"{PREFIX}/"):
        return None
    return handle(board, request) if is_local(request) else FORBIDDEN


def is_local(request: Request) -> bool:
    """Whether a request was meant for this machine and not sent by a page of another site.

    The host must be a loopback name, as anybody may own another name that resolves to here; the origin, which
    browsers send with everything that changes something, must be that host.
    """
    host = request.header("host") or ""
    if not _is_here(host) or request.header("sec-fetch-site") not in {None, "same-origin", "none"}:
        return False
    return request.header("origin") in {None, f"http://{host}"}


def is_visit(request: Request) -> bool:
    """Whether a person was led here by a link or a redirect: the way from a shop to the payer's page.

    It must be a page of its own, not a part of another one.
    """
    navigates = request.header("sec-fetch-mode") == "navigate" and request.header("sec-fetch-dest") == "document"
    return request.method == "GET" and navigates and _is_here(request.header("host") or "")


def _is_here(host: str) -> bool:
    return re.fullmatch(r"(127\.0\.0\.1|localhost|\[::1\])(:\d+)?", host) is not None


def is_rebound(request: Request) -> bool:
    """Whether a page of a stranger may be asking, who let a name of his resolve to this machine.

    His browser tells that name. Only programs tell none; and nobody can own an address, a name without a dot, such as
    that of a service in a compose file, or one under the domains that are kept for private use.
    """
    host = re.sub(r":\d*$", "", request.header("host") or "").removesuffix(".").lower()
    return re.fullmatch(r"[^.]*|[\d.]+|\[[\da-f:.]+\]|.*\.(localhost|test|internal|local)", host) is None


def _refusal(reason: str) -> Response:
    body = f"{reason}\n".encode()
    headers = (
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Cache-Control", "no-store"),
    )
    return Response(403, headers, body)


FORBIDDEN: Final = _refusal(
    "This page is for browsers on this machine only, and no other page may lead to it or use it."
    " Type its address, http://127.0.0.1 or http://localhost with the port, into the address bar."
)
REBOUND: Final = _refusal(
    "This sandbox was asked by a name that anybody may own, as a page of another site would ask it."
    " Ask it by 127.0.0.1, localhost, a name without a dot or one that ends in .localhost, .test, .internal or .local;"
    " a program that forwards requests can send one of these as Host."
)
