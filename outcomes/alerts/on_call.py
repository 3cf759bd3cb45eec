"""Who is on call at a moment of the clinic's clock. Pure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from outcomes.models import OnCallShift

ONE_DAY = timedelta(days=1)
Kind, Day, Place = OnCallShift.Kind, OnCallShift.Day, OnCallShift.Place


@dataclass(frozen=True, slots=True)
class OnCall:
    """Ids of those who are told first, and of those who are told if nobody looks."""

    first: tuple[UUID, ...] = ()
    second: tuple[UUID, ...] = ()

    @property
    def is_anybody(self) -> bool:
        return bool(self.first)


def at(
    moment: datetime, shifts: Sequence[OnCallShift], closed: Collection[date]
) -> OnCall:
    """`moment` is local. A shift on dates stands in for the week's own at its place,
    and who is away is passed over; without a first person the second is first.
    """
    away = {
        shift.user_id
        for shift in shifts
        if shift.kind == Kind.AWAY and _covers(shift, moment, closed)
    }
    first = _at_place(Place.FIRST, moment, shifts, closed, away)
    second = [
        user
        for user in _at_place(Place.SECOND, moment, shifts, closed, away)
        if user not in first
    ]
    return OnCall(tuple(first), tuple(second)) if first else OnCall(tuple(second))


def _at_place(
    place: int,
    moment: datetime,
    shifts: Iterable[OnCallShift],
    closed: Collection[date],
    away: Collection[UUID],
) -> list[UUID]:
    mine = [
        shift for shift in shifts if shift.place == place and shift.kind != Kind.AWAY
    ]
    has_closed_days = any(shift.day == Day.CLOSED for shift in mine)
    on = [
        shift
        for shift in mine
        if shift.user_id not in away
        and _covers(shift, moment, closed if has_closed_days else ())
    ]
    dated = [shift for shift in on if shift.kind == Kind.DATES]
    return list(dict.fromkeys(shift.user_id for shift in dated or on))


def _covers(shift: OnCallShift, moment: datetime, closed: Collection[date]) -> bool:
    """Of the day itself, or of the day before where it goes on over midnight."""
    day, now = moment.date(), moment.time()
    is_over_midnight = shift.ends_at <= shift.begins_at
    if is_over_midnight:
        begun_today = now >= shift.begins_at and _is_on(shift, day, closed)
        left_over = now < shift.ends_at and _is_on(shift, day - ONE_DAY, closed)
        return begun_today or left_over
    return shift.begins_at <= now < shift.ends_at and _is_on(shift, day, closed)


def _is_on(shift: OnCallShift, day: date, closed: Collection[date]) -> bool:
    if shift.kind == Kind.WEEKLY:
        return shift.day == (Day.CLOSED if day in closed else day.weekday())
    if shift.first_on is None or shift.last_on is None:
        return False
    return shift.first_on <= day <= shift.last_on
