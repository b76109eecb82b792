"""Discount coupons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, overload

from typing_extensions import Unpack

from ..._core.reconcile_result import CannotTell, Found, NotFound
from ...errors import LomiError
from ...models.discount_coupons import CouponPerformance, CouponPerformances, DiscountCoupon, DiscountCouponListing
from ...params._types import UUIDString
from ...params.discount_coupons import DiscountCouponCreateParams
from ..page import AsyncPage
from ..paginator import AsyncPaginator
from ..reconcile import reconcile
from ._base import AsyncAPIResource

__all__ = ["AsyncDiscountCouponsResource"]


class AsyncDiscountCouponsResource(AsyncAPIResource):
    """Codes with which payers pay less, as ``client.discount_coupons``. Amounts are in major units.

    The API neither changes, disables nor deletes a coupon, nor checks whether a code can be used.
    """

    _segment_types: ClassVar[Mapping[str, Any]] = {"id": UUIDString}

    @overload
    async def create(self, params: DiscountCouponCreateParams, /) -> DiscountCoupon: ...
    @overload
    async def create(self, /, **params: Unpack[DiscountCouponCreateParams]) -> DiscountCoupon: ...
    async def create(self, params: DiscountCouponCreateParams | None = None, /, **fields: Any) -> DiscountCoupon:
        """Create a coupon, and return it with its `coupon_id`. It takes the API at least 0.2 seconds.

        - The request is sent at most once if the first may have arrived. After an error whose ``outcome`` is
          ``"unknown"``, a 404 as well, the coupon may exist: look for its code with `list`.
        - The API does not keep the environment: a coupon that was made with a test key can be missing in the
          listing of the test environment.
        - A fixed amount has no currency: 500 is 500 of whatever the payer pays in.

        Args:
            params: The fields as a mapping, instead of keywords. See `DiscountCouponCreateParams`.
            **fields: The fields of `DiscountCouponCreateParams` as keywords; ``code`` is required, and
                ``discount_percentage``, or ``discount_type="fixed"`` with ``discount_fixed_amount``.

        Raises:
            LomiValidationError: A field is not valid, or does not go with another; nothing was sent.
            LomiBadRequestError: There is a coupon with this code.
            LomiNotFoundError: The API could not read the coupon back; it may exist.
            LomiServerError: The API failed; the coupon may exist.
            LomiConnectionError: No response arrived; ``outcome`` tells whether the coupon may exist.

        Examples:
            >>> coupon = await client.discount_coupons.create(code="TABASKI", discount_percentage=15, max_uses=200)
        """
        body = (DiscountCouponCreateParams, params, fields)
        return await self._send("discount_coupons.create", "POST", "/discount-coupons", DiscountCoupon, body=body)

    async def reconcile(
        self, error: LomiError, *, grace_period: float = 5.0
    ) -> Found[DiscountCoupon] | NotFound | CannotTell[DiscountCoupon]:
        """Return whether a failed `create` was carried out: `Found`, `NotFound` or `CannotTell`, never None.

        It reads all coupons, and compares what was sent with what was created during the attempt.

        - A coupon is known by its ``code``.
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
            >>> match await client.discount_coupons.reconcile(error):
            ...     case lomi.Found(coupon):
            ...         print(coupon.identity)
            ...     case lomi.NotFound(is_certain=True):
            ...         print("it can be repeated")
            ...     case doubt:
            ...         print("a person has to look", doubt)
        """
        return await reconcile(self._client, error, grace_period, "discount_coupons", "/discount-coupons")

    def list(self) -> AsyncPaginator[AsyncPage[DiscountCoupon], DiscountCoupon]:
        """List the environment's coupons: one page with all of them. The API takes no parameters.

        Raises:
            LomiAPIError: The API returned an error.
            LomiConnectionError: No response arrived.

        Examples:
            >>> async for coupon in client.discount_coupons.list():
            ...     print(coupon.code, coupon.current_uses)
        """
        operation, template = "discount_coupons.list", "/discount-coupons"
        return self._list(operation, template, DiscountCouponListing, AsyncPage[DiscountCoupon])

    async def get(self, id: str) -> DiscountCoupon:
        """Return one coupon.

        Args:
            id: The coupon's id, which is not its code.

        Raises:
            LomiValidationError: The id is not a UUID; nothing was sent.
            LomiNotFoundError: There is no such coupon.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived.
        """
        return await self._send("discount_coupons.get", "GET", "/discount-coupons/{id}", DiscountCoupon, id=id)

    async def get_performance(self, id: str) -> CouponPerformance:
        """Return what a coupon brought, in completed payments. The API adds up amounts and names no currency.

        Args:
            id: The coupon's id.

        Raises:
            LomiValidationError: The id is not a UUID; nothing was sent.
            LomiNotFoundError: There is no such coupon.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived.
        """
        operation, template = "discount_coupons.get_performance", "/discount-coupons/{id}/performance"
        rows = await self._send(operation, "GET", template, CouponPerformances, id=id)
        return rows[0] if rows else CouponPerformance()
