"""Facts added up by each dimension, kept current by what a rebuilt episode changes.

Counts are exact. Sums are of floats: taking away and adding may leave a billionth of
a billionth, which `differences` allows for.
"""

import math
from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, cast
from uuid import UUID

from django.db.models import CharField, F, Value
from django.db.models.functions import Cast, Coalesce

from clinic import bulk
from outcomes.dashboards.facts import aggregates
from outcomes.dashboards.facts.deriving import Fact
from outcomes.dashboards.facts.profiles import Profile
from outcomes.models import OutcomeFact, OutcomeTally
from outcomes.models.facts import NO_STEP

# By what facts are added up: the column, reached from a fact, that holds the group.
ALL = "all"
COLUMNS = {
    "treatment": "profile__treatment",
    "modality": "profile__modality",
    "protocol": "profile__protocol",
    "diagnosis": "profile__diagnosis",
    "source": "profile__source",
    "provider": "profile__provider",
    "location": "profile__location",
    "payer": "profile__payer",
    "age": "profile__age_band",
    "sex": "profile__sex",
    "language": "profile__language",
    "channel": "profile__channel",
    "year": "profile__year",
    "severity": "severity",
}
DIMENSIONS = (ALL, *COLUMNS)
KEYS = ("clinic", "measure", "dimension", "key", "bin_day", "change_step")
_CLOSE = 1e-9

Numbers = tuple[float, ...]


class Place(NamedTuple):
    """Which row of OutcomeTally."""

    clinic_id: UUID
    measure_id: UUID
    dimension: str
    key: str
    bin_day: int
    change_step: int


Tallies = dict[Place, Numbers]
Counted = tuple[Profile, Sequence[Fact]]


# A row of OutcomeTally, by its columns. Typed by nothing but the one list of numbers.
Tally = cast(Any, namedtuple("Tally", (*Place._fields, *aggregates.NUMBERS)))


def apply(before: Iterable[Counted], after: Iterable[Counted]) -> None:
    """Take the facts of before out of the tallies that stand and put the new in.

    The caller holds the episodes and the transaction.
    """
    changes: Tallies = {}
    _add_up(changes, before, -1)
    _add_up(changes, after, 1)
    # In one order, so that two workers wait for each other and never both.
    touched = [
        Tally(*place, *numbers)
        for place, numbers in sorted(changes.items())
        if any(numbers)
    ]
    bulk.insert_or_add(touched, OutcomeTally, KEYS)
    if touched:
        clinics = {one.clinic_id for one in touched}
        OutcomeTally.objects.filter(clinic__in=clinics, facts=0).delete()


def _add_up(held: Tallies, counted: Iterable[Counted], sign: int) -> None:
    for profile, facts in counted:
        keys = {name: read(profile) for name, read in _OF_PROFILE.items()}
        for fact in facts:
            if fact.bin_day is None:
                continue
            numbers = _numbers(fact)
            for dimension, key in (*keys.items(), ("severity", fact.severity)):
                place = Place(
                    fact.clinic_id,
                    fact.measure_id,
                    dimension,
                    key,
                    fact.bin_day,
                    NO_STEP if fact.change_step is None else fact.change_step,
                )
                stands = held.get(place, _NOTHING)
                held[place] = tuple(
                    own + sign * more for own, more in zip(stands, numbers, strict=True)
                )


def _reader(column: str) -> Callable[[Profile], str]:
    name = column.removeprefix("profile__")
    return lambda profile: str(getattr(profile, name))


_OF_PROFILE: Mapping[str, Callable[[Profile], str]] = {
    ALL: lambda _: "",
    **{
        dimension: _reader(column)
        for dimension, column in COLUMNS.items()
        if column.startswith("profile__")
    },
}
_NOTHING: Numbers = (0,) * len(aggregates.NUMBERS)


def _numbers(fact: Fact) -> Numbers:
    """What one fact adds, in the order of aggregates.NUMBERS."""
    is_changed, above_0 = fact.change is not None, (fact.baseline or 0) > 0
    value, change, baseline = fact.value or 0, fact.change or 0, fact.baseline or 0
    eligible = fact.is_eligible
    both = eligible and is_changed
    return (
        1,
        fact.value is not None,
        is_changed,
        is_changed and above_0,
        eligible,
        eligible and above_0,
        fact.pct30 is True,
        fact.pct50 is True,
        fact.points2 is True,
        fact.mic is True,
        fact.both is True,
        fact.worse is True,
        fact.has_added_treatment and fact.value is not None,
        fact.apart == aggregates.Apart.DIED,
        fact.apart == aggregates.Apart.WITHDREW,
        value,
        value * value,
        change,
        change * change,
        baseline * eligible,
        baseline * baseline * eligible,
        baseline * both,
        baseline * baseline * both,
    )


def count_anew(clinic_id: UUID) -> int:
    """Count all of the clinic's facts again; returns the number of rows.

    The caller holds the transaction, and the table against who adds to it.
    """
    OutcomeTally.objects.filter(clinic=clinic_id).delete()
    rows = [Tally(*place, *numbers) for place, numbers in counted(clinic_id)]
    bulk.insert(rows, OutcomeTally)
    return len(rows)


def counted(clinic_id: UUID) -> Iterator[tuple[Place, Numbers]]:
    """Of the facts as they stand, one query for each dimension."""
    facts = OutcomeFact.objects.filter(clinic=clinic_id, bin_day__isnull=False)
    for dimension in DIMENSIONS:
        column = COLUMNS.get(dimension)
        key: Any = Cast(F(column), CharField()) if column else Value("")
        rows = (
            facts.annotate(key=key, step=Coalesce("change_step", NO_STEP))
            .values_list("measure_id", "key", "bin_day", "step")
            .annotate(**aggregates.OF_FACTS)
            .order_by()
        )
        for measure_id, name, bin_day, step, *numbers in rows:
            place = Place(clinic_id, measure_id, dimension, name, bin_day, step)
            yield place, tuple(numbers)


def differences(clinic_id: UUID) -> list[Place]:
    """The rows that do not equal the facts; none is how it should be."""
    rows = OutcomeTally.objects.filter(clinic=clinic_id)
    kept = {Place(*row[:6]): tuple(row[6:]) for row in rows.values_list(*Tally._fields)}
    due = dict(counted(clinic_id))
    return sorted(
        place
        for place in kept.keys() | due.keys()
        if not _is_same(kept.get(place, ()), due.get(place, ()))
    )


def _is_same(kept: Numbers, due: Numbers) -> bool:
    return len(kept) == len(due) and all(
        math.isclose(one, other, rel_tol=_CLOSE, abs_tol=_CLOSE)
        for one, other in zip(kept, due, strict=True)
    )
