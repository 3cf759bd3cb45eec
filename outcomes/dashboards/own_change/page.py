"""The page on important change: each measure in a sentence, a chart and a table."""

from dataclasses import dataclass
from datetime import datetime

from clinic.models import User
from outcomes.dashboards import charts
from outcomes.dashboards.own_change import shown
from outcomes.dashboards.own_change.shown import Change, Count
from outcomes.dashboards.statistics import Interval
from outcomes.dashboards.statistics.mic import SMALLEST_GROUP, WEAK_CORRELATION

UNKNOWN = "–"


@dataclass(frozen=True, slots=True)
class Line:
    """One value of a measure: by which method, with its interval and its n."""

    key: str
    label: str
    value: float | None
    ci: Interval | None
    n: int | None
    note: str

    @property
    def value_words(self) -> str:
        return UNKNOWN if self.value is None else charts.number(self.value)

    @property
    def interval_words(self) -> str:
        return "" if self.ci is None else " to ".join(map(charts.number, self.ci))

    @property
    def n_words(self) -> str:
        return "" if self.n is None else str(self.n)


@dataclass(frozen=True, slots=True)
class Section:
    """A measure with estimates."""

    change: Change
    lines: tuple[Line, ...]
    # In one sentence each: what ours is, and how the published value lies to it.
    ours: str
    published: str
    doubt: str

    @property
    def facts(self) -> str:
        """Such as "points of improvement · 203 courses · correlation 0.68"."""
        found = ["points of improvement"]
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
        lines=tuple(_lines(change)),
        ours=_our_words(change),
        published=_published_words(change),
        doubt=_doubt(change),
    )


def _lines(change: Change) -> list[Line]:
    published, mean, roc = change.published, change.mean_change, change.roc
    lines = [
        Line(
            "published",
            "Published",
            published.points if published.points is not None else published.points_here,
            None,
            None,
            _published_note(change),
        )
    ]
    if mean:
        note = "mean of who said “A little better”"
        lines.append(
            Line(
                "mean", "Ours, mean change", mean.points, mean.ci, change.better.n, note
            )
        )
    n = _sum(change.better, change.same)
    lines.append(
        Line(
            "roc",
            "Ours, best cut (ROC)",
            roc.points if roc else None,
            roc.ci if roc else None,
            n,
            _roc_note(change),
        )
    )
    lines.append(
        Line(
            "same",
            "For comparison: no change",
            change.same_mean,
            None,
            change.same.n,
            "mean of who said “About the same”",
        )
    )
    return lines


def _sum(first: Count, second: Count) -> int | None:
    if first.n is None or second.n is None:
        return None
    return first.n + second.n


def _published_note(change: Change) -> str:
    published = change.published
    sources = ", ".join(change.measure.sources)
    if published.points is not None:
        return sources
    if published.percent is None:
        return "none is published for this measure"
    of = f"{charts.number(published.percent)} % of our mean baseline"
    return f"{of}; {sources}" if sources else of


def _roc_note(change: Change) -> str:
    if change.roc is None:
        return "no cut tells the two answers apart"
    if change.sensitivity is None or change.specificity is None:
        return "“A little better” against “About the same”"
    right = charts.percent(change.sensitivity)
    kept = charts.percent(change.specificity)
    return (
        f"reached by {right} of “A little better”, missed by {kept} of “About the same”"
    )


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
    value = published.points if published.points is not None else published.points_here
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
    found = [each.ci for each in (change.mean_change, change.roc) if each]
    both = "both intervals" if len(found) > 1 else "the interval"
    if all(low <= value <= high for low, high in found):
        return f"lies within {both}: our patients do not contradict it."
    if all(value < low for low, _ in found):
        return f"lies below {both}: ours change more before they call it a little."
    if all(value > high for _, high in found):
        return f"lies above {both}: ours call a smaller change a little better."
    return "lies within one of the two intervals only: the methods do not agree here."


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
