"""Transactions: list, get, and what of them can still be refunded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from typing_extensions import Unpack

from ..._core.refundable import is_refundable, remainder
from ...models.transactions import PaymentTransaction, PaymentTransactionListing
from ...money import Money
from ...params._types import UUIDString
from ...params.transactions import TransactionListParams
from ..page import Page
from ._base import APIResource
from .refunds import RefundsResource

__all__ = ["TransactionsResource"]


class TransactionsResource(APIResource):
    """Payments, as ``client.transactions``. Amounts are in whole currency units."""

    _segment_types: ClassVar[Mapping[str, Any]] = {"id": UUIDString}

    def list(self, **params: Unpack[TransactionListParams]) -> Page[PaymentTransaction]:
        """List payments of the key's environment. Iterate the result for all of them, whatever the number of pages.

        The API reports no total. Its rows have other fields than `get`: see `PaymentTransaction`.

        Args:
            **params: The fields of `TransactionListParams`: ``provider``, ``status``, ``type``, ``currency``,
                ``payment_method`` (each of the last four one or several), ``start_date``, ``end_date``, ``is_pos``,
                ``page``, ``page_size``.

        Raises:
            LomiValidationError: An argument is out of range or not one of the known values; nothing was sent.
            TypeError: A field was passed under both of its names.
            LomiAPIError: The API returned an error.
            LomiConnectionError: No response arrived.

        Examples:
            >>> for transaction in client.transactions.list(status=["completed", "refunded"]):
            ...     print(transaction.transaction_id, transaction.money)
        """
        query = (TransactionListParams, None, params)
        page = Page[PaymentTransaction]
        return self._list("transactions.list", "/transactions", PaymentTransactionListing, page, query)

    def get(self, id: str) -> PaymentTransaction:
        """Return one payment, of either environment.

        Args:
            id: The transaction's id, a UUID.

        Raises:
            LomiValidationError: The id is not a UUID; nothing was sent.
            LomiNotFoundError: There is no such transaction.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived.
        """
        return self._send("transactions.get", "GET", "/transactions/{id}", PaymentTransaction, id=id)

    def get_refundable(self, id: str) -> Money:
        """Return how much of a payment can still be refunded: what was paid, less the refunds that have not failed.

        It is zero for a payment that is not completed, and for one that the API cannot refund: only those by card and
        by Wave can be. A fraction of the smallest unit, which the API may hold, is rounded down. The API cannot list
        the refunds of one transaction, so all since the payment are read.

        Args:
            id: The transaction's id, a UUID.

        Raises:
            LomiValidationError: The id is not a UUID; or the payment lacks an amount or a currency.
            LomiNotFoundError: There is no such transaction.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived.
        """
        transaction = self.get(id)
        if not is_refundable(transaction):
            return transaction.money * 0
        refunds = RefundsResource(self._client).list(start_date=transaction.created_at, limit=100)
        mine = [refund for refund in refunds if refund.transaction_id == transaction.transaction_id]
        return remainder(transaction, mine)
