"""From a course and its facts to lines of CSV. Pure.

A million rows are written, so each part of a line is made once where it repeats: what
is of the course, what is of its time point, and the few thousand combinations of
baseline, value and rules that a clinic's answers come to.
"""

import functools
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from outcomes.dashboards.export import csv_text, disguise
from outcomes.dashboards.export.columns import (
    NAMES,
    PROFILE,
    QUASI_IDENTIFIERS,
)

HEADER = csv_text.joined(NAMES) + csv_text.END
_FLAG = {None: "", True: "1", False: "0"}
# Enough for the measures of a clinic; more would cost memory and be met rarely.
_TAILS_KEPT = 30_000
# A fact: its measure, time point and bin, and the columns of FACT.
Fact = tuple[UUID, str, int | None, tuple[object, ...]]


class Course(NamedTuple):
    """What an episode is grouped by, and whose it is."""

    episode_id: UUID
    person: UUID
    began_on: date
    treatment: str
    modality: str
    protocol: str
    diagnosis: str
    source: str
    provider: str
    location: str
    payer: str
    age: int | None
    age_band: str
    sex: str
    language: str
    channel: str

    @property
    def combination(self) -> tuple[str, ...]:
        return tuple(getattr(self, name) for name in QUASI_IDENTIFIERS)


class Asked(NamedTuple):
    """A time point of a course: the day it is due, and when it was answered."""

    day: int
    answered_on: date | None = None


class Written(NamedTuple):
    """`rows` were made; `lines` are empty where the course is left out."""

    lines: list[str]
    rows: int
    is_small: bool


class Writer:
    """Writes courses under one key.

    `large` are the combinations that enough people share; with `suppresses`, courses
    of others are left out. Without what describes them their time points would still
    tell the treatment.
    """

    def __init__(
        self,
        key: bytes,
        measures: Mapping[UUID, str],
        large: Collection[tuple[str, ...]],
        *,
        suppresses: bool,
    ) -> None:
        self._key, self._large, self._suppresses = key, large, suppresses
        self._measures = {pk: csv_text.cell(name) for pk, name in measures.items()}
        self._places = {pk: place for place, pk in enumerate(measures)}
        self._named = functools.lru_cache(10_000)(self._pseudonym)

    def written(
        self, course: Course, facts: Iterable[Fact], asked: Mapping[str, Asked]
    ) -> Written:
        """The lines of a course, measure by measure and in the order of time."""
        is_small = course.combination not in self._large
        facts = list(facts)
        if is_small and self._suppresses:
            return Written([], len(facts), is_small)
        offset = disguise.shift(self._key, course.person)
        own = disguise.pseudonym(self._key, "course", course.episode_id)
        whose = f",{own},{disguise.pseudonym(self._key, 'person', course.person)},"
        profile = self._profile(course, offset)
        points = {
            key: _point(key, one, course.began_on, offset) for key, one in asked.items()
        }
        days = {key: one.day for key, one in asked.items()}
        ordered = sorted(facts, key=lambda f: (self._places[f[0]], days[f[1]], f[1]))
        names = self._measures
        lines = []
        for number, (measure, key, bin_day, tail) in enumerate(ordered, 1):
            name, rest = points[key]
            place = "" if bin_day is None else bin_day
            lines.append(
                f"{own}-{number}{whose}{names[measure]},{name},{place},{rest},"
                f"{_tail(*tail)}{profile}"
            )
        return Written(lines, len(lines), is_small)

    def _pseudonym(self, kind: str, of: str) -> str:
        return disguise.pseudonym(self._key, kind, of) if of else ""

    def _profile(self, course: Course, offset: timedelta) -> str:
        began_on = course.began_on + offset
        cells = {
            **course._asdict(),
            "began_on": began_on.isoformat(),
            "year": str(began_on.year),
            "age": disguise.age(course.age),
            "provider": self._named("doctor", course.provider),
            "location": self._named("location", course.location),
        }
        told = (cells[column.name] for column in PROFILE)
        return "," + csv_text.joined(map(csv_text.cell, told)) + csv_text.END


def _point(
    key: str, asked: Asked, began_on: date, offset: timedelta
) -> tuple[str, str]:
    """The name of the time point, and what follows its bin."""
    answered = asked.answered_on
    day = "" if answered is None else (answered - began_on).days
    moved = disguise.moved(answered, offset)
    return csv_text.cell(key), f"{asked.day},{day},{moved}"


@functools.lru_cache(_TAILS_KEPT)
def _tail(
    baseline: float | None,
    severity: str,
    is_recalled: bool,
    value: float | None,
    change: float | None,
    is_eligible: bool,
    apart: str,
    in_window: bool | None,
    has_added_treatment: bool,
    *rules: bool | None,
) -> str:
    return csv_text.joined(
        (
            *(_number(baseline), severity, _FLAG[is_recalled]),
            *(_number(value), _number(change), _FLAG[is_eligible], apart),
            *(_FLAG[in_window], _FLAG[has_added_treatment]),
            *(_FLAG[rule] for rule in rules),
        )
    )


def _number(number: float | None) -> str:
    """As short as reads back the same; a minus makes no formula of a number."""
    if number is None:
        return ""
    return repr(int(number)) if number.is_integer() else repr(number)


def by_course(
    rows: Iterable[tuple[object, ...]],
) -> Iterator[tuple[UUID, Fact]]:
    """Rows of episode, measure, time point, bin and then the columns of FACT."""
    for row in rows:
        yield row[0], (row[1], row[2], row[3], row[4:])  # type: ignore[misc]
