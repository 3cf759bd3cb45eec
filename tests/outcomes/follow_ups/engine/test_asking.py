"""What is decided about one patient's follow-ups at one moment."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from outcomes.follow_ups.engine import asking, ladder
from outcomes.follow_ups.engine.asking import (
    Asked,
    Decision,
    Expired,
    HandedOver,
    Waits,
)
from outcomes.follow_ups.engine.case import Person, Row
from outcomes.follow_ups.planning import calendar
from outcomes.follow_ups.planning.calendar import SendingHours

NOON = datetime(2026, 11, 24, 18, tzinfo=UTC)  # noon in Chicago, a Tuesday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOURS = SendingHours("America/Chicago", time(9), time(19))
ANA = Person(hours=HOURS, safety_hours=HOURS, seed="ana", channels=("email", "sms"))
LADDER = ladder.rungs_of([(0, "preferred"), (3, "sms"), (7, "other"), (14, "call")])


def row(state: str = "planned", *, due: timedelta = -HOUR, **changes) -> Row:
    """Due an hour ago, and open for five more weeks, unless told otherwise."""
    today = NOON.date()
    given = {
        "key": "m1",
        "place": "m1",
        "course": 1,
        "offset_days": 30,
        "opens_on": today - 9 * DAY,
        "closes_on": today + 35 * DAY,
        "close_at": calendar.end_of(today + 35 * DAY, HOURS.zone),
        "next_action_at": NOON + due,
        "ladder": LADDER,
    }
    return Row(state=state, **(given | changes))


def closing(hours: int) -> dict[str, datetime]:
    at = NOON + hours * HOUR
    return {"close_at": at, "closes_on": at.date()}


def decide(*rows: Row, now: datetime = NOON, is_paused=False, **person) -> Decision:
    whole = replace(ANA, **person)
    return asking.decide(whole, rows, now, is_paused=is_paused)


def sent(decision: Decision) -> tuple[str, str, str] | None:
    one = decision.message
    return one and (one.kind, one.channel, one.rung)


def test_what_is_due_is_asked_and_looked_at_again_for_its_first_reminder():
    one = row()
    found = decide(one)
    [first, *_] = ladder.reminders(
        LADDER, asked_at=NOON, closes_on=one.closes_on, hours=HOURS, seed="ana"
    )
    assert found.asked == [Asked(one, first.at)]
    assert sent(found) == ("invitation", "email", "invite")


def test_what_is_not_due_yet_is_left_alone():
    assert decide(row(due=5 * HOUR, opens_on=NOON.date() + DAY)) == Decision()


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("planned", "never asked"),
        ("open", "no answer"),
        ("started", "not finished"),
        ("unreachable", "never reached"),
    ],
)
def test_what_is_over_expires_with_its_reason(state, reason):
    one = row(state, **closing(0))
    assert decide(one).expired == [Expired(one, reason)]
    assert decide(one, is_paused=True).expired == [Expired(one, reason)]


@pytest.mark.parametrize("state", ["open", "unreachable"])
def test_what_was_asked_and_has_no_reminder_waits_for_its_end(state):
    one = row(state, **closing(5))
    found = decide(one)
    assert [(w.row, w.until) for w in found.waits] == [(one, NOON + 5 * HOUR)]
    assert found.message is None


def test_what_waits_for_the_procedure_has_nothing_decided():
    assert decide(row(next_action_at=None)) == Decision()


def test_nobody_is_asked_at_night_nor_after_the_window():
    night, morning = NOON + 12 * HOUR, NOON + 21 * HOUR
    one, short = row(), row(**closing(20))
    assert decide(one, now=night).waits == [Waits(one, morning)]
    assert decide(short, now=night).waits == [Waits(short, NOON + 20 * HOUR)]


def test_a_paused_clinic_writes_to_nobody():
    assert decide(row(), is_paused=True) == Decision()
    asked = row("open", key="b", asked_at=NOON - 4 * DAY)
    found = decide(asked, is_paused=True)
    assert found.message is None
    # Still due, and not seen to: it goes once messages go again.
    assert found.waits == [Waits(asked, NOON)]


def test_a_paused_clinic_has_its_calls():
    silent = row("open", asked_at=NOON - 15 * DAY)
    found = decide(silent, is_paused=True)
    assert [one.rung for one in found.calls] == ["day-14-call"]
    assert found.waits == [Waits(silent, NOON)]
    rung = decide(replace(silent, reminded_until=NOON - 2 * DAY), is_paused=True)
    assert [one.rung for one in rung.calls] == ["day-14-call"]
    assert rung.waits == [Waits(rung.waits[0].row, silent.close_at, NOON)]
    assert decide(row(), is_paused=True, prefers_call=True).calls
    assert decide(row(), is_paused=True, obstacle="no address").handed_over


@pytest.mark.parametrize("late, is_asked", [(10, True), (10.1, False)])
def test_what_comes_after_its_grace_goes_to_a_person(late, is_asked):
    one = row(due=-late * DAY)
    found = decide(one)
    assert bool(found.asked) == is_asked
    handed = [HandedOver(one, "open", asking.TOO_LATE)]
    assert found.handed_over == ([] if is_asked else handed)
    assert (found.message is None) != is_asked


def test_what_is_late_goes_to_a_person_though_another_is_in_time():
    late, in_time = row(due=-11 * DAY), row(key="b", place="b")
    found = decide(late, in_time)
    assert found.handed_over == [HandedOver(late, "open", asking.TOO_LATE)]
    assert [one.row for one in found.asked] == [in_time]
    assert sent(found) == ("invitation", "email", "invite")


def test_of_two_courses_that_are_late_one_goes_to_a_person():
    first, second = row(due=-11 * DAY), row(key="b", course=2, due=-11 * DAY)
    found = decide(first, second)
    assert found.handed_over == [HandedOver(first, "open", asking.TOO_LATE)]
    assert found.waits == [Waits(second, first.close_at)]


def test_a_baseline_is_asked_for_as_long_as_it_is_one():
    assert decide(row(due=-40 * DAY, is_baseline=True, offset_days=0)).asked


def test_all_due_within_a_week_make_one_message():
    rows = [row(), row(key="b", place="b", due=6 * DAY), row(key="c", due=8 * DAY)]
    found = decide(*rows)
    assert [one.row.key for one in found.asked] == ["m1", "b"]
    assert found.message is not None


def test_of_two_courses_at_one_time_point_the_earlier_asks():
    first, second = row(), row(key="again", course=2)
    found = decide(second, first)
    assert [one.row for one in found.asked] == [first]
    assert found.waits == [Waits(second, first.close_at)]


def test_a_week_lies_between_an_answered_invitation_and_the_next():
    one, invited = row(), NOON - 2 * DAY
    found = decide(one, invitation_queued_at=invited)
    assert found.waits == [Waits(one, invited + 7 * DAY)]
    safety = row(is_safety=True, offset_days=1)
    assert sent(decide(safety, invitation_queued_at=invited)) == (
        "safety",
        "email",
        "invite",
    )


def test_what_joins_an_open_survey_costs_no_message():
    found = decide(row(), invitation_queued_at=NOON - DAY, queued_at=NOON - DAY)
    assert found.asked and found.message is None


def test_a_safety_check_counts_on_no_message_that_may_never_leave():
    check = row(is_safety=True, offset_days=1)
    waits = decide(check, queued_at=NOON - HOUR)
    assert sent(waits) == ("safety", "email", "invite")
    assert decide(check, queued_at=NOON - HOUR, sent_at=NOON - HOUR).message is None


def test_a_safety_reminder_counts_on_no_message_that_may_never_leave():
    check = row("open", asked_at=NOON - 3.5 * DAY, is_safety=True)
    assert decide(check, queued_at=NOON - DAY).message is not None
    assert decide(check, queued_at=NOON - DAY, sent_at=NOON - DAY).message is None


def test_an_urgent_flag_stops_what_can_wait():
    assert decide(row(), is_flagged=True).asked == []
    assert decide(row(is_safety=True, offset_days=1), is_flagged=True).asked


def test_nobody_whom_nothing_reaches_is_written_to():
    one = row()
    found = decide(one, channels=(), obstacle="no address")
    assert found.handed_over == [HandedOver(one, "unreachable", "no address")]


def test_who_prefers_a_call_gets_one_in_place_of_the_invitation():
    found = decide(row(), prefers_call=True)
    assert found.message is None
    assert [one.rung for one in found.calls] == ["invite"]


@pytest.mark.parametrize(
    ("days", "message", "calls"),
    [
        (3.5, ("reminder", "sms", "day-3-sms"), []),
        (8, ("reminder", "sms", "day-7-other"), []),
        (15, ("reminder", "sms", "day-7-other"), ["day-14-call"]),
    ],
)
def test_of_reminders_and_calls_missed_the_latest_goes(days, message, calls):
    one = row("open", asked_at=NOON - days * DAY)
    found = decide(one)
    assert sent(found) == message
    assert [call.rung for call in found.calls] == calls


def test_of_two_calls_missed_the_later_is_made():
    two = ladder.rungs_of([(14, "call"), (21, "call")])
    one = row("open", asked_at=NOON - 23 * DAY, ladder=two)
    assert [call.rung for call in decide(one).calls] == ["day-21-call"]


def test_a_reminder_that_was_seen_to_does_not_come_again():
    one = row("open", asked_at=NOON - 4 * DAY, reminded_until=NOON - HOUR)
    assert decide(one).message is None


def test_two_messages_are_two_days_apart():
    one = row("open", asked_at=NOON - 3.5 * DAY)
    assert decide(one, queued_at=NOON - DAY).message is None
    assert decide(one, queued_at=NOON - 2 * DAY).message is not None


def test_reminders_wait_for_the_end_of_a_hold():
    one, resumes = row("open", asked_at=NOON - 4 * DAY), NOON + 3 * DAY
    assert decide(one, resumes_at=resumes).waits == [Waits(one, resumes)]


def test_who_took_back_being_called_is_still_somebodys():
    one = row("open", asked_at=NOON - 15 * DAY)
    (call,) = decide(one, may_be_called=False).calls
    assert call.rung == "day-14-call"


def test_the_clinics_own_part_opens_and_nobody_is_written_to():
    one = row(who=calendar.CLINICIAN)
    found = decide(one)
    assert [opened.row for opened in found.opened] == [one]
    assert found.message is None


def test_a_week_apart_is_given_up_for_a_closure_until_the_end():
    """An invitation went out four days ago; a week after it the clinic is closed."""
    closed = frozenset(NOON.date() + n * DAY for n in range(2, 30))
    hours = replace(HOURS, closed=closed)
    one = row(close_at=NOON + 20 * DAY, closes_on=(NOON + 20 * DAY).date())
    asked_before = {"invitation_queued_at": NOON - 4 * DAY, "hours": hours}
    assert [asked.row for asked in decide(one, **asked_before).asked] == [one]
    open_again = replace(hours, closed=frozenset())
    later = decide(one, **(asked_before | {"hours": open_again}))
    assert later.waits == [Waits(one, NOON + 3 * DAY)]
