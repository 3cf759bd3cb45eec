"""What a newer version of its protocol means for the follow-ups of a plan."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from clinic.audit import By
from clinic.consequences import Effect
from outcomes.follow_ups.planning import previews, schedule
from outcomes.models import Episode
from plans.models import Anchor, Intervention, Plan, Protocol


@transaction.atomic(savepoint=False)
def protocol_changed(
    plans: Collection[UUID],
    *,
    before: Mapping[UUID, UUID],
    protocol: Protocol,
    by: By,
    **_: Any,
) -> None:
    """The courses go on by the new version; what was asked stays as it was asked.

    `before` is the version that each plan went by.
    """
    patients = dict(_followed(plans).values_list("pk", "patient"))
    schedule.apply_all(patients, by=by, before=before)


def foresee_protocol(
    plan: Plan, *, protocol: Protocol, rows: Sequence[Intervention], **_: Any
) -> Effect:
    """The same before it is done; `rows` are its interventions as they will be."""
    found = Effect()
    if plan.protocol is None:
        return found
    for episode in _followed([plan.pk]):
        found += previews.standing_on(episode, rows, protocol=protocol)
    return found


def _followed(plans: Collection[UUID]) -> QuerySet[Episode]:
    """Those that ask, and those that ended and still stand on their procedure."""
    asks, stands = Q(status=Episode.Status.ACTIVE), Q(anchor=Anchor.INDEX_PROCEDURE)
    found = Episode.objects.filter(asks | stands, plan__in=plans)
    return found.order_by("plan", "course")
