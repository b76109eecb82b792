"""Subscriptions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, overload

from typing_extensions import Unpack

from ...models.subscriptions import CustomerSubscriptions, Subscription, SubscriptionListing
from ...params._types import UUIDString
from ...params.subscriptions import (
    SubscriptionCancelParams,
    SubscriptionChangePlanParams,
    SubscriptionListParams,
    SubscriptionUpdateParams,
)
from ..page import Page
from ._base import APIResource

__all__ = ["SubscriptionsResource"]


class SubscriptionsResource(APIResource):
    """Subscriptions of customers to recurring products, as ``client.subscriptions``. Amounts are in major units.

    Nothing creates one here: a checkout of a recurring product does. A 404 after a change can mean that the change
    was made and only reading the subscription back failed: the error's ``outcome`` is then ``"unknown"``.
    """

    _segment_types: ClassVar[Mapping[str, Any]] = {"id": UUIDString}

    def list(self, **params: Unpack[SubscriptionListParams]) -> Page[Subscription]:
        """List the environment's subscriptions. Iterate the result for all of them, whatever the number of pages.

        The API has no filters here: see ``client.customer_subscriptions.list``, which has them.

        Args:
            **params: The fields of `SubscriptionListParams`: ``page``, ``page_size`` (also accepted as
                ``pageSize``).

        Raises:
            LomiValidationError: An argument is out of range; nothing was sent.
            TypeError: Both ``page_size`` and ``pageSize`` were passed.
            LomiAPIError: The API returned an error.
            LomiConnectionError: No response arrived.

        Examples:
            >>> for subscription in client.subscriptions.list():
            ...     print(subscription.subscription_id, subscription.status, subscription.money)
        """
        query = (SubscriptionListParams, None, params)
        return self._list("subscriptions.list", "/subscriptions", SubscriptionListing, Page[Subscription], query)

    def get(self, id: str) -> Subscription:
        """Return one subscription, of either environment.

        Args:
            id: The subscription's id.

        Raises:
            LomiValidationError: The id is not a UUID; nothing was sent.
            LomiNotFoundError: There is no such subscription.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived.
        """
        return self._send("subscriptions.get", "GET", "/subscriptions/{id}", Subscription, id=id)

    def find_by_customer(self, customer_id: str) -> CustomerSubscriptions:
        """Return all subscriptions of a customer, as a list; the API does not page them. They have eight fields.

        Args:
            customer_id: The customer's id.

        Raises:
            LomiValidationError: The id is empty, or cannot be one segment of a path; nothing was sent.
            LomiNotFoundError: There is no such customer.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived.

        Examples:
            >>> for subscription in client.subscriptions.find_by_customer(customer.id):
            ...     print(subscription.product_name, subscription.status)
        """
        operation, template = "subscriptions.find_by_customer", "/subscriptions/customer/{customerId}"
        return self._send(operation, "GET", template, CustomerSubscriptions, customerId=customer_id)

    def get_by_customer(self, customer_id: str) -> CustomerSubscriptions:
        """Return all subscriptions of a customer: another name of `find_by_customer`.

        Args:
            customer_id: The customer's id.

        Raises:
            LomiError: As `find_by_customer` raises it.
        """
        return self.find_by_customer(customer_id)

    @overload
    def update(self, id: str, params: SubscriptionUpdateParams, /) -> Subscription: ...
    @overload
    def update(self, id: str, /, **params: Unpack[SubscriptionUpdateParams]) -> Subscription: ...
    def update(self, id: str, params: SubscriptionUpdateParams | None = None, /, **fields: Any) -> Subscription:
        """Change a subscription's state, dates or metadata, and return it. What is left out stays as it is.

        - Nothing can be cleared.
        - The API checks no transition of the state; to cancel, call `cancel`.

        Args:
            id: The subscription's id.
            params: The fields as a mapping, instead of keywords. See `SubscriptionUpdateParams`.
            **fields: The fields of `SubscriptionUpdateParams` as keywords, at least one.

        Raises:
            LomiValidationError: A field is not valid, or none was passed; nothing was sent.
            LomiNotFoundError: There is no such subscription, or it was changed and could not be read back.
            LomiBadRequestError: The API refused a field.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived.

        Examples:
            >>> client.subscriptions.update(subscription.subscription_id, next_billing_date=date(2026, 3, 1))
        """
        body = (SubscriptionUpdateParams, params, fields)
        return self._send("subscriptions.update", "PATCH", "/subscriptions/{id}", Subscription, body=body, id=id)

    @overload
    def cancel(self, id: str, params: SubscriptionCancelParams, /) -> Subscription: ...
    @overload
    def cancel(self, id: str, /, **params: Unpack[SubscriptionCancelParams]) -> Subscription: ...
    def cancel(self, id: str, params: SubscriptionCancelParams | None = None, /, **fields: Any) -> Subscription:
        """Cancel a subscription at once, or at the end of what is paid for, and return it.

        With ``cancel_at_period_end=True`` it stays active until its next billing date; `uncancel` takes that back.

        Args:
            id: The subscription's id.
            params: The fields as a mapping, instead of keywords. See `SubscriptionCancelParams`.
            **fields: The fields of `SubscriptionCancelParams` as keywords; none is required.

        Raises:
            LomiValidationError: The id is not a UUID, or a field is not valid; nothing was sent.
            LomiNotFoundError: There is no such subscription, or it was cancelled and could not be read back.
            LomiServerError: The API failed, or refused: it may already be cancelled.
            LomiConnectionError: No response arrived; ``outcome`` tells whether it may be cancelled.

        Examples:
            >>> client.subscriptions.cancel(subscription.subscription_id, cancel_at_period_end=True)
        """
        body = (SubscriptionCancelParams, params, fields)
        operation, template = "subscriptions.cancel", "/subscriptions/{id}/cancel"
        return self._send(operation, "POST", template, Subscription, body=body, id=id)

    def uncancel(self, id: str) -> Subscription:
        """Take back a cancellation that was to come at the end of the period, and return the subscription.

        Args:
            id: The subscription's id.

        Raises:
            LomiValidationError: The id is not a UUID; nothing was sent.
            LomiBadRequestError: No cancellation is to come, or it has come.
            LomiNotFoundError: There is no such subscription, or it was changed and could not be read back.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived.
        """
        return self._send("subscriptions.uncancel", "POST", "/subscriptions/{id}/uncancel", Subscription, id=id)

    @overload
    def change_plan(self, id: str, params: SubscriptionChangePlanParams, /) -> Subscription: ...
    @overload
    def change_plan(self, id: str, /, **params: Unpack[SubscriptionChangePlanParams]) -> Subscription: ...
    def change_plan(
        self, id: str, params: SubscriptionChangePlanParams | None = None, /, **fields: Any
    ) -> Subscription:
        """Move a subscription to another price, and return it. How the present period is charged is not documented.

        Args:
            id: The subscription's id.
            params: The fields as a mapping, instead of keywords. See `SubscriptionChangePlanParams`.
            **fields: The fields of `SubscriptionChangePlanParams` as keywords: ``price_id``.

        Raises:
            LomiValidationError: An id is not a UUID; nothing was sent.
            LomiBadRequestError: The API refused the price.
            LomiNotFoundError: There is no such subscription, or it was changed and could not be read back.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived; ``outcome`` tells whether it may be changed.

        Examples:
            >>> client.subscriptions.change_plan(subscription.subscription_id, price_id=price.price_id)
        """
        body = (SubscriptionChangePlanParams, params, fields)
        operation, template = "subscriptions.change_plan", "/subscriptions/{id}/change-plan"
        return self._send(operation, "POST", template, Subscription, body=body, id=id)
