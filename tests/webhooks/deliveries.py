"""What lomi. sends, for tests of what receives it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from lomi.webhooks import Event, sign

SECRET = "whsec_vector_secret_1"
VECTOR = (
    '{"id":"0b6f4a52-7c1d-4e0a-9a53-5b1f2d3c4e5f","event":"PAYMENT_SUCCEEDED","timestamp":"2026-01-15T09:30:00.000Z",'
    '"data":{"transaction_id":"7d1c2b3a-4e5f-4a6b-8c7d-9e0f1a2b3c4d","status":"completed","gross_amount":15000,'
    '"currency_code":"XOF","metadata":{"note":"café"}},"lomi_environment":"production"}'
).encode()
VECTOR_SIGNATURE = "0f8aa173d169173f779484e25df4161e733c894aed0652d6afa374bb3eed1051"
TIMESTAMP = "2026-01-15T09:30:00.000Z"


def body(event: str = "PAYMENT_SUCCEEDED", data: object = None, **fields: object) -> bytes:
    data = {"transaction_id": "t1", "status": "completed"} if data is None else data
    envelope = {"id": "e1", "event": event, "timestamp": TIMESTAMP, "data": data, **fields}
    return json.dumps(envelope, separators=(",", ":"), ensure_ascii=False).encode()


def headers(sent: bytes, secret: str = SECRET) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "X-Lomi-Signature": sign(sent, secret),
        "X-Lomi-Event": "PAYMENT_SUCCEEDED",
        "User-Agent": "Lomi-Webhook/1.0",
    }


# A way to post a body with headers, and what comes back: the status, and the JSON.
Post = Callable[..., "tuple[int, Any]"]


class Shop:
    """A function for events that remembers them, or fails."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.error: Exception | None = None

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        if self.error is not None:
            raise self.error
