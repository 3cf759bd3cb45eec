"""Which treatment an answer belongs to: the one rule for follow-ups, facts and charts.

1. A course of treatment begins with the first procedure of its series (or the plan's
   start) and its day 0 is the last of the series.
2. Up to and on the day it begins, an answer says how it was before: within 30 days it
   is the course's baseline.
3. From the day after it began until day 0 of a series, the course is still being given.
4. After day 0 an answer belongs to the course, until a repeat of the procedure begins:
   the day of the repeat itself still belongs to the course before.
5. What else begins after day 0 (therapy added, another procedure, treatment elsewhere)
   takes no answer over. It is named beside every answer that follows it, so that a
   chart can mark it and a statistic can leave such answers out.

The rule is ours; registries differ, and none of the sources that we hold states one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

# The baseline window of every cadence that is shipped.
BASELINE_FOR = timedelta(days=30)


class Phase(StrEnum):
    BEFORE = "before"
    BASELINE = "baseline"
    IN_SERIES = "in_series"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Exposure:
    """Something that was done to the patient on a day, here or elsewhere."""

    key: UUID
    plan: UUID | None
    course: int
    label: str
    modality: str
    on: date
    is_index: bool = False
    # Of the series whose last is day 0; a series of anything else is beside the course.
    in_series: bool = False
    # A look back at a treatment, which is none itself.
    is_review: bool = False

    @property
    def is_of_day_0(self) -> bool:
        """The procedure itself, or one of its series: it makes the course."""
        return self.is_index or self.in_series


@dataclass(frozen=True, slots=True)
class Course:
    """A course of one plan: when it began, and its day 0."""

    number: int
    begins_on: date
    day_0: date


@dataclass(frozen=True, slots=True)
class Ownership:
    """Whose an answer is; `days` are counted from day 0 once the course is given."""

    course: int | None
    phase: Phase
    days: int | None = None
    added: tuple[Exposure, ...] = ()


def owner(
    day: date, courses: Iterable[Course], others: Sequence[Exposure]
) -> Ownership:
    """Whose an answer of that day is, among the courses of one plan.

    `others` is what the patient had beside them, in any order.
    """
    ordered = sorted(courses, key=lambda course: course.number)
    begun = [course for course in ordered if course.begins_on < day]
    if not begun:
        return _before(day, ordered)
    last = begun[-1]
    if day < last.day_0 or (day == last.day_0 and last.begins_on < last.day_0):
        return Ownership(last.number, Phase.IN_SERIES)
    return Ownership(
        last.number, Phase.AFTER, (day - last.day_0).days, added(last, day, others)
    )


def last_owner(courses: Iterable[Course]) -> int | None:
    """The course that owns every answer to come, of those that were given.

    The courses before it are over: nothing more is asked for them.
    """
    return owner(date.max, courses, ()).course


def _before(day: date, courses: Sequence[Course]) -> Ownership:
    if courses and is_baseline(day, courses[0].begins_on):
        return Ownership(courses[0].number, Phase.BASELINE)
    return Ownership(None, Phase.BEFORE)


def is_baseline(day: date, begins_on: date) -> bool:
    """Whether an answer of that day says how it was before a course that began then."""
    return begins_on - BASELINE_FOR <= day <= begins_on


def added(
    course: Course, day: date, others: Iterable[Exposure]
) -> tuple[Exposure, ...]:
    """What began after day 0 of the course and before that day, in time order."""
    since = [one for one in others if course.day_0 < one.on < day]
    return tuple(sorted(since, key=lambda one: (one.on, one.label)))
