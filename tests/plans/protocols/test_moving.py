"""Plans that run go over to a newer version one by one, and say before what changes."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.asserts import assertContains

from clinic import audit, clock
from clinic.consequences import Change, Kind
from clinic.models import AuditEvent
from outcomes.models import Episode, FollowUp
from plans.course import goals, interventions, lifecycle, starting
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
    day = clock.in_words(becomes + timedelta(days=7))
    assert words[0] == f"Look at it is added on {day}"
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
        "1 follow-up moved to the new dates",
        "the window of 1 follow-up changes",
        # The first of the yearly ones, in whose place the new one is.
        "2 follow-ups cancelled",
    ]
    moving.move([plan], protocol=new, by=physician)
    now = states(plan)
    assert now["m24"][0] == State.CANCELLED
    assert (now["m36"], now["m3"]) == ((State.PLANNED, 1095), (State.PLANNED, 100))
    assert FollowUp.objects.get(timepoint_key="m1").close_day == 50


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"close_day": 125}, "its window closes on {close}, not {closed}"),
        (
            {"open_day": 75, "close_day": 125},
            "its window opens on {open}, not {opened}, and closes on {close}, "
            "not {closed}",
        ),
    ],
)
def test_a_window_that_changes_is_not_said_to_move(plan, physician, changes, words):
    quarter = FollowUp.objects.get(timepoint_key="m3")
    points = rows(document(plan.protocol), "timepoints", m3=changes)
    new = version(plan, physician, timepoints=points)
    assert said(plan, new) == ["the window of 1 follow-up changes"]
    (row,) = foreseen(plan, new).rows
    anchor = quarter.due_on - timedelta(days=quarter.offset_days)
    days = {
        "opened": quarter.opens_on,
        "closed": quarter.closes_on,
        "open": anchor + timedelta(days=75),
        "close": anchor + timedelta(days=125),
    }
    said_days = {name: clock.in_words(day) for name, day in days.items()}
    assert (row.name, row.change) == ("3 months", Change.WINDOW_CHANGED)
    assert row.in_words == words.format(**said_days)
    assert row.was == row.becomes == quarter.due_on
    moving.move([plan], protocol=new, by=physician)
    quarter.refresh_from_db()
    assert quarter.closes_on == days["close"]


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
    with pytest.raises(ValidationError, match="version 4 already"):
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
    plan = starting.draft(complaint, protocol=protocol, started_on=day, by=physician)
    old = document(protocol)
    new = factories.make_version(
        protocol, by=physician, steps=rows(old, "steps", posture=None)
    )
    moving.move([plan], protocol=new, by=physician)
    assert "Posture and breaks from sitting" not in titles(plan)
    assert not Episode.objects.exists()


def aims(plan, *changed):
    """The goals of its protocol, the first ones with other values, or without: None."""
    found = [dict(row) for row in document(plan.protocol)["goals"]]
    for number, values in enumerate(changed):
        found[number] = values and found[number] | values
    return [row for row in found if row is not None]


def named(effect, kind):
    return {(row.name, row.change): row for row in effect.rows if row.kind == kind}


def foreseen(plan, protocol):
    plans = moving.with_steps(Plan.objects.filter(pk=plan.pk))
    return moving.preview(plans, protocol)[0].effect


def open_goals(plan):
    return {
        goal.measure: (goal.comparison, goal.target, goal.due_on, goal.words)
        for goal in plan.goals.filter(status="open")
    }


def test_goals_go_with_day_0_when_the_new_version_shifts_it(plan, physician):
    before = open_goals(plan)
    old = document(plan.protocol)
    steps = rows(old, "steps", prp={"offset_days": 20})
    new = version(plan, physician, steps=steps)
    words = [words for words in said(plan, new) if words.startswith("goal ")]
    assert len(words) == 2
    moving.move([plan], protocol=new, by=physician)
    later = timedelta(days=6)
    assert open_goals(plan) == {
        measure: (comparison, target, due_on + later, said)
        for measure, (comparison, target, due_on, said) in before.items()
    }


def test_goals_that_nobody_adjusted_follow_the_new_version(plan, physician):
    day_0 = plan.interventions.get(is_index=True).planned_on
    more = {"measure": "pain_back", "comparison": "at_most", "target": 3, "by_day": 60}
    first = {"target": 50, "by_day": 120, "words": "walk the dog"}
    new = version(plan, physician, goals=[*aims(plan, first, None), more])
    words = said(plan, new)
    assert words[0].startswith("goal Back pain at most 3 by ")
    assert words[0].endswith(" is added")
    assert (
        "Pain at the site less by 30 % becomes Pain at the site less by 50 %"
        in (words[1])
    )
    assert " moves from " in words[2]
    assert "is worded “walk the dog”" in words[3]
    assert words[4].endswith(" is dropped")
    moving.move([plan], protocol=new, by=physician)
    assert open_goals(plan) == {
        "pain_site": (
            "less_by_percent",
            Decimal(50),
            day_0 + timedelta(days=120),
            "walk the dog",
        ),
        "pain_back": ("at_most", Decimal(3), day_0 + timedelta(days=60), ""),
    }
    dropped = plan.goals.get(status="dropped")
    assert (dropped.measure, dropped.status_reason) == (
        "activity_limits",
        "no longer in the protocol",
    )
    facts = AuditEvent.objects.get(action="plan.protocol_changed").facts["goals"]
    changed = facts["changed"][str(plan.goals.get(measure="pain_site").pk)]
    assert (changed["before"]["target"], changed["after"]["target"]) == (
        "30.00",
        "50.00",
    )
    assert facts["dropped"] == [str(dropped.pk)]
    assert list(facts["added"]) == [str(plan.goals.get(measure="pain_back").pk)]


@pytest.mark.parametrize(
    "own", [{"target": Decimal(40)}, {"words": "garden"}, {"due_on": timedelta(9)}]
)
def test_a_goal_adjusted_for_this_patient_stays(plan, physician, own):
    goal = plan.goals.get(measure="pain_site")
    if "due_on" in own:
        own = {"due_on": goal.due_on + own["due_on"]}
    goals.adjust(goal, by=physician, **own)
    before = open_goals(plan)["pain_site"]
    new = version(plan, physician, goals=aims(plan, {"target": 50, "by_day": 120}))
    assert said(plan, new) == []
    moving.move([plan], protocol=new, by=physician)
    assert open_goals(plan)["pain_site"] == before
    gone = version(Plan.objects.get(), physician, goals=aims(plan, None))
    moving.move([Plan.objects.get()], protocol=gone, by=physician)
    assert open_goals(plan)["pain_site"] == before


def test_a_goal_with_a_target_of_its_own_still_counts_from_day_0(plan, physician):
    goal = plan.goals.get(measure="pain_site")
    goals.adjust(goal, target=Decimal(40), by=physician)
    steps = rows(document(plan.protocol), "steps", prp={"offset_days": 20})
    new = version(plan, physician, steps=steps, goals=aims(plan, {"target": 50}))
    moving.move([plan], protocol=new, by=physician)
    due_on = goal.due_on + timedelta(days=6)
    goal.refresh_from_db()
    assert (goal.target, goal.due_on) == (40, due_on)


def test_a_goal_that_was_dropped_or_is_there_already_is_not_set_again(plan, physician):
    goals.drop(plan.goals.get(measure="pain_site"), reason="too easy", by=physician)
    day_0 = plan.interventions.get(is_index=True).planned_on
    own = {"measure": "pain_back", "comparison": "at_most", "target": Decimal(3)}
    goals.add(plan, due_on=day_0 + timedelta(days=60), by=physician, **own)
    more = own | {"target": 3, "by_day": 60}
    new = version(plan, physician, goals=[*aims(plan, {"target": 50}), more])
    assert said(plan, new) == []
    moving.move([plan], protocol=new, by=physician)
    assert sorted(open_goals(plan)) == ["activity_limits", "pain_back"]
    assert plan.goals.filter(measure="pain_back").count() == 1


def test_a_new_goal_whose_day_has_passed_is_said_and_not_set(complaint, physician):
    plan = factories.make_plan(complaint, started_days_ago=100)
    factories.make_performed(plan, days=90)
    more = {"measure": "pain_back", "comparison": "at_most", "target": 3, "by_day": 60}
    new = version(plan, physician, goals=[*aims(plan), more])
    assert said(plan, new)[0].startswith("goal Back pain at most 3 is not added: ")
    moving.move([plan], protocol=new, by=physician)
    assert "pain_back" not in open_goals(plan)


def test_goals_of_a_cancelled_procedure_keep_their_days(plan, physician):
    index = plan.interventions.get(is_index=True)
    interventions.cancel(index, reason="chose therapy", by=physician)
    before = open_goals(plan)["pain_site"]
    new = version(plan, physician, goals=aims(plan, {"target": 50}))
    moving.move([plan], protocol=new, by=physician)
    assert open_goals(plan)["pain_site"] == (before[0], Decimal(50), *before[2:])


def test_a_series_cut_short_keeps_its_day_0(plan, physician):
    old = document(plan.protocol)
    steps = rows(old, "steps", prp={"repeats": 3, "every_days": 14})
    new = version(plan, physician, steps=steps)
    moving.move([plan], protocol=new, by=physician)
    last = plan.interventions.get(series_number=3)
    interventions.cancel(last, reason="enough", by=physician)
    plan = Plan.objects.get()
    shorter = rows(old, "steps", prp={"repeats": 2, "every_days": 14})
    moving.move([plan], protocol=version(plan, physician, steps=shorter), by=physician)
    assert plan.interventions.get(series_number=2).is_index
    assert Episode.objects.get().status == "active"
    first = plan.interventions.get(series_number=1)
    interventions.perform(first, performed_on=plan.started_on, by=audit.SYSTEM)
    plan = Plan.objects.get()
    one = version(plan, physician, steps=old["steps"])
    words = said(plan, one)
    assert any(word == "PRP injection, 2 of 2 is cancelled" for word in words)
    moving.move([plan], protocol=one, by=physician)
    first.refresh_from_db()
    assert first.is_index
    episode = Episode.objects.get()
    assert (episode.status, episode.anchor_on) == ("active", plan.started_on)


def test_each_row_that_moves_is_named_with_its_days(plan, physician):
    old = document(plan.protocol)
    steps = rows(old, "steps", prp={"offset_days": 20}, loading=None)
    points = rows(old, "timepoints", m24=None)
    new = version(plan, physician, steps=steps, timepoints=points)
    effect = foreseen(plan, new)
    moves = named(effect, Kind.FOLLOW_UP)
    month = moves["1 month", Change.MOVED]
    due = FollowUp.objects.get(timepoint_key="m1").due_on
    assert (month.was, month.becomes) == (due, due + timedelta(days=6))
    gone = FollowUp.objects.get(timepoint_key="m24")
    assert moves[gone.label, Change.CANCELLED].was == gone.due_on
    steps_moved = {change for _, change in named(effect, Kind.INTERVENTION)}
    assert steps_moved == {Change.MOVED, Change.CANCELLED}
    assert {change for _, change in named(effect, Kind.GOAL)} == {Change.MOVED}
    moving.move([plan], protocol=new, by=physician)
    for (name, change), row in moves.items():
        if change == Change.MOVED:
            assert FollowUp.objects.get(label=name).due_on == row.becomes


def test_the_page_lists_each_row(signed_in, plan, physician):
    steps = rows(document(plan.protocol), "steps", prp={"offset_days": 20})
    new = version(plan, physician, steps=steps)
    page = signed_in.get(reverse("plans:protocol_move", args=[new.pk]))
    assertContains(page, '<th scope="row">1 month</th>', html=True)
    assertContains(page, "Goal Pain at the site less by 30 % moves from ")


def test_more_than_a_page_shows_are_moved_at_once(
    signed_in, plan, patient, physician, monkeypatch
):
    factories.make_plan(factories.make_complaint(patient, side="right"))
    new = version(plan, physician)
    address = reverse("plans:protocol_move", args=[new.pk])
    assert "Move all" not in signed_in.get(address).content.decode()
    monkeypatch.setattr("plans.protocols.moving_views.MOST", 1)
    assertContains(signed_in.get(address), "Move all 2 plans")
    plan.interventions.filter(is_index=True).update(step=None)
    page = signed_in.post(address, {"every": "yes"}, follow=True)
    assertContains(page, "1 plan moved to version ")
    assertContains(page, "1 plan cannot be moved; see why.")
    assert Plan.objects.filter(protocol=new).count() == 1


def test_the_queries_do_not_grow_with_the_follow_ups(plan, physician):
    points = document(plan.protocol)["timepoints"]
    new = version(plan, physician, timepoints=points[:2], yearly_until=0)

    def queries():
        with CaptureQueriesContext(connection) as seen:
            effect = foreseen(plan, new)
        return len(seen), len(named(effect, Kind.FOLLOW_UP))

    queries()  # The time points of a version are read once a process.
    many = queries()
    others = FollowUp.objects.exclude(timepoint_key__in=["baseline", "m1"])
    others.update(state=State.SUPERSEDED, next_action_at=None)
    few = queries()
    assert few[1] < many[1]
    assert few[0] == many[0]


@pytest.mark.django_db(transaction=True)
def test_two_people_who_move_the_same_plans_wait_for_each_other(patient, physician):
    """Each names them in another order; on PostgreSQL they must not wait in a ring."""
    sides = ["left", "right"] * 3
    plans = [
        factories.make_plan(factories.make_complaint(patient, side=side))
        for side in sides
    ]
    new = version(plans[0], physician, title="Renamed")

    def press(chosen):
        try:
            found = [Plan.objects.get(pk=plan.pk) for plan in chosen]
            return moving.move(found, protocol=new, by=physician)
        except ValidationError:
            return 0
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        moved = list(pool.map(press, [plans, plans[::-1], plans[3:], plans[2::-1]]))
    assert 6 in moved or sorted(moved) == [0, 0, 3, 3]
    assert set(Plan.objects.values_list("protocol", flat=True)) == {new.pk}
    assert AuditEvent.objects.filter(action="plan.protocol_changed").count() == 6
