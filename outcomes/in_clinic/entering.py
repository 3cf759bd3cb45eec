"""Answers that staff enter: said on the phone or in the clinic, or written on paper.

Whoever types sees no earlier answer, neither the patient's nor a colleague's. What
comes once the window has closed is kept and marked; the follow-up stays expired.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet

from clinic import clock
from clinic.models import User
from outcomes.follow_ups.engine import requests
from outcomes.follow_ups.worklist import calls, tasks
from outcomes.in_clinic import opening
from outcomes.instruments import library
from outcomes.instruments.definition import Given as Said
from outcomes.instruments.definition import Values
from outcomes.models import (
    FollowUp,
    PaperForm,
    Provenance,
    Response,
    SurveyRequest,
)
from outcomes.survey import (
    had_treatment,
    occasions,
    questionnaire,
    sealing,
    sending,
    stored,
    submissions,
    who_answers,
)
from outcomes.survey.questions import Question, Target
from patients.models import Patient
from plans.models import Intervention

# By the key of the question; of boxes one answer for each.
Answers = Mapping[str, Values]
State = FollowUp.State
# How staff come by answers; a link, a tablet and an import have ways of their own.
HOW = (Provenance.PHONE, Provenance.PAPER, Provenance.KIOSK)
MAY_HAVE_CHANGED = ("state", "request", "next_action_at", "closes_on", "answered_at")
CHOOSE = "Choose an answer, or “I can't tell”."


def questions(follow_up: FollowUp) -> list[Question]:
    """What the patient is asked in one go; costs no row, unlike beginning a survey."""
    person = follow_up.patient.kept
    responses = list(
        Response.objects.filter(
            follow_up__in=_together(follow_up), state=Response.State.OPEN
        )
        .select_related("instrument", *_of("follow_up__episode"))
        .prefetch_related("answers")
    )
    begun = {each.follow_up_id for each in responses}
    instrument = submissions.current_instrument(follow_up.clinic_id)
    rows = [row for row in _together(follow_up) if row.pk not in begun]
    responses += [
        Response(
            clinic_id=sheet.follow_up.clinic_id,
            follow_up=sheet.follow_up,
            instrument=sheet.instrument,
            asked=sheet.asked,
        )
        for sheet in occasions.sheets(rows, instrument)
    ]
    asked_now = questionnaire.questions_of(
        responses, person.time_zone, all_at_once=True
    )
    # Who answers, staff say by how they enter it.
    return [each for each in asked_now if not who_answers.is_asked_by(each)]


def refusal(follow_up: FollowUp) -> str:
    """Why nothing is asked; empty where something is."""
    if follow_up.state == State.EXPIRED and not follow_up.is_answered:
        return _late_refusal(follow_up)
    reason = calls.refusal(follow_up)
    if reason:
        return reason
    today = clock.today(follow_up.patient.kept.time_zone)
    if follow_up.opens_on > today:
        return f"It can be answered from {clock.in_words(follow_up.opens_on)} on."
    return ""


def _late_refusal(follow_up: FollowUp) -> str:
    """Of one whose window closed without an answer of the patient's."""
    if follow_up.is_clinicians_alone:
        return "This is done in the clinic; there is nothing to ask the patient."
    if not follow_up.patient.kept.is_in_follow_up:
        return "The patient has left follow-up; nobody is asked."
    if follow_up.is_baseline:
        return "A baseline that was missed is taken on a page of its own."
    sealed = follow_up.responses.filter(state=Response.State.SEALED)
    if sealed.exclude(provenance=Provenance.CLINIC).exists():
        return "It was answered already, after its window."
    if any(had_treatment.is_asked_by(one) for one in questions(follow_up)):
        return "Say first whether the procedure was done, and when."
    return ""


@dataclass(frozen=True, slots=True)
class Given:
    """How the answers came to whoever enters them, from whom, and on which day."""

    how: Provenance = Provenance.PHONE
    is_proxy: bool = False
    # Of a sheet the day that stands on it; None is today.
    on: date | None = None

    @property
    def marks(self) -> dict[str, str]:
        """As a response keeps it: a caregiver's says both who and how."""
        who = Provenance.PROXY if self.is_proxy else self.how
        return {"provenance": who, "mode": self.how if self.is_proxy else ""}


BY_PHONE = Given()


