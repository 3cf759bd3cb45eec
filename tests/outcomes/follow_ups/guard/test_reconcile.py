from datetime import timedelta
from uuid import uuid4

import pytest

from clinic import clock
from clinic.models import AuditEvent
from outcomes import tasks
from outcomes.follow_ups.engine import due
from outcomes.follow_ups.guard import checks, forecast, pauses, reconcile
from outcomes.models import (
    ChannelPause,
    Episode,
    FollowUp,
    Message,
    SendingForecast,
    SendingPause,
    StaffTask,
    SurveyRequest,
)
from patients.models import RedFlag
from tests import factories
from tests.row_locks import waits_for, with_row_locks

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def count(clinic, key: str) -> int:
    return checks.count(checks.BY_KEY[key], clinic, clock.now())


@pytest.fixture
def asked(performed, clinic) -> Message:
    """A patient who was asked; the invitation is queued."""
    tasks.tick_clinic(clinic, clock.now())
    return Message.objects.get()


@pytest.mark.parametrize("key", list(checks.BY_KEY))
def test_what_the_engine_does_breaks_no_promise(clinic, asked, key):
    assert count(clinic, key) == 0


def test_due_and_not_looked_at(clinic, performed, admin):
    row = FollowUp.objects.filter(state="planned", next_action_at__isnull=False)[0]
    FollowUp.objects.filter(pk=row.pk).update(next_action_at=clock.now() - HOUR)
    FollowUp.objects.filter(next_action_at__lte=clock.now()).exclude(pk=row.pk).update(
        next_action_at=clock.now() + HOUR
    )
    assert count(clinic, "overdue") == 1
    pauses.pause(clinic, reason="The phones are down", by=admin)
    assert count(clinic, "overdue") == 0


def test_open_and_nobody_was_written_to(clinic, asked):
    FollowUp.objects.filter(state="open").update(request=None)
    assert count(clinic, "open_unwritten") >= 1
    reconcile.heal(clinic, clock.now())
    assert count(clinic, "open_unwritten") == 0
    tasks.tick_clinic(clinic, clock.now())
    assert FollowUp.objects.filter(state="open", request__isnull=False).exists()


def test_open_and_never_asked_is_asked_anew(clinic, asked):
    FollowUp.objects.filter(state="open").update(asked_at=None)
    assert count(clinic, "open_unwritten") == 1
    reconcile.heal(clinic, clock.now())
    due.advance_due(clinic, clock.now())
    assert count(clinic, "open_unwritten") == 0
    assert FollowUp.objects.filter(state="open", asked_at__isnull=False).exists()


def test_out_of_reach_from_before_becomes_somebodys(clinic, asked):
    row = FollowUp.objects.get(state="open")
    FollowUp.objects.filter(pk=row.pk).update(
        state="unreachable", state_reason="SMTP 550"
    )
    assert count(clinic, "out_of_reach") == 1
    healed = reconcile.heal(clinic, clock.now())
    assert (healed["out_of_reach"], count(clinic, "out_of_reach")) == (1, 0)
    task, row = row.staff_tasks.get(), FollowUp.objects.get(pk=row.pk)
    assert (task.kind, task.reason, task.state) == ("reach", "unreachable", "open")
    assert (row.state, row.state_reason) == ("unreachable", "SMTP 550")
    task.state, task.ended_at = StaffTask.State.DONE, clock.now()
    task.save()
    assert reconcile.heal(clinic, clock.now())["out_of_reach"] == 0


def test_sending_for_too_long_is_taken_back(clinic, asked):
    Message.objects.update(
        state="sending",
        attempts=1,
        lease=uuid4(),
        lease_until=clock.now() - HOUR,
        next_attempt_at=None,
    )
    assert count(clinic, "lost_leases") == 1
    reconcile.heal(clinic, clock.now())
    assert Message.objects.get().state == "queued"


def test_waiting_to_be_sent_for_too_long(clinic, asked):
    Message.objects.update(next_attempt_at=clock.now() - HOUR)
    assert count(clinic, "unsent") == 1
    ChannelPause.objects.create(channel="email", reason="535", next_try_at=clock.now())
    assert count(clinic, "unsent") == 0


@pytest.mark.parametrize("closed_by", ["request", "follow-ups"])
def test_a_reminder_that_nobody_needs_is_cancelled(clinic, asked, closed_by):
    if closed_by == "request":
        SurveyRequest.objects.update(state="completed")
    else:
        FollowUp.objects.filter(state="open").update(
            state="completed", next_action_at=None
        )
    assert count(clinic, "needless") == 1
    reconcile.heal(clinic, clock.now())
    assert Message.objects.get().state == "cancelled"


def test_a_red_flag_answer_without_a_flag(clinic, complaint):
    factories.make_evaluation(complaint, RF10="present")
    assert count(clinic, "unraised") == 0
    RedFlag.objects.update(flag="RF99")
    assert count(clinic, "unraised") == 1


