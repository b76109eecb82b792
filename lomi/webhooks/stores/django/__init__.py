"""An inbox in Django's database: add ``"lomi.webhooks.stores.django"`` to ``INSTALLED_APPS``, and migrate."""

from __future__ import annotations

from .store import DjangoStore

__all__ = ["DjangoStore"]