@transaction.atomic
def accept(
    follow_up: FollowUp,
    *,
    answers: Answers,
    language: str,
    by: User,
    given: Given = BY_PHONE,
    seen: str = calls.NOTHING_SEEN,
    note: str = "",
    sheet: PaperForm | None = None,
) -> list[Response]:
    """Keep and score what was said, as the patient's own survey would be.

    `answers` goes by the keys of the questions; None is "cannot tell". Nothing is kept
    unless each question that stands is answered.
    """
    now = clock.now()
    _hold_procedures(follow_up)
    person = requests.lock(follow_up.patient_id)
    if given.how == Provenance.PHONE and follow_up.state != State.EXPIRED:
        calls.check(follow_up, seen)
    follow_up.refresh_from_db(fields=MAY_HAVE_CHANGED)
    reason = refusal(follow_up)
    if reason:
        raise ValidationError(f"{reason} Nothing was saved.")
    _check_given(follow_up, given, clock.day_of(now, person.time_zone))
    was_late = follow_up.state == State.EXPIRED
    take = _take_late if was_late else _take
    try:
        responses = take(follow_up, person, answers, language, given, by, now)
    except sealing.NotOpenError:
        raise ValidationError("This follow-up is over; nothing was saved.") from None
    _end_calls(follow_up, responses, given, by, now, note=note, was_late=was_late)
    if sheet is not None and given.how == Provenance.PAPER:
        PaperForm.objects.filter(pk=sheet.pk).update(entered_at=now)
    return responses


def _check_given(follow_up: FollowUp, given: Given, today: date) -> None:
    if given.how not in HOW:
        raise ValidationError({"how": "Say how the answers were given."})
    if given.on is None:
        return
    if given.how != Provenance.PAPER and given.on != today:
        raise ValidationError({"answered_on": "Only a sheet is of another day."})
    if given.on > today:
        raise ValidationError({"answered_on": "This day is still to come."})
    if given.on < follow_up.opens_on:
        opens = clock.in_words(follow_up.opens_on)
        raise ValidationError(
            {"answered_on": f"This time point opens on {opens}; it cannot be earlier."}
        )


def _end_calls(
    follow_up: FollowUp,
    responses: Sequence[Response],
    given: Given,
    by: User,
    now: datetime,
    *,
    note: str,
    was_late: bool,
) -> None:
    """Nobody calls any more about what is answered; a call itself is logged."""
    is_call = given.how == Provenance.PHONE and not was_late
    for row in {response.follow_up for response in responses}:
        if row != follow_up or not is_call:
            tasks.finish_calls(row, f"answered {given.how.label}", by=by, at=now)
    if is_call:
        calls.answered(follow_up, by=by, note=note)


def _take(
    follow_up: FollowUp,
    person: Patient,
    answers: Answers,
    language: str,
    given: Given,
    by: User,
    now: datetime,
) -> list[Response]:
    request = _join(follow_up, person, now)
    # Whoever is asked by a person has the time for the whole survey.
    submissions.ask_all(request, by=by, at=now)
    submissions.begin(request, at=now)
    taken = questionnaire.open_responses(request).values("pk")
    Response.objects.filter(pk__in=list(taken.values_list("pk", flat=True))).update(
        **given.marks
    )
    kept = _save_all(request, answers, language, now)
    asked = questionnaire.read(request).questions
    asked = [each for each in asked if not who_answers.is_asked_by(each)]
    _check_all(asked, kept)
    if not any(not questionnaire.is_framing(each) for each in asked):
        return []
    return sending.seal_open(request, person, by=by, at=now, on=given.on)


def _take_late(
    follow_up: FollowUp,
    person: Patient,
    answers: Answers,
    language: str,
    given: Given,
    by: User,
    now: datetime,
) -> list[Response]:
    """Its survey is closed for good: the answers stand beside it, and are marked."""
    response = follow_up.responses.filter(
        state=Response.State.OPEN, instrument__key__in=library.SETS
    ).first()
    if response is None:
        instrument = submissions.current_instrument(follow_up.clinic_id)
        response = Response.objects.create(
            clinic_id=follow_up.clinic_id,
            patient_id=follow_up.patient_id,
            follow_up=follow_up,
            instrument=instrument,
            asked=occasions.asked_at([follow_up], instrument)[follow_up.pk],
            revision=follow_up.responses.count() + 1,
            language=language,
            opened_at=now,
            **given.marks,
        )
    response.provenance, response.mode = given.marks["provenance"], given.marks["mode"]
    Response.objects.filter(pk=response.pk).update(language=language, **given.marks)
    response.answers.all().delete()
    kept: dict[Target, Said] = {}
    for question in questions(follow_up):
        if question.key in answers:
            _check_fits(question, answers[question.key])
            kept |= question.by_target(answers[question.key])
    own = {t: value for t, value in kept.items() if t.response_id == response.pk}
    stored.store(response.clinic_id, own, now)
    _check_all(_standing(response, person), answers)
    told = stored.of([response])[response.pk]
    sealing.seal(response, told, now, person.time_zone, by=by, on=given.on)
    sealing.mark_facts_due([response], now)
    return [response]


