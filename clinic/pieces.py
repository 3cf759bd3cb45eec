"""Long work on a row that says how far it is, done piece by piece between other work.

The row has `state` (queued, running, ...), `done` and `next_action_at`, until when a
claim holds. Of several workers one gets it; one that was killed loses it by the clock.
"""

from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from clinic import clock

# Ticks wait in the same queue: a long file goes in or out piece by piece, between them.
PIECE_SECONDS = 10.0
QUEUED, RUNNING = "queued", "running"

Run = TypeVar("Run", bound=Model)


class LostClaimError(Exception):
    """The run was stopped, or somebody else works on it."""


def claim(runs: QuerySet[Run], run_id: UUID, lease: timedelta) -> Run | None:
    """One UPDATE, so that of several workers one gets it."""
    now = clock.now()
    is_free = Q(state=QUEUED) | Q(state=RUNNING, next_action_at__lte=now)
    free = runs.filter(is_free, pk=run_id)
    if not free.update(state=RUNNING, next_action_at=now + lease):
        return None
    return runs.get(pk=run_id)


def hold(
    runs: QuerySet[Run], run_id: UUID, after: int, lease: timedelta, **progress: object
) -> None:
    """Keep the claim, and with it how far we are; `after` is what was done before.

    Whoever stopped the run, or took it over, has changed what is asked for here.
    """
    held = runs.filter(pk=run_id, state=RUNNING, done=after)
    if not held.update(next_action_at=clock.now() + lease, **progress):
        raise LostClaimError


def pause(runs: QuerySet[Run], run_id: UUID, lease: timedelta) -> bool:
    """Back in the queue; the tick rings only if nobody has gone on for a while."""
    waiting = runs.filter(pk=run_id, state=RUNNING)
    return bool(waiting.update(state=QUEUED, next_action_at=clock.now() + lease))
