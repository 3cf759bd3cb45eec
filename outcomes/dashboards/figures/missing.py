"""Who did not answer, how they differ from who did, and where that may lead."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, F, OuterRef, Q, Subquery, Sum

from clinic.models import User
from outcomes.dashboards import statistics, time_axis
from outcomes.dashboards.figures import cells, choices, counting, population
from outcomes.dashboards.figures.cells import Result
from outcomes.dashboards.figures.choices import Choices
from outcomes.dashboards.figures.dimensions import ALL, Groups
from outcomes.dashboards.statistics import (
    Difference,
    Direction,
    Interval,
    Rule,
    Summary,
)
from outcomes.models import Measure, OutcomeFact

# What is known of everybody before they are asked, so that answering can hang on it.
COMPARED = ("severity", "age", "language", "channel", "provider")


@dataclass(frozen=True, slots=True)
class Answering:
    """How many of a group answered; None of nobody."""

    key: str
    label: str
    result: Result

    @property
    def rate(self) -> float | None:
        due = self.result.eligible
        return self.result.answered / due if due else None

    @property
    def ci(self) -> Interval | None:
        due = self.result.eligible
        return statistics.wilson(self.result.answered, due) if due else None

    @property
    def is_too_few(self) -> bool:
        return statistics.is_too_few(self.result.eligible)


@dataclass(frozen=True, slots=True)
class LastKnown:
    """How much both had changed when they were last heard of before the day."""

    answered: Summary
    missing: Summary


@dataclass(frozen=True, slots=True)
class Missing:
    """`points` are the days, `groups` who answered at the chosen one."""

    measure: Measure
    measures: tuple[Measure, ...]
    chosen: Choices
    there_are: Groups
    day: int | None
    points: tuple[tuple[int, Answering], ...]
    groups: Mapping[str, tuple[Answering, ...]]
    last_known: LastKnown | None
    baseline: Difference
    course: Difference

    @property
    def rule(self) -> Rule:
        return statistics.RULES[self.chosen.rule]

    @property
    def days(self) -> tuple[int, ...]:
        return tuple(day for day, _ in self.points)

    @property
    def at_day(self) -> Result | None:
        found = dict(self.points).get(self.day or 0)
        return found.result if found else None

    @property
    def leads(self) -> "Leads":
        return leads(self.baseline, self.course, self.measure.direction)


def read(user: User, asked: Mapping[str, Any]) -> Missing:
    """At most fourteen queries. ValidationError names the choice that is not known."""
    chosen, measure, measures = choices.read(user, asked)
    there_are = Groups(user, choices.options(user, measure))
    choices.check_groups(chosen, there_are.keys)
    chosen = replace(chosen, by=ALL)
    points = _points(user, measure, chosen)
    day = population.preferred_day(chosen, [day for day, _ in points])
    chosen = replace(chosen, day=day)
    at_day = dict(points).get(day) if day is not None else None
    known = _last_known(user, measure, chosen, day) if at_day and day else None
    return Missing(
        measure=measure,
        measures=tuple(measures),
        chosen=chosen,
        there_are=there_are,
        day=day,
        points=tuple(points),
        groups={} if day is None else _groups(user, measure, chosen, there_are),
        last_known=known,
        baseline=_apart(at_day),
        course=statistics.difference(known.missing, known.answered)
        if known
        else Difference(None, None),
    )


def _points(
    user: User, measure: Measure, chosen: Choices
) -> list[tuple[int, Answering]]:
    rows = counting.in_steps(user, measure.pk, chosen)
    rule = statistics.RULES[chosen.rule]
    found = cells.results_of(rows, measure, rule)
    return [
        (day, Answering("", population.TOGETHER, result))
        for (_, day), result in sorted(found.items(), key=lambda each: each[0][1])
        if day != time_axis.BASELINE and result.eligible
    ]


def _groups(
    user: User, measure: Measure, chosen: Choices, there_are: Groups
) -> dict[str, tuple[Answering, ...]]:
    """At the chosen day."""
    found = {}
    for name in COMPARED:
        if name in chosen.narrowed:
            continue
        rows = counting.in_steps(user, measure.pk, replace(chosen, by=name), chosen.day)
        results = cells.results_of(rows, measure, statistics.RULES[chosen.rule])
        words = there_are.named(name)
        groups = [
            Answering(key, words[key], result)
            for (key, _), result in sorted(results.items())
            if result.eligible
        ]
        if name == "provider":
            # Their keys say nothing; the others' are in the order of what they name.
            groups.sort(key=lambda one: (one.label, one.key))
        found[name] = tuple(groups)
    # Where everybody is alike, nothing can be compared.
    return {name: groups for name, groups in found.items() if len(groups) > 1}


def _apart(at_day: Answering | None) -> Difference:
    """By how much those who are missing were worse or better at the start."""
    if at_day is None:
        return Difference(None, None)
    result = at_day.result
    return statistics.difference(result.missing_baseline, result.answered_baseline)


def _last_known(user: User, measure: Measure, chosen: Choices, day: int) -> LastKnown:
    """One query: of each who is due, the last change before the day."""
    earlier = (
        OutcomeFact.objects.filter(
            episode=OuterRef("episode"),
            measure=measure,
            bin_day__lt=day,
            bin_day__gt=time_axis.BASELINE,
            change__isnull=False,
        )
        .order_by("-bin_day")
        .values("change")[:1]
    )
    due = counting.live(user, measure.pk, chosen).filter(bin_day=day, is_eligible=True)
    is_missing = Q(change__isnull=True)
    found = (
        due.annotate(last=Subquery(earlier))
        .filter(last__isnull=False)
        .aggregate(**_sums("missing", is_missing), **_sums("answered", ~is_missing))
    )
    return LastKnown(_summary(found, "answered"), _summary(found, "missing"))


def _sums(name: str, condition: Q) -> dict[str, Any]:
    return {
        f"{name}_n": Count("pk", filter=condition),
        f"{name}_sum": Sum("last", filter=condition, default=0.0),
        f"{name}_squares": Sum(F("last") * F("last"), filter=condition, default=0.0),
    }


def _summary(found: Mapping[str, Any], name: str) -> Summary:
    return statistics.summary_of_sums(
        found[f"{name}_n"], found[f"{name}_sum"], found[f"{name}_squares"]
    )


@dataclass(frozen=True, slots=True)
class Leads:
    """How the missing clearly differ from who answered: "worse", "better" or ""."""

    at_start: str
    when_last_known: str

    @property
    def likely(self) -> str:
        """How results look for it: "good" or "poor", too good or too poor.

        Only what was last heard of them says which way. Who began worse off may gain
        more or less than others: "unlike" says that they differ, not where it leads.
        """
        known = {"worse": "good", "better": "poor"}
        return known.get(self.when_last_known) or ("unlike" if self.at_start else "")


def leads(baseline: Difference, course: Difference, better_is: Direction) -> Leads:
    """From clear differences only (missing less answered, 95 %).

    Who had improved less when last heard of would have pulled the mean change down
    had they answered; so results among those who answered look too good.
    """
    return Leads(_compared(baseline, better_is), _compared(course, better_is))


def _compared(found: Difference, better_is: Direction) -> str:
    if not found.is_clear or found.mean is None:
        return ""
    is_worse = found.mean > 0 if better_is == "lower" else found.mean < 0
    return "worse" if is_worse else "better"
