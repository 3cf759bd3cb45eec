"""What an order and a result must hold to be kept."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from clinic import access, clinics, clock
from clinic.models import Clinic, User
from patients.catalogue import study_words
from patients.models import Complaint, Study
from patients.models.patient import validate_lived, validate_past

State = Study.State
REPORT_LENGTH = 8000


def owners(clinic: Clinic) -> QuerySet[User]:
    """Who can see to a study."""
    return clinics.who_may(clinic, access.Act.RECORD_FINDINGS)


def check_owner(clinic: Clinic, owner: User) -> None:
    if not owners(clinic).filter(pk=owner.pk).exists():
        raise ValidationError({"owner": "Name somebody here who can enter studies."})


def refuse_ended(complaint: Complaint) -> None:
    if complaint.patient.deceased_on:
        raise ValidationError("The patient has died; nothing is ordered any more.")
    if complaint.closed_on:
        raise ValidationError("This complaint is closed; open a new one to order.")


def refuse_twin(study: Study) -> None:
    """A second press of the button, or a colleague's, orders nothing twice."""
    twin = study.complaint.studies.filter(
        kind=study.kind,
        region=study.region,
        side=study.side,
        state__in=[State.ORDERED, State.SCHEDULED, State.DONE],
    ).first()
    if twin is not None:
        day = clock.in_words(twin.ordered_on)
        raise ValidationError(
            {
                "kind": f"The {twin} is ordered already, on {day}: {twin.missing}. "
                "Go on with that one, or cancel it first."
            }
        )


def refuse_second_copy(study: Study) -> None:
    copies = study.complaint.studies.filter(
        kind=study.kind,
        region=study.region,
        side=study.side,
        performed_on=study.performed_on,
        state__in=Study.WITH_RESULT,
    )
    if copies.exists():
        raise ValidationError(
            {"performed_on": f"The {study} of this day is in the record already."}
        )


def result(
    study: Study,
    *,
    results: Sequence[str] = (),
    report: str = "",
    levels: Sequence[str] = (),
    side: str | None = None,
    performed_on: date | None = None,
    received_on: date | None = None,
) -> dict[str, Any]:
    """The columns of a result, checked against the words of this kind of study."""
    performed_on = performed_on or study.performed_on
    if performed_on is None:
        raise ValidationError({"performed_on": "Give the day of the study."})
    check_performed(study, performed_on)
    today = clock.today(study.complaint.patient.time_zone)
    received_on = received_on or today
    validate_past("received_on", received_on, today)
    if received_on < performed_on:
        raise ValidationError({"received_on": "That is before the study took place."})
    report = report.replace("\r\n", "\n").strip()
    if not results and not report:
        raise ValidationError({"results": "Choose a result, or write what it says."})
    if len(report) > REPORT_LENGTH:
        raise ValidationError({"report": f"Use at most {REPORT_LENGTH} characters."})
    return {
        "results": _checked_words(study, results),
        "report": report,
        "levels": _checked_levels(study, levels),
        "side": study.side if side is None else side,
        "performed_on": performed_on,
        "received_on": received_on,
    }


def _checked_words(study: Study, results: Sequence[str]) -> list[str]:
    offered = {w.key: w for w in study_words.words_for(study.kind, study.region)}
    chosen = list(dict.fromkeys(results))
    unknown = [key for key in chosen if key not in offered]
    if unknown:
        raise ValidationError({"results": f"{unknown[0]!r} is no result of a {study}."})
    alone = [offered[key].label for key in chosen if offered[key].is_alone]
    if alone and len(chosen) > 1:
        raise ValidationError(
            {"results": f"“{alone[0].capitalize()}” cannot stand beside other results."}
        )
    return chosen


def _checked_levels(study: Study, levels: Sequence[str]) -> list[str]:
    offered = study_words.regions()[study.region].levels
    unknown = [level for level in levels if level not in offered]
    if unknown:
        raise ValidationError(
            {"levels": f"{unknown[0]!r} is no level of the {study.region_label}."}
        )
    return [level for level in offered if level in levels]


def check_performed(study: Study, performed_on: date) -> None:
    patient = study.complaint.patient
    validate_past("performed_on", performed_on, clock.today(patient.time_zone))
    validate_lived("performed_on", performed_on, patient)
