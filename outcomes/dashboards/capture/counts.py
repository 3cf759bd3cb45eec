"""How many of those that were asked answered, and what each message added. Pure.

What the words mean, here, on the page and over the API:

- A follow-up counts on the day that its window closed, once that day is over or the
  patient has answered. Those of imported patients, of examinations alone and those that
  another one replaced are not counted.
- Eligible: the patient was in care when the window closed. Told apart, with their
  numbers, are those never asked (the window had passed when it was planned), on hold,
  of patients who died or withdrew by the day of its close, cancelled, and not over yet.
- Sent: a provider accepted a message about it, no more than a week before it was asked
  (an invitation of that week covers it) and not after the answer.
- Delivered: a receipt says so of one of these. Where no receipt came, nobody knows.
- Answered: within the window, by whatever way. Partial: begun and not finished at the
  close, or answered by the three-tap rescue alone. Late: answered after the close.
  Missed: nothing of these. The four add up to the eligible.
- Channel: of the last message before the answer; where none was accepted, how the
  answer came (by phone, in the clinic, on paper); else none.
- A step of the ladder is reached by who is silent when it goes, and is credited with
  who answered after it and before the next.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from outcomes.dashboards import statistics
from outcomes.dashboards.statistics import Interval


class Fate(StrEnum):
    """What became of a follow-up; the first four are the eligible."""

    ANSWERED = "answered"
    PARTIAL = "partial"
    LATE = "late"
    MISSED = "missed"
    NEVER_ASKED = "never_asked"
    ON_HOLD = "on_hold"
    DIED = "died"
    WITHDREW = "withdrew"
    CANCELLED = "cancelled"
    NOT_OVER = "not_over"


ELIGIBLE = (Fate.ANSWERED, Fate.PARTIAL, Fate.LATE, Fate.MISSED)
APART = {
    Fate.NEVER_ASKED: "never asked, the window had passed",
    Fate.ON_HOLD: "on hold",
    Fate.WITHDREW: "the patient withdrew",
    Fate.DIED: "the patient died",
    Fate.CANCELLED: "cancelled",
    Fate.NOT_OVER: "not over yet",
}


class Delivery(StrEnum):
    """The best that is known of the messages about a follow-up."""

    NOT_SENT = ""
    BOUNCED = "bounced"
    UNKNOWN = "unknown"
    DELIVERED = "delivered"


class Cell(NamedTuple):
    """So many follow-ups that are alike in all of this; `step` is the last before."""

    timepoint: str
    day: int
    protocol: str
    provider: str
    language: str
    channel: str
    fate: str
    delivery: str
    step: str
    n: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one group; the counts of fates add up to the eligible."""

    eligible: int = 0
    sent: int = 0
    delivered: int = 0
    no_receipt: int = 0
    answered: int = 0
    partial: int = 0
    late: int = 0
    missed: int = 0

    @property
    def rate(self) -> float | None:
        return self.answered / self.eligible if self.eligible else None

    @property
    def ci(self) -> Interval | None:
        return (
            statistics.wilson(self.answered, self.eligible) if self.eligible else None
        )

    @property
    def bounds(self) -> Interval | None:
        """Answered in time, and answered at all or in part."""
        if not self.eligible:
            return None
        in_any_way = self.answered + self.partial + self.late
        return self.answered / self.eligible, in_any_way / self.eligible

    @property
    def is_too_few(self) -> bool:
        return statistics.is_too_few(self.eligible)

    def wanted(self, target: int) -> int:
        """How many more answers would reach a target in percent."""
        return max(math.ceil(self.eligible * target / 100) - self.answered, 0)

    @property
    def all_parts(self) -> tuple[int, ...]:
        """Every number that is shown, or follows from two that are."""
        in_time = (self.eligible, self.answered, self.eligible - self.answered)
        sending = (self.sent, self.eligible - self.sent, self.delivered)
        lost = self.sent - self.delivered
        receipts = (lost, self.no_receipt, lost - self.no_receipt)
        return (*in_time, *sending, *receipts, self.partial, self.late, self.missed)

    @property
    def has_small_part(self) -> bool:
        return any(statistics.is_too_few(part) for part in self.all_parts)

    def __sub__(self, other: "Counts") -> "Counts":
        pairs = zip(astuple(self), astuple(other), strict=True)
        return Counts(*(own - others for own, others in pairs))


@dataclass(frozen=True, slots=True)
class Row:
    """One group of a table; without counts where the reader may not see them."""

    key: str
    counts: Counts | None

    @property
    def is_hidden(self) -> bool:
        return self.counts is None


