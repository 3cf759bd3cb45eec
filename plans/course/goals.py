"""What a patient's plan aims at, and the only code that changes it."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic import audit, clock
from clinic.audit import By
from patients.triage import reasons
from plans.models import Comparison, Goal, Plan, ProtocolGoal
from plans.protocols import measures

# A goal further off than this is a slip of the pen.
LATEST_DUE = timedelta(days=3650)
COLUMNS = ("measure", "comparison", "target", "due_on", "words")


@transaction.atomic
def add(
    plan: Plan,
    *,
    measure: str,
    comparison: str,
    target: Decimal,
    due_on: date,
    by: By,
    words: str = "",
) -> Goal:
    """Agree on one more thing to reach."""
    goal = Goal(
        clinic_id=plan.clinic_id,
        plan=plan,
        measure=measure,
        comparison=comparison,
        target=target,
        due_on=due_on,
        words=words.strip(),
    )
    check(goal)
    goal.save()
    audit.record(by=by, action="goal.set", about=goal, after=facts(goal))
    return goal


@transaction.atomic
def adjust(goal: Goal, *, by: By, **changes: Any) -> Goal:
    """Change target, day or words; what it measures stays, for its course is drawn."""
    goal.refresh_from_db()
    before = facts(goal)
    for name, value in changes.items():
        setattr(goal, name, value.strip() if name == "words" else value)
    check(goal)
    _claim(goal, before, {name: getattr(goal, name) for name in changes})
    audit.record(
        by=by, action="goal.adjusted", about=goal, before=before, after=facts(goal)
    )
    return goal


@transaction.atomic
def drop(goal: Goal, *, reason: str, by: By) -> Goal:
    """It is aimed at no more; the row and the reason stay."""
    reason = reasons.typed(reason, "Say why the goal is dropped.")
    goal.refresh_from_db()
    before = facts(goal)
    _claim(goal, before, {"status": Goal.Status.DROPPED, "status_reason": reason})
    audit.record(
        by=by,
        action="goal.dropped",
        about=goal,
        before=before,
        reason=goal.status_reason,
    )
    return goal


def from_protocol(plan: Plan, anchor_on: date) -> list[Goal]:
    """The protocol's goals, for a plan that starts; days are counted from day 0.

    The caller's audit event of the start covers them.
    """
    return Goal.objects.bulk_create(rows(plan, anchor_on))


def rows(plan: Plan, anchor_on: date) -> list[Goal]:
    """The same, not stored yet."""
    if plan.protocol is None:
        return []
    return [of_aim(plan, aim, anchor_on) for aim in plan.protocol.goals.all()]


def of_aim(plan: Plan, aim: ProtocolGoal, anchor_on: date) -> Goal:
    return Goal(
        clinic_id=plan.clinic_id,
        plan=plan,
        measure=aim.measure,
        comparison=aim.comparison,
        target=aim.target,
        due_on=due_of(aim, anchor_on),
        words=aim.words,
    )


def due_of(aim: ProtocolGoal, anchor_on: date) -> date:
    return anchor_on + timedelta(days=aim.by_day)


def follow_anchor(plan: Plan, *, was: date | None, now: date | None) -> dict[str, str]:
    """Day 0 moved: goals that stand on their protocol's day move with it.

    One that was given a day of its own keeps it. Returns which moved, for the
    caller's audit event; none where there is no day 0 for now.
    """
    if plan.protocol is None or was is None or now is None or was == now:
        return {}
    standing = list(plan.goals.filter(status=Goal.Status.OPEN))
    moving = following(standing, plan.protocol.goals.all(), was=was, now=now)
    return {
        str(goal.pk): f"from {goal.due_on} to {day}"
        for goal, day in moving
        if claim(goal, {"due_on": day})
    }


def open_of(plan: Plan) -> list[Goal]:
    """Those aimed at; of a plan that came with its goals, without a query."""
    return [goal for goal in plan.goals.all() if goal.status == Goal.Status.OPEN]


def following(
    standing: Sequence[Goal],
    aims: Iterable[ProtocolGoal],
    *,
    was: date | None,
    now: date | None,
) -> list[tuple[Goal, date]]:
    """Which goals go with day 0, and to what day."""
    if was is None or now is None or was == now:
        return []
    on_day = on_protocol_day(standing, aims, was)
    return [(goal, due_of(aim, now)) for goal, aim in on_day]


def on_protocol_day(
    standing: Sequence[Goal], aims: Iterable[ProtocolGoal], day_0: date
) -> list[tuple[Goal, ProtocolGoal]]:
    """Goals that stand where the protocol has them, each with what it came from."""
    places = {(aim.measure, aim.comparison, due_of(aim, day_0)): aim for aim in aims}
    found = [
        (goal, places.get((goal.measure, goal.comparison, goal.due_on)))
        for goal in standing
    ]
    return [(goal, aim) for goal, aim in found if aim is not None]


def in_words(goal: Goal | ProtocolGoal) -> str:
    """Such as "Pain at the site at most 3" or "Back pain less by 30 %"."""
    known = measures.known().get(goal.measure)
    name, unit = (known.name, known.unit) if known else (goal.measure, "")
    target = f"{goal.target.normalize():f}"
    if goal.comparison == Comparison.LESS_BY_PERCENT:
        return f"{name} less by {target} %"
    return f"{name} {goal.get_comparison_display()} {target} {unit}".strip()


def check(goal: Goal) -> None:
    """Raises ValidationError naming the field."""
    _check_open(goal)
    found = measures.known().get(goal.measure)
    if found is None:
        words = ", ".join(measures.known())
        raise ValidationError({"measure": f"Choose one of {words}."})
    if goal.comparison not in Comparison.values:
        words = ", ".join(Comparison.values)
        raise ValidationError({"comparison": f"Choose one of {words}."})
    if against := found.refusal(goal.comparison):
        raise ValidationError({"comparison": against})
    wrong = {**_wrong_target(goal, found), **_wrong_due(goal)}
    if wrong:
        raise ValidationError(wrong)
    goal.full_clean(exclude=["plan", "clinic", "comparison"])


def _check_open(goal: Goal) -> None:
    if goal.plan.status in (*Plan.ENDED, Plan.Status.ENTERED_IN_ERROR):
        raise ValidationError(
            f"This plan is {goal.plan.get_status_display().lower()}; "
            "reopen it to change its goals."
        )
    if goal.status != Goal.Status.OPEN:
        raise ValidationError("This goal was dropped; add a new one.")


def _wrong_target(goal: Goal, measure: measures.KnownMeasure) -> dict[str, str]:
    low, high, unit = measure.minimum, measure.maximum, measure.unit
    if goal.comparison == Comparison.LESS_BY_PERCENT:
        low, high, unit = Decimal(1), Decimal(100), "%"
    if low <= goal.target <= high:
        return {}
    words = f"from {low.normalize():f} to {high.normalize():f} {unit}".strip()
    return {"target": f"Give a target {words}."}


def _wrong_due(goal: Goal) -> dict[str, str]:
    first, last = goal.plan.started_on, goal.plan.started_on + LATEST_DUE
    if first < goal.due_on <= last:
        return {}
    begun = clock.in_words(first)
    return {
        "due_on": f"Give a day after the plan's start on {begun}, within ten years."
    }


def _claim(goal: Goal, before: dict[str, str], changes: dict[str, Any]) -> None:
    was_changed = _claimed(goal, before, changes)
    goal.refresh_from_db()
    if not was_changed:
        raise ValidationError("This goal was changed or dropped meanwhile; look again.")


def claim(goal: Goal, changes: dict[str, Any]) -> bool:
    """Unless somebody adjusted or dropped it since it was read."""
    return _claimed(goal, facts(goal), changes)


def _claimed(goal: Goal, before: dict[str, str], changes: dict[str, Any]) -> bool:
    """Only if it still stands as it was read, also when two people press at once."""
    standing = Goal.objects.filter(pk=goal.pk, status=Goal.Status.OPEN, **before)
    return bool(standing.update(**changes))


def facts(goal: Goal) -> dict[str, str]:
    return {name: str(getattr(goal, name)) for name in COLUMNS}
