"""When a patient is asked: from an anchor day to dates, from a moment to a step.

Values in, values out: the preview, the simulator and the engine call the same code.
"""

import functools
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

NEVER_ASKED = "never asked"
ON_HOLD = "on hold"
# The patient, asked how it was after the procedure, says that there was none.
NOT_HAD_YET = "not had yet"
NOT_EXAMINED = "not examined"
EXAMINATION_MISSING = "examination missing"
# Who has a part in a time point, as protocols say it.
PATIENT, CLINICIAN = "patient", "clinician"
# Follow-ups asked within a week of each other make one survey.
BUNDLE = timedelta(days=7)
# Staff may record a procedure days after it: so long the record is looked at for
# what was done in the clinic before it is called never done.
RECORDED_WITHIN = timedelta(days=7)
ONE_DAY = timedelta(days=1)
# The last tenth is left free, so that a message held up does not miss the day.
SPREAD_OVER = 0.9
LAST_MINUTE = time(23, 59)
# Nobody looks further ahead for a day on which the clinic is open.
LONGEST_CLOSURE = 366


class TimepointLike(Protocol):
    """A time point of a protocol, stored or as it stands in a file."""

    @property
    def key(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def offset_days(self) -> int: ...
    @property
    def open_day(self) -> int: ...
    @property
    def close_day(self) -> int: ...
    @property
    def ask_day(self) -> int: ...
    @property
    def who(self) -> str: ...
    @property
    def is_baseline(self) -> bool: ...
    @property
    def is_safety(self) -> bool: ...


class AskedLike(Protocol):
    """A follow-up that stands, with the days it was planned by."""

    @property
    def label(self) -> str: ...
    @property
    def offset_days(self) -> int: ...
    @property
    def open_day(self) -> int: ...
    @property
    def close_day(self) -> int: ...
    @property
    def ask_day(self) -> int: ...
    @property
    def is_baseline(self) -> bool: ...
    @property
    def is_safety(self) -> bool: ...
    @property
    def who(self) -> str: ...


class AskedPoint(NamedTuple):
    """A time point as it was when the patient was asked."""

    key: str
    label: str
    offset_days: int
    open_day: int
    close_day: int
    ask_day: int
    is_baseline: bool
    is_safety: bool
    who: str = PATIENT

    @classmethod
    def of(cls, key: str, row: AskedLike) -> "AskedPoint":
        if isinstance(row, cls):
            return row
        return cls(
            key=key,
            label=row.label,
            offset_days=row.offset_days,
            open_day=row.open_day,
            close_day=row.close_day,
            ask_day=row.ask_day,
            is_baseline=row.is_baseline,
            is_safety=row.is_safety,
            who=row.who,
        )


@dataclass(frozen=True, slots=True)
class SendingHours:
    """When a patient may be written to, in their own zone: hours, and closed days."""

    zone: str
    sends_from: time
    sends_until: time
    closed: frozenset[date] = frozenset()

    @property
    def is_full_day(self) -> bool:
        return self.sends_from == time(0) and self.sends_until >= LAST_MINUTE

    @property
    def every_day(self) -> "SendingHours":
        """The same hours for what waits for no closed day: safety checks."""
        return replace(self, closed=frozenset()) if self.closed else self

    def contains(self, now: datetime) -> bool:
        local = now.astimezone(ZoneInfo(self.zone))
        if local.date() in self.closed:
            return False
        return self.is_full_day or self.sends_from <= local.time() < self.sends_until

    def next_opening(self, now: datetime) -> datetime:
        """Now where sending is allowed now, else when it is allowed next."""
        if self.contains(now):
            return now
        day = self.open_day(local_day(now, self.zone))
        opening = moment(day, self.sends_from, self.zone)
        if opening > now:
            return opening
        return moment(self.open_day(day + ONE_DAY), self.sends_from, self.zone)

    def open_day(self, day: date) -> date:
        """That day, or the first one after it on which the clinic is not closed.

        After a year without one, the day behind that year: it is looked at again then.
        """
        last = day + ONE_DAY * LONGEST_CLOSURE
        while day in self.closed and day < last:
            day += ONE_DAY
        return day

    def asking_day(self, day: date, opens_on: date, closes_on: date) -> date:
        """That day or the next open one; where the window is over by then, the last
        open one before it. A window without any stays where it is.
        """
        later = self.open_day(day)
        if later <= closes_on:
            return later
        earlier = day
        while earlier in self.closed and earlier >= opens_on:
            earlier -= ONE_DAY
        return earlier if earlier >= opens_on else later

    def ask_at(self, day: date, opens_on: date, closes_on: date, seed: str) -> datetime:
        """The moment of an invitation for that day."""
        return self.spread(self.asking_day(day, opens_on, closes_on), seed)

    def spread(self, day: date, seed: str) -> datetime:
        """A moment of that day's hours, always the same one for the same seed.

        A closed day gives way to the next that is open.
        """
        day = self.open_day(day)
        opening = moment(day, self.sends_from, self.zone)
        if self.is_full_day:
            return opening
        length = moment(day, self.sends_until, self.zone) - opening
        seconds = int(length.total_seconds() * _share(seed) * SPREAD_OVER)
        return opening + timedelta(seconds=seconds)


class Desired(NamedTuple):
    """One follow-up as it should be: days from the anchor, local dates, UTC moments.

    `ask_at` of what is the clinician's alone is when its window opens.
    """

    key: str
    label: str
    offset_days: int
    open_day: int
    close_day: int
    ask_day: int
    is_baseline: bool
    is_safety: bool
    opens_on: date
    due_on: date
    closes_on: date
    ask_at: datetime
    close_at: datetime
    who: str = PATIENT


EXPIRE_REASONS = {
    "planned": NEVER_ASKED,
    "open": "no answer",
    "started": "not finished",
    "unreachable": "never reached",
}


@functools.lru_cache(maxsize=1024)
def _share(seed: str) -> float:
    """From 0 to 1; a patient's is asked for at each time point."""
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4]) / 2**32


