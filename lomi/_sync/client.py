"""The client: the list of its namespaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .base_client import BaseClient
from .resources.customers import CustomersResource

if TYPE_CHECKING:
    from .resources.accounts import AccountsResource
    from .resources.charges import ChargesResource
    from .resources.checkout_sessions import CheckoutSessionsResource
    from .resources.customer_subscriptions import CustomerSubscriptionsResource
    from .resources.discount_coupons import DiscountCouponsResource
    from .resources.me import MeResource
    from .resources.merchants import MerchantsResource
    from .resources.organizations import OrganizationsResource
    from .resources.payment_links import PaymentLinksResource
    from .resources.payment_requests import PaymentRequestsResource
    from .resources.payouts import PayoutsResource
    from .resources.products import ProductsResource
    from .resources.providers import ProvidersResource
    from .resources.refunds import RefundsResource
    from .resources.subscriptions import SubscriptionsResource
    from .resources.transactions import TransactionsResource
    from .resources.webhook_delivery_logs import WebhookDeliveryLogsResource
    from .resources.webhooks import WebhooksResource

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
        from .resources.merchants import MerchantsResource

        return MerchantsResource(self)

    # Resources of payments, imported when they are first used.

    @cached_property
    def charges(self) -> ChargesResource:
        """Payments by Wave, MTN and card, without the hosted page."""
        from .resources.charges import ChargesResource

        return ChargesResource(self)

    @cached_property
    def checkout_sessions(self) -> CheckoutSessionsResource:
        """Hosted payment pages."""
        from .resources.checkout_sessions import CheckoutSessionsResource

        return CheckoutSessionsResource(self)

    @cached_property
    def payment_links(self) -> PaymentLinksResource:
        """Pay pages to share."""
        from .resources.payment_links import PaymentLinksResource

        return PaymentLinksResource(self)

    @cached_property
    def payment_requests(self) -> PaymentRequestsResource:
        """Requests to one customer to pay."""
        from .resources.payment_requests import PaymentRequestsResource

        return PaymentRequestsResource(self)

    @cached_property
    def payouts(self) -> PayoutsResource:
        """Money sent out."""
        from .resources.payouts import PayoutsResource

        return PayoutsResource(self)

    @cached_property
    def providers(self) -> ProvidersResource:
        """The payment providers."""
        from .resources.providers import ProvidersResource

        return ProvidersResource(self)

    @cached_property
    def refunds(self) -> RefundsResource:
        """Refunds of completed payments."""
        from .resources.refunds import RefundsResource

        return RefundsResource(self)

    @cached_property
    def transactions(self) -> TransactionsResource:
        """Payments."""
        from .resources.transactions import TransactionsResource

        return TransactionsResource(self)

    @cached_property
    def accounts(self) -> AccountsResource:
        """Accounts and balances."""
        from .resources.accounts import AccountsResource

        return AccountsResource(self)

    @cached_property
    def customer_subscriptions(self) -> CustomerSubscriptionsResource:
        """Subscriptions, with filters."""
        from .resources.customer_subscriptions import CustomerSubscriptionsResource

        return CustomerSubscriptionsResource(self)

    @cached_property
    def discount_coupons(self) -> DiscountCouponsResource:
        """Codes with which payers pay less."""
        from .resources.discount_coupons import DiscountCouponsResource

        return DiscountCouponsResource(self)

    @cached_property
    def me(self) -> MeResource:
        """The merchant and the organization of the key."""
        from .resources.me import MeResource

        return MeResource(self)

    @cached_property
    def organizations(self) -> OrganizationsResource:
        """The organization and its figures."""
        from .resources.organizations import OrganizationsResource

        return OrganizationsResource(self)

    @cached_property
    def products(self) -> ProductsResource:
        """What is sold, with its prices."""
        from .resources.products import ProductsResource

        return ProductsResource(self)

    @cached_property
    def subscriptions(self) -> SubscriptionsResource:
        """Subscriptions to recurring products."""
        from .resources.subscriptions import SubscriptionsResource

        return SubscriptionsResource(self)

    @cached_property
    def webhook_delivery_logs(self) -> WebhookDeliveryLogsResource:
        """Deliveries of events."""
        from .resources.webhook_delivery_logs import WebhookDeliveryLogsResource

        return WebhookDeliveryLogsResource(self)

    @cached_property
    def webhooks(self) -> WebhooksResource:
        """Endpoints that events are sent to."""
        from .resources.webhooks import WebhooksResource

        return WebhooksResource(self)
