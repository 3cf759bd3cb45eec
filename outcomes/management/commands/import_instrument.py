from argparse import BooleanOptionalAction
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinic import audit
from clinic.management import terminal
from clinic.models import Clinic
from outcomes.instruments.brought import LARGEST
from outcomes.models import InstrumentDraft
from outcomes.own_instruments import drafts, publishing, uses

REFUSED = 1


class Command(BaseCommand):
    help = (
        "Bring a questionnaire: a FHIR R4 Questionnaire (JSON) or a REDCap data "
        "dictionary (CSV). It becomes a draft; with --publish, and the statement of a "
        "licence, a version. Exit code 0: all went in, 1: something is refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the file")
        parser.add_argument("--clinic", help="the clinic's slug, where there are more")
        parser.add_argument("--form", default="", help="one form of a dictionary")
        parser.add_argument("--key", default="", help="its name in exports")
        parser.add_argument("--language", default="en", choices=["en", "es"])
        parser.add_argument("--scores", type=Path, help="a scoring file, TOML or JSON")
        parser.add_argument("--holder", default="", help="who holds the rights")
        parser.add_argument("--licence", default="", help="why the clinic may use it")
        parser.add_argument("--slot", help="ask it as this measure of protocols")
        parser.add_argument("--publish", action=BooleanOptionalAction, default=False)

    def handle(self, *args: Any, **options: Any) -> None:
        clinic = the_clinic(options["clinic"])
        content = _bytes(options["file"])
        try:
            made = drafts.bring(
                clinic,
                content,
                file_name=options["file"].name,
                form=options["form"],
                key=options["key"],
                language=options["language"],
                by=audit.SYSTEM,
            )
            refused = [self._one(draft, options) for draft in made]
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        if any(refused):
            raise SystemExit(REFUSED)

    def _one(self, draft: InstrumentDraft, options: dict[str, Any]) -> bool:
        """Whether something in it is refused; it stays a draft then."""
        if options["scores"]:
            drafts.set_scores_of_file(
                draft,
                _bytes(options["scores"]),
                by=audit.SYSTEM,
                revision=draft.revision,
            )
        content = drafts.read(draft)
        for finding in content.findings:
            mark = "refused" if finding.is_refusal else "noted"
            self.stdout.write(f"{mark}  {finding}")
        count = len(content.definition.by_link_id) if content.definition else 0
        self.stdout.write(
            f"{draft.key}: {count} items, {len(content.scores)} scores; "
            f"{len(content.refusals)} refused, {len(content.notices)} noted."
        )
        if content.refusals or not options["publish"]:
            self.stdout.write("It is a draft: see /instruments/ to go on.")
            return bool(content.refusals)
        self._publish(draft, options)
        return False

    def _publish(self, draft: InstrumentDraft, options: dict[str, Any]) -> None:
        definition = drafts.read(draft).definition
        holder = options["holder"] or (definition.copyright if definition else "")
        made = publishing.publish(
            draft,
            holder=holder[: publishing.LONGEST_HOLDER],
            licence=options["licence"],
            is_licensed=bool(options["licence"]),
            by=audit.SYSTEM,
        )
        self.stdout.write(f"Published: {made.key} version {made.version}.")
        if options["slot"]:
            uses.begin(made, slot=options["slot"], by=audit.SYSTEM)
            self.stdout.write(f"It is asked as {options['slot']}.")


def the_clinic(slug: str | None) -> Clinic:
    """The one that is named, or the only one there is."""
    if slug:
        return terminal.find_clinic(slug)
    clinics = list(Clinic.objects.all()[:2])
    if len(clinics) != 1:
        raise CommandError("Name the clinic: --clinic SLUG.")
    return clinics[0]


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except OSError as error:
        raise CommandError(f"{path} cannot be read ({error.strerror}).") from None
