"""What a patient's chart is given and what its points and its table both show."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from outcomes.dashboards.charts import text as chart_text
from outcomes.dashboards.statistics import Direction, Number


@dataclass(frozen=True, slots=True)
class CoursePoint:
    """One answer; day counts from the episode's anchor."""

    day: int
    value: Number
    label: str
    when: str = ""
    in_window: bool = True
    provenance: str = ""


@dataclass(frozen=True, slots=True)
class CourseSeries:
    """A measure of the patient; threshold is the value that is meaningfully better."""

    key: str
    title: str
    points: Sequence[CoursePoint]
    low: Number
    high: Number
    better_is: Direction = "lower"
    threshold: Number | None = None
    # What the ends of the scale mean, where numbers alone would say nothing.
    scale_words: str = ""
    asks_baseline: bool = True
    # The value that this patient's plan aims at.
    goal: Number | None = None

    @property
    def value_range(self) -> str:
        return self.scale_words or chart_text.value_range(
            self.low, self.high, self.better_is
        )


@dataclass(frozen=True, slots=True)
class CourseEvent:
    """An intervention on the time axis."""

    day: int
    label: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class CourseRow:
    """What a plotted point and its line in the table both show."""

    key: str
    series: str
    value_range: str
    label: str
    when: str
    day: int
    value: Number
    in_window: bool
    provenance: str

    @property
    def raw(self) -> str:
        return str(self.value)

    @property
    def text(self) -> str:
        return chart_text.number(self.value)

    @property
    def spoken(self) -> str:
        when = f" ({self.when})" if self.when else ""
        facts = [f"{self.series}, {self.label}{when}: {self.text}"]
        if self.provenance:
            facts.append(self.provenance)
        if not self.in_window:
            facts.append(gettext("outside its window"))
        return ", ".join(facts)


SeriesRows = tuple[CourseSeries, tuple[CourseRow, ...]]


def rows_of(series: CourseSeries) -> tuple[CourseRow, ...]:
    return tuple(
        CourseRow(
            key=series.key,
            series=series.title,
            value_range=series.value_range,
            label=point.label,
            when=point.when,
            day=point.day,
            value=point.value,
            in_window=point.in_window,
            provenance=point.provenance,
        )
        for point in sorted(series.points, key=lambda point: point.day)
    )


def description(per_series: Sequence[SeriesRows], events: Sequence[CourseEvent]) -> str:
    sentences = [_series_sentence(one, rows) for one, rows in per_series]
    if events:
        named = "; ".join(event_words(event) for event in events)
        sentences.append(gettext("Treatments: %s.") % named)
    return " ".join(sentences)


def _series_sentence(series: CourseSeries, rows: Sequence[CourseRow]) -> str:
    facts = {
        "title": series.title,
        "range": series.value_range,
    }
    if not rows:
        return gettext("%(title)s (%(range)s): no answers yet.") % facts
    facts |= {"first": rows[0].text, "first_label": rows[0].label}
    if len(rows) == 1:
        return gettext("%(title)s (%(range)s): %(first)s at %(first_label)s.") % facts
    facts |= {"last": rows[-1].text, "last_label": rows[-1].label}
    return (
        gettext(
            "%(title)s (%(range)s): %(first)s at %(first_label)s, "
            "%(last)s at %(last_label)s."
        )
        % facts
    )


def event_words(event: CourseEvent) -> str:
    named = f"{event.label}, {chart_text.day_words(event.day)}"
    return f"{named}, {event.detail}" if event.detail else named
