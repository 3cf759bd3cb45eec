from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from clinic import audit
from clinic.models import AuditEvent
from plans.course import goals, interventions, lifecycle, starting
from plans.models import Goal, Plan
from tests import factories
from tests.api_client import with_token


@pytest.fixture
def plan(complaint):
    """Without the goals of its protocol."""
    plan = factories.make_plan(complaint)
    plan.goals.all().delete()
    return plan


def form(plan, **fields):
    due_on = plan.started_on + timedelta(days=90)
    defaults = {
        "measure": "pain_site",
        "comparison": "at_most",
        "target": "3",
        "due_on": due_on.isoformat(),
        "words": "walk the dog",
    }
    return {**defaults, **fields}


def test_a_goal_is_set_from_its_page_and_audited(signed_in, plan):
    page = signed_in.post(reverse("plans:add_goal", args=[plan.pk]), form(plan))
    assertRedirects(page, reverse("outcomes:plan", args=[plan.pk]))
    goal = plan.goals.get()
    assert (goal.measure, goal.target, goal.words) == ("pain_site", 3, "walk the dog")
    assert AuditEvent.objects.get(action="goal.set").facts["after"]["target"] == "3"


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"measure": "height"}, "measure", "Select a valid choice"),
        ({"comparison": "near"}, "comparison", "Select a valid choice"),
        ({"target": "11"}, "target", "from 0 to 10"),
        ({"target": "-1"}, "target", "from 0 to 10"),
        ({"target": "NaN"}, "target", "Enter a number"),
        ({"target": ""}, "target", "required"),
        (
            {"comparison": "less_by_percent", "target": "101"},
            "target",
            "from 1 to 100 %",
        ),
        (
            {"measure": "active_minutes_week", "comparison": "less_by_percent"},
            "comparison",
            "is to rise",
        ),
        ({"comparison": "at_least"}, "comparison", "Pain at the site is to fall"),
        (
            {"measure": "active_minutes_week", "target": "150"},
            "comparison",
            "Active minutes a week is to rise",
        ),
        ({"due_on": "2001-01-01"}, "due_on", "after the plan"),
        ({"due_on": "2999-01-01"}, "due_on", "within ten years"),
        ({"words": "x" * 201}, "words", "at most 200"),
    ],
)
def test_a_slip_is_said_beside_its_field(signed_in, plan, fields, field, words):
    address = reverse("plans:add_goal", args=[plan.pk])
    page = signed_in.post(address, form(plan, **fields))
    assert words in page.context["form"].errors[field][0]
    assert not plan.goals.exists()


def test_two_slips_are_said_at_one_time(signed_in, plan):
    address = reverse("plans:add_goal", args=[plan.pk])
    sent = form(plan, target="-5", due_on="2001-01-01")
    page = signed_in.post(address, sent)
    assert set(page.context["form"].errors) == {"target", "due_on"}


@pytest.mark.parametrize("measure", ["weight_kg", "bmi"])
@pytest.mark.parametrize("comparison", ["at_most", "at_least", "less_by_percent"])
def test_weight_may_fall_or_rise(plan, measure, comparison):
    goal = factories.make_goal(
        plan, measure=measure, comparison=comparison, target=Decimal(60)
    )
    assert goal.comparison == comparison


def test_the_api_names_the_comparison_too(admin, plan):
    sent = form(plan, comparison="at_least") | {"plan": str(plan.pk)}
    refused = with_token(admin).post("/api/v1/goals/", sent)
    assert (refused.status_code, list(refused.json())) == (400, ["comparison"])


def test_a_goal_is_adjusted_with_before_and_after(plan, physician):
    goal = factories.make_goal(plan)
    goals.adjust(goal, target=Decimal(4), words=" walk ", by=physician)
    facts = AuditEvent.objects.get(action="goal.adjusted").facts
    assert (facts["before"]["target"], facts["after"]["target"]) == ("3.00", "4.00")
    assert goal.words == "walk"


def test_a_dropped_goal_keeps_its_reason_and_changes_no_more(plan, physician):
    goal = factories.make_goal(plan)
    goals.drop(goal, reason="too easy", by=physician)
    assert (goal.status, goal.status_reason) == ("dropped", "too easy")
    with pytest.raises(ValidationError, match="dropped"):
        goals.adjust(goal, target=Decimal(4), by=physician)
    with pytest.raises(ValidationError, match="meanwhile"):
        goals.drop(Goal.objects.get(pk=goal.pk), reason="again", by=physician)


def test_dropping_needs_a_reason(signed_in, plan):
    goal = factories.make_goal(plan)
    page = signed_in.post(reverse("plans:drop_goal", args=[goal.pk]), {"reason": " "})
    assert "reason" in page.context["form"].errors


