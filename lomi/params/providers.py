"""What the methods of providers take."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

__all__ = ["ProviderListParams"]


@with_config(ConfigDict(extra="forbid", strict=True, defer_build=True))
class ProviderListParams(TypedDict, total=False):
    """What ``providers.list`` takes."""

    provider_code: Literal["CARD", "STRIPE", "WAVE", "MTN", "SPI"] | None
    """Only this one; ``"CARD"`` and ``"STRIPE"`` are the same."""
