"""How much of what should be recorded of a procedure is. Pure.

The idea of counting reported items is MIBO's (MIBO2017). Counted here are the required
and the recommended fields of our own catalogue: a share, and no MIBO score.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from plans.procedures import catalogue
from plans.procedures.catalogue import Field
from plans.procedures.conditions import EMPTY

SOURCE = "MIBO2017"
COUNTED = ("required", "recommended")


@dataclass(frozen=True, slots=True)
class Completeness:
    recorded: tuple[Field, ...]
    missing_required: tuple[Field, ...]
    missing_recommended: tuple[Field, ...]

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


def of(modality: str, values: Mapping[str, object]) -> Completeness:
    """Values come by column; those asked of such a procedure count, as it stands.

    A field that a condition leaves out is not missing, one that it makes required is.
    """
    env = {**values, "modality": modality}
    levels = [(field, field.level_for(env)) for field in catalogue.fields_of(modality)]
    counted = [(field, level) for field, level in levels if level in COUNTED]
    recorded, required, recommended = [], [], []
    for field, level in counted:
        if values.get(field.column) not in EMPTY:
            recorded.append(field)
        elif level == "required":
            required.append(field)
        else:
            recommended.append(field)
    return Completeness(tuple(recorded), tuple(required), tuple(recommended))
