"""What a newer version of its protocol means for the follow-ups of a plan."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from clinic import clock
from clinic.audit import By
from clinic.consequences import Effect
from outcomes.follow_ups import changes, courses, previews, requests
from outcomes.models import Episode, FollowUp
from plans.models import Anchor, Intervention, Plan, Protocol

GONE = "no longer in the protocol"


@transaction.atomic
def protocol_changed(
    plan: Plan, *, before: Protocol, protocol: Protocol, by: By, **_: Any
) -> None:
    """The courses go on by the new version; what was asked stays as it was asked."""
    for episode in _followed(plan):
        now = clock.now()
        patient = requests.lock(episode.patient_id)
        for row in _withdrawn(episode, before, protocol):
            requests.finish(row, FollowUp.State.CANCELLED, GONE, now)
        requests.settle(patient, now)
        courses.renew(episode, by=by)


def foresee_protocol(
    plan: Plan, *, protocol: Protocol, rows: Sequence[Intervention], **_: Any
) -> Effect:
    """The same before it is done; `rows` are its interventions as they will be."""
    found = Effect()
    if plan.protocol is None:
        return found
    for episode in _followed(plan):
        found += previews.standing_on(episode, rows, protocol=protocol)
        gone = _withdrawn(episode, plan.protocol, protocol)
        found += changes.cancelling(gone)
    return found


def _followed(plan: Plan) -> QuerySet[Episode]:
    """Those that ask, and those that ended and still stand on their procedure."""
    asks, stands = Q(status=Episode.Status.ACTIVE), Q(anchor=Anchor.INDEX_PROCEDURE)
    return plan.episodes.filter(asks | stands).order_by("course")


def _withdrawn(
    episode: Episode, before: Protocol, protocol: Protocol
) -> QuerySet[FollowUp]:
    """Planned ones whose time point the new version does not have."""
    return episode.follow_ups.filter(
        state=FollowUp.State.PLANNED,
        timepoint_key__in=_keys(before) - _keys(protocol),
    )


def _keys(protocol: Protocol) -> set[str]:
    return {point.key for point in protocol.timepoints.all()}
