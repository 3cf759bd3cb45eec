"""What a change to a plan would do to its follow-ups, said before it is made."""

from datetime import date
from typing import Any

from clinic import clock
from outcomes.follow_ups import calendar, courses, schedule, sending_hours
from outcomes.follow_ups.changes import Changes, follow_ups_in_words
from outcomes.models import Episode, FollowUp
from plans.course import planned, series
from plans.models import Intervention, Plan


def preview_plan(
    plan: Plan, *, procedure_on: date | None = None, **_: Any
) -> list[str]:
    """In words, for a plan that is not stored yet."""
    if plan.protocol is None:
        return []
    anchor_on = planned.anchor_day(plan.protocol, plan.started_on, procedure_on)
    waits = courses.counts_from_procedure(plan)
    hours = sending_hours.of(plan.complaint.patient.kept)
    seed = str(plan.complaint.patient_id)
    begins_on = planned.procedure_day(plan.protocol, plan.started_on, procedure_on)
    points = calendar.desired(
        plan.protocol.timepoints.all(), anchor_on, hours, seed, begins_on
    )
    # Told as if the procedure was on its day: what is over by then is never asked.
    now = clock.now()
    placed = [
        schedule.place(d, hours, waits=waits and d.close_at > now) for d in points
    ]
    return Changes(planned=placed).in_words()


def preview_performed(
    intervention: Intervention, *, performed_on: date | None = None, **_: Any
) -> list[str]:
    """In words, for a procedure that is about to be recorded on that day."""
    day = performed_on or intervention.on
    if day is None:
        return []
    sentences = _preview_on(intervention, day, is_performed=True)
    earlier = _open_follow_ups(intervention.plan, before=intervention.course)
    if intervention.is_index and earlier:
        words = follow_ups_in_words(earlier)
        sentences.append(f"{words} of the course before end, because it is a repeat")
    return sentences


def preview_moved(intervention: Intervention, *, day: date, **_: Any) -> list[str]:
    """In words, for another day of what is planned or was performed."""
    is_done = intervention.performed_on is not None
    return _preview_on(intervention, day, is_performed=is_done)


def preview_cancelled(intervention: Intervention, **_: Any) -> list[str]:
    """In words, for a procedure that will not happen."""
    if not intervention.is_index:
        return []
    before = series.last_but(intervention)
    if before is not None and before.on is not None:
        done = before.performed_on is not None
        return [
            sentence
            for episode in standing_on(intervention)
            for sentence in _preview_at(episode, before.on, done).in_words()
        ]
    number = sum(
        episode.follow_ups.exclude(state__in=FollowUp.FINAL).count()
        for episode in standing_on(intervention)
    )
    return [f"{follow_ups_in_words(number)} cancelled"] if number else []


def _preview_on(
    intervention: Intervention, day: date, *, is_performed: bool
) -> list[str]:
    return [
        sentence
        for episode in standing_on(intervention)
        for sentence in _preview_at(episode, day, is_performed).in_words()
    ]


def _preview_at(episode: Episode, day: date, is_performed: bool) -> Changes:
    return schedule.changes_to(episode, day, waits=not is_performed)


def _open_follow_ups(plan: Plan, *, before: int) -> int:
    rows = FollowUp.objects.filter(episode__plan=plan, episode__course__lt=before)
    return rows.exclude(state__in=FollowUp.FINAL).count()


def standing_on(intervention: Intervention) -> list[Episode]:
    return list(
        Episode.objects.filter(
            anchor_intervention=intervention, status=Episode.Status.ACTIVE
        )
    )
