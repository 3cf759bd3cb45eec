from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError

from clinic import clock
from clinic.models import AuditEvent, ClosedDay
from outcomes.follow_ups.channels import reach
from outcomes.follow_ups.worklist import calls, tasks
from outcomes.models import ContactAttempt, Episode, FollowUp, StaffTask
from patients.models import ContactPoint, Patient
from patients.record import contacts

Outcome = ContactAttempt.Outcome


def test_nobody_answered_and_the_call_is_made_again(follow_up, task, colleague):
    calls.log(follow_up, outcome=Outcome.NO_ANSWER, by=colleague)
    task.refresh_from_db()
    today = clock.today(follow_up.patient.time_zone)
    assert task.state == StaffTask.State.OPEN
    assert task.due_on == tasks.next_working_day(follow_up.patient, today) > today
    attempt = ContactAttempt.objects.get()
    assert (attempt.task, attempt.by) == (task, colleague)
    event = AuditEvent.objects.get(action="call.logged")
    assert event.facts["call_again_on"] == task.due_on.isoformat()


def test_a_call_without_a_task_makes_one_for_the_next(follow_up, colleague):
    calls.log(follow_up, outcome=Outcome.NO_ANSWER, by=colleague)
    assert tasks.first_call(follow_up).due_on > clock.today(follow_up.clinic.zone)


@pytest.mark.parametrize(
    ("today", "day"),
    [("2026-03-05", "2026-03-06"), ("2026-03-06", "2026-03-10")],
)
def test_the_next_working_day_is_no_weekend_and_no_closed_day(patient, today, day):
    # A Friday leads to Tuesday where Monday is closed.
    ClosedDay.objects.create(clinic=patient.clinic, day=date(2026, 3, 9))
    found = tasks.next_working_day(patient, date.fromisoformat(today))
    assert found == date.fromisoformat(day)


def test_on_the_last_day_it_can_be_tried_once_more(follow_up, task, colleague):
    today = clock.today(follow_up.patient.time_zone)
    FollowUp.objects.filter(pk=follow_up.pk).update(closes_on=today)
    follow_up.refresh_from_db()
    calls.log(follow_up, outcome=Outcome.NO_ANSWER, by=colleague)
    task.refresh_from_db()
    assert (task.state, task.due_on) == (StaffTask.State.OPEN, today)


def test_who_asks_for_another_day_is_called_on_it(follow_up, task, colleague):
    day = follow_up.closes_on
    calls.log(follow_up, outcome=Outcome.CALL_BACK, call_again_on=day, by=colleague)
    task.refresh_from_db()
    assert task.due_on == day
    with pytest.raises(ValidationError, match="Give a day from today"):
        calls.log(
            follow_up,
            outcome=Outcome.CALL_BACK,
            call_again_on=day + timedelta(days=1),
            seen=str(ContactAttempt.objects.get().pk),
            by=colleague,
        )
    assert ContactAttempt.objects.count() == 1


def test_one_call_does_for_two_tasks(follow_up, task, colleague):
    second = tasks.make_call(follow_up, due_on=task.due_on)
    calls.log(follow_up, outcome=Outcome.NO_ANSWER, by=colleague)
    second.refresh_from_db()
    assert (second.state, second.ended_by) == (StaffTask.State.DONE, colleague)
    assert tasks.open_calls(follow_up).count() == 1


def test_the_second_of_two_is_told_who_was_first(follow_up, task, colleague, admin):
    calls.log(follow_up, outcome=Outcome.NO_ANSWER, by=colleague)
    with pytest.raises(ValidationError, match="Ana Ruiz logged a call today at"):
        calls.log(follow_up, outcome=Outcome.NO_ANSWER, by=admin)
    assert ContactAttempt.objects.count() == 1
    # Who has seen the first one may log a call of their own.
    first = str(ContactAttempt.objects.get().pk)
    calls.log(follow_up, outcome=Outcome.NO_ANSWER, by=admin, seen=first)
    assert ContactAttempt.objects.count() == 2


