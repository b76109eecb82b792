"""What the methods of payouts take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import with_config
from typing_extensions import Required, TypedDict

from .._i18n.language import Message
from ..errors import FieldError
from ._base import STRICT, Metadata, NonBlank, PageNumber, SentAs, Text
from ._rules import Dropped, fits_currency, refuse_card_data, rules
from ._types import (
    Amount,
    AwareDatetime,
    Currency3,
    Destination,
    PhoneNumber,
    Rail,
    UUIDString,
    comma_separated,
)

__all__ = ["PayoutCreateParams", "PayoutListParams", "PayoutRecipientParams"]

_Status = Literal["pending", "processing", "completed", "failed"]
_Statuses = comma_separated("pending", "processing", "completed", "failed")


@with_config(STRICT)
class PayoutRecipientParams(TypedDict):
    """Who gets a payout by Wave."""

    name: NonBlank
    """Full name, not blank."""
    phone: PhoneNumber
    """Phone number, such as +221771234567."""


def _check_destination(values: Mapping[str, Any]) -> Iterable[FieldError | Dropped]:
    destination, rail = values["destination"], values["rail"]
    to_method = destination == "self" or rail == "spi"
    needed = "payout_method_id" if to_method else "recipient" if rail == "wave" else None
    if needed is not None and needed not in values:
        problem = Message("is required for a payout to {} by {}", destination, rail)
        yield FieldError(needed, problem, Message("pass {}", needed))
    if "recipient" in values and destination == "self":
        problem = Message("is not for a payout to {}", destination)
        yield FieldError("recipient", problem, Message("the money would go to your own payout method"))
    elif "recipient" in values and to_method:
        problem = Message("is not for a payout to {} by {}", destination, rail)
        yield FieldError("recipient", problem, Message("the money would go to the payout method"))
    if "payout_method_id" in values and needed == "recipient":
        yield Dropped("payout_method_id", "is dropped by the API: the money goes to the recipient")
    if "reason" in values and rail != "wave":
        yield Dropped("reason", "is dropped by the API: only payouts by Wave have one")
    if "metadata" in values and destination == "self" and rail in ("bank", "spi"):
        yield Dropped("metadata", "is dropped by the API: withdrawals by bank or SPI keep none")


@rules(_check_destination, fits_currency("amount"), refuse_card_data)
@with_config(STRICT)
class PayoutCreateParams(TypedDict, total=False):
    """What ``payouts.create`` takes: where the money goes, by which rail, how much, and to which method or person."""

    destination: Required[Destination]
    """``"self"``: to a payout method of your own; ``"beneficiary"``: to someone else."""
    rail: Required[Rail]
    """``"wave"``, ``"spi"`` or ``"bank"``; the API refuses ``"mtn"``, and ``"bank"`` to beneficiaries."""
    amount: Required[Amount]
    """How much, in whole currency units."""
    currency_code: Required[Currency3]
    """``"XOF"``, ``"USD"`` or ``"EUR"``."""
    payout_method_id: UUIDString | None
    """A payout method that is registered on the dashboard; to yourself, and to beneficiaries by SPI."""
    recipient: PayoutRecipientParams | None
    """Name and phone number; to beneficiaries by Wave."""
    reason: Text | None
    """What it is for; by Wave only."""
    metadata: Metadata | None
    """Your own key-value pairs; dropped by the API for withdrawals by bank or SPI."""


@with_config(STRICT)
class PayoutListParams(TypedDict, total=False):
    """What ``payouts.list`` takes."""

    status: Annotated[_Status | Sequence[_Status], _Statuses] | None
    """Only those with this status, or one of these."""
    start_date: Annotated[AwareDatetime | None, SentAs("startDate")]
    """Only those created from this moment on."""
    startDate: AwareDatetime | None  # its name on the wire
    """The same, under its name on the wire."""
    end_date: Annotated[AwareDatetime | None, SentAs("endDate")]
    """Only those created up to this moment."""
    endDate: AwareDatetime | None  # its name on the wire
    """The same, under its name on the wire."""
    page: PageNumber | None
    """The first page to read, from 1. Default 1."""
    page_size: Annotated[PageNumber | None, SentAs("pageSize")]
    """Payouts of each kind a page, from 1. Default 50; a page can have twice as many."""
    pageSize: PageNumber | None  # its name on the wire
    """The same, under its name on the wire."""
