"""Every zone, both changes of its clock, ends of months, two years: when patients are
written to. Pure: the same decisions that the engine carries out.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from outcomes.follow_ups.planning import calendar
from outcomes.follow_ups.planning.calendar import Desired, SendingHours
from plans.protocols import library

ZONES = sorted(available_timezones() - {"Factory", "localtime"})
# With a leap day in their middle.
FIRST, LAST = date(2027, 3, 1), date(2029, 2, 28)
HOURS = (time(9), time(19))
ONE_DAY = timedelta(days=1)


@dataclass(slots=True)
class Found:
    zones: int = 0
    placed: int = 0
    # Outside of the hours, on another day than its own, lost or doubled.
    outside: int = 0
    on_another_day: int = 0
    not_once: int = 0

    @property
    def holds(self) -> bool:
        return bool(self.placed) and not (
            self.outside or self.on_another_day or self.not_once
        )

    def __str__(self) -> str:
        return (
            f"{self.zones} zones, {self.placed:,} follow-ups placed: {self.outside} "
            f"outside of the hours, {self.on_another_day} on another day, "
            f"{self.not_once} skipped or doubled"
        )


@cache
def month_ends() -> list[date]:
    days = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    return [day for day in days if (day + ONE_DAY).day == 1 or day == date(2028, 2, 29)]


def changes(zone: str) -> list[date]:
    """The days in these years on which the clock is set."""
    local, found, day = ZoneInfo(zone), [], FIRST
    before = datetime.combine(day, time(0), local).utcoffset()
    while day < LAST:
        day += ONE_DAY
        offset = datetime.combine(day, time(0), local).utcoffset()
        if offset != before:
            found.append(day - ONE_DAY)
        before = offset
    return found


def check(zones: list[str]) -> Found:
    found = Found()
    protocols = [one.timepoints for one in library.load_all()]
    for zone in zones:
        hours = SendingHours(zone, *HOURS)
        found.zones += 1
        for day in [*month_ends(), *changes(zone)]:
            for points in protocols:
                _placed(found, points, day, hours)
                # And so that the first that is asked falls on that day.
                first = next(one for one in points if not one.is_baseline)
                _placed(found, points, day - timedelta(days=first.ask_day), hours)
    return found


def _placed(found: Found, points, anchor: date, hours: SendingHours) -> None:
    wanted = calendar.desired(points, anchor, hours, str(anchor))
    found.placed += len(wanted)
    keys = Counter(one.key for one in wanted)
    found.not_once += sum(keys[point.key] != 1 for point in points)
    for one in wanted:
        _judge(found, one, anchor, hours)


def _judge(found: Found, one: Desired, anchor: date, hours: SendingHours) -> None:
    is_clinics = one.who == calendar.CLINICIAN
    day = anchor + timedelta(days=one.open_day if is_clinics else one.ask_day)
    found.on_another_day += calendar.local_day(one.ask_at, hours.zone) != day
    found.outside += not is_clinics and not hours.contains(one.ask_at)
