"""Payment requests: create, list, get."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, ClassVar, overload

from typing_extensions import Unpack

from ...models.payment_requests import PaymentRequest, PaymentRequestListing
from ...params._types import UUIDString
from ...params.payment_requests import PaymentRequestCreateParams, PaymentRequestListParams
from ..page import Page
from ._base import APIResource

__all__ = ["PaymentRequestsResource"]


class PaymentRequestsResource(APIResource):
    """Requests to one customer to pay, as ``client.payment_requests``. Amounts are in whole currency units."""

    _segment_types: ClassVar[Mapping[str, Any]] = {"id": UUIDString}

    @overload
    def create(
        self, params: PaymentRequestCreateParams, /, *, idempotency_key: str | None = None
    ) -> PaymentRequest: ...
    @overload
    def create(
        self, /, *, idempotency_key: str | None = None, **params: Unpack[PaymentRequestCreateParams]
    ) -> PaymentRequest: ...
    def create(
        self, params: PaymentRequestCreateParams | None = None, /, *, idempotency_key: str | None = None, **fields: Any
    ) -> PaymentRequest:
        """Ask a customer to pay, and return the payment request with its ``payment_link``.

        - It cannot be cancelled: it is open until ``expiry_date``.
        - An ``Idempotency-Key`` makes the call safe to repeat, so it is retried like a read. The key is minted here,
          or yours; after an error it is ``error.idempotency_key``. The same key with other fields is a 409.
        - The API drops ``metadata``: a `LomiDroppedFieldWarning` is issued. Use ``payment_reference``.

        Args:
            params: The fields as a mapping, instead of keywords. See `PaymentRequestCreateParams`.
            idempotency_key: Your own key for this request, 1 to 255 characters. Default: a new UUID.
            **fields: The fields of `PaymentRequestCreateParams` as keywords; ``amount``, ``currency_code`` and
                ``expiry_date`` are required.

        Raises:
            LomiValidationError: A field is not valid; nothing was sent.
            LomiConflictError: The key was used with other fields.
            LomiServerError: The API failed, or refused a field: it returns a 500 for what its database refuses.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived.

        Examples:
            >>> tomorrow = datetime.now(timezone.utc) + timedelta(days=1)
            >>> request = client.payment_requests.create(
            ...     amount=120000, currency_code="XOF", expiry_date=tomorrow, payment_reference="RENT-01"
            ... )
        """
        key = str(uuid.uuid4()) if idempotency_key is None else idempotency_key
        body = (PaymentRequestCreateParams, params, fields)
        return self._send(
            "payment_requests.create", "POST", "/payment-requests", PaymentRequest, body=body, idempotency_key=key
        )

    def list(self, **params: Unpack[PaymentRequestListParams]) -> Page[PaymentRequest]:
        """List payment requests. Iterate the result for all of them, whatever the number of pages.

        Those of test and live mix: look at ``environment``. ``page["total"]`` is only how many are on that page.

        Args:
            **params: The fields of `PaymentRequestListParams`: ``status``, ``customer_id``, ``limit``, ``offset``.

        Raises:
            LomiValidationError: An argument is out of range or not one of the known values; nothing was sent.
            TypeError: Both ``customer_id`` and ``customerId`` were passed.
            LomiAPIError: The API returned an error.
            LomiConnectionError: No response arrived.
        """
        query = (PaymentRequestListParams, None, params)
        page = Page[PaymentRequest]
        return self._list("payment_requests.list", "/payment-requests", PaymentRequestListing, page, query)

    def get(self, id: str) -> PaymentRequest:
        """Return one payment request.

        Args:
            id: The payment request's id, a UUID.

        Raises:
            LomiValidationError: The id is not a UUID; nothing was sent.
            LomiNotFoundError: There is no such payment request, or the API's database failed.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived.
        """
        return self._send("payment_requests.get", "GET", "/payment-requests/{id}", PaymentRequest, id=id)
