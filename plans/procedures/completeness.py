"""How much of what should be recorded of a procedure is. Pure.

The idea of counting reported items is MIBO's (MIBO2017). Counted here are the required
and the recommended fields of our own catalogue: a share, and no MIBO score.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from clinic import clock
from plans.procedures import catalogue
from plans.procedures.catalogue_field import Field
from plans.procedures.conditions import EMPTY

SOURCE = "MIBO2017"
COUNTED = ("required", "recommended")
# Where a count is one of this product.
MEASURED = "measured"


@dataclass(frozen=True, slots=True)
class DueLater:
    """A field that nobody can know yet; no day where it is not done yet."""

    field: Field
    from_day: date | None

    @property
    def words(self) -> str:
        if self.from_day is None:
            return self.field.label
        return f"{self.field.label}, from {clock.in_words(self.from_day)}"


@dataclass(frozen=True, slots=True)
class Completeness:
    recorded: tuple[Field, ...]
    missing_required: tuple[Field, ...]
    missing_recommended: tuple[Field, ...]
    # Neither missing nor asked for until its day has come.
    due_later: tuple[DueLater, ...] = ()

    @property
    def missing(self) -> tuple[Field, ...]:
        return self.missing_required + self.missing_recommended

    @property
    def asked(self) -> int:
        return len(self.recorded) + len(self.missing)

    @property
    def share(self) -> float | None:
        """0 to 1; None where nothing of such a procedure is asked."""
        return len(self.recorded) / self.asked if self.asked else None

    @property
    def percent(self) -> int | None:
        """Rounded down: 100 means that nothing is missing."""
        return None if not self.asked else len(self.recorded) * 100 // self.asked

    @property
    def labels(self) -> list[str]:
        return [field.label for field in self.missing]


def of(
    modality: str,
    values: Mapping[str, object],
    *,
    performed_on: date | None,
    today: date,
    fields: Sequence[Field] | None = None,
) -> Completeness:
    """Values come by column; those asked of such a procedure count, as it stands.
    `fields` are the modality's, unless fewer are asked.

    A field that a condition leaves out is not missing, one that it makes required is,
    and one that is learnt days afterwards is from its day on. Counts that nobody made
    are missing, whether they were left out or are what a kit promises.
    """
    env = {**values, "modality": modality}
    asked = catalogue.fields_of(modality) if fields is None else fields
    levels = [(field, level_of(field, env)) for field in asked]
    counted = [(field, level) for field, level in levels if level in COUNTED]
    recorded, required, recommended, later = [], [], [], []
    for field, level in counted:
        if is_recorded(field, values):
            recorded.append(field)
        elif not has_come(field, performed_on, today):
            later.append(DueLater(field, day_of(field, performed_on)))
        elif level == "required":
            required.append(field)
        else:
            recommended.append(field)
    return Completeness(
        tuple(recorded), tuple(required), tuple(recommended), tuple(later)
    )


def level_of(field: Field, values: Mapping[str, object]) -> str:
    return field.level if field.is_count else field.level_for(values)


def is_recorded(field: Field, values: Mapping[str, object]) -> bool:
    is_own = not field.is_count or values.get("count_source") == MEASURED
    return is_own and values.get(field.column) not in EMPTY


def day_of(field: Field, performed_on: date | None) -> date | None:
    """The first day on which it can be known."""
    if performed_on is None:
        return None
    return performed_on + timedelta(days=field.later_days)


def has_come(field: Field, performed_on: date | None, today: date) -> bool:
    day = day_of(field, performed_on)
    return not field.later_days or (day is not None and day <= today)
