from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from outcomes.follow_ups.guard import sent_already


class Command(BaseCommand):
    help = (
        "After a restore: mark as sent what a mail server's log says it accepted. FILE "
        "is the log, or a list of Message-IDs, one a line; - is the standard input."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with open(
                0 if options["file"] == "-" else options["file"],
                encoding="utf-8",
                errors="replace",
            ) as lines:
                found = sent_already.mark(lines)
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from error
        self.stdout.write(
            f"{found.named} messages are named; {found.marked} waited here and are "
            f"marked as sent now, {found.unknown} are newer than the backup."
        )
