"""Refunds: create, list, get."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, overload

from typing_extensions import Unpack

from ..._core.reconcile_result import CannotTell, Found, NotFound
from ...errors import LomiError
from ...models.refunds import CreatedRefund, Refund, RefundListing
from ...params._types import UUIDString
from ...params.refunds import RefundCreateParams, RefundListParams
from ..page import AsyncPage
from ..paginator import AsyncPaginator
from ..reconcile import reconcile
from ._base import AsyncAPIResource

__all__ = ["AsyncRefundsResource"]


class AsyncRefundsResource(AsyncAPIResource):
    """Refunds of completed payments, as ``client.refunds``. Amounts are in whole units of the payment's currency."""

    _segment_types: ClassVar[Mapping[str, Any]] = {"id": UUIDString}

    @overload
    async def create(self, params: RefundCreateParams, /) -> CreatedRefund: ...
    @overload
    async def create(self, /, **params: Unpack[RefundCreateParams]) -> CreatedRefund: ...
    async def create(self, params: RefundCreateParams | None = None, /, **fields: Any) -> CreatedRefund:
        """Refund a completed payment by card or by Wave, in full or in part, and return the refund.

        - Two refunds can happen: the API honours no ``Idempotency-Key`` here, and does not add up earlier refunds.
          So it is sent at most once if the first may have arrived. Before you repeat it, look into `list`.
        - After most 400 errors ``outcome`` is ``"unknown"``: a partial refund by Wave sends the money first.
        - A `LomiRefundLedgerError` means that the money has moved: never repeat it.
        - Payments by MTN, SPI, bank or BNPL cannot be refunded.
        - A partial refund by Wave needs a customer with a phone number. The refund costs a fee besides.

        Args:
            params: The fields as a mapping, instead of keywords. See `RefundCreateParams`.
            **fields: The fields of `RefundCreateParams` as keywords; ``transaction_id`` and ``amount`` are required.

        Raises:
            LomiValidationError: A field is missing or not valid; nothing was sent.
            LomiNotFoundError: There is no such transaction.
            LomiBadRequestError: It cannot be refunded; ``outcome`` shows whether money may have moved.
            LomiRefundLedgerError: The card processor has refunded it, but lomi. has not recorded it yet.
            LomiServerError: The API failed; the refund may have happened.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived; ``outcome`` shows whether the refund may have happened.

        Examples:
            >>> refund = await client.refunds.create(transaction_id=transaction.transaction_id, amount=5000)
        """
        body = (RefundCreateParams, params, fields)
        return await self._send("refunds.create", "POST", "/refunds", CreatedRefund, body=body)

    async def reconcile(
        self, error: LomiError, *, grace_period: float = 5.0
    ) -> Found[Refund] | NotFound | CannotTell[Refund]:
        """Return whether a failed `create` was carried out: `Found`, `NotFound` or `CannotTell`, never None.

        It reads the refunds since then, and compares what was sent with what was created during the attempt.

        - Equal partial refunds are legitimate, and a refund keeps no reference of yours: two that match cannot be told
          apart, nor can another program's from yours.
        - After an error of the API a missing refund proves nothing: a partial refund by Wave sends the money first.
        - `NotFound` is no licence to repeat it, unless ``is_certain``: the request can arrive later. A person decides.
        - If nothing is found at once, it looks again when the ``grace_period`` is over.

        Args:
            error: The error that was raised; it may come from another process, pickled.
            grace_period: Seconds after the end of the attempt during which it may still be carried out, from 0.

        Raises:
            LomiValidationError: The error is not of such a create, or of a client with another base URL or account.
            LomiAPIError: The API returned an error to the search.
            LomiConnectionError: No response arrived.

        Examples:
            >>> match await client.refunds.reconcile(error):
            ...     case lomi.Found(refund):
            ...         print(refund.identity)
            ...     case lomi.NotFound(is_certain=True):
            ...         print("it can be repeated")
            ...     case doubt:
            ...         print("a person has to look", doubt)
        """
        return await reconcile(self._client, error, grace_period, "refunds", "/refunds")

    def list(self, **params: Unpack[RefundListParams]) -> AsyncPaginator[AsyncPage[Refund], Refund]:
        """List refunds. Iterate the result for all of them, whatever the number of pages.

        The API reports neither a total nor an environment: test and live objects mix.

        Args:
            **params: The fields of `RefundListParams`: ``status``, ``start_date``, ``end_date``, ``limit``, ``offset``.

        Raises:
            LomiValidationError: An argument is out of range or not one of the known values; nothing was sent.
            TypeError: A field was passed under both of its names.
            LomiAPIError: The API returned an error.
            LomiConnectionError: No response arrived.
        """
        query = (RefundListParams, None, params)
        return self._list("refunds.list", "/refunds", RefundListing, AsyncPage[Refund], query)

    async def get(self, id: str) -> Refund:
        """Return one refund.

        Args:
            id: The refund's id, a UUID.

        Raises:
            LomiValidationError: The id is not a UUID; nothing was sent.
            LomiNotFoundError: There is no such refund.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived.
        """
        return await self._send("refunds.get", "GET", "/refunds/{id}", Refund, unwrap_data=True, id=id)
