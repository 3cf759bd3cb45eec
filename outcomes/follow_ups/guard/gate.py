"""Whether a clinic's due work may go on in this tick, and what stops it."""

import logging
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from clinic import clock
from clinic.models import Clinic
from outcomes.follow_ups.guard import (
    backlog,
    clock_guard,
    forecast,
    pauses,
    releasing,
    ticks,
)
from outcomes.models import FollowUp, SendingPause

logger = logging.getLogger(__name__)

Cause = SendingPause.Cause
# A worker that starts with SEND_HOLD pauses each clinic, once for this start.
STARTED_AT = clock.now()


@transaction.atomic
def begin_tick(now: datetime) -> None:
    """Hold both clocks together, before anything is done by either of them.

    In one transaction: a jump that is seen is never forgotten without a pause.
    """
    look = ticks.sight(now)
    found = clock_guard.fault(look, *ticks.seen_before(ticks.TICK, look.boot))
    if found:
        logger.error("clock %s: patient messages pause", found.kind)
        for clinic in Clinic.objects.order_by("pk"):
            pauses.trip(clinic, Cause.CLOCK, **found.evidence)
    ticks.begin(ticks.TICK, look)


def hold_after_restore() -> None:
    """What was released before this process began is another restore's.

    Asked in each tick and before anything is sent: a worker may be there first.
    """
    if not settings.SEND_HOLD:
        return
    mine = Q(released_at=None) | Q(released_at__gte=STARTED_AT)
    held = SendingPause.objects.filter(mine, cause=Cause.RESTORE)
    for clinic in Clinic.objects.exclude(pk__in=held.values("clinic")):
        pauses.trip(clinic, Cause.RESTORE, reason="")


def look(clinic: Clinic, now: datetime) -> SendingPause | None:
    """What stops messages to this clinic's patients, perhaps from now on."""
    found = pauses.standing(clinic)
    if found is None and _is_flooded(clinic, now):
        found = pauses.standing(clinic)
    return found


def _is_flooded(clinic: Clinic, now: datetime) -> bool:
    """Pauses where far more is due than the calendar foresaw since the last tick."""
    planned = releasing.due_rows(clinic, now).filter(state=FollowUp.State.PLANNED)
    if planned.count() <= backlog.FLOOR:
        return False
    today = clock.day_of(now, clinic.zone)
    last = ticks.latest(ticks.TICK, now)
    since = (
        min(today, clock.day_of(last.ended_at or now, clinic.zone)) if last else today
    )
    foreseen = forecast.foreseen(clinic, since, today)
    due = releasing.patients_of(planned)
    if backlog.is_flood(due, foreseen):
        logger.error("clinic %s: %s due, %s foreseen", clinic.pk, due, foreseen)
        return pauses.trip(
            clinic, Cause.BACKLOG, due=due, foreseen=foreseen, since=since.isoformat()
        )
    if since < today:
        # What the days of a shutdown foresaw is worked off today, over several ticks.
        forecast.carry_over(clinic, now, foreseen)
    return False
