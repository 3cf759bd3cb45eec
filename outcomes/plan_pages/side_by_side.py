"""All plans of one patient on one axis of days, a row each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from outcomes.dashboards.charts import geometry
from outcomes.dashboards.charts import text as chart_text
from outcomes.dashboards.charts.geometry import STYLES, Scale, Tick
from outcomes.plan_pages import lanes
from plans.models import Intervention, Plan


@dataclass(frozen=True, slots=True)
class Layout:
    variant: str
    width: int
    left: float
    right: float
    text_size: float
    row: float
    tick_gap: float


FULL = Layout("full", 1160, 8, 1148, 13.5, 46, 78)
MIDDLE = Layout("wide", 760, 6, 750, 13.5, 46, 78)
PHONE = Layout("compact", 360, 4, 352, 13.5, 48, 66)
SHORTEST = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Done:
    mark: str
    is_planned: bool
    color: str
    token: int


@dataclass(frozen=True, slots=True)
class PlanRow:
    """Filled is what has passed of it, the dashed rest is what is planned."""

    plan: Plan
    title: str
    title_y: float
    y: float
    passed: tuple[float, float] | None
    ahead: tuple[float, float] | None
    marks: tuple[Done, ...]
    is_shown: bool


@dataclass(frozen=True, slots=True)
class StripView:
    layout: Layout
    height: float
    ticks: tuple[Tick, ...]
    ticks_y: float
    rows: tuple[PlanRow, ...]
    today_x: float | None


@dataclass(frozen=True, slots=True)
class Strip:
    plans: Sequence[Plan]
    views: tuple[StripView, ...]


def strip(
    plans: Sequence[Plan],
    interventions_of: Mapping[UUID, Sequence[Intervention]],
    *,
    shown: Plan,
    today: date,
) -> Strip | None:
    """None where this is the only plan."""
    if len(plans) < 2:
        return None
    return Strip(
        plans,
        tuple(
            _view(layout, plans, interventions_of, shown, today)
            for layout in (FULL, MIDDLE, PHONE)
        ),
    )


def _view(
    layout: Layout,
    plans: Sequence[Plan],
    interventions_of: Mapping[UUID, Sequence[Intervention]],
    shown: Plan,
    today: date,
) -> StripView:
    low, high = _bounds(plans, interventions_of, today)
    scale = Scale(0, (high - low).days, start=layout.left, end=layout.right)
    rows = tuple(
        _row(layout, scale, low, plan, interventions_of.get(plan.pk, ()), place, today)
        for place, plan in enumerate(plans)
    )
    rows = tuple(_marked(row, shown) for row in rows)
    ticks_y = layout.row * len(plans) + layout.text_size + 4
    return StripView(
        layout=layout,
        height=round(ticks_y + 6, 1),
        ticks=_months(scale, low, high, layout.tick_gap),
        ticks_y=ticks_y,
        rows=rows,
        today_x=scale((today - low).days) if low <= today <= high else None,
    )


def _marked(row: PlanRow, shown: Plan) -> PlanRow:
    if row.plan.pk != shown.pk:
        return row
    return PlanRow(
        row.plan,
        row.title,
        row.title_y,
        row.y,
        row.passed,
        row.ahead,
        row.marks,
        is_shown=True,
    )


def _bounds(
    plans: Sequence[Plan],
    interventions_of: Mapping[UUID, Sequence[Intervention]],
    today: date,
) -> tuple[date, date]:
    days = [plan.started_on for plan in plans]
    days += [end_of(plan, interventions_of.get(plan.pk, ()), today) for plan in plans]
    low, high = min(days), max(days)
    return low, max(high, low + SHORTEST)


def end_of(plan: Plan, interventions: Sequence[Intervention], today: date) -> date:
    """The day it ended, or the last that is planned of one that runs."""
    if plan.ended_on is not None:
        return plan.ended_on
    planned = [each.on for each in interventions if each.on and _counts(each)]
    return max([plan.started_on, today, *planned])


def _counts(intervention: Intervention) -> bool:
    status = Intervention.Status
    return intervention.status in (status.PLANNED, status.PERFORMED)


def _row(
    layout: Layout,
    scale: Scale,
    low: date,
    plan: Plan,
    interventions: Sequence[Intervention],
    place: int,
    today: date,
) -> PlanRow:
    top = place * layout.row
    y = round(top + layout.row - 12, 1)
    start, end = plan.started_on, end_of(plan, interventions, today)
    until = min(max(today, start), end)

    def at(day: date) -> float:
        return scale((day - low).days)

    words = f"{plan.title} · {plan.complaint} · {plan.get_status_display().lower()}"
    return PlanRow(
        plan=plan,
        title=chart_text.shorten(words, layout.width - 8, layout.text_size),
        title_y=round(top + layout.text_size + 4, 1),
        y=y,
        passed=_bar(at(start), at(until)) if start <= today else None,
        ahead=_bar(at(until), at(end)) if end > until else None,
        marks=tuple(
            _mark(each, at(each.on), y)
            for each in interventions
            if each.on is not None and _counts(each) and low <= each.on
        ),
        is_shown=False,
    )


def _bar(start: float, end: float) -> tuple[float, float]:
    return start, max(round(end - start, 1), 3.0)


def _mark(intervention: Intervention, x: float, y: float) -> Done:
    style = STYLES[lanes.STYLES[intervention.modality]]
    is_planned = intervention.status == Intervention.Status.PLANNED
    mark = geometry.mark(style.shape, x, y, 4)
    return Done(mark, is_planned, style.color, style.token)


def _months(scale: Scale, low: date, high: date, gap: float) -> tuple[Tick, ...]:
    """The firsts of months, as many as there is room for."""
    firsts = []
    day = (low.replace(day=1) + timedelta(days=32)).replace(day=1)
    while day <= high:
        firsts.append(day)
        day = (day + timedelta(days=32)).replace(day=1)
    placed: list[Tick] = []
    for first in firsts:
        at = scale((first - low).days)
        if (not placed or at - placed[-1].at >= gap) and at < scale.end - gap / 3:
            placed.append(Tick(at, f"{first:%b %Y}"))
    return tuple(placed)
