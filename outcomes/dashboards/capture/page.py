"""The capture page: figures, bars and the way to the list behind each number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils.safestring import SafeString

from clinic import access
from clinic.access import Act
from clinic.models import Clinic, Language, User
from outcomes.dashboards import charts, statistics
from outcomes.dashboards.capture import clinic_figures, counts
from outcomes.dashboards.capture import rows as capture_rows
from outcomes.dashboards.capture import steps as capture_steps
from outcomes.dashboards.capture.choices import (
    ALL,
    CHANNELS,
    CUSTOM,
    NONE,
    PERIODS,
    Choices,
    dimensions_of,
)
from outcomes.dashboards.capture.counts import APART, Counts, Lift, Report, Row, Step
from outcomes.dashboards.charts.capture import BEFORE
from plans.models import Protocol

HEADLINE_WIDTH = 560
# The words for the keys of each dimension.
Words = dict[str, dict[str, str]]
TITLES = {
    "timepoint": "By time point",
    "protocol": "By protocol",
    "provider": "By provider",
    "language": "By language",
    "channel": "By channel",
}
WORDS = {
    "timepoint": "Time point",
    "protocol": "Protocol",
    "provider": "Provider",
    "language": "Language",
    "channel": "Channel",
}


@dataclass(frozen=True, slots=True)
class Number:
    """An n with the query of the list behind it; empty where none may be read."""

    n: int
    address: str = ""
    share: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One group; without numbers where the reader may not see them."""

    label: str
    # The same report about this group only.
    address: str
    counts: Counts | None
    numbers: Mapping[str, Number]
    bar: SafeString | None

    @property
    def rate(self) -> str:
        return charts.percent(self.counts.rate) if self.counts else ""

    @property
    def interval(self) -> str:
        ci = self.counts.ci if self.counts else None
        return f"{charts.percent(ci[0])} to {charts.percent(ci[1])}" if ci else ""

    @property
    def in_any_way(self) -> str:
        bounds = self.counts.bounds if self.counts else None
        return charts.percent(bounds[1]) if bounds else ""


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    title: str
    head: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class StepLine:
    label: str
    day: str
    silent: Number
    answered: Number
    rate: str
    interval: str
    cumulative: int
    share: str


@dataclass(frozen=True, slots=True)
class Chip:
    """A word of the line that says what is counted, and where it leads."""

    label: str
    value: str
    address: str
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class CapturePage:
    choices: Choices
    target: int
    total: Line
    # The same, for the foot of a table.
    all_line: Line
    tables: tuple[Table, ...]
    apart: tuple[tuple[str, Number | None], ...]
    lift: charts.LiftChart | None
    steps: tuple[StepLine, ...]
    # The clinic's own part; empty where it has none, or a channel is asked for.
    clinic_tables: tuple[Table, ...]
    clinic_total: Line | None
    periods: tuple[Chip, ...]
    narrowed: tuple[Chip, ...]
    has_choice: bool

    @property
    def is_empty(self) -> bool:
        counts = self.total.counts
        return counts is not None and not counts.eligible

    @property
    def has_clinic_part(self) -> bool:
        """Whether anybody was to be examined; hidden counts are some."""
        total = self.clinic_total
        return total is not None and (total.counts is None or total.counts.eligible > 0)

    @property
    def against_target(self) -> str:
        """Such as "72 % of 214, target 80 %: 17 more answers would reach it"."""
        counts = self.total.counts
        if counts is None or counts.rate is None:
            return ""
        wanted = counts.wanted(self.target)
        said = f"{charts.percent(counts.rate)} of {counts.eligible}"
        if counts.is_too_few:
            said = f"{counts.answered} of {counts.eligible}, too few for a rate"
        plural = "answer" if wanted == 1 else "answers"
        rest = f"{wanted} more {plural} would reach it" if wanted else "reached"
        return f"{said}, target {self.target} %: {rest}"


def read(user: User, choices: Choices, today: date) -> Report:
    """Three queries; what the reader's role may not see is taken out."""
    found = counts.report(
        capture_rows.cells(user, choices, today),
        capture_rows.reached(user, choices, today),
        dimensions_of(user),
    )
    return found if sees_rows(user) else counts.hide_small(found)


def read_clinic(user: User, choices: Choices, today: date) -> Report | None:
    """One query; of what went by one channel the clinic's own part is none."""
    if "channel" in choices.narrowed:
        return None
    found = clinic_figures.report(user, choices, today)
    return found if sees_rows(user) else counts.hide_small(found)


def sees_rows(user: User) -> bool:
    """Who does not is given a fixed table: two that differ could single one out."""
    return access.can(user, Act.READ_FOLLOW_UPS)


def build(user: User, clinic: Clinic, choices: Choices, today: date) -> CapturePage:
    found = read(user, choices, today)
    own = read_clinic(user, choices, today)
    words = labels(found, choices, clinic, own)
    target, is_linked = clinic.capture_target, sees_rows(user)
    return _Writer(choices, words, target, is_linked=is_linked).page(found, own)


def labels(
    found: Report, choices: Choices, clinic: Clinic, own: Report | None = None
) -> Words:
    """The words for the keys of each dimension; two queries."""
    titles = Protocol.objects.filter(clinic=clinic).order_by("version")
    rows = [*found.tables.get("provider", ())]
    rows += own.tables["provider"] if own else ()
    people = {row.key for row in rows} | {choices.narrowed.get("provider", NONE)}
    members = User.objects.filter(
        pk__in=[UUID(key) for key in people - {NONE}], memberships__clinic=clinic
    )
    return {
        "protocol": {NONE: "none"} | dict(titles.values_list("key", "title")),
        "provider": {NONE: "nobody named"}
        | {str(pk): name for pk, name in members.values_list("pk", "name")},
        "language": dict(Language.choices),
        "channel": CHANNELS,
    }


