"""Counts what must not be and heals what is safe to heal; the page reads the counts.

They are kept in the cache, for they can be made again at any moment.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db import transaction

from clinic import audit, nightly
from clinic.models import Clinic
from outcomes.follow_ups import outbox
from outcomes.follow_ups.engine import requests, unreachable
from outcomes.follow_ups.guard import checks, forecast, pauses
from outcomes.models import FollowUp, SendingPause, SurveyRequest

KEPT_SECONDS = 3 * 24 * 60 * 60
HEALED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Counted:
    """How often each check found something, and when it was looked."""

    at: datetime
    full_at: datetime | None
    counts: dict[str, int]

    @property
    def broken(self) -> int:
        """Rows that should not be; what only informs is not among them."""
        return sum(
            number
            for key, number in self.counts.items()
            if not checks.BY_KEY[key].is_information
        )


def run(clinic: Clinic, now: datetime) -> Counted:
    """Heal, count, and foresee the coming days."""
    heal(clinic, now)
    forecast.refresh_if_old(clinic, now)
    before = latest(clinic)
    full_at = before.full_at if before else None
    is_full = nightly.is_due(full_at, clinic.zone, now)
    found = count(clinic, now, is_full=is_full)
    if before and not is_full:
        found = Counted(now, before.full_at, {**before.counts, **found.counts})
    cache.set(_key(clinic.pk), _plain(found), KEPT_SECONDS)
    return found


def count(clinic: Clinic, now: datetime, *, is_full: bool) -> Counted:
    chosen = [one for one in checks.CHECKS if is_full or not one.is_full]
    counts = {one.key: checks.count(one, clinic, now) for one in chosen}
    return Counted(now, now if is_full else None, counts)


def latest(clinic: Clinic) -> Counted | None:
    """The last counts; None where nothing was counted yet, or the cache lost them."""
    return _read(cache.get(_key(clinic.pk)))


def latest_of_all() -> list[Counted]:
    """Of every clinic, as far as they were counted."""
    keys = [_key(pk) for pk in Clinic.objects.values_list("pk", flat=True)]
    found = (_read(kept) for kept in cache.get_many(keys).values())
    return [one for one in found if one]


def _key(clinic_id: UUID) -> str:
    return f"reconcile:{clinic_id}"


def _plain(found: Counted) -> dict[str, Any]:
    return {"at": found.at, "full_at": found.full_at, "counts": found.counts}


def _read(kept: dict[str, Any] | None) -> Counted | None:
    """Checks that a newer version no longer knows are left out."""
    if kept is None:
        return None
    known = {key: n for key, n in kept["counts"].items() if key in checks.BY_KEY}
    return Counted(kept["at"], kept["full_at"], known)


def heal(clinic: Clinic, now: datetime) -> dict[str, int]:
    """Repair what can be by what would have happened anyway; nothing by a bad clock."""
    pause = pauses.standing(clinic)
    if pause and pause.cause == SendingPause.Cause.CLOCK:
        return {}
    healed = {
        "open_unwritten": _plan_again(clinic, now),
        "out_of_reach": _hand_over(clinic, now),
        "lost_leases": outbox.release_expired(clinic, now),
        "needless": _cancel_needless(clinic, now),
    }
    if any(healed.values()):
        audit.record(
            by=audit.SYSTEM, action="follow_ups.healed", about=clinic, healed=healed
        )
    return healed


@transaction.atomic
def _plan_again(clinic: Clinic, now: datetime) -> int:
    """The next tick asks; what was written until the patients are held stays."""
    found = checks.open_unwritten(clinic, now)
    people = set(found.values_list("patient", flat=True)[:HEALED_AT_ONCE])
    if not people:
        return 0
    requests.hold_people(people)
    rows = list(found.filter(patient__in=people).values_list("pk", flat=True))
    planned = FollowUp.State.PLANNED
    return FollowUp.objects.filter(pk__in=rows).update(
        state=planned, next_action_at=now
    )


@transaction.atomic
def _hand_over(clinic: Clinic, now: datetime) -> int:
    """Such as those from before it was a person's at once."""
    found = checks.out_of_reach(clinic, now)
    people = set(found.values_list("patient", flat=True)[:HEALED_AT_ONCE])
    if not people:
        return 0
    held = requests.hold_people(people)
    return len(unreachable.hand_over(found.filter(patient__in=people), held, now))


def _cancel_needless(clinic: Clinic, now: datetime) -> int:
    found = checks.needless(clinic, now).values_list("request", flat=True)
    requests = SurveyRequest.objects.filter(pk__in=set(found[:HEALED_AT_ONCE]))
    return outbox.cancel_all(list(requests), "nothing is left to ask")
