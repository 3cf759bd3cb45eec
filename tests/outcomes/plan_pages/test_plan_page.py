import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from clinic import audit
from clinic.models import AuditEvent
from outcomes.follow_ups.planning import ending
from outcomes.models import FollowUp, Measure
from outcomes.plan_pages import lanes
from plans.course import interventions
from plans.models import (
    Intervention,
    LifestyleChange,
    LifestyleMeasurement,
    Modality,
    Plan,
)
from tests import courses, factories
from tests.outcomes import rows


@pytest.fixture
def plan(complaint):
    return factories.make_plan(complaint, started_days_ago=20)


def address(plan):
    return reverse("outcomes:plan", args=[plan.pk])


def fill(plan, *, interventions=40, follow_ups=60):
    """Visits every third day and a window each week, in all states."""
    statuses = ["performed", "planned", "cancelled", "entered_in_error"]
    for place in range(interventions - plan.interventions.count()):
        on = plan.started_on + timedelta(days=3 * place)
        status = statuses[place % 4]
        Intervention.objects.create(
            clinic_id=plan.clinic_id,
            plan=plan,
            title=f"Visit {place}",
            modality=Modality.values[place % 6],
            status=status,
            planned_on=on,
            performed_on=on if status == "performed" else None,
        )
    episode = plan.episodes.get()
    states = ["completed", "expired", "cancelled", "planned", "open"]
    for place in range(follow_ups - episode.follow_ups.count()):
        rows.make_follow_up(episode, f"w{place}", 7 * place, state=states[place % 5])


def busy(complaint, admin):
    """A plan with everything that the page can show."""
    plan = courses.answered(complaint).follow_up.episode.plan
    fill(plan)
    factories.make_goal(plan)
    factories.make_evaluation(complaint, RF10="present")
    life = plan.interventions.filter(modality="lifestyle")[0]
    LifestyleChange.objects.create(
        clinic=plan.clinic, intervention=life, height_cm=180, weight_target_kg=80
    )
    for days, weight in ((0, 92), (30, 86)):
        LifestyleMeasurement.objects.create(
            clinic=plan.clinic,
            intervention=life,
            measured_on=plan.started_on + timedelta(days=days),
            weight_kg=weight,
        )
    factories.make_plan(complaint, "physical_therapy")
    return plan


def test_forty_interventions_and_sixty_follow_ups_cost_few_queries(
    signed_in, complaint, admin, django_assert_max_num_queries
):
    plan = busy(complaint, admin)
    assert plan.interventions.count() == 40
    assert plan.episodes.get().follow_ups.count() == 60
    # One of them is the line about pauses, which stands on every page.
    with django_assert_max_num_queries(21):
        page = signed_in.get(address(plan))
    for words in ("Visit 3", "Red flags", "Lifestyle over time", "All plans of"):
        assertContains(page, words)


def test_the_axis_and_its_table_show_the_same(signed_in, complaint, admin):
    html = signed_in.get(address(busy(complaint, admin))).content.decode()
    wide = html[html.index('class="chart-full" role="img"') :]
    wide = wide[: wide.index("</svg>")]
    drawn = re.findall(r'data-on="([^"]+)" data-state', wide)
    table = html[html.index('<table class="chart-table') :]
    listed = re.findall(r'<tr data-on="([^"]+)"', table[: table.index("</table>")])
    assert sorted(drawn) == sorted(listed)
    assert len(drawn) > 90


@pytest.mark.parametrize(
    ("key", "days_ago", "word"),
    [
        ("prp", 1, "to confirm"),
        ("prp", 0, "due"),
        ("prp", -1, "planned"),
        ("loading", 1, "due"),
    ],
)
def test_to_confirm_is_what_the_worklist_asks_about(
    signed_in, plan, key, days_ago, word
):
    day = factories.days_ago(plan.clinic, days_ago)
    plan.interventions.update(planned_on=factories.days_ago(plan.clinic, -60))
    plan.interventions.filter(step__key=key).update(planned_on=day)
    one = plan.interventions.get(step__key=key)
    assert lanes.state_of(one, factories.days_ago(plan.clinic, 0))[0] == word
    asked = signed_in.get(reverse("outcomes:follow_ups")).context["to_confirm"]
    assert [line.intervention for line in asked] == [one] * (word == "to confirm")


def test_each_intervention_has_its_state_and_what_can_be_done(signed_in, plan):
    page = signed_in.get(address(plan))
    assertContains(page, "to confirm")
    assertContains(page, "Record as done")
    factories.make_performed(plan, days=0)
    assertContains(signed_in.get(address(plan)), '<span class="state state--ok">done')
    assert AuditEvent.objects.filter(action="plan.read").exists()


def test_an_ended_plan_offers_nothing_to_record(signed_in, plan):
    Plan.objects.filter(pk=plan.pk).update(
        status="stopped", ended_on=plan.started_on, status_reason="moved away"
    )
    page = signed_in.get(address(plan))
    assertContains(page, "moved away")
    assertNotContains(page, "Record as done")
    assertNotContains(page, "Set a goal")


def test_a_goal_shows_how_far_it_is(signed_in, complaint):
    plan = courses.answered(complaint, "3").follow_up.episode.plan
    factories.make_goal(plan, words="walk the dog round the lake")
    page = signed_in.get(address(plan))
    assertContains(page, "walk the dog round the lake")
    assertContains(page, "Reached on")
    patient_page = signed_in.get(
        reverse("outcomes:patient", args=[complaint.patient_id])
    )
    assertContains(patient_page, "chart-goal-line")


