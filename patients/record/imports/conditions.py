"""Puts an imported diagnosis on the complaint it belongs to.

A diagnosis here names a pain. One that comes by itself goes on the patient's open
complaint at the place its code names; where there is none, that complaint is opened.
One that names no place, or that our list lacks, opens none: it is kept where the
patient has one complaint that it can go on. Records that were merged count as one.
"""

from typing import Any

from django.db.models import QuerySet

from clinic.audit import By
from patients.catalogue import condition_sites, icd10, places
from patients.catalogue.condition_sites import Place
from patients.catalogue.icd10 import Code
from patients.models import Complaint, Diagnosis, Patient, Side
from patients.record.fhir_resources import Condition
from patients.record.imports.person import Outcome
from patients.record.imports.refusals import refuse, undone_if_refused
from patients.record.imports.steps import PassedOver
from patients.triage import code_checks, complaints, diagnoses
from patients.triage.code_checks import Checked

UNLISTED = "Condition with a code that is not in our list, and no one complaint for it"
NOWHERE = "Condition that names no part of the body, and no one complaint for it"
TITLE_LENGTH = Diagnosis._meta.get_field("title").max_length
SIDED = (Side.LEFT, Side.RIGHT)
BOTH = "bilateral"
STATES_A_SIDE = (Side.LEFT, Side.RIGHT, BOTH)
RESOLVED = "resolved in the record it came from"


def take(patient: Patient, condition: Condition, *, by: By) -> Outcome:
    """What is here already is left as it is, also where it was found to be wrong."""
    if not condition.code:
        raise PassedOver("Condition without an ICD-10-CM code")
    with undone_if_refused():
        code = code_checks.read(condition.code)
        place = place_of(condition.code)
        if code.known is None or place is None:
            made = put_where_it_can(patient, condition, code, by=by)
        else:
            made = put_in_place(patient, condition, code.known, place, by=by)
    return Outcome.NEW if made else Outcome.SAME


def place_of(code: str) -> Place | None:
    """Only of a code that our list holds: what a place opens is a complaint."""
    known = icd10.lookup(code)
    return condition_sites.place_of(known) if known else None


def put_where_it_can(
    patient: Patient, condition: Condition, code: Checked, *, by: By
) -> bool:
    """Beside a pain that it need not have to do with; kept as it is written."""
    if is_held(patient, code.code, Side.NONE):
        return False
    found = [
        complaint
        for complaint in complaints_near(patient, code.code)
        if condition.side not in SIDED or condition.side == complaint.side
    ]
    if len(found) != 1:
        raise PassedOver(NOWHERE if code.known else UNLISTED)
    record(
        found[0],
        condition,
        code.code,
        by=by,
        title="" if code.known else condition.title[:TITLE_LENGTH],
        side=condition.side if condition.side in SIDED else Side.NONE,
        role=Diagnosis.Role.INCIDENTAL,
    )
    return True


def complaints_near(patient: Patient, code: str) -> QuerySet[Complaint]:
    """Those at the place that the code's beginning names, else all."""
    place = condition_sites.place_by_beginning(code)
    found = open_complaints(patient)
    return found.filter(pain_site__in=place.fits) if place else found


def put_in_place(
    patient: Patient, condition: Condition, code: Code, place: Place, *, by: By
) -> bool:
    side = stated_side(code, condition)
    made = [
        put_on_side(patient, condition, code, place, each, by=by)
        for each in sides(patient, code, place, side)
    ]
    return any(made)


def stated_side(code: Code, condition: Condition) -> str:
    """The side of the code, or of the body site; they may not contradict each other."""
    if code.laterality not in STATES_A_SIDE:
        return condition.side
    if condition.side and condition.side != code.laterality:
        raise refuse(
            "bodySite",
            f"{code.code} is {code.laterality}, and the body site says "
            f"{condition.side}. Correct one of them.",
        )
    return code.laterality


def sides(patient: Patient, code: Code, place: Place, side: str) -> list[str]:
    """Both sides make two complaints, as they do on the page."""
    if not places.body_sites()[place.pain_site].has_side:
        return [Side.NONE]
    if side == BOTH:
        return [Side.LEFT, Side.RIGHT]
    if side:
        return [side]
    known = held_sides(patient, code) or open_sides(patient, place)
    if len(known) == 1:
        return known
    raise refuse(
        "bodySite",
        f"{code.code} {code.title}: it does not say left or right, and the patient has "
        f"{'no' if not known else 'more than one'} open complaint there to tell by.",
    )


def held_sides(patient: Patient, code: Code) -> list[str]:
    sides = held(patient, code.code).values_list("complaint__side", flat=True)
    return list(sides.distinct()[:1])


def open_sides(patient: Patient, place: Place) -> list[str]:
    fitting = open_complaints(patient).filter(pain_site__in=place.fits)
    return list(fitting.order_by("side").values_list("side", flat=True).distinct())


def held(patient: Patient, code: str) -> QuerySet[Diagnosis]:
    ids = patient.record_ids
    return Diagnosis.objects.filter(complaint__patient__in=ids, code=code)


def open_complaints(patient: Patient) -> QuerySet[Complaint]:
    found = Complaint.objects.filter(patient__in=patient.record_ids, closed_on=None)
    return found.select_related("patient__clinic")


def put_on_side(
    patient: Patient,
    condition: Condition,
    code: Code,
    place: Place,
    side: str,
    *,
    by: By,
) -> bool:
    """Whether something new was recorded."""
    if is_held(patient, code.code, side):
        return False
    complaint = fitting_complaint(patient, place, side)
    is_opened = complaint is None
    if complaint is None:
        complaint = opened(patient, condition, place, side, by=by)
    # Whether it is what an older complaint comes from is for a clinician to say.
    role = Diagnosis.Role.SOURCE if is_opened else Diagnosis.Role.CONTRIBUTING
    record(complaint, condition, code.code, by=by, role=role)
    return True


def record(
    complaint: Complaint, condition: Condition, code: str, *, by: By, **details: Any
) -> None:
    made = diagnoses.diagnose(
        complaint, by=by, code=code, certainty=condition.certainty, **details
    )
    if condition.status == Diagnosis.Status.RESOLVED:
        diagnoses.revise_diagnosis(
            made, by=by, status=Diagnosis.Status.RESOLVED, reason=RESOLVED
        )


def is_held(patient: Patient, code: str, side: str) -> bool:
    found = held(patient, code)
    if side != Side.NONE:
        found = found.filter(complaint__side=side)
    return found.exists()


def fitting_complaint(patient: Patient, place: Place, side: str) -> Complaint | None:
    """An open one at the very place first, else at one close by."""
    found = open_complaints(patient).filter(pain_site__in=place.fits, side=side)
    ranked = sorted(found, key=lambda complaint: place.fits.index(complaint.pain_site))
    return ranked[0] if ranked else None


def opened(
    patient: Patient, condition: Condition, place: Place, side: str, *, by: By
) -> Complaint:
    if condition.status == Diagnosis.Status.RESOLVED:
        raise PassedOver("Condition that is resolved and has no open complaint here")
    if condition.certainty == Diagnosis.Certainty.REFUTED:
        raise PassedOver("Condition that is refuted and has no open complaint here")
    return complaints.open_complaint(
        patient,
        by=by,
        pain_site=place.pain_site,
        side=side,
        onset_on=condition.onset_on,
    )
