"""One tick under a moved clock, a flood, a restore: nothing goes that should not."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models import F

from clinic import clock
from outcomes import tasks
from outcomes.follow_ups.guard import forecast, gate, idle, pauses
from outcomes.models import (
    FollowUp,
    Message,
    SchedulerTick,
    SendingForecast,
    SendingPause,
)
from tests import factories

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
Cause = SendingPause.Cause


@pytest.fixture
def mails(settings, mail_folder) -> Callable[[], int]:
    """How many were really handed over; the tick sends by itself."""
    settings.REDIS_URL = ""
    return lambda: len(list(mail_folder.rglob("*.eml")))


@pytest.fixture
def due_tomorrow(complaint):
    plan = factories.make_plan(complaint, started_days_ago=40)
    factories.make_performed(plan, days=29)
    return plan.episodes.get()


def move_clock(settings, by: timedelta) -> None:
    settings.CLOCK_OFFSET = by


def as_if_stopped(span: timedelta) -> None:
    """The last tick lies so far back, by both clocks."""
    SchedulerTick.objects.update(
        began_at=F("began_at") - span,
        ended_at=F("ended_at") - span,
        uptime=F("uptime") - span.total_seconds(),
    )


def rows_as_they_stand() -> list[tuple]:
    columns = ("pk", "state", "next_action_at", "state_reason")
    return list(FollowUp.objects.order_by("pk").values_list(*columns))


@pytest.mark.parametrize("jump", [DAY, 400 * DAY, -DAY])
def test_a_jump_of_the_clock_sends_and_ends_nothing(
    clinic, due_tomorrow, mails, settings, jump
):
    tasks.tick()
    before, sent = rows_as_they_stand(), mails()
    move_clock(settings, jump)
    for _ in range(3):
        tasks.tick()
    found = pauses.standing(clinic)
    assert (found.cause, found.evidence["fault"]) == (Cause.CLOCK, "jumped")
    assert rows_as_they_stand() == before
    assert mails() == sent


@pytest.mark.parametrize("shift", [-HOUR, HOUR])
def test_an_hour_more_or_less_pauses_nothing(clinic, due_tomorrow, settings, shift):
    tasks.tick()
    move_clock(settings, shift)
    tasks.tick()
    assert pauses.standing(clinic) is None


def test_a_clock_that_is_right_again_leaves_the_release_to_people(
    clinic, performed, mails, settings, admin
):
    tasks.tick()
    move_clock(settings, DAY)
    tasks.tick()
    move_clock(settings, timedelta())
    tasks.tick()
    assert pauses.standing(clinic).cause == Cause.CLOCK
    pauses.release(clinic, spread=30, by=admin)
    tasks.tick()
    assert pauses.standing(clinic) is None


def test_a_red_flag_is_raised_and_shown_while_messages_wait(
    client, physician, complaint, settings
):
    tasks.tick()
    move_clock(settings, DAY)
    tasks.tick()
    factories.make_evaluation(complaint, foot_drop__left="present")
    assert complaint.patient.red_flags.filter(flag="RF06").exists()
    client.force_login(physician)
    assert complaint.patient.family_name in client.get("/").content.decode()


def test_a_weekend_without_power_is_no_fault(clinic, performed, mails):
    tasks.tick()
    Message.objects.update(state=Message.State.QUEUED, next_attempt_at=clock.now())
    as_if_stopped(63 * HOUR)
    SchedulerTick.objects.update(boot="before the weekend")
    tasks.tick()
    assert pauses.standing(clinic) is None


def test_three_weeks_without_power_are_looked_at_first(clinic, performed):
    tasks.tick()
    as_if_stopped(21 * DAY)
    SchedulerTick.objects.update(boot="before the move")
    tasks.tick()
    assert pauses.standing(clinic).evidence["fault"] == "stopped"


def test_more_due_than_foreseen_waits_for_a_person(clinic, due_rows, mails):
    due_rows(51)
    tasks.tick()
    found = pauses.standing(clinic)
    assert found.cause == Cause.BACKLOG
    assert (found.evidence["due"], found.evidence["foreseen"]) == (51, 0)
    assert mails() == Message.objects.count() == 0
    assert FollowUp.objects.filter(state="planned", request=None).count() >= 51


def test_what_was_foreseen_for_today_goes_out(clinic, due_rows, settings):
    due_rows(51)
    SendingForecast.objects.create(
        clinic=clinic, day=clock.today(clinic.zone), expected=20
    )
    tasks.tick()
    assert pauses.standing(clinic) is None


def test_the_days_of_a_shutdown_are_foreseen_too(clinic, due_rows):
    tasks.tick()
    as_if_stopped(3 * DAY)
    today = clock.today(clinic.zone)
    for ago in range(4):
        SendingForecast.objects.create(clinic=clinic, day=today - ago * DAY, expected=5)
    due_rows(55)
    tasks.tick()
    assert pauses.standing(clinic) is None
    # Worked off over several ticks, it is foreseen by the later ones as well.
    assert forecast.foreseen(clinic, today, today) >= 20


def test_released_by_a_person_it_goes_and_trips_no_more(
    clinic, due_rows, admin, mails, settings
):
    due_rows(51)
    tasks.tick()
    pauses.release(clinic, spread=30, by=admin)
    FollowUp.objects.filter(clinic=clinic, next_action_at__lt=clock.now() + DAY).update(
        next_action_at=clock.now()
    )
    Message.objects.filter(next_attempt_at__isnull=False).update(
        next_attempt_at=clock.now()
    )
    tasks.tick()
    assert pauses.standing(clinic) is None
    assert mails() == 51


def test_a_start_with_send_hold_pauses_every_clinic_once(
    clinic, other_clinic, admin, settings, monkeypatch
):
    settings.SEND_HOLD = True
    tasks.tick()
    assert pauses.standing(clinic).cause == Cause.RESTORE
    assert pauses.standing(other_clinic).cause == Cause.RESTORE
    pauses.release(clinic, spread=30, by=admin)
    tasks.tick()
    assert pauses.standing(clinic) is None
    monkeypatch.setattr(gate, "STARTED_AT", clock.now())
    tasks.tick()
    assert pauses.standing(clinic).cause == Cause.RESTORE


def test_a_restore_takes_over_the_pause_that_the_backup_held(
    clinic, admin, settings, monkeypatch
):
    pauses.pause(clinic, reason="Holidays", by=admin)
    monkeypatch.setattr(gate, "STARTED_AT", clock.now())
    settings.SEND_HOLD = True
    tasks.tick()
    held = pauses.standing(clinic)
    assert (held.cause, held.reason) == (Cause.RESTORE, "Holidays")
    pauses.release(clinic, spread=30, by=admin)
    tasks.tick()
    assert pauses.standing(clinic) is None


@pytest.mark.parametrize("by", ["send_message", "send_email"])
def test_a_worker_that_is_there_before_the_first_tick_sends_nothing(
    clinic, invitation, mails, settings, by
):
    settings.SEND_HOLD = True
    given = {"send_message": invitation.pk, "send_email": clinic.pk}
    getattr(tasks, by)(str(given[by]))
    assert mails() == 0
    assert pauses.standing(clinic).cause == Cause.RESTORE


def test_a_tick_with_nothing_due_asks_four_times(clinic, django_assert_num_queries):
    now = clock.now()
    tasks.tick_clinic(clinic, now)
    with django_assert_num_queries(4):
        tasks.tick_clinic(clinic, now)


def test_every_column_that_makes_something_due_is_looked_at():
    """An index of the rows that wait for a moment says that a tick looks for them."""
    found = {
        (model, condition.removesuffix("__isnull"))
        for model in {model for model, _ in idle.DUE}
        for index in model._meta.indexes
        if index.condition is not None
        for condition, value in index.condition.children
        if condition.endswith("__isnull") and value is False
    }
    assert found <= set(idle.DUE)
    assert len(found) == len(idle.DUE)


def test_a_clinic_that_fails_leaves_a_tick_that_ended(clinic, monkeypatch, performed):
    monkeypatch.setattr(idle, "has_work", lambda clinic, now: 1 / 0)
    tasks.tick()
    assert SchedulerTick.objects.get(job="tick").ended_at is not None
