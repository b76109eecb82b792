"""What a served sandbox answers besides the API, to browsers on this machine: one `Extension` a prefix."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from . import _page
from ._http import Request, Response

if TYPE_CHECKING:
    from ._sandbox import Sandbox


@dataclass(frozen=True)
class Extension:
    """Answers every path under `prefix`, such as `/_sandbox`: without a key, not throttled, not logged.

    `handle` is given the sandbox, whose public methods are safe to use from there, and the request. It runs on
    the server's event loop, so it must be quick.
    """

    prefix: str
    handle: Callable[[Sandbox, Request], Response]


EXTENSIONS: Final = [Extension(_page.PREFIX, _page.handle)]


def extended(sandbox: Sandbox, request: Request) -> Response | None:
    """The answer of the extension that has this path; None if none has, 403 for what comes from elsewhere."""
    for extension in EXTENSIONS:
        if request.path == extension.prefix or request.path.startswith(f"{extension.prefix}/"):
            return extension.handle(sandbox, request) if is_local(request) else FORBIDDEN
    return None


def is_local(request: Request) -> bool:
    """Whether a request was meant for this machine and not sent by a page of another site.

    The host must be a loopback name, as anybody may own another name that resolves to here; the origin, which
    browsers send with everything that changes something, must be that host.
    """
    host = request.header("host") or ""
    if re.fullmatch(r"(127\.0\.0\.1|localhost|\[::1\])(:\d+)?", host) is None:
        return False
    if request.header("sec-fetch-site") not in {None, "same-origin", "none"}:
        return False
    return request.header("origin") in {None, f"http://{host}"}


REASON: Final = (
    b"This page is for browsers on this machine only, and no other page may lead to it or use it."
    b" Type its address, http://127.0.0.1 or http://localhost with the port, into the address bar.\n"
)
FORBIDDEN: Final = Response(
    403,
    (
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(REASON))),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Cache-Control", "no-store"),
    ),
    REASON,
)
