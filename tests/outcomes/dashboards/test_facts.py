from datetime import timedelta
from decimal import Decimal

import pytest

from clinic import audit, clock
from outcomes.dashboards import facts
from outcomes.models import Episode, OutcomeFact
from plans.course import elsewhere, exposure_rows, interventions
from plans.models import Protocol, TreatmentElsewhere
from plans.protocols import documents, stored
from tests import courses, factories
from tests.outcomes import rows


@pytest.fixture
def measure(clinic):
    return rows.make_measure(clinic)


@pytest.fixture
def episode(clinic):
    return rows.make_episode(clinic)


def fact(episode, key):
    return OutcomeFact.objects.get(episode=episode, timepoint_key=key)


def test_a_change_is_value_less_baseline_with_every_rule_flagged(episode, measure):
    rows.answer(episode, measure, baseline=5, m3=3.5)
    facts.rebuild_many([episode.pk])
    found = fact(episode, "m3")
    assert (found.baseline, found.value, found.change) == (5, Decimal("3.5"), -1.5)
    assert (found.pct30, found.pct50, found.points2, found.mic, found.both) == (
        True,
        False,
        False,
        False,
        False,
    )


def test_the_baseline_is_the_last_score_in_thirty_days_from_any_source(
    episode, measure
):
    rows.make_score(episode, measure, 9, rows.ANCHOR - timedelta(days=31))
    rows.make_score(episode, measure, 7, rows.ANCHOR - timedelta(days=30))
    rows.make_score(episode, measure, 6, rows.ANCHOR - timedelta(days=2))
    rows.make_score(episode, measure, 1, rows.ANCHOR + timedelta(days=1))
    rows.answer(episode, measure, m3=3)
    facts.rebuild_many([episode.pk])
    assert fact(episode, "m3").baseline == 6
    assert fact(episode, "baseline").value == 6


def test_without_a_baseline_nothing_is_eligible_and_nothing_changed(episode, measure):
    rows.answer(episode, measure, m3=3)
    facts.rebuild_many([episode.pk])
    found = fact(episode, "m3")
    assert (found.value, found.change, found.is_eligible, found.pct30) == (
        3,
        None,
        False,
        None,
    )


def test_a_missed_time_point_is_eligible_and_an_open_one_is_not(episode, measure):
    rows.answer(episode, measure, baseline=5)
    episode.follow_ups.filter(timepoint_key="m12").update(state="open")
    facts.rebuild_many([episode.pk])
    assert fact(episode, "m3").is_eligible
    assert not fact(episode, "m12").is_eligible


def test_a_cancelled_time_point_has_no_fact(episode, measure):
    rows.answer(episode, measure, baseline=5, m3=2)
    episode.follow_ups.filter(timepoint_key="m12").update(state="cancelled")
    facts.rebuild_many([episode.pk])
    assert not OutcomeFact.objects.filter(timepoint_key="m12").exists()


def test_percent_is_undefined_where_the_baseline_was_zero(episode, measure):
    rows.answer(episode, measure, baseline=0, m3=0)
    facts.rebuild_many([episode.pk])
    found = fact(episode, "m3")
    assert (found.pct30, found.both, found.points2) == (None, None, False)


def test_the_time_point_nearest_to_a_canonical_day_stands_for_it(episode, measure):
    rows.make_follow_up(episode, "d7", 7)
    rows.answer(episode, measure, baseline=5, d7=4, w2=3)
    facts.rebuild_many([episode.pk])
    assert fact(episode, "w2").bin_day == 14
    assert fact(episode, "d7").bin_day is None


def test_rebuilding_changes_nothing(episode, measure):
    rows.answer(episode, measure, baseline=5, w2=4, m3=2)
    facts.rebuild_many([episode.pk])
    columns = [f.attname for f in OutcomeFact._meta.concrete_fields if f.name != "id"]
    before = list(OutcomeFact.objects.order_by("timepoint_key").values_list(*columns))
    facts.rebuild_many([episode.pk])
    after = list(OutcomeFact.objects.order_by("timepoint_key").values_list(*columns))
    assert before == after
    assert len(before) == len(rows.POINTS)


def test_only_episodes_that_are_due_are_rebuilt(clinic, episode, measure):
    other = rows.make_episode(clinic)
    rows.answer(episode, measure, baseline=5)
    rows.answer(other, measure, baseline=5)
    Episode.objects.filter(pk=episode.pk).update(facts_due_at=clock.now())
    Episode.objects.filter(pk=other.pk).update(facts_due_at=None)
    assert facts.rebuild_due(clinic.pk, clock.now()) == 1
    assert not OutcomeFact.objects.filter(episode=other).exists()
    episode.refresh_from_db()
    assert episode.facts_due_at is None


def test_change_since_the_start_has_no_baseline(clinic, episode):
    change = rows.make_measure(clinic, "change_test", is_asked_at_baseline=False)
    rows.make_score(episode, change, 3, rows.ANCHOR - timedelta(days=2))
    rows.answer(episode, change, m3=2)
    facts.rebuild_many([episode.pk])
    assert fact(episode, "m3").baseline is None
    assert fact(episode, "baseline").value is None


