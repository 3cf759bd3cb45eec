import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from clinic import audit, clock
from clinic.management import terminal
from clinic.models import Clinic
from clinic.reference_data import ReferenceDataError
from patients.appointments import fhir_file, importing, mapping_file, sheets
from patients.appointments.elsewhere import ElsewhereError
from patients.appointments.importing import Foreseen, Told
from patients.appointments.mapping import Mapping
from patients.record.imports.refusals import ImportFileError

SOME_REFUSED, NOTHING_DONE = 1, 2
FIRST_SHOWN = 20


class Command(BaseCommand):
    help = (
        "Take in the appointments of a day or more, from a CSV list or from FHIR R4 "
        "(a Bundle as JSON, or NDJSON). Exit code 0: all of it went in, 1: some rows "
        "were refused, 2: an error, nothing done."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the CSV, JSON or NDJSON file")
        parser.add_argument("--clinic", required=True, help="the clinic's slug")
        parser.add_argument(
            "--mapping",
            type=Path,
            help="TOML; without it the columns are guessed by their names",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="check and count, write nothing"
        )
        parser.add_argument(
            "--ours",
            action="store_true",
            help="take it in although most of its MRNs are not known here",
        )
        parser.add_argument(
            "--cancel-missing",
            action="store_true",
            help="mark as cancelled what an earlier file had for the same days and "
            "this one has not",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = self._taken(options)
        except ElsewhereError as error:
            raise CommandError(
                f"{error} Here that is --ours. Nothing was imported.",
                returncode=NOTHING_DONE,
            ) from error
        except (ImportFileError, ReferenceDataError, CommandError) as error:
            raise CommandError(
                f"{error} Nothing was imported.", returncode=NOTHING_DONE
            ) from error
        except DatabaseError as error:
            # Its text may repeat what stands in a row.
            raise CommandError(
                f"The database gave up ({type(error).__name__}). Nothing was imported.",
                returncode=NOTHING_DONE,
            ) from error
        self.stdout.write("\n".join(lines(found, is_dry=options["dry_run"])))
        if found.refused:
            sys.exit(SOME_REFUSED)

    def _taken(self, options: dict[str, Any]) -> Foreseen:
        clinic = terminal.find_clinic(options["clinic"])
        rows, source = self._read(options["file"], clinic, options["mapping"])
        if options["dry_run"]:
            found = importing.foresee(clinic, rows, source=source)
            if found.doubt and not options["ours"]:
                raise ElsewhereError(found.doubt.refusal)
            return found
        return importing.take_in(
            clinic,
            rows,
            by=audit.SYSTEM,
            source=source,
            takes_unknown=options["ours"],
            cancels_missing=options["cancel_missing"],
        )

    def _read(
        self, path: Path, clinic: Clinic, mapping: Path | None
    ) -> tuple[list[Told], str]:
        if not path.is_file():
            raise CommandError(f"{path} is no file that can be read.")
        if path.stat().st_size > sheets.MOST_BYTES:
            raise ImportFileError(sheets.TOO_LARGE)
        raw = path.read_bytes()
        if sheets.is_json(sheets.decoded(raw)):
            chosen = (
                mapping_file.read(mapping, Mapping(source="fhir")) if mapping else None
            )
            source = chosen.source if chosen else "fhir"
            return list(fhir_file.told(path, clinic)), source
        return self._listed(raw, clinic, mapping)

    def _listed(
        self, raw: bytes, clinic: Clinic, mapping: Path | None
    ) -> tuple[list[Told], str]:
        sheet = sheets.read(raw)
        guess = sheets.guess(sheet, clinic, today=clock.today(clinic.zone))
        chosen = mapping_file.read(mapping, guess) if mapping else guess
        for key, column in chosen.columns.items():
            if column not in sheet.header:
                raise CommandError(
                    f"The list has no column {column!r} (for {key}); it has "
                    f"{', '.join(sheet.header)}."
                )
        lacking = ", ".join(known.label for known in chosen.missing())
        if lacking:
            known = ", ".join(repr(name) for name in sheet.header)
            raise CommandError(
                f"No column is known for: {lacking}. Name it under [columns] of a "
                f"--mapping; the list has {known}."
            )
        return importing.told(sheet, chosen, zone=clinic.zone), chosen.source


def lines(found: Foreseen, *, is_dry: bool) -> list[str]:
    """For people, one sentence a line; without names."""
    counts = ", ".join(f"{number} {word}" for word, number in found.counts.items())
    said = [f"Appointments: {counts}."]
    said += [f"  row {line.number}: {line.why}" for line in found.refused[:FIRST_SHOWN]]
    more = len(found.refused) - FIRST_SHOWN
    if more > 0:
        said.append(f"  and {more} more refused.")
    if found.unmatched:
        said.append(
            f"{len(found.unmatched)} of somebody who is not registered here: kept, and "
            "found once that number is."
        )
    if found.missing:
        done = "now cancelled" if found.is_cancelling else "kept as booked"
        said.append(
            f"{len(found.missing)} of these days are not in this file any more: {done}."
        )
    for name, number in found.unknown_locations.items():
        said.append(f"No location is called {name!r} here ({number} rows).")
    if is_dry:
        said.append("Nothing was written: this was a dry run.")
    return said
