"""How a plan goes on and ends: the only code that changes its status."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from clinic import audit, clock, consequences
from clinic.audit import By
from patients import rows
from patients.models.patient import validate_past
from patients.triage import reasons
from plans.course import goals, series, starting
from plans.models import Intervention, Plan

Status = Plan.Status


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
        starting.check_start(plan.complaint, plan.protocol, day, None, own=plan)
    elif move == Move.REOPEN and plan.protocol is not None:
        starting.check_intended(plan.complaint, plan.protocol, plan.started_on, None)
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
