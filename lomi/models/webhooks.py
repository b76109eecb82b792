"""Webhook endpoints and what was delivered to them: what comes back."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ._base import LomiModel, Metadata, Timestamp
from ._listings import ArrayListing
from ._types import OPEN, EnvironmentName, JsonValue, Secret
from .pagination import Scheme

__all__ = [
    "CreatedWebhook",
    "DeliveryRetry",
    "WebhookDeliveryLog",
    "WebhookDeliveryLogListing",
    "WebhookEndpoint",
    "WebhookEventType",
    "WebhookListing",
]

_WebhookEventType = Literal[
    "PAYMENT_CREATED",
    "PAYMENT_SUCCEEDED",
    "PAYMENT_FAILED",
    "REFUND_CREATED",
    "REFUND_COMPLETED",
    "REFUND_FAILED",
    "SUBSCRIPTION_CREATED",
    "SUBSCRIPTION_UPDATED",
    "SUBSCRIPTION_RENEWED",
    "SUBSCRIPTION_CANCELLED",
    "USAGE_RECORDED",
    "USAGE_INVOICE_CREATED",
    "USAGE_INVOICE_PAID",
    "USAGE_INVOICE_OVERDUE",
    "SUBSCRIPTION_USAGE_PERIOD_CLOSED",
]
WebhookEventType = Annotated[_WebhookEventType | str, OPEN]
"""What an endpoint can be notified of. More values can come."""


class WebhookEndpoint(LomiModel):
    """An endpoint that events are sent to. Only `webhook_id` is certain to be there."""

    shown_in_repr: ClassVar[tuple[str, ...]] = ("webhook_id", "is_active", "environment")
    shown_in_tables: ClassVar[tuple[str, ...]] = (
        *("organization_id", "authorized_events", "supports_spi", "retry_count", "last_triggered_at"),
        *("last_response_status", "created_at", "updated_at", "deleted_at"),
    )
    always_masked: ClassVar[tuple[str, ...]] = ("verification_token",)

    webhook_id: str
    """The endpoint's identifier; ``endpoint["id"]`` is the same."""
    organization_id: str | None = None
    """The organization that owns it."""
    url: str | None = None
    """Where events are sent."""
    authorized_events: list[WebhookEventType] | None = None
    """The events that are sent; ``endpoint["events"]`` is the same."""
    is_active: bool | None = None
    """Whether events are sent; ``endpoint["active"]`` is the same."""
    environment: EnvironmentName | None = None
    """``"test"`` or ``"live"``: whose events."""
    metadata: Metadata | None = None
    """The caller's own key-value pairs; a description is kept in them."""
    supports_spi: bool | None = None
    """Whether events of the regional instant payment system (SPI) are sent."""
    spi_event_types: list[str] | None = None
    """Which of them."""
    retry_count: int | None = None
    """How many retries the API has counted."""
    last_triggered_at: Timestamp | None = None
    """When an event was last sent."""
    last_response_status: int | None = None
    """The HTTP status that the endpoint returned then."""
    last_response_body: str | None = None
    """The body that the endpoint returned then."""
    last_payload: JsonValue = None
    """What was sent then."""
    created_by: str | None = None
    """The merchant who created it."""
    created_at: Timestamp | None = None
    """When it was created."""
    updated_at: Timestamp | None = None
    """When it was last changed."""
    deleted_at: Timestamp | None = None
    """When it was deleted; None as long as it is not."""


class CreatedWebhook(LomiModel):
    """A new endpoint with its secret, which is returned this once: store it."""

    shown_in_repr: ClassVar[tuple[str, ...]] = ("webhook",)
    always_masked: ClassVar[tuple[str, ...]] = ("secret",)

    webhook: WebhookEndpoint = Field(alias="data")
    """The endpoint."""
    secret: Secret | None = None
    """What its deliveries are signed with: ``whsec_…``, with the prefix a part of it. It is never printed."""


class DeliveryRetry(LomiModel):
    """A delivery that was made again, and accepted by the endpoint."""

    shown_in_repr: ClassVar[tuple[str, ...]] = ("event_id", "delivered", "response_status")

    event_id: str | None = None
    """The event's id, the same as in the first delivery."""
    delivered: bool | None = None
    """Whether the endpoint accepted it."""
    response_status: int | None = None
    """The HTTP status that the endpoint returned."""


class WebhookDeliveryLog(LomiModel):
    """One delivery of an event. Only `log_id` is certain to be there."""

    shown_in_repr: ClassVar[tuple[str, ...]] = ("log_id", "event_type", "success", "response_status")
    shown_in_tables: ClassVar[tuple[str, ...]] = (
        *("webhook_id", "organization_id", "attempt_number", "request_duration_ms", "created_at"),
    )

    log_id: str
    """The delivery's identifier."""
    webhook_id: str | None = None
    """The endpoint."""
    organization_id: str | None = None
    """The organization that owns it."""
    event_type: WebhookEventType | None = None
    """The event, such as ``"PAYMENT_SUCCEEDED"``."""
    payload: JsonValue = None
    """All that was sent: an envelope with ``id``, ``event``, ``timestamp`` and ``data``."""
    response_status: int | None = None
    """The HTTP status that the endpoint returned; 0 when there was no response."""
    response_body: str | None = None
    """The body that the endpoint returned."""
    attempt_number: int | None = None
    """Which attempt it was, from 1."""
    success: bool | None = None
    """Whether the endpoint accepted it."""
    headers: JsonValue = None
    """The headers that were sent; the deployed API leaves them out."""
    ip_address: str | None = None
    """Where it was sent from."""
    user_agent: str | None = None
    """The user agent that sent it."""
    request_duration_ms: int | None = None
    """How long it took, in milliseconds; the deployed API leaves it out."""
    created_at: Timestamp | None = None
    """When it was sent."""


class WebhookListing(ArrayListing):
    """All endpoints of the environment, as the API sends them: not paged."""

    scheme: ClassVar[Scheme | None] = Scheme("none")

    data: list[WebhookEndpoint]
    """The endpoints."""


class WebhookDeliveryLogListing(ArrayListing):
    """One page of deliveries, as the API sends it."""

    scheme: ClassVar[Scheme | None] = Scheme("offset", 25)

    data: list[WebhookDeliveryLog]
    """The deliveries on this page."""
