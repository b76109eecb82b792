"""Short ways to a request, a call, a response and a failure."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

import lomi
from lomi import Request, path
from lomi._core.api_key import ApiKey
from lomi._core.call import Call
from lomi._core.config import Config
from lomi._core.response import Response, TransportFailure

from ..wire import TEST_KEY

NOW = 1_700_000_000.0


def request(method: str = "GET", result: Any = dict, **options: Any) -> Request[Any]:
    return Request(method, path("/customers/{id}", id="cus_1"), result, **options)  # type: ignore[arg-type]


def call(asked: Request[Any] | None = None, **options: Any) -> Call[Any]:
    given: dict[str, Any] = {
        "content": None,
        "ends_at": math.inf,
        "started_monotonic": 0.0,
        "redact": lambda text: text,
        **options,
    }
    given = {"scope": ("https://sandbox.api.lomi.africa", None), "started_at": NOW, **given}
    return Call(request=asked or request(), request_id="sent-by-us", now=lambda: NOW, **given)


def response(status: int = 200, body: Any = b"{}", headers: dict[str, str] | None = None) -> Response:
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in (headers or {}).items()]
    return Response(status, raw, body if isinstance(body, bytes) else json.dumps(body).encode())


def failure(
    *, sent: bool, retryable: bool = True, error: type[lomi.LomiError] = lomi.LomiConnectionError
) -> TransportFailure:
    return TransportFailure(error, "the connection was lost", sent, retryable)


def config(key: Any = TEST_KEY, **options: Any) -> Config:
    environment = options.pop("environment", None)
    given = {"base_url": None, "account": None, "timeout": 60.0, "max_retries": 2, **options}
    return Config.from_options(ApiKey(key, environment), environment, **given)


def config_error(key: Any = TEST_KEY, **options: Any) -> str:
    """Return why a client cannot be configured like this."""
    with pytest.raises(lomi.LomiConfigurationError) as caught:
        config(key, **options)
    error = caught.value
    assert (error.outcome, error.attempts, error.request_id) == ("not_sent", 0, None)
    assert "s3cret" not in str(error)
    assert len(str(key).strip()) < 8 or str(key).strip() not in str(error)
    return str(error)