# Thousands of plans share the same few years of days.
@functools.lru_cache(maxsize=2**14)
def moment(day: date, at: time, zone: str) -> datetime:
    """A local time as UTC: one that is skipped moves forward, of two the first."""
    return datetime.combine(day, at.replace(fold=0), ZoneInfo(zone)).astimezone(UTC)


def local_day(now: datetime, zone: str) -> date:
    return now.astimezone(ZoneInfo(zone)).date()


def end_of(day: date, zone: str) -> datetime:
    """The moment that a local day is over, in UTC."""
    return moment(day + ONE_DAY, time(0), zone)


def ending(closes_on: date, zone: str, now: datetime, *, waits: bool) -> datetime:
    """When one that was asked ends; one that `waits`, not before the day is over.

    A baseline belongs before the procedure, so it waits while that is not confirmed.
    """
    today = local_day(now, zone)
    return end_of(max(closes_on, today) if waits else closes_on, zone)


def desired(
    timepoints: Iterable[TimepointLike],
    anchor_on: date,
    hours: SendingHours,
    seed: str = "",
    begins_on: date | None = None,
) -> list[Desired]:
    """What patient and clinic are to do, counted from the anchor, earliest first.

    A baseline is counted from `begins_on`, where a series began before its day 0.
    `seed`, the same for all of a patient's, picks the time of day within the hours.
    """
    # Where any hour will do, it is the same moment for everybody of a day.
    seed = "" if hours.is_full_day else seed
    wanted = [
        _place(
            AskedPoint.of(point.key, point),
            (begins_on or anchor_on) if point.is_baseline else anchor_on,
            hours,
            seed,
        )
        for point in timepoints
    ]
    return sorted(wanted, key=lambda one: (one.offset_days, one.key))


# Of thousands of plans many have the same day 0.
@functools.lru_cache(maxsize=2**14)
def _place(
    point: AskedPoint, anchor_on: date, hours: SendingHours, seed: str
) -> Desired:
    opens_on = anchor_on + timedelta(days=point.open_day)
    closes_on = anchor_on + timedelta(days=point.close_day)
    # What harms does not wait until the clinic opens again.
    own = hours.every_day if point.is_safety else hours
    ask_on = anchor_on + timedelta(days=point.ask_day)
    ask_at = own.ask_at(ask_on, opens_on, closes_on, seed)
    if point.who == CLINICIAN:
        ask_at = moment(opens_on, time(0), hours.zone)
    return Desired(
        key=point.key,
        label=point.label,
        offset_days=point.offset_days,
        open_day=point.open_day,
        close_day=point.close_day,
        ask_day=point.ask_day,
        is_baseline=point.is_baseline,
        is_safety=point.is_safety,
        opens_on=opens_on,
        due_on=anchor_on + timedelta(days=point.offset_days),
        closes_on=closes_on,
        ask_at=ask_at,
        close_at=end_of(closes_on, hours.zone),
        who=point.who,
    )


def why_expired(state: str, close_at: datetime, resumes_at: datetime | None) -> str:
    """Whom a hold kept from being asked has not left a question unanswered."""
    was_held = resumes_at is not None and resumes_at >= close_at
    return ON_HOLD if state == "planned" and was_held else EXPIRE_REASONS[state]
