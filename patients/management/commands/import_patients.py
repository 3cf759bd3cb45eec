import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from clinic import audit
from clinic.management import progress, terminal
from clinic.reference_data import ReferenceDataError
from patients.models import PatientImport
from patients.record.imports import files, mapping_file, runs, work
from patients.record.imports.mapping import Mapping
from patients.record.imports.refusals import ImportFileError
from patients.record.imports.report import FIRST_SHOWN, Report, named

Watch = progress.Bar | progress.Lines
SOME_REFUSED, NOTHING_DONE, INTERRUPTED = 1, 2, 130
AGAIN = "What went in before stays; run the same command again to go on."


class UnfinishedError(Exception):
    """It began, and something stopped it."""


class Command(BaseCommand):
    help = (
        "Bring patients in from a CSV list, or from FHIR R4 (a Bundle as JSON, or "
        "NDJSON). Exit code 0: all of it went in, 1: some rows were refused, 2: an "
        "error, nothing done."
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

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = self._import(options)
        except (ImportFileError, ReferenceDataError, CommandError) as error:
            raise CommandError(
                f"{error} Nothing was imported.", returncode=NOTHING_DONE
            ) from error
        except UnfinishedError as error:
            raise CommandError(str(error), returncode=NOTHING_DONE) from error
        except DatabaseError as error:
            raise CommandError(
                f"The database gave up ({type(error).__name__}). {AGAIN}",
                returncode=NOTHING_DONE,
            ) from error
        except KeyboardInterrupt:
            self.stderr.write(f"Stopped. {AGAIN}")
            sys.exit(INTERRUPTED)
        self.stdout.write("\n".join(found.lines()))
        if found.number_refused:
            sys.exit(SOME_REFUSED)

    def _import(self, options: dict[str, Any]) -> Report:
        clinic = terminal.find_clinic(options["clinic"])
        with self._copied(options["file"]) as copy:
            run = runs.described(copy)
            run.clinic = clinic
            chosen = self._chosen(run, options["mapping"])
            with self._watch() as watch:
                is_dry = options["dry_run"]
                watch.stage("Checking" if is_dry else "Importing", run.steps)
                take = self._rehearsed if is_dry else self._worked_off
                found = take(run, copy, options["file"].name, chosen, watch)
                watch.at(run.steps)
        return found

    def _copied(self, path: Path) -> AbstractContextManager[Path]:
        if not path.is_file():
            raise CommandError(f"{path} is no file that can be read.")
        return files.copy_of(path)

    def _chosen(self, run: PatientImport, path: Path | None) -> Mapping:
        guess = Mapping.from_json(run.mapping)
        chosen = mapping_file.read(path, guess) if path else guess
        header = run.contents.get("header", [])
        for key, column in chosen.columns.items():
            if column not in header:
                raise CommandError(
                    f"The list has no column {column!r} (for {key}); it has "
                    f"{', '.join(header)}."
                )
        try:
            runs.check_complete(run, chosen)
        except ValidationError as error:
            known = ", ".join(repr(name) for name in header)
            raise CommandError(
                f"{' '.join(error.messages)} Name it under [columns] of a --mapping; "
                f"the list has {known}."
            ) from error
        return chosen

    def _rehearsed(
        self, run: PatientImport, copy: Path, name: str, chosen: Mapping, watch: Watch
    ) -> Report:
        tally = work.rehearse(
            copy, run.kind, chosen, clinic=run.clinic, by=audit.SYSTEM, at=watch.at
        )
        refused = [
            (each.step.number, named(each.step.resource), each.why)
            for each in tally.refused[:FIRST_SHOWN]
        ]
        return Report(tally.as_json(), refused, is_dry=True)

    def _worked_off(
        self, run: PatientImport, copy: Path, name: str, chosen: Mapping, watch: Watch
    ) -> Report:
        """Kept as a run like any other, so that the clinic sees it on its pages."""
        run = runs.receive(run.clinic, by=audit.SYSTEM, upload=copy, file_name=name)
        runs.confirm(run, by=audit.SYSTEM, chosen=chosen, is_in_hand=True)
        try:
            work.work_off(run.pk, at=watch.at)
        except KeyboardInterrupt:
            # Else a worker would go on with it a minute later.
            runs.stop(run, by=audit.SYSTEM)
            raise
        run.refresh_from_db()
        if run.state != PatientImport.State.FINISHED:
            raise UnfinishedError(run.error or f"The import is {run.state}. {AGAIN}")
        refused = [
            (row.number, named(row.resource), row.why)
            for row in run.refused_rows.all()[:FIRST_SHOWN]
        ]
        return Report(run.counts, refused, is_dry=False)

    def _watch(self) -> Watch:
        if self.stdout.isatty():
            return progress.Bar(sys.stdout)
        return progress.Lines(self.stdout.write)
