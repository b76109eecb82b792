"""One function for both clients: `sync_transactions`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, MutableSet
from datetime import datetime, timedelta
from typing import overload

from ._async.client import AsyncLomiClient
from ._async.transaction_sync import AsyncTransactionSync
from ._sync.client import LomiClient
from ._sync.transaction_sync import TransactionSync
from .models.refunds import Refund
from .models.transactions import PaymentTransaction

__all__ = ["sync_transactions"]

_LOOKBACK = timedelta(days=3)


@overload
def sync_transactions(
    client: LomiClient,
    *,
    since: datetime,
    lookback: timedelta = _LOOKBACK,
    seen: MutableSet[tuple[str, str]] | None = None,
) -> Iterator[PaymentTransaction | Refund]: ...
@overload
def sync_transactions(
    client: AsyncLomiClient,
    *,
    since: datetime,
    lookback: timedelta = _LOOKBACK,
    seen: MutableSet[tuple[str, str]] | None = None,
) -> AsyncIterator[PaymentTransaction | Refund]: ...
def sync_transactions(
    client: LomiClient | AsyncLomiClient,
    *,
    since: datetime,
    lookback: timedelta = _LOOKBACK,
    seen: MutableSet[tuple[str, str]] | None = None,
) -> Iterator[PaymentTransaction | Refund] | AsyncIterator[PaymentTransaction | Refund]:
    """Read payments and refunds again, for a nightly reconciliation: yield each status of each once.

    A status changes after the payment was created, and rows have no time of change. So everything created since
    ``since`` less ``lookback`` is read again: transactions of the key's environment, then refunds of both.

    It cannot recover changes of what is older than that window, nor events that are no transactions. What leaves the
    window meanwhile can be missed, since the API reports no totals: the next night's window has it again.

    Args:
        client: Either client; iterate with ``for`` or ``async for``.
        since: When you last did this: an aware datetime.
        lookback: How much further back to begin. Default 3 days; as long as your payments can stay pending.
        seen: The pairs of id and status that you know already; those that come are added. Keep it from night to night
            to get changes only. Default: an empty set of its own.

    Raises:
        LomiValidationError: ``since`` is no aware datetime; nothing was sent.
        LomiAPIError: The API returned an error.
        LomiConnectionError: No response arrived. After an error, iterating goes on with what is missing.

    Examples:
        >>> for item in lomi.sync_transactions(client, since=last_night, seen=known):
        ...     print(type(item).__name__, item.identity, item.status)
    """
    if isinstance(client, LomiClient):
        return TransactionSync(client, since, lookback, seen)
    return AsyncTransactionSync(client, since, lookback, seen)