class _Writer:
    """Turns a report into lines, each number with its address."""

    def __init__(
        self,
        choices: Choices,
        words: Words,
        target: int,
        *,
        is_linked: bool,
    ) -> None:
        self.choices, self.words, self.target = choices, words, target
        self.is_linked = is_linked

    def page(self, found: Report, own: Report | None) -> CapturePage:
        lift_rows = capture_steps.rows(found.lift) if found.lift else []
        return CapturePage(
            choices=self.choices,
            target=self.target,
            total=self.line("All", found.total, {}, width=HEADLINE_WIDTH),
            all_line=self.line("All", found.total, {}),
            tables=tuple(
                self.table(name, rows)
                for name, rows in found.tables.items()
                if name not in self.choices.narrowed
            ),
            apart=tuple(
                (APART[fate], None if n is None else self.number(n, fate=fate.value))
                for fate, n in found.apart.items()
                if n != 0
            ),
            lift=charts.lift_chart(lift_rows, chart_id="lift", target=self.target)
            if lift_rows
            else None,
            steps=self.steps(found.lift) if found.lift else (),
            clinic_tables=self.clinic_tables(own) if own else (),
            clinic_total=self.clinic_line("All", own.total, {}) if own else None,
            periods=self.periods(),
            narrowed=self.chips(),
            has_choice=self.is_linked,
        )

    def table(self, name: str, rows: Sequence[Row]) -> Table:
        lines = [
            self.line(self.word(name, row.key), row.counts, {name: row.key})
            for row in rows
        ]
        return Table(name, TITLES[name], WORDS[name], tuple(lines))

    def word(self, name: str, key: str) -> str:
        return self.words.get(name, {}).get(key, key)

    def line(
        self, label: str, counts: Counts | None, group: dict[str, str], width: int = 200
    ) -> Line:
        bar = counts and charts.capture_bar(
            counts, label=label, target=self.target, width=width
        )
        is_narrower = self.is_linked and group
        return Line(
            label=label,
            address=self.choices.address(**group) if is_narrower else "",
            counts=counts,
            numbers=self.numbers(counts, group) if counts else {},
            bar=charts.render(bar) if bar else None,
        )

    def clinic_tables(self, own: Report) -> tuple[Table, ...]:
        """None where nobody was to be examined."""
        return tuple(
            Table(
                name,
                TITLES[name],
                WORDS[name],
                tuple(
                    self.clinic_line(
                        self.word(name, row.key), row.counts, {name: row.key}
                    )
                    for row in rows
                ),
            )
            for name, rows in own.tables.items()
            if rows and name not in self.choices.narrowed
        )

    def clinic_line(
        self, label: str, counts: Counts | None, group: dict[str, str]
    ) -> Line:
        numbers = {}
        if counts:
            numbers = {
                "due": self.number(counts.eligible, 0, clinic="due", **group),
                "done": self.number(counts.answered, 0, clinic="answered", **group),
                "missed": self.number(counts.missed, 0, clinic="missed", **group),
            }
        return Line(label, "", counts, numbers, bar=None)

    def numbers(self, counts: Counts, group: dict[str, str]) -> dict[str, Number]:
        fates = ("eligible", "answered", "partial", "late", "missed")
        found = {
            name: self.number(getattr(counts, name), 0, fate=name, **group)
            for name in fates
        }
        for name, of in (
            ("sent", counts.eligible),
            ("delivered", counts.sent),
            ("no_receipt", 0),
        ):
            n = getattr(counts, name)
            found[name] = self.number(n, of, delivery=name, **group)
        return found

    def number(self, n: int, of: int = 0, **cell: str) -> Number:
        is_shared = n and of and not statistics.is_too_few(of)
        return Number(
            n,
            self.choices.address(**cell) if self.is_linked and n else "",
            charts.percent(n / of) if is_shared else "",
        )

    def steps(self, found: Lift) -> tuple[StepLine, ...]:
        lines = [self.step(each, found.eligible) for each in found.steps]
        if found.unprompted:
            first = StepLine(
                label=capture_steps.words(BEFORE),
                day="",
                silent=Number(found.eligible),
                answered=self.number(found.unprompted, fate="answered", step=NONE),
                rate="",
                interval="",
                cumulative=found.unprompted,
                share=charts.percent(found.unprompted / found.eligible),
            )
            lines.insert(0, first)
        return tuple(lines)

    def step(self, each: Step, eligible: int) -> StepLine:
        of_silent = Counts(eligible=each.silent, answered=each.answered)
        line = Line("", "", of_silent, {}, None)
        few = of_silent.is_too_few
        return StepLine(
            label=capture_steps.words(each.key),
            day=f"day {round(each.days)}",
            silent=self.number(each.silent, silent=each.key),
            answered=self.number(each.answered, fate="answered", step=each.key),
            rate="too few for a rate" if few else line.rate,
            interval="" if few else line.interval,
            cumulative=each.cumulative,
            share=charts.percent(each.cumulative / eligible),
        )

    def periods(self) -> tuple[Chip, ...]:
        if not self.is_linked:
            return ()
        narrowed = self.choices.narrowed
        return tuple(
            Chip(
                "Period",
                words,
                Choices(period=key, narrowed=narrowed).address(),
                is_current=key == self.choices.period,
            )
            for key, words in PERIODS.items()
            if key != CUSTOM
        )

    def chips(self) -> tuple[Chip, ...]:
        return tuple(
            Chip(WORDS[name], self.word(name, key), self.choices.address(**{name: ""}))
            for name, key in self.choices.narrowed.items()
        )


# What a role that may not see small counts is shown: all of it, over all time.
FIXED = Choices(period=ALL)
