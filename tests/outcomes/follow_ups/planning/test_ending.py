import importlib

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from clinic import audit, clock
from outcomes.follow_ups.planning import ending
from outcomes.models import Episode, FollowUp
from patients.record import leaving
from plans.course import interventions, lifecycle
from tests import factories
from tests.api_client import with_token

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


@pytest.mark.parametrize("reason", ["", " ", "x" * 201])
def test_the_reason_is_staffs_own(plan, reason):
    with pytest.raises(ValidationError) as caught:
        ending.end_follow_up(plan, reason=reason, by=By)
    assert list(caught.value.message_dict) == ["reason"]


@pytest.mark.parametrize("ended_by", Episode.BY_ITSELF)
def test_words_decide_nothing(plan, ended_by):
    ending.end_follow_up(plan, reason=ended_by.label, by=By)
    episode = plan.episodes.get()
    assert (episode.ended_by, episode.end_reason) == ("staff", ended_by.label)
    ending.resume_follow_up(plan, by=By)
    episode.refresh_from_db()
    assert (episode.status, episode.ended_by, episode.end_reason) == ("active", "", "")


def test_what_ended_by_itself_keeps_its_code_and_words(plan):
    leaving.withdraw(plan.complaint.patient, reason="burden", by=By)
    episode = plan.episodes.get()
    assert episode.ended_by == "withdrew"
    assert episode.end_reason == "the patient withdrew"
    # Staff's words may change and the code still decides.
    plan.episodes.update(end_reason="moved to another clinic")
    leaving.take_back_withdrawal(plan.complaint.patient, reason="changed_mind", by=By)
    assert plan.episodes.get().status == "active"


def test_a_course_that_ended_says_by_what(plan):
    with pytest.raises(IntegrityError), transaction.atomic():
        plan.episodes.update(status="ended")
    with pytest.raises(IntegrityError), transaction.atomic():
        plan.episodes.update(ended_by="staff")


def test_the_api_tells_the_code(plan, admin):
    ending.end_follow_up(plan, reason="asked to stop", by=By)
    (row,) = with_token(admin).get("/api/v1/episodes/").json()["results"]
    assert (row["ended_by"], row["end_reason"]) == ("staff", "asked to stop")


FILLED = [
    ("the procedure was cancelled", "procedure_cancelled"),
    ("a repeat of the procedure began the next course", "repeated"),
    ("the plan was entered in error", "plan_in_error"),
    ("the patient died", "died"),
    ("the patient withdrew", "withdrew"),
    ("imported", "imported"),
    ("asked to stop", "staff"),
    ("", "staff"),
]


@pytest.mark.parametrize(("words", "code"), FILLED)
def test_old_words_are_turned_into_codes(plan, words, code):
    ending.end_follow_up(plan, reason="asked to stop", by=By)
    # Any code but the right one; none at all is refused by now.
    other = "died" if code == "withdrew" else "withdrew"
    plan.episodes.update(end_reason=words, ended_by=other)
    fill = importlib.import_module("outcomes.migrations.0007_fill_ended_by")
    fill.fill_ended_by(apps, None)
    assert plan.episodes.get().ended_by == code


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
