"""What the methods of payment requests take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import with_config
from typing_extensions import Required, TypedDict

from ._base import STRICT, Metadata, PageNumber, SentAs, Text
from ._rules import Dropped, fits_currency, refuse_card_data, rules
from ._types import Amount, AwareDatetime, Currency3, CustomerId, Offset, UUIDString

__all__ = ["PaymentRequestCreateParams", "PaymentRequestListParams"]


def _metadata(values: Mapping[str, Any]) -> Iterable[Dropped]:
    if "metadata" in values:
        yield Dropped("metadata", "is dropped by the API: a payment request keeps none")


@rules(fits_currency("amount"), refuse_card_data, _metadata)
@with_config(STRICT)
class PaymentRequestCreateParams(TypedDict, total=False):
    """What ``payment_requests.create`` takes: an amount, a currency and an expiry date at least."""

    amount: Required[Amount]
    """What is to be paid before fees, in whole currency units."""
    currency_code: Required[Currency3]
    """``"XOF"``, ``"USD"`` or ``"EUR"``."""
    expiry_date: Required[AwareDatetime]
    """Until when it can be paid. The API does not refuse one in the past."""
    description: Text | None
    """What it is for."""
    customer_id: CustomerId | None
    """The customer to ask."""
    payment_reference: Text | None
    """Your own number, such as that of an invoice. It is kept: use it in place of metadata."""
    metadata: Metadata | None
    """Accepted, and dropped by the API: a `LomiDroppedFieldWarning` is issued."""


@with_config(STRICT)
class PaymentRequestListParams(TypedDict, total=False):
    """What ``payment_requests.list`` takes."""

    status: Literal["pending", "completed", "failed", "expired", "refunded"] | None
    """Only those with this status."""
    customer_id: Annotated[UUIDString | None, SentAs("customerId")]
    """Only those to this customer: a UUID."""
    customerId: UUIDString | None  # its name on the wire
    """The same, under its name on the wire."""
    limit: PageNumber | None
    """Payment requests a page, from 1. Default 20."""
    offset: Offset | None
    """How many to skip, from 0. Default 0."""
