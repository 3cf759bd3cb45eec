"""Everything that a plan's page shows, in as many queries whatever the plan holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from clinic import clock
from clinic.models import AuditEvent, User
from outcomes.baselines import missing
from outcomes.dashboards import facts
from outcomes.follow_ups import late
from outcomes.models import Episode, FollowUp, Score
from outcomes.plan_pages import standing
from patients.models import Patient, RedFlag
from plans.models import (
    Goal,
    Intervention,
    LifestyleMeasurement,
    Plan,
    Protocol,
    TreatmentElsewhere,
)


@dataclass(frozen=True, slots=True)
class Gathered:
    plan: Plan
    today: date
    # All of the person's plans but those entered in error; this one is among them.
    plans: Sequence[Plan]
    interventions_of: dict[UUID, list[Intervention]]
    follow_ups: Sequence[FollowUp]
    goals: Sequence[Goal]
    scores: Sequence[Score]
    flags: Sequence[RedFlag]
    elsewhere: Sequence[TreatmentElsewhere]
    measurements: Sequence[LifestyleMeasurement]
    moves: Sequence[AuditEvent]
    newest_version: Protocol | None

    @property
    def patient(self) -> Patient:
        return self.plan.complaint.patient

    @property
    def interventions(self) -> list[Intervention]:
        return self.interventions_of.get(self.plan.pk, [])

    @property
    def courses(self) -> list[Episode]:
        """The plan's courses, the first and then each repeat."""
        found = {each.episode_id: each.episode for each in self.follow_ups}
        return sorted(found.values(), key=lambda e: e.course)

    @property
    def episode(self) -> Episode | None:
        """The first course of the plan: what its goals are counted from."""
        return next(iter(self.courses), None)

    @property
    def baseline_to_ask(self) -> FollowUp | None:
        """The baseline of the goals, while an answer can still tell of then.

        Once a needle is in it is told from memory; else only before it has begun.
        """
        course = self.episode
        if course is None or not (self._is_ahead(course) or self._has_needle(course)):
            return None
        own = (each for each in self.follow_ups if each.episode_id == course.pk)
        waiting = (e for e in own if e.is_baseline and e.state in missing.CAPTURABLE)
        return next(waiting, None)

    def _is_ahead(self, course: Episode) -> bool:
        return course.is_provisional or self.today <= self.begun_on

    def _has_needle(self, course: Episode) -> bool:
        return course.anchor_intervention_id is not None and any(
            each.is_needle and each.course == course.course
            for each in self.interventions
            if each.status == Intervention.Status.PERFORMED
        )

    @property
    def begun_on(self) -> date:
        """The day that goals count from: the first procedure, or the plan's start."""
        return self.episode.begins_on if self.episode else self.plan.started_on

    @property
    def heights(self) -> dict[UUID, Decimal]:
        """In centimetres, by the intervention that recorded them."""
        found = {}
        for each in self.all_interventions:
            change = getattr(each, "lifestyle", None)
            if change is not None and change.height_cm:
                found[each.pk] = change.height_cm
        return found

    @property
    def all_interventions(self) -> list[Intervention]:
        return [one for some in self.interventions_of.values() for one in some]


def gather(user: User, plan: Plan) -> Gathered:
    """The plan must have its complaint's patient and clinic at hand."""
    patient = plan.complaint.patient
    record_ids = patient.kept.record_ids
    plans = [
        each
        for each in _plans(user, record_ids)
        if each.pk == plan.pk or each.status != Plan.Status.ENTERED_IN_ERROR
    ]
    return Gathered(
        plan=plan,
        today=clock.today(patient.kept.time_zone),
        plans=plans,
        interventions_of=_interventions(user, record_ids),
        follow_ups=_follow_ups(user, plan),
        goals=list(Goal.objects.visible_to(user).filter(plan=plan)),
        scores=_scores(user, plan),
        flags=_flags(user, plan),
        elsewhere=list(
            TreatmentElsewhere.objects.visible_to(user).filter(
                complaint=plan.complaint_id,
                status=TreatmentElsewhere.Status.REPORTED,
            )
        ),
        measurements=list(
            LifestyleMeasurement.objects.visible_to(user)
            .filter(intervention__plan__complaint__patient__in=record_ids)
            .exclude(intervention__status=Intervention.Status.ENTERED_IN_ERROR)
        ),
        moves=standing.moves_of(plan),
        newest_version=_newest_version(user, plan),
    )


def _plans(user: User, record_ids: Sequence[UUID]) -> list[Plan]:
    visible = Plan.objects.visible_to(user)
    return list(
        visible.filter(complaint__patient__in=record_ids)
        .select_related("complaint")
        .order_by("started_on", "pk")
    )


def _interventions(
    user: User, record_ids: Sequence[UUID]
) -> dict[UUID, list[Intervention]]:
    found: dict[UUID, list[Intervention]] = {}
    for each in (
        Intervention.objects.visible_to(user)
        .filter(plan__complaint__patient__in=record_ids)
        .select_related("plan", "step", "performed_by", "lifestyle")
        .order_by("planned_on", "pk")
    ):
        found.setdefault(each.plan_id, []).append(each)
    return found


def _follow_ups(user: User, plan: Plan) -> list[FollowUp]:
    found = list(
        late.told_apart(FollowUp.objects.visible_to(user))
        .filter(episode__plan=plan)
        .select_related("episode")
    )
    for each in found:
        # Saves a query a row: they are all this person's.
        each.patient = plan.complaint.patient
    return found


def _scores(user: User, plan: Plan) -> list[Score]:
    visible = Score.objects.visible_to(user)
    return list(
        visible.filter(complaint=plan.complaint_id)
        .select_related("measure")
        .order_by(*facts.IN_TIME_ORDER)
    )


def _flags(user: User, plan: Plan) -> list[RedFlag]:
    """Those of this complaint, and those that belong to none."""
    visible = RedFlag.objects.visible_to(user).of_person(plan.complaint.patient)
    return [
        flag
        for flag in visible.order_by("raised_at", "pk")
        if flag.complaint_id in (None, plan.complaint_id)
    ]


def _newest_version(user: User, plan: Plan) -> Protocol | None:
    """A version of the plan's protocol that came after its own."""
    if plan.protocol is None:
        return None
    visible = Protocol.objects.visible_to(user)
    return (
        visible.filter(key=plan.protocol.key, version__gt=plan.protocol.version)
        .order_by("-version")
        .first()
    )
