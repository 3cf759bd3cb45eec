"""Which courses of a plan patients are asked about: opened, handed over, ended."""

from typing import Any
from uuid import UUID

from django.db import transaction

from clinic import clock
from clinic.audit import By
from outcomes.follow_ups import staff_tasks
from outcomes.follow_ups.engine import calling, requests
from outcomes.follow_ups.planning import schedule
from outcomes.models import Episode, StaffTask
from patients.models import Patient
from plans.course import exposure, series
from plans.models import Anchor, Intervention, Plan, TreatmentElsewhere

EndedBy = Episode.EndedBy
# What may let a patient be asked whom nothing reached before.
WAYS_TO_REACH = {
    *("email", "phone", "postal_address"),
    *("may_contact", "preferred_channel", "birth_date"),
}


@transaction.atomic
def plan_started(plan: Plan, *, by: By, **_: Any) -> None:
    """Open the course of treatment and plan its follow-ups."""
    if plan.protocol is not None:
        _open(
            plan, series.index_of(plan, 1) if counts_from_procedure(plan) else None, by
        )


def _open(plan: Plan, procedure: Intervention | None, by: By) -> Episode:
    episode = Episode.objects.create(
        clinic_id=plan.clinic_id,
        patient=plan.complaint.patient,
        complaint=plan.complaint,
        plan=plan,
        course=procedure.course if procedure else 1,
        anchor=Anchor.INDEX_PROCEDURE if procedure else Anchor.PLAN_START,
        anchor_intervention=procedure,
        anchor_on=(procedure and procedure.on) or plan.started_on,
        series_began_on=series.began_on(procedure) if procedure else None,
        is_provisional=procedure is not None and procedure.performed_on is None,
    )
    schedule.apply(episode, by=by)
    return episode


def counts_from_procedure(plan: Plan) -> bool:
    return plan.protocol is not None and plan.protocol.anchor == Anchor.INDEX_PROCEDURE


@transaction.atomic
def intervention_changed(intervention: Intervention, *, by: By, **_: Any) -> None:
    """Let the course follow its procedure: performed, moved, cancelled or repeated."""
    if counts_from_procedure(intervention.plan):
        _follow(intervention, by)
    # After the patient, whom the engine holds before it writes to their courses.
    facts_are_due(intervention.plan.complaint_id)


def _follow(intervention: Intervention, by: By) -> None:
    plan = intervention.plan
    procedure = series.index_of(plan, intervention.course)
    episode = plan.episodes.filter(course=intervention.course).first()
    if episode is not None:
        schedule.apply(episode, by=by)
    elif procedure is not None:
        _open_next(plan, procedure, by)
    hand_over(plan, by)


def _open_next(plan: Plan, procedure: Intervention, by: By) -> None:
    """A repeat's course; where staff ended the asking, it stays ended."""
    earlier = (
        plan.episodes.filter(course__lt=procedure.course).order_by("course").last()
    )
    opened = _open(plan, procedure, by)
    is_unasked = (
        earlier is not None
        and earlier.status == Episode.Status.ENDED
        and earlier.ended_by not in Episode.BY_ITSELF
    )
    if earlier is not None and is_unasked:
        ended_by = EndedBy(earlier.ended_by)
        schedule.end(opened, ended_by, by=by, reason=earlier.end_reason)


def facts_are_due(complaint_id: UUID) -> None:
    """What is done beside a course changes what its answers are marked with."""
    Episode.objects.filter(complaint=complaint_id).update(facts_due_at=clock.now())


def treatment_elsewhere_changed(treatment: TreatmentElsewhere, **_: Any) -> None:
    facts_are_due(treatment.complaint_id)


def reopen(episode: Episode, by: By) -> None:
    """Ask again about a course that was ended, as far as it is not over."""
    episode.status = Episode.Status.ACTIVE
    episode.ended_by, episode.end_reason = EndedBy.NOTHING, ""
    episode.save(update_fields=["status", "ended_by", "end_reason"])
    schedule.apply(episode, by=by)


def hand_over(plan: Plan, by: By) -> None:
    """A repeat that was performed ends the courses before; taken back, it does not."""
    owner = exposure.last_owner(_given(plan))
    for episode in plan.episodes.order_by("course"):
        is_over = owner is not None and episode.course < owner
        if is_over and episode.status == Episode.Status.ACTIVE:
            schedule.end(episode, EndedBy.REPEATED, by=by)
        elif not is_over and episode.ended_by == EndedBy.REPEATED:
            reopen(episode, by)


def _given(plan: Plan) -> list[exposure.Course]:
    """The courses whose day 0 was performed."""
    performed = plan.interventions.filter(
        is_index=True,
        status=Intervention.Status.PERFORMED,
        performed_on__isnull=False,
    )
    return [
        exposure.Course(number, begins_on=day, day_0=day)
        for number, day in performed.values_list("course", "performed_on")
        if day is not None
    ]


@transaction.atomic
def plan_ended(plan: Plan, *, by: By, **_: Any) -> None:
    """A treatment that ends is still followed up; one that never was given is not."""
    if plan.status == Plan.Status.ENTERED_IN_ERROR:
        for episode in plan.episodes.filter(status=Episode.Status.ACTIVE):
            schedule.end(episode, EndedBy.PLAN_IN_ERROR, by=by)
        return
    for episode in plan.episodes.filter(anchor=Anchor.INDEX_PROCEDURE):
        # Of a series that was broken off, what was given is followed up.
        schedule.apply(episode, by=by)


@transaction.atomic
def plan_reopened(plan: Plan, *, by: By, **_: Any) -> None:
    """What ended because its procedure was cancelled with the plan goes on."""
    for episode in plan.episodes.filter(anchor=Anchor.INDEX_PROCEDURE):
        if series.index_of(plan, episode.course) is not None:
            schedule.apply(episode, by=by)


@transaction.atomic
def patient_updated(
    patient: Patient, *, by: By, changed: list[str] | None = None, **_: Any
) -> None:
    """Leaving ends the follow-ups, a new zone moves them, a new address asks again,
    and a hold that was set or ended is looked at anew.
    """
    now = clock.now()
    what = set(changed or [])
    patient = requests.lock(patient.pk)
    if not patient.is_in_follow_up:
        requests.leave(patient, now, by=by)
        return
    if "zone" in what:
        for episode in Episode.objects.filter(
            patient__in=patient.record_ids, status=Episode.Status.ACTIVE
        ):
            schedule.apply(episode, by=by)
    if what & WAYS_TO_REACH:
        requests.retry_unreachable(patient, now)
    if "hold_until" in what:
        requests.look_again(patient, now)
    if "may_call" in what and calling.kind_for(patient) != StaffTask.Kind.CALL:
        staff_tasks.call_no_more(patient, now)
