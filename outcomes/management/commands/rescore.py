from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinic.management import terminal
from outcomes.survey import rescoring

DIFFERENT = 1


class Command(BaseCommand):
    help = (
        "Reckon every score of sealed responses again, with the version of the "
        "questionnaire each is pinned to, and compare value, version of the algorithm "
        "and hash of the inputs. Changes nothing. Exit code 1: some differ."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="compare; there is no other way"
        )
        parser.add_argument("--clinic", help="the clinic's slug; else all clinics")
        parser.add_argument(
            "--show", type=int, default=20, help="how many differences to print"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["check"]:
            raise CommandError("Scores are never rewritten. Use --check to compare.")
        slug = options["clinic"]
        found = rescoring.check(
            terminal.find_clinic(slug) if slug else None, show=options["show"]
        )
        for each in found.first:
            self.stdout.write(str(each))
        self.stdout.write(
            f"{found.responses:,} sealed responses, {found.scores:,} scores: "
            f"{found.differences:,} differ."
        )
        if found.differences:
            raise SystemExit(DIFFERENT)
