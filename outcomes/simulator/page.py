"""A simulation as rows of a table and as months of a calendar."""

import calendar as months
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from outcomes.follow_ups.planning import calendar
from outcomes.follow_ups.planning.calendar import Desired
from outcomes.models.messages import Channel, Kind
from outcomes.simulator import playing
from outcomes.simulator.playing import Event, What
from outcomes.simulator.staging import Play

YEARS_SHOWN = 2
# What a day of the calendar shows where several things happen on it.
MARKS = {
    What.MESSAGE: "●",
    What.CALL: "▲",
    What.EXAMINATION: "■",
    What.HANDED_OVER: "△",
    What.ANSWER: "✓",
    What.MISSED: "×",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table."""

    at: datetime
    what: What
    words: str
    about: str
    # The day of the same in the other play, where the procedure moves.
    moved_to: date | None = None
    falls_away: bool = False

    @property
    def shift(self) -> str:
        """By how many days, such as "+14 days"; empty where it stays."""
        days = (self.moved_to - self.at.date()).days if self.moved_to else 0
        return f"{days:+} day{'' if abs(days) == 1 else 's'}" if days else ""

    @property
    def mark(self) -> str:
        return MARKS[self.what]

    @property
    def tone(self) -> str:
        tones = {What.MISSED: "bad", What.HANDED_OVER: "warn", What.CALL: "warn"}
        return tones.get(self.what, "ok" if self.what == What.ANSWER else "")


@dataclass(frozen=True, slots=True)
class Note:
    """Something about the days themselves, between two rows."""

    day: date
    words: str


class Parted(NamedTuple):
    """Months with what they hold: the first two years, and those shown on demand."""

    near: list[tuple[date, Any]]
    later: list[tuple[date, Any]]


@dataclass(frozen=True, slots=True)
class Window:
    one: Desired
    asked: datetime | None
    is_missed: bool
    is_answered: bool


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    is_of_month: bool
    marks: str
    words: str
    is_closed: bool


def lines(play: Play, zone: str, other: Play | None = None) -> list[Line | Note]:
    """In order of time, with what happens to the clocks and on closed days."""
    labels = {one.key: one.label for one in play.desired}
    found: list[Line | Note] = list(_notes(play, zone))
    found += _lines(play, labels, zone, other)
    return sorted(found, key=lambda one: _place(one, zone))


def by_month(
    found: Iterable[Line | Note], zone: str
) -> list[tuple[date, list[Line | Note]]]:
    """The lines of each month in which something happens, under its first day."""
    months: dict[date, list[Line | Note]] = {}
    for one in found:
        months.setdefault(_place(one, zone)[0].replace(day=1), []).append(one)
    return list(months.items())


def parted(months: Iterable[tuple[date, Any]], play: Play) -> Parted:
    """The first two years from day 0, whole months, and those after them."""
    day_0 = play.anchor_on
    until = (day_0.year + YEARS_SHOWN, day_0.month)
    parts = Parted([], [])
    for first, held in months:
        is_near = (first.year, first.month) <= until
        (parts.near if is_near else parts.later).append((first, held))
    return parts


def compared(play: Play, other: Play) -> list[tuple[str, int, int]]:
    """How much of each there is, as planned and moved."""
    pairs = zip(counts(play), counts(other), strict=True)
    return [(words, number, moved) for (words, number), (_, moved) in pairs]


def _place(one: Line | Note, zone: str) -> tuple[date, bool, float]:
    if isinstance(one, Note):
        return one.day, False, 0.0
    return calendar.local_day(one.at, zone), True, one.at.timestamp()


def _lines(
    play: Play, labels: dict[str, str], zone: str, other: Play | None
) -> Iterator[Line]:
    local = ZoneInfo(zone)
    later = _by_name(other.events) if other else {}
    seen: Counter[tuple[object, ...]] = Counter()
    for event in play.events:
        name = _name(event)
        twin = later.get((*name, seen[name]))
        seen[name] += 1
        yield Line(
            at=event.at.astimezone(local),
            what=event.what,
            words=words(event),
            about=", ".join(labels.get(key, key) for key in event.keys),
            moved_to=calendar.local_day(twin.at, zone) if twin else None,
            falls_away=other is not None and twin is None,
        )


def _name(event: Event) -> tuple[object, ...]:
    """By which it is found again in another play."""
    return event.what, event.kind, event.rung, event.keys


def _by_name(events: Iterable[Event]) -> dict[tuple[object, ...], Event]:
    seen: Counter[tuple[object, ...]] = Counter()
    found = {}
    for event in events:
        name = _name(event)
        found[(*name, seen[name])] = event
        seen[name] += 1
    return found


def words(event: Event) -> str:
    """Such as "reminder by text message"."""
    if event.what == What.MESSAGE:
        kind, channel = Kind(event.kind), Channel(event.channel)
        return f"{kind.label} by {channel.label}".lower()
    if event.what == What.CALL:
        return "a call by staff"
    if event.what == What.EXAMINATION:
        return "to be examined in the clinic from this day"
    if event.what == What.ANSWER:
        return "answers"
    if event.what == What.HANDED_OVER:
        return f"for staff to call: {event.reason}"
    return f"window closes, {event.reason}"


def _notes(play: Play, zone: str) -> Iterator[Note]:
    if not play.events:
        return
    last = calendar.local_day(play.events[-1].at, zone)
    first = calendar.local_day(play.events[0].at, zone)
    yield from _clock_changes(first, last, zone)
    for one in play.desired:
        day = play.anchor_on + timedelta(days=one.ask_day)
        is_closed = day in play.hours.closed and not one.is_safety
        if is_closed and first <= day <= last:
            yield Note(
                day, f"closed: the invitation for {one.label} {_goes(one, day, zone)}"
            )


def _goes(one: Desired, day: date, zone: str) -> str:
    asked_on = calendar.local_day(one.ask_at, zone)
    if asked_on < day:
        return "went out before, as its window ends before the clinic opens"
    if asked_on > one.closes_on:
        return "never goes out, as its whole window is closed"
    return "waits for the next open day"


def _clock_changes(first: date, last: date, zone: str) -> Iterator[Note]:
    local = ZoneInfo(zone)
    before = _offset(first, local)
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        offset = _offset(day, local)
        if offset != before:
            way = "forward" if offset > before else "back"
            minutes = abs(offset - before) // timedelta(minutes=1)
            yield Note(day, f"clocks go {way} by {minutes} minutes in {zone}")
        before = offset


def _offset(day: date, zone: ZoneInfo) -> timedelta:
    """At the end of the day, when a change of that day has happened."""
    noon = datetime(day.year, day.month, day.day, 23, tzinfo=zone)
    return noon.utcoffset() or timedelta(0)


def windows(play: Play) -> list[Window]:
    asked: dict[str, datetime] = {}
    for event in play.events:
        if event.what in {What.MESSAGE, What.CALL}:
            for key in event.keys:
                asked.setdefault(key, event.at)
    missed, answered = (
        {key for event in play.events if event.what == what for key in event.keys}
        for what in (What.MISSED, What.ANSWER)
    )
    return [
        Window(one, asked.get(one.key), one.key in missed, one.key in answered)
        for one in play.desired
    ]


def counts(play: Play) -> list[tuple[str, int]]:
    """How much a patient and the staff would have of it."""
    kinds = Counter(event.what for event in play.events)
    return [
        ("messages", kinds[What.MESSAGE]),
        ("calls by staff", kinds[What.CALL] + kinds[What.HANDED_OVER]),
        ("examinations", kinds[What.EXAMINATION]),
        ("answers", kinds[What.ANSWER]),
        ("windows that close unanswered", kinds[What.MISSED]),
    ]


def changes(found: Sequence[Line | Note]) -> tuple[int, int]:
    """How many lines move to another day, and how many fall away."""
    rows = [one for one in found if isinstance(one, Line)]
    moved = sum(one.moved_to not in (None, one.at.date()) for one in rows)
    return moved, sum(one.falls_away for one in rows)


def months_of(play: Play, zone: str) -> list[tuple[date, list[list[Day]]]]:
    """The months in which something happens, each with its weeks from Monday."""
    days = playing.days_of(play.events, zone)
    firsts = sorted({day.replace(day=1) for day in days})
    weeks = months.Calendar()
    return [
        (
            first,
            [
                [_day(day, first, days.get(day, []), play) for day in week]
                for week in weeks.monthdatescalendar(first.year, first.month)
            ],
        )
        for first in firsts
    ]


def _day(day: date, first: date, events: list[Event], play: Play) -> Day:
    is_of_month = day.month == first.month
    shown = events if is_of_month else []
    return Day(
        day=day,
        is_of_month=is_of_month,
        marks="".join(MARKS[event.what] for event in shown),
        words="; ".join(words(event) for event in shown),
        is_closed=is_of_month and day in play.hours.closed,
    )
