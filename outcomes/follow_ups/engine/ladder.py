"""The reminders of a silent follow-up: which, by what way and when. Pure.

A protocol's ladder counts in days from when the patient was first written to; its
rescue counts back from the end of the window. What does not fit the window falls away.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from outcomes.follow_ups.planning import calendar
from outcomes.follow_ups.planning.calendar import ONE_DAY, SendingHours

PREFERRED, OTHER, CALL, RESCUE = "preferred", "other", "call", "rescue"
# Two messages closer together than this are one too many; the later falls away.
APART = timedelta(days=2)
# No clinic is closed for longer; a call beyond that would be none.
LONGEST_CLOSED = 30
SATURDAY = 5


class RungLike(Protocol):
    """A rung of a protocol, stored or as it stands in a file."""

    @property
    def after_days(self) -> int: ...
    @property
    def channel(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a protocol's ladder, as `plans.ReminderRung` keeps it."""

    after_days: int
    channel: str

    @property
    def name(self) -> str:
        """By which a message is known to be this one's."""
        if self.channel == RESCUE:
            return RESCUE
        return f"day-{self.after_days}-{self.channel}"

    @property
    def is_call(self) -> bool:
        return self.channel == CALL


@dataclass(frozen=True, slots=True)
class Reminder:
    """A rung at its moment."""

    at: datetime
    rung: Rung


def first_channel(ladder: Sequence[Rung]) -> str:
    """By what way the invitation itself goes: what the ladder says of its day 0."""
    first = (rung.channel for rung in ladder if rung.after_days == 0)
    return next((one for one in first if one not in {CALL, RESCUE}), PREFERRED)


def reminders(
    ladder: Sequence[Rung],
    *,
    asked_at: datetime,
    closes_on: date,
    hours: SendingHours,
    seed: str,
) -> list[Reminder]:
    """What follows the invitation, earliest first, as far as it fits the window."""
    asked_on = calendar.local_day(asked_at, hours.zone)
    placed = [
        Reminder(_moment(rung, asked_on, closes_on, hours, seed), rung)
        for rung in ladder
        if rung.after_days > 0
    ]
    close_at = calendar.end_of(closes_on, hours.zone)
    fitting = [one for one in placed if asked_at < one.at < close_at]
    return sorted(fitting, key=lambda one: one.at)


def _moment(
    rung: Rung, asked_on: date, closes_on: date, hours: SendingHours, seed: str
) -> datetime:
    days = timedelta(days=rung.after_days)
    if rung.channel == RESCUE:
        return hours.spread(closes_on - days, seed)
    if rung.is_call:
        day = working_day(asked_on + days, hours)
        return calendar.moment(day, hours.sends_from, hours.zone)
    return hours.spread(asked_on + days, seed)


def working_day(day: date, hours: SendingHours) -> date:
    """That day or the next on which somebody is there to call."""
    for _ in range(LONGEST_CLOSED):
        if day.weekday() < SATURDAY and day not in hours.closed:
            return day
        day += ONE_DAY
    return day


def channel_of(wish: str, channels: Sequence[str]) -> str:
    """The channel that a rung goes by; empty where it falls away.

    `channels` are those that reach the patient now, the preferred one first.
    """
    if wish in {PREFERRED, RESCUE}:
        return next(iter(channels), "")
    if wish == OTHER:
        return next(iter(channels[1:]), "")
    return wish if wish in channels else ""


def rungs_of(rows: Iterable[tuple[int, str]]) -> tuple[Rung, ...]:
    """Each once: what one rung does is known by its day and its channel."""
    return tuple(
        dict.fromkeys(Rung(after_days, channel) for after_days, channel in rows)
    )
