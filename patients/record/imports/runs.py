"""What a person does with an import: hand in a file, confirm it, stop it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic import audit, clock, doorbell, glance
from clinic.audit import By
from clinic.models import Clinic, User
from patients.models import PatientImport
from patients.record.imports import content, fhir_glance, files, mapping, table
from patients.record.imports.mapping import Mapping
from patients.record.imports.refusals import ImportFileError

State = PatientImport.State
TASK = "patients.work_off_import"
# What is looked at to guess a mapping and to find the words of a column.
ROWS_LOOKED_AT = 2000
# A run that nobody has moved on for so long was held by a process that is gone.
LEASE = timedelta(minutes=1)


@transaction.atomic
def receive(clinic: Clinic, *, by: By, upload: Path, file_name: str) -> PatientImport:
    """A file of our folder, looked through once and kept; nobody is registered yet.

    Raises ImportFileError where it cannot be read.
    """
    run = described(upload)
    run.clinic = clinic
    run.file_name = file_name[:200]
    run.started_by = by if isinstance(by, User) else None
    run.next_action_at = run.created_at + files.KEPT_FOR
    run.mapping = remembered(run) or run.mapping
    run.save()
    audit.record(
        by=by,
        action="patient_import.received",
        about=run,
        kind=run.kind,
        rows=run.total,
    )
    files.keep(upload, run)
    return run


def remembered(run: PatientImport) -> dict[str, Any] | None:
    """How the last list with the same columns was read."""
    before = PatientImport.objects.filter(
        clinic=run.clinic, kind=PatientImport.Kind.CSV, state=State.FINISHED
    )
    header = run.contents.get("header")
    last = next((r for r in before[:20] if r.contents["header"] == header), None)
    # To register twins is decided for each list anew.
    return {**last.mapping, "registers_twins": False} if last else None


def described(path: Path) -> PatientImport:
    """A run, not saved, that says what the file holds and how it may be read."""
    kind = content.kind_of(path)
    if kind == PatientImport.Kind.FHIR:
        found = fhir_glance.look(path)
        return PatientImport(
            kind=kind, total=found.total, contents=found.as_json(), mapping={}
        )
    with table.opened(path) as lines:
        rows = (cells for _, cells in lines.rows())
        first = list(islice(rows, ROWS_LOOKED_AT))
        total = len(first) + sum(1 for _ in rows)
        if not total:
            raise ImportFileError(
                "The list has a first row with names and no patients."
            )
        return PatientImport(
            kind=kind,
            total=total,
            contents={"header": lines.header, "delimiter": lines.delimiter},
            mapping=mapping.guess(lines.header, first).as_json(),
        )


def words(run: PatientImport, chosen: Mapping) -> dict[str, dict[str, str]]:
    """The different words in each column of choices, of the first rows."""
    with table.opened(files.path_of(run)) as lines:
        first = (cells for _, cells in islice(lines.rows(), ROWS_LOOKED_AT))
        return mapping.words_of(chosen, lines.header, first)


@transaction.atomic
def confirm(
    run: PatientImport, *, by: By, chosen: Mapping, is_in_hand: bool = False
) -> PatientImport:
    """From here on it goes in: by a worker, or by the caller who has it in hand.

    Should that caller be killed, the tick finds it a minute later.
    """
    check_complete(run, chosen)
    now = clock.now()
    move(
        run,
        from_states=[State.UPLOADED],
        to=State.QUEUED,
        mapping=chosen.as_json(),
        next_action_at=now + LEASE if is_in_hand else now,
    )
    audit.record(by=by, action="patient_import.confirmed", about=run)
    if not is_in_hand:
        doorbell.ring(TASK, run.pk)
    return run


def check_complete(run: PatientImport, chosen: Mapping) -> None:
    if run.kind == PatientImport.Kind.CSV:
        missing = {
            known.key: f"Choose the column of the {known.label}; everybody needs one."
            for known in chosen.missing()
        }
        if missing:
            raise ValidationError(missing)


@transaction.atomic
def stop(run: PatientImport, *, by: By) -> PatientImport:
    """Nothing more goes in, and the file is thrown away; what is in stays."""
    waits = [State.UPLOADED, State.QUEUED, State.RUNNING]
    done = run.done
    move(run, from_states=waits, to=State.STOPPED, **ended(run))
    audit.record(by=by, action="patient_import.stopped", about=run, done=done)
    transaction.on_commit(lambda: files.discard(run))
    return run


def ended(run: PatientImport) -> dict[str, Any]:
    """The days of a run that is over; what was refused is kept for a while."""
    now = clock.now()
    return {"finished_at": now, "next_action_at": now + files.KEPT_FOR}


def move(
    run: PatientImport, *, from_states: Iterable[str], to: str, **more: Any
) -> None:
    """One conditional UPDATE: of two who act at once, one is told so."""
    standing = PatientImport.objects.filter(pk=run.pk, state__in=from_states)
    if not standing.update(state=to, **more):
        raise ValidationError("Somebody else was faster: this import has moved on.")
    run.refresh_from_db()


def tend(clinic: Clinic, *, now: datetime) -> None:
    """For the tick: ring for what waits, throw away what nobody needs any more."""
    is_due = "clinic_id = %s AND next_action_at <= %s"
    if glance.is_any(PatientImport, is_due, [clinic.pk, now]):
        _work_off(clinic, now)
    files.sweep(now)


def _work_off(clinic: Clinic, now: datetime) -> None:
    due = PatientImport.objects.filter(clinic=clinic, next_action_at__lte=now)
    for run in due.order_by("next_action_at"):
        if run.is_under_way:
            doorbell.ring(TASK, run.pk)
        elif run.state == State.UPLOADED:
            expire(run)
        else:
            forget(run)


@transaction.atomic
def expire(run: PatientImport) -> None:
    days = files.KEPT_FOR.days
    move(
        run,
        from_states=[State.UPLOADED],
        to=State.STOPPED,
        error=f"Nobody confirmed it within {days} days; the file was thrown away.",
        **ended(run),
    )
    audit.record(by=audit.SYSTEM, action="patient_import.expired", about=run)
    transaction.on_commit(lambda: files.discard(run))


@transaction.atomic
def forget(run: PatientImport) -> None:
    """What stood in refused rows is a copy of somebody's list; the reasons stay."""
    run.refused_rows.update(cells=[])
    PatientImport.objects.filter(pk=run.pk).update(next_action_at=None)
