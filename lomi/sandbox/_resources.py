"""Everything the sandbox serves: one line a resource."""

from __future__ import annotations

from typing import Final

from . import _customers, _me, _merchants, _portal, _transactions
from ._routes import Resource

RESOURCES: Final[tuple[Resource, ...]] = (
    _merchants.RESOURCE,
    _customers.RESOURCE,
    _transactions.RESOURCE,
    _portal.RESOURCE,
    _me.RESOURCE,
)
