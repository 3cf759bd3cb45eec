import pytest
from django.core.exceptions import ValidationError

from clinic import audit, clock
from outcomes.follow_ups import ending, requests
from outcomes.models import FollowUp
from patients.record import leaving
from plans.course import interventions, lifecycle
from tests import factories

By = audit.SYSTEM


@pytest.fixture
def plan(complaint):
    plan = factories.make_plan(complaint, started_days_ago=20)
    factories.make_performed(plan, days=5)
    return plan


def live():
    return FollowUp.objects.exclude(state__in=FollowUp.FINAL).count()


def test_ending_the_follow_up_leaves_the_treatment(plan):
    assert live()
    ending.end_follow_up(plan, reason="asked to stop", by=By)
    plan.refresh_from_db()
    assert (live(), plan.status) == (0, "active")
    assert plan.episodes.get().end_reason == "asked to stop"


def test_it_is_resumed_with_what_is_not_over(plan):
    before = live()
    ending.end_follow_up(plan, reason="asked to stop", by=By)
    ending.resume_follow_up(plan, by=By)
    assert live() == before


@pytest.mark.parametrize("reason", ["", " ", "x" * 201, requests.DIED])
def test_the_reason_is_staffs_own(plan, reason):
    with pytest.raises(ValidationError) as caught:
        ending.end_follow_up(plan, reason=reason, by=By)
    assert list(caught.value.message_dict) == ["reason"]


def test_what_the_schedule_ended_is_not_resumed_by_hand(complaint):
    plan = factories.make_plan(complaint)
    index = plan.interventions.get(is_index=True)
    interventions.cancel(index, reason="chose surgery", by=By)
    assert not ending.can_resume(plan)
    with pytest.raises(ValidationError, match="no follow-up"):
        ending.resume_follow_up(plan, by=By)


def test_stopping_the_plan_does_not_undo_the_end(plan):
    ending.end_follow_up(plan, reason="asked to stop", by=By)
    lifecycle.move(plan, lifecycle.Move.STOP, reason="moved away", by=By)
    lifecycle.move(plan, lifecycle.Move.REOPEN, by=By)
    assert live() == 0


def repeated(plan):
    today = clock.today(plan.clinic.zone)
    kind = {"title": "Again", "modality": "prp", "is_repeat": True}
    again = interventions.add(plan, planned_on=today, by=By, **kind)
    return interventions.perform(again, performed_on=today, by=By)


def courses_asked():
    asked = FollowUp.objects.exclude(state__in=FollowUp.FINAL)
    return set(asked.values_list("episode__course", flat=True))


def test_a_repeat_does_not_ask_who_asked_to_stop(plan):
    ending.end_follow_up(plan, reason="asked to stop", by=By)
    repeated(plan)
    assert courses_asked() == set()
    ending.resume_follow_up(plan, by=By)
    assert courses_asked() == {2}


def test_who_comes_back_after_a_repeat_is_asked_by_the_last_course_only(plan):
    patient = plan.complaint.patient
    leaving.withdraw(patient, reason="burden", by=By)
    repeated(plan)
    leaving.take_back_withdrawal(patient, reason="changed_mind", by=By)
    assert courses_asked() == {2}


def test_a_void_plan_is_never_asked_about_again(complaint):
    plan = factories.make_plan(complaint, "physical_therapy")
    ending.end_follow_up(plan, reason="asked to stop", by=By)
    lifecycle.move(plan, lifecycle.Move.VOID, reason="other patient", by=By)
    with pytest.raises(ValidationError):
        ending.resume_follow_up(plan, by=By)
    assert courses_asked() == set()
