"""The Python client of the lomi. payments API.

>>> from lomi import LomiClient
>>> client = LomiClient()  # the key is read from LOMI_API_KEY
>>> customer = client.customers.create(name="Amadou Ba", email="amadou.ba@example.com")
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ._version import __version__

if TYPE_CHECKING:
    from . import webhooks as webhooks
    from ._async.client import AsyncLomiClient
    from ._async.page import AsyncPage
    from ._async.paginator import AsyncPaginator
    from ._async.resources.customers import AsyncCustomerPage, AsyncCustomersResource
    from ._async.resources.merchants import AsyncMerchantsResource
    from ._async.transport.pool import AsyncConnectionPool
    from ._backends.transport_errors import CertificateInvalidError, MalformedResponseError, ProxyRefusedError
    from ._core.api_key import ApiKeyProvider, Environment
    from ._core.call import CallOutcome
    from ._core.deadline import deadline
    from ._core.language_block import language
    from ._core.reconcile_result import CannotTell, Found, NotFound
    from ._core.request import Path, Request, path
    from ._i18n.language import Language
    from ._sync.client import LomiClient
    from ._sync.page import Page
    from ._sync.resources.customers import CustomerPage, CustomersResource
    from ._sync.resources.merchants import MerchantsResource
    from ._sync.transport.pool import ConnectionPool
    from ._telemetry.events import RequestEvent, ResponseEvent, RetryEvent
    from ._telemetry.hooks import Hooks
    from .errors import (
        FieldError,
        LomiAPIError,
        LomiAuthError,
        LomiBadRequestError,
        LomiConfigurationError,
        LomiConflictError,
        LomiConnectionError,
        LomiDatabaseError,
        LomiError,
        LomiMerchantNotFoundError,
        LomiMissingParameterError,
        LomiNotFoundError,
        LomiPartialWriteError,
        LomiPermissionError,
        LomiRateLimitError,
        LomiReconcileError,
        LomiResponseError,
        LomiServerError,
        LomiServiceUnavailableError,
        LomiTimeoutError,
        LomiValidationError,
        LomiWebhookPayloadError,
        LomiWebhookSignatureError,
        Outcome,
    )
    from .models import (
        Customer,
        CustomerListing,
        CustomerStatus,
        CustomerType,
        Listing,
        LomiModel,
        Merchant,
        MerchantARR,
        MerchantBalance,
        MerchantMRR,
        Pagination,
        RateLimit,
        ResponseInfo,
        Transaction,
    )
    from .money import Currency, Money
    from .params import CustomerCreateParams, CustomerListParams, CustomerUpdateParams, MerchantBalanceParams

if TYPE_CHECKING:  # payments
    from ._async.resources.charges import AsyncChargesResource
    from ._async.resources.checkout_sessions import AsyncCheckoutSessionsResource
    from ._async.resources.payment_links import AsyncPaymentLinksResource
    from ._async.resources.payment_requests import AsyncPaymentRequestsResource
    from ._async.resources.payouts import AsyncPayoutsResource
    from ._async.resources.providers import AsyncProvidersResource
    from ._async.resources.refunds import AsyncRefundsResource
    from ._async.resources.transactions import AsyncTransactionsResource
    from ._sync.resources.charges import ChargesResource
    from ._sync.resources.checkout_sessions import CheckoutSessionsResource
    from ._sync.resources.payment_links import PaymentLinksResource
    from ._sync.resources.payment_requests import PaymentRequestsResource
    from ._sync.resources.payouts import PayoutsResource
    from ._sync.resources.providers import ProvidersResource
    from ._sync.resources.refunds import RefundsResource
    from ._sync.resources.transactions import TransactionsResource
    from ._transaction_sync import sync_transactions
    from .errors import LomiRefundLedgerError
    from .models import (
        BlockingInvoice,
        CardAppearance,
        CardCharge,
        CardChargeStatus,
        CardChargeTransaction,
        CheckoutSession,
        CheckoutSessionStatus,
        CreatedCheckoutSession,
        CreatedPayout,
        CreatedRefund,
        InvoiceBlock,
        MtnCharge,
        PaymentLink,
        PaymentRequest,
        PaymentTransaction,
        Payout,
        PayoutKind,
        PayoutStatus,
        Provider,
        Refund,
        RefundStatus,
        RefundSubscriptionAction,
        WaveCharge,
        WaveSession,
    )
    from .params import (
        CardChargeParams,
        ChargeCustomerParams,
        CheckoutLineItemParams,
        CheckoutSessionCreateParams,
        CheckoutSessionListParams,
        LomiDroppedFieldWarning,
        MtnChargeParams,
        MtnCustomerParams,
        PaymentLinkCreateParams,
        PaymentLinkListParams,
        PaymentRequestCreateParams,
        PaymentRequestListParams,
        PayoutCreateParams,
        PayoutListParams,
        PayoutRecipientParams,
        ProviderListParams,
        RefundCreateParams,
        RefundListParams,
        TransactionListParams,
        WaveChargeParams,
    )

if TYPE_CHECKING:  # the business around payments
    from ._async.resources.accounts import AsyncAccountsResource
    from ._async.resources.customer_subscriptions import AsyncCustomerSubscriptionsResource
    from ._async.resources.discount_coupons import AsyncDiscountCouponsResource
    from ._async.resources.me import AsyncMeResource
    from ._async.resources.organizations import AsyncOrganizationsResource
    from ._async.resources.products import AsyncProductsResource
    from ._async.resources.subscriptions import AsyncSubscriptionsResource
    from ._async.resources.webhook_delivery_logs import AsyncWebhookDeliveryLogsResource
    from ._async.resources.webhooks import AsyncWebhooksResource
    from ._sync.resources.accounts import AccountsResource
    from ._sync.resources.customer_subscriptions import CustomerSubscriptionsResource
    from ._sync.resources.discount_coupons import DiscountCouponsResource
    from ._sync.resources.me import MeResource
    from ._sync.resources.organizations import OrganizationsResource
    from ._sync.resources.products import ProductsResource
    from ._sync.resources.subscriptions import SubscriptionsResource
    from ._sync.resources.webhook_delivery_logs import WebhookDeliveryLogsResource
    from ._sync.resources.webhooks import WebhooksResource
    from .models import (
        Account,
        AccountBalance,
        AvailableBalance,
        BalanceBreakdown,
        BillingInterval,
        CouponPerformance,
        CreatedWebhook,
        CustomerSubscription,
        DeliveryRetry,
        DiscountCoupon,
        Me,
        Organization,
        OrganizationMetrics,
        PortalEvent,
        PortalLaunchSession,
        Price,
        Product,
        ProductFee,
        ProductType,
        Subscription,
        SubscriptionStatus,
        WebhookDeliveryLog,
        WebhookEndpoint,
        WebhookEventType,
    )
    from .params import (
        AccountBalanceParams,
        BalanceBreakdownParams,
        CustomerSubscriptionListParams,
        DiscountCouponCreateParams,
        PortalAuditParams,
        PortalLaunchParams,
        PriceParams,
        ProductCreateParams,
        ProductListParams,
        SubscriptionCancelParams,
        SubscriptionChangePlanParams,
        SubscriptionListParams,
        SubscriptionUpdateParams,
        WebhookCreateParams,
        WebhookDeliveryLogListParams,
        WebhookUpdateParams,
    )

__all__ = [
    "Account", "AccountBalance", "AccountBalanceParams", "AccountsResource", "ApiKeyProvider", "AsyncAccountsResource",
    "AsyncChargesResource", "AsyncCheckoutSessionsResource", "AsyncConnectionPool", "AsyncCustomerPage",
    "AsyncCustomerSubscriptionsResource", "AsyncCustomersResource", "AsyncDiscountCouponsResource", "AsyncLomiClient",
    "AsyncMeResource", "AsyncMerchantsResource", "AsyncOrganizationsResource", "AsyncPage", "AsyncPaginator",
    "AsyncPaymentLinksResource", "AsyncPaymentRequestsResource", "AsyncPayoutsResource", "AsyncProductsResource",
    "AsyncProvidersResource", "AsyncRefundsResource", "AsyncSubscriptionsResource", "AsyncTransactionsResource",
    "AsyncWebhookDeliveryLogsResource", "AsyncWebhooksResource", "AvailableBalance", "BalanceBreakdown",
    "BalanceBreakdownParams", "BillingInterval", "BlockingInvoice", "CallOutcome", "CannotTell", "CardAppearance",
    "CardCharge", "CardChargeParams", "CardChargeStatus", "CardChargeTransaction", "CertificateInvalidError",
    "ChargeCustomerParams", "ChargesResource", "CheckoutLineItemParams", "CheckoutSession",
    "CheckoutSessionCreateParams", "CheckoutSessionListParams", "CheckoutSessionStatus", "CheckoutSessionsResource",
    "ConnectionPool", "CouponPerformance", "CreatedCheckoutSession", "CreatedPayout", "CreatedRefund",
    "CreatedWebhook", "Currency", "Customer", "CustomerCreateParams", "CustomerListParams", "CustomerListing",
    "CustomerPage", "CustomerStatus", "CustomerSubscription", "CustomerSubscriptionListParams",
    "CustomerSubscriptionsResource", "CustomerType", "CustomerUpdateParams", "CustomersResource", "DeliveryRetry",
    "DiscountCoupon", "DiscountCouponCreateParams", "DiscountCouponsResource", "Environment", "FieldError", "Found",
    "Hooks", "InvoiceBlock", "Language", "Listing", "LomiAPIError", "LomiAuthError", "LomiBadRequestError",
    "LomiClient", "LomiConfigurationError", "LomiConflictError", "LomiConnectionError", "LomiDatabaseError",
    "LomiDroppedFieldWarning", "LomiError", "LomiMerchantNotFoundError", "LomiMissingParameterError", "LomiModel",
    "LomiNotFoundError", "LomiPartialWriteError", "LomiPermissionError", "LomiRateLimitError", "LomiReconcileError",
    "LomiRefundLedgerError", "LomiResponseError", "LomiServerError", "LomiServiceUnavailableError", "LomiTimeoutError",
    "LomiValidationError", "LomiWebhookPayloadError", "LomiWebhookSignatureError", "MalformedResponseError", "Me",
    "MeResource", "Merchant", "MerchantARR", "MerchantBalance", "MerchantBalanceParams", "MerchantMRR",
    "MerchantsResource", "Money", "MtnCharge", "MtnChargeParams", "MtnCustomerParams", "NotFound", "Organization",
    "OrganizationMetrics", "OrganizationsResource", "Outcome", "Page", "Pagination", "Path", "PaymentLink",
    "PaymentLinkCreateParams", "PaymentLinkListParams", "PaymentLinksResource", "PaymentRequest",
    "PaymentRequestCreateParams", "PaymentRequestListParams", "PaymentRequestsResource", "PaymentTransaction",
    "Payout", "PayoutCreateParams", "PayoutKind", "PayoutListParams", "PayoutRecipientParams", "PayoutStatus",
    "PayoutsResource", "PortalAuditParams", "PortalEvent", "PortalLaunchParams", "PortalLaunchSession", "Price",
    "PriceParams", "Product", "ProductCreateParams", "ProductFee", "ProductListParams", "ProductType",
    "ProductsResource", "Provider", "ProviderListParams", "ProvidersResource", "ProxyRefusedError", "RateLimit",
    "Refund", "RefundCreateParams", "RefundListParams", "RefundStatus", "RefundSubscriptionAction", "RefundsResource",
    "Request", "RequestEvent", "ResponseEvent", "ResponseInfo", "RetryEvent", "Subscription",
    "SubscriptionCancelParams", "SubscriptionChangePlanParams", "SubscriptionListParams", "SubscriptionStatus",
    "SubscriptionUpdateParams", "SubscriptionsResource", "Transaction", "TransactionListParams",
    "TransactionsResource", "WaveCharge", "WaveChargeParams", "WaveSession", "WebhookCreateParams",
    "WebhookDeliveryLog", "WebhookDeliveryLogListParams", "WebhookDeliveryLogsResource", "WebhookEndpoint",
    "WebhookEventType", "WebhookUpdateParams", "WebhooksResource", "__version__", "deadline", "language", "path",
    "sync_transactions",
]  # fmt: skip

# Nothing is imported before it is asked for, since pydantic and the models take a tenth of a second. Where it is:
_HOMES = {
    "_async.client": ["AsyncLomiClient"],
    "_async.page": ["AsyncPage"],
    "_async.transport.pool": ["AsyncConnectionPool"],
    "_sync.transport.pool": ["ConnectionPool"],
    "_backends.transport_errors": ["CertificateInvalidError", "MalformedResponseError", "ProxyRefusedError"],
    "_core.api_key": ["ApiKeyProvider", "Environment"],
    "_core.call": ["CallOutcome"],
    "_async.paginator": ["AsyncPaginator"],
    "_async.resources.customers": ["AsyncCustomerPage", "AsyncCustomersResource"],
    "_async.resources.merchants": ["AsyncMerchantsResource"],
    "_core.deadline": ["deadline"],
    "_core.language_block": ["language"],
    "_telemetry.events": ["RequestEvent", "ResponseEvent", "RetryEvent"],
    "_telemetry.hooks": ["Hooks"],
    "_i18n.language": ["Language"],
    "_core.request": ["Path", "Request", "path"],
    "_sync.client": ["LomiClient"],
    "_sync.page": ["Page"],
    "_sync.resources.customers": ["CustomerPage", "CustomersResource"],
    "_sync.resources.merchants": ["MerchantsResource"],
    "errors": [
        "FieldError", "LomiAPIError", "LomiAuthError", "LomiBadRequestError", "LomiConfigurationError",
        "LomiConflictError", "LomiConnectionError", "LomiDatabaseError", "LomiError", "LomiMerchantNotFoundError",
        "LomiMissingParameterError", "LomiNotFoundError", "LomiPartialWriteError", "LomiPermissionError",
        "LomiRateLimitError", "LomiReconcileError", "LomiResponseError", "LomiServerError",
        "LomiServiceUnavailableError", "LomiTimeoutError", "LomiValidationError", "LomiWebhookPayloadError",
        "LomiWebhookSignatureError", "Outcome",
    ],
    "models": [
        "Customer", "CustomerListing", "CustomerStatus", "CustomerType", "Listing", "LomiModel", "Merchant",
        "MerchantARR", "MerchantBalance", "MerchantMRR", "Pagination", "RateLimit", "ResponseInfo", "Transaction",
    ],
    "money": ["Currency", "Money"],
    "params": ["CustomerCreateParams", "CustomerListParams", "CustomerUpdateParams", "MerchantBalanceParams"],
}  # fmt: skip
# Payments.
_HOMES_OF_PAYMENTS = {
    "_core.reconcile_result": ["CannotTell", "Found", "NotFound"],
    "_transaction_sync": ["sync_transactions"],
    "_async.resources.charges": ["AsyncChargesResource"],
    "_async.resources.checkout_sessions": ["AsyncCheckoutSessionsResource"],
    "_async.resources.payment_links": ["AsyncPaymentLinksResource"],
    "_async.resources.payment_requests": ["AsyncPaymentRequestsResource"],
    "_async.resources.payouts": ["AsyncPayoutsResource"],
    "_async.resources.providers": ["AsyncProvidersResource"],
    "_async.resources.refunds": ["AsyncRefundsResource"],
    "_async.resources.transactions": ["AsyncTransactionsResource"],
    "_sync.resources.charges": ["ChargesResource"],
    "_sync.resources.checkout_sessions": ["CheckoutSessionsResource"],
    "_sync.resources.payment_links": ["PaymentLinksResource"],
    "_sync.resources.payment_requests": ["PaymentRequestsResource"],
    "_sync.resources.payouts": ["PayoutsResource"],
    "_sync.resources.providers": ["ProvidersResource"],
    "_sync.resources.refunds": ["RefundsResource"],
    "_sync.resources.transactions": ["TransactionsResource"],
    "errors": ["LomiRefundLedgerError"],
    "models": [
        "BlockingInvoice", "CardAppearance", "CardCharge", "CardChargeStatus", "CardChargeTransaction",
        "CheckoutSession", "CreatedCheckoutSession", "CheckoutSessionStatus", "InvoiceBlock", "MtnCharge",
        "PaymentLink", "PaymentRequest", "PaymentTransaction", "Payout", "CreatedPayout", "PayoutKind",
        "PayoutStatus", "Provider", "Refund", "CreatedRefund", "RefundStatus", "RefundSubscriptionAction",
        "WaveCharge", "WaveSession",
    ],
    "params": [
        "CardChargeParams", "ChargeCustomerParams", "CheckoutLineItemParams", "CheckoutSessionCreateParams",
        "CheckoutSessionListParams", "LomiDroppedFieldWarning", "MtnChargeParams", "MtnCustomerParams",
        "PaymentLinkCreateParams", "PaymentLinkListParams", "PaymentRequestCreateParams",
        "PaymentRequestListParams", "PayoutCreateParams", "PayoutListParams", "PayoutRecipientParams",
        "ProviderListParams", "RefundCreateParams", "RefundListParams", "TransactionListParams", "WaveChargeParams",
    ],
}  # fmt: skip
# The business around payments.
_HOMES_OF_BUSINESS = {
    "_async.resources.accounts": ["AsyncAccountsResource"],
    "_async.resources.customer_subscriptions": ["AsyncCustomerSubscriptionsResource"],
    "_async.resources.discount_coupons": ["AsyncDiscountCouponsResource"],
    "_async.resources.me": ["AsyncMeResource"],
    "_async.resources.organizations": ["AsyncOrganizationsResource"],
    "_async.resources.products": ["AsyncProductsResource"],
    "_async.resources.subscriptions": ["AsyncSubscriptionsResource"],
    "_async.resources.webhook_delivery_logs": ["AsyncWebhookDeliveryLogsResource"],
    "_async.resources.webhooks": ["AsyncWebhooksResource"],
    "_sync.resources.accounts": ["AccountsResource"],
    "_sync.resources.customer_subscriptions": ["CustomerSubscriptionsResource"],
    "_sync.resources.discount_coupons": ["DiscountCouponsResource"],
    "_sync.resources.me": ["MeResource"],
    "_sync.resources.organizations": ["OrganizationsResource"],
    "_sync.resources.products": ["ProductsResource"],
    "_sync.resources.subscriptions": ["SubscriptionsResource"],
    "_sync.resources.webhook_delivery_logs": ["WebhookDeliveryLogsResource"],
    "_sync.resources.webhooks": ["WebhooksResource"],
    "models": [
        "Account", "AccountBalance", "AvailableBalance", "BalanceBreakdown", "BillingInterval", "CouponPerformance",
        "CreatedWebhook", "CustomerSubscription", "DeliveryRetry", "DiscountCoupon", "Me", "Organization",
        "OrganizationMetrics", "PortalEvent", "PortalLaunchSession", "Price", "Product", "ProductFee",
        "ProductType", "Subscription", "SubscriptionStatus", "WebhookDeliveryLog", "WebhookEndpoint",
        "WebhookEventType",
    ],
    "params": [
        "AccountBalanceParams", "BalanceBreakdownParams", "CustomerSubscriptionListParams",
        "DiscountCouponCreateParams", "PortalAuditParams", "PortalLaunchParams", "PriceParams",
        "ProductCreateParams", "ProductListParams", "SubscriptionCancelParams", "SubscriptionChangePlanParams",
        "SubscriptionListParams", "SubscriptionUpdateParams", "WebhookCreateParams", "WebhookDeliveryLogListParams",
        "WebhookUpdateParams",
    ],
}  # fmt: skip
_HOME = {
    name: f"{__name__}.{module}"
    for homes in (_HOMES, _HOMES_OF_PAYMENTS, _HOMES_OF_BUSINESS)
    for module, names in homes.items()
    for name in names
}
_MODULES = frozenset({"errors", "models", "money", "params", "webhooks"})


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
    value = globals()[name] = getattr(import_module(_HOME[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*__all__, *_MODULES})
