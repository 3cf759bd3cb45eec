"""What an act on a plan or an intervention would do, before it is confirmed.

Raises what the act would raise, but for a reason that is not given yet. It tells
what happens to follow-ups, to what is planned, and to goals that count from day 0.
"""

from collections.abc import Sequence
from copy import copy
from datetime import date

from clinic import clock, consequences
from clinic.consequences import Change, Effect, Kind, Row
from plans.course import allowed, goals, interventions, lifecycle, series, supposed
from plans.course.lifecycle import Move
from plans.models import Intervention, Plan

Rows = Sequence[Intervention]
Status = Intervention.Status


def performed(intervention: Intervention, on: date) -> Effect:
    allowed.check_act(intervention, Status.PLANNED)
    allowed.check_performed(intervention, on)
    effect = consequences.foresee(
        "intervention.performed", intervention, performed_on=on
    )
    rows = supposed.performed(intervention, on)
    return effect + _later(intervention, on) + _goals_of(intervention, rows)


def rescheduled(intervention: Intervention, day: date) -> Effect:
    is_done = intervention.status == Status.PERFORMED
    allowed.check_act(intervention, intervention.status, allow_ended=is_done)
    allowed.check_reschedule(intervention, day)
    effect = consequences.foresee("intervention.moved", intervention, day=day)
    rows = supposed.moved(intervention, day)
    return effect + _later(intervention, day) + _goals_of(intervention, rows)


def cancelled(intervention: Intervention) -> Effect:
    allowed.check_act(intervention, Status.PLANNED)
    effect = consequences.foresee("intervention.cancelled", intervention)
    own = _row(intervention, Change.CANCELLED, intervention.planned_on, None)
    effect = Effect([f"{intervention.title} is cancelled"]) + effect + Effect([], [own])
    return effect + _goals_of(intervention, supposed.cancelled(intervention))


def planned_again(intervention: Intervention) -> Effect:
    allowed.check_act(intervention, Status.CANCELLED)
    allowed.check_planned_again(intervention)
    effect = consequences.foresee("intervention.added", intervention)
    own = _row(intervention, Change.PLANNED_AGAIN, None, intervention.planned_on)
    effect = Effect([_again_in_words(intervention)]) + effect + Effect([], [own])
    return effect + _goals_of(intervention, supposed.planned_again(intervention))


def taken_back(intervention: Intervention, *, plan_again: bool = True) -> Effect:
    allowed.check_act(intervention, Status.PERFORMED, allow_ended=True)
    rows = supposed.taken_back(intervention, plan_again=plan_again)
    # A copy that is not stored yet.
    again = [row for row in rows if row._state.adding]
    effect = consequences.foresee(
        "intervention.taken_back", intervention, plan_again=plan_again
    )
    effect = Effect([f"{intervention.title} is entered in error"]) + effect
    effect += Effect(
        [_again_in_words(row) for row in again],
        [
            _row(intervention, Change.TAKEN_BACK, intervention.on, None),
            *(_row(row, Change.PLANNED_AGAIN, None, row.planned_on) for row in again),
        ],
    )
    return effect + _goals_of(intervention, rows)


def moved(
    plan: Plan, move: Move, *, on: date | None = None, hold_until: date | None = None
) -> Effect:
    """One move of a plan's life, on that day or today."""
    day = on or clock.today(plan.complaint.patient.kept.time_zone)
    lifecycle.check_move(plan, move, day, hold_until)
    if move in (Move.START, Move.REOPEN) and not lifecycle.has_begun(plan):
        return _started(plan, day)
    if move == Move.REOPEN:
        rows = supposed.reopened(plan)
        effect = consequences.foresee("plan.reopened", plan)
    elif lifecycle.ends(move):
        rows = supposed.ended(plan)
        is_void = move == Move.VOID
        effect = consequences.foresee("plan.ended", plan, is_void=is_void)
    else:
        return Effect()
    was = series.day_0(plan, 1)
    return effect + _turned(plan, rows) + _goals(plan, rows, 1, was)


def _started(plan: Plan, day: date) -> Effect:
    rows, begun = supposed.begun(plan, day), copy(plan)
    begun.started_on = day
    effect = consequences.foresee("plan.started", begun, rows=rows)
    was = series.day_0_among(plan, supposed.reopened(plan), 1)
    return effect + _turned(plan, rows) + _goals(begun, rows, 1, was)


def _later(intervention: Intervention, day: date) -> Effect:
    """What is planned after the procedure goes along."""
    later = interventions.steps_that_move(intervention, day)
    own = [] if intervention.on in (None, day) else [(intervention, day)]
    return Effect(
        [f"{step.title} moves to {clock.in_words(on)}" for step, on in own + later],
        [
            *(_row(row, Change.MOVED, row.on, on) for row, on in own),
            *(_row(step, Change.MOVED, step.planned_on, on) for step, on in later),
        ],
    )


def _turned(plan: Plan, rows: Rows) -> Effect:
    """What of the interventions a move of the plan cancels, plans again or re-dates."""
    before = {row.pk: row for row in supposed.standing(plan)}
    found = [(before[row.pk], row) for row in rows if row.pk in before]
    listed = {
        Change.CANCELLED: [
            _row(row, Change.CANCELLED, row.planned_on, None)
            for was, row in found
            if was.status != row.status and row.status == Status.CANCELLED
        ],
        Change.PLANNED_AGAIN: [
            _row(row, Change.PLANNED_AGAIN, None, row.planned_on)
            for was, row in found
            if was.status != row.status and row.status == Status.PLANNED
        ],
        Change.MOVED: [
            _row(row, Change.MOVED, was.planned_on, row.planned_on)
            for was, row in found
            if was.status == row.status and was.planned_on != row.planned_on
        ],
    }
    effect = Effect()
    for change, lines in listed.items():
        if lines:
            words = change.value.replace("_", " ")
            number = f"{len(lines)} intervention{'' if len(lines) == 1 else 's'}"
            effect += Effect([f"{number} {words}"], lines)
    return effect


def _goals_of(intervention: Intervention, rows: Rows) -> Effect:
    plan, course = intervention.plan, intervention.course
    return _goals(plan, rows, course, series.day_0(plan, course))


def _goals(plan: Plan, rows: Rows, course: int, was: date | None) -> Effect:
    """Goals that follow day 0, where an act gives it another day."""
    if plan.protocol is None:
        return Effect()
    now = series.day_0_among(plan, rows, course)
    standing, aims = goals.open_of(plan), plan.protocol.goals.all()
    following = goals.following(standing, aims, was=was, now=now)
    if not following:
        return Effect()
    number = "1 goal moves" if len(following) == 1 else f"{len(following)} goals move"
    return Effect(
        [f"{number} with day 0"],
        [
            Row(Kind.GOAL, goals.in_words(goal), Change.MOVED, goal.due_on, day)
            for goal, day in following
        ],
    )


def _row(
    row: Intervention, change: Change, was: date | None, becomes: date | None
) -> Row:
    return Row(Kind.INTERVENTION, row.title, change, was, becomes)


def _again_in_words(row: Intervention) -> str:
    return f"{row.title} is planned again for {_day(row.planned_on)}"


def _day(day: date | None) -> str:
    return clock.in_words(day) if day else "no day"
