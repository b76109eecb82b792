"""Customers: create, list, get, update, delete, and their transactions."""

from __future__ import annotations

from types import NoneType
from typing import Any, Literal, overload

from typing_extensions import Unpack, override

from ...errors import LomiError
from ...models.customers import Customer, CustomerListing, Transactions
from ...models.pagination import Pagination
from ...params.customers import CustomerCreateParams, CustomerListParams, CustomerUpdateParams
from ..customer_recovery import create_customer, reconcile_customer
from ..page import AsyncPage
from ..paginator import AsyncPaginator
from .customer_portal import AsyncCustomerPortal

__all__ = ["AsyncCustomerPage", "AsyncCustomersResource"]


class AsyncCustomerPage(AsyncPage[Customer]):
    """A page of customers. Iterating it yields every customer from this page to the end of the listing."""

    _has_true_total = True

    @property
    def customers(self) -> list[Customer]:
        """The customers on this page alone; ``page["customers"]`` returns them too."""
        return self.items

    @overload
    def __getitem__(self, key: Literal["customers"]) -> list[Customer]: ...
    @overload
    def __getitem__(self, key: Literal["pagination"]) -> Pagination: ...
    @overload
    def __getitem__(self, key: str) -> Any: ...
    @override
    def __getitem__(self, key: str) -> Any:
        """Return a part of the response by its name on the wire."""
        return super().__getitem__(key)


