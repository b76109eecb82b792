"""Payouts: create, list, get."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, overload

from typing_extensions import Unpack

from ..._core.reconcile_result import CannotTell, Found, NotFound
from ...errors import LomiError
from ...models.payouts import CreatedPayout, Payout, PayoutListing
from ...params._types import UUIDString
from ...params.payouts import PayoutCreateParams, PayoutListParams
from ..page import Page
from ..reconcile import reconcile
from ._base import APIResource

__all__ = ["PayoutsResource"]


class PayoutsResource(APIResource):
    """Money sent out, as ``client.payouts``. Amounts are in whole currency units."""

    _segment_types: ClassVar[Mapping[str, Any]] = {"id": UUIDString}

    @overload
    def create(self, params: PayoutCreateParams, /) -> CreatedPayout: ...
    @overload
    def create(self, /, **params: Unpack[PayoutCreateParams]) -> CreatedPayout: ...
    def create(self, params: PayoutCreateParams | None = None, /, **fields: Any) -> CreatedPayout:
        """Send money out, to a payout method of your own or to a beneficiary, and return what was started.

        - With a test key a payout by bank or SPI may move real money: the API passes no environment on. Payouts by
          Wave are refused in test.
        - Two payouts can happen: the API honours no ``Idempotency-Key`` here. So it is sent at most once if the first
          may have arrived. Before you repeat it, look into `list`.
        - A withdrawal to a bank account returns no ``payout_id``: find it with `list`.
        - No webhook is sent when its status changes: poll `get`. A completed payout can still fail at settlement.
        - Payout methods are registered on the dashboard. A payout cannot be cancelled.

        Args:
            params: The fields as a mapping, instead of keywords. See `PayoutCreateParams`.
            **fields: The fields of `PayoutCreateParams` as keywords; ``destination``, ``rail``, ``amount`` and
                ``currency_code`` are required, and ``payout_method_id`` or ``recipient`` by where it goes.

        Raises:
            LomiValidationError: A field is missing or not valid; nothing was sent.
            LomiBadRequestError: The API refused it, for instance since the balance is too low.
            LomiServerError: The API failed; the payout may have happened.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived; ``outcome`` shows whether the payout may have happened.

        Examples:
            >>> payout = client.payouts.create(
            ...     destination="beneficiary",
            ...     rail="wave",
            ...     amount=15000,
            ...     currency_code="XOF",
            ...     recipient={"name": "Ibou Fall", "phone": "+221770000002"},
            ... )
        """
        body = (PayoutCreateParams, params, fields)
        return self._send("payouts.create", "POST", "/payouts", CreatedPayout, body=body)

    def reconcile(
        self, error: LomiError, *, grace_period: float = 5.0
    ) -> Found[Payout] | NotFound | CannotTell[Payout]:
        """Return whether a failed `create` was carried out: `Found`, `NotFound` or `CannotTell`, never None.

        It reads the payouts since then, and compares what was sent with what was created during the attempt.

        - Equal payouts are legitimate, and a payout keeps no reference of yours.
        - A payout does not show its recipient, so that one to a recipient is at most a candidate of `CannotTell`.
        - With a test key, payouts to beneficiaries are not listed.
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
            >>> match client.payouts.reconcile(error):
            ...     case lomi.Found(payout):
            ...         print(payout.identity)
            ...     case lomi.NotFound(is_certain=True):
            ...         print("it can be repeated")
            ...     case doubt:
            ...         print("a person has to look", doubt)
        """
        return reconcile(self._client, error, grace_period, "payouts", "/payouts")

    def list(self, **params: Unpack[PayoutListParams]) -> Page[Payout]:
        """List payouts. Iterate the result for all of them, whatever the number of pages.

        Each page has withdrawals, then payouts to beneficiaries, up to ``page_size`` of each. With a test key there
        are withdrawals only.

        Args:
            **params: The fields of `PayoutListParams`: ``status`` (one or several), ``start_date``, ``end_date``,
                ``page``, ``page_size``.

        Raises:
            LomiValidationError: An argument is out of range or not one of the known values; nothing was sent.
            TypeError: A field was passed under both of its names.
            LomiAPIError: The API returned an error.
            LomiConnectionError: No response arrived.
        """
        query = (PayoutListParams, None, params)
        return self._list("payouts.list", "/payouts", PayoutListing, Page[Payout], query)

    def get(self, id: str) -> Payout:
        """Return one payout.

        Args:
            id: The payout's id, a UUID.

        Raises:
            LomiValidationError: The id is not a UUID; nothing was sent.
            LomiNotFoundError: There is no such payout.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived.
        """
        return self._send("payouts.get", "GET", "/payouts/{id}", Payout, unwrap_data=True, id=id)
