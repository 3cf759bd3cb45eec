"""Works a run off, batch by batch; safe against a second worker and against a kill."""

import logging
import math
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from uuid import UUID

from django.db import OperationalError, connection, transaction

from clinic import audit, bulk, pieces
from clinic.models import Clinic
from patients.models import (
    Complaint,
    ContactPoint,
    Diagnosis,
    Patient,
    PatientImport,
    RefusedRow,
    SearchTerm,
)
from patients.record.imports import files, person, runs
from patients.record.imports.fhir import FhirSource
from patients.record.imports.lists import ListSource
from patients.record.imports.mapping import Mapping
from patients.record.imports.references import (
    RehearsedReferences,
    StoredReferences,
)
from patients.record.imports.refusals import ImportFileError
from patients.record.imports.steps import PATIENTS, REFUSED, Source, Step, Tally

logger = logging.getLogger(__name__)

State = PatientImport.State
STEPS_AT_ONCE = 200
# On SQLite whoever saves a page waits for a batch to end, and needs a moment to begin.
HELD_SECONDS, SHARE_OF_OTHERS = 0.5, 0.2
MOST_REFUSED_KEPT = 5000
# From here on the planner's statistics would mislead the next page that is opened.
_ANALYZE_FROM = 10_000

At = Callable[[int], object]


def work_off(
    run_id: UUID, *, seconds: float = math.inf, at: At = lambda done: None
) -> bool:
    """For so long, then let others have their turn; whether there is more to do."""
    run = claim(run_id)
    if run is None:
        return False
    try:
        return work(run, until=time.monotonic() + seconds, at=at)
    except pieces.LostClaimError:
        return False
    except OperationalError:
        # The tick rings again once the claim is over.
        raise
    except ImportFileError as error:
        fail(run, str(error))
    except FileNotFoundError:
        fail(
            run,
            "The file is not here. Where web and workers run on several machines, they "
            "must share the folder “imports” of MENDLINE_DATA.",
        )
    except Exception as error:
        # Its text can hold what stands in a row.
        logger.error("import %s: %s", run_id, type(error).__name__)
        fail(run, f"An error of the program ended it ({type(error).__name__}).")
    return False


def claim(run_id: UUID) -> PatientImport | None:
    runs_there = PatientImport.objects.select_related("clinic", "started_by")
    return pieces.claim(runs_there, run_id, runs.LEASE)


def work(run: PatientImport, *, until: float, at: At) -> bool:
    steps = source_of(run).steps(skip=run.done)
    began = time.monotonic()
    while take(run, steps):
        at(run.done)
        now = time.monotonic()
        if now >= until:
            return pieces.pause(PatientImport.objects.all(), run.pk, runs.LEASE)
        if connection.vendor == "sqlite":
            time.sleep((now - began) * SHARE_OF_OTHERS)
        began = time.monotonic()
    finish(run)
    return False


def source_of(run: PatientImport) -> Source:
    path, mapping = files.path_of(run), Mapping.from_json(run.mapping)
    by = run.started_by or audit.SYSTEM
    if run.kind == PatientImport.Kind.CSV:
        return ListSource(path, mapping, clinic=run.clinic, by=by)
    references = StoredReferences(run)
    return FhirSource(path, mapping, clinic=run.clinic, by=by, references=references)


@transaction.atomic
def take(run: PatientImport, steps: Iterator[Step]) -> int:
    """Some rows and how far we are with them, or neither; how many there were."""
    hold(run)
    tally = Tally()
    until = time.monotonic() + HELD_SECONDS
    for step in islice(steps, STEPS_AT_ONCE):
        tally.take(step)
        if time.monotonic() >= until:
            break
    keep_refused(run, tally)
    tally.add(run.counts)
    run.done += tally.done
    run.counts = tally.as_json()
    run.save(update_fields=["done", "counts"])
    return tally.done


def hold(run: PatientImport) -> None:
    pieces.hold(PatientImport.objects.all(), run.pk, run.done, runs.LEASE)


def keep_refused(run: PatientImport, tally: Tally) -> None:
    room = MOST_REFUSED_KEPT - sum(
        outcomes.get(REFUSED, 0) for outcomes in run.counts.values()
    )
    RefusedRow.objects.bulk_create(
        RefusedRow(
            run=run,
            number=refused.step.number,
            resource=refused.step.resource,
            problems=[problem.as_json() for problem in refused.problems],
            cells=list(refused.step.cells),
        )
        for refused in tally.refused[: max(room, 0)]
    )


@transaction.atomic
def finish(run: PatientImport) -> None:
    hold(run)
    runs.move(run, from_states=[State.RUNNING], to=State.FINISHED, **runs.ended(run))
    if run.kind == PatientImport.Kind.FHIR:
        StoredReferences(run).tidy()
    audit.record(
        by=run.started_by or audit.SYSTEM,
        action="patient_import.finished",
        about=run,
        counts=run.counts,
    )
    if run.count(PATIENTS, person.Outcome.NEW) >= _ANALYZE_FROM:
        bulk.analyze(Patient, ContactPoint, SearchTerm, Complaint, Diagnosis)
    transaction.on_commit(lambda: files.discard(run))


@transaction.atomic
def fail(run: PatientImport, why: str) -> None:
    run.refresh_from_db()
    runs.move(
        run,
        from_states=[State.RUNNING],
        to=State.FAILED,
        error=f"{why} What went in before stays."[:300],
        **runs.ended(run),
    )
    audit.record(by=audit.SYSTEM, action="patient_import.failed", about=run)
    transaction.on_commit(lambda: files.discard(run))


def rehearse(
    path: Path,
    kind: str,
    mapping: Mapping,
    *,
    clinic: Clinic,
    by: person.By,
    at: At = lambda done: None,
) -> Tally:
    """The same work, each batch undone at its end."""
    source: Source = ListSource(path, mapping, clinic=clinic, by=by)
    if kind == PatientImport.Kind.FHIR:
        references = RehearsedReferences(
            clinic,
            lambda given: person.take(clinic, given, by=by, mapping=mapping).patient,
        )
        source = FhirSource(path, mapping, clinic=clinic, by=by, references=references)
    tally = Tally()
    steps = source.steps(skip=0)
    while rehearse_some(tally, steps):
        at(tally.done)
    return tally


def rehearse_some(tally: Tally, steps: Iterator[Step]) -> int:
    before = tally.done
    with transaction.atomic():
        for step in islice(steps, STEPS_AT_ONCE):
            tally.take(step)
        transaction.set_rollback(True)
    return tally.done - before