def test_an_answer_after_a_repeat_is_not_the_earlier_courses(complaint):
    response = courses.answered(complaint)
    episode = response.follow_up.episode
    repeated_on = response.answered_on - timedelta(days=1)
    Episode.objects.create(
        clinic_id=episode.clinic_id,
        patient_id=episode.patient_id,
        complaint=complaint,
        plan=episode.plan,
        course=2,
        anchor=episode.anchor,
        anchor_intervention=episode.anchor_intervention,
        anchor_on=repeated_on,
    )
    facts.rebuild_many([episode.pk])
    found = OutcomeFact.objects.filter(episode=episode)
    assert not found.filter(
        timepoint_key=response.follow_up.timepoint_key, value__isnull=False
    ).exists()


def test_an_answer_after_an_added_treatment_says_so(complaint):
    response = courses.answered(complaint)
    episode = response.follow_up.episode
    TreatmentElsewhere.objects.create(
        clinic_id=episode.clinic_id,
        patient_id=episode.patient_id,
        complaint=complaint,
        what="Steroid injection",
        began_on=response.answered_on - timedelta(days=1),
    )
    facts.rebuild_many([episode.pk])
    found = OutcomeFact.objects.filter(
        timepoint_key=response.follow_up.timepoint_key, value__isnull=False
    )
    assert set(found.values_list("has_added_treatment", flat=True)) == {True}


def stenosis_in(complaint, admin, **changes):
    """A plan counted from its start whose only injection may be given again."""
    base = Protocol.objects.get(clinic=complaint.clinic, key="spinal_stenosis")
    content = documents.write(stored.definition_of(base))
    steps = [
        {**step, **changes} if step["key"] == "injection" else step
        for step in content["steps"]
    ]
    factories.make_version(base, by=admin, steps=steps)
    return factories.make_plan(complaint, "spinal_stenosis", started_days_ago=120)


def beside(plan):
    exposures = exposure_rows.of_complaints([plan.complaint_id])[plan.complaint_id]
    return facts.beside(Episode.objects.get(plan=plan), exposures)


def performed(plan, key, days):
    row = plan.interventions.filter(step__key=key).order_by("series_number").first()
    day = factories.days_ago(plan.clinic, days)
    return interventions.perform(row, performed_on=day, by=audit.SYSTEM)


def test_a_series_that_is_not_day_0_is_beside_the_course(complaint, admin):
    plan = stenosis_in(complaint, admin, repeats=3, every_days=14)
    injection = performed(plan, "injection", days=60)
    assert [one.key for one in beside(plan)] == [injection.pk]


def test_the_series_of_day_0_is_not_beside_its_course(complaint):
    plan = factories.make_plan(complaint, "disc_degeneration", started_days_ago=120)
    performed(plan, "prp", days=60)
    assert beside(plan) == []


def test_a_look_back_is_no_treatment_beside(complaint):
    plan = factories.make_plan(complaint, "lifestyle", started_days_ago=120)
    performed(plan, "review", days=60)
    assert beside(plan) == []


def due(episode):
    return Episode.objects.get(pk=episode.pk).facts_due_at is not None


def test_a_repeat_that_was_taken_back_owns_no_answer(complaint):
    response = courses.answered(complaint)
    episode = response.follow_up.episode
    facts.rebuild_many([episode.pk])
    before = OutcomeFact.objects.filter(episode=episode, value__isnull=False).count()
    day = clock.today(episode.clinic.zone) - timedelta(days=2)
    kind = {"title": "Again", "modality": "prp", "is_repeat": True}
    again = interventions.add(episode.plan, planned_on=day, by=audit.SYSTEM, **kind)
    interventions.perform(again, performed_on=day, by=audit.SYSTEM)
    interventions.take_back(again, reason="slip", by=audit.SYSTEM, plan_again=False)
    facts.rebuild_many([episode.pk])
    after = OutcomeFact.objects.filter(episode=episode, value__isnull=False).count()
    assert before and after == before


def test_what_is_done_beside_a_course_makes_its_facts_due(complaint):
    episode = courses.answered(complaint).follow_up.episode
    facts.rebuild_many([episode.pk])
    day = clock.today(episode.clinic.zone) - timedelta(days=5)
    other = elsewhere.report(complaint, what="Steroid", began_on=day, by=audit.SYSTEM)
    assert due(episode)
    facts.rebuild_many([episode.pk])
    elsewhere.take_back(other, reason="slip", by=audit.SYSTEM)
    assert due(episode)
    facts.rebuild_many([episode.pk])
    kind = {"title": "Epidural", "modality": "image_guided_injection"}
    added = interventions.add(episode.plan, planned_on=day, by=audit.SYSTEM, **kind)
    interventions.perform(added, performed_on=day, by=audit.SYSTEM)
    assert due(episode)
