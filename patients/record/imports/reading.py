"""What is shown of an import, to people and to programs; each look is kept."""

from collections.abc import Iterable
from uuid import UUID

from clinic import audit
from clinic.models import User
from patients.models import PatientImport, RefusedRow
from patients.record.imports import files, preview
from patients.record.imports.mapping import Mapping
from patients.record.imports.preview import Preview

GONE = "The file is no longer here; hand it in again."
CONFIRMED_BEFORE = "This import has been confirmed before."


def is_here(run: PatientImport) -> bool:
    return files.path_of(run).exists()


def look(run: PatientImport, chosen: Mapping, *, by: User) -> Preview:
    """The first rows of a list as they would be stored; nothing is."""
    found = preview.first_rows(files.path_of(run), chosen, clinic=run.clinic, by=by)
    audit.record(
        by=by,
        action="patient_import.previewed",
        about=run,
        patients=found.patients,
    )
    return found


def note(
    run: PatientImport, what: str, *, by: User, refused: Iterable[RefusedRow] = ()
) -> None:
    """`what` was done, and the refused rows shown for it."""
    action = f"patient_import.{what}"
    audit.record(by=by, action=action, about=run, patients=named_in(refused))


def named_in(refused: Iterable[RefusedRow]) -> set[UUID]:
    """Who is here already and is named in a reason."""
    return {
        UUID(problem["patient"])
        for row in refused
        for problem in row.problems
        if "patient" in problem
    }
