"""Was it done? What is planned and past its day, and what the patient says of it."""

import functools
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from clinic import audit, clock, zones
from clinic.audit import By
from clinic.models import User
from plans.models import NEEDLE, Intervention, Plan

Said = Intervention.Said
ONE_DAY = timedelta(days=1)
WHOSE = (
    "plan__complaint__patient__clinic",
    "plan__complaint__patient__merged_into__clinic",
)


def waiting(user: User, now: datetime) -> QuerySet[Intervention]:
    """What staff still have to confirm, what has waited longest first."""
    visible: QuerySet[Intervention] = Intervention.objects.visible_to(user)
    if user.membership is None:
        return visible.none()
    found = past_their_day(visible, user.membership.clinic.zone, now)
    return found.select_related(*WHOSE).order_by("planned_on", "pk")


def past_their_day(
    interventions: QuerySet[Intervention], zone: str, now: datetime
) -> QuerySet[Intervention]:
    """Planned procedures of running plans from the morning after, on the patient's
    own clock; `zone` is the clinic's, for patients without one of their own.
    """
    today = clock.day_of(now, zone)
    yesterday, tomorrow = today - ONE_DAY, today + ONE_DAY
    still_yesterday = Q(person_zone__in=_zones_at(yesterday, now))
    already_tomorrow = Q(person_zone__in=_zones_at(tomorrow, now))
    return interventions.alias(
        # Of a merged record, the zone of the one that is kept.
        person_zone=Coalesce(
            F("plan__complaint__patient__merged_into__zone"),
            F("plan__complaint__patient__zone"),
        )
    ).filter(
        Q(planned_on__lt=yesterday)
        | (Q(planned_on=yesterday) & ~still_yesterday)
        | (Q(planned_on=today) & already_tomorrow),
        Q(modality__in=NEEDLE) | Q(is_index=True),
        planned_on__lte=today,
        status=Intervention.Status.PLANNED,
        plan__status=Plan.Status.ACTIVE,
    )


def is_past_its_day(intervention: Intervention, today: date) -> bool:
    """The same for one; `today` is the patient's."""
    return (
        intervention.status == Intervention.Status.PLANNED
        and (intervention.is_needle or intervention.is_index)
        and intervention.planned_on is not None
        and intervention.planned_on < today
        and intervention.plan.status == Plan.Status.ACTIVE
    )


def _zones_at(day: date, now: datetime) -> list[str]:
    """Where it is this day: few days are today anywhere."""
    # Midnight comes to every zone at a quarter of an hour of UTC.
    quarter = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
    return _zones_from(day, quarter)


@functools.lru_cache(maxsize=8)
def _zones_from(day: date, quarter: datetime) -> list[str]:
    """Asking 600 zones takes longer than the rest of a page."""
    return sorted(zone for zone in zones.known() if clock.day_of(quarter, zone) == day)


def said(intervention: Intervention, zone: str) -> str:
    """What the patient says of the day it is planned for; `zone` is the patient's.

    An answer given before that day was about another one: the date moved since.
    """
    at, day = intervention.patient_said_at, intervention.planned_on
    if at is None or day is None:
        return Said.NOTHING
    return intervention.patient_said if clock.day_of(at, zone) >= day else Said.NOTHING


@transaction.atomic
def patient_said(
    intervention: Intervention, said: str, *, by: By = audit.PATIENT
) -> bool:
    """Keep the patient's answer to "did you have it?"; staff still confirm it.

    False where it was confirmed or cancelled meanwhile: then nobody asks any more.
    """
    if said not in Said.values:
        raise ValidationError({"said": "Choose yes, no, or nothing."})
    before = intervention.patient_said
    is_kept = Intervention.objects.filter(
        pk=intervention.pk, status=Intervention.Status.PLANNED
    ).update(patient_said=said, patient_said_at=clock.now() if said else None)
    intervention.refresh_from_db(fields=["patient_said", "patient_said_at", "status"])
    if is_kept:
        audit.record(
            by=by,
            action="intervention.patient_said",
            about=intervention,
            before=before,
            after=said,
            planned_on=intervention.planned_on and intervention.planned_on.isoformat(),
        )
    return bool(is_kept)
