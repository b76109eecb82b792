"""Products and their prices."""

from __future__ import annotations

from typing import Any, overload

from typing_extensions import Unpack

from ..._core.reconcile_result import CannotTell, Found, NotFound
from ...errors import LomiError
from ...models.products import Price, Product, ProductListing
from ...params.products import PriceParams, ProductCreateParams, ProductListParams
from ..page import AsyncPage
from ..paginator import AsyncPaginator
from ..reconcile import reconcile
from ._base import AsyncAPIResource

__all__ = ["AsyncProductsResource"]


class AsyncProductsResource(AsyncAPIResource):
    """What is sold, with its prices, as ``client.products``. Amounts are in major units of their currency.

    The API changes and deletes neither products nor prices; the dashboard does.
    """

    @overload
    async def create(self, params: ProductCreateParams, /) -> Product: ...
    @overload
    async def create(self, /, **params: Unpack[ProductCreateParams]) -> Product: ...
    async def create(self, params: ProductCreateParams | None = None, /, **fields: Any) -> Product:
        """Create a product with one to three prices, and return it with its `product_id`.

        The request is sent at most once if the first may have arrived: the API would create a second product. After
        an error whose ``outcome`` is ``"unknown"``, a 404 as well, it may exist: look for it with `list`.

        Args:
            params: The fields as a mapping, instead of keywords. See `ProductCreateParams`.
            **fields: The fields of `ProductCreateParams` as keywords; ``name`` and ``prices`` are required.

        Raises:
            LomiValidationError: A field is not valid, or does not go with another; nothing was sent.
            LomiNotFoundError: The API could not read the product back; it may exist.
            LomiServerError: The API failed, or refused a field, such as an unknown fee; the product may exist.
            LomiConnectionError: No response arrived; ``outcome`` tells whether the product may exist.

        Examples:
            >>> product = await client.products.create(
            ...     name="Studio plan",
            ...     product_type="recurring",
            ...     prices=[{"amount": 9900, "currency_code": "XOF", "billing_interval": "month"}],
            ... )
        """
        body = (ProductCreateParams, params, fields)
        return await self._send("products.create", "POST", "/products", Product, body=body)

    async def reconcile(
        self, error: LomiError, *, grace_period: float = 5.0
    ) -> Found[Product] | NotFound | CannotTell[Product]:
        """Return whether a failed `create` was carried out: `Found`, `NotFound` or `CannotTell`, never None.

        It reads all products, and compares what was sent with what was created during the attempt.

        - Prices are not compared: give each product a name or metadata of its own.
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
            >>> match await client.products.reconcile(error):
            ...     case lomi.Found(product):
            ...         print(product.identity)
            ...     case lomi.NotFound(is_certain=True):
            ...         print("it can be repeated")
            ...     case doubt:
            ...         print("a person has to look", doubt)
        """
        return await reconcile(self._client, error, grace_period, "products", "/products")

    def list(self, **params: Unpack[ProductListParams]) -> AsyncPaginator[AsyncPage[Product], Product]:
        """List the environment's products. Iterate the result for all of them, whatever the number of pages.

        Args:
            **params: The fields of `ProductListParams`: ``is_active`` (also accepted as ``isActive``), ``limit``,
                ``offset``.

        Raises:
            LomiValidationError: An argument is of a wrong type or out of range; nothing was sent.
            TypeError: Both ``is_active`` and ``isActive`` were passed.
            LomiAPIError: The API returned an error.
            LomiConnectionError: No response arrived.

        Examples:
            >>> async for product in client.products.list(is_active=True):
            ...     print(product.product_id, product.name)
        """
        query = (ProductListParams, None, params)
        return self._list("products.list", "/products", ProductListing, AsyncPage[Product], query)

    async def get(self, id: str) -> Product:
        """Return one product with its prices, of either environment.

        Args:
            id: The product's id.

        Raises:
            LomiValidationError: The id is empty, or cannot be one segment of a path; nothing was sent.
            LomiNotFoundError: There is no such product, or the API's database failed.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived.
        """
        return await self._send("products.get", "GET", "/products/{id}", Product, id=id)

    @overload
    async def add_price(self, id: str, params: PriceParams, /) -> Price: ...
    @overload
    async def add_price(self, id: str, /, **params: Unpack[PriceParams]) -> Price: ...
    async def add_price(self, id: str, params: PriceParams | None = None, /, **fields: Any) -> Price:
        """Add a price to a product, and return it. A product has at most three; a price cannot be changed.

        The request is sent at most once if the first may have arrived: the API would add a second price. After an
        error whose ``outcome`` is ``"unknown"``, look at the product's prices.

        Args:
            id: The product's id.
            params: The fields as a mapping, instead of keywords. See `PriceParams`.
            **fields: The fields of `PriceParams` as keywords; ``amount`` (major units) and ``currency_code`` are
                required.

        Raises:
            LomiValidationError: A field is not valid, or does not go with another; nothing was sent.
            LomiNotFoundError: There is no such product.
            LomiServerError: The API failed, or the product has three prices; the price may exist.
            LomiConnectionError: No response arrived; ``outcome`` tells whether the price may exist.

        Examples:
            >>> price = await client.products.add_price(
            ...     product.product_id, amount=99000, currency_code="XOF", billing_interval="year"
            ... )
        """
        body = (PriceParams, params, fields)
        return await self._send("products.add_price", "POST", "/products/{id}/prices", Price, body=body, id=id)

    async def set_default_price(self, id: str, price_id: str) -> Product:
        """Make a price the default one of its product, and return the product.

        Args:
            id: The product's id.
            price_id: The price's id.

        Raises:
            LomiValidationError: An id is empty, or cannot be one segment of a path; nothing was sent.
            LomiNotFoundError: The product has no such price.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived.
        """
        operation, template = "products.set_default_price", "/products/{id}/prices/{priceId}/set-default"
        return await self._send(operation, "POST", template, Product, id=id, priceId=price_id)
