"""What should be, against the follow-ups that stand: nothing is read or written."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime

from outcomes.follow_ups.planning import calendar
from outcomes.follow_ups.planning.calendar import Desired, SendingHours, TimepointLike
from outcomes.follow_ups.planning.changes import Beginning, Changes, Placed, comes_again
from outcomes.follow_ups.planning.course_rows import Answer, Course, StandingRow
from outcomes.models import FollowUp

State = FollowUp.State
Rows = Mapping[str, StandingRow]


def changes(
    course: Course,
    points: Iterable[TimepointLike],
    hours: SendingHours,
    now: datetime,
    *,
    anchor_on: date,
    began_on: date | None,
    waits: bool,
    gone: Collection[str] = (),
) -> Changes:
    """Started and completed ones never move.

    `began_on` is the first day of the series that the anchor is the last of; `gone`
    are the time points that a newer version of the protocol does not have.
    """
    standing, cancelled = _by_point(course.rows.values())
    today = calendar.local_day(now, hours.zone)
    begins_on = min(began_on, anchor_on) if began_on else None
    seed = str(course.head.patient_id)
    found = Changes(gone=_gone(standing, gone))
    kept = {key: row for key, row in standing.items() if row not in found.gone}
    # Of a course that was read in part no time point may differ, and what is being
    # asked still looks at its ladder anew.
    wanted = _points(points, kept, is_part=course.turned is not None)
    for one in calendar.desired(wanted, anchor_on, hours, seed, begins_on):
        placed = place(one, hours, now, waits=waits)
        row = kept.get(one.key) or cancelled.get(one.key)
        if row is None or row.state not in FollowUp.FINAL:
            _sort(found, row, placed, today)
        elif comes_again(row, placed, today, waits=waits):
            found.again.append((row, placed))
        if (answered := kept.get(one.key)) and answered.is_answered:
            _read_window(found, answered, course.answers.get(answered.pk), placed)
    return found


def only_answers(found: Changes) -> Changes:
    """Of a course that asks no more: its answers lie in another window."""
    return Changes(left_window=found.left_window, came_in_window=found.came_in_window)


def _by_point(rows: Iterable[StandingRow]) -> tuple[Rows, Rows]:
    standing, cancelled = {}, []
    for row in rows:
        if row.state == State.CANCELLED:
            cancelled.append(row)
        else:
            standing[row.timepoint_key] = row
    cancelled.sort(key=lambda row: (row.due_on, row.offset_days, row.pk))
    return standing, {row.timepoint_key: row for row in cancelled}


def _gone(standing: Rows, gone: Collection[str]) -> list[StandingRow]:
    """Nobody was asked about them yet."""
    if not gone:
        return []
    found = [standing[key] for key in gone if key in standing]
    return [row for row in found if row.state == State.PLANNED]


def _points(
    points: Iterable[TimepointLike], standing: Rows, *, is_part: bool
) -> Sequence[TimepointLike]:
    """A version's; what was asked keeps the days by which it was asked."""
    wanted = {point.key: point for point in points}
    if not wanted and not is_part:
        return []
    for key, row in standing.items():
        if row.state != State.PLANNED:
            wanted[key] = calendar.AskedPoint.of(key, row)
    return list(wanted.values())


def _read_window(
    found: Changes, row: StandingRow, answer: Answer | None, placed: Placed
) -> None:
    if answer is None or answer.answered_on is None:
        return
    one = placed.desired
    is_in = one.opens_on <= answer.answered_on <= one.closes_on
    if is_in != answer.in_window:
        (found.came_in_window if is_in else found.left_window).append(row)


def _sort(found: Changes, row: StandingRow | None, placed: Placed, today: date) -> None:
    one = placed.desired
    if row is None:
        found.planned.append(placed)
    elif row.state == State.PLANNED:
        if _differs(row, placed):
            found.moved.append((row, placed))
    elif row.due_on == one.due_on:
        found.stay.append(row)
    elif row.is_clinicians_alone:
        found.moved.append((row, placed))
    else:
        _sort_asked(found, row, placed, today)


def _sort_asked(found: Changes, row: StandingRow, placed: Placed, today: date) -> None:
    """Of one that is answered the clinic's part still moves with its procedure."""
    is_now = placed.desired.opens_on <= today <= placed.desired.closes_on
    if row.is_answered or (is_now and not _never_moves(row)):
        found.kept_open.append((row, placed))
    elif row.state == State.STARTED and not row.is_safety:
        found.stay.append(row)
    else:
        found.superseded.append((row, placed))


def _never_moves(row: StandingRow) -> bool:
    """Begun; only what hangs on one day goes with its procedure, whenever that is."""
    return row.state == State.STARTED and not (row.is_baseline or row.is_safety)


def _differs(row: StandingRow, placed: Placed) -> bool:
    one, start = placed.desired, placed.beginning
    stands = (row.due_on, row.state, row.next_action_at)
    becomes = (one.due_on, start.state, start.next_action_at)
    return stands != becomes or any(
        getattr(row, name) != getattr(one, name) for name in _DAYS
    )


# What a row has from its time point, beside the dates.
_DAYS = (
    *("label", "offset_days", "open_day", "close_day", "ask_day"),
    *("is_safety", "who"),
)


def place(one: Desired, hours: SendingHours, now: datetime, *, waits: bool) -> Placed:
    """How a follow-up begins: "how was it after" waits until there is an after.

    Safety checks wait for nobody; they ask first whether it was done.
    """
    is_before = one.is_baseline and one.close_at > now
    if waits and not (is_before or one.is_safety):
        return Placed(one, Beginning(State.PLANNED, "", None))
    close_at = one.close_at
    if waits:
        close_at = calendar.ending(one.closes_on, hours.zone, now, waits=True)
    if close_at <= now and not _may_be_recorded(one, now):
        return Placed(one, Beginning(State.EXPIRED, calendar.NEVER_ASKED, None))
    return Placed(one, Beginning(State.PLANNED, "", one.ask_at))


def _may_be_recorded(one: Desired, now: datetime) -> bool:
    """Whether the next tick asks the record if the clinic did its part in time."""
    is_recent = one.close_at + calendar.RECORDED_WITHIN > now
    return one.who == calendar.CLINICIAN and is_recent
