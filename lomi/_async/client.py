"""The client: the list of its namespaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .base_client import AsyncBaseClient
from .resources.customers import AsyncCustomersResource

if TYPE_CHECKING:
    from .resources.accounts import AsyncAccountsResource
    from .resources.charges import AsyncChargesResource
    from .resources.checkout_sessions import AsyncCheckoutSessionsResource
    from .resources.customer_subscriptions import AsyncCustomerSubscriptionsResource
    from .resources.discount_coupons import AsyncDiscountCouponsResource
    from .resources.me import AsyncMeResource
    from .resources.merchants import AsyncMerchantsResource
    from .resources.organizations import AsyncOrganizationsResource
    from .resources.payment_links import AsyncPaymentLinksResource
    from .resources.payment_requests import AsyncPaymentRequestsResource
    from .resources.payouts import AsyncPayoutsResource
    from .resources.products import AsyncProductsResource
    from .resources.providers import AsyncProvidersResource
    from .resources.refunds import AsyncRefundsResource
    from .resources.subscriptions import AsyncSubscriptionsResource
    from .resources.transactions import AsyncTransactionsResource
    from .resources.webhook_delivery_logs import AsyncWebhookDeliveryLogsResource
    from .resources.webhooks import AsyncWebhooksResource

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
        from .resources.merchants import AsyncMerchantsResource

        return AsyncMerchantsResource(self)

    # Resources of payments, imported when they are first used.

    @cached_property
    def charges(self) -> AsyncChargesResource:
        """Payments by Wave, MTN and card, without the hosted page."""
        from .resources.charges import AsyncChargesResource

        return AsyncChargesResource(self)

    @cached_property
    def checkout_sessions(self) -> AsyncCheckoutSessionsResource:
        """Hosted payment pages."""
        from .resources.checkout_sessions import AsyncCheckoutSessionsResource

        return AsyncCheckoutSessionsResource(self)

    @cached_property
    def payment_links(self) -> AsyncPaymentLinksResource:
        """Pay pages to share."""
        from .resources.payment_links import AsyncPaymentLinksResource

        return AsyncPaymentLinksResource(self)

    @cached_property
    def payment_requests(self) -> AsyncPaymentRequestsResource:
        """Requests to one customer to pay."""
        from .resources.payment_requests import AsyncPaymentRequestsResource

        return AsyncPaymentRequestsResource(self)

    @cached_property
    def payouts(self) -> AsyncPayoutsResource:
        """Money sent out."""
        from .resources.payouts import AsyncPayoutsResource

        return AsyncPayoutsResource(self)

    @cached_property
    def providers(self) -> AsyncProvidersResource:
        """The payment providers."""
        from .resources.providers import AsyncProvidersResource

        return AsyncProvidersResource(self)

    @cached_property
    def refunds(self) -> AsyncRefundsResource:
        """Refunds of completed payments."""
        from .resources.refunds import AsyncRefundsResource

        return AsyncRefundsResource(self)

    @cached_property
    def transactions(self) -> AsyncTransactionsResource:
        """Payments."""
        from .resources.transactions import AsyncTransactionsResource

        return AsyncTransactionsResource(self)

    @cached_property
    def accounts(self) -> AsyncAccountsResource:
        """Accounts and balances."""
        from .resources.accounts import AsyncAccountsResource

        return AsyncAccountsResource(self)

    @cached_property
    def customer_subscriptions(self) -> AsyncCustomerSubscriptionsResource:
        """Subscriptions, with filters."""
        from .resources.customer_subscriptions import AsyncCustomerSubscriptionsResource

        return AsyncCustomerSubscriptionsResource(self)

    @cached_property
    def discount_coupons(self) -> AsyncDiscountCouponsResource:
        """Codes with which payers pay less."""
        from .resources.discount_coupons import AsyncDiscountCouponsResource

        return AsyncDiscountCouponsResource(self)

    @cached_property
    def me(self) -> AsyncMeResource:
        """The merchant and the organization of the key."""
        from .resources.me import AsyncMeResource

        return AsyncMeResource(self)

    @cached_property
    def organizations(self) -> AsyncOrganizationsResource:
        """The organization and its figures."""
        from .resources.organizations import AsyncOrganizationsResource

        return AsyncOrganizationsResource(self)

    @cached_property
    def products(self) -> AsyncProductsResource:
        """What is sold, with its prices."""
        from .resources.products import AsyncProductsResource

        return AsyncProductsResource(self)

    @cached_property
    def subscriptions(self) -> AsyncSubscriptionsResource:
        """Subscriptions to recurring products."""
        from .resources.subscriptions import AsyncSubscriptionsResource

        return AsyncSubscriptionsResource(self)

    @cached_property
    def webhook_delivery_logs(self) -> AsyncWebhookDeliveryLogsResource:
        """Deliveries of events."""
        from .resources.webhook_delivery_logs import AsyncWebhookDeliveryLogsResource

        return AsyncWebhookDeliveryLogsResource(self)

    @cached_property
    def webhooks(self) -> AsyncWebhooksResource:
        """Endpoints that events are sent to."""
        from .resources.webhooks import AsyncWebhooksResource

        return AsyncWebhooksResource(self)
