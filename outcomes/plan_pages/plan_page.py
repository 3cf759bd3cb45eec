"""What the page of a plan says, put together from what was gathered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from clinic.access import Act
from outcomes.dashboards import charts
from outcomes.dashboards.charts import text as chart_text
from outcomes.dashboards.one_patient import course
from outcomes.follow_ups.planning import ending
from outcomes.instruments import library
from outcomes.models import Episode, Score
from outcomes.plan_pages import (
    aims,
    lanes,
    lifestyle,
    links,
    measured,
    side_by_side,
    standing,
    timeline_chart,
)
from outcomes.plan_pages.aims import GoalLine
from outcomes.plan_pages.gathered import Gathered
from outcomes.plan_pages.links import Link
from outcomes.plan_pages.timeline import Lane
from plans.course import lifecycle, partial_days
from plans.models import Intervention, Plan, TreatmentElsewhere

EXPLAINED = (
    ("hollow", "planned, or not due yet"),
    ("filled", "done, answered"),
    ("struck", "cancelled, missed"),
    ("open", "asked, no answer yet"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """An intervention in the table, with what can be done about it."""

    intervention: Intervention
    state: str
    tone: str
    links: Sequence[Link]

    @property
    def said(self) -> str:
        """What is to be done; once it is over, what was written of it."""
        is_ahead = self.intervention.status == Intervention.Status.PLANNED
        return self.intervention.detail if is_ahead else self.intervention.remarks


@dataclass(frozen=True, slots=True)
class ElsewhereRow:
    treatment: TreatmentElsewhere
    when: str


def context(found: Gathered, acts: frozenset[Act]) -> dict[str, Any]:
    plan, today = found.plan, found.today
    values = measured.course(found.scores, found.measurements, found.heights)
    goal_lines = aims.lines(found.goals, values, begun_on=found.begun_on, today=today)
    levels = aims.levels(goal_lines)
    is_asked = any(c.status == Episode.Status.ACTIVE for c in found.courses)
    return {
        "plan": plan,
        "patient": found.patient,
        "complaint": plan.complaint,
        "today": today,
        "rows": rows(found, acts),
        "goals": goal_lines,
        "timeline": drawn(found, levels),
        "explained": EXPLAINED,
        **_baseline_to_ask(found, goal_lines),
        "lifestyle": _lifestyle(found, values, levels),
        "strip": side_by_side.strip(
            found.plans, found.interventions_of, shown=plan, today=today
        ),
        "elsewhere": [
            ElsewhereRow(each, partial_days.in_words(each.began_on, each.precision))
            for each in found.elsewhere
        ],
        "newest_version": found.newest_version,
        "courses": found.courses,
        "is_asked": is_asked,
        "can_resume": not is_asked and ending.can_resume(plan),
        "begun_on": found.begun_on,
        "intended": Plan.INTENDED,
        "moves": moves_of(plan),
        "goals_open": (*Plan.INTENDED, *Plan.RUNNING),
    }


def _baseline_to_ask(found: Gathered, lines: Sequence[GoalLine]) -> dict[str, Any]:
    """Which goals have nothing to count from that the baseline would still give."""
    baseline = found.baseline_to_ask
    lacking = [line.goal for line in lines if line.lacks_baseline]
    if baseline is None or not lacking:
        return {}
    asked = {m.key for m in library.measures().values() if m.asked_at_baseline}
    return {
        "baseline": baseline,
        "ask_baseline_for": {goal.pk for goal in lacking if goal.measure in asked},
    }


def _lifestyle(
    found: Gathered, values: measured.Course, levels: Mapping[str, Decimal]
) -> charts.CourseChart | None:
    """Weight and activity are the person's: drawn where this plan is about them."""
    if not lifestyle.is_about(found.interventions, found.goals):
        return None
    return lifestyle.chart(
        values,
        {**lifestyle.targets(found.interventions), **levels},
        begun_on=found.begun_on,
        chart_id="lifestyle",
    )


def moves_of(plan: Plan) -> list[tuple[str, str]]:
    """What may happen to the plan from here, and in which words."""
    return [
        (move.value, lifecycle.MOVES[move].words)
        for move in lifecycle.moves_from(plan.status)
    ]


def rows(found: Gathered, acts: frozenset[Act]) -> list[Row]:
    return [
        Row(each, state, tone, links.of_intervention(acts, found.plan, each))
        for each in found.interventions
        for state, _, tone in [lanes.state_of(each, found.today)]
    ]


def drawn(
    found: Gathered, levels: Mapping[str, Decimal]
) -> timeline_chart.TimelineChart:
    return timeline_chart.timeline_chart(
        lanes_of(found, levels),
        origin=found.plan.started_on,
        today=found.today,
        anchor_on=found.episode.anchor_on if found.episode else None,
        chart_id="timeline",
        title=f"Course of the plan {found.plan.title}",
    )


def lanes_of(found: Gathered, levels: Mapping[str, Decimal]) -> list[Lane]:
    today, zone = found.today, found.patient.kept.time_zone
    spans = standing.spans(found.plan, found.moves, today)
    return [
        lanes.standing(spans),
        *lanes.treatments(found.interventions, today),
        lanes.follow_ups(found.follow_ups, today),
        *_answers(found, levels),
        lanes.red_flags(found.flags, today, zone),
        lanes.elsewhere(found.elsewhere),
    ]


def _answers(found: Gathered, levels: Mapping[str, Decimal]) -> list[Lane]:
    """The course of the leading measure: pain where it hurts, where that is asked."""
    if not found.scores:
        return []
    leading = course.leading_measure(found.scores)
    own: list[Score] = [each for each in found.scores if each.measure == leading]
    level = levels.get(leading.key)
    words = "" if level is None else f"goal {chart_text.number(level)}"
    title = course.title_of(found.plan.complaint, leading)
    return [lanes.answers(own, title, level, words)]
