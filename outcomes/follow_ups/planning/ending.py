"""Stopping to ask about one plan although its treatment goes on or is over."""

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic import audit
from clinic.audit import By
from outcomes.follow_ups.planning import courses, schedule
from outcomes.models import Episode
from patients import rows
from patients.triage import reasons
from plans.models import Plan


@transaction.atomic
def end_follow_up(plan: Plan, *, reason: str, by: By) -> Plan:
    """Ask no more about this plan; what is open is cancelled, what came in stays."""
    reason = reasons.typed(reason, "Say why nobody is to be asked any more.")
    rows.lock_complaint(plan.complaint)
    running = list(plan.episodes.filter(status=Episode.Status.ACTIVE))
    if not running:
        raise ValidationError("Nobody is asked about this plan.")
    for episode in running:
        schedule.end(episode, Episode.EndedBy.STAFF, by=by, reason=reason)
    return plan


@transaction.atomic
def resume_follow_up(plan: Plan, *, by: By) -> Plan:
    """Ask again what is not over yet."""
    rows.lock_complaint(plan.complaint)
    plan.refresh_from_db(fields=["status"])
    ended = list(
        plan.episodes.filter(status=Episode.Status.ENDED)
        .exclude(ended_by__in=Episode.BY_ITSELF)
        .order_by("-course")[:1]
    )
    if not ended or not _can_be_asked(plan):
        raise ValidationError("There is no follow-up of this plan to resume.")
    for episode in ended:
        before = episode.end_reason
        courses.reopen(episode, by)
        courses.hand_over(plan, by)
        audit.record(
            by=by, action="follow_ups.resumed", about=episode, ended_because=before
        )
    return plan


def _can_be_asked(plan: Plan) -> bool:
    is_void = plan.status == Plan.Status.ENTERED_IN_ERROR
    return plan.protocol_id is not None and not is_void


def can_resume(plan: Plan) -> bool:
    if not _can_be_asked(plan):
        return False
    ended = plan.episodes.filter(status=Episode.Status.ENDED)
    return ended.exclude(ended_by__in=Episode.BY_ITSELF).exists()
