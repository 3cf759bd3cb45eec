"""What is said before it is confirmed is what then happens, row by row."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from clinic import audit, clock
from clinic.consequences import Change, Kind
from clinic.models import AuditEvent
from outcomes.models import FollowUp
from plans.course import foreseen, interventions, lifecycle, starting
from plans.course.lifecycle import Move
from plans.models import Goal, Intervention, Plan, Protocol
from plans.protocols import documents, stored
from tests import courses, factories
from tests.api_client import with_token

By = audit.SYSTEM
GONE = ("cancelled", "superseded", "expired")


@pytest.fixture
def plan(complaint):
    return factories.make_plan(complaint, started_days_ago=20)


@pytest.fixture
def index(plan):
    return plan.interventions.get(is_index=True)


@pytest.fixture
def api(physician):
    return with_token(physician)


def series_plan(complaint, physician):
    """Two injections a month apart, of which the first was given."""
    prp = Protocol.objects.get(clinic=complaint.clinic, key="prp")
    factories.make_series(prp, by=physician, repeats=2, every_days=28)
    plan = factories.make_plan(complaint, started_days_ago=50)
    first = plan.interventions.get(series_number=1)
    interventions.perform(first, performed_on=first.planned_on, by=By)
    return plan


def days():
    """Where each follow-up, intervention and goal stands, by what it is called."""
    asked = FollowUp.objects.exclude(state__in=GONE).order_by("episode__course")
    planned = Intervention.objects.filter(status__in=["planned", "performed"])
    aims = Goal.objects.filter(status="open")
    return {
        Kind.FOLLOW_UP: {row.label: row.due_on for row in asked},
        Kind.INTERVENTION: {row.title: row.on for row in planned},
        Kind.GOAL: {row.measure: row.due_on for row in aims},
    }


def expected(before, effect):
    """The same after what the effect says, and nothing else."""
    after = {kind: dict(named) for kind, named in before.items()}
    for row in effect.rows:
        named = after[row.kind]
        key = row.name
        if row.kind == Kind.GOAL:
            key = next(one for one, day in named.items() if day == row.was)
        if row.change in (Change.CANCELLED, Change.TAKEN_BACK, Change.NEVER_ASKED):
            named.pop(key, None)
        elif row.becomes is not None:
            named[key] = row.becomes
    return after


def proven(foresee, act):
    """The effect, once it turned out to be the whole truth."""
    before, events = days(), AuditEvent.objects.count()
    effect = foresee()
    assert (days(), AuditEvent.objects.count()) == (before, events)
    act()
    assert days() == expected(before, effect)
    assert effect.rows
    return effect


@pytest.mark.parametrize("later", [-9, 12, 60])
def test_another_day_moves_what_is_said_and_no_more(index, later):
    day = index.planned_on + timedelta(days=later)
    effect = proven(
        lambda: foreseen.rescheduled(index, day),
        lambda: interventions.reschedule(index, day=day, by=By),
    )
    assert {row.kind for row in effect.rows} == set(Kind)
    assert "2 goals move with day 0" in effect.sentences


def test_recording_it_moves_what_is_said_and_no_more(index):
    day = factories.days_ago(index.plan.clinic, 15)
    effect = proven(
        lambda: foreseen.performed(index, day),
        lambda: interventions.perform(index, performed_on=day, by=By),
    )
    assert {row.kind for row in effect.rows} == set(Kind)


def test_recording_it_on_its_day_moves_nothing(index):
    effect = foreseen.performed(index, index.planned_on)
    assert {row.change for row in effect.rows} <= {Change.KEPT, Change.NEVER_ASKED}


def test_what_is_cancelled_is_named(index):
    effect = proven(
        lambda: foreseen.cancelled(index),
        lambda: interventions.cancel(index, reason="chose therapy", by=By),
    )
    names = [row.name for row in effect.rows if row.kind == Kind.FOLLOW_UP]
    assert {"Baseline", "12 months"} <= set(names)


def test_what_is_planned_again_is_named(plan, index):
    interventions.cancel(index, reason="slip", by=By)
    effect = proven(
        lambda: foreseen.planned_again(index),
        lambda: interventions.plan_again(index, by=By),
    )
    again = {r.change for r in effect.rows if r.kind == Kind.FOLLOW_UP}
    assert again == {Change.PLANNED_AGAIN}


@pytest.mark.parametrize("plan_again", [True, False])
def test_what_taking_back_does_is_named(plan, plan_again):
    done = factories.make_performed(plan, days=2)
    given = {"plan_again": plan_again}
    effect = proven(
        lambda: foreseen.taken_back(done, **given),
        lambda: interventions.take_back(done, reason="slip", by=By, **given),
    )
    said = any("is planned again for" in words for words in effect.sentences)
    assert said is plan_again


@pytest.mark.parametrize("plan_again", [True, False])
def test_the_last_of_a_series_taken_back_gives_day_0_to_the_one_before(
    complaint, physician, plan_again
):
    plan = series_plan(complaint, physician)
    last = plan.interventions.get(series_number=2)
    interventions.perform(last, performed_on=last.planned_on, by=By)
    last.refresh_from_db()
    given = {"plan_again": plan_again}
    proven(
        lambda: foreseen.taken_back(last, **given),
        lambda: interventions.take_back(last, reason="slip", by=By, **given),
    )


def test_stopping_a_series_gives_day_0_to_what_was_given_and_back(complaint, physician):
    plan = series_plan(complaint, physician)
    stopped = proven(
        lambda: foreseen.moved(plan, Move.STOP),
        lambda: lifecycle.move(plan, Move.STOP, reason="travels", by=By),
    )
    assert "2 goals move with day 0" in stopped.sentences
    proven(
        lambda: foreseen.moved(plan, Move.REOPEN),
        lambda: lifecycle.move(plan, Move.REOPEN, by=By),
    )


@pytest.mark.parametrize("move", [Move.STOP, Move.COMPLETE, Move.VOID])
def test_what_ends_with_a_plan_is_named_and_comes_back(plan, move):
    effect = proven(
        lambda: foreseen.moved(plan, move),
        lambda: lifecycle.move(plan, move, reason="surgery", by=By),
    )
    assert effect.sentences[0].endswith("follow-ups cancelled")
    assert effect.sentences[1] == "2 interventions cancelled"
    if move != Move.VOID:
        proven(
            lambda: foreseen.moved(plan, Move.REOPEN),
            lambda: lifecycle.move(plan, Move.REOPEN, by=By),
        )


@pytest.mark.parametrize("way", [[], [Move.PROPOSE, Move.STOP]])
def test_what_starts_with_an_intended_plan_is_named(complaint, way):
    protocol = Protocol.objects.filter(clinic=complaint.clinic, key="prp").latest(
        "version"
    )
    plan = starting.draft(
        complaint,
        protocol=protocol,
        started_on=factories.days_ago(complaint.clinic, -5),
        by=By,
    )
    for move in way:
        lifecycle.move(plan, move, reason="as agreed", by=By)
    begins = Move.REOPEN if way else Move.START
    effect = proven(
        lambda: foreseen.moved(plan, begins),
        lambda: lifecycle.move(plan, begins, by=By),
    )
    assert "15 follow-ups planned" in effect.sentences


def test_a_repeat_that_is_taken_back_asks_about_the_course_before_again(plan):
    factories.make_performed(plan, days=6)
    today = clock.today(plan.clinic.zone)
    kind = {"title": "Again", "modality": "prp", "is_repeat": True}
    repeat = interventions.add(plan, planned_on=today, by=By, **kind)
    effect = foreseen.performed(repeat, today)
    assert any("of the course before end" in words for words in effect.sentences)
    interventions.perform(repeat, performed_on=today, by=By)
    effect = foreseen.taken_back(repeat, plan_again=False)
    first = FollowUp.objects.filter(episode__course=1)
    waiting = set(first.filter(state="cancelled").values_list("label", flat=True))
    interventions.take_back(repeat, reason="slip", by=By, plan_again=False)
    again = {row.name for row in effect.rows if row.change == Change.PLANNED_AGAIN}
    standing = set(first.filter(state="planned").values_list("label", flat=True))
    assert again == waiting & standing != set()


def test_an_answer_that_falls_out_of_its_window_is_named(complaint):
    response = courses.answered(complaint)
    procedure = response.follow_up.episode.anchor_intervention
    day = procedure.performed_on - timedelta(days=25)
    effect = foreseen.rescheduled(procedure, day)
    out = [row for row in effect.rows if row.change == Change.LEFT_WINDOW]
    assert [row.name for row in out] == [response.follow_up.label]


def test_the_queries_do_not_grow_with_the_follow_ups(patient, physician):
    def queries(key, **changes):
        protocol = Protocol.objects.filter(clinic=patient.clinic, key=key)
        newest = protocol.latest("version")
        if changes:
            factories.make_version(newest, by=physician, **changes)
        plan = factories.make_plan(factories.make_complaint(patient), key)
        procedure = Intervention.objects.select_related(
            "plan__protocol", "plan__complaint__patient__clinic"
        ).get(plan=plan, is_index=True)
        day = procedure.planned_on + timedelta(days=3)
        with CaptureQueriesContext(connection) as seen:
            effect = foreseen.rescheduled(procedure, day)
        rows = [row for row in effect.rows if row.kind == Kind.FOLLOW_UP]
        return len(seen), len(rows)

    many = queries("prp")
    protocol = Protocol.objects.filter(clinic=patient.clinic, key="prp")
    points = documents.write(stored.definition_of(protocol.latest("version")))
    few = queries("prp", timepoints=points["timepoints"][:2])
    assert few[1] < many[1]
    assert few[0] == many[0]


@pytest.mark.parametrize("move", [Move.HOLD, Move.PROPOSE])
def test_a_move_that_touches_nothing_says_so_or_is_refused(plan, move):
    if move == Move.HOLD:
        assert foreseen.moved(plan, move).rows == []
    else:
        with pytest.raises(ValidationError, match="cannot be moved"):
            foreseen.moved(plan, move)


def test_over_the_api_each_act_says_what_it_would_do(api, plan, index):
    address = f"/api/v1/interventions/{index.pk}/"
    day = index.planned_on + timedelta(days=9)
    moved = api.post(f"{address}preview_reschedule/", {"day": day}).json()
    assert {row["kind"] for row in moved["rows"]} == {str(kind) for kind in Kind}
    month = next(row for row in moved["rows"] if row["name"] == "1 month")
    due = FollowUp.objects.get(timepoint_key="m1").due_on
    assert (month["was"], month["becomes"], month["change"]) == (
        due.isoformat(),
        (due + timedelta(days=9)).isoformat(),
        "moved",
    )
    cancelled = api.post(f"{address}preview_cancel/").json()
    assert cancelled["consequences"][0] == "PRP injection is cancelled"
    assert cancelled["consequences"][1].endswith("follow-ups cancelled")
    refused = api.post(f"{address}preview_take_back/", {})
    assert refused.status_code == 400
    ended = api.post(f"/api/v1/plans/{plan.pk}/preview_move/", {"move": "stop"}).json()
    assert "2 interventions cancelled" in ended["consequences"]
    assert Plan.objects.get().status == "active"
    interventions.perform(index, performed_on=plan.started_on, by=By)
    back = api.post(f"{address}preview_take_back/", {"plan_again": False}).json()
    assert "taken_back" in {row["change"] for row in back["rows"]}
    assert AuditEvent.objects.filter(action="intervention.read").count() == 3


def test_over_the_api_done_is_foreseen_as_it_then_happens(api, plan, index):
    address = f"/api/v1/interventions/{index.pk}/"
    tomorrow = clock.today(plan.clinic.zone) + timedelta(days=1)
    refused = api.post(f"{address}preview_perform/", {"performed_on": tomorrow})
    assert refused.status_code == 400 and "performed_on" in refused.json()
    day = index.planned_on + timedelta(days=2)
    found = api.post(f"{address}preview_perform/", {"performed_on": day}).json()
    becomes = {row["name"]: row["becomes"] for row in found["rows"]}
    interventions.perform(index, performed_on=day, by=By)
    due = FollowUp.objects.get(timepoint_key="m1").due_on
    assert becomes["1 month"] == due.isoformat()
    again = api.post(f"{address}preview_perform/", {"performed_on": day})
    assert again.status_code == 400


def test_over_the_api_a_move_that_is_refused_names_its_field(api, plan):
    address = f"/api/v1/plans/{plan.pk}/preview_move/"
    reply = api.post(address, {"move": "propose"})
    assert (reply.status_code, list(reply.json())) == (400, ["move"])
    reply = api.post(address, {"move": "stop", "on": "2999-01-01"})
    assert (reply.status_code, list(reply.json())) == (400, ["on"])


def test_the_page_of_another_day_lists_each_follow_up(signed_in, index):
    day = index.planned_on + timedelta(days=9)
    address = reverse("plans:reschedule", args=[index.pk])
    assertNotContains(signed_in.get(address), "<details")
    page = signed_in.post(address, {"day": day.isoformat()})
    due = FollowUp.objects.get(timepoint_key="m1").due_on
    assertContains(page, '<th scope="row">1 month</th>', html=True)
    assertContains(page, clock.in_words(due))
    assertContains(page, clock.in_words(due + timedelta(days=9)))
    index.refresh_from_db()
    assert index.planned_on != day


def test_the_pages_of_cancelling_and_taking_back_list_them_too(signed_in, plan, index):
    page = signed_in.get(reverse("plans:cancel", args=[index.pk]))
    assertContains(page, "cancelled</span>")
    assertContains(page, "1 month")
    factories.make_performed(plan, days=2)
    address = reverse("plans:take_back", args=[index.pk])
    assertContains(signed_in.get(address), "is planned again for")
    given = {"step": "preview", "reason": "other patient"}
    page = signed_in.post(address, given)
    assertContains(page, "follow-ups cancelled")
    assertContains(page, 'value="other patient"')
    index.refresh_from_db()
    assert index.status == "performed"


def test_the_page_of_a_move_shows_what_it_changes_first(signed_in, plan):
    address = reverse("plans:move", args=[plan.pk])
    page = signed_in.post(address, {"step": "preview", "move": "stop"})
    assertContains(page, "2 interventions cancelled")
    assertContains(page, "1 month")
    assert Plan.objects.get().status == "active"
    page = signed_in.post(address, {"step": "preview", "move": "hold"})
    assertContains(page, "Nothing that is planned changes.")
    page = signed_in.post(address, {"step": "preview"})
    assertContains(page, "Say what happens to the plan.")
    assertNotContains(page, "What this changes")


@pytest.fixture
def later(plan):
    """A step that nothing counts from."""
    return plan.interventions.get(is_index=False)


def test_what_has_one_row_has_a_sentence_too(signed_in, later):
    effect = foreseen.cancelled(later)
    assert effect.sentences == [f"{later.title} is cancelled"]
    page = signed_in.get(reverse("plans:cancel", args=[later.pk]))
    assertContains(page, f"<li>{later.title} is cancelled.</li>", html=True)
    interventions.cancel(later, reason="slip", by=By)
    said = f"{later.title} is planned again for {clock.in_words(later.planned_on)}"
    assert foreseen.planned_again(later).sentences == [said]


def test_recording_a_step_on_another_day_says_where_it_moves(signed_in, plan, later):
    day = clock.today(plan.clinic.zone) - timedelta(days=1)
    said = f"{later.title} moves to {clock.in_words(day)}"
    assert foreseen.performed(later, day).sentences == [said]
    form = {"performed_on": day.isoformat(), "step": "preview"}
    page = signed_in.post(reverse("plans:perform", args=[later.pk]), form)
    assertContains(page, "this changes the follow-up")
    assertContains(page, f"<li>{said}.</li>", html=True)


def test_no_effect_lists_rows_without_a_sentence(plan, index, later):
    day = index.planned_on + timedelta(days=1)
    acts = [
        foreseen.cancelled(index),
        foreseen.rescheduled(index, day),
        foreseen.rescheduled(later, day),
        foreseen.performed(index, day),
        foreseen.taken_back(factories.make_performed(plan, days=2), plan_again=False),
    ]
    assert all(effect.sentences for effect in acts)
