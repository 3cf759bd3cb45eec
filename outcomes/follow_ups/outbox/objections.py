"""Whether a message is to go: decided from what was read right before.

Only until when one waits may cost a query, for the days on which the clinic is closed.
"""

from dataclasses import dataclass
from datetime import datetime

from outcomes.follow_ups.planning import calendar, sending_hours
from outcomes.follow_ups.planning.sending_hours import Calendar
from outcomes.models import Message, SurveyRequest
from patients.models import Patient

Kind = Message.Kind
# These wait for a clinician while something urgent is open; the others help them.
ROUTINE = (Kind.INVITATION, Kind.REMINDER, Kind.RESCUE)
LEFT = "the patient left follow-up"
CLOSED = "the survey closed"
NOTHING_TO_ASK = "nothing is left to ask"
REPLACED = "replaced by a new link"
NO_ADDRESS = "no address or number with consent"
ON_HOLD = calendar.ON_HOLD
URGENT_FLAG = "an urgent flag is open"
PAUSED = "all messages are paused"
OUT_OF_HOURS = "the sending hours were over"
# Why a message waits, and what its next try is called.
WAITS = {
    ON_HOLD: "after the hold",
    URGENT_FLAG: "after the urgent flag",
    PAUSED: "after the pause",
    OUT_OF_HOURS: "within the sending hours",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """All that decides about one message, as it is at this moment."""

    message: Message
    address: str
    # Of the link that the message carries.
    is_link_live: bool
    # Whether something it asks is neither answered nor over.
    has_questions: bool
    has_urgent_flag: bool
    is_paused: bool
    # Whether staff were told that an earlier message did not arrive.
    has_doubts: bool

    @property
    def person(self) -> Patient:
        return self.message.request.person

    @property
    def waits_for_flag(self) -> bool:
        return self.has_urgent_flag and self.message.kind in ROUTINE


@dataclass(frozen=True, slots=True)
class Send:
    address: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Not now; nothing was tried."""

    reason: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Not any more."""

    reason: str


Answer = Send | Wait | Withdraw


def answer(standing: Standing, now: datetime) -> Answer:
    """Send it, keep it for later, or take it back; with the reason."""
    reason = _why_not_any_more(standing)
    if reason:
        return Withdraw(reason)
    if standing.is_paused:
        return Wait(PAUSED, now)
    if standing.person.is_on_hold:
        return Wait(ON_HOLD, sending_hours.resumes_at(standing.person) or now)
    if standing.waits_for_flag:
        return Wait(URGENT_FLAG, a_day_later(standing.person, now))
    # Closed days were looked at with the claim: only the hours can have ended since.
    hours = sending_hours.for_safety(standing.person)
    if not hours.contains(now):
        return Wait(OUT_OF_HOURS, hours.next_opening(now))
    return Send(standing.address)


def _why_not_any_more(standing: Standing) -> str:
    if not standing.person.is_in_follow_up:
        return LEFT
    if standing.message.request.state != SurveyRequest.State.OPEN:
        return CLOSED
    if not standing.has_questions:
        return NOTHING_TO_ASK
    if not standing.is_link_live:
        return REPLACED
    return "" if standing.address else NO_ADDRESS


def a_day_later(person: Patient, now: datetime) -> datetime:
    """Tomorrow at the patient's own moment of the sending hours."""
    hours = sending_hours.of(person)
    tomorrow = calendar.local_day(now, hours.zone) + calendar.ONE_DAY
    return hours.spread(tomorrow, str(person.pk))


def not_now(
    message: Message, days: Calendar, now: datetime
) -> tuple[datetime, str] | None:
    """Until when a message waits that is not even claimed, and what is said of it."""
    person = message.request.person
    if person.is_on_hold:
        return sending_hours.resumes_at(person, days) or now, ON_HOLD
    hours = days.hours(person)
    if message.kind == Kind.SAFETY:
        hours = hours.every_day
    return None if hours.contains(now) else (hours.next_opening(now), message.error)
