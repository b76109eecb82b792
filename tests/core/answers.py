"""Short ways to a request, a call and an answer."""

from __future__ import annotations

import json
import math
from typing import Any

from lomi._core.reply import Call, Response, TransportFailure

import lomi
from lomi import Request, path

NOW = 1_700_000_000.0


def request(method: str = "GET", result: Any = dict, **options: Any) -> Request[Any]:
    return Request(method, path("/customers/{id}", id="cus_1"), result, **options)  # type: ignore[arg-type]


def call(asked: Request[Any] | None = None, **facts: Any) -> Call[Any]:
    given: dict[str, Any] = {
        "content": None,
        "ends_at": math.inf,
        "started_monotonic": 0.0,
        "redact": lambda text: text,
        **facts,
    }
    given = {"scope": ("https://sandbox.api.lomi.africa", None), "started_at": NOW, **given}
    return Call(request=asked or request(), request_id="sent-by-us", now=lambda: NOW, **given)


def reply(status: int = 200, body: Any = b"{}", headers: dict[str, str] | None = None) -> Response:
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in (headers or {}).items()]
    return Response(status, raw, body if isinstance(body, bytes) else json.dumps(body).encode())


def failure(
    *, sent: bool, retryable: bool = True, error: type[lomi.LomiError] = lomi.LomiConnectionError
) -> TransportFailure:
    return TransportFailure(error, "the connection was lost", sent, retryable)
