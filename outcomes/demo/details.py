"""What exactly was done, as clinics write it down: mostly, and never all of it."""

from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any

from django.db.models import Model

from outcomes.demo import habits, needles, platelets
from outcomes.demo.batch import Batch
from outcomes.demo.treated import Treated
from plans.models import Intervention, Modality
from plans.procedures import catalogue, details
from plans.procedures.conditions import EMPTY

Values = Mapping[str, Any]
Describe = Callable[[Random, Treated], dict[str, Any]]
# The share of the fields that who records a procedure fills in, by weight.
CARE = {1.0: 4, 0.95: 5, 0.86: 3, 0.7: 1}
# Nobody forgets these, and other fields have no place or no sense without them.
ALWAYS = frozenset({"guidance", "count_source", "sessions_prescribed", "height_cm"})
DESCRIBED: dict[str, tuple[Describe, ...]] = {
    # Later ones overrule: the pain before a block is the pain that it is read by.
    Modality.PRP: (needles.procedure, platelets.values),
    Modality.BONE_MARROW_CONCENTRATE: (needles.procedure, needles.marrow),
    Modality.IMAGE_GUIDED_INJECTION: (needles.procedure, needles.injection),
    Modality.PHYSICAL_THERAPY: (habits.therapy,),
    Modality.LIFESTYLE: (habits.lifestyle,),
}


def add(batch: Batch, rng: Random, treated: Treated) -> None:
    """The details of what was done; of a needle to come only where it will go."""
    row = treated.row
    if row.is_needle:
        _place(treated)
    row.indication = treated.indication
    if row.status != Intervention.Status.PERFORMED:
        return
    full: dict[str, Any] = {}
    if row.is_needle or row.modality == Modality.OTHER:
        row.kind = treated.kind
    for describe in DESCRIBED.get(row.modality, ()):
        full |= describe(rng, treated)
    recorded = as_recorded(rng, row, full)
    batch.extend(rows(treated, recorded))
    if row.modality == Modality.LIFESTYLE:
        batch.extend(habits.measurements(treated))


def _place(treated: Treated) -> None:
    row, way = treated.row, treated.way
    row.site, row.side, row.target = way.site, treated.side, treated.target
    row.levels = list(way.levels)


def as_recorded(rng: Random, row: Intervention, full: Values) -> dict[str, Any]:
    """Without what nobody wrote down, and what then has no place on the form."""
    care = rng.choices(list(CARE), list(CARE.values()))[0]
    kept = {
        name: value
        for name, value in full.items()
        if (rng.random() < care or name in ALWAYS) and value not in EMPTY
    }
    own = {"modality": row.modality, "kind": row.kind, "site": row.site}
    known, before = catalogue.by_column(row.modality), 0
    while len(kept) != before:
        before, env = len(kept), {**own, **kept}
        kept = {n: v for n, v in kept.items() if known[n].is_asked(env)}
    return kept


def rows(treated: Treated, values: Values) -> Iterator[Model]:
    """As details.write leaves them: its own columns, and a row for each table."""
    row, by_table = treated.row, dict[str, dict[str, Any]]()
    known = catalogue.by_column(row.modality)
    for name, value in values.items():
        by_table.setdefault(known[name].table, {})[name] = details.storable(value)
    for name, value in by_table.pop("intervention", {}).items():
        setattr(row, name, value)
    for table, columns in by_table.items():
        yield details.MODELS[table](
            clinic_id=row.clinic_id,
            intervention=row,
            created_at=treated.moment.at(treated.on, 12),
            **columns,
        )
