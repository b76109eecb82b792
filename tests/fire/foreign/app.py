"""A small application that calls the API for each request it gets; it is loaded by gunicorn and uvicorn.

``/TAG/FIRST/COUNT`` makes calls of its own and returns their ends as JSON. The API's URL is in ``FOREIGN_UPSTREAM``.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from lomi import AsyncLomiClient, LomiClient

from .traffic import KEY, call, call_async

URL = os.environ["FOREIGN_UPSTREAM"]
CONCURRENTLY = 5

# With `--preload` both are made, and the first one is used, before the workers are forked.
client = LomiClient(KEY, base_url=URL, timeout=30)
asynchronous = AsyncLomiClient(KEY, base_url=URL, timeout=30)
client.customers.get("boot-0")


def _names(path: str) -> list[str]:
    _, tag, first, count = path.split("/")
    return [f"{tag}-{number}" for number in range(int(first), int(first) + int(count))]


def wsgi(environ: dict[str, Any], start_response: Callable[[str, list[tuple[str, str]]], object]) -> Iterable[bytes]:
    """Call the API with the blocking client."""
    rows = [call(client, name) for name in _names(environ["PATH_INFO"])]
    start_response("200 OK", [("Content-Type", "application/json")])
    patched = "gevent.monkey" in sys.modules and sys.modules["gevent.monkey"].is_module_patched("socket")
    return [json.dumps([rows, f"{os.getpid()}{' gevent' if patched else ''}"]).encode()]


async def asgi(scope: dict[str, Any], receive: object, send: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
    """Call the API with the async client, several calls at a time."""
    if scope["type"] != "http":
        return
    names = _names(scope["path"])
    rows = []
    for start in range(0, len(names), CONCURRENTLY):
        rows += await asyncio.gather(*[call_async(asynchronous, name) for name in names[start : start + CONCURRENTLY]])
    loop = type(asyncio.get_running_loop()).__module__
    body = json.dumps([rows, f"{os.getpid()} {loop}"]).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": body})
