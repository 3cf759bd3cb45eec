"""Random protocols and patients, and what the engine then does for them."""

import dataclasses
import random
from collections.abc import Callable
from datetime import datetime, time, timedelta
from uuid import UUID

from django.db.models import Min

from clinic import audit, clock
from clinic.models import Clinic, ClosedDay
from outcomes.follow_ups.engine import due
from outcomes.follow_ups.planning import calendar
from outcomes.models import FollowUp, Message, StaffTask
from outcomes.simulator.staging import Pretended
from patients.models import Patient
from patients.record import consents
from plans.course import interventions, starting
from plans.models import (
    Intervention,
    Plan,
    Protocol,
    ProtocolStep,
    ReminderRung,
    Timepoint,
)
from plans.protocols import yearly
from tests import factories

MoveClock = Callable[[datetime], None]
ZONES = (
    *("America/Chicago", "America/New_York", "Pacific/Honolulu", "America/St_Johns"),
    *("Europe/London", "Asia/Kathmandu", "Pacific/Auckland", "Australia/Lord_Howe"),
)
REACHES = (("email",), ("sms",), ("email", "sms"), ("sms", "email"), ())
CHANNELS = ("preferred", "sms", "other", "email", "call", "sms")


def clinic_with_closed_days(chance: random.Random) -> Clinic:
    clinic = factories.make_clinic(
        sends_from="09:00", sends_until="19:00", sms_sender="+13125550100"
    )
    today = clock.today(clinic.zone)
    days = {today + timedelta(days=chance.randrange(700)) for _ in range(60)}
    for _ in range(4):
        first = today + timedelta(days=chance.randrange(700))
        days |= {first + timedelta(days=n) for n in range(chance.randint(5, 45))}
    ClosedDay.objects.bulk_create(ClosedDay(clinic=clinic, day=day) for day in days)
    return clinic


def protocol(clinic: Clinic, number: int, chance: random.Random) -> Protocol:
    made = bare(clinic, number, chance.choice(["index_procedure", "plan_start"]))
    points = _points(made, chance)
    if number % 4 == 0:
        points += _years(made, points)
    Timepoint.objects.bulk_create(points)
    ReminderRung.objects.bulk_create(_rungs(made, chance))
    return made


def bare(clinic: Clinic, number: int, anchor: str) -> Protocol:
    """One that asks nothing."""
    made = Protocol.objects.create(
        clinic=clinic,
        key=f"random-{number}",
        version=1,
        title=f"Random {number}",
        modality="prp",
        summary="Made by chance.",
        anchor=anchor,
        sha256="0" * 64,
    )
    ProtocolStep.objects.create(
        clinic=clinic,
        protocol=made,
        position=1,
        key="step",
        title="The procedure",
        modality="prp",
        offset_days=0,
        is_index=made.anchor == "index_procedure",
    )
    return made


def _points(made: Protocol, chance: random.Random) -> list[Timepoint]:
    points = []
    for number in range(chance.randint(1, 8)):
        offset = chance.choice([1, 3, 7, 14, 28, 30, 42, 60, 90, 182, 365, 720])
        early, late = chance.randint(0, min(offset, 20)), chance.randint(0, 40)
        points.append(
            Timepoint(
                clinic_id=made.clinic_id,
                protocol=made,
                key=f"t{number}",
                label=f"Point {number}",
                offset_days=offset,
                open_day=offset - early,
                close_day=offset + late,
                ask_day=chance.randint(offset - early, offset + late),
                is_safety=offset < 14 and chance.random() < 0.5,
                purpose="to see",
            )
        )
    return points


def _years(made: Protocol, points: list[Timepoint]) -> list[Timepoint]:
    until = yearly.first_year(points) + 2
    return [
        Timepoint(
            clinic_id=made.clinic_id,
            protocol=made,
            is_yearly=True,
            **dataclasses.asdict(each),
        )
        for each in yearly.tail(points, until)
    ]


def _rungs(made: Protocol, chance: random.Random) -> list[ReminderRung]:
    rungs = []
    for is_safety in (False, True):
        days = sorted(chance.choices(range(26), k=chance.randint(0, 6)))
        steps = [(day, chance.choice(CHANNELS)) for day in days]
        if chance.random() < 0.5:
            steps.append((chance.randint(1, 5), "rescue"))
        rungs += [
            ReminderRung(
                clinic_id=made.clinic_id,
                protocol=made,
                is_safety=is_safety,
                position=position,
                after_days=day,
                channel=channel,
            )
            for position, (day, channel) in enumerate(steps, start=1)
        ]
    return rungs


