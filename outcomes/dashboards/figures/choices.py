"""What the outcome figures can be asked: from the address, all of it checked."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict

from clinic import access
from clinic.forms import DayField
from clinic.models import User
from outcomes.dashboards import statistics, time_axis
from outcomes.dashboards.figures.dimensions import ALL, DIMENSIONS
from outcomes.models import Measure, OutcomeTally

TREATMENT = "treatment"
# How an address says that a dimension's empty key is meant.
NONE = "none"
WITHOUT, FAILED = "without", "failed"
ADDED = {
    "": "count as they are",
    WITHOUT: "leave out who had more treatment",
    FAILED: "count more treatment as not improved",
}
# What a page for people who may not see single patients can be grouped by: fixed
# tables of coarse groups, so that no two of them differ by one person. Kinds of
# treatment are sums of treatments: side by side they would give a hidden one away.
COARSE = ("treatment", "diagnosis", "source", "age", "sex", "severity")


@dataclass(frozen=True, slots=True)
class Choices:
    """Whose answers are counted, to what, and in which groups."""

    measure: str = ""
    by: str = TREATMENT
    rule: str = statistics.DEFAULT_RULE.key
    day: int | None = None
    baseline_from: float | None = None
    added: str = ""
    begins_on: date | None = None
    ends_on: date | None = None
    # The group that is chosen of a dimension, by the dimension.
    narrowed: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_live(self) -> bool:
        """Whether facts must be counted, because no tally holds what is asked."""
        dates = (self.begins_on, self.ends_on)
        if dates != (None, None) or self.baseline_from is not None or self.added:
            return True
        if self.by == ALL:
            return len(self.narrowed) > 1
        return any(name != self.by for name in self.narrowed)

    def address(self, **more: object) -> str:
        """The query of a page about these figures, or about some of them.

        A choice that is None in `more` is left out.
        """
        own: dict[str, object] = {
            "measure": self.measure,
            "by": self.by if self.by != TREATMENT else None,
            "rule": self.rule if self.rule != statistics.DEFAULT_RULE.key else None,
            "day": self.day,
            "baseline_from": _plain(self.baseline_from),
            "added": self.added or None,
            "from": self.begins_on,
            "until": self.ends_on,
            **{name: key or NONE for name, key in self.narrowed.items()},
            **more,
        }
        return "?" + urlencode({k: v for k, v in own.items() if v not in (None, "")})

    def at(self, day: int) -> "Choices":
        return replace(self, day=day)

    def of_group(self, key: str) -> "Choices":
        """The same about one of its groups only."""
        return self if self.by == ALL else self.with_group(self.by, key)

    def with_group(self, dimension: str, key: str) -> "Choices":
        return replace(self, narrowed={**self.narrowed, dimension: key})


def _plain(value: float | None) -> str | None:
    return None if value is None else f"{value:.15g}"


def options(user: User, measure: Measure | None) -> dict[str, list[str]]:
    """Of each dimension the groups that occur for this measure, or any; one query."""
    tallies = OutcomeTally.objects.visible_to(user)
    if measure is not None:
        tallies = tallies.filter(measure=measure)
    rows = (
        tallies.order_by("dimension", "key").values_list("dimension", "key").distinct()
    )
    found: dict[str, list[str]] = {}
    for dimension, key in rows:
        found.setdefault(dimension, []).append(key)
    return found


class GroupField(forms.CharField):
    """A group of a dimension; which there are, only the clinic's rows know."""

    def __init__(self, label: str) -> None:
        super().__init__(label=label, max_length=60, required=False, strip=True)


class KnownField(forms.ChoiceField):
    """One of a few; a wrong one is answered with what there is."""

    def __init__(self, noun: str, choices: Iterable[tuple[str, str]]) -> None:
        pairs = list(choices)
        known = ", ".join(key for key, _ in pairs if key)
        message = f"No {noun} %(value)r; use {known}."
        super().__init__(
            choices=pairs, required=False, error_messages={"invalid_choice": message}
        )


