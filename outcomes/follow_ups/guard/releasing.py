"""What waits while messages are paused, and how it is let go: spread, never at once."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from clinic.models import Clinic
from outcomes.follow_ups.guard import health
from outcomes.follow_ups.planning import calendar, sending_hours
from outcomes.follow_ups.planning.calendar import SendingHours
from outcomes.models import FollowUp, Message
from patients.models import Patient

# In minutes of sending time.
SPREADS = (
    (30, "30 minutes"),
    (60, "1 hour"),
    (120, "2 hours"),
    (240, "4 hours"),
    (480, "8 hours"),
)
USUAL = 120
# Who cannot wait goes within the first of them.
FIRST = 30
# SQLite takes 999 parameters at least.
IDS_AT_ONCE = 500
URGENT_KINDS = (Message.Kind.SAFETY, Message.Kind.NEW_LINK)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What would go if messages were not paused."""

    # Patients with something to be asked, and surveys with a reminder due.
    invitations: int
    reminders: int
    messages: int

    @property
    def in_words(self) -> str:
        """Such as "214 invitations and 31 messages wait"."""
        counts = (
            (self.invitations, "invitation"),
            (self.reminders, "reminder"),
            (self.messages, "message"),
        )
        parts = [counted(number, noun) for number, noun in counts if number]
        if not parts:
            return "nothing waits"
        *others, last = parts
        listed = f"{', '.join(others)} and {last}" if others else last
        is_one = self.invitations + self.reminders + self.messages == 1
        return f"{listed} {'waits' if is_one else 'wait'}"


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def waiting(clinic: Clinic, now: datetime) -> Waiting:
    rows = due_rows(clinic, now)
    return Waiting(
        invitations=patients_of(rows.filter(state=FollowUp.State.PLANNED)),
        reminders=patients_of(rows.filter(state__in=FollowUp.ASKED)),
        messages=health.waiting(Message.objects.filter(clinic=clinic)).count(),
    )


def patients_of(rows: QuerySet[FollowUp]) -> int:
    # Counted here: DISTINCT has SQLite walk all rows along the patients' index.
    return len(set(rows.order_by().values_list("patient_id", flat=True)))


def due_rows(clinic: Clinic, now: datetime) -> QuerySet[FollowUp]:
    return FollowUp.objects.filter(clinic=clinic, next_action_at__lte=now)


def due_messages(clinic: Clinic, now: datetime) -> QuerySet[Message]:
    return Message.objects.filter(
        clinic=clinic, next_attempt_at__lte=now, state__in=Message.CLAIMABLE
    )


@dataclass(slots=True)
class _Person:
    """All that waits for one patient, which goes at one moment."""

    follow_ups: list[UUID] = field(default_factory=list)
    messages: list[UUID] = field(default_factory=list)
    # The first day on which something closes; None where nothing does.
    closes_on: date | None = None
    is_urgent: bool = False
    has_safety: bool = False


def spread_waiting(clinic: Clinic, minutes: int, now: datetime) -> dict[str, int]:
    """Give each patient a moment of the coming sending time; how many rows moved."""
    people = _people(clinic, now)
    follow_ups: dict[datetime, list[UUID]] = defaultdict(list)
    messages: dict[datetime, list[UUID]] = defaultdict(list)
    for patient, hours in _with_hours(clinic, people):
        person = people[patient.pk]
        at = _moment_for(person, str(patient.pk), hours, minutes, now)
        follow_ups[at] += person.follow_ups
        messages[at] += person.messages
    rows, waiting = due_rows(clinic, now), due_messages(clinic, now)
    return {
        "follow_ups": _move(
            follow_ups,
            lambda ids, at: rows.filter(pk__in=ids).update(next_action_at=at),
        ),
        "messages": _move(
            messages,
            lambda ids, at: waiting.filter(pk__in=ids).update(next_attempt_at=at),
        ),
    }


def _people(clinic: Clinic, now: datetime) -> dict[UUID, _Person]:
    """By the record that is kept, where two were merged."""
    people: dict[UUID, _Person] = defaultdict(_Person)
    yesterday = calendar.local_day(now, clinic.zone) - calendar.ONE_DAY
    # What has closed ends without a message, so it need not wait.
    rows = due_rows(clinic, now).filter(closes_on__gte=yesterday).order_by()
    who = Coalesce("patient__merged_into", "patient")
    for kept, pk, closes_on, is_safety in rows.values_list(
        who, "pk", "closes_on", "is_safety"
    ):
        person = people[kept]
        person.follow_ups.append(pk)
        person.closes_on = min(person.closes_on or closes_on, closes_on)
        person.has_safety |= is_safety
    who = Coalesce("request__patient__merged_into", "request__patient")
    for kept, pk, kind in due_messages(clinic, now).values_list(who, "pk", "kind"):
        people[kept].messages.append(pk)
        people[kept].is_urgent |= kind in URGENT_KINDS
    return people


def _with_hours(
    clinic: Clinic, people: Iterable[UUID]
) -> Iterable[tuple[Patient, SendingHours]]:
    hours, ids = sending_hours.Calendar.of(clinic), list(people)
    for start in range(0, len(ids), IDS_AT_ONCE):
        batch = Patient.objects.filter(pk__in=ids[start : start + IDS_AT_ONCE])
        for patient in batch.only("zone", "location_id", "clinic_id"):
            patient.clinic = clinic
            yield patient, hours.hours(patient)


def _moment_for(
    person: _Person, seed: str, hours: SendingHours, minutes: int, now: datetime
) -> datetime:
    hours = hours.every_day if person.has_safety else hours
    first = min(FIRST, minutes)
    if person.has_safety or person.is_urgent:
        return moment(seed, hours, first, now)
    at = moment(seed, hours, minutes, now)
    closes_on = person.closes_on
    if closes_on and at >= calendar.end_of(closes_on, hours.zone):
        # Late, it would not be asked at all.
        return moment(seed, hours, first, now)
    return at


def moment(seed: str, hours: SendingHours, minutes: int, now: datetime) -> datetime:
    """A minute of the sending hours to come, the same one for the same seed."""
    share = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4]) / 2**32
    left = timedelta(minutes=int(share * minutes))
    at = hours.next_opening(now)
    while at + left >= (closing := _closing(hours, at)):
        left -= closing - at
        at = hours.next_opening(closing)
    return at + left


def _closing(hours: SendingHours, at: datetime) -> datetime:
    day = calendar.local_day(at, hours.zone)
    if hours.is_full_day:
        return calendar.end_of(day, hours.zone)
    return calendar.moment(day, hours.sends_until, hours.zone)


def _move(
    ids_at: dict[datetime, list[UUID]], update: Callable[[list[UUID], datetime], int]
) -> int:
    return sum(
        update(ids[start : start + IDS_AT_ONCE], at)
        for at, ids in ids_at.items()
        for start in range(0, len(ids), IDS_AT_ONCE)
    )
