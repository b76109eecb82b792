"""Subscriptions once more, with filters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, overload

from typing_extensions import Unpack

from ...models.subscriptions import CustomerSubscriptionListing, Subscription
from ...params._types import UUIDString
from ...params.subscriptions import CustomerSubscriptionListParams, SubscriptionUpdateParams
from ..page import Page
from ._base import APIResource

__all__ = ["CustomerSubscriptionsResource"]


class CustomerSubscriptionsResource(APIResource):
    """The same subscriptions as those of ``client.subscriptions``, as ``client.customer_subscriptions``.

    What it has beside them is a listing with filters. A 404 after a change can mean that the change was made and
    only reading the subscription back failed: the error's ``outcome`` is then ``"unknown"``.
    """

    _segment_types: ClassVar[Mapping[str, Any]] = {"subscription_id": UUIDString}

    def list(self, **params: Unpack[CustomerSubscriptionListParams]) -> Page[Subscription]:
        """List subscriptions of a customer, or in a state, or all. Iterate the result for all pages.

        Subscriptions of both environments can be among them. Which fields a row has is not documented: only
        `subscription_id` is certain.

        Args:
            **params: The fields of `CustomerSubscriptionListParams`: ``customer_id``, ``status``, ``limit``,
                ``offset``.

        Raises:
            LomiValidationError: An argument is out of range or not one of the known values; nothing was sent.
            LomiAPIError: The API returned an error.
            LomiConnectionError: No response arrived.

        Examples:
            >>> for subscription in client.customer_subscriptions.list(status="past_due"):
            ...     print(subscription.subscription_id)
        """
        query = (CustomerSubscriptionListParams, None, params)
        operation, template = "customer_subscriptions.list", "/customer-subscriptions"
        return self._list(operation, template, CustomerSubscriptionListing, Page[Subscription], query)

    def get(self, subscription_id: str) -> Subscription:
        """Return one subscription, as ``client.subscriptions.get`` does.

        Args:
            subscription_id: The subscription's id.

        Raises:
            LomiValidationError: The id is not a UUID; nothing was sent.
            LomiNotFoundError: There is no such subscription.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived.
        """
        operation, template = "customer_subscriptions.get", "/customer-subscriptions/{subscription_id}"
        return self._send(operation, "GET", template, Subscription, unwrap_data=True, subscription_id=subscription_id)

    @overload
    def update(self, subscription_id: str, params: SubscriptionUpdateParams, /) -> Subscription: ...
    @overload
    def update(self, subscription_id: str, /, **params: Unpack[SubscriptionUpdateParams]) -> Subscription: ...
    def update(
        self, subscription_id: str, params: SubscriptionUpdateParams | None = None, /, **fields: Any
    ) -> Subscription:
        """Change a subscription's state, dates or metadata, and return it, as ``client.subscriptions.update`` does.

        Args:
            subscription_id: The subscription's id.
            params: The fields as a mapping, instead of keywords. See `SubscriptionUpdateParams`.
            **fields: The fields of `SubscriptionUpdateParams` as keywords, at least one. Nothing can be cleared.

        Raises:
            LomiValidationError: A field is not valid, or none was passed; nothing was sent.
            LomiNotFoundError: There is no such subscription, or it was changed and could not be read back.
            LomiBadRequestError: The API refused a field.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived.
        """
        body = (SubscriptionUpdateParams, params, fields)
        operation, template = "customer_subscriptions.update", "/customer-subscriptions/{subscription_id}"
        return self._send(
            operation, "PATCH", template, Subscription, body=body, unwrap_data=True, subscription_id=subscription_id
        )

    def delete(self, subscription_id: str) -> Subscription:
        """Cancel a subscription at once, and return it. Nothing is deleted: it stays, as ``"cancelled"``.

        It is ``client.subscriptions.cancel`` without a choice.

        Args:
            subscription_id: The subscription's id.

        Raises:
            LomiValidationError: The id is not a UUID; nothing was sent.
            LomiNotFoundError: There is no such subscription, or it was cancelled and could not be read back.
            LomiServerError: The API failed, or refused: it may already be cancelled.
            LomiConnectionError: No response arrived; ``outcome`` tells whether it may be cancelled.
        """
        operation, template = "customer_subscriptions.delete", "/customer-subscriptions/{subscription_id}"
        return self._send(
            operation, "DELETE", template, Subscription, unwrap_data=True, subscription_id=subscription_id
        )