def test_a_wrong_number_is_marked_and_nothing_goes_there(follow_up, task, colleague):
    calls.log(follow_up, outcome=Outcome.WRONG_NUMBER, by=colleague)
    point = ContactPoint.objects.get(system="phone")
    assert (point.failure, bool(point.failed_at)) == ("wrong number", True)
    task.refresh_from_db()
    follow_up.refresh_from_db()
    assert task.state == StaffTask.State.DONE
    assert (follow_up.state, follow_up.state_reason) == ("open", "wrong number")


def test_without_any_other_way_they_are_unreachable(follow_up, task, colleague):
    ContactPoint.objects.filter(system="email").update(may_contact=False)
    assert not reach.addresses(follow_up.patient)
    calls.log(follow_up, outcome=Outcome.WRONG_NUMBER, by=colleague)
    follow_up.refresh_from_db()
    assert follow_up.state == FollowUp.State.UNREACHABLE


def test_a_number_that_was_changed_meanwhile_is_not_marked(follow_up, colleague):
    old = ContactPoint.objects.get(system="phone").pk
    contacts.update(follow_up.patient, {"phone": "+1 312 555 0199"})
    with pytest.raises(ValidationError, match="another number by now"):
        calls.log(follow_up, outcome=Outcome.WRONG_NUMBER, by=colleague, phone=old)
    assert ContactPoint.objects.get(system="phone").failed_at is None
    assert not ContactAttempt.objects.exists()


def test_who_wants_no_more_about_a_plan_stays_in_follow_up(follow_up, task, colleague):
    calls.refuse(follow_up, stop="plan", by=colleague)
    episode = Episode.objects.get()
    assert (episode.status, episode.ended_by) == ("ended", "staff")
    assert Patient.objects.get().withdrawn_on is None
    task.refresh_from_db()
    assert (task.state, task.ended_by) == (StaffTask.State.DONE, colleague)


def test_who_wants_no_more_at_all_leaves(follow_up, task, colleague):
    calls.refuse(follow_up, stop="everything", by=colleague)
    assert Patient.objects.get().withdrawn_on is not None
    follow_up.refresh_from_db()
    assert follow_up.state == FollowUp.State.CANCELLED


def test_a_death_stops_everything_and_waits_for_a_second_look(
    follow_up, task, colleague
):
    calls.record_death(follow_up, by=colleague)
    patient = Patient.objects.get()
    assert patient.deceased_on and patient.death_confirmed_by is None
    assert not FollowUp.objects.exclude(state__in=FollowUp.FINAL).exists()


def test_a_death_that_cannot_be_leaves_nothing_behind(follow_up, task, colleague):
    tomorrow = clock.today(follow_up.clinic.zone) + timedelta(days=2)
    with pytest.raises(ValidationError, match="in the future"):
        calls.record_death(follow_up, by=colleague, deceased_on=tomorrow)
    task.refresh_from_db()
    assert task.state == StaffTask.State.OPEN
    assert not ContactAttempt.objects.exists()


def test_what_is_over_is_called_about_no_more(follow_up, colleague):
    calls.refuse(follow_up, stop="plan", by=colleague)
    seen = str(ContactAttempt.objects.get().pk)
    with pytest.raises(ValidationError, match="is over: cancelled"):
        calls.log(follow_up, outcome=Outcome.NO_ANSWER, by=colleague, seen=seen)


@pytest.mark.parametrize("outcome", ["", "answered", "refused", "deceased", "x"])
def test_what_needs_more_than_a_word_is_not_logged_by_one(
    follow_up, colleague, outcome
):
    with pytest.raises(ValidationError, match="Say what came of the call"):
        calls.log(follow_up, outcome=outcome, by=colleague)


def test_the_hour_of_a_call_is_told_on_the_clinics_clock(follow_up, colleague):
    with time_machine.travel("2030-03-05T20:05Z", tick=False):
        attempt = ContactAttempt.objects.create(
            clinic=follow_up.clinic,
            patient=follow_up.patient,
            follow_up=follow_up,
            outcome="no_answer",
            by=colleague,
        )
        assert calls.when(attempt) == "today at 14:05"
    assert calls.when(attempt) == "5 Mar 2030 at 14:05"
