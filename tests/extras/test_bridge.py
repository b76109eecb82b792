"""A caller's HTTP client that is a bridge to aiohttp: which may call a lost connection one that was never made."""

from __future__ import annotations

from unittest.mock import Mock

import aiohttp
import httpx
import pytest

import lomi
from tests.wire import TEST_KEY

pytestmark = pytest.mark.anyio
KEY = Mock(spec=aiohttp.client_reqrep.ConnectionKey, ssl=True)


@pytest.mark.parametrize("called", [httpx.ConnectTimeout, httpx.ConnectError])
@pytest.mark.parametrize(
    ("cause", "outcome"),
    [
        (aiohttp.ServerDisconnectedError(), "unknown"),
        (aiohttp.ClientOSError(104, "reset"), "unknown"),
        (aiohttp.SocketTimeoutError("read"), "unknown"),
        (aiohttp.ClientConnectorError(KEY, OSError(111, "refused")), "not_sent"),
        (aiohttp.ConnectionTimeoutError("connect"), "not_sent"),
        (OSError(111, "refused"), "not_sent"),
        (None, "not_sent"),
    ],
)
async def test_whether_a_create_was_sent_is_what_aiohttp_says(called, cause, outcome):
    requests = 0

    def lose(_: httpx.Request) -> httpx.Response:
        nonlocal requests
        requests += 1
        raise called("no connection") from cause

    async with httpx.AsyncClient(transport=httpx.MockTransport(lose)) as http_client:
        client = lomi.AsyncLomiClient(TEST_KEY, http_client=http_client, max_retries=1)
        client._runtime.random = lambda: 0.0
        with pytest.raises(lomi.LomiConnectionError) as caught:
            await client.customers.create(name="Awa")
    assert caught.value.outcome == outcome
    assert requests == (1 if outcome == "unknown" else 2)
