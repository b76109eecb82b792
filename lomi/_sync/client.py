"""The client: the list of its namespaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .base_client import BaseClient
from .resources.customers import CustomersResource
from .resources.merchants import MerchantsResource

if TYPE_CHECKING:
    # To pyright a cached_property is none that a protocol could ask for.
    cached_property = property
else:
    from functools import cached_property

__all__ = ["LomiClient"]


class LomiClient(BaseClient):
    """A client of the lomi. API, synchronous.

    Create one for each process and share it: between threads and, after a fork, child processes. It
    opens connections when they are needed. Close it, or use it as a context manager, when you are done.

    Args:
        api_key: The secret key, ``lomi_sk_test_…`` or ``lomi_sk_live_…``, or a function that returns it, called for
            each attempt; a function needs ``environment``. Default: ``LOMI_API_KEY``.
        environment: ``"test"`` or ``"live"``. Default: what the key's prefix says; a key without one needs it.
        base_url: The URL of the API: https, or loopback. Default: ``LOMI_BASE_URL``, else the environment's host.
        account: Act on this connected account (``Lomi-Account``). Default: the key's own organisation.
        timeout: Seconds for a whole call, with all its retries and waiting. Default 60; None for no limit.
        max_retries: How many times a call that is safe to repeat is repeated, 0 to 100. Default 2.
        transport: An ``httpx.BaseTransport`` of your own, which is not closed here. Default: a new
            `ConnectionPool`. A transport of httpx2 works as well.
        http_client: Your own ``httpx.Client``, for mTLS, a private CA or event hooks. It is not closed here;
            its defaults for redirects, auth, headers and cookies do not apply. Each read is bounded by the time
            that is left, and the whole call is checked between them. A client of httpx2 works as well.
        hooks: Functions to call with each request, response and retry; see `Hooks`. Default: none.
        app_info: The name and version of your application, such as ``("MyShop", "1.2")``, for the User-Agent.

    Raises:
        LomiConfigurationError: One of them cannot work; the message says which, and what to do.

    Examples:
        >>> with LomiClient() as client:
        ...     customer = client.customers.create(name="Amadou Ba", email="amadou.ba@example.com")
    """

    @cached_property
    def customers(self) -> CustomersResource:
        """Customers and their transactions."""
        return CustomersResource(self)

    @cached_property
    def merchants(self) -> MerchantsResource:
        """Merchant accounts and their figures."""
        return MerchantsResource(self)
