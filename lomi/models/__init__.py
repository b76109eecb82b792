"""What comes back from the API: one module a resource."""

from ._base import LomiModel
from ._response import RateLimit, ResponseInfo
from .customers import (
    Customer,
    CustomerListing,
    CustomerStatus,
    CustomerType,
    Transaction,
)
from .merchants import Merchant, MerchantARR, MerchantBalance, MerchantMRR
from .pagination import Listing, Pagination

__all__ = [
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
]
