from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import ValidationError

from clinic import clock
from clinic.models import AuditEvent
from outcomes import tasks
from outcomes.follow_ups.engine import due
from outcomes.follow_ups.guard import forecast, pauses, releasing
from outcomes.follow_ups.planning import calendar
from outcomes.follow_ups.planning.calendar import SendingHours
from outcomes.models import (
    FollowUp,
    Message,
    SendingForecast,
    SendingPause,
    StaffTask,
)
from patients.models import ContactPoint
from tests.outcomes.follow_ups import numbers

Cause = SendingPause.Cause
MINUTE = timedelta(minutes=1)


def actions() -> list[str]:
    return list(AuditEvent.objects.order_by("id").values_list("action", flat=True))


def test_a_pause_is_on_record_with_who_and_why(clinic, clerk):
    begun = pauses.pause(clinic, reason="The phones are down", by=clerk)
    event = AuditEvent.objects.get(action="messages.paused")
    assert event.actor == begun.begun_by == clerk
    assert event.facts == {"cause": "staff", "reason": "The phones are down"}


def test_one_pause_stands_at_a_time_and_the_last_reason_counts(clinic, clerk, admin):
    first = pauses.pause(clinic, reason="The phones are down", by=clerk)
    second = pauses.pause(clinic, reason="Until Monday", by=admin)
    assert (second.pk, second.reason) == (first.pk, "Until Monday")
    assert actions()[-1] == "messages.pause_explained"


def test_a_machine_that_pauses_what_is_paused_says_it_is_no_news(clinic, clerk):
    pauses.pause(clinic, reason="The phones are down", by=clerk)
    assert not pauses.trip(clinic, Cause.BACKLOG, due=99, foreseen=0)
    assert pauses.standing(clinic).cause == Cause.STAFF


def test_a_clock_that_jumps_makes_any_pause_its_own(clinic, clerk):
    pauses.pause(clinic, reason="The phones are down", by=clerk)
    assert pauses.trip(clinic, Cause.CLOCK, fault="jumped")
    found = pauses.standing(clinic)
    assert (found.cause, found.evidence) == (Cause.CLOCK, {"fault": "jumped"})
    assert actions()[-1] == "messages.pause_worsened"


def test_a_release_says_who_and_over_how_long(clinic, clerk, admin):
    pauses.pause(clinic, reason="The phones are down", by=clerk)
    ended = pauses.release(clinic, spread=60, by=admin)
    assert (ended.released_by, ended.spread_minutes) == (admin, 60)
    assert pauses.standing(clinic) is None
    assert actions()[-1] == "messages.released"


@pytest.mark.parametrize("spread", [0, 45, -30, 100_000])
def test_a_spread_that_was_not_offered_is_refused(clinic, admin, spread):
    pauses.pause(clinic, reason="The phones are down", by=admin)
    with pytest.raises(ValidationError):
        pauses.release(clinic, spread=spread, by=admin)
    assert pauses.standing(clinic)


def test_what_is_not_paused_cannot_be_released(clinic, admin):
    with pytest.raises(ValidationError, match="not paused"):
        pauses.release(clinic, spread=60, by=admin)


def test_a_paused_clinic_keeps_no_other_from_sending(clinic, other_clinic, admin):
    pauses.pause(clinic, reason="The phones are down", by=admin)
    assert pauses.standing(other_clinic) is None


def test_released_rows_are_spread_and_none_is_lost_or_early(clinic, admin, due_rows):
    rows = due_rows(60)
    pauses.pause(clinic, reason="The phones are down", by=admin)
    before = clock.now()
    pauses.release(clinic, spread=60, by=admin)
    moments = FollowUp.objects.filter(pk__in=[row.pk for row in rows]).values_list(
        "next_action_at", flat=True
    )
    assert len(moments) == 60
    assert min(moments) >= before
    assert max(moments) <= clock.now() + 60 * MINUTE
    assert len(set(moments)) > 30


def test_a_patients_message_and_follow_up_go_at_one_moment(clinic, admin, performed):
    tasks.tick_clinic(clinic, clock.now())
    message = Message.objects.get()
    Message.objects.update(state=Message.State.QUEUED, next_attempt_at=clock.now())
    row = FollowUp.objects.filter(request=message.request).first()
    FollowUp.objects.filter(pk=row.pk).update(next_action_at=clock.now())
    pauses.pause(clinic, reason="The phones are down", by=admin)
    pauses.release(clinic, spread=240, by=admin)
    message.refresh_from_db()
    row.refresh_from_db()
    assert message.next_attempt_at == row.next_action_at > clock.now()


