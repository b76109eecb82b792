"""The table of the inbox, as Django sees it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from .. import KEY_LENGTH

__all__ = ["InboxEvent"]


class InboxEvent(models.Model):
    """A row of the inbox; `StoredEvent` tells what its fields are."""

    key: models.CharField[str, str] = models.CharField(max_length=KEY_LENGTH, primary_key=True)
    recorded_at: models.FloatField[float, float] = models.FloatField()
    updated_at: models.FloatField[float, float] = models.FloatField()
    status: models.CharField[str, str] = models.CharField(max_length=8)
    event: models.CharField[str, str] = models.CharField(max_length=KEY_LENGTH)
    event_id: models.CharField[str, str] = models.CharField(max_length=KEY_LENGTH)
    payload: models.BinaryField[bytes | None, bytes | memoryview | None] = models.BinaryField(null=True)
    error: models.CharField[str, str] = models.CharField(max_length=KEY_LENGTH)
    progress: models.IntegerField[int, int] = models.IntegerField()
    attempts: models.IntegerField[int, int] = models.IntegerField()
    due_at: models.FloatField[float, float] = models.FloatField()

    class Meta:
        """Its table is that of the other stores."""

        app_label: str = "lomi_inbox"
        db_table: str = "lomi_inbox"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["status", "due_at"], name="lomi_inbox_due")]
