"""What happens to a plan, and the only code that changes its status."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic import audit, clock, consequences
from clinic.models import User
from patients import rows
from patients.models import Complaint
from patients.models.patient import validate_lived, validate_past
from plans.models import Anchor, Intervention, Plan, Protocol

By = User | audit.Actor

# A date further off is a slip of the pen.
LATEST_PROCEDURE = timedelta(days=730)
# A plan is sometimes entered weeks after what it begins with was done.
LATE_ENTRY = timedelta(days=60)

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
    rows.lock_complaint(complaint)
    check_start(complaint, protocol, started_on, procedure_on)
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
    audit.record(
        by=by,
        action="plan.started",
        about=plan,
        protocol=str(protocol),
        started_on=started_on.isoformat(),
    )
    return plan


def check_start(
    complaint: Complaint,
    protocol: Protocol,
    started_on: date,
    procedure_on: date | None,
) -> None:
    """Raises ValidationError naming the field for a start that makes no sense."""
    patient = complaint.patient.kept
    if protocol.clinic_id != complaint.clinic_id:
        raise ValidationError({"protocol": "This protocol is of another clinic."})
    if patient.deceased_on is not None:
        raise ValidationError("The patient has died; no plan can be started.")
    if complaint.closed_on is not None:
        raise ValidationError("This complaint is closed; open a new one.")
    validate_past("started_on", started_on, clock.today(patient.time_zone))
    validate_lived("started_on", started_on, patient)
    check_procedure_date(protocol, started_on, procedure_on)
    twin = complaint.plans.filter(
        protocol=protocol, started_on=started_on, status=Plan.Status.ACTIVE
    )
    if twin.exists():
        raise ValidationError(
            {"protocol": "This plan was started for that day already."}
        )


def check_procedure_date(
    protocol: Protocol, started_on: date, procedure_on: date | None
) -> None:
    if procedure_on is None:
        return
    if protocol.anchor != Anchor.INDEX_PROCEDURE:
        raise ValidationError(
            {"procedure_on": "This protocol has no procedure; leave the date empty."}
        )
    if not started_on <= procedure_on <= started_on + LATEST_PROCEDURE:
        raise ValidationError(
            {"procedure_on": "Give a day in the two years from the plan's start."}
        )


def planned_interventions(
    plan: Plan, protocol: Protocol, procedure_on: date | None
) -> list[Intervention]:
    steps = list(protocol.steps.all())
    index_day = next((step.offset_days for step in steps if step.is_index), 0)
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
                days=step.offset_days + (moved if step.offset_days >= index_day else 0)
            ),
            detail=step.detail,
        )
        for step in steps
    ]


@transaction.atomic
def end(plan: Plan, *, status: str, ended_on: date, by: By, reason: str = "") -> Plan:
    """Complete or stop a plan; asking the patient how it goes does not end with it.

    What was only planned is cancelled with it.
    """
    check_end(plan, status, ended_on, reason)
    before = plan.status
    has_moved = Plan.objects.filter(pk=plan.pk, status=before).update(
        status=status, ended_on=ended_on, status_reason=reason.strip()
    )
    plan.refresh_from_db(fields=["status", "ended_on", "status_reason"])
    if not has_moved:
        raise ValidationError(f"This plan is {plan.get_status_display().lower()}.")
    cancelled = plan.interventions.filter(status=Intervention.Status.PLANNED).update(
        status=Intervention.Status.CANCELLED
    )
    consequences.apply("plan.ended", plan, by=by)
    audit.record(
        by=by,
        action=f"plan.{status}",
        about=plan,
        before=before,
        reason=plan.status_reason,
        ended_on=ended_on.isoformat(),
        cancelled_interventions=cancelled,
    )
    return plan


def check_end(plan: Plan, status: str, ended_on: date, reason: str) -> None:
    if status not in MOVES[plan.status]:
        raise ValidationError(
            {
                "status": f"A plan that is {plan.get_status_display().lower()} "
                f"cannot become {status}."
            }
        )
    validate_past("ended_on", ended_on, clock.today(plan.complaint.patient.time_zone))
    if ended_on < plan.started_on:
        raise ValidationError({"ended_on": "This is before the plan started."})
    if status == Plan.Status.STOPPED and not reason.strip():
        raise ValidationError({"reason": "Say why the plan is stopped."})
    most = Plan._meta.get_field("status_reason").max_length or 0
    if len(reason.strip()) > most:
        raise ValidationError({"reason": f"Use at most {most} characters."})
