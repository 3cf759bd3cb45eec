"""Puts one person where the pages would: registered, brought up to date, or left."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from clinic import clock
from clinic.audit import By
from clinic.models import Clinic
from patients.models import Consent, ContactPoint, Patient
from patients.models.searching import words
from patients.record import care_team, caregivers, duplicates, registration
from patients.record.imports.mapping import Given, Mapping
from patients.record.imports.refusals import refuse, undone_if_refused

# Not compared value by value, but each by a rule of its own.
_BY_RULE = ("mrn", "may_contact", "deceased_on", "caregiver", *care_team.ROLES)


class Outcome(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Taken:
    patient: Patient
    outcome: Outcome
    changed: tuple[str, ...] = field(default=())


def take(clinic: Clinic, given: Given, *, by: By, mapping: Mapping) -> Taken:
    """Through the verbs of the pages, undone by itself where they refuse.

    What is not given stays as it is. Raises RefusedRowError.
    """
    with undone_if_refused():
        known = find(clinic, given)
        if known is None:
            return registered(clinic, given, by=by, mapping=mapping)
        check_same_person(known, given)
        if known.merged_into is not None:
            return heard(known.merged_into, given, by=by)
        return brought_up_to_date(known, given, by=by)


def find(clinic: Clinic, given: Given) -> Patient | None:
    """By the MRN; without one, by name and birth date, the kept of merged records."""
    if given.get("mrn"):
        return record_with_mrn(clinic, given["mrn"])
    namesakes = duplicates.namesakes(
        clinic,
        given_name=given.get("given_name", ""),
        family_name=given["family_name"],
        birth_date=given["birth_date"],
    )
    people = len({record.kept_id for record in namesakes})
    if people > 1:
        raise refuse(
            "mrn", f"{people} patients have this name and birth date; give the MRN."
        )
    return min(namesakes, key=lambda r: r.merged_into_id is not None, default=None)


def with_mrn(clinic: Clinic, mrn: str) -> Patient | None:
    """The number of a record that was merged is one of the record that was kept."""
    found = record_with_mrn(clinic, mrn)
    return found.kept if found else None


def record_with_mrn(clinic: Clinic, mrn: str) -> Patient | None:
    return (
        Patient.objects.filter(clinic=clinic)
        .with_mrn(mrn)
        .select_related("clinic", "merged_into__clinic")
        .first()
    )


def registered(clinic: Clinic, given: Given, *, by: By, mapping: Mapping) -> Taken:
    try:
        patient = registration.register(
            clinic, by=by, is_confirmed=mapping.registers_twins, **given
        )
    except duplicates.LikelyDuplicateError as error:
        twin = error.patients[0]
        raise refuse(
            "mrn",
            f"{twin}, born {clock.in_words(given['birth_date'])}, is here already with "
            f"MRN {twin.mrn}. Correct the MRN if it is the same person; if it is "
            "another, import the list with “register anyway”.",
            names=twin.pk,
        ) from error
    return Taken(patient, Outcome.NEW)


def heard(patient: Patient, given: Given, *, by: By) -> Taken:
    """What the row of a merged record may change: the kept one's own row says who the
    patient is, and a stop is heard whichever row it stands in.
    """
    stops = death(patient, given)
    if not given.get("may_contact"):
        stops |= consent_change(patient, given)
    if stops:
        registration.update(patient, by=by, **stops)
    return Taken(patient, Outcome.CHANGED if stops else Outcome.SAME, (*stops,))


def brought_up_to_date(patient: Patient, given: Given, *, by: By) -> Taken:
    changes = differences(patient, given)
    caregiver = missing_caregiver(patient, given)
    if caregiver:
        caregivers.add(patient, by=by, **caregiver)
    if changes:
        registration.update(patient, by=by, **changes)
    changed = (*changes, *(["caregiver"] if caregiver else []))
    return Taken(patient, Outcome.CHANGED if changed else Outcome.SAME, changed)


def check_same_person(record: Patient, given: Given) -> None:
    """A merged record's number may come with the name of the one that is kept."""
    born = record.birth_date
    if born is None or may_be(record, given) or may_be(record.kept, given):
        return
    raise refuse(
        "mrn",
        f"MRN {record.mrn} belongs to {record}, born {clock.in_words(born)}: another "
        "name and another birth date. Correct the MRN in the list, or the patient's "
        "page.",
        names=record.kept_id,
    )


