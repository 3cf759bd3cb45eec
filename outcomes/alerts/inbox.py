"""What people do about an alert: look at it, act, put it off, close it.

Each is one conditional change, so of two people at one alert the second is told. An
alert of a red flag follows its flag: what is done here is done to the flag.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.timesince import timesince

from clinic import access, audit, clock
from clinic.access import Act
from clinic.models import User
from outcomes.alerts import raising, telling
from outcomes.models import Alert, AlertEvent
from patients.triage import flags, reasons

State, Kind = Alert.State, AlertEvent.Kind
NOTE_LENGTH = 1000
# What is urgent may not be put off for long.
LONGEST_URGENT, LONGEST = timedelta(hours=1), timedelta(days=14)
# Before anybody has acted.
WAITING = (State.OPEN, State.ACKNOWLEDGED)


@transaction.atomic
def acknowledge(alert: Alert, *, by: User, note: str = "") -> Alert:
    """Somebody looks at it: nobody else is told any more."""
    note = reasons.bounded(note, field="note", most=NOTE_LENGTH)
    _change(
        alert,
        (State.OPEN,),
        state=State.ACKNOWLEDGED,
        acknowledged_at=clock.now(),
        acknowledged_by=by,
        snoozed_until=None,
    )
    telling.stop(alert)
    return _kept(alert, Kind.ACKNOWLEDGED, by=by, note=note)


@transaction.atomic
def act(alert: Alert, *, by: User, action: str, note: str) -> Alert:
    """What was done, from the list and in words; of a red flag, on the flag."""
    if action not in Alert.Action.values:
        names = ", ".join(Alert.Action.values)
        raise ValidationError({"action": f"Choose one of {names}."})
    note = reasons.typed(
        note,
        "Say what was done, such as: called, will come in at two.",
        field="note",
        most=NOTE_LENGTH,
    )
    if alert.red_flag is not None:
        access.require(by, Act.ACT_ON_RED_FLAGS)
        Alert.objects.filter(pk=alert.pk, state__in=WAITING).update(action=action)
        words = f"{Alert.Action(action).label}: {note}"[: flags.NOTE_LENGTH]
        flags.acknowledge(alert.red_flag, by=by, action=words)
        return _followed(alert, "alert.acted", by=by, done=action)
    _change(
        alert,
        WAITING,
        state=State.ACTED,
        acted_at=clock.now(),
        acted_by=by,
        action=action,
        snoozed_until=None,
    )
    telling.stop(alert)
    words = f"{alert.get_action_display()}: {note}"
    return _kept(alert, Kind.ACTED, by=by, note=words, done=action)


@transaction.atomic
def close(alert: Alert, *, by: User, note: str) -> Alert:
    """Nothing is left to do. A red flag is closed once somebody has acted on it."""
    note = reasons.typed(
        note, "Say how it ended, such as: better again.", field="note", most=NOTE_LENGTH
    )
    if alert.red_flag is not None:
        access.require(by, Act.ACT_ON_RED_FLAGS)
        flags.close(alert.red_flag, by=by, note=note)
        return _followed(alert, "alert.closed", by=by)
    _change(
        alert,
        (*WAITING, State.ACTED),
        state=State.CLOSED,
        closed_at=clock.now(),
        closed_by=by,
        snoozed_until=None,
    )
    telling.stop(alert)
    return _kept(alert, Kind.CLOSED, by=by, note=note)


@transaction.atomic
def snooze(alert: Alert, *, by: User, minutes: int) -> Alert:
    """Out of the way until then; it comes back as if nobody had looked."""
    span = timedelta(minutes=minutes)
    longest = LONGEST_URGENT if alert.is_urgent else LONGEST
    if not timedelta(0) < span <= longest:
        most = "an hour" if alert.is_urgent else "14 days"
        kind = "An urgent alert" if alert.is_urgent else "An alert"
        raise ValidationError({"minutes": f"{kind} can be put off for {most} at most."})
    until = clock.now() + span
    _change(
        alert,
        WAITING,
        tells_at=until,
        **{
            **raising.NOT_YET,
            "state": State.OPEN,
            "round": alert.round + 1,
            "step": 0,
            "snoozed_until": until,
        },
    )
    telling.stop(alert)
    return _kept(alert, Kind.SNOOZED, by=by, note=_span(minutes), minutes=minutes)


def _span(minutes: int) -> str:
    now = clock.now()
    words = timesince(now, now + timedelta(minutes=minutes)).replace("\xa0", " ")
    return f"for {words}"


@transaction.atomic
def add_note(alert: Alert, *, by: User, note: str) -> Alert:
    """What else was done or heard; on the flag too, where it is one's."""
    note = reasons.typed(
        note, "Say what else was done or heard.", field="note", most=NOTE_LENGTH
    )
    if alert.red_flag is not None:
        access.require(by, Act.ACT_ON_RED_FLAGS)
        flags.add_note(alert.red_flag, by=by, note=note)
        return _followed(alert, "alert.noted", by=by)
    return _kept(alert, Kind.NOTED, by=by, note=note)


def _change(
    alert: Alert,
    states: Sequence[str],
    *,
    tells_at: datetime | None = None,
    **columns: Any,
) -> None:
    """Once only; ValidationError tells the second who was faster."""
    mine = Alert.objects.filter(pk=alert.pk, state__in=states, round=alert.round)
    changed = mine.update(next_action_at=tells_at, **columns)
    alert.refresh_from_db()
    if not changed:
        raise ValidationError(_refusal(alert))


def _refusal(alert: Alert) -> str:
    who = alert.latest_by or "Somebody"
    said = {
        State.OPEN: "It was raised again or put off meanwhile; look at it afresh.",
        State.ACKNOWLEDGED: f"{who} is looking at this alert already.",
        State.ACTED: f"{who} has acted on this alert already.",
        State.CLOSED: f"This alert is closed already, by {who}.",
    }
    return said[State(alert.state)]


def _kept(
    alert: Alert, kind: AlertEvent.Kind, *, by: User, note: str, **facts: Any
) -> Alert:
    raising.note(alert, kind, by=by, words=note)
    audit.record(by=by, action=f"alert.{kind}", about=alert, rule=alert.rule, **facts)
    return alert


def _followed(alert: Alert, action: str, *, by: User, **facts: Any) -> Alert:
    """The flag's own verb has changed the alert (`raising.red_flag_changed`)."""
    alert.refresh_from_db()
    audit.record(by=by, action=action, about=alert, rule=alert.rule, **facts)
    return alert
