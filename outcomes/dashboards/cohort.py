"""How groups of patients do, counted from the facts; pages and API both use it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Count, ExpressionWrapper, F, FloatField, Q, Sum

from clinic import access
from clinic.models import User
from outcomes.dashboards import statistics, time_axis
from outcomes.dashboards.charts import text as chart_text
from outcomes.dashboards.statistics import Responders, Rule, Summary
from outcomes.models import Measure, OutcomeFact

GROUPINGS = {"treatment": ("profile__treatment", "profile__treatment_label")}


@dataclass(frozen=True, slots=True)
class Cell:
    """One group at one canonical day; `is_hidden` where the reader may not see it."""

    day: int
    answered: Summary
    change: Summary
    responders: Responders | None
    is_hidden: bool = False

    @property
    def timepoint(self) -> str:
        return time_axis.key(self.day)

    @property
    def label(self) -> str:
        return chart_text.day_words(self.day)

    @property
    def is_too_few(self) -> bool:
        return statistics.is_too_few(self.answered.n)


@dataclass(frozen=True, slots=True)
class Group:
    key: str
    label: str
    cells: tuple[Cell, ...]

    def at(self, day: int) -> Cell | None:
        return next((cell for cell in self.cells if cell.day == day), None)


@dataclass(frozen=True, slots=True)
class Cohort:
    measure: Measure
    rule: Rule
    groups: tuple[Group, ...]

    @property
    def days(self) -> list[int]:
        return sorted({cell.day for group in self.groups for cell in group.cells})


def cohort(
    user: User,
    measure_key: str,
    *,
    by: str = "treatment",
    rule_key: str = statistics.DEFAULT_RULE.key,
    baseline_from: int | None = None,
) -> Cohort:
    """The clinic's groups for one measure over the canonical days.

    `baseline_from` keeps only those who started at or above it. ValidationError for
    an unknown measure, grouping or rule, naming it and what there is.
    """
    measure = find_measure(user, measure_key)
    rule = find_rule(rule_key)
    if not access.sees_small_cells(user):
        check_fixed_table(rule, baseline_from)
    if by not in GROUPINGS:
        raise ValidationError({"by": f"Unknown grouping {by!r}; use treatment."})
    facts = OutcomeFact.objects.visible_to(user).filter(
        measure=measure, bin_day__isnull=False
    )
    if baseline_from is not None:
        facts = facts.filter(baseline__gte=baseline_from)
    groups = _groups(facts, rule, measure, GROUPINGS[by])
    if not access.sees_small_cells(user):
        groups = hide_small_cells(groups)
    return Cohort(measure=measure, rule=rule, groups=tuple(groups))


def find_measure(user: User, key: str) -> Measure:
    # Compared here and not in the query: an address may hold what no column can.
    known = {measure.key: measure for measure in Measure.objects.visible_to(user)}
    if key not in known:
        keys = ", ".join(known)
        raise ValidationError(
            {"measure": f"No measure {key!r} in this clinic; it has: {keys}."}
        )
    return known[key]


def check_fixed_table(rule: Rule, baseline_from: int | None) -> None:
    """Two tables that differ by one person would show that person."""
    if rule != statistics.DEFAULT_RULE:
        raise ValidationError(
            {
                "rule": f"Your role sees the rule {statistics.DEFAULT_RULE.key} only; "
                "several rules together could single out a person."
            }
        )
    if baseline_from is not None:
        raise ValidationError(
            {
                "baseline_from": "Your role sees all baselines together; a bound "
                "could single out a person."
            }
        )


def find_rule(key: str) -> Rule:
    if key not in statistics.RULES:
        raise ValidationError(
            {"rule": f"No rule {key!r}; use {', '.join(statistics.RULES)}."}
        )
    return statistics.RULES[key]


def _groups(
    facts: Any, rule: Rule, measure: Measure, grouping: tuple[str, str]
) -> list[Group]:
    has_own_change = (measure.mic_points, measure.mic_percent) != (None, None)
    is_rule_known = has_own_change or not rule.own_change
    is_defined = Q(**{f"{rule.key}__isnull": False})
    is_missing = Q(value__isnull=True)
    if rule.percent or (rule.own_change and measure.mic_points is None):
        is_missing &= Q(baseline__gt=0)
    rows = (
        facts.values(*grouping, "bin_day")
        .annotate(
            n=Count("value"),
            total=_total("value"),
            squares=_total("value", "value"),
            change_n=Count("change"),
            change_total=_total("change"),
            change_squares=_total("change", "change"),
            improved=Count("pk", filter=Q(**{rule.key: True})),
            defined=Count("pk", filter=is_defined),
            eligible=Count(
                "pk", filter=Q(is_eligible=True) & (is_defined | is_missing)
            ),
        )
        .order_by(F(grouping[1]), "bin_day")
    )
    cells: dict[tuple[str, str], list[Cell]] = defaultdict(list)
    for row in rows:
        if row["n"] or row["eligible"]:
            cells[row[grouping[0]], row[grouping[1]]].append(
                _cell(row, rule, is_rule_known=is_rule_known)
            )
    return [Group(key, label, tuple(found)) for (key, label), found in cells.items()]


def _cell(row: dict[str, Any], rule: Rule, *, is_rule_known: bool) -> Cell:
    after_anchor = row["bin_day"] != time_axis.BASELINE
    return Cell(
        day=row["bin_day"],
        answered=statistics.summary_of_sums(row["n"], row["total"], row["squares"]),
        change=statistics.summary_of_sums(
            row["change_n"], row["change_total"], row["change_squares"]
        ),
        responders=statistics.responder_rate(
            row["improved"], row["defined"], row["eligible"], rule
        )
        if after_anchor and is_rule_known and row["eligible"]
        else None,
    )


def _total(column: str, times: str | None = None) -> Sum:
    # Sums, because SQLite's standard deviation in Django fails on a missing value.
    summed = F(column) * F(times) if times else F(column)
    return Sum(ExpressionWrapper(summed, FloatField()), default=0.0)


_HIDDEN = Summary(0, None, None, None)


def hide_small_cells(groups: Iterable[Group]) -> list[Group]:
    """Blank counts of 1 to 9, and a second cell where one alone could be worked out."""
    held = list(groups)
    hidden = {
        (group.key, cell.day)
        for group in held
        for cell in group.cells
        if _is_small(cell)
    }
    for day in {cell.day for group in held for cell in group.cells}:
        shown = [
            (cell.answered.n, group.key)
            for group in held
            for cell in group.cells
            if cell.day == day and (group.key, day) not in hidden
        ]
        if sum(d == day for _, d in hidden) == 1 and shown:
            hidden.add((min(shown)[1], day))
    return [
        replace(
            group,
            cells=tuple(
                replace(
                    cell,
                    answered=_HIDDEN,
                    change=_HIDDEN,
                    responders=None,
                    is_hidden=True,
                )
                if (group.key, cell.day) in hidden
                else cell
                for cell in group.cells
            ),
        )
        for group in held
    ]


def _is_small(cell: Cell) -> bool:
    counts = [cell.answered.n, cell.change.n]
    if cell.responders:
        found = cell.responders
        counts += [
            found.improved,
            found.answered - found.improved,
            found.eligible,
            found.eligible - found.answered,
        ]
    return any(statistics.is_too_few(count) for count in counts)


def as_json(found: Cohort) -> dict[str, Any]:
    """The answer of the cohort API; rates are proportions from 0 to 1."""
    return {
        "measure": found.measure.key,
        "groups": [
            {
                "key": group.key,
                "label": group.label,
                "timepoints": [_cell_json(cell) for cell in group.cells],
            }
            for group in found.groups
        ],
    }


def _cell_json(cell: Cell) -> dict[str, Any]:
    if cell.is_hidden:
        return {"timepoint": cell.timepoint, "day": cell.day, "is_hidden": True}
    return {
        "timepoint": cell.timepoint,
        "day": cell.day,
        **asdict(cell.answered),
        "change": asdict(cell.change),
        "responders": _responders_json(cell.responders),
    }


def _responders_json(found: Responders | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "rule": found.rule.key,
        "improved": found.improved,
        "answered": found.answered,
        "eligible": found.eligible,
        "rate": found.rate,
        "ci": found.ci,
        "if_missing_failed": found.if_missing_failed,
        "if_missing_succeeded": found.if_missing_succeeded,
    }
