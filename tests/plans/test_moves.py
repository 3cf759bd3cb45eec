"""Every status a plan can have by every move there is, against the one table."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from clinic import audit, clock
from clinic.models import AuditEvent
from outcomes.models import Episode, FollowUp
from plans.course import interventions, lifecycle, starting
from plans.course.lifecycle import Move
from plans.models import Intervention, Plan, Protocol
from tests import factories

# How a plan comes to stand there.
WAYS = {
    "draft": (),
    "proposed": (Move.PROPOSE,),
    "active": (Move.START,),
    "on_hold": (Move.START, Move.HOLD),
    "completed": (Move.START, Move.COMPLETE),
    "stopped": (Move.START, Move.STOP),
    "entered_in_error": (Move.VOID,),
}
ALLOWED = {
    "draft": {"propose": "proposed", "start": "active", "void": "entered_in_error"},
    "proposed": {
        "revise": "draft",
        "start": "active",
        "stop": "stopped",
        "void": "entered_in_error",
    },
    "active": {
        "hold": "on_hold",
        "complete": "completed",
        "stop": "stopped",
        "void": "entered_in_error",
    },
    "on_hold": {
        "resume": "active",
        "complete": "completed",
        "stop": "stopped",
        "void": "entered_in_error",
    },
    "completed": {"reopen": "active", "void": "entered_in_error"},
    "stopped": {"reopen": "active", "void": "entered_in_error"},
    "entered_in_error": {},
}


def drafted(complaint) -> Plan:
    return starting.draft(
        complaint,
        protocol=Protocol.objects.filter(clinic=complaint.clinic, key="prp").latest(
            "version"
        ),
        by=audit.SYSTEM,
        started_on=clock.today(complaint.clinic.zone),
    )


def moved(plan: Plan, *moves: Move) -> Plan:
    for move in moves:
        lifecycle.move(plan, move, by=audit.SYSTEM, reason="as agreed")
    return plan


@pytest.mark.parametrize("status", WAYS)
@pytest.mark.parametrize("move", Move)
def test_a_move_is_made_or_refused_as_the_table_says(complaint, status, move):
    plan = moved(drafted(complaint), *WAYS[status])
    assert plan.status == status
    target = ALLOWED[status].get(move.value)
    if target is None:
        with pytest.raises(ValidationError) as caught:
            moved(plan, move)
        assert list(caught.value.message_dict) == ["move"]
        target = status
    else:
        events = AuditEvent.objects.count()
        moved(plan, move)
        assert AuditEvent.objects.count() > events
    assert Plan.objects.get().status == target


def test_the_table_names_every_status():
    assert set(ALLOWED) == set(Plan.Status.values) == set(WAYS)


@pytest.mark.parametrize("move", [Move.HOLD, Move.STOP, Move.VOID])
def test_a_move_that_needs_a_reason_asks_for_it(complaint, move):
    plan = moved(drafted(complaint), Move.START)
    with pytest.raises(ValidationError) as caught:
        lifecycle.move(plan, move, by=audit.SYSTEM, reason=" ")
    assert list(caught.value.message_dict) == ["reason"]
    assert Plan.objects.get().status == "active"


def test_a_draft_asks_nobody_anything(complaint):
    plan = moved(drafted(complaint), Move.PROPOSE)
    assert plan.interventions.exists()
    assert not Episode.objects.exists()
    with pytest.raises(ValidationError, match="proposed"):
        interventions.perform(
            plan.interventions.get(is_index=True),
            performed_on=plan.started_on,
            by=audit.SYSTEM,
        )


def test_a_draft_that_starts_later_moves_its_days(complaint):
    plan = drafted(complaint)
    Plan.objects.update(started_on=plan.started_on - timedelta(days=9))
    Intervention.objects.update(planned_on=plan.started_on)
    plan = moved(Plan.objects.get(), Move.START)
    assert plan.started_on == clock.today(plan.clinic.zone)
    days = {i.planned_on for i in plan.interventions.all()}
    assert days == {plan.started_on + timedelta(days=9)}
    assert FollowUp.objects.exclude(state="planned").count() == 0


def test_reopening_plans_again_what_ended_with_the_plan(complaint):
    plan = moved(drafted(complaint), Move.START)
    before = sorted(FollowUp.objects.values_list("timepoint_key", flat=True))
    moved(plan, Move.STOP)
    assert set(FollowUp.objects.values_list("state", flat=True)) == {"cancelled"}
    assert set(plan.interventions.values_list("status", flat=True)) == {"cancelled"}
    moved(plan, Move.REOPEN)
    assert plan.ended_on is None
    standing = FollowUp.objects.filter(state="planned")
    assert sorted(standing.values_list("timepoint_key", flat=True)) == before
    assert set(plan.interventions.values_list("status", flat=True)) == {"planned"}


def test_reopening_leaves_what_was_cancelled_before(complaint):
    plan = moved(drafted(complaint), Move.START)
    late = plan.interventions.get(is_index=False)
    interventions.cancel(late, reason="not wanted", by=audit.SYSTEM)
    moved(plan, Move.STOP, Move.REOPEN)
    late.refresh_from_db()
    assert late.status == "cancelled"


def test_a_plan_declined_when_proposed_begins_when_it_is_reopened(complaint):
    plan = moved(drafted(complaint), Move.PROPOSE, Move.STOP)
    assert plan.ended_on is None
    moved(plan, Move.REOPEN)
    assert Episode.objects.get().status == "active"
    assert FollowUp.objects.filter(state="planned").exists()


def test_stopping_treatment_keeps_the_follow_ups_of_what_was_given(complaint):
    plan = factories.make_plan(complaint, started_days_ago=20)
    factories.make_performed(plan, days=5)
    before = list(FollowUp.objects.values_list("timepoint_key", "state"))
    moved(plan, Move.STOP)
    assert list(FollowUp.objects.values_list("timepoint_key", "state")) == before


def test_what_was_performed_keeps_a_plan_from_being_an_error(complaint):
    plan = factories.make_plan(complaint, started_days_ago=20)
    done = factories.make_performed(plan, days=5)
    with pytest.raises(ValidationError, match="Take that back first"):
        moved(plan, Move.VOID)
    interventions.take_back(done, reason="other patient", by=audit.SYSTEM)
    moved(plan, Move.VOID)
    assert Episode.objects.get().status == "ended"


def test_a_hold_has_an_end_to_come(complaint):
    plan = moved(drafted(complaint), Move.START)
    with pytest.raises(ValidationError) as caught:
        lifecycle.move(
            plan,
            Move.HOLD,
            by=audit.SYSTEM,
            reason="travels",
            hold_until=plan.started_on,
        )
    assert list(caught.value.message_dict) == ["hold_until"]
    later = plan.started_on + timedelta(days=30)
    lifecycle.move(plan, Move.HOLD, by=audit.SYSTEM, reason="travels", hold_until=later)
    assert plan.hold_until == later
    moved(plan, Move.RESUME)
    assert (plan.hold_until, plan.status) == (None, "active")


def test_a_plan_of_a_closed_complaint_stays_as_it_ended(complaint):
    plan = factories.make_plan(complaint, started_days_ago=3)
    moved(plan, Move.STOP)
    complaint.closed_on = clock.today(complaint.clinic.zone)
    complaint.save(update_fields=["closed_on"])
    with pytest.raises(ValidationError, match="closed"):
        moved(plan, Move.REOPEN)