def _standing(response: Response, person: Patient) -> list[Question]:
    """What is asked once these answers stand: some bring others about."""
    related = Response.objects.select_related("instrument", *_of("follow_up__episode"))
    fresh = related.prefetch_related("answers").get(pk=response.pk)
    asked = questionnaire.questions_of([fresh], person.time_zone)
    return [each for each in asked if not questionnaire.is_framing(each)]


def _check_all(asked: Sequence[Question], given: Container[str]) -> None:
    missing = [
        each.key
        for each in asked
        if each.key not in given and not each.item.is_optional
    ]
    if missing:
        raise ValidationError(dict.fromkeys(missing, CHOOSE))


def _save_all(
    request: SurveyRequest, answers: Answers, language: str, now: datetime
) -> set[str]:
    """Each in its turn: an answer can end questions, or bring others about."""
    kept: set[str] = set()
    while True:
        asked = questionnaire.read(request).questions
        ahead = [each for each in asked if each.key in answers and each.key not in kept]
        if not ahead:
            return kept
        for question in ahead:
            _save(request, question, answers[question.key], language, now)
            kept.add(question.key)
            if had_treatment.is_asked_by(question):
                # Who has not had the treatment yet is not asked how it was after it.
                break


def _save(
    request: SurveyRequest,
    question: Question,
    given: Values,
    language: str,
    now: datetime,
) -> None:
    _check_fits(question, given)
    submissions.save_answer(request, question, given, language=language, at=now)


def _check_fits(question: Question, given: Values) -> None:
    known = {each.link_id: each for each in question.item.answered}
    fits = given.keys() == known.keys() and all(
        known[link_id].accepts(value) for link_id, value in given.items()
    )
    if not fits:
        raise ValidationError({question.key: CHOOSE})


def _join(follow_up: FollowUp, person: Patient, now: datetime) -> SurveyRequest:
    """Its survey, opened where nobody could be sent one or it is early."""
    held = follow_up.request
    if held is not None and held.state == SurveyRequest.State.OPEN:
        return held
    request = requests.open_request(person, now)
    opening.join(follow_up, request, person, now)
    requests.settle(person, now)
    request.refresh_from_db()
    return request


def _hold_procedures(follow_up: FollowUp) -> None:
    """First: whoever records a procedure takes its row, and the patient's after it."""
    in_doubt = Intervention.objects.filter(
        pk__in=_together(follow_up).order_by().values("episode__anchor_intervention"),
        status=Intervention.Status.PLANNED,
    )
    list(in_doubt.select_for_update(no_key=True).order_by("pk").values_list("pk"))


def _together(follow_up: FollowUp) -> QuerySet[FollowUp]:
    """This one, and what else its survey asks; always in the same order."""
    wanted = Q(pk=follow_up.pk)
    if follow_up.state == State.EXPIRED:
        return _read(wanted)
    waiting = FollowUp.WAITS_FOR_PATIENT & Q(state__in=questionnaire.ANSWERABLE)
    request = follow_up.request
    if request is None or request.state != SurveyRequest.State.OPEN:
        person = follow_up.patient.kept_id
        open_ones = requests.open_requests([person]).values("pk")
        wanted |= Q(request__in=open_ones) & waiting
    else:
        wanted |= Q(request=request) & waiting
    return _read(wanted)


def _read(wanted: Q) -> QuerySet[FollowUp]:
    return (
        FollowUp.objects.filter(wanted)
        .select_related(*_of("episode"))
        .order_by("due_on", "pk")
    )


def _of(episode: str) -> tuple[str, str]:
    return f"{episode}__complaint", f"{episode}__anchor_intervention"
