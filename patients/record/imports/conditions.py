"""Puts an imported diagnosis on the complaint it belongs to.

A diagnosis here names a pain. One that comes by itself goes on the patient's open
complaint at the place its code names; where there is none, that complaint is opened.
"""

from clinic import audit
from clinic.models import User
from patients.catalogue import condition_sites, icd10, places
from patients.catalogue.condition_sites import Place
from patients.models import Complaint, Diagnosis, Patient, Side
from patients.record.fhir_resources import Condition
from patients.record.imports.person import Outcome
from patients.record.imports.refusals import refuse, undone_if_refused
from patients.record.imports.steps import PassedOver
from patients.triage import complaints, diagnoses

By = User | audit.Actor

BOTH = "bilateral"
STATES_A_SIDE = (Side.LEFT, Side.RIGHT, BOTH)
RESOLVED = "resolved in the record it came from"


def take(patient: Patient, condition: Condition, *, by: By) -> Outcome:
    """What is here already is left as it is, also where it was found to be wrong."""
    code = icd10.lookup(condition.code)
    if code is None:
        raise refuse("code", f"{condition.code} is not in our list of ICD-10-CM codes.")
    place = condition_sites.place_of(code)
    if place is None:
        raise refuse(
            "code",
            f"{code.code} {code.title} names no part of the body. Open the complaint "
            "it belongs to and add it there.",
        )
    side = stated_side(code, condition)
    with undone_if_refused():
        made = [
            put_on_side(patient, condition, code, place, each, by=by)
            for each in sides(patient, code, place, side)
        ]
    return Outcome.NEW if any(made) else Outcome.SAME


def stated_side(code: icd10.Code, condition: Condition) -> str:
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


def sides(patient: Patient, code: icd10.Code, place: Place, side: str) -> list[str]:
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


def held_sides(patient: Patient, code: icd10.Code) -> list[str]:
    found = Diagnosis.objects.filter(complaint__patient=patient, code=code.code)
    return list(found.values_list("complaint__side", flat=True).distinct()[:1])


def open_sides(patient: Patient, place: Place) -> list[str]:
    fitting = patient.complaints.filter(closed_on=None, pain_site__in=place.fits)
    return list(fitting.order_by("side").values_list("side", flat=True).distinct())


def put_on_side(
    patient: Patient,
    condition: Condition,
    code: icd10.Code,
    place: Place,
    side: str,
    *,
    by: By,
) -> bool:
    """Whether something new was recorded."""
    if is_held(patient, code, side):
        return False
    complaint = fitting_complaint(patient, place, side)
    is_opened = complaint is None
    if complaint is None:
        complaint = opened(patient, condition, place, side, by=by)
    made = diagnoses.diagnose(
        complaint,
        by=by,
        code=code.code,
        # Whether it is what an older complaint comes from is for a clinician to say.
        role=Diagnosis.Role.SOURCE if is_opened else Diagnosis.Role.CONTRIBUTING,
        certainty=condition.certainty,
    )
    if condition.status == Diagnosis.Status.RESOLVED:
        diagnoses.revise_diagnosis(
            made, by=by, status=Diagnosis.Status.RESOLVED, reason=RESOLVED
        )
    return True


def is_held(patient: Patient, code: icd10.Code, side: str) -> bool:
    held = Diagnosis.objects.filter(complaint__patient=patient, code=code.code)
    if side != Side.NONE:
        held = held.filter(complaint__side=side)
    return held.exists()


def fitting_complaint(patient: Patient, place: Place, side: str) -> Complaint | None:
    """An open one at the very place first, else at one close by."""
    found = [
        complaint
        for complaint in patient.complaints.filter(
            closed_on=None, pain_site__in=place.fits
        ).select_related("patient__clinic")
        if side == complaint.side
    ]
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
