"""The phrase by which a patient knows our messages: chosen by them, and by nobody else.

It stands in messages, which whoever holds the phone can read: so it may say nothing of
whose they are or what they are treated for.
"""

import re
from collections.abc import Iterable
from enum import StrEnum

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic import audit, clinical_words
from clinic.audit import By
from patients.models import Diagnosis, Patient
from patients.models.searching import words
from patients.record import standing

SHORTEST, LONGEST = 2, 40
# Of our two languages; other alphabets would make a text message dearer, or longer.
_SIGNS = re.compile(r"[A-Za-zÁÉÍÓÚÜÑáéíóúüñ0-9 ]+")
_LINK = re.compile(r"\b(https?|www|com|net|org|link|enlace)\b", re.IGNORECASE)
# A number that could be called, or a day of birth.
_LONG_NUMBER = re.compile(r"\d(?: ?\d){3,}")
# Shorter words of a diagnosis, such as "of", say nothing.
_TELLING = 4


class Objection(StrEnum):
    """Why a phrase cannot be taken; its value names the reason, for other languages."""

    LENGTH = "length"
    SIGNS = "signs"
    LINK = "link"
    NUMBER = "number"
    NAME = "name"
    CLINICAL = "clinical"


REASONS = {
    Objection.LENGTH: f"A phrase has {SHORTEST} to {LONGEST} characters.",
    Objection.SIGNS: "Use letters, digits and spaces only.",
    Objection.LINK: "A phrase may not look like a link.",
    Objection.NUMBER: "Leave out long numbers.",
    Objection.NAME: "Leave out the patient’s own name and number.",
    Objection.CLINICAL: "Leave out words that say what somebody is treated for.",
}


@transaction.atomic
def choose(patient: Patient, phrase: str, *, by: By) -> Patient:
    """Keep it for the messages from now on; an empty one takes it back.

    ValidationError at `phrase`, whose code is the objection.
    """
    standing.hold_to_change(patient)
    tidied = " ".join(phrase.split())
    objection = object_to(patient, tidied) if tidied else None
    if objection is not None:
        reason = ValidationError(REASONS[objection], code=objection.value)
        raise ValidationError({"phrase": reason})
    if tidied == patient.phrase:
        return patient
    patient.phrase = tidied
    patient.save(update_fields=["phrase"])
    # What it says stays between the patient and their messages.
    action = "patient.phrase_chosen" if tidied else "patient.phrase_removed"
    audit.record(by=by, action=action, about=patient)
    return patient


def object_to(patient: Patient, phrase: str) -> Objection | None:
    if not SHORTEST <= len(phrase) <= LONGEST:
        return Objection.LENGTH
    if not _SIGNS.fullmatch(phrase):
        return Objection.SIGNS
    if _LINK.search(phrase):
        return Objection.LINK
    if _LONG_NUMBER.search(phrase):
        return Objection.NUMBER
    said = set(words(phrase))
    own = words(f"{patient.given_name} {patient.family_name} {patient.mrn}")
    if said & {word for word in own if len(word) > 1}:
        return Objection.NAME
    if clinical_words.find(phrase) or said & _words_of(_diagnoses(patient)):
        return Objection.CLINICAL
    return None


def _words_of(titles: Iterable[str]) -> set[str]:
    found = {word for title in titles for word in words(title)}
    return {word for word in found if len(word) >= _TELLING}


def _diagnoses(patient: Patient) -> Iterable[str]:
    found = Diagnosis.objects.filter(complaint__patient__in=patient.record_ids)
    return found.values_list("title", flat=True)
