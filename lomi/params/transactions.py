"""What the methods of transactions take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import with_config
from typing_extensions import TypedDict

from ._base import STRICT, PageNumber, SentAs
from ._types import AwareDatetime, Currency3, QueryFlag, comma_separated

__all__ = ["TransactionListParams"]

_Status = Literal["pending", "completed", "failed", "refunded", "expired"]
_Statuses = comma_separated("pending", "completed", "failed", "refunded", "expired")
_Type = Literal["payment", "instalment"]
_Types = comma_separated("payment", "instalment")
_Currencies = comma_separated("XOF", "USD", "EUR")
_Method = Literal["CARDS", "MOBILE_MONEY", "BANK_TRANSFER", "BNPL", "FREE"]
_Methods = comma_separated("CARDS", "MOBILE_MONEY", "BANK_TRANSFER", "BNPL", "FREE")


@with_config(STRICT)
class TransactionListParams(TypedDict, total=False):
    """What ``transactions.list`` takes."""

    provider: Literal["WAVE", "JUMBO", "MTN", "STRIPE", "SPI", "CYBERSOURCE", "FREE"] | None
    """Only those of this provider; ``"STRIPE"`` stands for all cards."""
    status: Annotated[_Status | Sequence[_Status], _Statuses] | None
    """Only those with this status, or one of these."""
    type: Annotated[_Type | Sequence[_Type], _Types] | None
    """Only those of this type, or one of these."""
    currency: Annotated[Currency3 | Sequence[Currency3], _Currencies] | None
    """Only those in this currency, or one of these."""
    payment_method: Annotated[Annotated[_Method | Sequence[_Method], _Methods] | None, SentAs("paymentMethod")]
    """Only those paid in this way, or one of these."""
    paymentMethod: Annotated[_Method | Sequence[_Method], _Methods] | None  # its name on the wire
    """The same, under its name on the wire."""
    start_date: Annotated[AwareDatetime | None, SentAs("startDate")]
    """Only those created from this moment on."""
    startDate: AwareDatetime | None  # its name on the wire
    """The same, under its name on the wire."""
    end_date: Annotated[AwareDatetime | None, SentAs("endDate")]
    """Only those created up to this moment."""
    endDate: AwareDatetime | None  # its name on the wire
    """The same, under its name on the wire."""
    is_pos: Annotated[QueryFlag | None, SentAs("isPos")]
    """Only those at a point of sale, or only the others."""
    isPos: QueryFlag | None  # its name on the wire
    """The same, under its name on the wire."""
    page: PageNumber | None
    """The first page to read, from 1. Default 1."""
    page_size: Annotated[PageNumber | None, SentAs("pageSize")]
    """Transactions a page, from 1. Default 50."""
    pageSize: PageNumber | None  # its name on the wire
    """The same, under its name on the wire."""
