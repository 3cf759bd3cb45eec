"""What a mapping says: which column of a file is what, and what its codes mean."""

from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

BASELINE_DAYS = 30


@dataclass(frozen=True, slots=True)
class CsvFormat:
    encoding: str
    delimiter: str
    decimal: str
    missing: frozenset[str]


@dataclass(frozen=True, slots=True)
class PersonColumns:
    """Empty where the file has no such column."""

    id: str
    mrn_prefix: str
    age: str
    sex: str
    sex_codes: ReadOnly[str, str]
    given_name: str
    family_name: str
    birth_date: str


@dataclass(frozen=True, slots=True)
class Start:
    """Day 0 of everybody, or the column that holds each person's own."""

    date: date | None
    column: str


@dataclass(frozen=True, slots=True)
class ComplaintColumns:
    """The site and the side of everybody, or the columns that hold them."""

    pain_site: str
    side: str
    pain_site_column: str
    side_column: str


@dataclass(frozen=True, slots=True)
class Treatment:
    key: str
    label: str
    modality: str


@dataclass(frozen=True, slots=True)
class Point:
    """A time point; the days count from the start of treatment."""

    key: str
    label: str
    day: int
    open_day: int
    close_day: int
    is_baseline: bool

    @property
    def days(self) -> tuple[int, int, int]:
        return self.open_day, self.day, self.close_day


@dataclass(frozen=True, slots=True)
class MeasureColumn:
    key: str
    column: str
    name: str
    short_name: str
    role: str
    minimum: Decimal
    maximum: Decimal
    better_is: str
    mic_points: Decimal | None
    mic_percent: Decimal | None


@dataclass(frozen=True, slots=True)
class Mapping:
    """`points` are in the order of their days; the code tables point into them."""

    csv: CsvFormat
    person: PersonColumns
    start: Start
    complaint: ComplaintColumns
    treatment_column: str
    treatments: ReadOnly[str, Treatment]
    time_column: str
    points: tuple[Point, ...]
    point_of_code: ReadOnly[str, int]
    measures: tuple[MeasureColumn, ...]

    def columns(self) -> list[tuple[str, str]]:
        """Every column that the file must have, with the key that names it."""
        person, complaint = self.person, self.complaint
        named = [
            ("person, id", person.id),
            ("person, age", person.age),
            ("person, sex", person.sex),
            ("person, given_name", person.given_name),
            ("person, family_name", person.family_name),
            ("person, birth_date", person.birth_date),
            ("start, column", self.start.column),
            ("complaint, pain_site_column", complaint.pain_site_column),
            ("complaint, side_column", complaint.side_column),
            ("treatment, column", self.treatment_column),
            ("time, column", self.time_column),
            *((f"measures, {m.key}, column", m.column) for m in self.measures),
        ]
        return [(key, column) for key, column in named if column]

    def treatment_by_key(self) -> dict[str, Treatment]:
        return {t.key: t for t in self.treatments.values()}
