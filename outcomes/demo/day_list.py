"""The schedules of today and tomorrow: who comes, so that the first page has a morning.

Taken in as a clinic's own file would be, once everybody else's rows stand.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from clinic import audit
from outcomes.demo.records import Workplace
from outcomes.models import FollowUp
from patients.appointments import importing, mapping
from patients.appointments.draft import Draft
from patients.appointments.importing import Told
from patients.models import Appointment, Patient, RedFlag, Study
from plans.models import NEEDLE, Intervention, Plan

Status, Kind = Appointment.Status, Appointment.Kind
# When each comes, in minutes after midnight, and for how long.
SLOTS = (500, 530, 560, 600, 640, 690, 720, 790, 830, 870, 910, 950)
MINUTES = 30
# Known to the schedule and to nobody here.
STRANGER = "N-20418"


@dataclass(frozen=True, slots=True)
class Visit:
    mrn: str
    what: str
    kind: str = Kind.VISIT
    # Where it is not told by the time of day.
    status: str = ""


def take(place: Workplace) -> None:
    today = place.moment.today
    for day, visits in (
        (today, todays(place)),
        (today + timedelta(days=1), tomorrows(place)),
    ):
        rows = [
            told(place, day, number, visit)
            for number, visit in enumerate(visits[: len(SLOTS)])
        ]
        importing.take_in(
            place.clinic,
            rows,
            by=audit.SYSTEM,
            source=mapping.SOURCE,
            takes_unknown=True,
        )


def told(place: Workplace, day: date, number: int, visit: Visit) -> Told:
    hour, minute = divmod(SLOTS[number], 60)
    starts_at = place.moment.at(day, hour, minute)
    ends_at = starts_at + timedelta(minutes=MINUTES)
    name = f"{day:%m%d}-{number + 1:02d}"
    providers = place.providers
    draft = Draft(
        identifier=name,
        mrn=visit.mrn,
        starts_at=starts_at,
        ends_at=ends_at,
        status=visit.status or status(place, starts_at, ends_at),
        kind=visit.kind,
        description=visit.what,
        practitioner=providers[number % len(providers)].email,
    )
    return Told(number + 1, name, draft)


def status(place: Workplace, starts_at: datetime, ends_at: datetime) -> str:
    if place.moment.now < starts_at:
        return Status.BOOKED
    return Status.ARRIVED if place.moment.now < ends_at else Status.FULFILLED


def todays(place: Workplace) -> list[Visit]:
    """Procedures first thing, then who has something waiting, then the others."""
    treated = list(procedures(place, place.moment.today))
    others = asked(place).exclude(mrn__in=[visit.mrn for visit in treated])
    chosen = once(
        [
            *treated,
            *some(flagged(place), 1, "Urgent visit, weakness"),
            *some(others, 2, "Follow-up visit"),
            *some(with_result(place), 1, "MRI result"),
            *some(unconfirmed(place), 1, "Check after the injection"),
            *some(quiet(place), 3, "Physical therapy review"),
            *repeats(place),
        ]
    )
    new = Visit(STRANGER, "New patient, knee")
    gone = [
        Visit(visit.mrn, visit.what, visit.kind, Status.CANCELLED)
        for visit in once([*chosen, *some(quiet(place), 5, "Follow-up visit")])
        if visit not in chosen
    ]
    return [*chosen[: len(SLOTS) - 2], new, *gone[:1]]


def tomorrows(place: Workplace) -> list[Visit]:
    tomorrow = place.moment.today + timedelta(days=1)
    return once(
        [
            *procedures(place, tomorrow),
            *some(quiet(place).reverse(), 5, "Follow-up visit"),
        ]
    )


def once(visits: list[Visit]) -> list[Visit]:
    """Nobody comes twice."""
    return list({visit.mrn: visit for visit in reversed(visits)}.values())[::-1]


def some(people: QuerySet[Patient], most: int, what: str) -> Iterator[Visit]:
    for patient in people[:most]:
        yield Visit(patient.mrn, what)


def procedures(place: Workplace, day: date) -> Iterator[Visit]:
    planned = Intervention.objects.filter(
        clinic=place.clinic,
        planned_on=day,
        status=Intervention.Status.PLANNED,
        modality__in=NEEDLE,
        plan__status=Plan.Status.ACTIVE,
    )
    patient = "plan__complaint__patient"
    for each in planned.select_related(patient).order_by(f"{patient}__mrn", "pk"):
        yield Visit(each.plan.complaint.patient.mrn, each.title, Kind.PROCEDURE)


def repeats(place: Workplace) -> Iterator[Visit]:
    """Booked by the front desk, and no plan knows of it yet."""
    for patient in quiet(place).reverse()[5:6]:
        yield Visit(patient.mrn, "Repeat injection, left knee", Kind.PROCEDURE)


def here(place: Workplace) -> QuerySet[Patient]:
    """Who is still in follow-up, in the order of their numbers."""
    found = Patient.objects.filter(
        clinic=place.clinic, withdrawn_on=None, deceased_on=None, merged_into=None
    )
    return found.order_by("mrn")


def flagged(place: Workplace) -> QuerySet[Patient]:
    flags = RedFlag.objects.filter(clinic=place.clinic, state=RedFlag.State.OPEN)
    return here(place).filter(pk__in=flags.values("patient"))


def asked(place: Workplace) -> QuerySet[Patient]:
    rows = FollowUp.objects.filter(clinic=place.clinic, state__in=FollowUp.ASKED)
    return here(place).filter(pk__in=rows.values("patient"))


def with_result(place: Workplace) -> QuerySet[Patient]:
    studies = Study.objects.filter(clinic=place.clinic, state=Study.State.RECEIVED)
    return here(place).filter(pk__in=studies.values("complaint__patient"))


def unconfirmed(place: Workplace) -> QuerySet[Patient]:
    past = Intervention.objects.filter(
        clinic=place.clinic,
        planned_on__lt=place.moment.today,
        status=Intervention.Status.PLANNED,
        modality__in=NEEDLE,
        plan__status=Plan.Status.ACTIVE,
    )
    return here(place).filter(pk__in=past.values("plan__complaint__patient"))


def quiet(place: Workplace) -> QuerySet[Patient]:
    """Nothing waits on them today."""
    active = Plan.objects.filter(clinic=place.clinic, status=Plan.Status.ACTIVE)
    found = here(place).filter(pk__in=active.values("complaint__patient"))
    for others in (flagged, asked, with_result, unconfirmed):
        found = found.exclude(pk__in=others(place).values("pk"))
    return found
