"""What the methods of customers take."""

from __future__ import annotations

from typing import Annotated

from pydantic import with_config
from typing_extensions import Required, TypedDict

from ..models.customers import CustomerStatus, CustomerType
from ._base import STRICT, EmailAddress, Flag, Metadata, NonBlank, PageNumber, SentAs, Text

__all__ = ["CustomerCreateParams", "CustomerListParams", "CustomerUpdateParams"]


class _CustomerDetails(TypedDict, total=False):
    email: EmailAddress | None
    """E-mail address."""
    phone_number: Text | None
    """Phone number, such as +221771234567."""
    whatsapp_number: Text | None
    """WhatsApp number."""
    country: Text | None
    """Country name."""
    city: Text | None
    """City name."""
    address: Text | None
    """Street address."""
    postal_code: Text | None
    """Postal or ZIP code."""
    metadata: Metadata | None
    """Your own key-value pairs: what JSON can carry, integers up to ±(2^53 − 1)."""


@with_config(STRICT)
class CustomerCreateParams(_CustomerDetails, total=False):
    """What ``customers.create`` takes; only ``name`` is required, and None is the same as leaving a field out."""

    name: Required[NonBlank]
    """Full name, not blank."""
    is_business: Flag | None
    """Whether the customer is a business. The API's default is False."""


@with_config(STRICT)
class CustomerUpdateParams(_CustomerDetails, total=False):
    """What ``customers.update`` takes: what is left out stays as it is, None clears the field."""

    name: NonBlank
    """Full name, not blank; it cannot be cleared."""
    is_business: Flag
    """Whether the customer is a business; it cannot be cleared."""


@with_config(STRICT)
class CustomerListParams(TypedDict, total=False):
    """What ``customers.list`` takes."""

    search: Text | None
    """Part of a name or an e-mail address."""
    type: CustomerType | None
    """``"business"``, ``"individual"`` or ``"all"``."""
    status: CustomerStatus | None
    """``"active"``, ``"inactive"`` or ``"all"``."""
    page: PageNumber | None
    """The first page to read, from 1. Default 1."""
    page_size: Annotated[PageNumber | None, SentAs("pageSize")]
    """Customers a page, from 1. Default 50; the API sets no maximum."""
    pageSize: PageNumber | None  # its name on the wire
    """The same, under its name on the wire."""
