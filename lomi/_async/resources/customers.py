"""Customers: create, list, get, update, delete, and their transactions."""

from __future__ import annotations

from collections.abc import Mapping
from types import NoneType
from typing import TYPE_CHECKING, Any, overload

from ..._core.deadline import ends_at
from ..._core.reconciliation import Search, SentRequest, complete, unanswered, with_reference
from ..._core.request import Request, path
from ..._core.validation import OMITTED, Omitted, check
from ..._i18n.language import Message
from ...errors import LomiError, LomiNotFoundError, LomiPartialWriteError
from ...models.customers import (
    FIELDS,
    LISTING,
    Customer,
    CustomerCreateParams,
    CustomerListing,
    CustomerStatus,
    CustomerType,
    CustomerUpdateParams,
    Transactions,
)
from ..pagination import AsyncPage

if TYPE_CHECKING:
    from ..client import AsyncLomiClient

__all__ = ["AsyncCustomerPage", "AsyncCustomers"]


class AsyncCustomerPage(AsyncPage[Customer]):
    """A page of customers; iterating it goes on to the last."""

    @property
    def customers(self) -> list[Customer]:
        """The customers on this page alone; ``page["customers"]`` reads them too."""
        return self.items


class AsyncCustomers:
    """Customers of the merchant. Get it as ``client.customers``."""

    def __init__(self, client: AsyncLomiClient) -> None:
        self._client = client

    @overload
    async def create(self, params: CustomerCreateParams, /, *, reference: str | None = None) -> Customer: ...
    @overload
    async def create(
        self,
        /,
        *,
        name: str,
        email: str | None = None,
        phone_number: str | None = None,
        whatsapp_number: str | None = None,
        country: str | None = None,
        city: str | None = None,
        address: str | None = None,
        postal_code: str | None = None,
        is_business: bool | None = None,
        metadata: Mapping[str, Any] | None = None,
        reference: str | None = None,
    ) -> Customer: ...
    async def create(
        self,
        params: CustomerCreateParams | None = None,
        /,
        *,
        name: str | None = None,
        email: str | None = None,
        phone_number: str | None = None,
        whatsapp_number: str | None = None,
        country: str | None = None,
        city: str | None = None,
        address: str | None = None,
        postal_code: str | None = None,
        is_business: bool | None = None,
        metadata: Mapping[str, Any] | None = None,
        reference: str | None = None,
    ) -> Customer:
        """Create a customer, and return it with its `id`.

        It is sent at most once when the first request may have arrived: the API would make a second customer. An
        error whose ``outcome`` is ``"unknown"`` says that it may exist: pass it to `reconcile`. Where the API
        loses the metadata, as it can, it is written again.

        Args:
            params: The same fields as a mapping, as an alternative to keywords.
            name: Full name; required, not blank.
            email: E-mail address.
            phone_number: Phone number, such as +221771234567.
            whatsapp_number: WhatsApp number.
            country: Country name.
            city: City name.
            address: Street address.
            postal_code: Postal or ZIP code.
            is_business: Whether the customer is a business; the API's default is False.
            metadata: Your own key-value pairs: what JSON can carry, integers up to ±(2^53 − 1).
            reference: A name of your own for this customer, unique among yours, such as the number of an order. It
                is kept in the metadata as ``lomi_reference``, and makes `reconcile` certain.

        Raises:
            LomiValidationError: A field is wrong; nothing was sent.
            LomiPartialWriteError: The customer exists, but without its metadata.
            LomiAuthError: The key was not accepted.
            LomiServerError: The API failed; the customer may exist.
            LomiConnectionError: No answer came; ``outcome`` says whether the customer may exist.

        Example:
            >>> customer = await client.customers.create(name="Amadou Ba", metadata={"internal_id": "USER_123"})
            >>> customer.id
            'cus_…'
        """
        body = check("customers.create", FIELDS, params, locals(), required=("name",))
        body = with_reference("customers.create", body, reference)
        began = self._client.backend.monotonic()
        request = Request("POST", path("/customers"), Customer, body=body, operation="customers.create")
        customer = await self._client.send(request)
        return customer if complete(body, customer) else await self._repair(customer, body["metadata"], began)

    async def _repair(self, customer: Customer, metadata: Mapping[str, Any], began: float) -> Customer:
        """Write the metadata that a create has lost, within what is left of its time."""
        client, cause = self._client, None
        try:
            timeout = client.config.timeout
            if timeout is not None:
                timeout = max(0.001, timeout - (client.backend.monotonic() - began))
            where = path("/customers/{id}", id=customer.id)
            repaired = await client.with_options(timeout=timeout).send(
                Request("PATCH", where, Customer, body={"metadata": metadata}, operation="customers.create")
            )
            if repaired.metadata:
                return repaired
        except Exception as error:  # noqa: BLE001  # whatever it was, the customer exists
            cause = error
        told = cause if isinstance(cause, LomiError) else None
        del metadata  # a traceback would show it
        raise LomiPartialWriteError(
            Message("the customer was created, but the API lost its metadata, and writing it again failed"),
            customer_id=customer.id or None,
            attempts=1 + (told.attempts if told else 1),
            request_id=told.request_id if told else None,
            method="POST",
            path="/customers",
        ) from cause

    async def reconcile(self, error: LomiError, *, settle: float = 5.0) -> Customer | None:
        """Find out whether a create that failed has happened: return the customer, or None when there is none.

        It searches for the e-mail address (else the name) that was sent, fetches what may be it, and compares.
        With a ``reference`` it is certain: the customer is the one whose metadata holds it, and None means that
        none had been made ``settle`` seconds after the attempt ended. Without one, a customer counts as the one
        when every field that was sent is the same and it was made while the attempt lasted, give or take a minute
        by the server's clock, as the failed answer or that of the search tells it, or a quarter of an hour by this
        machine's own where the failed answer told nothing. So it cannot tell your create from somebody else's of
        the very same customer in that time, and it misses a customer that was changed since: call it soon. Neither
        can see a request that arrives later than ``settle`` seconds after the attempt.

        The error may come from another process, pickled; it holds what was sent, and never prints it. Every
        request made here has the client's ``timeout``; put `lomi.deadline` around it to bound them together.

        Args:
            error: What ``customers.create`` raised.
            settle: Seconds after the end of the attempt during which it may still be carried out, from 0. Default
                5. That long is waited only when it is not found at once.

        Raises:
            LomiReconcileError: It cannot tell; `candidate_ids` holds the ids of the customers it may be.
            LomiValidationError: The error is not of a create, or of a client with another base URL or account.
            LomiAPIError: The API refused the search.
            LomiConnectionError: No answer came.

        Example:
            >>> try:
            ...     customer = await client.customers.create(name="Amadou Ba", reference="order-42")
            ... except lomi.LomiError as error:
            ...     if error.outcome != "unknown":
            ...         raise
            ...     customer = await client.customers.reconcile(error)
        """
        client, runtime = self._client, self._client.backend
        attempt = unanswered(error, client.config.scope, settle)
        if attempt is None:
            known = error.customer_id if isinstance(error, LomiPartialWriteError) else None
            return None if known is None else await self.get(known)
        wait = min(settle, attempt.ended + settle - runtime.time())
        if wait > 0:
            if customer := (await self._look_for(attempt, settle)).found():
                return customer
            now = runtime.monotonic()
            await runtime.sleep(max(0.0, min(wait, ends_at(now, None) - now)))
        search = await self._look_for(attempt, settle)
        return search.conclude()

    async def _look_for(self, attempt: SentRequest, settle: float) -> Search:
        search = Search(attempt, settle)
        page = await self.list(search=search.text, page_size=100)
        search.ahead = self._client.clock_offset()
        async for listed in page:
            if search.wants(listed):
                try:
                    search.take(await self.get(listed.id))
                except LomiNotFoundError:  # deleted meanwhile
                    continue
        return search

    async def list(
        self,
        *,
        search: str | None = None,
        type: CustomerType | None = None,
        status: CustomerStatus | None = None,
        page: int | None = None,
        page_size: int | None = None,
        pageSize: int | None = None,  # noqa: N803  # the name on the vendor's page
    ) -> AsyncCustomerPage:
        """List customers: return one page, which walks on to the last when it is iterated.

        Args:
            search: Part of a name or an e-mail address.
            type: ``"business"``, ``"individual"`` or ``"all"``.
            status: ``"active"``, ``"inactive"`` or ``"all"``.
            page: Where to start, from 1. Default 1.
            page_size: Customers a page, from 1. Default 50; the API sets no maximum.
            pageSize: The same, under its name on the wire.

        Raises:
            LomiValidationError: An argument is out of range or not one of the words; nothing was sent.
            TypeError: Both ``page_size`` and ``pageSize`` were passed.
            LomiAPIError: The API said no.
            LomiConnectionError: No answer came.

        Example:
            >>> async for customer in await client.customers.list(type="individual"):
            ...     print(customer.id)
        """
        if page_size is not None and pageSize is not None:
            raise TypeError("customers.list() got both page_size and pageSize, which are the same")
        pageSize = page_size if pageSize is None else pageSize  # noqa: N806
        query = check("customers.list", LISTING, None, locals())
        request = Request("GET", path("/customers"), CustomerListing, query=query, operation="customers.list")
        listing = await self._client.send(request)
        return AsyncCustomerPage(self._client, request, listing)

    async def get(self, id: str) -> Customer:
        """Return one customer, with its metadata.

        Args:
            id: The customer's id, as the API gave it.

        Raises:
            LomiValidationError: The id is empty, or cannot be one segment of a path; nothing was sent.
            LomiNotFoundError: There is none, it is deleted, or it is somebody else's.
            LomiAPIError: The API said no.
            LomiConnectionError: No answer came.
        """
        where = path("/customers/{id}", id=id)
        return await self._client.send(Request("GET", where, Customer, operation="customers.get"))

    async def update(
        self,
        id: str,
        params: CustomerUpdateParams | None = None,
        /,
        *,
        name: str | Omitted = OMITTED,
        email: str | None | Omitted = OMITTED,
        phone_number: str | None | Omitted = OMITTED,
        whatsapp_number: str | None | Omitted = OMITTED,
        country: str | None | Omitted = OMITTED,
        city: str | None | Omitted = OMITTED,
        address: str | None | Omitted = OMITTED,
        postal_code: str | None | Omitted = OMITTED,
        is_business: bool | Omitted = OMITTED,
        metadata: Mapping[str, Any] | None | Omitted = OMITTED,
    ) -> Customer:
        """Change a customer, and return it as it is now. What is left out stays; None clears.

        The API reads, changes and writes the whole customer: of two updates at the same time one can lose its
        fields. ``metadata`` is replaced as a whole.

        Args:
            id: The customer's id.
            params: The same fields as a mapping, as an alternative to keywords.
            name: Full name, not blank; it cannot be cleared.
            email: E-mail address.
            phone_number: Phone number.
            whatsapp_number: WhatsApp number.
            country: Country name.
            city: City name.
            address: Street address.
            postal_code: Postal or ZIP code.
            is_business: Whether the customer is a business; it cannot be cleared.
            metadata: All key-value pairs, in place of those stored.

        Raises:
            LomiValidationError: A field is wrong, or there is none; nothing was sent.
            LomiNotFoundError: There is no such customer.
            LomiAPIError: The API said no.
            LomiConnectionError: No answer came.

        Example:
            >>> await client.customers.update(customer.id, email="new.email@example.com", city=None)
        """
        fields = check("customers.update", FIELDS, params, locals(), for_update=True)
        where = path("/customers/{id}", id=id)
        return await self._client.send(Request("PATCH", where, Customer, body=fields, operation="customers.update"))

    async def delete(self, id: str) -> None:
        """Delete a customer. It is marked as deleted: it no longer appears, but its payments stay.

        Args:
            id: The customer's id.

        Raises:
            LomiValidationError: The id is empty, or cannot be one segment of a path; nothing was sent.
            LomiNotFoundError: There is none, or it was deleted before this call.
            LomiAPIError: The API said no.
            LomiConnectionError: No answer came.
        """
        where = path("/customers/{id}", id=id)
        await self._client.send(Request("DELETE", where, NoneType, operation="customers.delete"))

    async def get_transactions(self, id: str) -> Transactions:
        """Return all transactions of a customer, as a list; the API does not page them.

        Args:
            id: The customer's id.

        Raises:
            LomiValidationError: The id is empty, or cannot be one segment of a path; nothing was sent.
            LomiNotFoundError: There is no such customer.
            LomiAPIError: The API said no.
            LomiConnectionError: No answer came.

        Example:
            >>> for transaction in await client.customers.get_transactions(customer.id):
            ...     print(transaction.description, transaction.money)
        """
        where = path("/customers/{id}/transactions", id=id)
        return await self._client.send(Request("GET", where, Transactions, operation="customers.get_transactions"))
