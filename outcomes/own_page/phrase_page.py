"""Picking the phrase that our messages carry; the same for patients and for staff."""

from django.core.exceptions import ValidationError

from clinic.audit import By
from outcomes.survey import texts
from patients.catalogue import phrases as catalogue
from patients.models import Patient
from patients.record import phrases

# The choice to type one; no phrase looks like it.
OWN = "-"


def offered(person: Patient, language: str) -> list[str]:
    """What can be picked; what stands is among it."""
    listed = list(catalogue.offered(language))
    standing = person.phrase
    return [standing, *listed] if standing and standing not in listed else listed


def chosen(picked: str, typed: str) -> str:
    return typed if picked == OWN else picked


def choose(person: Patient, phrase: str, *, by: By, language: str) -> str:
    """Keeps it; returns why not, in the patient's language, else nothing."""
    try:
        phrases.choose(person, phrase, by=by)
    except ValidationError as error:
        code = error.error_dict["phrase"][0].code
        return texts.say(f"phrase_{code}", language)
    return ""
