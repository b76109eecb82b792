"""Whose key it is: what comes back."""

from __future__ import annotations

from typing import ClassVar

from ._base import LomiModel
from ._types import EnvironmentName

__all__ = ["Me"]


class Me(LomiModel):
    """The merchant and the organization that the key belongs to. Only `merchant_id` is certain to be there."""

    shown_in_repr: ClassVar[tuple[str, ...]] = ("merchant_id", "organization_id", "environment")

    merchant_id: str
    """The merchant's identifier: what the methods of ``client.merchants`` take."""
    organization_id: str | None = None
    """The organization's identifier: what ``client.organizations.get`` takes."""
    organization_name: str | None = None
    """The organization's name; ``"Organization"`` when it has none."""
    environment: EnvironmentName | None = None
    """``"test"`` or ``"live"``, as the key says."""
