"""Who comes on a day, and what each of them still lacks.

Appointments are the day's list; procedures that a plan has for the day stand beside
them, so that the list is of use without a schedule from elsewhere.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet

from clinic import clock
from clinic.models import User
from outcomes.baselines import missing
from outcomes.models import FollowUp, Intake, Score
from patients.models import Appointment, Patient, RedFlag, Study
from plans.course import confirmation, exposure
from plans.models import NEEDLE, Intervention, Plan

State = FollowUp.State
WHOSE = ("patient__clinic", "patient__merged_into__clinic")


class Sign(StrEnum):
    """What stands at a row's end; the first are the most pressing."""

    RED_FLAG = "red flag open"
    NO_BASELINE = "no baseline"
    SURVEY_OPEN = "survey open"
    TO_CONFIRM = "procedure to confirm"
    NO_REVIEW = "result not reviewed"
    NO_INTAKE_REVIEW = "intake not reviewed"
    BASELINE_IN = "baseline in"
    ANSWERED = "answered today"

    @property
    def tone(self) -> str:
        return _TONES.get(self, "")

    @property
    def is_lack(self) -> bool:
        return self not in (Sign.BASELINE_IN, Sign.ANSWERED)


_TONES = {
    Sign.RED_FLAG: "bad",
    Sign.NO_BASELINE: "warn",
    Sign.SURVEY_OPEN: "warn",
    Sign.TO_CONFIRM: "warn",
    Sign.BASELINE_IN: "ok",
    Sign.ANSWERED: "ok",
}


@dataclass(slots=True)
class Person:
    """What is known of one patient for the day, over all records of theirs."""

    patient: Patient
    signs: set[Sign] = field(default_factory=set)
    needles: list[Intervention] = field(default_factory=list)
    # The baseline to take today, and a survey that can be answered now.
    baseline: FollowUp | None = None
    survey: FollowUp | None = None
    is_scored: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    at: datetime | None
    what: str
    who_with: str
    # Whom nobody has registered is known by number alone.
    mrn: str
    appointment: Appointment | None
    person: Person | None
    is_procedure: bool

    @property
    def patient(self) -> Patient | None:
        return self.person.patient if self.person else None

    @property
    def signs(self) -> list[Sign]:
        """In the order of their urgency; a baseline counts where a needle comes."""
        if self.person is None:
            return []
        found = {*self.person.signs}
        if not self.is_procedure:
            found -= {Sign.BASELINE_IN}
        elif not found & {Sign.NO_BASELINE, Sign.BASELINE_IN}:
            is_in = self.person.is_scored
            found.add(Sign.BASELINE_IN if is_in else Sign.NO_BASELINE)
        return [sign for sign in Sign if sign in found]

    @property
    def lacks_something(self) -> bool:
        return any(sign.is_lack for sign in self.signs)


@dataclass(frozen=True, slots=True)
class Baselines:
    """Of a day's procedures, how many have an answer to compare with."""

    present: int
    procedures: int

    @property
    def percent(self) -> int | None:
        if not self.procedures:
            return None
        return round(100 * self.present / self.procedures)


@dataclass(frozen=True, slots=True)
class Day:
    on: date
    lines: list[Line]
    has_schedule: bool

    @property
    def patients(self) -> list[Patient]:
        return [line.patient for line in self.lines if line.patient is not None]

    @property
    def lacking(self) -> int:
        return sum(line.lacks_something for line in self.lines)

    @property
    def baselines(self) -> Baselines:
        """Each person once, however many appointments they have."""
        signs: dict[UUID | str, Collection[Sign]] = {
            line.patient.pk if line.patient else line.mrn: line.signs
            for line in self.lines
            if line.is_procedure
        }
        present = sum(Sign.BASELINE_IN in found for found in signs.values())
        return Baselines(present, len(signs))


