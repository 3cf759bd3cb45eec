"""The page on important change: each measure in a sentence, a chart and a table."""

from dataclasses import dataclass
from datetime import datetime

from clinic.models import User
from outcomes.dashboards import charts
from outcomes.dashboards.own_change import shown
from outcomes.dashboards.own_change.shown import Change, Count
from outcomes.dashboards.statistics import Interval
from outcomes.dashboards.statistics.mic import SMALLEST_GROUP, WEAK_CORRELATION


@dataclass(frozen=True, slots=True)
class Section:
    """A measure with estimates."""

    change: Change
    chart: charts.EstimatesChart
    # In one sentence each: what ours is, and how the published value lies to it.
    ours: str
    published: str
    reached: str
    doubt: str

    @property
    def facts(self) -> str:
        """Such as "203 courses · correlation 0.68"."""
        found = []
        if self.change.n is not None:
            found.append(f"{self.change.n} courses")
        if self.change.correlation is not None:
            found.append(f"correlation {charts.number(self.change.correlation)}")
        return " · ".join(found)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A measure without any yet: how many of each step, and how many it takes."""

    change: Change

    @property
    def better(self) -> str:
        return _count_words(self.change.better)

    @property
    def same(self) -> str:
        return _count_words(self.change.same)

    @property
    def needed(self) -> str:
        better, same = self.change.better.needed, self.change.same.needed
        if better is None or same is None:
            return "more of each" if better is same else "more"
        if not better and not same:
            return "other answers than these: nobody changed differently"
        parts = [
            f"{n} more “{step}”"
            for n, step in ((better, "A little better"), (same, "About the same"))
            if n
        ]
        return " and ".join(parts)


@dataclass(frozen=True, slots=True)
class Page:
    sections: tuple[Section, ...]
    waiting: tuple[Waiting, ...]
    computed_at: datetime | None
    smallest_group: int = SMALLEST_GROUP
    weak_correlation: float = WEAK_CORRELATION


def build(user: User) -> Page:
    """One query."""
    found = shown.of_clinic(user)
    return Page(
        sections=tuple(_section(each) for each in found if each.mean_change),
        waiting=tuple(
            Waiting(each) for each in found if not each.mean_change and _is_begun(each)
        ),
        computed_at=max(
            (each.computed_at for each in found if each.computed_at), default=None
        ),
    )


def _is_begun(change: Change) -> bool:
    """Whether anybody has answered; a total that is hidden is of somebody."""
    return change.n is None or change.n > 0


def _section(change: Change) -> Section:
    return Section(
        change=change,
        chart=charts.estimates_chart(
            estimates(change),
            chart_id=f"important-{change.measure.key}",
            title="Points of improvement",
        ),
        ours=_our_words(change),
        published=_published_words(change),
        reached=_reached_words(change),
        doubt=_doubt(change),
    )


def estimates(change: Change) -> list[charts.Estimate]:
    """The published value and ours, in the order they are drawn."""
    mean, roc = change.mean_change, change.roc
    return [
        charts.Estimate(
            key="published",
            label="Published",
            value=change.published.in_points,
            note=_published_note(change),
            is_reference=True,
        ),
        charts.Estimate(
            key="mean",
            label="Our mean change",
            value=mean.points if mean else None,
            ci=mean.ci if mean else None,
            n=change.better.n,
            note="“A little better”",
        ),
        charts.Estimate(
            key="roc",
            label="Our best cut (ROC)",
            value=roc.points if roc else None,
            ci=roc.ci if roc else None,
            n=_sum(change.better, change.same),
            note="against “About the same”" if roc else "no cut tells them apart",
        ),
        charts.Estimate(
            key="same",
            label="For comparison",
            value=change.same_mean,
            n=change.same.n,
            note="“About the same”",
        ),
    ]


def _sum(first: Count, second: Count) -> int | None:
    if first.n is None or second.n is None:
        return None
    return first.n + second.n


def _published_note(change: Change) -> str:
    published = change.published
    if published.in_points is None:
        return "none for this measure"
    if published.percent is not None:
        return f"{charts.number(published.percent)} % of our mean baseline"
    return ""


def _our_words(change: Change) -> str:
    """Both estimates as the span they are, for neither is the true one."""
    found = [each.points for each in (change.mean_change, change.roc) if each]
    if not found:
        return ""
    low, high = min(found), max(found)
    if high <= 0:
        return "Who says “A little better” has not improved on this measure."
    ends = list(dict.fromkeys(charts.number(end) for end in (low, high)))
    span = " to ".join(ends)
    words = f"Our patients call about {_counted(span)} of improvement “A little better”"
    if change.roc is None:
        return f"{words}, but no amount tells that answer from “About the same”."
    return f"{words}."


def _published_words(change: Change) -> str:
    published = change.published
    value = published.in_points
    if value is None:
        return "" if published.percent else "No value is published to hold it against."
    name = f"The published {_counted(charts.number(value))}"
    if published.points is None and published.percent is not None:
        name = (
            f"The published {charts.number(published.percent)} % of the baseline, here "
            f"{_counted(charts.number(value))},"
        )
    return f"{name} {_beside(value, change)}"


def _beside(value: float, change: Change) -> str:
    """How a published value lies to our intervals, said without more than they say."""
    mean, roc = (
        _lies(value, each.ci) if each else ""
        for each in (change.mean_change, change.roc)
    )
    if roc and roc != mean:
        return (
            f"lies {mean} the interval of the mean change and {roc} that of the best "
            "cut: the methods do not agree."
        )
    return f"lies {mean} {'both intervals' if roc else 'the interval'}: {_MEANS[mean]}"


_MEANS = {
    "within": "our patients do not contradict it.",
    "below": "ours change more before they call it a little.",
    "above": "ours call a smaller change a little better.",
}


def _lies(value: float, ends: Interval) -> str:
    low, high = ends
    if value < low:
        return "below"
    return "above" if value > high else "within"


def _reached_words(change: Change) -> str:
    if change.roc is None or change.sensitivity is None or change.specificity is None:
        return ""
    return (
        f"{charts.percent(change.sensitivity)} of “A little better” reach the cut; "
        f"{charts.percent(change.specificity)} of “About the same” stay below it."
    )


def _doubt(change: Change) -> str:
    if not change.is_anchor_weak:
        return ""
    if change.correlation is None:
        return "Everybody gave the same answer or changed alike, so nothing follows."
    return (
        f"Weak anchor: answer and improvement correlate at "
        f"{charts.number(change.correlation)}, under "
        f"{charts.number(WEAK_CORRELATION)}. They hardly speak of the same thing, so "
        "do not use these values."
    )


def _count_words(count: Count) -> str:
    return "fewer than 10" if count.n is None else str(count.n)


def _counted(words: str) -> str:
    return f"{words} point" if words == "1" else f"{words} points"
