"""The client itself: closing, options, and what must never be seen of the key."""

from __future__ import annotations

import copy
import logging
import pickle
import traceback
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

import lomi
from lomi._core.response import Response
from tests.wire import BASE_URL, CUSTOMER, LIVE_KEY, TEST_KEY, customers, listing

from .doubles import Network

pytestmark = pytest.mark.anyio
PACKAGE = str(Path(lomi.__file__).parent)


async def test_what_can_be_seen_of_a_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOMI_API_KEY", LIVE_KEY)
    async with lomi.AsyncLomiClient() as client:
        assert (client.environment, client.base_url) == ("live", "https://api.lomi.africa")
        assert repr(client) == "AsyncLomiClient(environment='live', base_url='https://api.lomi.africa')"
    monkeypatch.setenv("LOMI_BASE_URL", "http://localhost:1/")
    async with lomi.AsyncLomiClient(TEST_KEY) as client:
        assert (client.environment, client.base_url) == ("test", "http://localhost:1")
    async with lomi.AsyncLomiClient(TEST_KEY, base_url="http://127.0.0.1:2", environment="test") as client:
        assert client.base_url == "http://127.0.0.1:2"


async def test_a_client_that_was_never_made_can_be_printed() -> None:
    client = object.__new__(lomi.AsyncLomiClient)
    with pytest.raises(lomi.LomiConfigurationError):
        client.__init__(TEST_KEY, timeout=-1)  # type: ignore[misc]
    assert repr(client) == "AsyncLomiClient(…)"


async def test_a_base_url_may_have_a_path(api: respx.MockRouter) -> None:
    route = api.get(f"{BASE_URL}/proxy/a%20b/customers/c").respond(json={"id": "c"})
    async with lomi.AsyncLomiClient(TEST_KEY, base_url=f"{BASE_URL}/proxy/a%20b/") as client:
        assert (await client.customers.get("c")).id == "c"
    assert route.called


async def test_a_closed_client_says_so(api: respx.MockRouter) -> None:
    api.get("/customers").respond(json=listing("docs", customers("docs", 2), 1, 2, 4))
    client = lomi.AsyncLomiClient(TEST_KEY)
    clone = client.with_options(timeout=5)
    page = await client.customers.list()
    await client.aclose()
    await client.aclose()
    for closed in (client, clone, clone.with_options(max_retries=0)):
        with pytest.raises(lomi.LomiConfigurationError, match="this client is closed"):
            await closed.customers.get("c")
    with pytest.raises(lomi.LomiConfigurationError, match="this client is closed"):
        _ = [customer.id async for customer in page]


async def test_closing_a_clone_closes_nothing_else(api: respx.MockRouter) -> None:
    api.get("/customers/c").respond(json={"id": "c"})
    async with lomi.AsyncLomiClient(TEST_KEY) as client:
        async with client.with_options(timeout=5) as clone:
            await clone.customers.get("c")
        with pytest.raises(lomi.LomiConfigurationError, match="this client is closed"):
            await clone.customers.get("c")
        await client.customers.get("c")


async def test_options_are_those_of_the_clone_alone(api: respx.MockRouter) -> None:
    api.get("/customers/c").respond(json={"id": "c"})
    async with lomi.AsyncLomiClient(TEST_KEY, account="acct_1", max_retries=1) as client:
        clone = client.with_options(timeout=None, max_retries=0, account="acct_2")
        assert type(clone) is lomi.AsyncLomiClient
        assert clone.transport is client.transport
        assert (clone.config.timeout, clone.config.max_retries) == (None, 0)
        assert (client.config.timeout, client.config.max_retries) == (60.0, 1)
        for one, account in ((client, "acct_1"), (clone, "acct_2"), (clone.with_options(account=None), None)):
            await one.customers.get("c")
            assert api.calls.last.request.headers.get("Lomi-Account") == account
        for wrong in ({"timeout": 0}, {"max_retries": -1}, {"account": ""}):
            with pytest.raises(lomi.LomiConfigurationError):
                client.with_options(**wrong)


@pytest.mark.parametrize("wrong", [list, object])
async def test_an_http_client_of_another_kind(wrong: Any) -> None:
    with pytest.raises(lomi.LomiConfigurationError, match=r"http_client is not an httpx\.AsyncClient but"):
        lomi.AsyncLomiClient(TEST_KEY, http_client=wrong())


