"""What came of a call, kept together with all that follows from it.

Every verb takes `seen`, the id of the last call that whoever logs this one knew of:
of two who log one call at the same time, the second is told of the first.
"""

from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic import audit, clock
from clinic.models import User
from outcomes.follow_ups.engine import calling, requests, unreachable
from outcomes.follow_ups.planning import ending
from outcomes.follow_ups.worklist import tasks
from outcomes.follow_ups.worklist.filters import LIVE
from outcomes.models import ContactAttempt, FollowUp, StaffTask
from patients import rows
from patients.models import Patient
from patients.record import leaving
from plans.models import Timepoint

Outcome = ContactAttempt.Outcome
State = FollowUp.State
NOTHING_SEEN = ""
# What a call comes to that needs no more than to be said.
SAID = (Outcome.NO_ANSWER, Outcome.CALL_BACK, Outcome.WRONG_NUMBER)
PLAN, EVERYTHING = "plan", "everything"
WRONG_NUMBER = "wrong number"
_MAY_HAVE_CHANGED = (
    *("state", "state_reason", "request", "next_action_at", "closes_on"),
    "answered_at",
)
ASKED_TO_STOP = "asked on the phone to stop"


def last_of(follow_up: FollowUp) -> ContactAttempt | None:
    return follow_up.contact_attempts.select_related("by").order_by("-at").first()


def refusal(follow_up: FollowUp) -> str:
    """Why there is nobody to call about it; empty where there is."""
    if follow_up.who == Timepoint.Who.CLINICIAN:
        return "This is done in the clinic; there is nothing to ask the patient."
    if not follow_up.patient.kept.is_in_follow_up:
        return "The patient has left follow-up; nobody is called."
    if follow_up.state not in LIVE or follow_up.is_answered:
        said = "answered" if follow_up.is_answered else follow_up.label_today
        return f"This follow-up is over: {said}."
    return ""


@transaction.atomic
def log(
    follow_up: FollowUp,
    *,
    outcome: str,
    by: User,
    seen: str = NOTHING_SEEN,
    note: str = "",
    call_again_on: date | None = None,
    phone: UUID | None = None,
) -> ContactAttempt:
    """Nobody answered, or somebody asked for another day, or it is a wrong number.

    Who was not spoken to is called again on the next working day, until the window
    closes. `phone` is the number that was called; the patient's own where not said.
    """
    if outcome not in SAID:
        raise ValidationError({"outcome": "Say what came of the call."})
    now, person = clock.now(), requests.lock(follow_up.patient_id)
    check(follow_up, seen)
    today = clock.day_of(now, person.time_zone)
    task = tasks.first_call(follow_up)
    if outcome == Outcome.WRONG_NUMBER:
        tasks.finish_calls(follow_up, WRONG_NUMBER, by=by, at=now)
        _mark_wrong(follow_up, person, phone, now)
        again = None
    else:
        again = tasks.call_again(follow_up, person, today, on=call_again_on, by=by)
    return _keep(follow_up, outcome, by, now, task=task, note=note, again=again)


@transaction.atomic
def refuse(
    follow_up: FollowUp,
    *,
    stop: str,
    by: User,
    seen: str = NOTHING_SEEN,
    note: str = "",
) -> ContactAttempt:
    """The patient wants no more of it: about this plan, or at all."""
    if stop not in (PLAN, EVERYTHING):
        raise ValidationError({"stop": "Say what is to stop."})
    # Whoever ends a plan's follow-up takes the complaint first, and the patient then.
    rows.lock_complaint(follow_up.episode.complaint)
    person = requests.lock(follow_up.patient_id)
    check(follow_up, seen)
    attempt = _end_with(follow_up, Outcome.REFUSED, by=by, note=note)
    if stop == PLAN:
        ending.end_follow_up(follow_up.episode.plan, reason=ASKED_TO_STOP, by=by)
    else:
        leaving.withdraw(person, by=by, reason=leaving.WithdrawalReason.ASKED)
    return attempt


