"""What happens to a plan, and the only code that changes its status."""

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic import audit, clock, consequences
from clinic.models import User
from patients.models import Complaint
from patients.models.patient import validate_past
from plans.models import Intervention, Plan, Protocol

By = User | audit.Actor

MOVES: dict[str, frozenset[str]] = {
    Plan.Status.ACTIVE: frozenset({Plan.Status.COMPLETED, Plan.Status.STOPPED}),
    Plan.Status.COMPLETED: frozenset(),
    Plan.Status.STOPPED: frozenset(),
    Plan.Status.ENTERED_IN_ERROR: frozenset(),
}


@transaction.atomic
def start(
    complaint: Complaint,
    *,
    protocol: Protocol,
    by: By,
    started_on: date,
    provider: User | None = None,
    procedure_on: date | None = None,
) -> Plan:
    """A plan with the protocol's steps as planned interventions.

    `procedure_on` moves the index procedure, and what comes after it, to that day.
    """
    today = clock.today(complaint.patient.time_zone)
    validate_past("started_on", started_on, today)
    plan = Plan.objects.create(
        clinic_id=complaint.clinic_id,
        complaint=complaint,
        protocol=protocol,
        title=protocol.title,
        modality=protocol.modality,
        treatment_key=protocol.modality,
        treatment_label=protocol.get_modality_display(),
        provider=provider,
        started_on=started_on,
    )
    Intervention.objects.bulk_create(
        planned_interventions(plan, protocol, procedure_on)
    )
    consequences.apply("plan.started", plan, by=by)
    audit.record(by=by, action="plan.started", about=plan, protocol=str(protocol))
    return plan


def planned_interventions(
    plan: Plan, protocol: Protocol, procedure_on: date | None
) -> list[Intervention]:
    steps = list(protocol.steps.all())
    index_day = next((step.planned_day for step in steps if step.is_index), 0)
    moved = (procedure_on - plan.started_on).days - index_day if procedure_on else 0
    return [
        Intervention(
            clinic_id=plan.clinic_id,
            plan=plan,
            title=step.title,
            modality=step.modality,
            side=plan.complaint.side,
            is_index=step.is_index,
            planned_on=plan.started_on
            + timedelta(
                days=step.planned_day + (moved if step.planned_day >= index_day else 0)
            ),
            detail=step.detail,
        )
        for step in steps
    ]


@transaction.atomic
def perform(
    intervention: Intervention, *, performed_on: date, by: By, **details: Any
) -> Intervention:
    """Record that it was done, on a day that has come; the follow-ups move with it."""
    patient = intervention.plan.complaint.patient
    validate_past("performed_on", performed_on, clock.today(patient.time_zone))
    if intervention.status != Intervention.Status.PLANNED:
        raise ValidationError(
            f"This intervention is {intervention.get_status_display()} already."
        )
    intervention.status = Intervention.Status.PERFORMED
    intervention.performed_on = performed_on
    intervention.performed_by = by if isinstance(by, User) else None
    for name, value in details.items():
        setattr(intervention, name, value)
    intervention.full_clean(exclude=["performed_by", "planned_on"])
    intervention.save()
    consequences.apply("intervention.performed", intervention, by=by)
    audit.record(
        by=by,
        action="intervention.performed",
        about=intervention,
        performed_on=performed_on.isoformat(),
    )
    return intervention


@transaction.atomic
def end(plan: Plan, *, status: str, ended_on: date, by: By, reason: str = "") -> Plan:
    """Complete or stop a plan; asking the patient how it goes does not end with it."""
    if status not in MOVES[plan.status]:
        raise ValidationError(
            f"A plan that is {plan.get_status_display()} cannot become {status}."
        )
    validate_past("ended_on", ended_on, clock.today(plan.complaint.patient.time_zone))
    if ended_on < plan.started_on:
        raise ValidationError({"ended_on": "This is before the plan started."})
    before, plan.status = plan.status, status
    plan.ended_on, plan.end_reason = ended_on, reason
    plan.save(update_fields=["status", "ended_on", "end_reason"])
    audit.record(by=by, action=f"plan.{status}", about=plan, before=before)
    return plan
