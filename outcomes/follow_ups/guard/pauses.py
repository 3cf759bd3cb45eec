"""Pausing all messages to a clinic's patients, and letting them go again.

One pause stands at a time. Whatever began it, a person ends it.
"""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic import audit, clock
from clinic.audit import By
from clinic.models import Clinic, User
from outcomes.follow_ups.guard import forecast, releasing
from outcomes.models import SendingPause

Cause = SendingPause.Cause
# The others can be released as they are.
WORSE = {Cause.RESTORE: 1, Cause.CLOCK: 2}
NOT_PAUSED = "Messages are not paused; nothing was changed."


def standing(clinic: Clinic) -> SendingPause | None:
    """One look at a small index."""
    return SendingPause.objects.filter(clinic=clinic, released_at=None).first()


@transaction.atomic
def pause(clinic: Clinic, *, reason: str, by: By) -> SendingPause:
    """Nothing more goes to patients until somebody releases it.

    Where they are paused already, it says why they are to stay so.
    """
    begun = _begin(clinic, Cause.STAFF, by=by, reason=reason)
    return begun or _explain(clinic, reason, by)


def _explain(clinic: Clinic, reason: str, by: By) -> SendingPause:
    found = standing(clinic)
    if found is None:
        raise ValidationError("Messages were released just now. Try again.")
    before, found.reason = found.reason, reason
    found.save(update_fields=["reason"])
    _keep("messages.pause_explained", found, by, before=before, after=reason)
    return found


@transaction.atomic
def trip(clinic: Clinic, cause: Cause, *, reason: str = "", **evidence: Any) -> bool:
    """Pause because something is wrong; whether that is news."""
    found = _begin(
        clinic, cause, by=audit.SYSTEM, reason=reason, evidence=evidence
    ) or _worsen(clinic, cause, evidence)
    return found is not None


def _begin(
    clinic: Clinic,
    cause: Cause,
    *,
    by: By,
    reason: str = "",
    evidence: dict[str, Any] | None = None,
) -> SendingPause | None:
    """None where one stands already; of two that begin at once, one is."""
    fresh = SendingPause(
        clinic=clinic,
        cause=cause,
        reason=reason,
        evidence=evidence or {},
        begun_by=by if isinstance(by, User) else None,
    )
    SendingPause.objects.bulk_create([fresh], ignore_conflicts=True)
    if not SendingPause.objects.filter(pk=fresh.pk).exists():
        return None
    _keep("messages.paused", fresh, by, reason=reason, **fresh.evidence)
    return fresh


def _worsen(
    clinic: Clinic, cause: Cause, evidence: dict[str, Any]
) -> SendingPause | None:
    """What is worse takes over a pause that stands: who releases it must know.

    After a restore messages may have gone already; by a clock that jumped nothing may
    end either.
    """
    found = standing(clinic)
    if found is None or WORSE.get(cause, 0) <= WORSE.get(Cause(found.cause), 0):
        return None
    before, found.cause, found.evidence = found.cause, cause, evidence
    found.save(update_fields=["cause", "evidence"])
    _keep("messages.pause_worsened", found, audit.SYSTEM, before=before, **evidence)
    return found


def release(clinic: Clinic, *, spread: int, by: User) -> SendingPause:
    """Let messages go again: what has waited over so many minutes of sending time.

    Spread first, in short transactions, while nothing can go: what is stopped half
    way is still paused, and doing it again finishes it.
    """
    if spread not in dict(releasing.SPREADS):
        raise ValidationError({"spread": "Choose one of the times."})
    found, now = standing(clinic), clock.now()
    if found is None:
        raise ValidationError(NOT_PAUSED)
    moved = releasing.spread_waiting(clinic, spread, now)
    return _end(found, spread, moved, now, by=by)


@transaction.atomic
def _end(
    found: SendingPause, spread: int, moved: dict[str, int], now: datetime, *, by: User
) -> SendingPause:
    ended = SendingPause.objects.filter(pk=found.pk, released_at=None).update(
        released_at=now, released_by=by, spread_minutes=spread
    )
    if not ended:
        raise ValidationError(NOT_PAUSED)
    # Who releases has seen how many wait, so they are foreseen now.
    forecast.carry_over(found.clinic, now)
    forecast.refresh(found.clinic, now)
    found.refresh_from_db()
    _keep("messages.released", found, by, spread_minutes=spread, **moved)
    return found


def _keep(action: str, about: SendingPause, by: By, **facts: Any) -> None:
    audit.record(by=by, action=action, about=about, cause=about.cause, **facts)
