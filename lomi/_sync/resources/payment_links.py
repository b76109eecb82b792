"""Payment links: create, list, get."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, overload

from typing_extensions import Unpack

from ..._core.reconcile_result import CannotTell, Found, NotFound
from ...errors import LomiError
from ...models.payment_links import PaymentLink, PaymentLinkListing
from ...params._types import UUIDString
from ...params.payment_links import PaymentLinkCreateParams, PaymentLinkListParams
from ..page import Page
from ..reconcile import reconcile
from ._base import APIResource

__all__ = ["PaymentLinksResource"]


class PaymentLinksResource(APIResource):
    """Pay pages to share, as ``client.payment_links``. Amounts are in whole currency units."""

    _segment_types: ClassVar[Mapping[str, Any]] = {"id": UUIDString}

    @overload
    def create(self, params: PaymentLinkCreateParams, /) -> PaymentLink: ...
    @overload
    def create(self, /, **params: Unpack[PaymentLinkCreateParams]) -> PaymentLink: ...
    def create(self, params: PaymentLinkCreateParams | None = None, /, **fields: Any) -> PaymentLink:
        """Create a payment link, and return it with its ``url``.

        - It can be paid many times. The API has no call to change or switch it off: that is done on the dashboard.
        - It is sent at most once if the first may have arrived: the API honours no ``Idempotency-Key`` here.
        - A 404 does not mean that it was not created: the API also returns 404 when it fails to read the link back.
        - The API drops ``metadata``: a `LomiDroppedFieldWarning` is issued.

        Args:
            params: The fields as a mapping, instead of keywords. See `PaymentLinkCreateParams`.
            **fields: The fields of `PaymentLinkCreateParams` as keywords; ``link_type``, ``title`` and
                ``currency_code`` are required, and ``amount`` or ``product_id`` by the type.

        Raises:
            LomiValidationError: A field is not valid or not for this type of link; nothing was sent.
            LomiNotFoundError: The link may exist; its ``outcome`` is ``"unknown"``.
            LomiServerError: The API failed, or refused a field; the link may exist.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived; ``outcome`` shows whether the link may exist.

        Examples:
            >>> link = client.payment_links.create(
            ...     link_type="instant", title="Workshop deposit", amount=50000, currency_code="XOF"
            ... )
        """
        body = (PaymentLinkCreateParams, params, fields)
        return self._send("payment_links.create", "POST", "/payment-links", PaymentLink, body=body)

    def reconcile(
        self, error: LomiError, *, grace_period: float = 5.0
    ) -> Found[PaymentLink] | NotFound | CannotTell[PaymentLink]:
        """Return whether a failed `create` was carried out: `Found`, `NotFound` or `CannotTell`, never None.

        It reads all payment links, and compares what was sent with what was created during the attempt.

        - A link keeps no reference of yours: give each a title of its own, or equal ones cannot be told apart.
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
            >>> match client.payment_links.reconcile(error):
            ...     case lomi.Found(link):
            ...         print(link.identity)
            ...     case lomi.NotFound(is_certain=True):
            ...         print("it can be repeated")
            ...     case doubt:
            ...         print("a person has to look", doubt)
        """
        return reconcile(self._client, error, grace_period, "payment_links", "/payment-links")

    def list(self, **params: Unpack[PaymentLinkListParams]) -> Page[PaymentLink]:
        """List payment links. Iterate the result for all of them, whatever the number of pages.

        Those of test and live mix: look at ``environment``. ``page["total"]`` is only how many are on that page.

        Args:
            **params: The fields of `PaymentLinkListParams`: ``link_type``, ``is_active``, ``limit``, ``offset``.

        Raises:
            LomiValidationError: An argument is out of range or not one of the known values; nothing was sent.
            TypeError: A field was passed under both of its names.
            LomiAPIError: The API returned an error.
            LomiConnectionError: No response arrived.
        """
        query = (PaymentLinkListParams, None, params)
        return self._list("payment_links.list", "/payment-links", PaymentLinkListing, Page[PaymentLink], query)

    def get(self, id: str) -> PaymentLink:
        """Return one payment link.

        Args:
            id: The link's id, a UUID.

        Raises:
            LomiValidationError: The id is not a UUID; nothing was sent.
            LomiNotFoundError: There is no such link, or the API's database failed.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived.
        """
        return self._send("payment_links.get", "GET", "/payment-links/{id}", PaymentLink, id=id)