class AsyncCustomersResource(AsyncCustomerPortal):
    """The merchant's customers, as ``client.customers``."""

    @overload
    async def create(self, params: CustomerCreateParams, /, *, reference: str | None = None) -> Customer: ...
    @overload
    async def create(self, /, *, reference: str | None = None, **params: Unpack[CustomerCreateParams]) -> Customer: ...
    async def create(
        self, params: CustomerCreateParams | None = None, /, *, reference: str | None = None, **fields: Any
    ) -> Customer:
        """Create a customer, and return it with its `id`.

        The request is sent at most once if the first may have arrived, since the API would create a second customer.
        After an error whose ``outcome`` is ``"unknown"``, pass the error to `reconcile`. Metadata that the API
        loses, as it can, is written again.

        Args:
            params: The fields as a mapping, instead of keywords. See `CustomerCreateParams`.
            reference: Your own name for this customer, unique among yours, such as an order number. It is kept in
                the metadata as ``lomi_reference``, and makes `reconcile` certain.
            **fields: The fields of `CustomerCreateParams` as keywords; only ``name`` is required.

        Raises:
            LomiValidationError: A field is not valid; nothing was sent.
            LomiPartialWriteError: The customer exists, but without its metadata.
            LomiAuthError: The key was not accepted.
            LomiServerError: The API failed; the customer may exist.
            LomiConnectionError: No response arrived; ``outcome`` tells whether the customer may exist.

        Examples:
            >>> customer = await client.customers.create(name="Amadou Ba", metadata={"internal_id": "USER_123"})
            >>> customer.id
            'cus_…'
        """
        body = (CustomerCreateParams, params, fields)
        request = self._request("customers.create", "POST", "/customers", Customer, body=body, segments={})
        del body, params, fields  # a traceback shows what its frames hold
        return await create_customer(self._client, request, reference)

    async def reconcile(self, error: LomiError, *, grace_period: float = 5.0) -> Customer | None:
        """Return the customer that a failed create has left behind, or None when there is none.

        It searches for the e-mail address (else the name) that was sent, fetches each candidate, and compares.

        - With a ``reference`` the result is certain: the customer whose metadata holds it. None means that no such
          customer existed ``grace_period`` seconds after the attempt ended.
        - Without one, a customer matches if every field that was sent is the same and it was created during the
          attempt. The margin is a minute by the server's clock, or a quarter of an hour if that is unknown.
        - So another client's create of the very same customer at that time cannot be told from yours, and a customer
          that was changed since does not match: call it soon.
        - A request that arrives later than ``grace_period`` seconds after the attempt is not seen.

        The error may come from another process, pickled; it holds what was sent, and never prints it. Each request
        has the client's ``timeout``; put `lomi.deadline` around the call to limit all of them together.

        Args:
            error: The error that ``customers.create`` raised.
            grace_period: Seconds after the end of the attempt during which it may still be carried out, from 0.
                Default 5. They are waited for only when the customer is not found at once.

        Raises:
            LomiReconcileError: It cannot be decided; ``candidate_ids`` are the customers that match.
            LomiValidationError: The error is not of a create, or of a client with another base URL or account.
            LomiAPIError: The API returned an error to the search.
            LomiConnectionError: No response arrived.

        Examples:
            >>> try:
            ...     customer = await client.customers.create(name="Amadou Ba", reference="order-42")
            ... except lomi.LomiError as error:
            ...     if error.outcome != "unknown":
            ...         raise
            ...     customer = await client.customers.reconcile(error)
        """
        return await reconcile_customer(self._client, error, grace_period)

    def list(self, **params: Unpack[CustomerListParams]) -> AsyncPaginator[AsyncCustomerPage, Customer]:
        """List customers, newest first. Iterate the result for all of them, whatever the number of pages.

        Args:
            **params: The fields of `CustomerListParams`: ``search``, ``type``, ``status``, ``page``, ``page_size``
                (also accepted as ``pageSize``).

        Raises:
            LomiValidationError: An argument is out of range or not one of the known values; nothing was sent.
            TypeError: Both ``page_size`` and ``pageSize`` were passed.
            LomiAPIError: The API returned an error.
            LomiConnectionError: No response arrived.

        Examples:
            >>> async for customer in client.customers.list(type="individual"):
            ...     print(customer.id)
        """
        query = (CustomerListParams, None, params)
        return self._list("customers.list", "/customers", CustomerListing, AsyncCustomerPage, query)

    async def get(self, id: str) -> Customer:
        """Return one customer, with its metadata.

        Args:
            id: The customer's id, as the API gave it.

        Raises:
            LomiValidationError: The id is empty, or cannot be one segment of a path; nothing was sent.
            LomiNotFoundError: There is no such customer, it is deleted, or it belongs to another merchant.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived.
        """
        return await self._send("customers.get", "GET", "/customers/{id}", Customer, id=id)

    @overload
    async def update(self, id: str, params: CustomerUpdateParams, /) -> Customer: ...
    @overload
    async def update(self, id: str, /, **params: Unpack[CustomerUpdateParams]) -> Customer: ...
    async def update(self, id: str, params: CustomerUpdateParams | None = None, /, **fields: Any) -> Customer:
        """Change a customer, and return it as it is now. What is left out stays as it is; None clears.

        - The API reads, changes and writes the whole customer: of two simultaneous updates one can lose its fields.
        - ``metadata`` is replaced as a whole. For a connected account it is merged instead.
        - A cleared ``address`` or ``country`` becomes an empty string at the next update of any field.

        Args:
            id: The customer's id.
            params: The fields as a mapping, instead of keywords. See `CustomerUpdateParams`.
            **fields: The fields of `CustomerUpdateParams` as keywords, at least one.

        Raises:
            LomiValidationError: A field is not valid, or none was passed; nothing was sent.
            LomiNotFoundError: There is no such customer.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived.

        Examples:
            >>> await client.customers.update(customer.id, email="new.email@example.com", city=None)
        """
        body = (CustomerUpdateParams, params, fields)
        return await self._send("customers.update", "PATCH", "/customers/{id}", Customer, body=body, id=id)

    async def delete(self, id: str) -> None:
        """Delete a customer. It is marked as deleted: it no longer appears, but its payments stay.

        A request whose outcome is unknown is repeated. If the repetition gets a 404, the customer counts as deleted
        by the first one. That is an inference: it may not have existed before this call.

        Args:
            id: The customer's id.

        Raises:
            LomiValidationError: The id is empty, or cannot be one segment of a path; nothing was sent.
            LomiNotFoundError: There is no such customer, or it was deleted before this call.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived.
        """
        await self._send("customers.delete", "DELETE", "/customers/{id}", NoneType, id=id)

    async def get_transactions(self, id: str) -> Transactions:
        """Return all transactions of a customer, as a list; the API does not page them.

        Args:
            id: The customer's id.

        Raises:
            LomiValidationError: The id is empty, or cannot be one segment of a path; nothing was sent.
            LomiNotFoundError: There is no such customer.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived.

        Examples:
            >>> for transaction in await client.customers.get_transactions(customer.id):
            ...     print(transaction.description, transaction.money)
        """
        return await self._send(
            "customers.get_transactions", "GET", "/customers/{id}/transactions", Transactions, id=id
        )
