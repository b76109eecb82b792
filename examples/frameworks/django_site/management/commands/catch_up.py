"""`python manage.py catch_up`: process payments whose webhooks did not arrive."""

from datetime import timedelta

from django.core.management.base import BaseCommand
from django.utils import timezone

from ...clients import lomi
from ...webhooks import inbox


class Command(BaseCommand):
    """Read the payments of the last two days again; those that are known stay."""

    def handle(self, *_args: object, **_options: object) -> None:
        """Print how many had which result."""
        since = timezone.now() - timedelta(days=2)
        self.stdout.write(str(inbox.catch_up(lomi(), since=since)))
