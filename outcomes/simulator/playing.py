"""What a protocol would do to one patient: every message, call and window. Pure.

The engine's own decisions, carried out on values instead of rows.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from outcomes.follow_ups.engine import asking
from outcomes.follow_ups.engine.asking import Decision
from outcomes.follow_ups.engine.case import Person, Row
from outcomes.follow_ups.engine.ladder import Rung
from outcomes.follow_ups.planning import calendar
from outcomes.follow_ups.planning.calendar import BUNDLE, Desired

# A window opens and closes once, and asks a handful of times: more is a fault of ours.
MOST_STEPS = 10_000


class What(StrEnum):
    MESSAGE = "message"
    CALL = "call"
    EXAMINATION = "examination"
    ANSWER = "answer"
    HANDED_OVER = "handed over"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens at a moment, about one or more time points."""

    at: datetime
    what: What
    keys: tuple[str, ...]
    kind: str = ""
    channel: str = ""
    rung: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Ladders:
    routine: tuple[Rung, ...]
    safety: tuple[Rung, ...]

    def of(self, one: Desired) -> tuple[Rung, ...]:
        return self.safety if one.is_safety else self.routine


@dataclass(slots=True)
class _Play:
    person: Person
    rows: list[Row]
    # How many messages of one survey the patient lets pass; None: all of them.
    lets_pass: int | None
    events: list[Event] = field(default_factory=list)
    written: int = 0

    @property
    def next_at(self) -> datetime | None:
        moments = (row.next_action_at for row in self.rows)
        return min((at for at in moments if at is not None), default=None)

    @property
    def asked(self) -> list[Row]:
        return [row for row in self.rows if row.is_asked]


def play(
    person: Person,
    desired: Iterable[Desired],
    ladders: Ladders,
    *,
    begins_at: datetime,
    until: datetime,
    lets_pass: int | None = None,
) -> list[Event]:
    """From the plan's start on, in order of time.

    `lets_pass` messages of a survey stay without an answer, the next is answered at
    once; None: nothing ever is.
    """
    rows = [_row(one, ladders) for one in desired if one.close_at > begins_at]
    stage = _Play(person, rows, lets_pass)
    for _ in range(MOST_STEPS):
        now = stage.next_at
        if now is None or now > until:
            break
        _step(stage, max(now, begins_at))
    return stage.events


def _row(one: Desired, ladders: Ladders) -> Row:
    return Row(
        key=one.key,
        place=one.key,
        course=1,
        state="planned",
        offset_days=one.offset_days,
        opens_on=one.opens_on,
        closes_on=one.closes_on,
        close_at=one.close_at,
        next_action_at=one.ask_at,
        ladder=ladders.of(one),
        is_safety=one.is_safety,
        is_baseline=one.is_baseline,
        who=one.who,
    )


def _step(stage: _Play, now: datetime) -> None:
    person = _as_of(stage.person, now)
    decision = asking.decide(person, stage.rows, now)
    stage.rows = _changed(stage.rows, decision, now)
    stage.events += _told(stage, decision, now)
    if decision.message:
        stage.written += 1
        is_invitation = decision.message.kind == "invitation"
        stage.person = replace(
            stage.person,
            queued_at=now,
            sent_at=now,
            invitation_queued_at=(
                now if is_invitation else stage.person.invitation_queued_at
            ),
        )
        _answer(stage, now)
    if not stage.asked:
        # The survey is over; the next is a new one.
        stage.written = 0
        stage.person = replace(stage.person, queued_at=None, sent_at=None)


def _as_of(person: Person, now: datetime) -> Person:
    """What was written more than a week ago keeps nothing from going."""

    def recent(at: datetime | None) -> datetime | None:
        return at if at is not None and at > now - BUNDLE else None

    return replace(
        person,
        queued_at=recent(person.queued_at),
        sent_at=recent(person.sent_at),
        invitation_queued_at=recent(person.invitation_queued_at),
    )


def _changed(rows: Sequence[Row], decision: Decision, now: datetime) -> list[Row]:
    over = {one.row.key for one in decision.expired}
    becomes: dict[object, Row] = {}
    for waiting in decision.waits:
        row = waiting.row
        becomes[row.key] = replace(
            row,
            next_action_at=waiting.until,
            reminded_until=waiting.reminded_until or row.reminded_until,
        )
    for opened in decision.opened:
        row = opened.row
        becomes[row.key] = replace(row, state="open", next_action_at=row.close_at)
    for handed in decision.handed_over:
        row = handed.row
        becomes[row.key] = replace(row, state=handed.state, next_action_at=row.close_at)
    for one in decision.asked:
        becomes[one.row.key] = replace(
            one.row, state="open", next_action_at=one.next_action_at, asked_at=now
        )
    return [becomes.get(row.key, row) for row in rows if row.key not in over]


def _told(stage: _Play, decision: Decision, now: datetime) -> Iterator[Event]:
    for one in decision.expired:
        yield Event(now, What.MISSED, _keys([one.row]), reason=one.reason)
    for handed in decision.handed_over:
        yield Event(now, What.HANDED_OVER, _keys([handed.row]), reason=handed.reason)
    for opened in decision.opened:
        yield Event(now, What.EXAMINATION, _keys([opened.row]))
    if decision.message:
        kind, channel, rung = (
            decision.message.kind,
            decision.message.channel,
            decision.message.rung,
        )
        yield Event(now, What.MESSAGE, _keys(stage.asked), kind, channel, rung)
    for call in decision.calls:
        yield Event(now, What.CALL, _keys([call.row]), rung=call.rung)


def _answer(stage: _Play, now: datetime) -> None:
    if stage.lets_pass is None or stage.written <= stage.lets_pass:
        return
    stage.events.append(Event(now, What.ANSWER, _keys(stage.asked)))
    stage.rows = [row for row in stage.rows if not row.is_asked]


def _keys(rows: Iterable[Row]) -> tuple[str, ...]:
    return tuple(str(row.key) for row in rows)


def days_of(events: Iterable[Event], zone: str) -> dict[date, list[Event]]:
    """By the patient's own calendar day."""
    found: dict[date, list[Event]] = {}
    for event in events:
        found.setdefault(calendar.local_day(event.at, zone), []).append(event)
    return found
