"""What bringing a schedule in line would do to the rows that stand, and in words."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from clinic import clock
from clinic.consequences import Change, Effect, Kind, Row
from outcomes.follow_ups.planning.calendar import NOT_HAD_YET, Desired
from outcomes.follow_ups.planning.course_rows import StandingRow
from outcomes.models import FollowUp

State = FollowUp.State


@dataclass(frozen=True, slots=True)
class Beginning:
    """The state in which a follow-up that nobody was asked yet stands."""

    state: str
    state_reason: str
    next_action_at: datetime | None


@dataclass(frozen=True, slots=True)
class Placed:
    """A follow-up as it should be, and how it would stand if not asked yet."""

    desired: Desired
    beginning: Beginning

    @property
    def is_never_asked(self) -> bool:
        return self.beginning.state == State.EXPIRED


def comes_again(row: StandingRow, placed: Placed, today: date, *, waits: bool) -> bool:
    """Whether what ended is planned anew, now that day 0 is where it is.

    A check of a procedure that was not done then, and what belonged before it, are
    asked anew once its day moves; "not had yet" also once staff know that it was done.
    """
    if placed.is_never_asked:
        return False
    was_left = row.state == State.CANCELLED and row.state_reason != NOT_HAD_YET
    if was_left:
        return True
    hangs_on_day = row.is_safety or row.is_baseline
    if row.state == State.COMPLETED or row.is_answered or not hangs_on_day:
        return False
    has_moved = row.due_on != placed.desired.due_on
    is_known = row.state == State.CANCELLED and not waits
    return (has_moved or is_known) and placed.desired.closes_on >= today


@dataclass(slots=True)
class Changes:
    """What a schedule does to the rows that stand."""

    planned: list[Placed] = field(default_factory=list)
    moved: list[tuple[StandingRow, Placed]] = field(default_factory=list)
    kept_open: list[tuple[StandingRow, Placed]] = field(default_factory=list)
    superseded: list[tuple[StandingRow, Placed]] = field(default_factory=list)
    # Not asked yet, and not in the protocol any more.
    gone: list[StandingRow] = field(default_factory=list)
    # Ended without an answer, and not over yet now that it is asked anew.
    again: list[tuple[StandingRow, Placed]] = field(default_factory=list)
    # Answered: whether the answer lies in the window is read anew, nothing else.
    left_window: list[StandingRow] = field(default_factory=list)
    came_in_window: list[StandingRow] = field(default_factory=list)
    # Nothing about them changes but the moment of their end.
    stay: list[StandingRow] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any(
            (
                self.planned,
                self.moved,
                self.kept_open,
                self.superseded,
                self.gone,
                self.again,
                self.left_window,
                self.came_in_window,
            )
        )

    @property
    def counts(self) -> dict[str, int]:
        """By what happens; the rare only where there is one."""
        fresh = [*self.planned, *(placed for _, placed in self.superseded)]
        moves = Counter(_change_of(*one) for one in self.moved)
        usual = {
            "planned": sum(not placed.is_never_asked for placed in self.planned),
            "moved": moves[Change.MOVED] + len(self.kept_open),
            "superseded": len(self.superseded),
            "never_asked": moves[Change.NEVER_ASKED]
            + sum(placed.is_never_asked for placed in fresh),
        }
        rare = {
            "gone": len(self.gone),
            "planned_again": len(self.again),
            "kept_day": moves[Change.KEPT],
            "window_changed": moves[Change.WINDOW_CHANGED],
            "left_window": len(self.left_window),
            "came_in_window": len(self.came_in_window),
        }
        return usual | {key: number for key, number in rare.items() if number}

    def in_words(self) -> list[str]:
        counts = self.counts
        sentences = {
            "planned": "{} planned",
            "planned_again": "{} planned again",
            "moved": "{} moved to the new dates",
            "kept_day": "{} on the same day as before",
            "window_changed": "the window of {} changes",
            "superseded": "{} withdrawn after the patient was asked, and planned anew",
            "never_asked": "{} never asked, because the time for it has passed",
        }
        return [
            *(
                sentence.format(follow_ups_in_words(counts[key]))
                for key, sentence in sentences.items()
                if counts.get(key)
            ),
            *_cancelled(len(self.gone)),
            *_answers(len(self.left_window), "out of window"),
            *_answers(len(self.came_in_window), "in the window again"),
        ]

    def effect(self) -> Effect:
        """The same, and each follow-up by name in the order of its days."""
        return Effect(self.in_words(), sorted(self._rows(), key=_first_day))

    def _rows(self) -> list[Row]:
        return [
            *(_row(None, placed, Change.PLANNED) for placed in self.planned),
            *(_row(*one, _change_of(*one)) for one in self.moved),
            *(_row(row, placed, Change.MOVED) for row, placed in self.kept_open),
            *(_row(row, placed, Change.WITHDRAWN) for row, placed in self.superseded),
            *(_ended(row, Change.CANCELLED) for row in self.gone),
            *(_row(row, placed, Change.PLANNED_AGAIN) for row, placed in self.again),
            *(_ended(row, Change.LEFT_WINDOW) for row in self.left_window),
            *(_ended(row, Change.CAME_IN_WINDOW) for row in self.came_in_window),
        ]


def cancelling(rows: Iterable[FollowUp], ending: str = "cancelled") -> Effect:
    """Of follow-ups that would be asked no more."""
    found = [_ended(row, Change.CANCELLED) for row in rows]
    if not found:
        return Effect()
    words = _cancelled(len(found), ending)
    return Effect(words, sorted(found, key=_first_day))


def _row(row: StandingRow | None, placed: Placed, change: Change) -> Row:
    """One that was withdrawn becomes nothing where it is too late to plan it anew."""
    if placed.is_never_asked and change == Change.WITHDRAWN and row is not None:
        return _ended(row, change)
    if placed.is_never_asked:
        change = Change.NEVER_ASKED
    was, becomes, words = row.due_on if row else None, placed.desired.due_on, ""
    if row is not None and change == Change.WINDOW_CHANGED:
        words = _window_in_words(row, placed.desired)
    return Row(Kind.FOLLOW_UP, placed.desired.label, change, was, becomes, words)


def _change_of(row: StandingRow, placed: Placed) -> Change:
    """A day is only said to move where it does: some just stop to wait."""
    one = placed.desired
    if placed.is_never_asked:
        return Change.NEVER_ASKED
    if row.due_on != one.due_on:
        return Change.MOVED
    keeps_window = (row.opens_on, row.closes_on) == (one.opens_on, one.closes_on)
    return Change.KEPT if keeps_window else Change.WINDOW_CHANGED


def _window_in_words(row: StandingRow, one: Desired) -> str:
    days = (
        ("opens", row.opens_on, one.opens_on),
        ("closes", row.closes_on, one.closes_on),
    )
    said = [
        f"{verb} on {clock.in_words(becomes)}, not {clock.in_words(was)}"
        for verb, was, becomes in days
        if was != becomes
    ]
    return f"its window {', and '.join(said)}"


def _ended(row: FollowUp | StandingRow, change: Change) -> Row:
    return Row(Kind.FOLLOW_UP, row.label, change, row.due_on)


def _first_day(row: Row) -> date:
    return row.was or row.becomes or date.max


def _cancelled(number: int, ending: str = "cancelled") -> list[str]:
    return [f"{follow_ups_in_words(number)} {ending}"] if number else []


def _answers(number: int, becomes: str) -> list[str]:
    if number == 1:
        return [f"1 answer becomes {becomes}"]
    return [f"{number} answers become {becomes}"] if number else []


def follow_ups_in_words(number: int) -> str:
    return f"{number} follow-up{'' if number == 1 else 's'}"
