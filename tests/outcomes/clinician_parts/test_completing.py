import contextlib
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from clinic import clock
from clinic.models import AuditEvent
from outcomes.dashboards import facts
from outcomes.dashboards.capture import fates as capture_fates
from outcomes.dashboards.capture import rows
from outcomes.dashboards.home import patients, today
from outcomes.follow_ups import labels, late
from outcomes.follow_ups.engine import due
from outcomes.follow_ups.planning import calendar
from outcomes.models import FollowUp, OutcomeFact, Response, StaffTask, SurveyRequest
from tests import factories
from tests.outcomes.clinician_parts.conftest import answer, examine, row_of
from tests.outcomes.intake.test_at_once import together


def at_end_of(row):
    return calendar.end_of(row.closes_on, row.patient.time_zone)


def state_of(row):
    row.refresh_from_db()
    return row.state, row.state_reason


def test_the_answer_alone_leaves_the_examination_missing(both):
    answer(both)
    assert state_of(both) == ("started", "")
    assert both.label_today == labels.Label.EXAMINATION_MISSING
    assert both.completed_at is None
    assert both.next_action_at == at_end_of(both)


def test_the_examination_after_the_answer_completes_it(both, physician):
    answer(both)
    examine(both, physician)
    assert state_of(both) == ("completed", "")
    assert both.examined_by == physician
    assert both.completed_at == both.examined_at
    assert both.next_action_at is None


def test_the_answer_after_the_examination_completes_it(both, physician):
    examine(both, physician)
    assert state_of(both) == ("open", "")
    answer(both)
    assert state_of(both) == ("completed", "")
    assert both.completed_at == both.answered_at


def test_the_task_is_done_with_the_examination(both, physician):
    examine(both, physician)
    task = StaffTask.objects.get(follow_up=both)
    assert (task.state, task.ended_by) == ("done", physician)


@pytest.mark.django_db(transaction=True)
def test_both_parts_at_once_complete_it_once(both, physician):
    def by_clinic():
        examine(both, physician)

    together(lambda: answer(both), by_clinic)
    assert state_of(both) == ("completed", "")
    assert both.completed_at in {both.answered_at, both.examined_at}
    assert Response.objects.filter(follow_up=both, state="sealed").count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_who_examine_at_once_one_is_told(recheck, physician, assistant):
    factories.make_evaluation(
        recheck.episode.complaint, ankle_jerk__left="2", RF05="absent"
    )

    def by(user):
        with contextlib.suppress(ValidationError):
            return examine(recheck, user, {"pain_site": 4})

    kept = together(lambda: by(physician), lambda: by(assistant))
    assert sum(one is not None for one in kept) == 1
    assert Response.objects.filter(follow_up=recheck).count() == 1
    connection.close()


def test_an_answered_one_expires_for_want_of_the_examination(both):
    answer(both)
    due.advance_due(both.clinic, at_end_of(both))
    assert state_of(both) == ("expired", "examination missing")
    assert both.label_today == labels.Label.EXAMINATION_MISSING
    assert late.told_apart(FollowUp.objects).get(pk=both.pk).label_today == (
        labels.Label.EXAMINATION_MISSING
    )


def test_an_examined_one_expires_for_want_of_an_answer(both, physician):
    examine(both, physician)
    due.advance_due(both.clinic, at_end_of(both))
    assert state_of(both) == ("expired", "no answer")
    assert not late.told_apart(FollowUp.objects).get(pk=both.pk).is_answered_late


def test_an_answered_one_is_not_asked_again(both):
    answer(both)
    due.advance_due(both.clinic, clock.now() + timedelta(days=1))
    assert not SurveyRequest.objects.filter(state="open").exists()


def captured(user, row):
    """As Today counts it, the day after the window closed."""
    after = row.closes_on + timedelta(days=1)
    return rows.totals(user, today.CAPTURED, after)[0]


