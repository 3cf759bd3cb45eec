"""What a newer version of its protocol means for the follow-ups of a plan."""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from clinic import clock
from outcomes.follow_ups import courses, requests, schedule
from outcomes.follow_ups.changes import follow_ups_in_words
from outcomes.follow_ups.schedule import By
from outcomes.models import Episode, FollowUp
from plans.models import Plan, Protocol, Timepoint

GONE = "no longer in the protocol"


@transaction.atomic
def protocol_changed(
    plan: Plan, *, before: Protocol, protocol: Protocol, by: By, **_: Any
) -> None:
    """The courses go on by the new version; what was asked stays as it was asked."""
    for episode in _active(plan):
        now = clock.now()
        patient = requests.lock(episode.patient_id)
        for row in _withdrawn(episode, before, protocol):
            requests.finish(row, FollowUp.State.CANCELLED, GONE, now)
        requests.settle(patient, now)
        courses.renew(episode, by=by)


def preview_protocol(
    plan: Plan, *, protocol: Protocol, day_0: date | None = None, **_: Any
) -> list[str]:
    """The same in words; `day_0` is where the first course's procedure moves."""
    sentences: list[str] = []
    if plan.protocol is None:
        return sentences
    for episode in _active(plan):
        day = day_0 if episode.course == 1 else None
        changes = schedule.preview(episode, protocol=protocol, day_0=day)
        sentences += changes.in_words()
        gone = _withdrawn(episode, plan.protocol, protocol).count()
        if gone:
            sentences.append(f"{follow_ups_in_words(gone)} cancelled")
    return sentences


def _active(plan: Plan) -> QuerySet[Episode]:
    return plan.episodes.filter(status=Episode.Status.ACTIVE).order_by("course")


def _withdrawn(
    episode: Episode, before: Protocol, protocol: Protocol
) -> QuerySet[FollowUp]:
    """Planned ones whose time point the new version does not ask the patient."""
    return episode.follow_ups.filter(
        state=FollowUp.State.PLANNED,
        timepoint_key__in=_asked(before) - _asked(protocol),
    )


def _asked(protocol: Protocol) -> set[str]:
    clinician = Timepoint.Who.CLINICIAN
    return {p.key for p in protocol.timepoints.all() if p.who != clinician}