@dataclass(frozen=True, slots=True)
class Reached:
    """Of one step of the ladder: how many were silent when it went, how long after."""

    step: str
    silent: int
    days: float


@dataclass(frozen=True, slots=True)
class Step:
    """What one step of the ladder added; `cumulative` is of all that are eligible."""

    key: str
    silent: int
    days: float
    answered: int
    cumulative: int


@dataclass(frozen=True, slots=True)
class Lift:
    """The ladder in the order in which its steps went; `unprompted` came before any."""

    eligible: int
    unprompted: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """`lift` is None, and counts are, where the reader may not see them."""

    total: Counts | None
    tables: dict[str, tuple[Row, ...]]
    apart: dict[Fate, int | None]
    lift: Lift | None


DIMENSIONS = ("timepoint", "protocol", "provider", "language", "channel")


def report(
    cells: Sequence[Cell],
    reached: Iterable[Reached],
    dimensions: Sequence[str] = DIMENSIONS,
) -> Report:
    counted = [cell for cell in cells if cell.fate in ELIGIBLE]
    fates = Counter[str]()
    for cell in cells:
        fates[cell.fate] += cell.n
    return Report(
        total=tally(counted),
        tables={name: _table(name, counted) for name in dimensions},
        apart={fate: fates[fate] for fate in APART},
        lift=lift(counted, reached),
    )


def tally(cells: Iterable[Cell]) -> Counts:
    found = Counter[str]()
    for cell in cells:
        found["eligible"] += cell.n
        found[cell.fate] += cell.n
        if cell.delivery != Delivery.NOT_SENT:
            found["sent"] += cell.n
        if cell.delivery == Delivery.DELIVERED:
            found["delivered"] += cell.n
        if cell.delivery == Delivery.UNKNOWN:
            found["no_receipt"] += cell.n
    return Counts(**found)


def _table(name: str, cells: Iterable[Cell]) -> tuple[Row, ...]:
    """Time points in their order, else the largest group first."""
    groups: defaultdict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        groups[getattr(cell, name)].append(cell)
    rows = [Row(key, tally(found)) for key, found in groups.items()]
    if name == "timepoint":
        days = {key: min(cell.day for cell in found) for key, found in groups.items()}
        return tuple(sorted(rows, key=lambda row: (days[row.key], row.key)))
    return tuple(sorted(rows, key=lambda row: (-_size(row), row.key)))


def _size(row: Row) -> int:
    return row.counts.eligible if row.counts else 0


def lift(cells: Iterable[Cell], reached: Iterable[Reached]) -> Lift:
    credited = Counter[str]()
    eligible = 0
    for cell in cells:
        eligible += cell.n
        if cell.fate == Fate.ANSWERED:
            credited[cell.step] += cell.n
    unprompted = cumulative = credited[""]
    steps = []
    for each in sorted(reached, key=lambda one: (one.days, one.step)):
        cumulative += credited[each.step]
        steps.append(
            Step(
                each.step,
                each.silent,
                each.days,
                answered=credited[each.step],
                cumulative=cumulative,
            )
        )
    return Lift(eligible, unprompted, tuple(steps))


def hide_small(found: Report) -> Report:
    """For who may not see counts of 1 to 9, nor any that others would give away."""
    total = found.total
    is_shown = total is not None and not total.has_small_part
    return Report(
        total=total if is_shown else None,
        tables={
            name: _hidden(rows, total if is_shown else None)
            for name, rows in found.tables.items()
        },
        apart={
            fate: None if n is not None and statistics.is_too_few(n) else n
            for fate, n in found.apart.items()
        },
        lift=found.lift if is_shown and _may_show(found.lift) else None,
    )


def _hidden(rows: Sequence[Row], total: Counts | None) -> tuple[Row, ...]:
    """Hide small rows, and the smallest of the rest while the sum tells on them."""
    shown = [row for row in rows if row.counts and not row.counts.has_small_part]
    while shown and total is not None and len(shown) < len(rows):
        rest = total
        for row in shown:
            rest -= row.counts or Counts()
        is_alone = len(rows) - len(shown) == 1
        if not is_alone and not rest.has_small_part:
            break
        shown.remove(min(shown, key=_size))
    kept = {row.key for row in shown}
    return tuple(row if row.key in kept else replace(row, counts=None) for row in rows)


def _may_show(found: Lift | None) -> bool:
    """All of it or nothing: the steps are sums of each other."""
    if found is None:
        return False
    parts = [found.unprompted]
    for step in found.steps:
        parts += [step.silent, step.answered, step.silent - step.answered]
    return not any(statistics.is_too_few(part) for part in parts)
