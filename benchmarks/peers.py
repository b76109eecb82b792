"""The clients that are compared. Each gets one object of about 560 bytes and returns it typed.

Libraries are imported inside, so that a process pays for its own peer alone.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, ExitStack, suppress
from functools import partial
from importlib import import_module
from typing import Any

ID = "904d003c-3736-41d4-90a5-9de700000001"
KEY = "lomi_sk_test_benchmark"
NEW: Any = {"name": "Amadou Ba", "email": "amadou.ba@example.com", "metadata": {"internal_id": "USER_1"}}
# Every resource of a client, and a call that loads its models and builds their validators.
RESOURCES: dict[str, tuple[str, ...]] = {
    "customers": ("list",), "transactions": ("list",), "accounts": ("list",), "charges": ("get_card_charge", ID),
    "checkout_sessions": ("list",), "customer_subscriptions": ("list",), "discount_coupons": ("list",),
    "me": ("get",), "merchants": ("get", ID), "organizations": ("list",), "payment_links": ("list",),
    "payment_requests": ("list",), "payouts": ("list",), "products": ("list",), "providers": ("list",),
    "refunds": ("list",), "subscriptions": ("list",), "webhook_delivery_logs": ("get", ID), "webhooks": ("list",),
}  # fmt: skip

Call = Callable[[], object]
AsyncCall = Callable[[], Awaitable[object]]


def _headers() -> dict[str, str]:
    return {"X-API-KEY": KEY, "Accept": "application/json"}


def _model() -> Callable[[bytes], object]:
    read: Callable[[bytes], object] = import_module("lomi.models").Customer.model_validate_json
    return read


def sync_lomi(url: str, stack: ExitStack) -> Call:
    """The package itself."""
    client = stack.enter_context(import_module("lomi").LomiClient(KEY, base_url=url))
    return lambda: client.customers.get(ID)


def sync_httpcore(url: str, stack: ExitStack) -> Call:
    """What httpx stands on, alone."""
    httpcore, read = import_module("httpcore"), _model()
    pool = stack.enter_context(httpcore.ConnectionPool())
    headers = [*_headers().items()]
    return lambda: read(pool.request("GET", f"{url}/customers/{ID}", headers=headers).content)


def sync_httpx(url: str, stack: ExitStack, library: str = "httpx") -> Call:
    """The HTTP library underneath, with the same model."""
    httpx, read = import_module(library), _model()
    client = stack.enter_context(httpx.Client(base_url=url, headers=_headers(), timeout=60))
    return lambda: read(client.get(f"/customers/{ID}").content)


def sync_by_hand(url: str, stack: ExitStack) -> Call:
    """The same for a cold start, without loading certificates, which plain http needs none of."""
    httpx, read = import_module("httpx"), _model()
    client = stack.enter_context(httpx.Client(base_url=url, headers=_headers(), timeout=60, verify=False))
    return lambda: read(client.get(f"/customers/{ID}").content)


def sync_httpx2(url: str, stack: ExitStack) -> Call:
    """Its successor."""
    return sync_httpx(url, stack, "httpx2")


def sync_http_client(url: str, stack: ExitStack) -> Call:
    """The standard library by hand: one connection, no pool, no retries, no limits."""
    client, read = import_module("http.client"), _model()
    connection = client.HTTPConnection(url.partition("://")[2].partition("/")[0], timeout=60)
    stack.callback(connection.close)
    path, headers = f"{_path(url)}/customers/{ID}", _headers()

    def get() -> object:
        connection.request("GET", path, headers=headers)
        return read(connection.getresponse().read())

    return get


def sync_pyreqwest(url: str, stack: ExitStack) -> Call:
    """A Rust HTTP client by hand."""
    read = _model()
    client = stack.enter_context(import_module("pyreqwest.client").SyncClientBuilder().build())
    headers = _headers()
    return lambda: read(bytes(client.get(f"{url}/customers/{ID}").headers(headers).build().send().bytes()))


def sync_niquests(url: str, stack: ExitStack) -> Call:
    """The successor of requests that calls itself so."""
    return sync_requests(url, stack, "niquests")


def sync_post_lomi(url: str, stack: ExitStack) -> Call:
    """A create by the package itself."""
    client = stack.enter_context(import_module("lomi").LomiClient(KEY, base_url=url))
    return lambda: client.customers.create(**NEW)


def sync_post_httpx(url: str, stack: ExitStack) -> Call:
    """The same by the HTTP library underneath, with the same model."""
    httpx, read = import_module("httpx"), _model()
    client = stack.enter_context(httpx.Client(base_url=url, headers=_headers(), timeout=60))
    return lambda: read(client.post("/customers", json=NEW).content)


def sync_post_http_client(url: str, stack: ExitStack) -> Call:
    """The same by the standard library."""
    client, read = import_module("http.client"), _model()
    connection = client.HTTPConnection(url.partition("://")[2].partition("/")[0], timeout=60)
    stack.callback(connection.close)
    headers = {**_headers(), "Content-Type": "application/json"}

    def post() -> object:
        connection.request("POST", f"{_path(url)}/customers", json.dumps(NEW), headers)
        return read(connection.getresponse().read())

    return post


def _path(url: str) -> str:
    return "".join(f"/{part}" for part in url.split("/")[3:])


def sync_requests(url: str, stack: ExitStack, library: str = "requests") -> Call:
    """The best known."""
    requests, read = import_module(library), _model()
    session = stack.enter_context(requests.Session())
    session.headers.update(_headers())
    return lambda: read(session.get(f"{url}/customers/{ID}", timeout=60).content)


def sync_lomi_1(url: str, stack: ExitStack) -> Call:  # noqa: ARG001
    """The former ``lomi`` 1.1.0."""
    lomi = import_module("lomi")
    configuration = lomi.Configuration(host=url)
    configuration.api_key["ApiKeyAuth"] = KEY
    api = lomi.CustomersApi(lomi.ApiClient(configuration))
    return lambda: api.retrieve_customer(ID)


def sync_lomi_sdk(url: str, stack: ExitStack) -> Call:  # noqa: ARG001
    """The former ``lomi-sdk`` 1.3.0, which returns dicts."""
    client = import_module("lomi").LomiClient(api_key=KEY, base_url=url)
    return lambda: client.customers.get(ID)


def _treasury(name: str, url: str) -> Any:
    return getattr(import_module("modern_treasury"), name)(
        api_key=KEY, organization_id="org", base_url=url, timeout=60.0, max_retries=2
    )


def sync_modern_treasury(url: str, stack: ExitStack) -> Call:
    """A generated SDK over httpx."""
    client = stack.enter_context(_treasury("ModernTreasury", url))
    return lambda: client.counterparties.retrieve(ID)


def sync_openai(url: str, stack: ExitStack) -> Call:
    """The most used generated SDK."""
    client = stack.enter_context(import_module("openai").OpenAI(api_key=KEY, base_url=url))
    return lambda: client.files.retrieve(ID)


def _stripe(url: str, http_client: str) -> Any:
    stripe = import_module("stripe")
    transport = getattr(stripe, http_client)()
    return stripe.StripeClient("sk_test_benchmark", base_addresses={"api": url}, http_client=transport), transport


def sync_stripe(url: str, stack: ExitStack) -> Call:
    """A payments SDK written by hand, over requests."""
    client, transport = _stripe(url, "RequestsClient")
    stack.callback(transport.close)
    return lambda: client.v1.customers.retrieve("cus_NffrFeUfNV2Hib")


async def async_lomi(url: str, stack: AsyncExitStack) -> AsyncCall:
    """The package itself."""
    client = await stack.enter_async_context(import_module("lomi").AsyncLomiClient(KEY, base_url=url))
    return lambda: client.customers.get(ID)


async def async_lomi_aiohttp(url: str, stack: AsyncExitStack) -> AsyncCall:
    """The package itself over aiohttp, as an httpx transport."""
    transport = await stack.enter_async_context(import_module("httpx_aiohttp").AiohttpTransport())
    client = import_module("lomi").AsyncLomiClient(KEY, base_url=url, transport=transport)
    return lambda: client.customers.get(ID)


async def async_lomi_pyreqwest(url: str, stack: AsyncExitStack) -> AsyncCall:
    """The package itself over a Rust HTTP client, as an httpx transport."""
    builder = import_module("pyreqwest.client").ClientBuilder().follow_redirects(False)  # noqa: FBT003  # its only parameter
    own = await stack.enter_async_context(builder.build())
    transport = import_module("pyreqwest.compatibility.httpx.transport").HttpxTransport(own)
    client = import_module("lomi").AsyncLomiClient(KEY, base_url=url, transport=transport)
    return lambda: client.customers.get(ID)


async def async_httpx(url: str, stack: AsyncExitStack, library: str = "httpx") -> AsyncCall:
    """The HTTP library underneath, with the same model."""
    httpx, read = import_module(library), _model()
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    client = httpx.AsyncClient(base_url=url, headers=_headers(), timeout=60, limits=limits)
    await stack.enter_async_context(client)

    async def get() -> object:
        return read((await client.get(f"/customers/{ID}")).content)

    return get


async def async_httpx2(url: str, stack: AsyncExitStack) -> AsyncCall:
    """Its successor."""
    return await async_httpx(url, stack, "httpx2")


async def async_aiohttp(url: str, stack: AsyncExitStack) -> AsyncCall:
    """An HTTP library with a parser in C."""
    aiohttp, read = import_module("aiohttp"), _model()
    connector = aiohttp.TCPConnector(limit=0)
    session = await stack.enter_async_context(aiohttp.ClientSession(headers=_headers(), connector=connector))

    async def get() -> object:
        async with session.get(f"{url}/customers/{ID}") as response:
            return read(await response.read())

    return get


async def async_pyreqwest(url: str, stack: AsyncExitStack) -> AsyncCall:
    """A Rust HTTP client by hand."""
    read, headers = _model(), _headers()
    client = await stack.enter_async_context(import_module("pyreqwest.client").ClientBuilder().build())

    async def get() -> object:
        response = await client.get(f"{url}/customers/{ID}").headers(headers).build().send()
        return read(bytes(await response.bytes()))

    return get


async def async_lomi_uvloop(url: str, stack: AsyncExitStack) -> AsyncCall:
    """The package itself on uvloop: the worker runs a peer of such a name there."""
    return await async_lomi(url, stack)


async def async_httpx_uvloop(url: str, stack: AsyncExitStack) -> AsyncCall:
    """The HTTP library underneath, on uvloop too."""
    return await async_httpx(url, stack)


async def async_modern_treasury(url: str, stack: AsyncExitStack) -> AsyncCall:
    """A generated SDK over httpx."""
    client = await stack.enter_async_context(_treasury("AsyncModernTreasury", url))
    return lambda: client.counterparties.retrieve(ID)


async def async_openai(url: str, stack: AsyncExitStack) -> AsyncCall:
    """The most used generated SDK."""
    client = await stack.enter_async_context(import_module("openai").AsyncOpenAI(api_key=KEY, base_url=url))
    return lambda: client.files.retrieve(ID)


async def async_stripe(url: str, stack: AsyncExitStack) -> AsyncCall:
    """A payments SDK written by hand, over httpx."""
    client, transport = _stripe(url, "HTTPXClient")
    stack.push_async_callback(transport.close_async)
    return lambda: client.v1.customers.retrieve_async("cus_NffrFeUfNV2Hib")


async def async_stripe_aiohttp(url: str, stack: AsyncExitStack) -> AsyncCall:
    """The same over aiohttp."""
    client, transport = _stripe(url, "AIOHTTPClient")
    stack.push_async_callback(transport.close_async)
    return lambda: client.v1.customers.retrieve_async("cus_NffrFeUfNV2Hib")


async def _beside_open_connections(url: str, stack: AsyncExitStack, count: int) -> AsyncCall:
    """The package itself, where so many connections are open and one is in use."""
    lomi, asyncio = import_module("lomi"), import_module("asyncio")
    pool = await stack.enter_async_context(lomi.AsyncConnectionPool(keepalive_expiry=600))
    # With less latency, a connection would be free again before the last call asks for one.
    slow = lomi.AsyncLomiClient(KEY, base_url=f"{url}/l20", transport=pool)
    await asyncio.gather(*(slow.customers.get(ID) for _ in range(count)))
    assert pool.connections() == count
    client = lomi.AsyncLomiClient(KEY, base_url=url, transport=pool)
    return lambda: client.customers.get(ID)


async_open_1 = partial(_beside_open_connections, count=1)
async_open_50 = partial(_beside_open_connections, count=50)
async_open_500 = partial(_beside_open_connections, count=500)


def sync_page(url: str, stack: ExitStack) -> Call:  # noqa: ARG001
    """A page of 100 customers from bytes to models, as the package itself reads it."""
    read = import_module("pydantic").TypeAdapter(import_module("lomi").CustomerListing).validate_json
    body = _page()
    return lambda: read(body)


def sync_page_by_hand(url: str, stack: ExitStack) -> Call:  # noqa: ARG001
    """The same by way of ``response.json()``."""
    response, read = import_module("httpx").Response, import_module("lomi").CustomerListing.model_validate
    body = _page()
    return lambda: read(response(200, content=body).json())


def _page() -> bytes:
    body: bytes = import_module("benchmarks.server").listing(100, b"page=1&pageSize=100")
    return body


def _fetched_page(url: str, stack: ExitStack, size: int) -> Call:
    """A page of so many customers, fetched."""
    client = stack.enter_context(import_module("lomi").LomiClient(KEY, base_url=url))
    return lambda: client.customers.list(page_size=size)


sync_page_10 = partial(_fetched_page, size=10)
sync_page_25 = partial(_fetched_page, size=25)
sync_page_50 = partial(_fetched_page, size=50)
sync_page_100 = partial(_fetched_page, size=100)


def _after_using(peer: Callable[[str, ExitStack], Call], resources: Iterable[str], url: str, stack: ExitStack) -> Call:
    """A peer, where some resources have been used before."""
    lomi = import_module("lomi")
    with lomi.LomiClient(KEY, base_url=url, max_retries=0) as client:
        for resource in resources:
            method, *arguments = RESOURCES[resource]
            with suppress(lomi.LomiResponseError):  # the server knows customers only; all is loaded by then
                getattr(getattr(client, resource), method)(*arguments)
    return peer(url, stack)


def sync_client(url: str, stack: ExitStack) -> Call:  # noqa: ARG001
    """A further client, never used."""
    make = import_module("lomi").LomiClient
    return lambda: make(KEY)


sync_used_2 = partial(_after_using, sync_lomi, [*RESOURCES][:2])
sync_used_all = partial(_after_using, sync_lomi, RESOURCES)
sync_client_used_2 = partial(_after_using, sync_client, [*RESOURCES][:2])
sync_client_used_all = partial(_after_using, sync_client, RESOURCES)


def sync_client_httpx(url: str, stack: ExitStack) -> Call:  # noqa: ARG001
    """The same of httpx."""
    return lambda: import_module("httpx").Client().close()


def sync_walk(url: str, stack: ExitStack) -> Call:
    """All customers, one page after the other."""
    client = stack.enter_context(import_module("lomi").LomiClient(KEY, base_url=url))
    return lambda: sum(1 for _ in client.customers.list(page_size=100))


def sync_walk_ahead(url: str, stack: ExitStack) -> Call:
    """All customers, several pages at a time."""
    client = stack.enter_context(import_module("lomi").LomiClient(KEY, base_url=url))
    return lambda: sum(1 for _ in client.customers.list(page_size=100).iter_all(max_concurrency=8))


def sync_walk_by_hand(url: str, stack: ExitStack) -> Call:
    """The same pages, asked for and read one by one."""
    client = stack.enter_context(import_module("lomi").LomiClient(KEY, base_url=url))

    def pages() -> int:
        count, number = 0, 1
        while items := client.customers.list(page=number, page_size=100).customers:
            count, number = count + len(items), number + 1
        return count

    return pages


async def async_walk(url: str, stack: AsyncExitStack) -> AsyncCall:
    """All customers, one page after the other."""
    client = await stack.enter_async_context(import_module("lomi").AsyncLomiClient(KEY, base_url=url))

    async def walk() -> int:
        return len([customer.id async for customer in await client.customers.list(page_size=100)])

    return walk


async def async_walk_ahead(url: str, stack: AsyncExitStack) -> AsyncCall:
    """All customers, several pages at a time."""
    client = await stack.enter_async_context(import_module("lomi").AsyncLomiClient(KEY, base_url=url))

    async def walk() -> int:
        page = await client.customers.list(page_size=100)
        return len([customer.id async for customer in page.iter_all(max_concurrency=8)])

    return walk