def may_be(patient: Patient, given: Given) -> bool:
    """Another name or another birth date is a correction; both are somebody else."""
    born = patient.birth_date
    if born is None or given.get("birth_date", born) == born:
        return True
    name = f"{given.get('given_name', patient.given_name)} {given['family_name']}"
    return set(words(name)) == set(words(str(patient)))


def differences(patient: Patient, given: Given) -> Given:
    held = contacts(patient)
    found = {
        key: value
        for key, value in given.items()
        if key not in _BY_RULE
        and spelling(key, value)
        != spelling(key, held.get(key, getattr(patient, key, "")))
    }
    return {
        **found,
        **consent_change(patient, given),
        **other_clinicians(patient, given),
        **death(patient, given),
    }


def contacts(patient: Patient) -> Given:
    """How the patient is reached now; an empty text where there is no such way."""
    points = {point.system: point for point in patient.contact_points.all()}
    email = points.get(ContactPoint.System.EMAIL)
    phone = points.get(ContactPoint.System.PHONE)
    return {
        "email": email.value if email else "",
        "may_contact": bool(email and email.may_contact),
        "phone": phone.value if phone else "",
    }


def spelling(key: str, value: Any) -> str:
    """What of a value counts: an e-mail address has no capitals, a number no dashes."""
    text = "" if value is None else str(value)
    if key == "email":
        return text.casefold()
    return "".join(filter(str.isdigit, text)) if key == "phone" else text


def consent_change(patient: Patient, given: Given) -> Given:
    """A list may take a consent away, and bring one where nothing was ever recorded.

    One that was withdrawn here comes back through the patient alone, and whoever has
    died gives none.
    """
    wanted = given.get("may_contact")
    if wanted is None or (wanted and patient.deceased_on):
        return {}
    # Also on a record that was merged: a no that was said there stands.
    said = Consent.objects.filter(
        patient__in=patient.record_ids, scope=Consent.Scope.EMAIL
    )
    is_change = not said.exists() if wanted else said.filter(withdrawn_on=None).exists()
    return {"may_contact": wanted} if is_change else {}


def other_clinicians(patient: Patient, given: Given) -> Given:
    """By the name: a list knows less of a clinician than may be on file."""
    held = {
        name: found.name.casefold() for name, found in care_team.of(patient).items()
    }
    return {
        name: given[name]
        for name in care_team.ROLES
        if name in given and given[name].get("name", "").casefold() != held.get(name)
    }


def missing_caregiver(patient: Patient, given: Given) -> Given:
    """Whoever looks after the patient by our record is not replaced by a list."""
    wanted: Given = given.get("caregiver") or {}
    if not wanted.get("name") or patient.caregivers.filter(ended_on=None).exists():
        return {}
    return {**wanted, "is_guardian": patient.is_minor}


def death(patient: Patient, given: Given) -> Given:
    """What is recorded here stands: whether it is confirmed is for people to say."""
    day = given.get("deceased_on")
    return {"deceased_on": day} if day and not patient.deceased_on else {}


def beside(patient: Patient) -> Given:
    """Who is beside the patient, by the fields of a list."""
    found = {f"{whose}_name": who.name for whose, who in care_team.of(patient).items()}
    caregiver = patient.caregivers.filter(ended_on=None).first()
    if caregiver:
        found |= {
            "caregiver_name": caregiver.name,
            "caregiver_relationship": caregiver.relationship,
            "caregiver_phone": caregiver.phone,
            "caregiver_email": caregiver.email,
        }
    return found
