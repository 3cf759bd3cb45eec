"""The clinic's part of follow-ups: done by the end of each window, owed until then."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from clinic.models import User
from outcomes.clinician_parts import tasks
from outcomes.demo.asking import Fate, Moment, why_left
from outcomes.demo.stories import PatientStory, PlanStory
from outcomes.follow_ups.planning.calendar import Desired
from outcomes.models import FollowUp, StaffTask
from plans.models import Timepoint

State = FollowUp.State


def fate(
    story: PatientStory, plan: PlanStory, desired: Desired, moment: Moment
) -> Fate:
    """Of what is the clinic's alone."""
    if story.left_on is not None and story.left_on <= desired.closes_on:
        return Fate(desired, State.CANCELLED, why_left(story).label)
    if plan.is_performed is False and not desired.is_baseline:
        return Fate(desired, State.PLANNED)
    if desired.closes_on < moment.today:
        return Fate(desired, State.COMPLETED)
    if desired.opens_on >= moment.today:
        return Fate(desired, State.PLANNED, next_action_at=desired.ask_at)
    return Fate(desired, State.OPEN, next_action_at=desired.close_at)


def give(row: FollowUp, fate: Fate, moment: Moment, by: User | None) -> None:
    """Fill in who has done what, and let what the clinic owes wait for it."""
    is_completed = row.state == State.COMPLETED
    answered_at = fate.answered.at if fate.answered and is_completed else None
    row.answered_at = row.completed_at = answered_at
    if not is_completed or row.who == Timepoint.Who.PATIENT:
        return
    if row.closes_on >= moment.today:
        row.state, row.completed_at = State.STARTED, None
        row.next_action_at = fate.desired.close_at
        return
    row.examined_at = _examined_at(row, moment, answered_at)
    row.examined_by = by
    row.completed_at = answered_at or row.examined_at


def _examined_at(
    row: FollowUp, moment: Moment, answered_at: datetime | None
) -> datetime:
    return answered_at or moment.at(row.due_on, 11, 30)


def owed(rows: Iterable[FollowUp]) -> Iterator[StaffTask]:
    return (tasks.task_of(row) for row in rows if tasks.is_owed(row))
