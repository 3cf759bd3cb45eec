"""What a patient's chart is given and what its marks and its table both show."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from outcomes.dashboards.charts import tables
from outcomes.dashboards.charts import text as chart_text
from outcomes.dashboards.charts.tables import Cell, Column, TableRow
from outcomes.dashboards.statistics import Direction, Number

# A day from the anchor, with the lower and the upper quartile then.
Quartiles = tuple[int, Number, Number]


@dataclass(frozen=True, slots=True)
class CoursePoint:
    """One answer; day counts from the episode's anchor."""

    day: int
    value: Number
    label: str
    when: str = ""
    in_window: bool = True
    provenance: str = ""
    # Some of its questions were left open.
    is_partial: bool = False


@dataclass(frozen=True, slots=True)
class ExpectedCourse:
    """The middle half of similar patients of this clinic, and how many they are."""

    points: Sequence[Quartiles]
    n: int

    @property
    def words(self) -> str:
        return f"middle half of {self.n} similar patients here"


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
    # The value from which people call their state acceptable.
    acceptable: Number | None = None
    expected: ExpectedCourse | None = None

    @property
    def value_range(self) -> str:
        return self.scale_words or chart_text.value_range(
            self.low, self.high, self.better_is
        )

    def bound(self, level: Number) -> str:
        """Such as "3 or less"."""
        is_lower = self.better_is == "lower"
        return f"{chart_text.number(level)} or {'less' if is_lower else 'more'}"


@dataclass(frozen=True, slots=True)
class CourseEvent:
    """An intervention on the time axis; a series lasts until its last day.

    `days` are those of its sessions, all within the series.
    """

    day: int
    label: str
    detail: str = ""
    until: int | None = None
    days: Sequence[int] = ()

    @property
    def is_series(self) -> bool:
        return self.until is not None and self.until > self.day

    @property
    def last_day(self) -> int:
        return self.day if self.until is None else max(self.until, self.day)

    @property
    def data(self) -> SafeString:
        until = str(self.until) if self.is_series else None
        mark = f"event {self.day} {self.label} {self.detail}"
        return tables.attributes(mark, day=str(self.day), until=until)


@dataclass(frozen=True, slots=True)
class CourseRow:
    """What a plotted point and its line in the table both show."""

    key: str
    place: int
    series: str
    value_range: str
    label: str
    when: str
    day: int
    value: Number
    in_window: bool
    is_partial: bool
    provenance: str

    @property
    def raw(self) -> str:
        return str(self.value)

    @property
    def text(self) -> str:
        return chart_text.number(self.value)

    @property
    def data(self) -> SafeString:
        mark = f"{self.key} answer {self.place}"
        return tables.attributes(mark, day=str(self.day), value=self.value)

    @property
    def how(self) -> str:
        return ", ".join(self._remarks())

    def _remarks(self) -> Iterator[str]:
        if self.provenance:
            yield self.provenance
        if self.is_partial:
            yield "partial answer"
        if not self.in_window:
            yield "outside its window"

    @property
    def spoken(self) -> str:
        when = f" ({self.when})" if self.when else ""
        said = f"{self.series}, {self.label}{when}: {self.text}"
        return ", ".join([said, *self._remarks()])


SeriesRows = tuple[CourseSeries, tuple[CourseRow, ...]]


def rows_of(series: CourseSeries) -> tuple[CourseRow, ...]:
    ordered = sorted(series.points, key=lambda point: point.day)
    return tuple(
        CourseRow(
            key=series.key,
            place=place,
            series=series.title,
            value_range=series.value_range,
            label=point.label,
            when=point.when,
            day=point.day,
            value=point.value,
            in_window=point.in_window,
            is_partial=point.is_partial,
            provenance=point.provenance,
        )
        for place, point in enumerate(ordered)
    )


def expected_data(
    series: CourseSeries, point: tuple[int, Number, Number]
) -> SafeString:
    day, low, high = point
    mark = f"{series.key} expected {day}"
    return tables.attributes(mark, day=str(day), low=low, high=high)


def expected_text(point: Quartiles) -> str:
    low, high = (chart_text.number(one) for one in point[1:])
    return f"{low} to {high}"


def columns() -> list[Column]:
    return [
        Column("Measure", is_number=False),
        Column("Time point", is_number=False),
        Column("Date", is_number=False),
        Column("Value"),
        Column("How", is_number=False),
    ]


def answer_row(row: CourseRow) -> TableRow:
    cells = (Cell(row.label), Cell(row.when), Cell(row.text), Cell(row.how))
    return TableRow(f"{row.series}, {row.value_range}", cells, row.data, row.key)


def level_row(
    series: CourseSeries, words: str, level: Number, data: SafeString
) -> TableRow:
    bound = series.bound(level)
    return TableRow(series.title, (Cell(""), Cell(""), Cell(bound), Cell(words)), data)


def expected_rows(series: CourseSeries) -> Iterator[TableRow]:
    if series.expected is None:
        return
    for point in sorted(series.expected.points):
        day = Cell(chart_text.day_words(point[0]))
        cells = (day, Cell(""), Cell(expected_text(point)), Cell(series.expected.words))
        yield TableRow(series.title, cells, expected_data(series, point))


def event_row(event: CourseEvent) -> TableRow:
    cells = (Cell(span_words(event)), Cell(event.detail), Cell(""), Cell(_times(event)))
    return TableRow(event.label, cells, event.data)


def description(per_series: Sequence[SeriesRows], events: Sequence[CourseEvent]) -> str:
    sentences = [_series_sentence(one, rows) for one, rows in per_series]
    if events:
        named = "; ".join(event_words(event) for event in events)
        sentences.append(f"Treatments: {named}.")
    return " ".join(sentences)


def _series_sentence(series: CourseSeries, rows: Sequence[CourseRow]) -> str:
    facts = {
        "title": series.title,
        "range": series.value_range,
    }
    if not rows:
        return "{title} ({range}): no answers yet.".format(**facts)
    facts |= {"first": rows[0].text, "first_label": rows[0].label}
    if len(rows) == 1:
        return "{title} ({range}): {first} at {first_label}.".format(**facts)
    facts |= {"last": rows[-1].text, "last_label": rows[-1].label}
    return (
        "{title} ({range}): {first} at {first_label}, {last} at {last_label}."
    ).format(**facts)


def event_words(event: CourseEvent) -> str:
    facts = [event.label, span_words(event), _times(event), event.detail]
    return ", ".join(fact for fact in facts if fact)


def span_words(event: CourseEvent) -> str:
    first = chart_text.day_words(event.day)
    if not event.is_series:
        return first
    return f"{first} to {chart_text.day_words(event.last_day)}"


def _times(event: CourseEvent) -> str:
    n = len(event.days)
    return f"{n} session{'' if n == 1 else 's'}" if n else ""
