"""Reading a window of transactions and refunds again, for a nightly reconciliation."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, MutableSet
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from .._core.validation import field_errors, raise_if_invalid
from .._i18n.language import Message
from ..errors import FieldError, LomiError
from ..models.refunds import Refund
from ..models.transactions import PaymentTransaction
from ..params._types import MomentObject

if TYPE_CHECKING:
    from .client import LomiClient as BaseClient

__all__ = ["TransactionSync"]

_PAGE_SIZE = 100


class TransactionSync(Iterator[PaymentTransaction | Refund]):
    """Yields the transactions of a window, then its refunds: each status of each once. See `sync_transactions`."""

    # No generator: one that is left early warns under trio, and ends at an error.
    def __init__(
        self, client: BaseClient, since: datetime, lookback: timedelta, seen: MutableSet[tuple[str, str]] | None
    ) -> None:
        problems = field_errors("since", MomentObject, since)
        given: object = lookback
        if not isinstance(given, timedelta) or given < timedelta(0):
            hint = Message("such as {}", "timedelta(days=3)")
            problems.append(FieldError("lookback", Message("is not a timedelta from 0"), hint))
        raise_if_invalid("sync_transactions", problems)
        start = since - lookback
        self._seen = set[tuple[str, str]]() if seen is None else seen
        self._listings: deque[Callable[[], Any]] = deque(
            [
                lambda: client.transactions.list(start_date=start, page_size=_PAGE_SIZE),
                lambda: client.refunds.list(start_date=start, limit=_PAGE_SIZE),
            ]
        )
        self._items: Any = None
        self._yielded: tuple[str, str] | None = None

    @override
    def __next__(self) -> PaymentTransaction | Refund:
        if self._yielded is not None:  # the caller came back for more, so the last one is dealt with
            self._seen.add(self._yielded)
            self._yielded = None
        while self._listings:
            try:
                if self._items is None:
                    self._items = self._listings[0]().__iter__()
                item: PaymentTransaction | Refund = self._items.__next__()
            except StopIteration:
                self._items = None
                self._listings.popleft()
                continue
            except LomiError:
                # Another try reads this listing from its start: what is known does not come again.
                self._items = None
                raise
            key = (str(item.identity), item.status or "")
            if key not in self._seen:
                self._yielded = key
                return item
        raise StopIteration
