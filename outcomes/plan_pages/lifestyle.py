"""Weight and activity of a patient against what was agreed, as charts."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from clinic import clock
from outcomes.dashboards import charts
from outcomes.dashboards.statistics import Direction
from outcomes.plan_pages import measured
from outcomes.plan_pages.attainment import Value
from plans.models import Goal, Intervention, Modality

# Key, title, unit, and which way is meant to be better.
SHOWN: tuple[tuple[str, str, str, Direction], ...] = (
    (measured.WEIGHT, "Weight", "kg", "lower"),
    (measured.MINUTES, "Active minutes a week", "min", "higher"),
    (measured.BMI, "BMI", "kg/m²", "lower"),
)
# The body mass index says the same as the weight, so it is drawn for its own goal only.
ONLY_WITH_A_GOAL = frozenset({measured.BMI})


def is_about(interventions: Sequence[Intervention], goals: Sequence[Goal]) -> bool:
    """Whether a plan changes habits, or aims at what comes of it."""
    shown = {key for key, *_ in SHOWN}
    return any(each.modality == Modality.LIFESTYLE for each in interventions) or any(
        goal.measure in shown and goal.status == Goal.Status.OPEN for goal in goals
    )


def targets(interventions: Sequence[Intervention]) -> dict[str, Decimal]:
    """What the lifestyle details aim at; the last one written down counts."""
    found: dict[str, Decimal] = {}
    for each in interventions:
        change = getattr(each, "lifestyle", None)
        if change is None:
            continue
        aimed = {
            measured.WEIGHT: change.weight_target_kg,
            measured.MINUTES: change.active_minutes_target,
            measured.BMI: change.bmi_target,
        }
        found |= {key: Decimal(value) for key, value in aimed.items() if value}
    return found


def chart(
    values: Mapping[str, Sequence[Value]],
    levels: Mapping[str, Decimal],
    *,
    begun_on: date,
    chart_id: str,
) -> charts.CourseChart | None:
    """None where nothing of it was ever measured."""
    series = [
        _series(key, title, unit, better, values[key], levels.get(key), begun_on)
        for key, title, unit, better in SHOWN
        if values.get(key) and (key in levels or key not in ONLY_WITH_A_GOAL)
    ]
    if not series:
        return None
    return charts.course_chart(series, chart_id=chart_id, title="Lifestyle over time")


def _series(
    key: str,
    title: str,
    unit: str,
    better: Direction,
    values: Sequence[Value],
    level: Decimal | None,
    begun_on: date,
) -> charts.CourseSeries:
    low, high = _range([each.value for each in values], level)
    return charts.CourseSeries(
        key=key,
        title=title,
        points=[
            charts.CoursePoint(
                day=(each.on - begun_on).days,
                value=each.value,
                label="measured",
                when=clock.in_words(each.on),
            )
            for each in values
        ],
        low=low,
        high=high,
        better_is=better,
        scale_words=unit,
        asks_baseline=False,
        goal=level,
    )


def _range(values: Sequence[Decimal], level: Decimal | None) -> tuple[int, int]:
    """Round ends about all that is drawn, with the same step on both sides."""
    known = [*values, level] if level is not None else list(values)
    low, high = min(known), max(known)
    step = 5 if high - low < 60 else 50
    first, last = int(low // step) * step, -int(-high // step) * step
    return first, last if last > first else first + step
