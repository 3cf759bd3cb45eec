"""The table of rates, and of change and harm beside them: a row for each group."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.safestring import SafeString

from outcomes.dashboards import charts, statistics, time_axis
from outcomes.dashboards.charts import text
from outcomes.dashboards.figures import funnel, harms
from outcomes.dashboards.figures.cells import Group, Result
from outcomes.dashboards.figures.choices import Choices
from outcomes.dashboards.figures.harms import Harms
from outcomes.dashboards.figures.parts import Part
from outcomes.dashboards.figures.population import Figures
from outcomes.dashboards.statistics import Responders


@dataclass(frozen=True, slots=True)
class Number:
    """A count, with the query of the list behind it where the reader may see that."""

    n: int
    address: str = ""


@dataclass(frozen=True, slots=True)
class RateRow:
    """One group at the chosen day."""

    label: str
    # The same page about this group only.
    address: str
    result: Result | None
    is_hidden: bool
    bar: SafeString | None
    numbers: Mapping[str, Number]
    harms: Harms
    courses: int
    # So many must have answered for a rate.
    smallest: int

    @property
    def is_too_few(self) -> bool:
        return self.result is not None and self.result.answered < self.smallest

    @property
    def responders(self) -> Responders | None:
        return self.result.responders if self.result else None

    @property
    def capture(self) -> str:
        """Of the numbers beside it: those who began at 0 are due and answer, too."""
        due = self.result.eligible if self.result else 0
        return charts.percent(self.result.answered / due) if self.result and due else ""

    @property
    def rate(self) -> str:
        return charts.percent(self.responders.rate) if self.responders else ""

    @property
    def change(self) -> str:
        mean = self.result.change.mean if self.result else None
        return "" if mean is None else text.signed(round(mean, 1))

    @property
    def change_interval(self) -> str:
        ci = self.result.change.ci if self.result else None
        return "" if ci is None else _to(*(text.signed(round(end, 1)) for end in ci))

    @property
    def interval(self) -> str:
        ci = self.responders.ci if self.responders else None
        return _to(*map(charts.percent, ci)) if ci else ""

    @property
    def bounds(self) -> str:
        found = self.responders
        if found is None:
            return ""
        ends = (found.if_missing_failed, found.if_missing_succeeded)
        return _to(*map(charts.percent, ends))

    @property
    def worse(self) -> str:
        worsened = self.result.worsened if self.result else None
        return charts.percent(worsened.rate) if worsened else ""


def _to(low: str, high: str) -> str:
    return f"{low} to {high}"


def smallest(found: Figures) -> int:
    """A provider is set beside others from as many on as in the funnel."""
    by_provider = found.chosen.by == "provider"
    return funnel.SMALLEST if by_provider else statistics.SMALLEST_SHOWN_CELL


def is_drawn(found: Figures, n: int) -> bool:
    """Of few, single people are marks; of a provider's few, nothing is drawn."""
    return found.chosen.by != "provider" or n >= funnel.SMALLEST


class Rates:
    """The rate table; a number leads to its list where the reader may see people."""

    def __init__(
        self, found: Figures, harmed: Mapping[str, Harms], *, lists: bool
    ) -> None:
        self._found, self._harmed, self._lists = found, harmed, lists

    def of(self, group: Group, place: int) -> RateRow:
        chosen = self._found.chosen.of_group(group.key)
        return self._row(group, place, chosen, self._harmed.get(group.key, harms.NONE))

    def together(self) -> RateRow | None:
        group = self._found.together
        if group is None or len(self._found.groups) < 2:
            return None
        every = Harms(
            sum(one.courses for one in self._harmed.values()),
            sum(one.serious for one in self._harmed.values()),
        )
        return self._row(group, 0, self._found.chosen, every)

    def _row(self, group: Group, place: int, chosen: Choices, harmed: Harms) -> RateRow:
        point = group.at(self._found.day)
        result = point.result if point else None
        start = group.at(time_axis.BASELINE)
        return RateRow(
            label=group.label,
            address=chosen.address(),
            result=result,
            is_hidden=bool(point and point.is_hidden),
            bar=_bar(result, group.label, place)
            if is_drawn(self._found, result.answered if result else 0)
            else None,
            numbers=self._numbers(result, chosen) if result else {},
            harms=harmed,
            courses=start.courses if start else 0,
            smallest=smallest(self._found),
        )

    def _numbers(self, result: Result, chosen: Choices) -> dict[str, Number]:
        counts: dict[Part, int | None] = {
            Part.ELIGIBLE: result.eligible,
            Part.ANSWERED: result.answered,
            Part.MISSING: result.missing,
            Part.WORSE: result.worsened.worsened if result.worsened else None,
            Part.ADDED: result.added,
            Part.DIED: result.died,
            Part.WITHDREW: result.withdrew,
        }
        if result.responders:
            counts[Part.IMPROVED] = result.responders.improved
        return {
            part.value: Number(
                n, chosen.address(part=part) if n and self._lists else ""
            )
            for part, n in counts.items()
            if n is not None
        }


def _bar(result: Result | None, label: str, place: int) -> SafeString | None:
    if result is None or result.responders is None:
        return None
    return charts.render(charts.rate_bar(result.responders, label=label, place=place))
