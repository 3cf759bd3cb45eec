"""The people behind a figure, a page at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet

from clinic.models import User
from outcomes.dashboards import statistics
from outcomes.dashboards.charts import text
from outcomes.dashboards.figures import choices, counting, parts, population
from outcomes.dashboards.figures.choices import FAILED, Choices
from outcomes.dashboards.figures.parts import Part
from outcomes.dashboards.listed import Listed, listed
from outcomes.models import Measure, OutcomeFact
from patients.models import Patient


class ListForm(forms.Form):
    """What a list is asked beside whose answers are counted."""

    part = forms.ChoiceField(choices=list(parts.WORDS.items()), required=False)
    page = forms.IntegerField(min_value=1, max_value=100_000, required=False)


@dataclass(frozen=True, slots=True)
class Line:
    """One course at the time point; what was answered, and what it means."""

    fact: OutcomeFact
    said: str
    tone: str

    @property
    def patient(self) -> Patient:
        return self.fact.episode.patient.kept

    @property
    def baseline(self) -> str:
        return _number(self.fact.baseline)

    @property
    def value(self) -> str:
        return _number(self.fact.value)

    @property
    def change(self) -> str:
        change = self.fact.change
        return "" if change is None else text.signed(round(change, 2))


def _number(value: float | None) -> str:
    return "" if value is None else text.number(value)


@dataclass(frozen=True, slots=True)
class ListPage:
    chosen: Choices
    measure: Measure
    part: Part
    listed: Listed[OutcomeFact]
    lines: Sequence[Line]

    @property
    def part_words(self) -> str:
        return parts.WORDS[self.part]

    @property
    def day_words(self) -> str:
        return "" if self.chosen.day is None else text.day_words(self.chosen.day)


def build(user: User, asked: Mapping[str, Any]) -> ListPage:
    """Four queries. ValidationError names the choice that is not known."""
    chosen, measure, _ = choices.read(user, asked)
    choices.check_groups(chosen, choices.options(user, measure))
    form = ListForm(choices.single(asked))
    if not form.is_valid():
        raise ValidationError({name: list(e) for name, e in form.errors.items()})
    if chosen.day is None:
        chosen = chosen.at(population.PREFERRED_DAY)
    part = Part(form.cleaned_data["part"] or Part.ELIGIBLE)
    found = _facts(user, measure, chosen, part)
    shown = listed(found, form.cleaned_data["page"])
    return ListPage(
        chosen=chosen,
        measure=measure,
        part=part,
        listed=shown,
        lines=[_line(fact, chosen) for fact in shown.rows],
    )


def _facts(
    user: User, measure: Measure, chosen: Choices, part: Part
) -> QuerySet[OutcomeFact]:
    found = counting.live(user, measure.pk, chosen).filter(
        parts.condition(part, chosen), bin_day=chosen.day
    )
    return found.select_related(
        "episode__complaint",
        "episode__plan__provider",
        "episode__patient__clinic",
        "episode__patient__merged_into__clinic",
        "profile",
    ).order_by(F("profile__began_on").desc(), "pk")


def _line(fact: OutcomeFact, chosen: Choices) -> Line:
    said, tone = _said(fact, chosen)
    if fact.has_added_treatment and fact.value is not None:
        said = f"{said}, after more treatment"
    return Line(fact, said, tone)


def _said(fact: OutcomeFact, chosen: Choices) -> tuple[str, str]:
    if fact.apart:
        return str(fact.get_apart_display()), ""
    if fact.value is None:
        return "did not answer", "warn"
    if fact.worse:
        return "worse", "bad"
    improved = getattr(fact, statistics.RULES[chosen.rule].key)
    if improved is None:
        return "no rate is defined", ""
    if improved and fact.has_added_treatment and chosen.added == FAILED:
        return "improved, counted as not improved", ""
    return ("improved", "ok") if improved else ("no meaningful change", "")
