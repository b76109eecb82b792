"""What the methods of webhooks and webhook delivery logs take."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

from pydantic import with_config
from pydantic_core import PydanticKnownError
from typing_extensions import Required, TypedDict

from .._i18n.language import Message
from ..models.webhooks import WebhookEndpoint, WebhookEventType
from ._base import STRICT, Flag, Metadata, PageNumber, SentAs, Text, converted_by, invalid
from ._rules import Dropped, refuse_card_data, rules, warn
from ._types import AbsoluteURL, Offset, QueryFlag, UUIDString

__all__ = ["WebhookCreateParams", "WebhookDeliveryLogListParams", "WebhookUpdateParams", "warn_of_dropped"]

_EVENT = re.compile("[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")


def _events(value: Any) -> list[str]:
    """Return one event or several as a list of their names."""
    names: Any = [value] if isinstance(value, str) else value
    if not isinstance(names, (list, tuple, set, frozenset)):
        raise PydanticKnownError("list_type")
    if not names or not all(isinstance(name, str) and _EVENT.fullmatch(name) for name in names):  # pyright: ignore[reportUnknownVariableType]
        problem = Message("is empty, or holds what is not the name of an event")
        raise invalid(problem, Message("such as PAYMENT_SUCCEEDED"))
    return list(names)  # pyright: ignore[reportUnknownArgumentType]


_Events = Annotated[Sequence[WebhookEventType] | WebhookEventType, converted_by(_events)]


def _description(values: Mapping[str, Any]) -> Iterable[Dropped]:
    if "description" in values and "metadata" in values:
        yield Dropped("description", "is dropped by the API when metadata is passed: put it into the metadata")


def warn_of_dropped(sent: Mapping[str, Any] | None, endpoint: WebhookEndpoint) -> None:
    """Warn of every field of an update that the endpoint does not have as it was sent."""
    for name, value in (sent or {}).items():
        if _comparable(endpoint[name]) != _comparable(value):
            warn(f"{name} is dropped by the API: the endpoint is as it was before. Change it in the dashboard")


def _comparable(value: Any) -> Any:
    if isinstance(value, list):
        return set(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    return value.rstrip("/") if isinstance(value, str) else value


@rules(_description, refuse_card_data)
@with_config(STRICT)
class WebhookCreateParams(TypedDict, total=False):
    """What ``webhooks.create`` takes; ``url`` and ``authorized_events`` are required."""

    url: Required[AbsoluteURL]
    """Where to send events: https, a public host, no credentials in it."""
    authorized_events: Required[_Events]
    """The events to send, at least one, such as ``["PAYMENT_SUCCEEDED", "PAYMENT_FAILED"]``."""
    description: Text | None
    """What it is for. The API keeps it in the metadata, and drops it when ``metadata`` is passed."""
    metadata: Metadata | None
    """Your own key-value pairs: what JSON can carry, integers up to ±(2^53 − 1)."""


@with_config(STRICT)
class WebhookUpdateParams(TypedDict, total=False):
    """What ``webhooks.update`` takes: what is left out stays as it is; nothing can be cleared."""

    url: AbsoluteURL
    """Where to send events: https, a public host, no credentials in it."""
    authorized_events: _Events
    """The events to send, at least one. They replace those of before."""
    is_active: Flag
    """Whether to send events."""
    metadata: Metadata
    """Your own key-value pairs. They replace those of before."""


@with_config(STRICT)
class WebhookDeliveryLogListParams(TypedDict, total=False):
    """What ``webhook_delivery_logs.list`` takes; ``webhook_id`` is required."""

    webhook_id: Required[Annotated[UUIDString, SentAs("webhookId")]]
    """The endpoint."""
    success_only: Annotated[QueryFlag | None, SentAs("successOnly")]
    """Whether to list only deliveries that the endpoint accepted. Default False."""
    successOnly: QueryFlag | None  # its name on the wire
    """The same, under its name on the wire."""
    failed_only: Annotated[QueryFlag | None, SentAs("failedOnly")]
    """Whether to list only deliveries that failed. Default False."""
    failedOnly: QueryFlag | None  # its name on the wire
    """The same, under its name on the wire."""
    limit: PageNumber | None
    """Deliveries a page, from 1. Default 25; the API sets no maximum."""
    offset: Offset | None
    """How many to skip. Default 0."""