def test_a_repeat_shows_day_0_of_both_courses_and_that_it_is_asked_about(
    signed_in, plan, admin
):
    assertContains(signed_in.get(address(plan)), "<dt>Day 0</dt>")
    factories.make_performed(plan, days=15)
    again = interventions.add(
        plan,
        title="PRP again",
        modality="prp",
        planned_on=factories.days_ago(plan.clinic, 3),
        is_repeat=True,
        by=audit.SYSTEM,
    )
    interventions.perform(again, performed_on=again.planned_on, by=audit.SYSTEM)
    page = signed_in.get(address(plan))
    for course in (1, 2):
        assertContains(page, f"<dt>Day 0, course {course}</dt>")
    assertContains(page, "asked about no more", 1)
    assertContains(page, "End the follow-up")
    ending.end_follow_up(plan, reason="moved away", by=admin)
    assertContains(signed_in.get(address(plan)), "Ask again")


def test_the_only_plan_of_a_patient_needs_no_comparison(signed_in, plan):
    assertNotContains(signed_in.get(address(plan)), "All plans of")


def test_plans_of_all_complaints_stand_side_by_side(signed_in, plan, patient):
    other = factories.make_plan(factories.make_complaint(patient, pain_site="knee"))
    Plan.objects.filter(pk=factories.make_plan(plan.complaint).pk).update(
        status="entered_in_error"
    )
    page = signed_in.get(address(plan))
    assertContains(page, address(other))
    assert len(page.context["strip"].plans) == 2


def test_a_newer_version_of_the_protocol_is_named(signed_in, plan):
    protocol = plan.protocol
    protocol.pk, protocol.version = None, protocol.version + 1
    protocol._state.adding = True
    protocol.save()
    page = signed_in.get(address(plan))
    assertContains(page, f"Version {protocol.version} is there")


def test_a_plan_that_an_import_brought_has_a_page_too(signed_in, clinic):
    episode = rows.make_episode(clinic)
    pain = Measure.objects.get(clinic=clinic, key="pain_site")
    rows.answer(episode, pain, baseline=7, m3=3)
    rows.make_score(episode, pain, Decimal(5), date(2025, 3, 20))
    page = signed_in.get(address(episode.plan))
    assertContains(page, "No intervention is part of this plan")
    assertContains(page, "3 Mar 2025: Pain in the left foot, 7")


def test_to_the_front_desk_and_to_outsiders_plans_do_not_exist(
    client, clerk, outsider, plan
):
    for user in (clerk, outsider):
        client.force_login(user)
        assert client.get(address(plan)).status_code == 404


HALF = {"comparison": "less_by_percent", "target": 50}


def baseline_page(plan):
    baseline = FollowUp.objects.get(episode__plan=plan, is_baseline=True)
    return reverse("outcomes:baseline", args=[baseline.pk])


def test_a_goal_without_a_baseline_leads_to_asking_for_it(signed_in, plan):
    factories.make_goal(plan, **HALF)
    assertContains(signed_in.get(address(plan)), "No baseline to compare with")
    assertContains(signed_in.get(address(plan)), baseline_page(plan))
    factories.make_performed(plan, days=5)
    assertContains(signed_in.get(address(plan)), baseline_page(plan))


def test_a_baseline_that_could_tell_nothing_of_then_is_not_offered(
    signed_in, complaint
):
    plan = factories.make_plan(complaint, "lifestyle", started_days_ago=20)
    factories.make_goal(plan, **HALF)
    page = signed_in.get(address(plan))
    assertContains(page, "No baseline to compare with")
    assertNotContains(page, baseline_page(plan))


def test_a_baseline_is_offered_for_what_it_asks_alone(signed_in, plan):
    plan.goals.all().delete()
    factories.make_goal(plan, measure="weight_kg", **HALF)
    page = signed_in.get(address(plan))
    assertContains(page, "No baseline to compare with")
    assertNotContains(page, baseline_page(plan))


def weighed(complaint):
    """In a plan of its own: 103.7 kg at its start."""
    life = factories.make_plan(complaint, "lifestyle", started_days_ago=20)
    LifestyleMeasurement.objects.create(
        clinic=life.clinic,
        intervention=life.interventions.filter(modality="lifestyle")[0],
        measured_on=life.started_on,
        weight_kg=Decimal("103.7"),
    )
    return life


def test_lifestyle_is_drawn_where_a_plan_is_about_it(signed_in, plan):
    life = weighed(plan.complaint)
    assertContains(signed_in.get(address(life)), "Lifestyle over time")
    plan.interventions.filter(modality="lifestyle").delete()
    assertNotContains(signed_in.get(address(plan)), "Lifestyle over time")
    factories.make_goal(plan, measure="weight_kg", target=90)
    assertContains(signed_in.get(address(plan)), "Lifestyle over time")


def test_a_share_of_a_baseline_is_said_to_the_tenth(signed_in, complaint):
    life = weighed(complaint)
    factories.make_goal(
        life, measure="weight_kg", comparison=HALF["comparison"], target=5
    )
    page = signed_in.get(address(life))
    assertContains(page, "less by 5 % (98.5 kg or less)")
    assertNotContains(page, "98.51")


@pytest.mark.parametrize(
    ("pain", "words"),
    [(8, "Not moved yet"), (6, "On the way, 50 % of it"), (9, "Further away")],
)
def test_a_goal_says_how_far_it_has_moved(signed_in, clinic, pain, words):
    episode = rows.make_episode(clinic)
    site = Measure.objects.get(clinic=clinic, key="pain_site")
    rows.answer(episode, site, baseline=8, m3=pain)
    due = factories.days_ago(clinic, -9)
    factories.make_goal(episode.plan, due_on=due, **HALF)
    assertContains(signed_in.get(address(episode.plan)), words)