def test_calls_are_made_once_while_messages_wait(clinic, admin, performed, patient):
    now = clock.now()
    numbers.give_sender(clinic)
    numbers.give(patient)
    pauses.pause(clinic, reason="The phones are down", by=admin)
    FollowUp.objects.filter(timepoint_key="m1").update(
        state=FollowUp.State.OPEN,
        asked_at=now - timedelta(days=18),
        next_action_at=now - MINUTE,
    )
    for minutes in range(3):
        due.advance_due(clinic, now + minutes * MINUTE)
        # Whoever was called may be called no second time for one rung.
        StaffTask.objects.filter(kind="call").update(
            state=StaffTask.State.DONE, ended_at=now
        )
    assert [call.rung for call in StaffTask.objects.filter(kind="call")] == [
        "day-14-call"
    ]
    assert not Message.objects.exists()
    assert releasing.waiting(clinic, now + 3 * MINUTE).reminders == 1
    pauses.release(clinic, spread=30, by=admin)
    FollowUp.objects.filter(timepoint_key="m1").update(next_action_at=now)
    due.advance_due(clinic, now + 4 * MINUTE)
    assert Message.objects.get().kind == Message.Kind.REMINDER
    assert StaffTask.objects.filter(kind="call").count() == 1


def test_whoever_no_message_reaches_is_called_during_a_pause(clinic, admin, performed):
    pauses.pause(clinic, reason="The phones are down", by=admin)
    ContactPoint.objects.update(may_contact=False)
    rows = FollowUp.objects.filter(timepoint_key="m1")
    rows.update(is_safety=True, next_action_at=clock.now())
    due.advance_due(clinic, clock.now())
    assert rows.get().state == FollowUp.State.UNREACHABLE
    assert StaffTask.objects.filter(reason="unreachable").exists()


def test_a_safety_check_goes_within_the_first_half_hour(clinic, admin, due_rows):
    rows = FollowUp.objects.filter(pk__in=[row.pk for row in due_rows(10)])
    rows.update(is_safety=True)
    pauses.pause(clinic, reason="The phones are down", by=admin)
    pauses.release(clinic, spread=480, by=admin)
    assert max(moments_of(rows)) <= clock.now() + 30 * MINUTE


@time_machine.travel("2026-03-10T03:00Z", tick=False)
def test_what_closes_tonight_is_not_put_off_until_tomorrow(clinic, admin, due_rows):
    rows = FollowUp.objects.filter(pk__in=[row.pk for row in due_rows(20)])
    rows.update(closes_on=clock.today(clinic.zone))
    pauses.pause(clinic, reason="The phones are down", by=admin)
    pauses.release(clinic, spread=480, by=admin)
    midnight = calendar.end_of(clock.today(clinic.zone), clinic.zone)
    assert max(moments_of(rows)) < midnight < clock.now() + 480 * MINUTE


def moments_of(rows) -> list[datetime]:
    return list(rows.order_by().values_list("next_action_at", flat=True))


HOURS = SendingHours("America/Chicago", time(9), time(19))
EVENING = datetime(2026, 3, 9, 23, 0, tzinfo=UTC)  # 18:00 in Chicago


def test_a_spread_goes_on_the_next_morning():
    found = [releasing.moment(str(n), HOURS, 120, EVENING) for n in range(200)]
    assert all(HOURS.contains(at) for at in found)
    local = sorted(at.astimezone(ZoneInfo(HOURS.zone)) for at in found)
    assert (local[0].day, local[0].hour) == (9, 18)
    assert (local[-1].day, local[-1].hour) == (10, 9)
    assert 60 < sum(at.day == 9 for at in local) < 140


def test_a_closed_day_is_no_time_to_spread_over():
    closed = replace(HOURS, closed=frozenset({date(2026, 3, 10)}))
    found = [releasing.moment(str(n), closed, 120, EVENING) for n in range(50)]
    days = {at.astimezone(ZoneInfo(HOURS.zone)).day for at in found}
    assert days == {9, 11}


def test_the_same_patient_always_gets_the_same_moment():
    found = {releasing.moment("one", HOURS, 480, EVENING) for _ in range(5)}
    assert len(found) == 1


def test_whoever_releases_has_foreseen_what_waits(clinic, admin, due_rows):
    due_rows(60)
    pauses.trip(clinic, Cause.BACKLOG, due=60, foreseen=0, since="2026-01-01")
    pauses.release(clinic, spread=30, by=admin)
    today = clock.today(clinic.zone)
    foreseen = forecast.foreseen(clinic, today, today + timedelta(days=1))
    assert foreseen == 60
    assert SendingForecast.objects.filter(clinic=clinic, day=today).exists()


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ((0, 0, 0), "nothing waits"),
        ((1, 0, 0), "1 invitation waits"),
        ((0, 0, 3), "3 messages wait"),
        ((1_214, 0, 31), "1,214 invitations and 31 messages wait"),
        ((3, 1, 2), "3 invitations, 1 reminder and 2 messages wait"),
    ],
)
def test_what_waits_is_said_in_words(counts, words):
    assert releasing.Waiting(*counts).in_words == words


def test_what_waits_is_counted_by_patients(clinic, due_rows):
    one, other, _ = due_rows(3)
    FollowUp.objects.filter(pk=other.pk).update(patient=one.patient)
    assert releasing.waiting(clinic, clock.now()) == releasing.Waiting(2, 0, 0)
