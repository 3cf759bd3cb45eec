from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from clinic.models import Clinic
from outcomes.follow_ups.guard import pauses
from outcomes.models import SendingPause


class Command(BaseCommand):
    help = (
        "Pause all messages to patients of every clinic, as after restoring a backup. "
        "A person of each clinic releases them on the Operations page."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reason", default="restored from a backup")

    def handle(self, *args: Any, **options: Any) -> None:
        reason = options["reason"][:200]
        for clinic in Clinic.objects.order_by("slug"):
            is_new = pauses.trip(clinic, SendingPause.Cause.RESTORE, reason=reason)
            said = "paused now" if is_new else "was paused already"
            self.stdout.write(f"{clinic.slug}: {said}")