async def test_redirects_are_never_followed(api: respx.MockRouter) -> None:
    elsewhere = api.route(host="elsewhere.example").respond(json=CUSTOMER["docs"])
    elsewhere.pass_through(False)
    for status in (301, 302, 303, 307, 308):
        api.get("/customers/c").respond(status, headers={"Location": "https://elsewhere.example/customers/c"})
        async with lomi.AsyncLomiClient(TEST_KEY) as client:
            with pytest.raises(lomi.LomiResponseError, match=f"{status} redirect to https://elsewhere.example,"):
                await client.customers.get("c")
    assert api.calls.call_count == 5
    assert not elsewhere.called
    api._assert_all_called = False


def frames(error: BaseException, *, echoed: bool) -> str:
    """Return every local of our own frames, and what the objects among them hold, but for an answer that echoes."""
    seen = []
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_filename.startswith(PACKAGE):
            for value in frame.f_locals.values():
                seen.append(repr(value))
                if not (echoed and isinstance(value, Response)):
                    seen.append(repr(getattr(value, "__dict__", "")))
    assert seen
    return "".join(seen)


async def test_the_key_is_nowhere_to_be_seen(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    echo = httpx.Response(400, text=TEST_KEY, headers={"X-Echo": TEST_KEY, "X-Request-Id": TEST_KEY})
    html = httpx.Response(200, text=f"<html>{TEST_KEY}", headers={"Content-Type": TEST_KEY})
    for trouble in (echo, html, httpx.ReadTimeout(""), 503, 302):
        client = Network(trouble).client(max_retries=0)
        with pytest.raises(lomi.LomiError) as caught:
            await client.customers.create(name="A")
        error = caught.value
        seen = [
            repr(error),
            str(error),
            str(vars(error)),
            str(dict(getattr(error, "headers", {}))),
            frames(error, echoed=trouble in (echo, html)),
        ]
        seen += [str(pickle.dumps(error)), "".join(traceback.format_exception(error))]
        seen += [repr(client), str(vars(client)), repr(client.config), str(vars(client.transport))]
        assert TEST_KEY not in "".join(seen)
        assert error.__cause__ is None
    assert TEST_KEY not in caplog.text
    for copied in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError):
            copied(client)


async def test_a_borrowed_http_client_is_never_closed() -> None:
    network = Network(200, 200)
    async with network.client() as client:
        await client.send(lomi.Request("GET", lomi.path("/me"), dict))
    assert not network.http_client.is_closed
    with pytest.raises(lomi.LomiConfigurationError, match="this client is closed"):
        await client.customers.get("c")
    other = network.client()
    await network.http_client.aclose()
    with pytest.raises(lomi.LomiConfigurationError, match="the http_client of this client is closed"):
        await other.customers.get("c")


async def test_the_defaults_of_a_borrowed_http_client_do_not_apply() -> None:
    moved = httpx.Response(302, headers={"Location": "https://elsewhere.example/", "Set-Cookie": "a=b; Path=/"})
    network = Network(
        moved,
        200,
        follow_redirects=True,
        auth=("user", "s3cret"),
        headers={"X-Mine": "s3cret", "User-Agent": "mine", "X-API-KEY": "s3cret"},
        cookies={"session": "s3cret"},
        params={"mine": "s3cret"},
        base_url="https://elsewhere.example/base/",
    )
    client = network.client()
    with pytest.raises(lomi.LomiResponseError, match="302 redirect"):
        await client.customers.get("c")
    await client.send(lomi.Request("GET", lomi.path("/me"), dict))
    assert [str(request.url) for request in network.requests] == [f"{BASE_URL}/customers/c", f"{BASE_URL}/me"]
    for request in network.requests:
        assert request.headers["X-API-KEY"] == TEST_KEY
        assert request.headers["User-Agent"].startswith("lomi-python/")
        for name in ("Authorization", "Cookie", "X-Mine"):
            assert name not in request.headers
        assert "s3cret" not in str(request.headers.raw)


async def test_what_httpx_would_log_of_our_calls_and_of_others(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    network = Network(httpx.Response(200, json=listing("docs", [], 1, 50, 0)), 200)
    await network.client().customers.list(search="Amadou")
    assert "Amadou" not in caplog.text
    await network.http_client.get("https://elsewhere.example/theirs")
    assert "https://elsewhere.example/theirs" in caplog.text


async def test_one_resource_object_a_client() -> None:
    async with lomi.AsyncLomiClient(TEST_KEY) as client:
        assert client.customers is client.customers
        assert client.merchants is client.merchants
        assert client.with_options(timeout=1).customers is not client.customers
