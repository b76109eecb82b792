"""Short ways to a request, a call and an answer."""

from __future__ import annotations

import json
import math
from typing import Any

import lomi
from lomi import Request, path
from lomi._reply import Call, Failure, Reply

NOW = 1_700_000_000.0


def request(method: str = "GET", result: Any = dict, **options: Any) -> Request[Any]:
    return Request(method, path("/customers/{id}", id="cus_1"), result, **options)  # type: ignore[arg-type]


def call(asked: Request[Any] | None = None, **facts: Any) -> Call[Any]:
    given: dict[str, Any] = {"content": None, "ends_at": math.inf, "began_at": 0.0, "scrub": lambda text: text, **facts}
    given = {"scope": ("https://sandbox.api.lomi.africa", None), "began": NOW, **given}
    return Call(request=asked or request(), request_id="sent-by-us", wall=lambda: NOW, **given)


def reply(status: int = 200, body: Any = b"{}", headers: dict[str, str] | None = None) -> Reply:
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in (headers or {}).items()]
    return Reply(status, raw, body if isinstance(body, bytes) else json.dumps(body).encode())


def failure(*, sent: bool, passing: bool = True, error: type[lomi.LomiError] = lomi.LomiConnectionError) -> Failure:
    return Failure(error, "the connection was lost", sent, passing)
