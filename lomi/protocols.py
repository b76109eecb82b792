"""What clients offer, as protocols: to annotate code that takes a client, or a stand-in in its place.

A stand-in needs no server and no HTTP. Where the answers have to hang together, `lomi.sandbox` is the better one: it
keeps what is created, and fails as the API fails.

>>> from lomi.protocols import CustomersProtocol
>>> def welcome(customers: CustomersProtocol, id: str) -> str:
...     return f"Bonjour {customers.get(id).name}"
>>> welcome(client.customers, customer.id)
'Bonjour Amadou Ba'
"""

from ._async.protocols import (
    AsyncCustomerPageProtocol,
    AsyncCustomersProtocol,
    AsyncLomiClientProtocol,
    AsyncMerchantsProtocol,
)
from ._sync.protocols import CustomerPageProtocol, CustomersProtocol, LomiClientProtocol, MerchantsProtocol

__all__ = [
    "AsyncCustomerPageProtocol",
    "AsyncCustomersProtocol",
    "AsyncLomiClientProtocol",
    "AsyncMerchantsProtocol",
    "CustomerPageProtocol",
    "CustomersProtocol",
    "LomiClientProtocol",
    "MerchantsProtocol",
]