def patient(clinic: Clinic, chance: random.Random) -> tuple[Patient, Pretended]:
    channels = chance.choice(REACHES)
    has_number = "sms" in channels or chance.random() < 0.7
    wants_call = chance.random() < 0.1
    prefers_call = wants_call and has_number
    prefers = "phone" if wants_call else (channels or ("email",))[0]
    if wants_call:
        # No way of writing is preferred: the product's own order.
        channels = tuple(sorted(channels))
    made = factories.make_patient(
        clinic,
        zone=chance.choice(ZONES),
        phone="+13125550123" if has_number else "",
        may_contact="email" in channels,
        preferred_channel=prefers,
    )
    if "sms" in channels:
        consents.give(made, by=audit.SYSTEM, scope="sms")
    made.refresh_from_db()
    today = clock.today(made.zone)
    return made, Pretended(
        zone=made.zone,
        channels=channels,
        prefers_call=prefers_call,
        started_on=today,
        procedure_on=today + timedelta(days=chance.randint(0, 40)),
        seed=str(made.pk),
    )


def start(made: Patient, followed: Protocol, who: Pretended) -> Plan:
    complaint = factories.make_complaint(made)
    is_anchored = followed.anchor == "index_procedure"
    return starting.start(
        complaint,
        protocol=followed,
        by=audit.SYSTEM,
        started_on=who.started_on,
        **({"procedure_on": who.procedure_on} if is_anchored else {}),
    )


def run(plan: Plan, until: datetime, move_clock: MoveClock) -> None:
    """The engine at every moment for which it has put something down."""
    patient_id = plan.complaint.patient_id
    procedure = plan.interventions.filter(is_index=True).first()
    for _ in range(2000):
        waiting = FollowUp.objects.filter(
            patient=patient_id, next_action_at__isnull=False
        )
        at = waiting.aggregate(first=Min("next_action_at"))["first"]
        is_planned = procedure is not None and procedure.performed_on is None
        if is_planned and (at is None or _has_come(procedure, plan, at)):
            procedure = _perform(procedure, plan, move_clock)
            continue
        if at is None or at > until:
            return
        move_clock(max(at, clock.now()))
        due.advance([patient_id], clock.now())
        _sent(patient_id)
    raise AssertionError("the engine does not come to an end")


def _sent(patient_id: UUID) -> None:
    """As a mail server that takes everything at once would have it."""
    queued = Message.objects.filter(request__patient=patient_id, state="queued")
    queued.update(
        state=Message.State.ACCEPTED, next_attempt_at=None, accepted_at=clock.now()
    )


def _has_come(procedure: Intervention, plan: Plan, at: datetime) -> bool:
    day = clock.day_of(at, plan.complaint.patient.time_zone)
    return day >= procedure.planned_on


def _perform(procedure: Intervention, plan: Plan, move_clock: MoveClock):
    """Before anything else of its day; all of the day before has been looked at."""
    zone = plan.complaint.patient.time_zone
    begun = calendar.moment(procedure.planned_on, time(0, 1), zone)
    move_clock(max(begun, clock.now()))
    return interventions.perform(
        procedure, performed_on=procedure.planned_on, by=audit.SYSTEM
    )


def done(plan: Plan) -> list[tuple[datetime, str, str, str]]:
    """Messages and calls, as the simulator tells them.

    Who has no number is to be reached otherwise, when they would have been called.
    """
    patient_id = plan.complaint.patient_id
    messages = Message.objects.filter(request__patient=patient_id)
    kinds = StaffTask.TO_PATIENT
    calls = StaffTask.objects.filter(patient=patient_id, kind__in=kinds)
    found = [
        (one.created_at, one.kind, one.channel, _rung(one.rung)) for one in messages
    ]
    found += [(one.created_at, "call", "", one.rung) for one in calls]
    return sorted(found)


def _rung(name: str) -> str:
    """Without the number by which a repeated one is told apart."""
    head, _, tail = name.rpartition("-")
    return head if head and tail.isdigit() else name
