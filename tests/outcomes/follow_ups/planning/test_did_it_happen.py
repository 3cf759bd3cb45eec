"""A planned procedure whose day passes: safety checks go out, the rest waits."""

from datetime import timedelta

import pytest

from clinic import audit, clock
from clinic.models import Clinic
from outcomes.follow_ups import labels
from outcomes.follow_ups.engine import due, requests
from outcomes.follow_ups.planning import calendar, schedule
from outcomes.models import FollowUp, Message
from plans.course import lifecycle
from plans.models import Intervention, Plan
from tests import factories

State = FollowUp.State


@pytest.fixture
def plan(complaint) -> Plan:
    """PRP planned for two weeks from now."""
    return factories.make_plan(complaint)


def move_clock(monkeypatch, days: int) -> None:
    monkeypatch.setattr("django.conf.settings.CLOCK_OFFSET", timedelta(days=days))


def tick(clinic: Clinic, monkeypatch, days: int) -> None:
    """A tick, so many days after the plan was started."""
    move_clock(monkeypatch, days)
    due.advance_due(clinic, clock.now())


def row(plan: Plan, key: str) -> FollowUp:
    return FollowUp.objects.exclude(state=State.SUPERSEDED).get(
        episode__plan=plan, timepoint_key=key
    )


def states(plan: Plan) -> dict[str, str]:
    return {key: row(plan, key).state for key in ("baseline", "d7_safety", "m1", "m3")}


def move_procedure(plan: Plan, days: int) -> None:
    """To so many days from what is today."""
    day = factories.days_ago(plan.clinic, -days)
    plan.interventions.filter(is_index=True).update(planned_on=day)
    schedule.apply(plan.episodes.get(), by=audit.SYSTEM)


def test_safety_goes_out_on_its_day_and_the_routine_ones_wait(
    plan, clinic, monkeypatch
):
    for days in (8, 20, 21):
        tick(clinic, monkeypatch, days)
        is_asked = days == 21
        assert (row(plan, "d7_safety").state == State.OPEN) is is_asked
    tick(clinic, monkeypatch, 44)
    assert states(plan) == {
        "baseline": "open",
        "d7_safety": "expired",
        "m1": "planned",
        "m3": "planned",
    }
    assert row(plan, "m1").next_action_at is None
    assert row(plan, "m1").label_today == labels.Label.WAITING


def test_a_safety_check_is_sent_though_the_baseline_was_this_week(
    complaint, clinic, monkeypatch
):
    plan = factories.make_plan(complaint, "image_guided_injection")
    anchor = plan.episodes.get().anchor_on
    days = (anchor - plan.started_on).days
    FollowUp.objects.filter(is_baseline=True).update(
        next_action_at=clock.now() + timedelta(days=days - 2)
    )
    tick(clinic, monkeypatch, days - 2)
    assert Message.objects.count() == 1
    tick(clinic, monkeypatch, days + 1)
    assert row(plan, "d1_safety").state == State.OPEN
    assert Message.objects.count() == 2


def test_confirmed_late_the_routine_ones_are_asked(plan, clinic, monkeypatch):
    tick(clinic, monkeypatch, 44)
    factories.make_performed(plan, days=30)
    due.advance_due(clinic, clock.now())
    assert (row(plan, "m1").state, row(plan, "m3").state) == ("open", "planned")


def test_a_check_of_what_was_put_off_is_planned_again(plan, clinic, monkeypatch):
    tick(clinic, monkeypatch, 21)
    tick(clinic, monkeypatch, 35)
    assert row(plan, "d7_safety").state == State.EXPIRED
    move_procedure(plan, 5)
    again = row(plan, "d7_safety")
    assert again.state == State.PLANNED
    assert again.due_on == factories.days_ago(clinic, -12)
    assert not schedule.apply(plan.episodes.get(), by=audit.SYSTEM)


@pytest.mark.parametrize("state", [State.OPEN, State.STARTED])
def test_a_check_that_was_asked_goes_with_the_day(plan, clinic, monkeypatch, state):
    tick(clinic, monkeypatch, 21)
    FollowUp.objects.filter(timepoint_key="d7_safety").update(state=state)
    move_procedure(plan, 5)
    assert row(plan, "d7_safety").state == State.PLANNED
    tick(clinic, monkeypatch, 33)
    assert row(plan, "d7_safety").state == State.OPEN


def test_not_had_yet_is_planned_again_when_the_day_moves(plan, clinic, monkeypatch):
    tick(clinic, monkeypatch, 21)
    said_not_yet(plan)
    assert not schedule.apply(plan.episodes.get(), by=audit.SYSTEM)
    move_procedure(plan, 5)
    assert row(plan, "d7_safety").state == State.PLANNED


def test_not_had_yet_is_planned_again_once_staff_know_better(plan, clinic, monkeypatch):
    tick(clinic, monkeypatch, 21)
    said_not_yet(plan)
    factories.make_performed(plan, days=7)
    due.advance_due(clinic, clock.now())
    assert row(plan, "d7_safety").state == State.OPEN


def said_not_yet(plan: Plan) -> None:
    requests.finish(
        row(plan, "d7_safety"), State.CANCELLED, calendar.NOT_HAD_YET, clock.now()
    )


def test_nothing_is_asked_of_a_procedure_that_was_cancelled(plan, clinic, monkeypatch):
    tick(clinic, monkeypatch, 21)
    Intervention.objects.filter(plan=plan).update(status="cancelled")
    schedule.apply(plan.episodes.get(), by=audit.SYSTEM)
    assert set(states(plan).values()) == {"cancelled"}
    tick(clinic, monkeypatch, 60)
    assert set(states(plan).values()) == {"cancelled"}


def test_a_missed_baseline_is_asked_anew_before_another_day(plan, clinic, monkeypatch):
    tick(clinic, monkeypatch, 21)
    requests.finish(row(plan, "baseline"), State.EXPIRED, "no answer", clock.now())
    move_procedure(plan, 5)
    assert row(plan, "baseline").state == State.PLANNED


def test_an_answered_check_stays_answered(plan, clinic, monkeypatch):
    tick(clinic, monkeypatch, 21)
    FollowUp.objects.filter(timepoint_key="d7_safety").update(
        state=State.COMPLETED, next_action_at=None
    )
    move_procedure(plan, 5)
    assert row(plan, "d7_safety").state == State.COMPLETED


def test_a_plan_of_last_year_nobody_confirmed_sends_nothing(complaint, clinic):
    factories.make_plan(complaint, started_days_ago=400)
    due.advance_due(clinic, clock.now())
    assert not Message.objects.exists()
    assert lifecycle.Plan.objects.get().status == "active"
