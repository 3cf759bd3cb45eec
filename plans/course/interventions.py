"""What happens to one intervention, and the only code that changes its status."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic import audit, clock, consequences
from clinic.models import User
from patients.models.patient import validate_lived, validate_past
from plans.cautions import passing
from plans.course.lifecycle import LATE_ENTRY, LATEST_PROCEDURE, By
from plans.models import Intervention, Plan


@transaction.atomic
def perform(
    intervention: Intervention,
    *,
    performed_on: date,
    by: By,
    caution_reasons: Mapping[str, str] | None = None,
    **details: Any,
) -> Intervention:
    """Record that it was done, on a day that has come; the follow-ups move with it."""
    patient = intervention.plan.complaint.patient
    validate_past("performed_on", performed_on, clock.today(patient.time_zone))
    validate_lived("performed_on", performed_on, patient)
    check_performed_on(intervention.plan, performed_on)
    claim(intervention, performed_on)
    intervention.performed_by = by if isinstance(by, User) else None
    for name, value in details.items():
        setattr(intervention, name, value)
    intervention.full_clean(exclude=["performed_by", "planned_on"])
    passing.require(intervention, on=performed_on, reasons=caution_reasons, by=by)
    intervention.save()
    moved = steps_that_move(intervention, performed_on)
    for step, day in moved:
        step.planned_on = day
    Intervention.objects.bulk_update([step for step, _ in moved], ["planned_on"])
    consequences.apply("intervention.performed", intervention, by=by)
    audit.record(
        by=by,
        action="intervention.performed",
        about=intervention,
        planned_on=intervention.planned_on and intervention.planned_on.isoformat(),
        performed_on=performed_on.isoformat(),
        moved={str(step.pk): day.isoformat() for step, day in moved},
    )
    return intervention


def steps_that_move(
    intervention: Intervention, performed_on: date
) -> list[tuple[Intervention, date]]:
    """What is planned after the index procedure, and the days it moves to."""
    was_planned = intervention.planned_on
    if was_planned is None or was_planned == performed_on or not intervention.is_index:
        return []
    later = intervention.plan.interventions.filter(
        status=Intervention.Status.PLANNED, planned_on__gt=was_planned
    )
    return [
        (step, step.planned_on + (performed_on - was_planned))
        for step in later.order_by("planned_on", "pk")
        if step.planned_on is not None
    ]


def check_performed_on(plan: Plan, performed_on: date) -> None:
    """A wrong year would move every follow-up by a year."""
    first = plan.started_on - LATE_ENTRY
    last = plan.started_on + LATEST_PROCEDURE
    if not first <= performed_on <= last:
        words = [clock.in_words(day) for day in (first, last)]
        raise ValidationError(
            {
                "performed_on": "For this plan give a day from "
                f"{words[0]} to {words[1]}; look at the year."
            }
        )


def claim(intervention: Intervention, performed_on: date) -> None:
    """Planned becomes performed once only, also when two people press at once."""
    was_planned = Intervention.objects.filter(
        pk=intervention.pk, status=Intervention.Status.PLANNED
    ).update(status=Intervention.Status.PERFORMED, performed_on=performed_on)
    intervention.refresh_from_db(fields=["status", "performed_on"])
    if not was_planned:
        raise ValidationError(
            f"This intervention is {intervention.get_status_display().lower()} already."
        )
