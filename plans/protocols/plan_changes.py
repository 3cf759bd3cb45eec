"""What a newer version of its protocol means for one plan, steps and goals together."""

from copy import copy
from dataclasses import dataclass
from datetime import date

from clinic import clock
from plans.course import goals, series
from plans.models import Intervention, Plan, Protocol
from plans.protocols import goal_changes, step_changes
from plans.protocols.goal_changes import GoalChanges
from plans.protocols.step_changes import Repeat, StepChanges

Places = dict[step_changes.Place, Repeat]
Status = Intervention.Status
GONE = "no longer in the protocol"


@dataclass(frozen=True, slots=True)
class Changes:
    """What of a plan is written, and its interventions as they are then."""

    steps: StepChanges
    goals: GoalChanges
    rows: list[Intervention]


@dataclass(frozen=True, slots=True)
class Stepped:
    """A plan with its steps by the new version, and where day 0 was and will be."""

    plan: Plan
    steps: StepChanges
    rows: list[Intervention]
    was: date | None
    now: date | None
    today: date

    def touches_goals(self, protocol: Protocol) -> bool:
        """Goals follow what the protocol aims at, and day 0; else they all stay."""
        return self.was != self.now or _aims(self.plan.protocol) != _aims(protocol)


def stepped(plan: Plan, protocol: Protocol, new: Places, old: Places) -> Stepped:
    today = clock.today(plan.complaint.patient.kept.time_zone)
    standing = list(plan.interventions.all())
    steps = step_changes.changes(
        standing, old, new, started_on=plan.started_on, today=today
    )
    rows = _after(plan, steps, protocol, old)
    was = series.day_0_among(plan, standing, 1) or _last_known(standing)
    now = series.day_0_among(plan, rows, 1) or was
    return Stepped(plan, steps, rows, was, now, today)


def changes(one: Stepped, protocol: Protocol) -> Changes:
    if not one.touches_goals(protocol):
        return Changes(one.steps, GoalChanges(), one.rows)
    plan = one.plan
    aims = goal_changes.changes(
        plan,
        goals.open_of(plan),
        list(plan.protocol.goals.all()) if plan.protocol else [],
        list(protocol.goals.all()),
        was=one.was,
        now=one.now,
        today=one.today,
    )
    return Changes(one.steps, aims, one.rows)


def _aims(protocol: Protocol | None) -> list[goal_changes.Aim]:
    return (
        [goal_changes.aim_of(goal) for goal in protocol.goals.all()] if protocol else []
    )


def _last_known(standing: list[Intervention]) -> date | None:
    """Where day 0 was when its procedure was cancelled: goals stand there still."""
    days = [row.on for row in standing if row.is_index and row.course == 1]
    return max((day for day in days if day is not None), default=None)


def _after(
    plan: Plan, steps: StepChanges, protocol: Protocol, old: Places
) -> list[Intervention]:
    """The plan's interventions as they will be, not stored yet."""
    kept = {row.pk: (repeat, day) for row, repeat, day in steps.kept}
    gone = {row.pk for row in steps.removed}
    found = []
    keeps_day_0 = _keeps_day_0(plan)
    for row in plan.interventions.all():
        # A copy takes long, and of what was done nothing but its mark can change.
        is_final = keeps_day_0 and row.status != Status.PLANNED
        becomes = row if is_final else copy(row)
        if row.pk in gone:
            becomes.status, becomes.status_reason = Status.CANCELLED, GONE
        elif row.pk in kept:
            repeat, day = kept[row.pk]
            _read_as(becomes, old.get(_place(row)), repeat, day)
        found.append(becomes)
    found += [_new(plan, repeat, day) for repeat, day in steps.added]
    _mark_day_0(plan, found, protocol)
    return found


def _place(row: Intervention) -> step_changes.Place:
    return (row.step.key if row.step else "", row.series_number or 1)


def _mark_day_0(plan: Plan, rows: list[Intervention], protocol: Protocol) -> None:
    """The last of its series that stands; what was given stays day 0."""
    if _keeps_day_0(plan):
        return
    steps = {step.key for step in protocol.steps.all() if step.is_index}
    first = [row for row in rows if row.course == 1 and row.step is not None]
    for row in first:
        if row.status == Status.PLANNED:
            row.is_index = False
    standing = [
        row
        for row in first
        if row.step and row.step.key in steps and row.status in series.STANDING
    ]
    if standing:
        max(standing, key=lambda row: row.series_number or 1).is_index = True


def _keeps_day_0(plan: Plan) -> bool:
    index = index_of(plan)
    return index is not None and index.status == Status.PERFORMED


def index_of(plan: Plan) -> Intervention | None:
    """Day 0 of the first course, as it was read."""
    return series.index_among(list(plan.interventions.all()), 1)


def _read_as(
    row: Intervention, was: Repeat | None, becomes: Repeat, day: date | None
) -> None:
    """What was adjusted for this patient stays; the rest reads as the new step."""
    step = becomes.step
    if was is not None:
        row.title = becomes.title if row.title == was.title else row.title
        row.kind = step.kind if row.kind == was.step.kind else row.kind
        row.detail = step.detail if row.detail == was.step.detail else row.detail
    row.step = step
    row.modality = step.modality
    row.series_number = becomes.number if step.repeats > 1 else None
    row.planned_on = day


def _new(plan: Plan, repeat: Repeat, day: date) -> Intervention:
    step = repeat.step
    return Intervention(
        clinic_id=plan.clinic_id,
        plan=plan,
        step=step,
        title=repeat.title,
        modality=step.modality,
        kind=step.kind,
        side=plan.complaint.side,
        series_number=repeat.number if step.repeats > 1 else None,
        planned_on=day,
        detail=step.detail,
    )
