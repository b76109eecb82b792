"""What the methods of charges take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import with_config
from typing_extensions import Required, TypedDict

from .._i18n.language import Message
from ..errors import FieldError
from ._base import STRICT, EmailAddress, Metadata, NonBlank, SentAs, Text
from ._rules import Dropped, fits_currency, refuse_card_data, require_one_of, rules
from ._types import AbsoluteURL, Amount, Currency3, MtnCountryCode, NotNegative, PhoneNumber, Quantity, UUIDString

__all__ = ["CardChargeParams", "ChargeCustomerParams", "MtnChargeParams", "MtnCustomerParams", "WaveChargeParams"]

_CUSTOMER_NAMES = {"phone_number": "phoneNumber"}


@rules(names=_CUSTOMER_NAMES)
@with_config(STRICT)
class ChargeCustomerParams(TypedDict, total=False):
    """Who pays by Wave. lomi. creates or updates a customer, whose country becomes ``CI``."""

    name: Required[NonBlank]
    """Full name, not blank."""
    email: EmailAddress | None
    """E-mail address."""
    phone_number: PhoneNumber | None
    """Phone number, such as +2250700000003. Without one, the payment cannot be refunded in part."""
    phoneNumber: PhoneNumber | None  # its name on the wire
    """The same, under its name on the wire."""


@rules(require_one_of("phoneNumber"), names=_CUSTOMER_NAMES)
@with_config(STRICT)
class MtnCustomerParams(TypedDict, total=False):
    """Who pays by MTN. lomi. creates or updates a customer."""

    name: Required[NonBlank]
    """Full name, not blank."""
    email: EmailAddress | None
    """E-mail address."""
    phone_number: PhoneNumber
    """The phone that the payer approves the payment on, such as +2250500000004; required."""
    phoneNumber: PhoneNumber  # its name on the wire
    """The same, under its name on the wire."""


@rules(fits_currency("amount", currency="currency"))
@with_config(STRICT)
class WaveChargeParams(TypedDict, total=False):
    """What ``charges.create_wave_charge`` takes: an amount, a currency and a customer at least."""

    amount: Required[Amount]
    """What is to be paid, in whole currency units; documented from 100."""
    currency: Required[Literal["XOF"]]
    """``"XOF"``, the only currency of Wave. It is not called ``currency_code`` here."""
    customer: Required[ChargeCustomerParams]
    """Who pays."""
    description: Text | None
    """What it is for. Nothing else of yours is kept on the transaction: there is no metadata."""
    success_url: Annotated[AbsoluteURL | None, SentAs("successUrl")]
    """Where the payer goes after paying. Default: a page of lomi.'s."""
    successUrl: AbsoluteURL | None  # its name on the wire
    """The same, under its name on the wire."""
    error_url: Annotated[AbsoluteURL | None, SentAs("errorUrl")]
    """Where the payer goes when it failed. Default: a page of lomi.'s."""
    errorUrl: AbsoluteURL | None  # its name on the wire
    """The same, under its name on the wire."""


@rules(fits_currency("amount", currency="currency"))
@with_config(STRICT)
class MtnChargeParams(TypedDict, total=False):
    """What ``charges.create_mtn_charge`` takes: an amount, a currency and a customer at least."""

    amount: Required[Amount]
    """The price of one, in whole currency units: the payer is asked for ``amount`` times ``quantity``."""
    currency: Required[Currency3]
    """``"XOF"``, ``"USD"`` or ``"EUR"``. It is not called ``currency_code`` here."""
    customer: Required[MtnCustomerParams]
    """Who pays, with a phone number."""
    description: Text | None
    """What it is for. Nothing else of yours is kept on the transaction: there is no metadata."""
    country_code: Annotated[MtnCountryCode | None, SentAs("countryCode")]
    """The payer's country. Default ``"CI"``, which the API also takes every unknown code for."""
    countryCode: MtnCountryCode | None  # its name on the wire
    """The same, under its name on the wire."""
    product_id: Annotated[UUIDString | None, SentAs("productId")]
    """The product that is paid for."""
    productId: UUIDString | None  # its name on the wire
    """The same, under its name on the wire."""
    subscription_id: Annotated[UUIDString | None, SentAs("subscriptionId")]
    """The subscription that is paid for."""
    subscriptionId: UUIDString | None  # its name on the wire
    """The same, under its name on the wire."""
    quantity: Quantity | None
    """How many, from 1. Default 1. It multiplies the amount."""


def _one_currency(values: Mapping[str, Any]) -> Iterable[FieldError]:
    one, other = "currency_code", "currency"
    if one in values and other in values:
        yield FieldError(other, Message("is there twice"), Message("pass only {}", one))


def _payer(values: Mapping[str, Any]) -> Iterable[FieldError]:
    if "customer_id" not in values:
        for name in ("customer_email", "customer_name"):
            if name not in values:
                yield FieldError(name, Message("is required without customer_id"), Message("pass {}", name))


def _whole_francs(values: Mapping[str, Any]) -> Iterable[FieldError | Dropped]:
    currency = "currency" if "currency" in values else "currency_code"
    return fits_currency("amount", currency=currency, default="XOF")(values)


@rules(_one_currency, _payer, _whole_francs, refuse_card_data)
@with_config(STRICT)
class CardChargeParams(TypedDict, total=False):
    """What ``charges.create_card_charge`` takes: an amount, and a customer or an e-mail address with a name."""

    amount: Required[Amount]
    """What is to be paid, in whole currency units. ``quantity`` does not multiply it."""
    currency_code: Currency3 | None
    """``"XOF"``, ``"USD"`` or ``"EUR"``. The API's default is ``"XOF"``."""
    currency: Currency3 | None
    """Another name of ``currency_code``; pass one of them."""
    customer_id: UUIDString | None
    """The paying customer: a UUID. The API does not check whose customer it is."""
    customer_email: EmailAddress | None
    """The payer's e-mail address; required without ``customer_id``."""
    customer_name: NonBlank | None
    """The payer's name; required without ``customer_id``."""
    customer_phone: Text | None
    """The payer's phone number, such as +221771234567."""
    description: Text | None
    """What it is for."""
    payment_reference: Text | None
    """Your own number, such as that of an order. Only the card processor keeps it."""
    product_id: UUIDString | None
    """The product that is paid for."""
    subscription_id: UUIDString | None
    """The subscription that is paid for."""
    quantity: Quantity | None
    """How many, from 1. Default 1."""
    metadata: Metadata | None
    """Your own key-value pairs, at most 50 of 500 characters. Keys that lomi. uses itself, such as ``organization_id``
    and ``customer_id``, are overwritten by yours: avoid them."""
    appearance_theme: Literal["light", "dark", "flat", "stripe", "night"] | None
    """How the card form looks: ``"light"``, ``"dark"`` or ``"flat"``."""
    appearance_border_radius: NotNegative | None
    """In pixels, from 0."""
    appearance_billing_address: Literal["auto", "never"] | None
    """Whether the card form asks for an address: ``"auto"`` or ``"never"``."""
