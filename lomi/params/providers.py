"""What the methods of providers take."""

from __future__ import annotations

from typing import Literal

from pydantic import with_config
from typing_extensions import TypedDict

from ._base import STRICT

__all__ = ["ProviderListParams"]


@with_config(STRICT)
class ProviderListParams(TypedDict, total=False):
    """What ``providers.list`` takes."""

    provider_code: Literal["CARD", "STRIPE", "WAVE", "MTN", "SPI"] | None
    """Only this one; ``"CARD"`` and ``"STRIPE"`` are the same."""
