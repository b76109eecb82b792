"""The Python client of the lomi. payments API.

>>> from lomi import LomiClient
>>> client = LomiClient()  # the key is read from LOMI_API_KEY
>>> customer = client.customers.create(name="Amadou Ba", email="amadou.ba@example.com")
"""

from ._async.client import AsyncLomiClient
from ._async.pagination import AsyncPage
from ._async.resources.customers import AsyncCustomerPage
from ._config import Environment
from ._deadline import deadline
from ._hooks import Ending, Hooks, RequestEvent, ResponseEvent, RetryEvent
from ._params import OMITTED, Omitted
from ._request import Path, Request, path
from ._sync.client import LomiClient
from ._sync.pagination import Page
from ._sync.resources.customers import CustomerPage
from ._version import __version__
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
    CustomerCreateParams,
    CustomerListing,
    CustomerStatus,
    CustomerType,
    CustomerUpdateParams,
    Listing,
    LomiModel,
    Merchant,
    MerchantARR,
    MerchantBalance,
    MerchantMRR,
    Pagination,
    Transaction,
)
from .money import Currency, Money

__all__ = [
    "OMITTED",
    "AsyncCustomerPage",
    "AsyncLomiClient",
    "AsyncPage",
    "Currency",
    "Customer",
    "CustomerCreateParams",
    "CustomerListing",
    "CustomerPage",
    "CustomerStatus",
    "CustomerType",
    "CustomerUpdateParams",
    "Ending",
    "Environment",
    "FieldError",
    "Hooks",
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
    "Merchant",
    "MerchantARR",
    "MerchantBalance",
    "MerchantMRR",
    "Money",
    "Omitted",
    "Outcome",
    "Page",
    "Pagination",
    "Path",
    "Request",
    "RequestEvent",
    "ResponseEvent",
    "RetryEvent",
    "Transaction",
    "__version__",
    "deadline",
    "path",
]
