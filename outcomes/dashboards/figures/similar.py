"""How patients of this clinic went who were like this one before."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count

from clinic import clock
from clinic.models import User
from outcomes.dashboards import charts, facts, statistics, time_axis
from outcomes.dashboards.facts import judging
from outcomes.dashboards.statistics import distribution
from outcomes.models import Episode, EpisodeProfile, OutcomeFact, Score

# Enough for quartiles, and few enough that a page reads them within its time.
LATEST = 200
MIDDLE_HALF = (0.25, 0.75)

Values = dict[int, list[tuple[float, int]]]
# Treatment, measure, and how bad it was before.
Alike = tuple[str, UUID, str]


class MiddleHalf(NamedTuple):
    """Between the quartiles of so many people at one time."""

    low: float
    high: float
    n: int


def middle_halves(user: User, rows: Sequence[OutcomeFact]) -> dict[int, MiddleHalf]:
    """By fact, of those who were treated alike and began as bad, at the same time and
    without the row itself. The rows have their profile at hand.
    """
    compared = [row for row in rows if row.severity and row.bin_day is not None]
    if not compared:
        return {}
    alike = _alike(user, {row.profile.treatment for row in compared}, ())
    values = _values(
        {row.measure_id for row in compared},
        {row.severity for row in compared},
        alike,
    )
    counted = set(alike)
    halves = {row.pk: _half(values, row, row.episode_id in counted) for row in compared}
    return {pk: half for pk, half in halves.items() if half}


def _half(
    values: Mapping[Alike, Values], row: OutcomeFact, is_counted: bool
) -> MiddleHalf | None:
    alike = (row.profile.treatment, row.measure_id, row.severity)
    if alike not in values or row.bin_day is None:
        return None
    held = values[alike].get(row.bin_day, [])
    others = [(value, n - (is_counted and value == row.value)) for value, n in held]
    n = sum(n for _, n in others)
    quartiles = distribution.quantiles(others, MIDDLE_HALF)
    if quartiles is None or n < statistics.SMALLEST_SHOWN_CELL:
        return None
    low, high = quartiles
    return MiddleHalf(low, high, n)


def expected(
    user: User, courses: Mapping[Episode, Sequence[Score]]
) -> dict[UUID, Mapping[UUID, charts.ExpectedCourse]]:
    """By episode and measure, the middle half of the latest courses of the same
    treatment that began as bad, in thirds of the scale.

    The episodes are of one person; their scores are in time order, with measures. No
    band where a day has fewer than ten people, and none for what was not counted yet.
    """
    begun = {one.pk: _begun(one, scores) for one, scores in courses.items()}
    measures = {measure for own in begun.values() for measure in own}
    severities = {severity for own in begun.values() for severity in own.values()}
    if not measures:
        return {}
    profiles = EpisodeProfile.objects.visible_to(user)
    treatments = dict(profiles.filter(episode__in=begun).values_list("pk", "treatment"))
    patients = {one.patient_id for one in courses}
    alike = _alike(user, treatments.values(), patients)
    values = _values(measures, severities, alike)
    return {
        pk: _bands(values, treatment, begun[pk]) for pk, treatment in treatments.items()
    }


def _bands(
    values: Mapping[Alike, Values], treatment: str, begun: Mapping[UUID, str]
) -> dict[UUID, charts.ExpectedCourse]:
    bands = {
        measure: _band(values[treatment, measure, severity])
        for measure, severity in begun.items()
        if (treatment, measure, severity) in values
    }
    return {measure: band for measure, band in bands.items() if band}


def _begun(episode: Episode, scores: Sequence[Score]) -> dict[UUID, str]:
    """How bad each measure was before."""
    begun = {}
    for measure in {score.measure for score in scores}:
        own = [score for score in scores if score.measure == measure]
        first = facts.baseline_of(episode.begins_on, own)
        if first and measure.is_asked_at_baseline:
            scale = judging.scale_of(measure)
            begun[measure.pk] = judging.severity(scale, first.value)
    return begun


def _alike(
    user: User, treatments: Iterable[str], patients: Collection[UUID]
) -> list[UUID]:
    """The latest courses of each of these treatments, without this person's own.

    What is only planned has no answers and would take the place of what has some. The
    latest that have a year behind them come first, or the band would end early. A
    query for each treatment, two where few have: each reads a piece of an index, and
    one for all of them would sort every course of the clinic.
    """
    year_ago = clock.now().date() - timedelta(days=365)
    begun = (
        EpisodeProfile.objects.visible_to(user)
        .filter(episode__is_provisional=False)
        .exclude(episode__patient__in=patients)
        .order_by("-began_on")
        .values_list("pk", flat=True)
    )
    alike: list[UUID] = []
    for treatment in sorted(set(treatments)):
        own = begun.filter(treatment=treatment)
        found = list(own.filter(began_on__lte=year_ago)[:LATEST])
        if len(found) < LATEST:
            found += own.filter(began_on__gt=year_ago)[: LATEST - len(found)]
        alike += found
    return alike


def _values(
    measures: Collection[UUID], severities: Collection[str], alike: Collection[UUID]
) -> Mapping[Alike, Values]:
    """Of courses that the reader may see; their clinic is not asked for once more, for
    SQLite would go by it through all that the clinic ever measured.
    """
    rows = (
        OutcomeFact.objects.filter(episode__in=alike)
        .filter(measure__in=measures, severity__in=severities)
        .filter(bin_day__isnull=False, value__isnull=False)
        .values_list("profile__treatment", "measure_id", "severity", "bin_day", "value")
        .annotate(n=Count("pk"))
        .order_by()
    )
    found: dict[Alike, Values] = defaultdict(lambda: defaultdict(list))
    for treatment, measure_id, severity, day, value, n in rows:
        found[treatment, measure_id, severity][day].append((value, n))
    return found


def _band(values: Values) -> charts.ExpectedCourse | None:
    """From the start on, as long as there are ten people; n is that of the start."""
    points: list[tuple[int, float, float]] = []
    for day in sorted(values):
        if sum(n for _, n in values[day]) < statistics.SMALLEST_SHOWN_CELL:
            break
        quartiles = distribution.quantiles(values[day], MIDDLE_HALF)
        if quartiles:
            low, high = quartiles
            points.append((day, low, high))
    if len(points) < 2 or points[0][0] != time_axis.BASELINE:
        return None
    return charts.ExpectedCourse(points, sum(n for _, n in values[points[0][0]]))
