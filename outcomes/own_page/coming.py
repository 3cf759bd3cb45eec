"""What is next for a patient, and when: visits, procedure days, the next questions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from outcomes.models import FollowUp
from outcomes.survey import texts
from patients.models import Appointment, Patient
from plans.models import Intervention, Plan

# Later ones come closer by themselves.
SHOWN = 4


@dataclass(frozen=True, slots=True)
class Next:
    on: date
    # By day, then visits before questions.
    rank: int
    name: str
    day: str


@dataclass(frozen=True, slots=True)
class Rows:
    """Read once, and told in as many languages as wanted."""

    appointments: Sequence[Appointment]
    procedures: Sequence[date]
    asked_on: Sequence[date]
    zone: str


def read(person: Patient, record_ids: Sequence[UUID], *, at: datetime) -> Rows:
    """Three queries. A planned day that has a booked visit is told as the visit."""
    zone = person.clinic.zone
    today = at.astimezone(ZoneInfo(person.time_zone)).date()
    booked = list(
        Appointment.objects.filter(
            patient__in=record_ids,
            status__in=(Appointment.Status.BOOKED, Appointment.Status.ARRIVED),
            starts_at__gte=at,
        )
        .select_related("location")
        .order_by("starts_at", "pk")[:SHOWN]
    )
    visit_days = {each.day for each in booked}
    planned = (
        Intervention.objects.filter(
            plan__complaint__patient__in=record_ids,
            plan__status__in=Plan.RUNNING,
            status=Intervention.Status.PLANNED,
            is_index=True,
            planned_on__gte=today,
        )
        .order_by("planned_on")
        .values_list("planned_on", flat=True)
    )
    asked = (
        FollowUp.objects.filter(FollowUp.WAITS_FOR_PATIENT, patient__in=record_ids)
        # Without a next look the day is not known: it waits for a procedure.
        .filter(next_action_at__isnull=False, due_on__gte=today)
        .order_by("due_on")
        .values_list("due_on", flat=True)
        .distinct()
    )
    return Rows(
        appointments=booked,
        procedures=[day for day in planned if day and day not in visit_days],
        asked_on=list(asked[:SHOWN]),
        zone=zone,
    )


def in_words(rows: Rows, language: str) -> list[Next]:
    """The next few in the order of their days."""
    found = [_visit(each, rows.zone, language) for each in rows.appointments]
    for day in rows.procedures:
        words = texts.say("next_procedure", language)
        found.append(Next(day, 1, words, texts.day(day, language)))
    for day in rows.asked_on:
        words = texts.say("next_questions", language)
        around = texts.say("next_around", language, day=texts.day(day, language))
        found.append(Next(day, 2, words, around))
    return sorted(found, key=lambda each: (each.on, each.rank))[:SHOWN]


def _visit(booked: Appointment, zone: str, language: str) -> Next:
    """Its time is the clinic's, where the patient has to be."""
    begins = booked.starts_at.astimezone(ZoneInfo(zone))
    is_procedure = booked.kind == Appointment.Kind.PROCEDURE
    name = texts.say("next_procedure" if is_procedure else "next_visit", language)
    if booked.location is not None:
        name = f"{name}, {booked.location.name}"
    when = texts.say(
        "next_at",
        language,
        weekday=texts.say(f"weekday_{begins.weekday()}", language),
        day=texts.day(begins.date(), language),
        time=_clock(begins),
    )
    return Next(begins.date(), 0, name, when)


def _clock(moment: datetime) -> str:
    """Such as 2:30 PM, as both languages write it here."""
    half = "AM" if moment.hour < 12 else "PM"
    return f"{moment.hour % 12 or 12}:{moment.minute:02} {half}"
