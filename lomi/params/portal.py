"""What the methods of the customer portal take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import with_config
from typing_extensions import TypedDict

from .._i18n.language import Message
from ..errors import FieldError
from ._base import STRICT, NonBlank, PageNumber, SentAs, int_between
from ._rules import rules
from ._types import AbsoluteURL, UUIDString

__all__ = ["PortalAuditParams", "PortalLaunchParams"]

_PageSize = Annotated[int, int_between(1, 200)]


def _subscription(values: Mapping[str, Any]) -> Iterable[FieldError]:
    if values.get("flow_type") == "subscription_cancel" and "flow_subscription_id" not in values:
        problem = Message('is required for flow_type "subscription_cancel"')
        yield FieldError("flow_subscription_id", problem, Message("pass flow_subscription_id"))


@rules(_subscription)
@with_config(STRICT)
class PortalLaunchParams(TypedDict, total=False):
    """What ``customers.create_portal_launch_session`` takes beside the id."""

    return_url: AbsoluteURL | None
    """Where the customer comes back to. It has to be on the list of allowed URLs in the dashboard."""
    flow_type: Literal["portal_home", "subscription_cancel", "subscription_manage"] | None
    """Where the customer begins. The API's default is ``"portal_home"``."""
    flow_subscription_id: UUIDString | None
    """The subscription that it is about; required for ``"subscription_cancel"``."""
    flow_after_completion_url: AbsoluteURL | None
    """Where the customer goes after completing the flow."""


@with_config(STRICT)
class PortalAuditParams(TypedDict, total=False):
    """What ``customers.get_portal_audit`` takes beside the id."""

    event_type: Annotated[NonBlank | None, SentAs("eventType")]
    """Only events of this kind."""
    eventType: NonBlank | None  # its name on the wire
    """The same, under its name on the wire."""
    page: PageNumber | None
    """The first page to read, from 1. Default 1."""
    page_size: Annotated[_PageSize | None, SentAs("pageSize")]
    """Events a page, 1 to 200. Default 50."""
    pageSize: _PageSize | None  # its name on the wire
    """The same, under its name on the wire."""
