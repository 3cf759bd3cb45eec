"""How a plan begins from a protocol, at once or as an intention, and on what day."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic import audit, clock, consequences
from clinic.audit import By
from clinic.models import User
from patients import rows
from patients.models import Complaint
from patients.models.patient import validate_lived, validate_past
from plans.course import goals, planned
from plans.models import Anchor, Intervention, Plan, Protocol
from plans.protocols import offered

Status = Plan.Status

# A date further off is a slip of the pen.
LATEST_PROCEDURE = timedelta(days=730)


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
    """A running plan with the protocol's steps as planned interventions.

    `procedure_on` moves the index procedure, and what comes after it, to that day.
    """
    rows.lock_complaint(complaint)
    offered.check(protocol)
    check_start(complaint, protocol, started_on, procedure_on)
    plan = _made(complaint, protocol, started_on, provider, procedure_on)
    _begin(plan, by)
    return plan


@transaction.atomic
def draft(
    complaint: Complaint,
    *,
    protocol: Protocol,
    by: By,
    started_on: date,
    provider: User | None = None,
    procedure_on: date | None = None,
) -> Plan:
    """The same as an intention: nothing is asked, nothing is due until it starts."""
    rows.lock_complaint(complaint)
    offered.check(protocol)
    check_intended(complaint, protocol, started_on, procedure_on)
    plan = _made(complaint, protocol, started_on, provider, procedure_on, Status.DRAFT)
    audit.record(
        by=by,
        action="plan.drafted",
        about=plan,
        protocol=str(protocol),
        started_on=started_on.isoformat(),
    )
    return plan


def _made(
    complaint: Complaint,
    protocol: Protocol,
    started_on: date,
    provider: User | None,
    procedure_on: date | None,
    status: Status = Status.ACTIVE,
) -> Plan:
    plan = Plan.objects.create(
        clinic_id=complaint.clinic_id,
        complaint=complaint,
        protocol=protocol,
        title=protocol.title,
        modality=protocol.modality,
        treatment_key=protocol.modality,
        treatment_label=protocol.get_modality_display(),
        provider=provider,
        status=status,
        started_on=started_on,
    )
    Intervention.objects.bulk_create(
        planned.interventions(plan, protocol, procedure_on)
    )
    goals.from_protocol(plan, planned.anchor_day(protocol, started_on, procedure_on))
    return plan


def _begin(plan: Plan, by: By) -> None:
    consequences.apply("plan.started", plan, by=by)
    audit.record(
        by=by,
        action="plan.started",
        about=plan,
        protocol=str(plan.protocol),
        started_on=plan.started_on.isoformat(),
    )


def check_start(
    complaint: Complaint,
    protocol: Protocol | None,
    started_on: date,
    procedure_on: date | None,
    *,
    own: Plan | None = None,
) -> None:
    """Raises ValidationError naming the field for a start that makes no sense."""
    patient = complaint.patient.kept
    validate_past("started_on", started_on, clock.today(patient.time_zone))
    if protocol is None:
        return
    check_intended(complaint, protocol, started_on, procedure_on)
    twins = complaint.plans.filter(
        protocol=protocol, started_on=started_on, status=Plan.Status.ACTIVE
    )
    if own is not None:
        twins = twins.exclude(pk=own.pk)
    if twins.exists():
        raise ValidationError(
            {"protocol": "This plan was started for that day already."}
        )


def check_intended(
    complaint: Complaint,
    protocol: Protocol,
    started_on: date,
    procedure_on: date | None,
) -> None:
    patient = complaint.patient.kept
    if protocol.clinic_id != complaint.clinic_id:
        raise ValidationError({"protocol": "This protocol is of another clinic."})
    if patient.deceased_on is not None:
        raise ValidationError("The patient has died; no plan can be started.")
    if complaint.closed_on is not None:
        raise ValidationError("This complaint is closed; open a new one.")
    if started_on > clock.today(patient.time_zone) + LATEST_PROCEDURE:
        raise ValidationError({"started_on": "Give a day in the coming two years."})
    validate_lived("started_on", started_on, patient)
    check_procedure_date(protocol, started_on, procedure_on)


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
