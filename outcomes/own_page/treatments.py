"""What was done, as a patient would call it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from outcomes.survey import texts
from plans.models import Intervention, Modality


@dataclass(frozen=True, slots=True)
class Treatment:
    on: date
    name: str
    day: str


def of(performed: Iterable[Intervention], language: str) -> tuple[Treatment, ...]:
    """In the order of their days, each kind once a day."""
    found = {
        (each.performed_on, name_of(each.modality, language))
        for each in performed
        if each.performed_on
    }
    return tuple(
        Treatment(on, name, texts.day(on, language)) for on, name in sorted(found)
    )


def name_of(modality: str, language: str) -> str:
    known = modality if modality in Modality.values else Modality.OTHER
    return texts.say(f"treatment_{known}", language)
