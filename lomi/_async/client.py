"""The client: the list of its namespaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .base_client import AsyncBaseClient
from .resources.customers import AsyncCustomersResource
from .resources.merchants import AsyncMerchantsResource

if TYPE_CHECKING:
    # To pyright a cached_property is none that a protocol could ask for.
    cached_property = property
else:
    from functools import cached_property

__all__ = ["AsyncLomiClient"]


class AsyncLomiClient(AsyncBaseClient):
    """A client of the lomi. API, asynchronous.

    Create one for each process and share it: between tasks, event loops and, after a fork, child processes. It
    opens connections when they are needed. Close it, or use it as a context manager, when you are done.

    Args:
        api_key: The secret key, ``lomi_sk_test_…`` or ``lomi_sk_live_…``, or a function that returns it, called for
            each attempt; a function needs ``environment``. Default: ``LOMI_API_KEY``.
        environment: ``"test"`` or ``"live"``. Default: what the key's prefix says; a key without one needs it.
        base_url: The URL of the API: https, or loopback. Default: ``LOMI_BASE_URL``, else the environment's host.
        account: Act on this connected account (``Lomi-Account``). Default: the key's own organisation.
        timeout: Seconds for a whole call, with all its retries and waiting. Default 60; None for no limit.
        max_retries: How many times a call that is safe to repeat is repeated, 0 to 100. Default 2.
        transport: An ``httpx.AsyncBaseTransport`` of your own, which is not closed here. Default: a new
            `AsyncConnectionPool`. A transport of httpx2 works as well.
        http_client: Your own ``httpx.AsyncClient``, for mTLS, a private CA or event hooks. It is not closed here;
            its defaults for redirects, auth, headers and cookies do not apply. Each read is bounded by the time
            that is left, and the whole call is checked between them. A client of httpx2 works as well.
        hooks: Functions to call with each request, response and retry; see `Hooks`. Default: none.
        app_info: The name and version of your application, such as ``("MyShop", "1.2")``, for the User-Agent.

    Raises:
        LomiConfigurationError: One of them cannot work; the message says which, and what to do.

    Examples:
        >>> async with AsyncLomiClient() as client:
        ...     customer = await client.customers.create(name="Amadou Ba", email="amadou.ba@example.com")
    """

    @cached_property
    def customers(self) -> AsyncCustomersResource:
        """Customers and their transactions."""
        return AsyncCustomersResource(self)

    @cached_property
    def merchants(self) -> AsyncMerchantsResource:
        """Merchant accounts and their figures."""
        return AsyncMerchantsResource(self)
