"""From counts and sums to figures. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from outcomes.dashboards import statistics, time_axis
from outcomes.dashboards.charts import text
from outcomes.dashboards.statistics import Responders, Rule, Summary, Worsened
from outcomes.models import Measure
from outcomes.models.facts import NO_STEP

Row = Mapping[str, Any]
# What rows are told apart by; all else is added up.
KEYS = ("key", "bin_day", "step")


@dataclass(frozen=True, slots=True)
class Step:
    """How many improved by `low` points and by less than `high`; below 0: got worse."""

    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one group at a day, beyond its means.

    `responders` is None where the rule says nothing of this measure, or may not;
    `worsened` where it may not.
    `baseline` is of the eligible; the other two of those among them who answered, and
    who did not. Of few people each are `steps`, `added`, `died` and `withdrew`: None
    (no steps) where the reader may not know so few.
    """

    responders: Responders | None
    worsened: Worsened | None
    change: Summary
    steps: tuple[Step, ...]
    eligible: int
    answered: int
    added: int | None
    died: int | None
    withdrew: int | None
    baseline: Summary
    answered_baseline: Summary
    missing_baseline: Summary

    @property
    def missing(self) -> int:
        return self.eligible - self.answered

    @property
    def unchanged(self) -> int | None:
        """Neither improved by the rule nor worse; None where either is not told."""
        if self.responders is None or self.worsened is None:
            return None
        return max(self.answered - self.responders.improved - self.worsened.worsened, 0)

    @property
    def is_too_few(self) -> bool:
        return statistics.is_too_few(self.answered)


@dataclass(frozen=True, slots=True)
class Point:
    """One group at one canonical day, as the course over time needs it.

    `eligible` had a baseline and answered, or the window closed. `result` is told
    where it was asked for; `is_hidden` where the reader may not see it.
    """

    day: int
    answered: Summary
    change: Summary
    eligible: int
    # All that stand there, whatever was answered: at the start, the courses.
    courses: int
    result: Result | None = None
    is_hidden: bool = False
    # Whether `answered` may be told beside the change.
    tells_level: bool = True

    @property
    def timepoint(self) -> str:
        return time_axis.key(self.day)

    @property
    def label(self) -> str:
        return text.day_words(self.day)

    @property
    def is_too_few(self) -> bool:
        return statistics.is_too_few(self.answered.n)


@dataclass(frozen=True, slots=True)
class Group:
    key: str
    label: str
    points: tuple[Point, ...]

    @property
    def size(self) -> int:
        """The most who answered at one day: how much a chart has to show of it."""
        return max((point.answered.n for point in self.points), default=0)

    def at(self, day: int | None) -> Point | None:
        return next((point for point in self.points if point.day == day), None)


def groups_of(
    trend: Iterable[Row],
    labels: Mapping[str, str],
    results: Mapping[tuple[str, int], Result],
) -> list[Group]:
    """Largest first; those of one size by name. Results are by group and day."""
    points: dict[str, list[Point]] = {}
    for row in trend:
        if row["answered"] or row["eligible"]:
            result = results.get((row["key"], row["bin_day"]))
            points.setdefault(row["key"], []).append(_point(row, result))
    found = [
        Group(key, labels.get(key, key), tuple(held)) for key, held in points.items()
    ]
    return sorted(found, key=lambda group: (-group.size, group.label, group.key))


def _point(row: Row, result: Result | None) -> Point:
    return Point(
        day=row["bin_day"],
        answered=_summary(row, "answered", "value"),
        change=_summary(row, "changed", "change"),
        eligible=row["eligible"],
        courses=row["facts"],
        result=result,
    )


def _summary(row: Row, count: str, of: str) -> Summary:
    return statistics.summary_of_sums(
        row[count], row[f"{of}_sum"], row[f"{of}_squares"]
    )


def results_of(
    rows: Iterable[Row], measure: Measure, rule: Rule
) -> dict[tuple[str, int], Result]:
    """By group and day: the steps of change, and all else summed over them."""
    held: dict[tuple[str, int], list[Row]] = {}
    for row in rows:
        held.setdefault((row["key"], row["bin_day"]), []).append(row)
    return {place: _result(some, measure, rule) for place, some in held.items()}


def _result(rows: list[Row], measure: Measure, rule: Rule) -> Result:
    names = [name for name in rows[0] if name not in KEYS]
    total = {name: sum(row[name] for row in rows) for name in names}
    return Result(
        responders=_responders(total, measure, rule),
        worsened=_worsened(total, measure),
        change=_summary(total, "changed", "change"),
        steps=_steps(rows, measure),
        eligible=total["eligible"],
        answered=total["changed"],
        added=total["added"],
        died=total["died"],
        withdrew=total["withdrew"],
        baseline=_summary(total, "eligible", "baseline"),
        answered_baseline=_summary(total, "changed", "answered_baseline"),
        missing_baseline=statistics.summary_of_sums(
            total["eligible"] - total["changed"],
            total["baseline_sum"] - total["answered_baseline_sum"],
            total["baseline_squares"] - total["answered_baseline_squares"],
        ),
    )


def _worsened(total: Row, measure: Measure) -> Worsened:
    """Of a change that is a percentage alone, who started at 0 is not judged."""
    above = "_from_above_0" if measure.takes_percent else ""
    return statistics.worsened_rate(total["worse"], total[f"changed{above}"])


def _responders(total: Row, measure: Measure, rule: Rule) -> Responders | None:
    if not measure.is_asked_at_baseline or not total["eligible"]:
        return None
    if rule.own_change and not measure.has_important_change:
        return None
    takes_percent = bool(rule.percent) or (rule.own_change and measure.takes_percent)
    above = "_from_above_0" if takes_percent else ""
    return statistics.responder_rate(
        total[rule.key], total[f"changed{above}"], total[f"eligible{above}"], rule
    )


def _steps(rows: list[Row], measure: Measure) -> tuple[Step, ...]:
    """Without gaps from the worst that occurs to the best."""
    counts = {row["step"]: row["facts"] for row in rows if row["step"] != NO_STEP}
    if not counts:
        return ()
    width = statistics.step_width(float(measure.minimum), float(measure.maximum))
    return tuple(
        _step(place, width, counts.get(place, 0))
        for place in range(min(counts), max(counts) + 1)
    )


def _step(place: int, width: float, n: int) -> Step:
    """Step 0 reaches to less than one width either way."""
    low = (place if place > 0 else place - 1) * width
    high = (place + 1 if place >= 0 else place) * width
    return Step(round(low, 6), round(high, 6), n)
