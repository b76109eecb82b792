"""What the methods of payment links take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import with_config
from typing_extensions import Required, TypedDict

from .._i18n.language import Message
from ..errors import FieldError
from ._base import STRICT, Flag, Metadata, NonBlank, PageNumber, SentAs, Text
from ._rules import Dropped, fits_currency, refuse_card_data, rules
from ._types import AbsoluteURL, Amount, AwareDatetime, Currency3, LinkType, Offset, QueryFlag, UUIDString

__all__ = ["PaymentLinkCreateParams", "PaymentLinkListParams"]

# What each type of link needs, and what is not for it.
_NEEDS = {"instant": "amount", "product": "product_id"}
_NOT_FOR = {"instant": ("product_id", "price_id"), "product": ("amount",)}


def _link_type(values: Mapping[str, Any]) -> Iterable[FieldError]:
    kind: str = values["link_type"]
    needed = _NEEDS[kind]
    if needed not in values:
        yield FieldError(needed, Message("is required for a link of the type {}", kind), Message("pass {}", needed))
    for name in _NOT_FOR[kind]:
        if name in values:
            hint = Message("leave it out, or pass the other link_type")
            yield FieldError(name, Message("is not for a link of the type {}", kind), hint)


def _metadata(values: Mapping[str, Any]) -> Iterable[Dropped]:
    if "metadata" in values:
        yield Dropped("metadata", "is dropped by the API: a payment link keeps none")


@rules(_link_type, fits_currency("amount"), refuse_card_data, _metadata)
@with_config(STRICT)
class PaymentLinkCreateParams(TypedDict, total=False):
    """What ``payment_links.create`` takes: an amount for an instant link, a product for a product link."""

    link_type: Required[LinkType]
    """``"instant"`` for a fixed amount, ``"product"`` for the price of a product."""
    title: Required[NonBlank]
    """What the page shows as its title, not blank."""
    currency_code: Required[Currency3]
    """``"XOF"``, ``"USD"`` or ``"EUR"``."""
    amount: Amount | None
    """What is to be paid before fees, in whole currency units; for an instant link, and only for that."""
    product_id: UUIDString | None
    """The product that is sold; for a product link, and only for that."""
    price_id: UUIDString | None
    """One of the prices of the product; for a product link only."""
    description: Text | None
    """What the page shows below the title."""
    allow_coupon_code: Flag | None
    """Whether the payer can enter a coupon. The API's default is False."""
    allow_quantity: Flag | None
    """Whether the payer can choose how many. The API's default is False."""
    require_billing_address: Flag | None
    """Whether the payer has to give an address. The API's default is True, unlike for checkout sessions."""
    expires_at: AwareDatetime | None
    """Until when it can be paid. Default: for ever."""
    success_url: AbsoluteURL | None
    """Where the payer goes after paying."""
    cancel_url: AbsoluteURL | None
    """Where the payer goes after giving up."""
    metadata: Metadata | None
    """Accepted, and dropped by the API: a `LomiDroppedFieldWarning` is issued."""


@with_config(STRICT)
class PaymentLinkListParams(TypedDict, total=False):
    """What ``payment_links.list`` takes."""

    link_type: Annotated[LinkType | None, SentAs("linkType")]
    """Only those of this type."""
    linkType: LinkType | None  # its name on the wire
    """The same, under its name on the wire."""
    is_active: Annotated[QueryFlag | None, SentAs("isActive")]
    """Only those that can be paid, or only those that cannot."""
    isActive: QueryFlag | None  # its name on the wire
    """The same, under its name on the wire."""
    limit: PageNumber | None
    """Links a page, from 1. Default 20."""
    offset: Offset | None
    """How many to skip, from 0. Default 0."""
