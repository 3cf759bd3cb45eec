"""What happens to a plan, and the only code that changes its status."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from clinic import audit, clock, consequences
from clinic.models import User
from patients import rows
from patients.models import Complaint
from patients.models.patient import validate_lived, validate_past
from patients.triage import reasons
from plans.course import goals, planned, series
from plans.models import Anchor, Intervention, Plan, Protocol
from plans.protocols import offered

By = User | audit.Actor
Status = Plan.Status

# A date further off is a slip of the pen.
LATEST_PROCEDURE = timedelta(days=730)


class Move(StrEnum):
    PROPOSE = "propose"
    REVISE = "revise"
    START = "start"
    HOLD = "hold"
    RESUME = "resume"
    COMPLETE = "complete"
    STOP = "stop"
    REOPEN = "reopen"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Rule:
    """Where a move leads, and from where it may be made."""

    origins: frozenset[Status]
    target: Status
    words: str
    needs_reason: bool = False

    @property
    def button(self) -> str:
        """What it says on the button that makes this move."""
        return self.words if " " in self.words else f"{self.words} the plan"


MOVES: dict[Move, Rule] = {
    Move.PROPOSE: Rule(
        frozenset({Status.DRAFT}), Status.PROPOSED, "Propose to the patient"
    ),
    Move.REVISE: Rule(frozenset({Status.PROPOSED}), Status.DRAFT, "Back to draft"),
    Move.START: Rule(
        frozenset({Status.DRAFT, Status.PROPOSED}), Status.ACTIVE, "Start"
    ),
    Move.HOLD: Rule(
        frozenset({Status.ACTIVE}), Status.ON_HOLD, "Put on hold", needs_reason=True
    ),
    Move.RESUME: Rule(frozenset({Status.ON_HOLD}), Status.ACTIVE, "Resume"),
    Move.COMPLETE: Rule(
        frozenset({Status.ACTIVE, Status.ON_HOLD}), Status.COMPLETED, "Complete"
    ),
    Move.STOP: Rule(
        frozenset({Status.PROPOSED, Status.ACTIVE, Status.ON_HOLD}),
        Status.STOPPED,
        "Stop",
        needs_reason=True,
    ),
    Move.REOPEN: Rule(
        frozenset({Status.COMPLETED, Status.STOPPED}), Status.ACTIVE, "Reopen"
    ),
    Move.VOID: Rule(
        frozenset(set(Status) - {Status.ENTERED_IN_ERROR}),
        Status.ENTERED_IN_ERROR,
        "Mark as entered in error",
        needs_reason=True,
    ),
}


def moves_from(status: str) -> list[Move]:
    """What may be done with a plan of this status, in the order of the table."""
    return [move for move, rule in MOVES.items() if status in rule.origins]


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
    _check_intended(complaint, protocol, started_on, procedure_on)
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


@transaction.atomic
def move(
    plan: Plan,
    move: Move,
    *,
    by: By,
    reason: str = "",
    on: date | None = None,
    hold_until: date | None = None,
) -> Plan:
    """Make one move of the table; `on` is the day it begins or ends, else today.

    Asking the patient how it goes never ends with a plan. What was only planned is
    cancelled when it ends, and planned again when it is reopened.
    """
    rows.lock_complaint(plan.complaint)
    plan.refresh_from_db(fields=["status", "started_on", "ended_on", "status_reason"])
    day = on or clock.today(plan.complaint.patient.kept.time_zone)
    check_move(plan, move, day, hold_until)
    _check_reason(MOVES[move], reason)
    before = {"status": plan.status, "started_on": plan.started_on.isoformat()}
    begins = move in (Move.START, Move.REOPEN) and not has_begun(plan)
    _claim(plan, move, reason, day, hold_until)
    was = series.day_0(plan, 1)
    if move == Move.REOPEN:
        _plan_again(plan)
    if begins:
        aims = _start(plan, day, by)
    elif move == Move.REOPEN:
        aims = _follow("plan.reopened", plan, was, by)
    elif ends(move):
        aims = _end(plan, was, by)
    else:
        aims = {}
    audit.record(
        by=by,
        action=f"plan.{_PAST[move]}",
        about=plan,
        before=before,
        after={"status": plan.status, "started_on": plan.started_on.isoformat()},
        reason=plan.status_reason,
        on=day.isoformat(),
        goals=aims,
    )
    return plan


def ends(move: Move) -> bool:
    return MOVES[move].target not in (*Plan.INTENDED, *Plan.RUNNING)


_PAST = {
    Move.PROPOSE: "proposed",
    Move.REVISE: "revised",
    Move.START: "began",
    Move.HOLD: "held",
    Move.RESUME: "resumed",
    Move.COMPLETE: "completed",
    Move.STOP: "stopped",
    Move.REOPEN: "reopened",
    Move.VOID: "entered_in_error",
}


def _claim(
    plan: Plan, move: Move, reason: str, day: date, hold_until: date | None
) -> None:
    """Once only, also when two people press at once."""
    rule = MOVES[move]
    has_begun = plan.status not in Plan.INTENDED
    changes = {
        "status": rule.target,
        "status_reason": reason.strip(),
        "hold_until": hold_until if move == Move.HOLD else None,
        "ended_on": day if rule.target in Plan.ENDED and has_begun else None,
    }
    was_moved = Plan.objects.filter(pk=plan.pk, status=plan.status).update(**changes)
    plan.refresh_from_db(fields=[*changes])
    if not was_moved:
        raise ValidationError(f"This plan is {plan.get_status_display().lower()}.")


def check_move(
    plan: Plan, move: Move, day: date, hold_until: date | None = None
) -> None:
    """Raises ValidationError where it would be refused for more than its reason."""
    rule = MOVES[move]
    if plan.status not in rule.origins:
        raise ValidationError(
            {
                "move": f"A plan that is {plan.get_status_display().lower()} "
                f"cannot be moved to {rule.target.label.lower()}."
            }
        )
    today = clock.today(plan.complaint.patient.kept.time_zone)
    _check_day(plan, rule, day, today)
    if hold_until is not None and (move != Move.HOLD or hold_until <= today):
        raise ValidationError(
            {"hold_until": "Give a day to come, and only for a plan put on hold."}
        )
    if move in (Move.START, Move.REOPEN) and not has_begun(plan):
        check_start(plan.complaint, plan.protocol, day, None, own=plan)
    elif move == Move.REOPEN and plan.protocol is not None:
        _check_intended(plan.complaint, plan.protocol, plan.started_on, None)
    if move == Move.VOID and _performed(plan).exists():
        raise ValidationError(
            "Something of this plan was performed. Take that back first, or stop "
            "the plan."
        )


def _check_reason(rule: Rule, reason: str) -> None:
    if rule.needs_reason:
        reasons.typed(reason, "Say why.")
    reasons.bounded(reason)


def _check_day(plan: Plan, rule: Rule, day: date, today: date) -> None:
    validate_past("on", day, today)
    ends = rule.target in Plan.ENDED and plan.status in Plan.RUNNING
    if ends and day < plan.started_on:
        raise ValidationError({"on": "This is before the plan started."})
    last = _last_performed(plan) if ends else None
    if last is not None and last.performed_on and day < last.performed_on:
        words = clock.in_words(last.performed_on)
        raise ValidationError(
            {"on": f"{last} was performed on {words}; the plan cannot end before."}
        )


def _performed(plan: Plan) -> QuerySet[Intervention]:
    return plan.interventions.filter(status=Intervention.Status.PERFORMED)


def _last_performed(plan: Plan) -> Intervention | None:
    return _performed(plan).order_by("performed_on", "pk").last()


def has_begun(plan: Plan) -> bool:
    """Whether it ever ran; what was declined when proposed has no day of its end."""
    if plan.status in Plan.INTENDED:
        return False
    is_declined = plan.status in Plan.ENDED and plan.ended_on is None
    return not (is_declined and plan.protocol_id)


def _start(plan: Plan, day: date, by: By) -> dict[str, str]:
    """Its planned days go with the day on which it really starts."""
    shift, was = day - plan.started_on, series.day_0(plan, 1)
    waiting = list(plan.interventions.filter(status=Intervention.Status.PLANNED))
    for each in waiting:
        each.planned_on = each.planned_on and each.planned_on + shift
    Intervention.objects.bulk_update(waiting, ["planned_on"])
    plan.started_on = day
    plan.save(update_fields=["started_on"])
    return _follow("plan.started", plan, was, by)


def _end(plan: Plan, was: date | None, by: By) -> dict[str, str]:
    plan.interventions.filter(status=Intervention.Status.PLANNED).update(
        status=Intervention.Status.CANCELLED, ended_with_plan=True
    )
    series.renew_index(plan)
    return _follow("plan.ended", plan, was, by)


def _plan_again(plan: Plan) -> None:
    plan.interventions.filter(
        status=Intervention.Status.CANCELLED, ended_with_plan=True
    ).update(status=Intervention.Status.PLANNED, ended_with_plan=False)
    series.renew_index(plan)


def _follow(change: str, plan: Plan, was: date | None, by: By) -> dict[str, str]:
    """What counts from day 0 follows it; returns which goals it moved."""
    aims = goals.follow_anchor(plan, was=was, now=series.day_0(plan, 1))
    consequences.apply(change, plan, by=by)
    return aims


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
    _check_intended(complaint, protocol, started_on, procedure_on)
    twins = complaint.plans.filter(
        protocol=protocol, started_on=started_on, status=Plan.Status.ACTIVE
    )
    if own is not None:
        twins = twins.exclude(pk=own.pk)
    if twins.exists():
        raise ValidationError(
            {"protocol": "This plan was started for that day already."}
        )


def _check_intended(
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
