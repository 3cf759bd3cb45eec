"""For how many weeks therapy or a change of habits went before a day. Pure.

The rule, ours: care counts from the day on which it is recorded as begun or was first
measured, to the day asked about, or to the end of its plan where that came before.
Weeks in which several went on count once. What is recorded without a day counts not.
What was had elsewhere is told with no day of its end: it is named, and counts no weeks.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Care:
    """One course of therapy or change of habits; `ended_on` None: it goes on."""

    title: str
    began_on: date
    ended_on: date | None
    detail: str = ""

    def days_before(self, day: date) -> int:
        return max((self._until(day) - self.began_on).days, 0)

    def weeks_before(self, day: date) -> int:
        return self.days_before(day) // 7

    def _until(self, day: date) -> date:
        return min(self.ended_on or day, day)


def weeks_before(given: Iterable[Care], day: date, since: date | None = None) -> int:
    """Whole weeks in all, of those before the day (and after `since`)."""
    spans = sorted(
        (max(care.began_on, since or care.began_on), min(care.ended_on or day, day))
        for care in given
    )
    days, counted = 0, since or date.min
    for began, ended in spans:
        start = max(began, counted)
        days += max((ended - start).days, 0)
        counted = max(counted, ended)
    return days // 7