def read(user: User, day: date) -> Day:
    """In four queries, however many come."""
    booked = list(appointments(user, day))
    planned = list(needles(user, day))
    people = records(user, day, booked, planned)
    for intervention in planned:
        person = people.get(intervention.plan.complaint.patient.kept_id)
        if person is not None:
            person.needles.append(intervention)
    for follow_up in follow_ups(user, day, people):
        look_at(people[follow_up.patient_id], follow_up, day)
    for person in kept(people.values()):
        judge(person)
    lines = [line_of(row, people) for row in booked]
    lines += unscheduled(kept(people.values()), booked)
    return Day(day, sorted(lines, key=_order), bool(booked))


def _order(line: Line) -> tuple[bool, float, str]:
    at = line.at.timestamp() if line.at else 0
    return line.at is None, at, str(line.patient or line.mrn)


def kept(people: Iterable[Person]) -> list[Person]:
    """Each once, though several records lead to them."""
    return list({person.patient.pk: person for person in people}.values())


def appointments(user: User, day: date) -> QuerySet[Appointment]:
    visible: QuerySet[Appointment] = Appointment.objects.visible_to(user)
    coming = visible.filter(day=day, status__in=Appointment.COMES)
    return coming.select_related(*WHOSE, "practitioner").order_by("starts_at", "pk")


def needles(user: User, day: date) -> QuerySet[Intervention]:
    """What plans have for the day, planned or done, each with whether it is scored."""
    visible: QuerySet[Intervention] = Intervention.objects.visible_to(user)
    is_planned = Q(
        status=Intervention.Status.PLANNED,
        planned_on=day,
        plan__status=Plan.Status.ACTIVE,
    )
    is_done = Q(status=Intervention.Status.PERFORMED, performed_on=day)
    of_complaint = Score.objects.filter(complaint=OuterRef("plan__complaint"))
    patient = "plan__complaint__patient"
    return (
        visible.filter(is_planned | is_done, modality__in=NEEDLE)
        .annotate(is_scored=Exists(counting(of_complaint, day)))
        .select_related(f"{patient}__clinic", f"{patient}__merged_into__clinic")
        .order_by("planned_on", "pk")
    )


def counting(scores: QuerySet[Score], day: date) -> QuerySet[Score]:
    """As a baseline for a procedure of that day, from whatever source."""
    return scores.filter(
        measure__is_asked_at_baseline=True,
        measured_on__gte=day - exposure.BASELINE_FOR,
        measured_on__lte=day,
    )


def records(
    user: User,
    day: date,
    booked: Iterable[Appointment],
    planned: Iterable[Intervention],
) -> dict[UUID, Person]:
    """Every record of those who come, with what waits on it; one query."""
    ids = {row.patient.kept_id for row in booked if row.patient}
    ids |= {each.plan.complaint.patient.kept_id for each in planned}
    visible: QuerySet[Patient] = Patient.objects.visible_to(user)
    found = (
        visible.filter(Q(pk__in=ids) | Q(merged_into__in=ids))
        .select_related("clinic", "merged_into__clinic")
        .annotate(**waiting(user, day))
        .order_by("merged_into", "pk")
    )
    people: dict[UUID, Person] = {}
    for record in list(found):
        whole = people.get(record.kept_id) or Person(record.kept)
        people[record.kept_id] = people[record.pk] = whole
        whole.signs |= {sign for sign, name in ASKED.items() if getattr(record, name)}
        whole.is_scored |= record.is_scored  # type: ignore[attr-defined]
    return people


ASKED = {
    Sign.RED_FLAG: "has_flag",
    Sign.NO_REVIEW: "has_result",
    Sign.NO_INTAKE_REVIEW: "has_intake",
    Sign.TO_CONFIRM: "has_unconfirmed",
}


