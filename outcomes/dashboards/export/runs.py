"""What a person does with an export: ask for it, watch it, take it."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic import access, audit, clock, doorbell, glance
from clinic.models import Clinic, User
from outcomes.dashboards.export import asked, files, reading
from outcomes.models import OutcomeExport

State = OutcomeExport.State
TASK = "outcomes.work_off_export"
# A run that nobody has moved on for so long was held by a process that is gone. Packing
# ten million rows takes about as long.
LEASE = timedelta(minutes=2)
KEY_BYTES = 32
PURPOSE_LENGTH = 300
NOTHING = "There is nothing to export: no answers are counted of those chosen."
GONE = "The file is no longer here; export again."
NOT_READY = "The file is not ready yet."


@transaction.atomic
def start(
    user: User, clinic: Clinic, *, purpose: str, data: Mapping[str, Any]
) -> OutcomeExport:
    """Queue it; ValidationError names what is missing or not known."""
    purpose = " ".join(purpose.split())
    _check_purpose(purpose)
    chosen = asked.read(user, data)
    total = reading.courses(clinic, chosen).count()
    if not total:
        raise ValidationError(NOTHING)
    run = OutcomeExport.objects.create(
        clinic=clinic,
        purpose=purpose,
        choices=asked.as_json(chosen),
        is_suppressed=not access.sees_small_cells(user),
        total=total,
        key=secrets.token_hex(KEY_BYTES),
        started_by=user,
        next_action_at=clock.now(),
    )
    note(run, "export_asked", by=user)
    doorbell.ring(TASK, run.pk)
    return run


def _check_purpose(purpose: str) -> None:
    if not purpose:
        raise ValidationError({"purpose": "Say what the file is for."})
    if len(purpose) > PURPOSE_LENGTH:
        said = f"Say it in {PURPOSE_LENGTH} characters; it has {len(purpose)}."
        raise ValidationError({"purpose": said})


def note(run: OutcomeExport, what: str, *, by: User) -> None:
    """On record, with what was asked for and how much it was; nobody is named."""
    audit.record(
        by=by,
        action=f"outcomes.{what}",
        about=run,
        purpose=run.purpose,
        choices=run.choices,
        rows=run.rows,
    )


def move(run: OutcomeExport, *, to: str, **more: Any) -> None:
    """One conditional UPDATE from under way to an end."""
    standing = OutcomeExport.objects.filter(pk=run.pk, state=State.RUNNING)
    if not standing.update(state=to, key="", small_cells=[], **more):
        raise ValidationError("This export has moved on.")
    run.refresh_from_db()


def tend(clinic: Clinic, *, now: datetime) -> None:
    """For the tick: ring for what waits, throw away what was kept long enough."""
    is_due = "clinic_id = %s AND next_action_at <= %s"
    if not glance.is_any(OutcomeExport, is_due, [clinic.pk, now]):
        return
    due = OutcomeExport.objects.filter(clinic=clinic, next_action_at__lte=now)
    for run in due.order_by("next_action_at"):
        if run.is_under_way:
            doorbell.ring(TASK, run.pk)
        else:
            files.discard(run)
            OutcomeExport.objects.filter(pk=run.pk).update(next_action_at=None)
    files.sweep(now)
