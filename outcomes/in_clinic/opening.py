"""The survey that a patient answers in the clinic: the open one, or one begun early.

The invitation goes out on the due day; from the day on which a time point opens it may
be answered here. What is begun and not finished is reminded of as if it had been
invited to on its day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from clinic import audit, clock
from clinic.audit import By
from outcomes.follow_ups.engine import requests
from outcomes.models import FollowUp, Intake, SurveyRequest
from patients.models import Patient

State = FollowUp.State
EARLY = (State.PLANNED, State.UNREACHABLE)
LEFT = "The patient has left follow-up; nothing is asked."
NO_BIRTH_DATE = "Nobody can check who answers: the record has no date of birth."
NOTHING = "Nothing can be answered today: no time point is open yet."
LOCKED = (
    "It is locked after five wrong dates of birth. Check the date on file, then send "
    "a new link."
)


@dataclass(frozen=True, slots=True)
class Offer:
    """What the patient could answer now, and why not."""

    request: SurveyRequest | None
    follow_ups: Sequence[FollowUp]
    refusal: str

    @property
    def is_early(self) -> bool:
        return self.request is None


def offer(person: Patient) -> Offer:
    """For the page of staff; changes nothing."""
    held = requests.open_requests(person.record_ids).order_by("pk").first()
    if held is None:
        rows = _early(person, clock.today(person.time_zone))
    else:
        rows = _once_a_place(held.follow_ups.filter(FollowUp.WAITS_FOR_PATIENT))
    return Offer(held, rows, _refusal(person, held, rows))


def _refusal(
    person: Patient, held: SurveyRequest | None, rows: Sequence[FollowUp]
) -> str:
    if not person.is_in_follow_up:
        return LEFT
    if person.birth_date is None:
        return NO_BIRTH_DATE
    if held is None:
        return "" if rows else NOTHING
    if held.closes_at <= clock.now():
        return NOTHING
    is_asked = rows or held.intakes.filter(state__in=Intake.OPEN).exists()
    if not is_asked:
        return NOTHING
    return LOCKED if held.is_locked else ""


@transaction.atomic
def open_survey(patient: Patient, *, by: By) -> SurveyRequest:
    """The survey to be answered here; ValidationError says why there is none."""
    now = clock.now()
    person = requests.lock(patient.pk)
    found = offer(person)
    if found.refusal:
        raise ValidationError(found.refusal)
    if found.request is not None:
        return found.request
    request = requests.open_request(person, now)
    for row in found.follow_ups:
        invited_at = row.next_action_at if row.state == State.PLANNED else None
        join(row, request, person, now, invited_at=invited_at)
    requests.settle(person, now)
    request.refresh_from_db()
    audit.record(
        by=by,
        action="survey.opened_early",
        about=request,
        timepoints=[row.timepoint_key for row in found.follow_ups],
    )
    return request


def join(
    row: FollowUp,
    request: SurveyRequest,
    person: Patient,
    now: datetime,
    *,
    invited_at: datetime | None = None,
) -> None:
    """Ask it with this survey; reminders count from when it would be invited to.

    Where no such moment is named there are none: it is answered at once.
    """
    end = requests.ending(row, person.time_zone, now)
    is_planned = row.state == State.PLANNED
    requests.change(
        row,
        State.OPEN if is_planned else row.state,
        row.state_reason,
        next_action_at=min(invited_at or end, end),
        request=request,
    )
    if is_planned and invited_at is not None:
        FollowUp.objects.filter(pk=row.pk, asked_at=None).update(asked_at=invited_at)


def _early(person: Patient, today: object) -> Sequence[FollowUp]:
    rows = FollowUp.objects.filter(
        FollowUp.WAITS_FOR_PATIENT,
        patient__in=person.record_ids,
        state__in=EARLY,
        opens_on__lte=today,
        closes_on__gte=today,
    )
    return _once_a_place(rows)


def _once_a_place(rows: QuerySet[FollowUp]) -> list[FollowUp]:
    """Of two courses of a plan that ask the same the earlier one."""
    found: dict[tuple[object, str], FollowUp] = {}
    related = rows.select_related("episode__plan", "episode__anchor_intervention")
    for row in related.order_by("episode__course", "due_on", "pk"):
        found.setdefault((row.episode.plan_id, row.timepoint_key), row)
    return sorted(found.values(), key=lambda row: (row.due_on, row.pk))
