"""Who is answering: asked first where a caregiver may answer for the patient."""

from collections.abc import Sequence
from decimal import Decimal

from django.db.models import Q

from outcomes.instruments.definition import Given, Item, Option
from outcomes.models import Provenance, Response, SurveyRequest
from outcomes.survey import texts
from outcomes.survey.questions import Question, Target
from patients.models import Caregiver, Patient

LINK = "who_answers"
PATIENT, CAREGIVER = 1, 2
SAID = {
    Decimal(PATIENT): Provenance.PATIENT,
    Decimal(CAREGIVER): Provenance.PROXY,
}


def is_asked_by(question: Question) -> bool:
    return question.item.link_id == LINK


def questions(person: Patient, responses: Sequence[Response]) -> list[Question]:
    """One where somebody may answer for the patient; costs a query."""
    if not responses or not may_be_answered_for(person):
        return []
    targets = tuple(Target(response.pk, LINK) for response in responses)
    item = Item(
        link_id=LINK,
        type="choice",
        text=texts.in_all(LINK),
        options=(
            Option(PATIENT, texts.in_all("who_patient")),
            Option(CAREGIVER, texts.in_all("who_caregiver")),
        ),
    )
    return [Question(item, "", "", targets)]


def may_be_answered_for(person: Patient) -> bool:
    return Caregiver.objects.filter(
        Q(is_guardian=True) | Q(may_answer_since__isnull=False),
        patient=person,
        ended_on__isnull=True,
    ).exists()


def keep(request: SurveyRequest, question: Question, given: Given) -> None:
    """Mark by whom these are answered; what staff take down says so itself."""
    if not isinstance(given, Decimal):
        return
    wanted = {target.response_id for target in question.targets}
    rows = request.responses.filter(pk__in=wanted)
    kiosk, patient, proxy = Provenance.KIOSK, Provenance.PATIENT, Provenance.PROXY
    if SAID[given] == proxy:
        rows.filter(provenance=kiosk).update(provenance=proxy, mode=kiosk)
        rows.filter(provenance=patient).update(provenance=proxy)
    else:
        rows.filter(provenance=proxy, mode=kiosk).update(provenance=kiosk, mode="")
        rows.filter(provenance=proxy, mode="").update(provenance=patient)
