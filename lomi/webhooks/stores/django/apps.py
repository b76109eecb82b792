"""The Django app of the inbox."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["InboxConfig"]


class InboxConfig(AppConfig):
    """One model, its migration, and the command ``lomi_inbox``."""

    name: str = "lomi.webhooks.stores.django"
    label: str = "lomi_inbox"
