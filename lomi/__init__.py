"""The Python client of the lomi. payments API.

>>> from lomi import LomiClient
>>> client = LomiClient()  # the key is read from LOMI_API_KEY
>>> customer = client.customers.create(name="Amadou Ba", email="amadou.ba@example.com")
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ._version import __version__

if TYPE_CHECKING:
    from ._async.client import AsyncLomiClient
    from ._async.pagination import AsyncPage
    from ._async.paginator import AsyncPaginator
    from ._async.resources.customers import AsyncCustomerPage, AsyncCustomersResource
    from ._async.resources.merchants import AsyncMerchantsResource
    from ._async.transport.pool import AsyncConnectionPool
    from ._backends.transport_errors import CertificateInvalidError, MalformedResponseError, ProxyRefusedError
    from ._core.api_key import ApiKeyProvider, Environment
    from ._core.call import CallOutcome
    from ._core.deadline import deadline
    from ._core.language import language
    from ._core.request import Path, Request, path
    from ._i18n.language import Language
    from ._sync.client import LomiClient
    from ._sync.pagination import Page
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

__all__ = [
    "ApiKeyProvider",
    "AsyncConnectionPool",
    "AsyncCustomerPage",
    "AsyncCustomersResource",
    "AsyncLomiClient",
    "AsyncMerchantsResource",
    "AsyncPage",
    "AsyncPaginator",
    "CallOutcome",
    "CertificateInvalidError",
    "ConnectionPool",
    "Currency",
    "Customer",
    "CustomerCreateParams",
    "CustomerListParams",
    "CustomerListing",
    "CustomerPage",
    "CustomerStatus",
    "CustomerType",
    "CustomerUpdateParams",
    "CustomersResource",
    "Environment",
    "FieldError",
    "Hooks",
    "Language",
    "Listing",
    "LomiAPIError",
    "LomiAuthError",
    "LomiBadRequestError",
    "LomiClient",
    "LomiConfigurationError",
    "LomiConflictError",
    "LomiConnectionError",
    "LomiDatabaseError",
    "LomiError",
    "LomiMerchantNotFoundError",
    "LomiMissingParameterError",
    "LomiModel",
    "LomiNotFoundError",
    "LomiPartialWriteError",
    "LomiPermissionError",
    "LomiRateLimitError",
    "LomiReconcileError",
    "LomiResponseError",
    "LomiServerError",
    "LomiServiceUnavailableError",
    "LomiTimeoutError",
    "LomiValidationError",
    "MalformedResponseError",
    "Merchant",
    "MerchantARR",
    "MerchantBalance",
    "MerchantBalanceParams",
    "MerchantMRR",
    "MerchantsResource",
    "Money",
    "Outcome",
    "Page",
    "Pagination",
    "Path",
    "ProxyRefusedError",
    "RateLimit",
    "Request",
    "RequestEvent",
    "ResponseEvent",
    "ResponseInfo",
    "RetryEvent",
    "Transaction",
    "__version__",
    "deadline",
    "language",
    "path",
]

# Nothing is imported before it is asked for, since pydantic and the models take a tenth of a second. Where it is:
_HOMES = {
    "_async.client": ["AsyncLomiClient"],
    "_async.pagination": ["AsyncPage"],
    "_async.transport.pool": ["AsyncConnectionPool"],
    "_sync.transport.pool": ["ConnectionPool"],
    "_backends.transport_errors": ["CertificateInvalidError", "MalformedResponseError", "ProxyRefusedError"],
    "_core.api_key": ["ApiKeyProvider", "Environment"],
    "_core.call": ["CallOutcome"],
    "_async.paginator": ["AsyncPaginator"],
    "_async.resources.customers": ["AsyncCustomerPage", "AsyncCustomersResource"],
    "_async.resources.merchants": ["AsyncMerchantsResource"],
    "_core.deadline": ["deadline"],
    "_core.language": ["language"],
    "_telemetry.events": ["RequestEvent", "ResponseEvent", "RetryEvent"],
    "_telemetry.hooks": ["Hooks"],
    "_i18n.language": ["Language"],
    "_core.request": ["Path", "Request", "path"],
    "_sync.client": ["LomiClient"],
    "_sync.pagination": ["Page"],
    "_sync.resources.customers": ["CustomerPage", "CustomersResource"],
    "_sync.resources.merchants": ["MerchantsResource"],
    "errors": [
        "FieldError",
        "LomiAPIError",
        "LomiAuthError",
        "LomiBadRequestError",
        "LomiConfigurationError",
        "LomiConflictError",
        "LomiConnectionError",
        "LomiDatabaseError",
        "LomiError",
        "LomiMerchantNotFoundError",
        "LomiMissingParameterError",
        "LomiNotFoundError",
        "LomiPartialWriteError",
        "LomiPermissionError",
        "LomiRateLimitError",
        "LomiReconcileError",
        "LomiResponseError",
        "LomiServerError",
        "LomiServiceUnavailableError",
        "LomiTimeoutError",
        "LomiValidationError",
        "Outcome",
    ],
    "models": [
        "Customer",
        "CustomerListing",
        "CustomerStatus",
        "CustomerType",
        "Listing",
        "LomiModel",
        "Merchant",
        "MerchantARR",
        "MerchantBalance",
        "MerchantMRR",
        "Pagination",
        "RateLimit",
        "ResponseInfo",
        "Transaction",
    ],
    "money": ["Currency", "Money"],
    "params": ["CustomerCreateParams", "CustomerListParams", "CustomerUpdateParams", "MerchantBalanceParams"],
}
_HOME = {name: f"{__name__}.{module}" for module, names in _HOMES.items() for name in names}
_MODULES = frozenset({"errors", "models", "money", "params"})


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
    value = globals()[name] = getattr(import_module(_HOME[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*__all__, *_MODULES})
