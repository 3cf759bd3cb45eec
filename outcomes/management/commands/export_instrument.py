import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinic.management import terminal
from outcomes.instruments import definitions, library
from outcomes.instruments.definition import InstrumentDefinition
from outcomes.instruments.fhir import score_writing, writing
from outcomes.models import Instrument
from outcomes.own_instruments import files


class Command(BaseCommand):
    help = (
        "Write a questionnaire as a FHIR R4 Questionnaire, equal in link ids, options "
        "and conditions, with the scores that FHIR can say; the others are named. "
        "Without --clinic: one that ships."
    )

    def create_parser(
        self, prog_name: str, subcommand: str, **options: Any
    ) -> CommandParser:
        # --version is the questionnaire's here, not Django's.
        options["conflict_handler"] = "resolve"
        return super().create_parser(prog_name, subcommand, **options)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("key", help="its key")
        parser.add_argument("--clinic", help="the clinic's slug")
        parser.add_argument(
            "--version", type=int, dest="number", help="else the newest"
        )
        parser.add_argument("--output", type=Path, help="a file instead of the screen")

    def handle(self, *args: Any, **options: Any) -> None:
        definition, content = self._written(options)
        for each in score_writing.unsaid(definition):
            self.stderr.write(str(each))
        text = json.dumps(content, indent=2, ensure_ascii=False)
        if not options["output"]:
            self.stdout.write(text)
            return
        try:
            options["output"].write_text(f"{text}\n", encoding="utf-8")
        except OSError as error:
            raise CommandError(
                f"{options['output']} cannot be written ({error.strerror})."
            ) from None

    def _written(
        self, options: dict[str, Any]
    ) -> tuple[InstrumentDefinition, dict[str, Any]]:
        key = options["key"]
        if not options["clinic"]:
            shipped = library.instruments().get(key)
            if shipped is None:
                known = ", ".join(library.instruments())
                raise CommandError(f"{key!r} does not ship; there are {known}.")
            return shipped, writing.questionnaire(shipped, library.measures())
        clinic = terminal.find_clinic(options["clinic"])
        rows = Instrument.objects.filter(clinic=clinic, key=key).order_by("-version")
        if options["number"]:
            rows = rows.filter(version=options["number"])
        row = rows.first()
        if row is None:
            raise CommandError(f"This clinic has no such version of {key!r}.")
        return definitions.of(row), files.written(row)