def waiting(user: User, day: date) -> dict[str, Exists]:
    """What nobody has looked at; each reads only what the user's role may."""
    own = OuterRef("pk")
    flags = RedFlag.objects.visible_to(user).filter(state=RedFlag.State.OPEN)
    results = Study.objects.visible_to(user).filter(state=Study.State.RECEIVED)
    intakes = Intake.objects.visible_to(user).filter(state__in=Intake.WAITING)
    past = confirmation.past_their_day(
        Intervention.objects.visible_to(user), zone_of(user), clock.now()
    )
    return {
        "has_flag": Exists(flags.filter(patient=own)),
        "has_result": Exists(results.filter(complaint__patient=own)),
        "has_intake": Exists(intakes.filter(patient=own)),
        "has_unconfirmed": Exists(past.filter(plan__complaint__patient=own)),
        # Whether there is one is no answer: the desk sees as much on the worklist.
        "is_scored": Exists(counting(Score.objects.filter(patient=own), day)),
    }


def zone_of(user: User) -> str:
    return user.membership.clinic.zone if user.membership else "UTC"


def follow_ups(user: User, day: date, people: Collection[UUID]) -> QuerySet[FollowUp]:
    """Baselines that can be taken, surveys that are open, and what came in that day."""
    visible: QuerySet[FollowUp] = FollowUp.objects.visible_to(user)
    begin = datetime.combine(day, time(), ZoneInfo(zone_of(user)))
    is_baseline = FollowUp.WAITS_FOR_PATIENT & Q(
        is_baseline=True,
        opens_on__lte=day,
        closes_on__gte=day,
        state__in=[s for s in missing.CAPTURABLE if s != State.EXPIRED],
    )
    is_open = FollowUp.WAITS_FOR_PATIENT & Q(
        state__in=FollowUp.ASKED, closes_on__gte=day
    )
    # The patient's part: what the clinic still owes makes no survey of it.
    is_answered = Q(answered_at__gte=begin, answered_at__lt=begin + timedelta(days=1))
    return (
        visible.filter(is_baseline | is_open | is_answered, patient__in=people)
        .select_related("episode__plan")
        .order_by("closes_on", "pk")
    )


def look_at(person: Person, row: FollowUp, day: date) -> None:
    if row.is_answered:
        person.signs.add(Sign.ANSWERED)
        return
    plan = row.episode.plan
    is_for_today = any(needle.plan_id == plan.pk for needle in person.needles)
    if row.is_baseline and (is_for_today or plan.started_on == day):
        person.baseline = person.baseline or row
    if row.state in FollowUp.ASKED:
        person.survey = person.survey or row
        person.signs.add(Sign.SURVEY_OPEN)


def judge(person: Person) -> None:
    """A baseline is wanted of each needle of the day, and of a plan that begins."""
    lacking = [
        needle
        for needle in person.needles
        if not needle.is_scored  # type: ignore[attr-defined]
    ]
    if person.needles:
        person.signs.add(Sign.NO_BASELINE if lacking else Sign.BASELINE_IN)
    elif person.baseline is not None and not person.is_scored:
        person.signs.add(Sign.NO_BASELINE)
    if Sign.NO_BASELINE not in person.signs:
        person.baseline = None
    elif person.survey is not None and person.survey == person.baseline:
        # The same questions: one word, and the quicker way to answer them.
        person.signs.discard(Sign.SURVEY_OPEN)


def line_of(row: Appointment, people: dict[UUID, Person]) -> Line:
    person = people.get(row.patient.kept_id) if row.patient else None
    needles = person.needles if person else []
    return Line(
        at=row.starts_at,
        what=row.description or ", ".join(each.title for each in needles),
        who_with=row.practitioner.name if row.practitioner else row.practitioner_name,
        mrn=row.mrn,
        appointment=row,
        person=person,
        is_procedure=row.kind == Appointment.Kind.PROCEDURE or bool(needles),
    )


def unscheduled(people: Iterable[Person], booked: Iterable[Appointment]) -> list[Line]:
    """Whom a plan has for the day and the schedule has not."""
    here: set[UUID] = {row.patient.kept_id for row in booked if row.patient}
    return [
        Line(
            at=None,
            what=", ".join(each.title for each in person.needles),
            who_with="",
            mrn=person.patient.mrn,
            appointment=None,
            person=person,
            is_procedure=True,
        )
        for person in people
        if person.needles and person.patient.pk not in here
    ]
