"""What methods take: one module a resource. Type checkers, editors and validation read the same declarations."""

from .customers import CustomerCreateParams, CustomerListParams, CustomerUpdateParams
from .merchants import MerchantBalanceParams

__all__ = ["CustomerCreateParams", "CustomerListParams", "CustomerUpdateParams", "MerchantBalanceParams"]
