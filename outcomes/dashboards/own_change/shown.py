"""A clinic's own important change as its reader may see it; page and API both use it.

Who does not treat sees no count of 1 to 9, nor what gives one away: the total beside
the counts, or a share that only so few can make.
"""

from dataclasses import dataclass
from datetime import datetime

from clinic import access
from clinic.models import User
from outcomes.dashboards import statistics
from outcomes.dashboards.statistics import Interval
from outcomes.dashboards.statistics.mic import SMALLEST_GROUP, WEAK_CORRELATION
from outcomes.models import ImportantChange, Measure


@dataclass(frozen=True, slots=True)
class Published:
    """What is published for the measure: points, or percent of the baseline."""

    points: float | None
    percent: float | None
    # The percentage of the mean baseline of those counted.
    points_here: float | None

    @property
    def in_points(self) -> float | None:
        return self.points_here if self.points is None else self.points


@dataclass(frozen=True, slots=True)
class Estimate:
    points: float
    ci: Interval


@dataclass(frozen=True, slots=True)
class Count:
    """How many said so; n is None where the reader may not know so few."""

    n: int | None

    @property
    def is_hidden(self) -> bool:
        return self.n is None

    @property
    def needed(self) -> int | None:
        """How many more it takes for an estimate."""
        return None if self.n is None else max(SMALLEST_GROUP - self.n, 0)


@dataclass(frozen=True, slots=True)
class Change:
    """One measure; without `mean_change` there is no estimate, and `why_not` says why.

    n counts courses, whatever was answered; None where it would give away a few.
    """

    measure: Measure
    computed_at: datetime | None
    why_not: str
    n: int | None
    better: Count
    same: Count
    published: Published
    mean_change: Estimate | None
    roc: Estimate | None
    sensitivity: float | None
    specificity: float | None
    same_mean: float | None
    correlation: float | None

    @property
    def is_anchor_weak(self) -> bool:
        return self.mean_change is not None and (
            self.correlation is None or self.correlation < WEAK_CORRELATION
        )


def of_clinic(user: User) -> list[Change]:
    """Every measure that was looked at, in the order of the measures; one query."""
    rows = (
        ImportantChange.objects.visible_to(user)
        .select_related("measure")
        .order_by("measure__position", "measure__name", "pk")
    )
    sees_few = access.sees_small_cells(user)
    return [_change(row, sees_few=sees_few) for row in rows]


def _change(row: ImportantChange, *, sees_few: bool) -> Change:
    mean = _estimate(row.mean_change, row.mean_change_low, row.mean_change_high)
    is_estimated = mean is not None
    shows_shares = sees_few or not _shares_tell(row)
    return Change(
        measure=row.measure,
        computed_at=row.computed_at,
        why_not=row.why_not,
        n=_total(row, sees_few=sees_few),
        better=_count(row.better_n, sees_few=sees_few),
        same=_count(row.same_n, sees_few=sees_few),
        published=_published(row),
        mean_change=mean,
        roc=_estimate(row.roc, row.roc_low, row.roc_high),
        sensitivity=row.sensitivity if shows_shares else None,
        specificity=row.specificity if shows_shares else None,
        # Of fewer people they would say more about somebody than about the measure.
        same_mean=row.same_mean if is_estimated else None,
        correlation=row.correlation if is_estimated else None,
    )


def _count(n: int, *, sees_few: bool) -> Count:
    return Count(n if sees_few or not statistics.is_too_few(n) else None)


def _total(row: ImportantChange, *, sees_few: bool) -> int | None:
    """The rest is what remains of the total beside the counts that are shown."""
    shown = sum(n for n in (row.better_n, row.same_n) if not statistics.is_too_few(n))
    gives_away = statistics.is_too_few(row.n) or statistics.is_too_few(row.n - shown)
    return row.n if sees_few or not gives_away else None


def _shares_tell(row: ImportantChange) -> bool:
    """Whether one of the four groups that the cut makes is of 1 to 9 people."""
    parts = []
    for share, n in ((row.sensitivity, row.better_n), (row.specificity, row.same_n)):
        if share is not None:
            found = round(share * n)
            parts += [found, n - found]
    return any(statistics.is_too_few(part) for part in parts)


def _estimate(
    points: float | None, low: float | None, high: float | None
) -> Estimate | None:
    if points is None or low is None or high is None:
        return None
    return Estimate(points, (low, high))


def _published(row: ImportantChange) -> Published:
    measure = row.measure
    if measure.mic_points is not None:
        return Published(float(measure.mic_points), None, None)
    if measure.mic_percent is None:
        return Published(None, None, None)
    percent = float(measure.mic_percent)
    is_known = row.mean_change is not None and row.baseline_mean is not None
    baseline = row.baseline_mean if is_known else None
    here = percent * baseline / 100 if baseline is not None and baseline > 0 else None
    return Published(None, percent, here)
