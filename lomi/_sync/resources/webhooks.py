"""Webhook endpoints: where the API sends events."""

from __future__ import annotations

from collections.abc import Mapping
from types import NoneType
from typing import Any, ClassVar, overload

from typing_extensions import Unpack

from ...models.webhooks import CreatedWebhook, DeliveryRetry, WebhookEndpoint, WebhookListing
from ...params._types import UUIDString
from ...params.webhooks import WebhookCreateParams, WebhookUpdateParams, warn_of_dropped
from ..page import Page
from ._base import APIResource

__all__ = ["WebhooksResource"]


class WebhooksResource(APIResource):
    """Endpoints that events are sent to, as ``client.webhooks``.

    The deployed API has a fault: it does not see the body of `create` and `update`. Until it is repaired, create and
    change endpoints in the dashboard.
    """

    _segment_types: ClassVar[Mapping[str, Any]] = {"id": UUIDString, "webhookId": UUIDString, "logId": UUIDString}

    @overload
    def create(self, params: WebhookCreateParams, /) -> CreatedWebhook: ...
    @overload
    def create(self, /, **params: Unpack[WebhookCreateParams]) -> CreatedWebhook: ...
    def create(self, params: WebhookCreateParams | None = None, /, **fields: Any) -> CreatedWebhook:
        """Register an endpoint, and return it with the secret that its events are signed with.

        - The secret is returned here only: store it. It is never printed.
        - **The deployed API returns 400 "Invalid webhook URL format" for every call**: see the class.
        - The request is sent at most once if the first may have arrived: there would be two endpoints.

        Args:
            params: The fields as a mapping, instead of keywords. See `WebhookCreateParams`.
            **fields: The fields of `WebhookCreateParams` as keywords; ``url`` and ``authorized_events`` are
                required.

        Raises:
            LomiValidationError: A field is not valid; nothing was sent.
            LomiBadRequestError: The API refused the URL (not public, or its host is unknown) or an event.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived; ``outcome`` tells whether the endpoint may exist.

        Examples:
            >>> created = client.webhooks.create(
            ...     url="https://shop.example/hooks/lomi", authorized_events=["PAYMENT_SUCCEEDED", "PAYMENT_FAILED"]
            ... )
            >>> store(created.webhook.webhook_id, created.secret)
        """
        body = (WebhookCreateParams, params, fields)
        return self._send("webhooks.create", "POST", "/webhooks", CreatedWebhook, body=body)

    def list(self) -> Page[WebhookEndpoint]:
        """List the environment's endpoints, those that are not active too: one page. The API takes no parameters.

        Raises:
            LomiAPIError: The API returned an error.
            LomiConnectionError: No response arrived.

        Examples:
            >>> for endpoint in client.webhooks.list():
            ...     print(endpoint.webhook_id, endpoint.url)
        """
        return self._list("webhooks.list", "/webhooks", WebhookListing, Page[WebhookEndpoint])

    def get(self, id: str) -> WebhookEndpoint:
        """Return one endpoint, without its secret.

        Args:
            id: The endpoint's id.

        Raises:
            LomiValidationError: The id is not a UUID; nothing was sent.
            LomiNotFoundError: There is no such endpoint.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived.
        """
        return self._send("webhooks.get", "GET", "/webhooks/{id}", WebhookEndpoint, id=id)

    @overload
    def update(self, id: str, params: WebhookUpdateParams, /) -> WebhookEndpoint: ...
    @overload
    def update(self, id: str, /, **params: Unpack[WebhookUpdateParams]) -> WebhookEndpoint: ...
    def update(self, id: str, params: WebhookUpdateParams | None = None, /, **fields: Any) -> WebhookEndpoint:
        """Change an endpoint, and return it as it is now. What is left out stays as it is.

        **The deployed API returns 200 and changes nothing**: see the class. A `LomiDroppedFieldWarning` names every
        field that is not as you passed it. The secret cannot be changed.

        Args:
            id: The endpoint's id.
            params: The fields as a mapping, instead of keywords. See `WebhookUpdateParams`.
            **fields: The fields of `WebhookUpdateParams` as keywords, at least one.

        Raises:
            LomiValidationError: A field is not valid, or none was passed; nothing was sent.
            LomiNotFoundError: There is no such endpoint.
            LomiBadRequestError: The API refused a field.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived.
        """
        body = (WebhookUpdateParams, params, fields)
        operation, template = "webhooks.update", "/webhooks/{id}"
        request = self._request(operation, "PATCH", template, WebhookEndpoint, body=body, segments={"id": id})
        endpoint = self._client.send(request)
        warn_of_dropped(request.body, endpoint)
        return endpoint

    def delete(self, id: str) -> None:
        """Delete an endpoint.

        A request whose outcome is unknown is repeated. If the repetition gets a 404, the endpoint counts as deleted
        by the first one. That is an inference: it may not have existed before this call.

        Args:
            id: The endpoint's id.

        Raises:
            LomiValidationError: The id is not a UUID; nothing was sent.
            LomiNotFoundError: There is no such endpoint, or it was deleted before this call.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived.
        """
        self._send("webhooks.delete", "DELETE", "/webhooks/{id}", NoneType, id=id)

    def test(self, id: str) -> dict[str, Any]:
        """Have a sample event sent to an endpoint, and return what the API says of it, which is not documented.

        The request is sent at most once if the first may have arrived.

        Args:
            id: The endpoint's id.

        Raises:
            LomiValidationError: The id is not a UUID; nothing was sent.
            LomiNotFoundError: There is no such endpoint.
            LomiBadRequestError: The delivery failed; the event may have arrived.
            LomiServerError: The API failed, or cannot send samples.
            LomiConnectionError: No response arrived; ``outcome`` tells whether the event may have been sent.
        """
        return self._send("webhooks.test", "POST", "/webhooks/{id}/test", dict[str, Any], id=id)

    def retry_delivery(self, webhook_id: str, log_id: str) -> DeliveryRetry:
        """Send a logged event to its endpoint once more, and return the endpoint's response.

        The event is the same, with its id and timestamp; it is signed with the present secret. There is one attempt,
        for which the call waits. A failed one is not logged.

        Args:
            webhook_id: The endpoint's id.
            log_id: The delivery's id, from ``client.webhook_delivery_logs``.

        Raises:
            LomiValidationError: An id is not a UUID; nothing was sent.
            LomiNotFoundError: The endpoint has no such delivery.
            LomiBadRequestError: The endpoint did not accept it, or is not active; the message is the endpoint's own.
                It may have handled the event all the same: ``outcome`` is ``"unknown"``.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived; ``outcome`` tells whether the event may have been sent.
        """
        operation, template = "webhooks.retry_delivery", "/webhooks/{webhookId}/logs/{logId}/retry"
        return self._send(operation, "POST", template, DeliveryRetry, webhookId=webhook_id, logId=log_id)