def test_of_two_who_adjust_at_once_the_second_is_told(plan, physician, monkeypatch):
    goal = factories.make_goal(plan)

    def meanwhile(seen):
        Goal.objects.filter(pk=goal.pk).update(target=5)

    monkeypatch.setattr(goals, "check", meanwhile)
    with pytest.raises(ValidationError, match="meanwhile"):
        goals.adjust(goal, target=Decimal(4), by=physician)
    assert Goal.objects.get().target != 4


def test_an_ended_plan_takes_no_goals(plan):
    Plan.objects.filter(pk=plan.pk).update(status="completed")
    plan.refresh_from_db()
    with pytest.raises(ValidationError, match="reopen"):
        factories.make_goal(plan)


def test_a_started_plan_gets_its_protocols_goals(complaint):
    plan = factories.make_plan(complaint)
    day_0 = plan.interventions.get(is_index=True).planned_on
    wanted = {
        (aim.measure, aim.target, day_0 + timedelta(days=aim.by_day))
        for aim in plan.protocol.goals.all()
    }
    assert wanted
    assert {(g.measure, g.target, g.due_on) for g in plan.goals.all()} == wanted


def test_goals_move_with_day_0_unless_they_have_a_day_of_their_own(complaint):
    plan = factories.make_plan(complaint)
    day_0 = plan.interventions.get(is_index=True).planned_on
    before = {goal.pk: goal.due_on for goal in plan.goals.all()}
    own = factories.make_goal(plan, due_on=day_0 + timedelta(days=61))
    later = timedelta(days=10)
    moved = goals.follow_anchor(plan, was=day_0, now=day_0 + later)
    after = {goal.pk: goal.due_on for goal in plan.goals.exclude(pk=own.pk)}
    assert set(moved) == {str(pk) for pk in before}
    assert after == {pk: day + later for pk, day in before.items()}
    assert plan.goals.get(pk=own.pk).due_on == own.due_on


def test_an_assistant_reads_goals_and_sets_none(client, assistant, plan):
    goal = factories.make_goal(plan, words="walk the dog")
    client.force_login(assistant)
    page = client.get(reverse("outcomes:plan", args=[plan.pk]))
    assertContains(page, "walk the dog")
    assertNotContains(page, reverse("plans:adjust_goal", args=[goal.pk]))
    assert client.get(reverse("plans:add_goal", args=[plan.pk])).status_code == 403


def test_goals_over_the_api_use_the_same_verbs(admin, plan):
    api = with_token(admin)
    made = api.post("/api/v1/goals/", {**form(plan), "plan": str(plan.pk)})
    assert made.status_code == 201, made.json()
    address = f"/api/v1/goals/{made.json()['id']}/"
    assert api.post(f"{address}adjust/", {"target": "2"}).json()["target"] == 2
    refused = api.post(f"{address}adjust/", {"target": "99"})
    assert (refused.status_code, list(refused.json())) == (400, ["target"])
    assert api.post(f"{address}adjust/", {"measure": "bmi"}).status_code == 400
    assert api.post(f"{address}drop/", {"reason": "x"}).json()["status"] == "dropped"
    assert api.get(f"/api/v1/goals/?plan={plan.pk}").json()["count"] == 1


def test_the_system_may_set_goals_too(plan):
    assert factories.make_goal(plan, by=audit.SYSTEM).status == "open"


def test_which_goals_went_with_day_0_is_on_record(complaint, physician):
    plan = factories.make_plan(complaint)
    index = plan.interventions.get(is_index=True)
    goal = plan.goals.get(measure="pain_site")
    day = index.planned_on + timedelta(days=10)
    interventions.reschedule(index, day=day, by=physician)
    event = AuditEvent.objects.get(action="intervention.moved")
    becomes = goal.due_on + timedelta(days=10)
    assert event.facts["goals"][str(goal.pk)] == f"from {goal.due_on} to {becomes}"
    assert (event.actor, len(event.facts["goals"])) == (physician, 2)


def test_a_draft_that_starts_later_records_which_goals_went_along(complaint, physician):
    protocol = factories.make_plan(complaint, "physical_therapy").protocol
    day = factories.days_ago(complaint.clinic, -7)
    plan = starting.draft(complaint, protocol=protocol, started_on=day, by=physician)
    due = {str(goal.pk): goal.due_on for goal in plan.goals.all()}
    complaint.plans.exclude(pk=plan.pk).update(started_on=day - timedelta(days=30))
    lifecycle.move(plan, lifecycle.Move.START, by=physician)
    facts = AuditEvent.objects.get(action="plan.began").facts["goals"]
    week = timedelta(days=7)
    assert facts == {pk: f"from {on} to {on - week}" for pk, on in due.items()}
    assert facts