class ChoicesForm(forms.Form):
    """All but the groups; those are checked against what occurs."""

    measure = forms.CharField(max_length=60, required=False)
    by = KnownField(
        "grouping",
        [*((key, one.by) for key, one in DIMENSIONS.items()), (ALL, "all together")],
    )
    rule = KnownField(
        "rule", ((rule.key, rule.label) for rule in statistics.RULES.values())
    )
    day = forms.IntegerField(
        required=False,
        error_messages={"invalid": "The day must be a whole number, such as 365."},
    )
    baseline_from = forms.FloatField(
        required=False,
        error_messages={"invalid": "The lowest baseline must be a number, such as 5."},
    )
    added = KnownField("way to count more treatment", ADDED.items())
    until = DayField(required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        # "from" is no name that Python lets a class have.
        self.fields["from"] = DayField(required=False)
        for key, dimension in DIMENSIONS.items():
            self.fields[key] = GroupField(dimension.noun)

    def clean_day(self) -> int | None:
        day: int | None = self.cleaned_data["day"]
        if day is not None and day not in time_axis.AFTER_ANCHOR:
            known = ", ".join(str(one) for one in sorted(time_axis.AFTER_ANCHOR)[:8])
            raise ValidationError(
                f"{day} is no day that answers are compared on; use one of {known} …"
            )
        return day

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, last = data.get("from"), data.get("until")
        if first and last and last < first:
            self.add_error(
                "until", f"The period ends on {last}, before it begins on {first}."
            )
        return data

    @property
    def chosen(self) -> Choices:
        data = self.cleaned_data
        return Choices(
            measure=data["measure"],
            by=data["by"] or TREATMENT,
            rule=data["rule"] or statistics.DEFAULT_RULE.key,
            day=data["day"],
            baseline_from=data["baseline_from"],
            added=data["added"],
            begins_on=data["from"],
            ends_on=data["until"],
            narrowed={
                name: "" if data[name] == NONE else data[name]
                for name in DIMENSIONS
                if data[name]
            },
        )


# Of all choices, as an address spells them.
NAMES = frozenset({*ChoicesForm.base_fields, "from", *DIMENSIONS})


def read(user: User, data: Mapping[str, Any]) -> tuple[Choices, Measure, list[Measure]]:
    """What is asked, and of which measures; two queries.

    ValidationError names each choice that is not known, and what there is.
    """
    form = ChoicesForm(single(data))
    if not form.is_valid():
        raise ValidationError({name: list(e) for name, e in form.errors.items()})
    measures = list(Measure.objects.visible_to(user))
    chosen = form.chosen
    if not measures:
        raise ValidationError("This clinic has no measures yet.")
    measure = _measure(measures, chosen.measure) if chosen.measure else measures[0]
    if not access.sees_small_cells(user):
        check_fixed(chosen)
    return replace(chosen, measure=measure.key), measure, measures


def single(data: Mapping[str, Any]) -> dict[str, Any]:
    """Of each name the last that an address gives."""
    if isinstance(data, MultiValueDict):
        return dict(data.items())
    return dict(data)


def _measure(measures: Iterable[Measure], key: str) -> Measure:
    # Compared here and not in the query: an address may hold what no column can.
    known = {measure.key: measure for measure in measures}
    if key not in known:
        raise ValidationError(
            {
                "measure": f"No measure {key!r} in this clinic; it has: "
                f"{', '.join(known)}."
            }
        )
    return known[key]


def check_groups(chosen: Choices, there_are: Mapping[str, Collection[str]]) -> None:
    """Refuse a group that occurs nowhere: an empty page would read as "nobody"."""
    wrong = {}
    for name, key in chosen.narrowed.items():
        known = there_are.get(name, ())
        if key not in known:
            first = ", ".join(one or NONE for one in list(known)[:12]) or "none yet"
            wrong[name] = f"No answers of {key or NONE!r}; there are: {first}."
    if wrong:
        raise ValidationError(wrong)


def check_fixed(chosen: Choices) -> None:
    """Two tables that differ by one person would show that person."""
    wrong = {}
    if chosen.rule != statistics.DEFAULT_RULE.key:
        wrong["rule"] = (
            f"Your role sees the rule {statistics.DEFAULT_RULE.key} only; several "
            "rules together could single out a person."
        )
    if chosen.baseline_from is not None:
        wrong["baseline_from"] = (
            "Your role sees all baselines together; a bound could single out a person."
        )
    if chosen.added or chosen.begins_on or chosen.ends_on or chosen.narrowed:
        wrong["by"] = (
            "Your role sees all patients together in fixed groups; a choice of some "
            "could single out a person."
        )
    if chosen.by not in (ALL, *COARSE):
        wrong["by"] = f"Your role sees groups by {', '.join(COARSE)} only."
    if wrong:
        raise ValidationError(wrong)
