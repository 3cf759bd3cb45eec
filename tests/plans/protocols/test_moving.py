"""Plans that run go over to a newer version one by one, and say before what changes."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from clinic import audit
from clinic.models import AuditEvent
from outcomes.models import Episode, FollowUp
from plans.course import interventions, lifecycle
from plans.models import Intervention, Plan, Protocol
from plans.protocols import documents, moving, stored
from tests import factories

State = FollowUp.State


@pytest.fixture
def plan(complaint):
    """Of PRP, with the injection planned four days from now."""
    return factories.make_plan(complaint, started_days_ago=10)


def document(protocol):
    return documents.write(stored.definition_of(protocol))


def rows(document, section, **by_key):
    """The rows of a section with other values in some, or without them: None."""
    return [
        {**row, **(by_key.get(row["key"]) or {})}
        for row in document[section]
        if by_key.get(row["key"], {}) is not None
    ]


def version(plan, by, **changes):
    return factories.make_version(plan.protocol, by=by, **changes)


def said(plan, protocol):
    return moving.preview(moving.with_steps(Plan.objects.filter(pk=plan.pk)), protocol)[
        0
    ].sentences


def states(plan):
    return {
        row.timepoint_key: (row.state, (row.due_on - row.episode.anchor_on).days)
        for row in FollowUp.objects.filter(episode__plan=plan).select_related("episode")
    }


def titles(plan, status="planned"):
    return list(
        plan.interventions.filter(status=status).values_list("title", flat=True)
    )


def test_steps_are_added_dropped_and_moved_for_what_is_planned(plan, physician):
    old = document(plan.protocol)
    check = {"key": "check", "title": "Look at it", "modality": "other"}
    check |= {"offset_days": 7, "after": "prp"}
    steps = [*rows(old, "steps", prp={"offset_days": 20}, loading=None), check]
    new = version(plan, physician, steps=steps)
    index = plan.interventions.get(is_index=True)
    becomes = index.planned_on + timedelta(days=6)
    words = said(plan, new)
    assert words[0].startswith("Look at it is added on ")
    assert words[1] == "Return to loading with a therapist is cancelled"
    assert words[2].startswith("PRP injection moves from ")
    moving.move([plan], protocol=new, by=physician)
    assert titles(plan) == ["PRP injection", "Look at it"]
    assert titles(plan, "cancelled") == ["Return to loading with a therapist"]
    index.refresh_from_db()
    assert (index.planned_on, index.step.protocol, index.is_index) == (
        becomes,
        new,
        True,
    )
    episode = Episode.objects.get(plan=plan)
    assert (episode.anchor_on, episode.is_provisional) == (becomes, True)
    check = plan.interventions.get(title="Look at it")
    assert check.planned_on == becomes + timedelta(days=7)


def test_a_day_agreed_with_the_patient_is_kept(plan, physician):
    index = plan.interventions.get(is_index=True)
    day = index.planned_on + timedelta(days=3)
    interventions.reschedule(index, day=day, by=physician)
    new = version(plan, physician, title="Renamed")
    assert said(plan, new) == []
    moving.move([plan], protocol=new, by=physician)
    index.refresh_from_db()
    assert index.planned_on == day


def test_what_was_performed_or_added_for_the_patient_never_changes(plan, physician):
    day = factories.days_ago(plan.clinic, 2)
    done = factories.make_performed(plan, days=2)
    interventions.add(
        plan, title="Brace", modality="other", planned_on=day, by=physician
    )
    before = Intervention.objects.filter(pk=done.pk).values().get()
    old = document(plan.protocol)
    steps = rows(old, "steps", prp={"title": "Other", "offset_days": 30})
    new = version(plan, physician, steps=steps)
    moving.move([plan], protocol=new, by=physician)
    assert Intervention.objects.filter(pk=done.pk).values().get() == before
    assert "Brace" in titles(plan)
    assert Episode.objects.get(plan=plan).anchor_on == done.performed_on


def test_time_points_come_go_and_move_for_what_is_only_planned(plan, physician):
    old = document(plan.protocol)
    year = next(row for row in old["timepoints"] if row["key"] == "m12")
    later = {**year, "key": "m36", "label": "36 months", "offset_days": 1095}
    later |= {"open_day": 1000, "close_day": 1190, "ask_day": 1095}
    points = rows(
        old, "timepoints", m1={"close_day": 50}, m3={"offset_days": 100}, m24=None
    )
    new = version(plan, physician, timepoints=[*points, later])
    assert said(plan, new) == [
        "1 follow-up planned",
        "2 follow-ups moved to the new dates",
        "1 follow-up cancelled",
    ]
    moving.move([plan], protocol=new, by=physician)
    now = states(plan)
    assert now["m24"][0] == State.CANCELLED
    assert (now["m36"], now["m3"]) == ((State.PLANNED, 1095), (State.PLANNED, 100))
    assert FollowUp.objects.get(timepoint_key="m1").close_day == 50


def test_what_was_asked_stays_as_it_was_asked(plan, physician):
    factories.make_performed(plan, days=5)
    asked = FollowUp.objects.get(timepoint_key="d7_safety")
    FollowUp.objects.filter(pk=asked.pk).update(state=State.OPEN)
    before = FollowUp.objects.filter(pk=asked.pk).values().get()
    old = document(plan.protocol)
    points = rows(old, "timepoints", d7_safety={"offset_days": 9, "ask_day": 9})
    new = version(plan, physician, timepoints=points)
    moving.move([plan], protocol=new, by=physician)
    gone = version(
        Plan.objects.get(),
        physician,
        timepoints=rows(old, "timepoints", d7_safety=None),
    )
    moving.move([Plan.objects.get()], protocol=gone, by=physician)
    after = FollowUp.objects.filter(pk=asked.pk).values().get()
    changed = {key for key in before if before[key] != after[key]}
    assert changed <= {"next_action_at"}
    keys = FollowUp.objects.exclude(state__in=[State.CANCELLED, State.SUPERSEDED])
    found = list(keys.values_list("timepoint_key", flat=True))
    assert len(found) == len(set(found))


def test_a_longer_series_makes_its_last_injection_day_0(plan, physician):
    old = document(plan.protocol)
    steps = rows(old, "steps", prp={"repeats": 2, "every_days": 28})
    new = version(plan, physician, steps=steps)
    moving.move([plan], protocol=new, by=physician)
    series = plan.interventions.filter(modality="prp").order_by("planned_on")
    assert [(row.title, row.is_index) for row in series] == [
        ("PRP injection, 1 of 2", False),
        ("PRP injection, 2 of 2", True),
    ]
    assert Episode.objects.get(plan=plan).anchor_on == series[1].planned_on


def test_only_the_chosen_plans_are_moved(plan, physician, patient):
    other = factories.make_plan(factories.make_complaint(patient, side="right"))
    new = version(plan, physician)
    moving.move([plan], protocol=new, by=physician)
    followed = {p.pk: p.protocol for p in Plan.objects.all()}
    assert followed[plan.pk] == new and followed[other.pk] != new
    event = AuditEvent.objects.get(action="plan.protocol_changed")
    assert (event.facts["before"], event.facts["after"]) == (
        str(followed[other.pk]),
        str(new),
    )


def test_a_plan_is_moved_once_also_when_two_people_press(plan, physician, admin):
    new = version(plan, physician)
    stale = Plan.objects.select_related("protocol").get(pk=plan.pk)
    moving.move([plan], protocol=new, by=physician)
    with pytest.raises(ValidationError, match="somebody else"):
        moving.move([stale], protocol=new, by=admin)
    with pytest.raises(ValidationError, match="version 3 already"):
        moving.move([plan], protocol=new, by=admin)


def test_an_ended_plan_and_another_kind_of_day_0_are_refused(plan, physician):
    old = document(plan.protocol)
    steps = rows(old, "steps", prp={"is_index": False})
    new = version(plan, physician, anchor="plan_start", steps=steps)
    with pytest.raises(ValidationError, match="day 0 is another one"):
        moving.move([plan], protocol=new, by=physician)
    lifecycle.move(plan, lifecycle.Move.STOP, reason="surgery", by=audit.SYSTEM)
    back = version(
        Plan(protocol=new), physician, anchor="index_procedure", steps=old["steps"]
    )
    with pytest.raises(ValidationError, match="It is stopped"):
        moving.move([plan], protocol=back, by=physician)


def test_a_plan_that_is_only_proposed_moves_too(complaint, physician):
    protocol = Protocol.objects.get(clinic=complaint.clinic, key="lifestyle")
    day = factories.days_ago(complaint.clinic, -3)
    plan = lifecycle.draft(complaint, protocol=protocol, started_on=day, by=physician)
    old = document(protocol)
    new = factories.make_version(
        protocol, by=physician, steps=rows(old, "steps", posture=None)
    )
    moving.move([plan], protocol=new, by=physician)
    assert "Posture and breaks from sitting" not in titles(plan)
    assert not Episode.objects.exists()
