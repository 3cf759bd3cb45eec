"""All that the sheets about one patient say, read at once."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from clinic import clock
from clinic.models import User
from outcomes.alerts import why
from outcomes.baselines import missing
from outcomes.dashboards import facts
from outcomes.dashboards.one_patient import side_by_side
from outcomes.models import Alert, Episode, FollowUp, Intake, Score
from patients.models import (
    Appointment,
    Complaint,
    Evaluation,
    Patient,
    RedFlag,
)
from plans.course import confirmation
from plans.models import AdverseEvent, Goal, Intervention, Plan, TreatmentElsewhere

LONG_AGO = date.min


@dataclass(frozen=True, slots=True)
class Treated:
    """One complaint with what was done about it and what was answered, in time order.

    `performed` and `elsewhere` are in the order of their days, `planned` likewise.
    """

    complaint: Complaint
    episode: Episode | None
    scores: Sequence[Score]
    goals: Sequence[Goal]
    performed: Sequence[Intervention]
    planned: Sequence[Intervention]
    elsewhere: Sequence[TreatmentElsewhere]

    @property
    def last_answer(self) -> date:
        return self.scores[-1].measured_on if self.scores else LONG_AGO


@dataclass(frozen=True, slots=True)
class Person:
    patient: Patient
    today: date
    record_ids: Sequence[UUID]
    # Open ones first, and of those what was answered last.
    treated: Sequence[Treated]
    flags: Sequence[RedFlag]
    alerts: Sequence[Alert]
    harms: Sequence[AdverseEvent]
    intakes: Sequence[Intake]
    follow_ups: Sequence[FollowUp]
    appointments: Sequence[Appointment]
    # Needles that are about to come without an answer to compare with.
    lacking_baseline: frozenset[UUID]

    @property
    def to_confirm(self) -> list[Intervention]:
        """What was planned and is past its day; nobody has said whether it was done."""
        return [
            each
            for one in self.treated
            for each in one.planned
            if confirmation.is_past_its_day(each, self.today)
        ]


def read(user: User, patient: Patient) -> Person:
    """As many queries whatever the patient had, and two a needle that is to come.

    The patient must be the record that is kept, with their clinic at hand.
    """
    ids = patient.record_ids
    treated = _treated(user, patient, ids)
    flags = RedFlag.objects.visible_to(user).of_person(patient)
    alerts = Alert.objects.visible_to(user).filter(patient__in=ids).standing()
    harms = AdverseEvent.objects.visible_to(user).filter(patient__in=ids).open()
    waiting = Intake.objects.visible_to(user).filter(state__in=Intake.WAITING)
    return Person(
        patient=patient,
        today=clock.today(patient.time_zone),
        record_ids=ids,
        treated=treated,
        flags=list(flags.standing().for_pages()),
        alerts=list(alerts.awake().select_related(*why.SHOWN_WITH)),
        harms=list(harms.order_by("onset_on", "pk")),
        intakes=list(waiting.filter(patient__in=ids).order_by("asked_at")),
        follow_ups=_follow_ups(user, ids),
        appointments=_appointments(user, ids),
        lacking_baseline=_lacking_baseline(treated, clock.today(patient.time_zone)),
    )


def _treated(user: User, patient: Patient, ids: Sequence[UUID]) -> list[Treated]:
    scores = _scores(user, ids)
    found = []
    for complaint in _complaints(user, ids):
        # Saves a query a complaint: they are all this person's.
        complaint.patient = patient
        found.append(_one(complaint, scores[complaint.pk]))
    return sorted(
        found,
        key=lambda each: (
            each.complaint.closed_on is None,
            each.last_answer,
            each.complaint.opened_on,
        ),
        reverse=True,
    )


def _one(complaint: Complaint, scores: Sequence[Score]) -> Treated:
    plans = list(complaint.plans.all())
    each_done = [one for plan in plans for one in plan.interventions.all()]
    done = [e for e in each_done if e.status == Intervention.Status.PERFORMED]
    planned = [
        one
        for plan in plans
        if plan.status in Plan.RUNNING
        for one in plan.interventions.all()
        if one.status == Intervention.Status.PLANNED
    ]
    return Treated(
        complaint=complaint,
        episode=side_by_side.newest_episode(complaint)
        if complaint.episodes.all()
        else None,
        scores=scores,
        goals=[goal for plan in plans for goal in plan.goals.all()],
        performed=sorted(done, key=_day_of),
        planned=sorted(planned, key=_day_of),
        elsewhere=list(complaint.treatments_elsewhere.all()),
    )


def _day_of(intervention: Intervention) -> tuple[date, UUID]:
    return intervention.on or date.max, intervention.pk


def _complaints(user: User, ids: Sequence[UUID]) -> QuerySet[Complaint]:
    plans = (
        Plan.objects.visible_to(user)
        .exclude(status=Plan.Status.ENTERED_IN_ERROR)
        .select_related("protocol", "provider")
        .prefetch_related(
            "interventions__step",
            Prefetch("goals", Goal.objects.filter(status=Goal.Status.OPEN)),
        )
    )
    elsewhere = TreatmentElsewhere.objects.visible_to(user).filter(
        status=TreatmentElsewhere.Status.REPORTED
    )
    visible: QuerySet[Complaint] = Complaint.objects.visible_to(user)
    return visible.filter(patient__in=ids).prefetch_related(
        *("hypotheses__stated_by", "studies", "diagnoses"),
        Prefetch("evaluations", Evaluation.objects.order_by("-examined_on")),
        Prefetch("plans", plans),
        Prefetch("treatments_elsewhere", elsewhere),
        Prefetch("episodes", Episode.objects.visible_to(user)),
    )


def _scores(user: User, ids: Sequence[UUID]) -> dict[UUID, list[Score]]:
    found: dict[UUID, list[Score]] = defaultdict(list)
    visible = Score.objects.visible_to(user).filter(patient__in=ids)
    related = visible.select_related("measure", "response__follow_up")
    for score in related.order_by(*facts.IN_TIME_ORDER):
        found[score.complaint_id].append(score)
    return found


def _follow_ups(user: User, ids: Sequence[UUID]) -> list[FollowUp]:
    """What the patient is asked now and what is asked next."""
    visible = FollowUp.objects.visible_to(user).filter(patient__in=ids)
    waiting = visible.filter(FollowUp.WAITS_FOR_PATIENT)
    related = waiting.select_related("episode__plan", "episode__complaint")
    return list(related.order_by("due_on", "pk"))


def _appointments(user: User, ids: Sequence[UUID]) -> list[Appointment]:
    visible = Appointment.objects.visible_to(user).filter(patient__in=ids)
    coming = visible.filter(
        status__in=(Appointment.Status.BOOKED, Appointment.Status.ARRIVED),
        starts_at__gte=clock.now(),
    )
    return list(coming.select_related("practitioner").order_by("starts_at", "pk")[:4])


def _lacking_baseline(treated: Sequence[Treated], today: date) -> frozenset[UUID]:
    coming = (each for one in treated for each in one.planned)
    return frozenset(
        each.pk
        for each in coming
        if each.is_needle and missing.baseline_of(each, today) is not None
    )