@transaction.atomic
def record_death(
    follow_up: FollowUp,
    *,
    by: User,
    deceased_on: date | None = None,
    seen: str = NOTHING_SEEN,
    note: str = "",
) -> ContactAttempt:
    """Stops everything at once; a clinician or an admin confirms it later."""
    person = requests.lock(follow_up.patient_id)
    check(follow_up, seen)
    attempt = _end_with(follow_up, Outcome.DECEASED, by=by, note=note)
    leaving.record_death(person, by=by, deceased_on=deceased_on)
    return attempt


def answered(follow_up: FollowUp, *, by: User, note: str = "") -> ContactAttempt:
    """The call in which the answers were given; in the transaction that keeps them."""
    return _end_with(follow_up, Outcome.ANSWERED, by=by, note=note)


def check(follow_up: FollowUp, seen: str) -> None:
    """Once the patient is held: nobody else can log one until this is kept."""
    last = last_of(follow_up)
    if last is not None and str(last.pk) != seen:
        raise ValidationError(first_was(last), code="logged_before")
    follow_up.refresh_from_db(fields=_MAY_HAVE_CHANGED)
    reason = refusal(follow_up)
    if reason:
        raise ValidationError(f"{reason} Nothing was saved.")


def first_was(last: ContactAttempt) -> str:
    """Who called before, when, and what came of it."""
    return (
        f"{last.by.name} logged a call {when(last)}: {last.get_outcome_display()}. "
        "Nothing was saved; send it again if yours was another call."
    )


def when(attempt: ContactAttempt) -> str:
    """On the clinic's own clock."""
    zone = attempt.clinic.zone
    at = attempt.at.astimezone(ZoneInfo(zone))
    day = "today" if at.date() == clock.today(zone) else clock.in_words(at.date())
    return f"{day} at {at:%H:%M}"


def _end_with(
    follow_up: FollowUp, outcome: Outcome, *, by: User, note: str
) -> ContactAttempt:
    now, task = clock.now(), tasks.first_call(follow_up)
    tasks.finish_calls(follow_up, outcome.label, by=by, at=now)
    return _keep(follow_up, outcome, by, now, task=task, note=note)


def _mark_wrong(
    follow_up: FollowUp, person: Patient, phone: UUID | None, now: datetime
) -> None:
    """Nothing is sent there any more either, until somebody enters another number."""
    numbers = calling.numbers(person)
    called = numbers.filter(pk=phone) if phone else numbers
    if not called.update(failed_at=now, failure=WRONG_NUMBER):
        raise ValidationError(
            "The patient has another number by now, or none; nothing was saved."
        )
    row = FollowUp.objects.filter(pk=follow_up.pk, state=follow_up.state)
    is_cut_off = follow_up.state == State.UNREACHABLE or (
        follow_up.state == State.OPEN and requests.obstacle(person)
    )
    if is_cut_off:
        unreachable.say(row, person, WRONG_NUMBER, now)
    else:
        row.update(state_reason=WRONG_NUMBER)


def _keep(
    follow_up: FollowUp,
    outcome: str,
    by: User,
    now: datetime,
    *,
    task: StaffTask | None,
    note: str,
    again: date | None = None,
) -> ContactAttempt:
    attempt = ContactAttempt(
        clinic_id=follow_up.clinic_id,
        patient_id=follow_up.patient_id,
        follow_up=follow_up,
        task=task,
        outcome=outcome,
        note=note.strip(),
        at=now,
        by=by,
    )
    attempt.full_clean(exclude=["clinic", "patient", "follow_up", "task", "by"])
    attempt.save()
    audit.record(
        by=by,
        action="call.logged",
        about=attempt,
        outcome=str(outcome),
        timepoint=follow_up.timepoint_key,
        follow_up=str(follow_up.pk),
        call_again_on=again.isoformat() if again else None,
    )
    return attempt