def test_a_red_flag_past_its_time(clinic, complaint):
    factories.make_evaluation(complaint, RF10="present")
    assert count(clinic, "unacknowledged") == 0
    RedFlag.objects.update(raised_at=clock.now() - 30 * DAY)
    assert count(clinic, "unacknowledged") == 1


def test_no_word_from_the_provider(clinic, asked):
    Message.objects.update(
        state="accepted",
        accepted_at=clock.now() - 4 * DAY,
        provider_ref="SM1",
        next_attempt_at=None,
    )
    assert count(clinic, "no_receipt") == 1
    Message.objects.update(receipt_at=clock.now())
    assert count(clinic, "no_receipt") == 0


def test_the_same_message_twice(clinic, asked):
    again = Message.objects.get()
    again.pk, again.idempotency_key, again._state.adding = uuid4(), "another", True
    again.save()
    assert count(clinic, "doubled") == 1
    Message.objects.filter(pk=again.pk).update(state="cancelled", next_attempt_at=None)
    assert count(clinic, "doubled") == 0


def test_planned_before_its_own_day(clinic, performed):
    row = FollowUp.objects.filter(state="planned", next_action_at__gt=clock.now())[0]
    FollowUp.objects.filter(pk=row.pk).update(next_action_at=clock.now() + HOUR)
    assert count(clinic, "misdated") == 1


def test_what_is_the_clinics_alone_is_looked_at_when_its_window_opens(
    clinic, complaint
):
    factories.make_plan(complaint, "sciatica_watch")
    opening = FollowUp.objects.get(who="clinician", timepoint_key="w2")
    assert clock.day_of(opening.next_action_at, clinic.zone) < opening.due_on
    assert count(clinic, "misdated") == 0


def test_a_course_that_lacks_a_time_point(clinic, performed):
    FollowUp.objects.filter(timepoint_key="m6").update(timepoint_key="m6-lost")
    assert count(clinic, "missing") == 1
    Episode.objects.update(status="ended", ended_by="staff")
    assert count(clinic, "missing") == 0


def test_nothing_is_healed_by_a_clock_that_jumped(clinic, asked):
    Message.objects.update(
        state="sending",
        lease=uuid4(),
        lease_until=clock.now() - HOUR,
        next_attempt_at=None,
    )
    pauses.trip(clinic, SendingPause.Cause.CLOCK, fault="jumped")
    assert reconcile.heal(clinic, clock.now()) == {}
    assert Message.objects.get().state == "sending"


def test_what_was_healed_is_on_record_and_nothing_else(clinic, asked):
    reconcile.heal(clinic, clock.now())
    assert not AuditEvent.objects.filter(action="follow_ups.healed").exists()
    SurveyRequest.objects.update(state="completed")
    reconcile.heal(clinic, clock.now())
    event = AuditEvent.objects.get(action="follow_ups.healed")
    assert event.facts["healed"]["needless"] == 1


def test_a_run_keeps_its_counts_and_the_nights(clinic, performed):
    first = reconcile.run(clinic, clock.now())
    assert set(first.counts) == set(checks.BY_KEY)
    second = reconcile.run(clinic, clock.now())
    assert second.full_at == first.full_at
    assert reconcile.latest(clinic) == second
    assert reconcile.latest_of_all() == [second]


def test_the_coming_days_are_foreseen_and_past_ones_stay(clinic, due_rows):
    now, today = clock.now(), clock.today(clinic.zone)
    SendingForecast.objects.create(clinic=clinic, day=today - DAY, expected=7)
    due_rows(2, at=now + 3 * DAY)
    due_rows(1, at=now)
    forecast.refresh(clinic, now)
    in_three_days = clock.day_of(now + 3 * DAY, clinic.zone)
    assert forecast.foreseen(clinic, in_three_days, in_three_days) == 2
    assert forecast.foreseen(clinic, today - DAY, today) == 7
    assert SendingForecast.objects.filter(clinic=clinic, day__gt=today).count() == 14


def test_a_forecast_is_made_anew_after_an_hour(clinic):
    now = clock.now()
    assert forecast.refresh_if_old(clinic, now)
    assert not forecast.refresh_if_old(clinic, now + HOUR / 2)
    assert forecast.refresh_if_old(clinic, now + 2 * HOUR)
    assert forecast.refresh_if_old(clinic, now - DAY)


def test_a_patient_with_two_things_due_that_day_is_one(clinic, due_rows):
    at = clock.now() + 2 * DAY
    (row, other) = due_rows(2, at=at)
    FollowUp.objects.filter(pk=other.pk).update(patient=row.patient)
    forecast.refresh(clinic, clock.now())
    day = clock.day_of(at, clinic.zone)
    assert forecast.foreseen(clinic, day, day) == 1
    assert sum(forecast.next_hours(clinic, at - 2 * HOUR)) == 1


@with_row_locks
def test_it_waits_for_who_holds_the_patient(clinic, asked, patient):
    FollowUp.objects.filter(state="open").update(request=None)
    with waits_for(patient):
        reconcile.heal(clinic, clock.now())
