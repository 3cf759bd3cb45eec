"""Takes the three answers to compare with, by whoever stands beside the patient."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic import clock
from clinic.models import User
from outcomes.baselines import missing
from outcomes.follow_ups.engine import requests
from outcomes.instruments import definitions, library
from outcomes.instruments.definition import Item, Occasion, Values
from outcomes.models import FollowUp, Provenance, Response
from outcomes.survey import sealing, stored, submissions, texts
from outcomes.survey.questions import Target
from patients.models import Patient

# How staff can take them; an import and a link have ways of their own.
MODES = (Provenance.KIOSK, Provenance.PATIENT, Provenance.PHONE, Provenance.PROXY)


def questions(follow_up: FollowUp) -> list[Item]:
    """As asked before a procedure, in the questionnaire that is current."""
    instrument = submissions.current_instrument(follow_up.clinic_id)
    # The three that every course is compared by, whatever else its protocol asks.
    occasion = Occasion(follow_up.episode.complaint.pain_site, is_after_anchor=False)
    return library.items_for(definitions.of(instrument), occasion)


def is_after(follow_up: FollowUp) -> bool | None:
    """Whether the needle was in before today; None where it was today: ask."""
    done_on = missing.needle_day(follow_up.episode)
    if done_on is None:
        return False
    today = clock.today(follow_up.patient.kept.time_zone)
    return None if done_on == today else True


@transaction.atomic
def take(
    follow_up: FollowUp,
    *,
    answers: Values,
    provenance: str,
    is_from_memory: bool | None = None,
    by: User,
    at: datetime | None = None,
) -> Response:
    """Seal a baseline; said after the needle it is recalled, and marked so.

    `is_from_memory` is asked where the needle was today. None among the answers is
    "cannot tell".
    """
    now = at or clock.now()
    patient = requests.lock(follow_up.patient_id)
    follow_up.refresh_from_db()
    check(follow_up, patient)
    check_answers(follow_up, answers, provenance)
    response = _open(follow_up, patient, now)
    response.provenance = provenance
    response.is_recalled = _recalled(follow_up, is_from_memory)
    given = {Target(response.pk, link_id): answers[link_id] for link_id in answers}
    stored.store(response.clinic_id, given, now)
    try:
        sealing.seal(response, answers, now, patient.time_zone, by=by)
    except sealing.NotOpenError:
        raise ValidationError(ANSWERED) from None
    # One that has expired stays so: what came after its window came late.
    sealing.complete(follow_up, now, states=missing.CAPTURABLE[:-1])
    requests.settle(patient, now)
    sealing.mark_facts_due([response], now)
    return response


ANSWERED = "The baseline is answered already; nothing was saved."


def check(follow_up: FollowUp, patient: Patient) -> None:
    if not follow_up.is_baseline:
        raise ValidationError("This follow-up is no baseline.")
    sealed = follow_up.responses.filter(state=Response.State.SEALED)
    of_patient = sealed.exclude(provenance=Provenance.CLINIC)
    if follow_up.is_answered or of_patient.exists():
        raise ValidationError(ANSWERED)
    if follow_up.state not in missing.CAPTURABLE:
        raise ValidationError("This baseline is not asked any more.")
    if not patient.is_in_follow_up:
        raise ValidationError("The patient has left follow-up; nothing is asked.")


def refusal(follow_up: FollowUp) -> str:
    """Why there is nothing to ask; empty where there is."""
    try:
        check(follow_up, follow_up.patient.kept)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


def intro(follow_up: FollowUp, after: bool | None) -> str:
    """What the patient is told above the questions."""
    language = follow_up.patient.kept.language
    if after is None:
        return ""
    if not after:
        return texts.say("baseline_now", language)
    done_on = missing.needle_day(follow_up.episode) or follow_up.episode.anchor_on
    day = texts.day(done_on, language)
    return texts.say("baseline_recalled", language, day=day)


def check_answers(follow_up: FollowUp, answers: Values, provenance: str) -> None:
    if provenance not in MODES:
        raise ValidationError({"provenance": "Say who gave the answers, and how."})
    asked = {item.link_id: item for item in questions(follow_up)}
    faults = {
        link_id: "Choose an answer, or “I can't tell”."
        for link_id, item in asked.items()
        if link_id not in answers or not item.accepts(answers[link_id])
    }
    if faults:
        raise ValidationError(faults)
    if all(value is None for value in answers.values()):
        raise ValidationError("Without any answer there is no baseline; skip it.")


def _recalled(follow_up: FollowUp, is_from_memory: bool | None) -> bool:
    after = is_after(follow_up)
    if after is None and is_from_memory is None:
        raise ValidationError(
            {"is_from_memory": "Say whether this was said before the needle."}
        )
    return bool(is_from_memory) if after is None else after


def _open(follow_up: FollowUp, patient: Patient, now: datetime) -> Response:
    """What the patient has begun by a link is gone on with."""
    begun = follow_up.responses.filter(
        state=Response.State.OPEN, instrument__key__in=library.SETS
    ).first()
    if begun is not None:
        return begun
    return Response.objects.create(
        clinic_id=follow_up.clinic_id,
        patient_id=follow_up.patient_id,
        follow_up=follow_up,
        instrument=submissions.current_instrument(follow_up.clinic_id),
        revision=follow_up.responses.count() + 1,
        provenance=Provenance.KIOSK,
        language=patient.language,
        opened_at=now,
    )
