import sys
from contextlib import ExitStack
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from clinic import audit
from clinic.management import progress, terminal
from clinic.reference_data import ReferenceDataError
from outcomes.imports import mapping_file, summary
from outcomes.imports.runs import Run
from outcomes.imports.spool import Spool
from outcomes.imports.summary import Summary

SOME_REFUSED, NOTHING_DONE, INTERRUPTED = 1, 2, 130


class Command(BaseCommand):
    help = (
        "Bring outcomes in from a long CSV file: a row per person and time. Exit code "
        "0: all of it went in, 1: some rows were refused, 2: an error, nothing done."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the CSV file")
        parser.add_argument(
            "--mapping", type=Path, required=True, help="TOML; see docs/importing.md"
        )
        parser.add_argument("--clinic", required=True, help="the clinic's slug")
        parser.add_argument(
            "--dry-run", action="store_true", help="check and count, write nothing"
        )
        parser.add_argument(
            "--report", type=Path, help="write every refused row to this CSV file"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = self._import(options)
        except (ReferenceDataError, CommandError) as error:
            raise CommandError(
                f"{error} Nothing was imported.", returncode=NOTHING_DONE
            ) from error
        except DatabaseError as error:
            raise CommandError(
                f"The database gave up: {error} What went in before stays; "
                "run the same command again to go on.",
                returncode=NOTHING_DONE,
            ) from error
        except KeyboardInterrupt:
            self.stderr.write(
                "Stopped. What went in before stays; "
                "run the same command again to go on."
            )
            sys.exit(INTERRUPTED)
        self.stdout.write("\n".join(found.lines()))
        if not found.is_all_fine:
            sys.exit(SOME_REFUSED)

    def _import(self, options: dict[str, Any]) -> Summary:
        path, mapping_path = options["file"], options["mapping"]
        with ExitStack() as stack:
            run = Run(
                path,
                mapping_file.read(mapping_path),
                clinic=terminal.find_clinic(options["clinic"]),
                by=audit.SYSTEM,
                spool=stack.enter_context(Spool()),
                is_dry=options["dry_run"],
            )
            report = None
            if options["report"]:
                report = stack.enter_context(
                    self._report(options["report"], [path, mapping_path])
                )
            with self._watch() as watch:
                found = run.run(watch)
            if report:
                summary.write_report(report, run.spool.refusals())
        return found

    def _watch(self) -> progress.Bar | progress.Lines:
        if self.stdout.isatty():
            return progress.Bar(sys.stdout)
        return progress.Lines(self.stdout.write)

    def _report(self, path: Path, read: list[Path]) -> TextIOWrapper:
        """Opened before anything is written, so that a bad path costs nothing."""
        if path.exists() and any(path.samefile(other) for other in read):
            raise CommandError("--report must not be the file or the mapping itself.")
        try:
            return path.open("w", encoding="utf-8", newline="")
        except OSError as error:
            raise CommandError(
                f"--report {path} cannot be written ({error.strerror})."
            ) from None
