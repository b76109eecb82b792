"""The customer portal: what comes back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from typing_extensions import override

from ._base import LomiModel, Metadata, Timestamp
from ._types import OPEN, Secret
from .pagination import Listing

__all__ = ["PortalEvent", "PortalEventListing", "PortalFlowType", "PortalLaunchSession"]

_PortalFlowType = Literal["portal_home", "subscription_cancel", "subscription_manage"]
PortalFlowType = Annotated[_PortalFlowType | str, OPEN]
"""Where a customer begins in the portal. More values can come."""


class PortalLaunchSession(LomiModel):
    """A link with which a customer enters the portal once. Only `customer_id` is certain to be there."""

    shown_in_repr: ClassVar[tuple[str, ...]] = ("customer_id", "flow_type", "expires_in_seconds")
    shown_in_tables: ClassVar[tuple[str, ...]] = ("organization_id", "flow_subscription_id")
    always_masked: ClassVar[tuple[str, ...]] = ("launch_token", "launch_url")

    customer_id: str
    """The customer."""
    organization_id: str | None = None
    """The organization."""
    launch_token: Secret | None = None
    """What lets its holder in, once, as that customer. It is never printed."""
    launch_url: Secret | None = None
    """Where to send the customer. The token is in it: it is never printed."""
    expires_in_seconds: int | None = None
    """For how many seconds it can be used: 900."""
    flow_type: PortalFlowType | None = None
    """Where the customer begins."""
    flow_subscription_id: str | None = None
    """The subscription that it is about."""
    return_url: str | None = None
    """Where the customer comes back to."""
    flow_after_completion_url: str | None = None
    """Where the customer goes after completing the flow."""


class PortalEvent(LomiModel):
    """Something that happened in the portal. Only `event_id` is certain to be there."""

    shown_in_repr: ClassVar[tuple[str, ...]] = ("event_id", "event_type", "created_at")
    shown_in_tables: ClassVar[tuple[str, ...]] = ("organization_id", "customer_id")

    event_id: str
    """The event's identifier."""
    organization_id: str | None = None
    """The organization."""
    customer_id: str | None = None
    """The customer."""
    event_type: str | None = None
    """What happened."""
    metadata: Metadata | None = None
    """More about it."""
    created_at: Timestamp | None = None
    """When it happened."""


class PortalEventListing(Listing):
    """One page of a customer's portal events, as the API sends it."""

    events: list[PortalEvent]
    """The events on this page."""

    @property
    @override
    def items(self) -> Sequence[PortalEvent]:
        """The events on this page."""
        return self.events