def test_capture_counts_the_answer_without_the_examination(both, physician):
    counted = captured(physician, both).answered
    answer(both)
    assert captured(physician, both).answered == counted + 1
    due.advance_due(both.clinic, at_end_of(both))
    assert captured(physician, both).answered == counted + 1


def test_capture_never_asks_patients_for_examinations(recheck, physician):
    before = captured(physician, recheck)
    due.advance_due(recheck.clinic, at_end_of(recheck))
    assert captured(physician, recheck) == before


def test_facts_count_the_answer_without_the_examination(both):
    answer(both, "4")
    due.advance_due(both.clinic, at_end_of(both))
    facts.rebuild_many([both.episode_id])
    fact = OutcomeFact.objects.get(
        episode=both.episode_id, timepoint_key="w6", measure__key="pain_site"
    )
    assert fact.value == 4


def test_a_time_point_of_the_clinics_is_no_patient_who_was_missed(recheck):
    due.advance_due(recheck.clinic, at_end_of(recheck))
    measured = [fact.timepoint_key for fact in rebuilt(recheck)]
    assert "w2" not in measured


def rebuilt(row):
    facts.rebuild_many([row.episode_id])
    return OutcomeFact.objects.filter(episode=row.episode_id)


def test_a_second_save_says_who_was_there_before(both, physician, assistant):
    examine(both, physician)
    with pytest.raises(ValidationError, match="taken from Dr Okafor"):
        examine(both, assistant, {"sessions_attended": 8})
    assert Response.objects.get(follow_up=both).answers.get().value == 7


def test_a_correction_is_a_revision_with_its_reason(both, physician, assistant):
    examine(both, physician)
    examine(both, assistant, {"sessions_attended": 8}, reason="miscounted")
    newest, first = Response.objects.filter(follow_up=both).order_by("-revision")
    assert [r.answers.get().value for r in (newest, first)] == [8, 7]
    assert [r.scores.count() for r in (newest, first)] == [1, 0]
    event = AuditEvent.objects.filter(action="follow_up.examined").latest("pk")
    assert (event.facts["is_correction"], event.facts["reason"]) == (True, "miscounted")


def test_before_its_window_nothing_is_taken(complaint, physician):
    plan = factories.make_plan(complaint, "sciatica_watch")
    with pytest.raises(ValidationError, match="Its window opens on"):
        examine(row_of(plan, "w2"), physician, {"pain_site": 4})


def test_after_its_window_it_is_kept_and_the_state_stays(block, physician):
    due.advance_due(block.clinic, at_end_of(block))
    read = {"pain_after_block": 2, "events_immediate": 0}
    kept = examine(block, physician, read, read_at=calendar.time(0, 1))
    assert (kept.state, kept.is_examined) == ("expired", True)


def test_the_patients_own_follow_ups_take_none(both, physician):
    patients_own = row_of(both.episode.plan, "w2")
    with pytest.raises(ValidationError, match="Only the patient is asked"):
        examine(patients_own, physician)


def test_facts_in_the_audit_hold_no_values(both, physician):
    examine(both, physician)
    event = AuditEvent.objects.get(action="follow_up.examined")
    assert event.facts["said"] == ["sessions_attended"]
    assert "7" not in str(event.facts["said"])


def test_the_days_patients_hold_no_survey_that_is_answered(both, physician):
    day = factories.days_ago(both.clinic, 0)
    answer(both)
    row = patients.follow_ups(physician, day, [both.patient_id]).get(pk=both.pk)
    person = patients.Person(both.patient)
    patients.look_at(person, row, day)
    assert person.survey is None
    assert person.signs == {patients.Sign.ANSWERED}


def test_an_examination_is_no_late_answer(both, physician):
    due.advance_due(both.clinic, at_end_of(both))
    examine(both, physician)
    fates = FollowUp.objects.annotate(fate=capture_fates.fate())
    assert fates.get(pk=both.pk).fate == rows.Fate.MISSED
