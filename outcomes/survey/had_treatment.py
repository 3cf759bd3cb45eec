"""Before the safety questions of a procedure that staff have not confirmed yet: did
the patient have it?
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from outcomes.follow_ups.engine import requests
from outcomes.follow_ups.planning import calendar
from outcomes.instruments.definition import SITE, Item, Option
from outcomes.models import FollowUp, Response, SurveyRequest
from outcomes.survey import texts
from outcomes.survey.questions import Question, Target
from patients.models import Patient
from plans.course import confirmation
from plans.models import Intervention

# Begins the name of an answer, which ends in the day that it is about.
LINK = "had_treatment_"
YES, NOT_YET = 1, 0
SAID = {
    Decimal(YES): Intervention.Said.YES,
    Decimal(NOT_YET): Intervention.Said.NO,
    None: Intervention.Said.NOTHING,
}
State = FollowUp.State


def is_asked_by(question: Question) -> bool:
    return question.item.link_id.startswith(LINK)


def questions(responses: Iterable[Response], zone: str) -> list[Question]:
    """One for each planned day and place, before all others."""
    targets: dict[tuple[date, str, str], list[Target]] = defaultdict(list)
    for response in responses:
        day = _day_in_doubt(response, zone)
        if day is not None:
            complaint = response.follow_up.episode.complaint
            place = (day, complaint.pain_site, complaint.side)
            targets[place].append(Target(response.pk, _link(day)))
    days = [day for day, _, _ in targets]
    return [
        _question(place, tuple(found), names_place=days.count(place[0]) > 1)
        for place, found in sorted(targets.items())
    ]


def _day_in_doubt(response: Response, zone: str) -> date | None:
    """The planned day of a procedure that neither staff nor the patient confirmed.

    Who has just answered may still go back to the question: so one's own answer
    leaves it there, and only an earlier survey's "yes" takes it away.
    """
    follow_up = response.follow_up
    procedure = follow_up.episode.anchor_intervention
    if not follow_up.is_safety or procedure is None or procedure.planned_on is None:
        return None
    if procedure.status != Intervention.Status.PLANNED:
        return None
    is_own = any(
        answer.link_id == _link(procedure.planned_on)
        for answer in response.answers.all()
    )
    is_settled = confirmation.said(procedure, zone) == Intervention.Said.YES
    return None if is_settled and not is_own else procedure.planned_on


def _link(day: date) -> str:
    return f"{LINK}{day.isoformat()}"


def _question(
    place: tuple[date, str, str], targets: Sequence[Target], *, names_place: bool
) -> Question:
    day, site, side = place
    text = "had_treatment_of" if names_place else "had_treatment"
    item = Item(
        link_id=_link(day),
        type="choice",
        when="after_anchor",
        scope="complaint",
        text={
            # The place is filled in where the question is put into words.
            language: texts.say(text, language, day=texts.day(day, language), site=SITE)
            for language in texts.LANGUAGES
        },
        options=(
            Option(YES, texts.in_all("yes")),
            Option(NOT_YET, texts.in_all("not_yet")),
        ),
        cant_tell=texts.in_all("cant_tell"),
    )
    where = (site, side) if names_place else ("", "")
    return Question(item, *where, tuple(targets))


def keep(request: SurveyRequest, question: Question, value: Decimal | None) -> bool:
    """Tell staff what the patient said; False where staff know better by now.

    Call it before the survey is held: whoever records a procedure takes its row
    first, and the patient's after it.
    """
    wanted = {target.response_id for target in question.targets}
    procedures = Intervention.objects.filter(
        pk__in=request.responses.filter(pk__in=wanted).values(
            "follow_up__episode__anchor_intervention"
        )
    )
    kept = [
        confirmation.patient_said(procedure, SAID[value])
        for procedure in procedures.select_related("plan__complaint").order_by("pk")
    ]
    return any(kept)


def follow(
    patient: Patient, asked_ids: Iterable[UUID], value: Decimal | None, at: datetime
) -> None:
    """What the answer ends: checks of what was not done, or what belongs before it."""
    asked = FollowUp.objects.filter(pk__in=list(asked_ids))
    if value == NOT_YET:
        for row in asked.exclude(state__in=FollowUp.FINAL):
            requests.finish(row, State.CANCELLED, calendar.NOT_HAD_YET, at)
    elif value == YES:
        today = calendar.local_day(at, patient.time_zone)
        before = FollowUp.objects.filter(
            episode__in=asked.values("episode"), is_baseline=True, closes_on__lt=today
        )
        for row in before.filter(FollowUp.WAITS_FOR_PATIENT):
            reason = calendar.EXPIRE_REASONS[row.state]
            requests.finish(row, State.EXPIRED, reason, at)
