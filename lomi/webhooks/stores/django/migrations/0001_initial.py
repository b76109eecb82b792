"""Create the table of the inbox."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from django.db import migrations, models
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    """The first one."""

    initial: ClassVar[bool | None] = True
    dependencies: ClassVar[Sequence[tuple[str, str]]] = []
    operations: ClassVar[Sequence[Operation]] = [
        migrations.CreateModel(
            name="InboxEvent",
            fields=[
                ("key", models.CharField(max_length=255, primary_key=True, serialize=False)),
                ("recorded_at", models.FloatField()),
                ("updated_at", models.FloatField()),
                ("status", models.CharField(max_length=8)),
                ("event", models.CharField(max_length=255)),
                ("event_id", models.CharField(max_length=255)),
                ("payload", models.BinaryField(null=True)),
                ("error", models.CharField(max_length=255)),
                ("progress", models.IntegerField()),
                ("attempts", models.IntegerField()),
                ("due_at", models.FloatField()),
            ],
            options={
                "db_table": "lomi_inbox",
                "indexes": [models.Index(fields=["status", "due_at"], name="lomi_inbox_due")],
            },
        ),
    ]
