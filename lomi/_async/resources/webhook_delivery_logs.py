"""What was delivered to webhook endpoints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from typing_extensions import Unpack

from ...models.webhooks import WebhookDeliveryLog, WebhookDeliveryLogListing
from ...params._types import UUIDString
from ...params.webhooks import WebhookDeliveryLogListParams
from ..page import AsyncPage
from ..paginator import AsyncPaginator
from ._base import AsyncAPIResource

__all__ = ["AsyncWebhookDeliveryLogsResource"]


class AsyncWebhookDeliveryLogsResource(AsyncAPIResource):
    """Deliveries of events, as ``client.webhook_delivery_logs``. Their payloads hold what events do: personal data."""

    _segment_types: ClassVar[Mapping[str, Any]] = {"id": UUIDString}

    def list(
        self, **params: Unpack[WebhookDeliveryLogListParams]
    ) -> AsyncPaginator[AsyncPage[WebhookDeliveryLog], WebhookDeliveryLog]:
        """List the deliveries to one endpoint. Iterate the result for all of them, whatever the number of pages.

        Args:
            **params: The fields of `WebhookDeliveryLogListParams`: ``webhook_id``, which is required,
                ``success_only`` (also accepted as ``successOnly``), ``failed_only`` (also accepted as
                ``failedOnly``), ``limit``, ``offset``.

        Raises:
            LomiValidationError: An argument is missing, of a wrong type or out of range; nothing was sent.
            TypeError: An argument was passed under both of its names.
            LomiAPIError: The API returned an error.
            LomiConnectionError: No response arrived.

        Examples:
            >>> async for log in client.webhook_delivery_logs.list(webhook_id=endpoint.webhook_id, failed_only=True):
            ...     await client.webhooks.retry_delivery(log.webhook_id, log.log_id)
        """
        query = (WebhookDeliveryLogListParams, None, params)
        operation, template = "webhook_delivery_logs.list", "/webhook-delivery-logs"
        return self._list(operation, template, WebhookDeliveryLogListing, AsyncPage[WebhookDeliveryLog], query)

    async def get(self, id: str) -> WebhookDeliveryLog:
        """Return one delivery, with all that was sent.

        Args:
            id: The delivery's id.

        Raises:
            LomiValidationError: The id is not a UUID; nothing was sent.
            LomiNotFoundError: There is no such delivery, or it is another organization's.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived.
        """
        operation, template = "webhook_delivery_logs.get", "/webhook-delivery-logs/{id}"
        return await self._send(operation, "GET", template, WebhookDeliveryLog, id=id)
