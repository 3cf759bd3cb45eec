"""What to do about one patient's follow-ups at one moment. Pure.

All of a patient's follow-ups are looked at together, because they make one survey and
one message. The engine and the simulator act on the same decision.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from outcomes.follow_ups.engine import ladder
from outcomes.follow_ups.engine.case import Person, Row
from outcomes.follow_ups.engine.ladder import Reminder
from outcomes.follow_ups.planning import calendar
from outcomes.follow_ups.planning.calendar import BUNDLE, ONE_DAY

# How late an invitation may go out by itself, by the days from day 0 that it asks of.
# Later ones are for staff: "how are you two weeks after" is no question at five weeks.
GRACE = (
    (14, timedelta(days=5)),
    (89, timedelta(days=10)),
    (100_000, timedelta(days=21)),
)
SAFETY_GRACE = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Expired:
    row: Row
    reason: str


@dataclass(frozen=True, slots=True)
class Waits:
    """It stays as it is and is looked at again then."""

    row: Row
    until: datetime
    # Reminders up to this moment have been seen to.
    reminded_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    row: Row
    next_action_at: datetime


@dataclass(frozen=True, slots=True)
class Opened:
    """The clinic may do its part from now on."""

    row: Row


@dataclass(frozen=True, slots=True)
class HandedOver:
    """Nothing can or should be written: a person takes it."""

    row: Row
    # "unreachable", or "open" where only the time for a message has passed.
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class Call:
    row: Row
    rung: str
    due_on: date


@dataclass(frozen=True, slots=True)
class Letter:
    """The one message that all of this needs."""

    kind: str
    channel: str
    rung: str


@dataclass(slots=True)
class Decision:
    expired: list[Expired] = field(default_factory=list)
    waits: list[Waits] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    opened: list[Opened] = field(default_factory=list)
    handed_over: list[HandedOver] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    message: Letter | None = None


TOO_LATE = "too late to invite by itself"
# The rung of a message or a call by which something is asked first.
INVITE = "invite"


def decide(
    person: Person, rows: Sequence[Row], now: datetime, *, is_paused: bool = False
) -> Decision:
    """`rows` are all that is not final, also what is not due: it may be asked along.

    While sending is paused what is over ends, and staff have their calls; what would
    be written waits, and is found as it was left.
    """
    found = Decision()
    asking: list[Row] = []
    reminded: list[tuple[Row, list[Reminder]]] = []
    for row in (row for row in rows if row.is_due(now)):
        if row.close_at <= now:
            found.expired.append(Expired(row, _why_expired(person, row)))
        elif row.is_clinicians and row.state == "planned":
            found.opened.append(Opened(row))
        elif row.is_clinicians or row.is_answered:
            found.waits.append(Waits(row, row.close_at))
        elif row.is_asked:
            reminded.append((row, _due_reminders(person, row, now)))
        elif row.state == "planned":
            if is_paused and person.is_written_to:
                continue
            _sort_planned(person, row, now, asking, found.waits)
        else:
            found.waits.append(Waits(row, row.close_at))
    _ask(person, rows, asking, now, found)
    _remind(person, reminded, now, found, is_paused=is_paused)
    return found


def _why_expired(person: Person, row: Row) -> str:
    if row.is_clinicians:
        return calendar.NOT_EXAMINED
    if row.is_answered:
        return calendar.EXAMINATION_MISSING
    if row.state == "open" and person.is_held_back:
        return calendar.ON_HOLD
    return calendar.why_expired(row.state, row.close_at, person.resumes_at)


def _sort_planned(
    person: Person, row: Row, now: datetime, asking: list[Row], waits: list[Waits]
) -> None:
    start = _may_start(person, row, now)
    if start <= now:
        asking.append(row)
    else:
        waits.append(Waits(row, min(start, row.close_at)))


def _may_start(person: Person, row: Row, now: datetime) -> datetime:
    """When it may be asked: after a hold, in the hours; and if it can wait, not while
    a flag is open, and a week after an invitation that was answered.
    """
    hours = person.hours_for(row)
    start = hours.next_opening(max(now, person.resumes_at or now))
    if row.is_safety:
        return start
    apart = hours.next_opening(max(start, _apart(person, now)))
    # Better a second invitation in a week than none at all.
    return apart if apart < row.close_at or person.is_flagged else start


def _apart(person: Person, now: datetime) -> datetime:
    """What joins a survey that the patient has a link to costs them no message."""
    if person.is_flagged:
        return _tomorrow(person, now)
    if person.invitation_queued_at is None or person.queued_at is not None:
        return now
    return person.invitation_queued_at + BUNDLE


def _tomorrow(person: Person, now: datetime) -> datetime:
    day = calendar.local_day(now, person.hours.zone) + ONE_DAY
    return person.hours.spread(day, person.seed)


def _ask(
    person: Person,
    rows: Sequence[Row],
    due: list[Row],
    now: datetime,
    found: Decision,
) -> None:
    """Open what is due, and what will be within a week, as one survey."""
    if not due:
        return
    if person.obstacle:
        found.handed_over += [
            HandedOver(row, "unreachable", person.obstacle) for row in due
        ]
        return
    is_all_late = all(_is_late(row, now) for row in due)
    soon = [] if is_all_late else _due_soon(person, rows, now)
    wanted, waiting = one_a_place([*due, *soon], rows)
    found.waits += [Waits(row, other.close_at) for row, other in waiting]
    late = [row for row in wanted if _is_late(row, now)]
    found.handed_over += [HandedOver(row, "open", TOO_LATE) for row in late]
    asked = [row for row in wanted if row not in late]
    found.asked += [Asked(row, _next_look(person, row, now)) for row in asked]
    if not asked:
        return
    lead = min(asked, key=lambda row: (not row.is_safety, row not in due))
    if person.prefers_call:
        today = calendar.local_day(now, person.hours.zone)
        found.calls.append(Call(lead, INVITE, today))
    else:
        found.message = _invitation(person, lead, now)


def _is_late(row: Row, now: datetime) -> bool:
    return now - (row.next_action_at or now) > grace(row)


def grace(row: Row) -> timedelta:
    if row.is_safety:
        return SAFETY_GRACE
    if row.is_baseline:
        # It may be asked for as long as it is one.
        return timedelta.max
    return next(late for days, late in GRACE if row.offset_days <= days)


def _due_soon(person: Person, rows: Iterable[Row], now: datetime) -> list[Row]:
    """What would be asked within a week anyway and may be answered from today."""
    today = calendar.local_day(now, person.hours.zone)
    return [
        row
        for row in rows
        if row.state == "planned"
        and not row.is_clinicians
        and row.next_action_at is not None
        and now < row.next_action_at <= now + BUNDLE
        and row.opens_on <= today
    ]


def one_a_place(
    wanted: Iterable[Row], rows: Iterable[Row]
) -> tuple[list[Row], list[tuple[Row, Row]]]:
    """What is asked now, and what waits for the end of another that asks the same.

    Two courses of a plan may both wait for their procedure: one was taken back while
    its repeat was planned. The earlier one asks first.
    """
    taken = {row.place: row for row in rows if row.is_asked}
    asked: list[Row] = []
    waiting: list[tuple[Row, Row]] = []
    for row in sorted(wanted, key=lambda row: row.course):
        other = taken.setdefault(row.place, row)
        if other is row:
            asked.append(row)
        else:
            waiting.append((row, other))
    return asked, waiting


def _next_look(person: Person, row: Row, now: datetime) -> datetime:
    """The first reminder, or the end, of what is asked at this moment."""
    following = _reminders(person, replace(row, asked_at=now))
    return min([row.close_at, *(one.at for one in following)])


def _reminders(person: Person, row: Row) -> list[Reminder]:
    if row.asked_at is None:
        return []
    return ladder.reminders(
        row.ladder,
        asked_at=row.asked_at,
        closes_on=row.closes_on,
        hours=person.hours_for(row),
        seed=person.seed,
    )


def _invitation(person: Person, lead: Row, now: datetime) -> Letter | None:
    """None where the patient has the link from a message of these days.

    Whether all is well is asked on its day, whatever else was sent this week; and what
    waits in the outbox has asked nobody anything.
    """
    apart = ONE_DAY if lead.is_safety else BUNDLE
    last = _last_message(person, is_safety=lead.is_safety)
    if last and last > now - apart:
        return None
    wish = ladder.first_channel(lead.ladder)
    channel = ladder.channel_of(wish, person.channels) or person.channels[0]
    return Letter("safety" if lead.is_safety else "invitation", channel, INVITE)


def _last_message(person: Person, *, is_safety: bool) -> datetime | None:
    """A safety check counts on nothing that may never leave."""
    return person.sent_at if is_safety else person.queued_at


def closing_soon(rows: Iterable[Row], now: datetime) -> list[Row]:
    """What will be over within a week."""
    return [row for row in rows if row.close_at <= now + BUNDLE]


def _due_reminders(person: Person, row: Row, now: datetime) -> list[Reminder]:
    seen_to = row.reminded_until or row.asked_at
    return [
        one
        for one in _reminders(person, row)
        if seen_to is not None and seen_to < one.at <= now
    ]


def _remind(
    person: Person,
    due: list[tuple[Row, list[Reminder]]],
    now: datetime,
    found: Decision,
    *,
    is_paused: bool,
) -> None:
    """Climb to where each stands by now; of several messages missed, the last goes."""
    messages: list[tuple[Row, Reminder]] = []
    for row, reminders in due:
        until = _held_until(person, row, reminders, now)
        if until is not None:
            found.waits.append(Waits(row, min(until, row.close_at)))
            continue
        found.calls += _call(person, row, reminders, now)
        written = [(row, one) for one in reminders if not one.rung.is_call]
        if written and is_paused:
            # Not seen to, and still due: it goes once messages go again.
            found.waits.append(Waits(row, now))
            continue
        messages += written
        found.waits.append(Waits(row, _after(person, row, now), reminded_until=now))
    if messages and found.message is None:
        found.message = _reminder(person, messages, now)


def _held_until(
    person: Person, row: Row, reminders: list[Reminder], now: datetime
) -> datetime | None:
    """Until when nothing is done about what is due; None where it is done now."""
    if not reminders:
        return None
    if person.resumes_at is not None and person.resumes_at > now:
        return person.resumes_at
    if person.is_flagged:
        return _tomorrow(person, now)
    opening = person.hours_for(row).next_opening(now)
    return opening if opening > now else None


def _after(person: Person, row: Row, now: datetime) -> datetime:
    later = (one.at for one in _reminders(person, row) if one.at > now)
    return min([row.close_at, *later])


def _call(
    person: Person, row: Row, reminders: list[Reminder], now: datetime
) -> list[Call]:
    """Of several that were missed the last; who may not be called is staff's too."""
    today = calendar.local_day(now, person.hours.zone)
    calls = [one.rung.name for one in reminders if one.rung.is_call]
    return [Call(row, rung, today) for rung in calls[-1:]]


def _reminder(
    person: Person, due: list[tuple[Row, Reminder]], now: datetime
) -> Letter | None:
    """The latest rung that some channel is open for."""
    if person.obstacle:
        return None
    last = _last_message(person, is_safety=any(row.is_safety for row, _ in due))
    if last and last > now - ladder.APART:
        return None
    for _, one in sorted(due, key=lambda pair: pair[1].at, reverse=True):
        channel = ladder.channel_of(one.rung.channel, person.channels)
        if channel:
            kind = "rescue" if one.rung.channel == ladder.RESCUE else "reminder"
            return Letter(kind, channel, one.rung.name)
    return None
