"""Whom to get in touch with next: the best use of a person's time first. Pure.

    score = value of the time point x nearness of its end x need for a person

The value: 8 for a safety check, 4 for a baseline, 3 for a primary time point, 1 for
any other. The nearness: 1 / (1 + days left), so that each day closer counts for more.
The need: 1 / (1 + automatic channels not yet tried), for what a message may still do
needs nobody. Channels that a provider or the patient has closed are no hope, and so
count as tried.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

SAFETY, BASELINE, PRIMARY, OTHER = 8.0, 4.0, 3.0, 1.0
# Six weeks, three, six and twelve months; with a fifth of it to either side, because
# protocols differ in the day.
PRIMARY_DAYS = (42, 90, 182, 365)
TOLERANCE = 0.2


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the rank of a follow-up hangs on."""

    id: UUID
    closes_on: date
    offset_days: int
    is_safety: bool
    is_baseline: bool
    # How many ways to write to the patient are open and were not used for it.
    untried: int


def value(*, offset_days: int, is_safety: bool, is_baseline: bool) -> float:
    """What an answer at this time point is worth."""
    if is_safety:
        return SAFETY
    if is_baseline:
        return BASELINE
    return PRIMARY if is_primary(offset_days) else OTHER


def is_primary(offset_days: int) -> bool:
    return any(abs(offset_days - day) <= day * TOLERANCE for day in PRIMARY_DAYS)


def nearness(closes_on: date, today: date) -> float:
    """One whose window is over, as a baseline that waits, is as near as can be."""
    return 1 / (1 + max((closes_on - today).days, 0))


def score(one: Candidate, today: date) -> float:
    worth = value(
        offset_days=one.offset_days,
        is_safety=one.is_safety,
        is_baseline=one.is_baseline,
    )
    return worth * nearness(one.closes_on, today) / (1 + one.untried)


def ranked(candidates: Iterable[Candidate], today: date) -> list[Candidate]:
    """The most pressing first; of equals what closes first, then the older row."""
    return sorted(
        candidates, key=lambda one: (-score(one, today), one.closes_on, one.id)
    )
