from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connections

from clinic import audit, clock, consequences
from clinic.models import AuditEvent
from outcomes.follow_ups.planning import ending
from outcomes.models import Episode, FollowUp
from plans.course import foreseen, interventions, lifecycle, starting
from plans.course.lifecycle import Move
from plans.models import Goal, Intervention, Plan, Protocol, ProtocolGoal, ProtocolStep
from plans.protocols import documents, moving, stored
from tests import courses, factories, reasons
from tests.api_client import with_token

By = audit.SYSTEM


@pytest.fixture
def plan(complaint):
    return factories.make_plan(complaint, started_days_ago=20)


@pytest.fixture
def index(plan):
    return plan.interventions.get(is_index=True)


def days_of(plan):
    today = clock.today(plan.clinic.zone)
    planned = plan.interventions.filter(status="planned").order_by("planned_on")
    return [(i.planned_on - today).days for i in planned]


def test_moving_the_procedure_moves_what_comes_after_and_the_follow_ups(plan, index):
    today = clock.today(plan.clinic.zone)
    assert days_of(plan) == [-6, 8]
    interventions.reschedule(index, day=today + timedelta(days=10), by=By)
    assert days_of(plan) == [10, 24]
    month = FollowUp.objects.get(timepoint_key="m1")
    assert month.due_on == today + timedelta(days=40)
    facts = AuditEvent.objects.get(action="intervention.moved").facts
    assert facts["after"] == (today + timedelta(days=10)).isoformat()


def test_the_preview_of_a_move_changes_nothing(plan, index):
    before = list(FollowUp.objects.values_list("pk", "due_on"))
    day = clock.today(plan.clinic.zone) + timedelta(days=10)
    said = consequences.preview("intervention.moved", index, day=day)
    assert any("moved to the new dates" in sentence for sentence in said)
    assert list(FollowUp.objects.values_list("pk", "due_on")) == before


def test_an_answer_that_the_move_leaves_outside_is_said_and_marked(complaint):
    response = courses.answered(complaint)
    index = response.follow_up.episode.anchor_intervention
    day = index.performed_on - timedelta(days=25)
    said = consequences.preview("intervention.moved", index, day=day)
    assert "1 answer becomes out of window" in said
    interventions.reschedule(index, day=day, by=By)
    response.refresh_from_db()
    assert not response.in_window
    back = day + timedelta(days=25)
    said = consequences.preview("intervention.moved", index, day=back)
    assert "1 answer becomes in the window again" in said
    interventions.reschedule(index, day=back, by=By)
    response.refresh_from_db()
    assert response.in_window


def test_cancelling_the_procedure_cancels_what_counts_from_it(plan, index):
    number = FollowUp.objects.filter(state__in=["planned", "open"]).count()
    said = consequences.preview("intervention.cancelled", index)
    assert said == [f"{number} follow-ups cancelled"]
    interventions.cancel(index, reason="chose therapy", by=By)
    assert Episode.objects.get().status == "ended"
    assert not FollowUp.objects.exclude(state__in=FollowUp.FINAL).exists()


@pytest.mark.parametrize("reason", ["", "  ", "x" * 201])
def test_cancelling_needs_a_reason(index, reason):
    with pytest.raises(ValidationError) as caught:
        interventions.cancel(index, reason=reason, by=By)
    assert list(caught.value.message_dict) == ["reason"]


def test_what_was_recorded_by_mistake_stays_and_is_planned_anew(plan, index):
    done = factories.make_performed(plan, days=6)
    again = interventions.take_back(done, reason="other patient", by=By)
    done.refresh_from_db()
    assert (done.status, done.status_reason) == ("entered_in_error", "other patient")
    assert (again.status, again.is_index) == ("planned", True)
    episode = Episode.objects.get()
    assert (episode.anchor_intervention_id, episode.is_provisional) == (again.pk, True)


def test_nothing_is_performed_in_a_plan_that_does_not_run(plan, index):
    lifecycle.move(plan, Move.STOP, reason="moved away", by=By)
    for act in (
        lambda: interventions.perform(index, performed_on=plan.started_on, by=By),
        lambda: interventions.reschedule(index, day=plan.started_on, by=By),
        lambda: interventions.cancel(index, reason="x", by=By),
    ):
        with pytest.raises(ValidationError):
            act()
    assert Intervention.objects.filter(status="performed").count() == 0


def test_a_repeat_opens_a_course_and_ends_the_one_before_once_done(plan, index):
    done = factories.make_performed(plan, days=6)
    today = clock.today(plan.clinic.zone)
    repeat = interventions.add(
        plan,
        title="PRP again",
        modality="prp",
        planned_on=today,
        is_repeat=True,
        by=By,
    )
    first, second = Episode.objects.order_by("course")
    assert (first.status, second.is_provisional) == ("active", True)
    said = consequences.preview("intervention.performed", repeat, performed_on=today)
    assert any("of the course before end" in sentence for sentence in said)
    interventions.perform(repeat, performed_on=today, by=By)
    first, second = Episode.objects.order_by("course")
    assert (first.status, second.status) == ("ended", "active")
    assert second.anchor_intervention == repeat != done
    interventions.take_back(repeat, reason="not done", by=By, plan_again=False)
    first, second = Episode.objects.order_by("course")
    assert (first.status, second.status) == ("active", "ended")


def repeated(plan, days=2):
    """Performed 6 days ago, and repeated `days` ago: the first course is over."""
    first = factories.make_performed(plan, days=6)
    repeat = again(plan)
    day = clock.today(plan.clinic.zone) - timedelta(days=days)
    return first, interventions.perform(repeat, performed_on=day, by=By)


def test_no_repeat_lies_before_what_it_repeats(plan, index):
    first, repeat = repeated(plan)
    refused = [
        (repeat, first.performed_on - timedelta(days=1)),
        (first, repeat.performed_on + timedelta(days=1)),
    ]
    for one, day in refused:
        with pytest.raises(ValidationError) as caught:
            interventions.reschedule(one, day=day, by=By)
        assert list(caught.value.message_dict) == ["day"]
    interventions.reschedule(repeat, day=first.performed_on, by=By)


def test_no_repeat_is_recorded_before_what_it_repeats(plan, index):
    first, repeat = factories.make_performed(plan, days=6), again(plan)
    day = first.performed_on - timedelta(days=1)
    with pytest.raises(ValidationError) as caught:
        interventions.perform(repeat, performed_on=day, by=By)
    assert list(caught.value.message_dict) == ["performed_on"]
    assert Episode.objects.get(course=1).status == "active"


@pytest.mark.parametrize("how", ["repeated", "staff"])
def test_a_course_that_ended_stands_on_its_corrected_day(complaint, how):
    response = courses.answered(complaint)
    episode = response.follow_up.episode
    first, plan = episode.anchor_intervention, episode.plan
    if how == "staff":
        ending.end_follow_up(plan, reason="asked to stop", by=By)
    else:
        today = clock.today(plan.clinic.zone)
        interventions.perform(again(plan), performed_on=today, by=By)
    asked = FollowUp.objects.filter(episode=episode).exclude(state__in=FollowUp.FINAL)
    day = first.performed_on - timedelta(days=25)
    out = foreseen.rescheduled(first, day).sentences
    interventions.reschedule(first, day=day, by=By)
    episode.refresh_from_db()
    response.refresh_from_db()
    assert (episode.status, episode.anchor_on) == ("ended", day)
    assert episode.facts_due_at is not None
    assert not response.in_window
    assert "1 answer becomes out of window" in out
    assert not asked.exists()


def test_a_series_cut_short_by_its_plan_moves_an_ended_course_too(series_plan):
    first = series_plan.interventions.get(series_number=1)
    today = clock.today(series_plan.clinic.zone)
    interventions.perform(first, performed_on=today, by=By)
    ending.end_follow_up(series_plan, reason="asked to stop", by=By)
    lifecycle.move(Plan.objects.get(), Move.STOP, reason="moved away", by=By)
    episode = Episode.objects.get()
    assert (episode.status, episode.ended_by) == ("ended", "staff")
    assert (episode.anchor_on, episode.is_provisional) == (today, False)


def test_only_a_procedure_that_was_done_is_repeated(plan, index):
    with pytest.raises(ValidationError) as caught:
        interventions.add(
            plan,
            title="PRP again",
            modality="prp",
            planned_on=plan.started_on,
            is_repeat=True,
            by=By,
        )
    assert list(caught.value.message_dict) == ["is_repeat"]


@pytest.fixture
def series_plan(complaint):
    """Three injections two weeks apart, started a month ago."""
    protocol = Protocol.objects.create(
        clinic=complaint.clinic,
        key="series",
        version=1,
        title="Series",
        modality="prp",
        summary="-",
        anchor="index_procedure",
        sha256="-",
    )
    ProtocolStep.objects.create(
        clinic=complaint.clinic,
        protocol=protocol,
        position=1,
        key="prp",
        title="PRP",
        modality="prp",
        offset_days=0,
        repeats=3,
        every_days=14,
        is_index=True,
    )
    return starting.start(
        complaint,
        protocol=protocol,
        by=By,
        started_on=factories.days_ago(complaint.clinic, 30),
    )


def numbers(plan):
    rows = plan.interventions.order_by("series_number")
    return [(i.series_number, i.status, i.is_index) for i in rows]


def test_day_0_of_a_series_is_its_last_injection(series_plan):
    assert numbers(series_plan) == [
        (1, "planned", False),
        (2, "planned", False),
        (3, "planned", True),
    ]
    anchor = Episode.objects.get().anchor_on
    assert (anchor - series_plan.started_on).days == 28


def test_a_series_broken_off_is_followed_from_the_last_that_was_given(series_plan):
    first, second, third = series_plan.interventions.order_by("series_number")
    start = series_plan.started_on
    interventions.perform(first, performed_on=start, by=By)
    interventions.perform(second, performed_on=start + timedelta(days=14), by=By)
    interventions.cancel(third, reason="enough", by=By)
    episode = Episode.objects.get()
    assert episode.anchor_intervention == second
    assert (episode.status, episode.is_provisional) == ("active", False)


def test_a_stopped_series_goes_on_when_the_plan_is_reopened(series_plan):
    first = series_plan.interventions.get(series_number=1)
    interventions.perform(first, performed_on=series_plan.started_on, by=By)
    lifecycle.move(series_plan, Move.STOP, reason="travels", by=By)
    assert Episode.objects.get().anchor_intervention == first
    lifecycle.move(series_plan, Move.REOPEN, by=By)
    assert numbers(series_plan)[2] == (3, "planned", True)
    assert Episode.objects.get().anchor_intervention.series_number == 3


@pytest.mark.django_db(transaction=True)
def test_two_people_recording_the_same_step_make_one(complaint):
    plan = factories.make_plan(complaint, started_days_ago=20)
    key = plan.interventions.get(is_index=True).pk
    day = factories.days_ago(plan.clinic, 5)

    def press(_):
        try:
            interventions.perform(
                Intervention.objects.get(pk=key), performed_on=day, by=By
            )
        except ValidationError as error:
            return error.messages[0]
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(press, range(4)))
    assert said.count("done") == 1
    assert {word for word in said if word != "done"} == {
        "This intervention is performed already."
    }


def of_series(plan, number):
    return plan.interventions.get(
        series_number=number, status__in=["planned", "performed"]
    )


def give(plan, number):
    one = of_series(plan, number)
    return interventions.perform(one, performed_on=one.planned_on, by=By)


def test_an_old_copy_of_a_row_overwrites_nothing_when_it_is_performed(series_plan):
    give(series_plan, 1)
    stale = of_series(series_plan, 2)
    interventions.cancel(of_series(series_plan, 3), reason="enough", by=By)
    interventions.perform(stale, performed_on=stale.planned_on, by=By)
    assert of_series(series_plan, 2).is_index
    assert Episode.objects.get().status == "active"


def test_taking_back_the_last_of_a_series_makes_the_one_before_day_0(series_plan):
    for number in (1, 2, 3):
        give(series_plan, number)
    last = of_series(series_plan, 3)
    interventions.take_back(last, reason="slip", by=By, plan_again=False)
    episode = Episode.objects.get()
    assert (episode.status, episode.end_reason) == ("active", "")
    assert episode.anchor_intervention.series_number == 2


def test_an_old_copy_moves_what_comes_after_once(plan, index):
    stale = Intervention.objects.get(pk=index.pk)
    later = plan.interventions.get(is_index=False)
    gap = later.planned_on - index.planned_on
    interventions.reschedule(index, day=index.planned_on + timedelta(days=7), by=By)
    interventions.reschedule(stale, day=stale.planned_on + timedelta(days=14), by=By)
    index.refresh_from_db()
    later.refresh_from_db()
    assert later.planned_on - index.planned_on == gap


def test_taken_back_in_a_plan_that_ended_it_waits_for_the_plan(plan, index):
    factories.make_performed(plan, days=6)
    stale = Intervention.objects.select_related("plan").get(pk=index.pk)
    lifecycle.move(Plan.objects.get(), Move.STOP, reason="moved away", by=By)
    interventions.take_back(stale, reason="slip", by=By)
    assert not plan.interventions.filter(status="planned").exists()
    assert Episode.objects.get().status == "ended"
    lifecycle.move(Plan.objects.get(), Move.REOPEN, by=By)
    assert plan.interventions.get(is_index=True, status="planned")
    assert Episode.objects.get().status == "active"


def test_what_was_taken_back_for_good_has_a_way_to_be_planned_anew(plan, index):
    done = factories.make_performed(plan, days=6)
    interventions.take_back(done, reason="slip", by=By, plan_again=False)
    assert Episode.objects.get().lacks_procedure
    instead = again(plan)
    episode = Episode.objects.get()
    assert (instead.course, instead.is_index) == (1, True)
    assert (episode.status, episode.anchor_intervention) == ("active", instead)


def again(plan):
    today = clock.today(plan.clinic.zone)
    kind = {"title": "Again", "modality": "prp", "is_repeat": True}
    return interventions.add(plan, planned_on=today, by=By, **kind)


def test_a_repeat_can_be_planned_after_one_was_cancelled(plan, index):
    factories.make_performed(plan, days=6)
    interventions.cancel(again(plan), reason="not now", by=By)
    repeat = again(plan)
    assert repeat.course == 2
    assert Episode.objects.get(course=2).status == "active"


def test_what_was_cancelled_can_be_planned_again(plan, index):
    before = FollowUp.objects.filter(state="planned").count()
    interventions.cancel(index, reason="slip", by=By)
    interventions.plan_again(index, by=By)
    assert FollowUp.objects.filter(state="planned").count() == before
    assert Episode.objects.get().status == "active"


def test_what_could_never_be_recorded_is_not_added(plan):
    with pytest.raises(ValidationError) as caught:
        interventions.add(
            plan,
            title="Again",
            modality="prp",
            kind="bogus",
            planned_on=plan.started_on,
            by=By,
        )
    assert list(caught.value.message_dict) == ["kind"]


def refused_to_plan_again(row):
    """The sentence, which stands before the act as well as at it."""
    with pytest.raises(ValidationError) as told:
        foreseen.planned_again(row)
    with pytest.raises(ValidationError) as refused:
        interventions.plan_again(row, by=By)
    assert told.value.messages == refused.value.messages
    row.refresh_from_db()
    assert row.status == "cancelled"
    return refused.value.messages[0]


def test_a_cancelled_repeat_gives_way_to_the_one_planned_since(plan, index):
    factories.make_performed(plan, days=6)
    first = again(plan)
    interventions.cancel(first, reason="not now", by=By)
    second = again(plan)
    assert "Again is day 0 of this course already" in refused_to_plan_again(first)
    interventions.cancel(second, reason="the first after all", by=By)
    interventions.plan_again(first, by=By)
    assert Episode.objects.get(course=2).anchor_intervention_id == first.pk


def renamed(protocol, by):
    """Its next version, whose procedure has another key."""
    content = documents.write(stored.definition_of(protocol))
    key = next(step["key"] for step in content["steps"] if step.get("is_index"))
    steps = [
        {
            **step,
            "key": "other" if step["key"] == key else step["key"],
            "after": "other" if step.get("after") == key else step.get("after", ""),
        }
        for step in content["steps"]
    ]
    return factories.make_version(protocol, by=by, steps=steps)


def test_a_cancelled_procedure_gives_way_to_that_of_another_version(complaint, admin):
    plan = factories.make_plan(complaint)
    index = plan.interventions.get(is_index=True)
    interventions.cancel(index, reason="not now", by=By)
    moving.move([plan], protocol=renamed(plan.protocol, admin), by=admin)
    assert "is day 0 of this course already" in refused_to_plan_again(index)


def test_a_cancelled_series_gives_way_to_the_procedure_of_another_version(
    complaint, admin
):
    single = Protocol.objects.get(clinic=complaint.clinic, key="prp")
    factories.make_series(single, by=admin, repeats=3, every_days=7)
    plan = factories.make_plan(complaint)
    rows = list(plan.interventions.filter(series_number__isnull=False))
    for row in rows:
        interventions.cancel(row, reason="not now", by=By)
    moving.move([plan], protocol=renamed(plan.protocol, admin), by=admin)
    for row in rows:
        assert "is day 0 of this course already" in refused_to_plan_again(row)


def test_no_page_breaks_where_something_cannot_be_planned_again(signed_in, plan, index):
    factories.make_performed(plan, days=6)
    first = again(plan)
    interventions.cancel(first, reason="not now", by=By)
    again(plan)
    address = f"/interventions/{first.pk}/plan-again/"
    assert signed_in.get(address).status_code == 200
    assert "day 0 of this course" in signed_in.post(address).content.decode()


def test_goals_follow_day_0_when_a_series_is_cut_short(series_plan):
    goal = Goal.objects.create(
        clinic=series_plan.clinic,
        plan=series_plan,
        measure="pain_site",
        comparison="at_most",
        target=3,
        due_on=series_plan.started_on + timedelta(days=28 + 90),
    )
    ProtocolGoal.objects.create(
        clinic=series_plan.clinic,
        protocol=series_plan.protocol,
        position=1,
        measure="pain_site",
        comparison="at_most",
        target=3,
        by_day=90,
    )
    interventions.cancel(of_series(series_plan, 3), reason="enough", by=By)
    goal.refresh_from_db()
    assert goal.due_on == series_plan.started_on + timedelta(days=14 + 90)


def test_an_open_flag_stops_the_correction_of_a_day_as_well(complaint, physician):
    plan = factories.make_plan(complaint, started_days_ago=20)
    index = plan.interventions.get(is_index=True)
    today = clock.today(plan.clinic.zone)
    factories.make_evaluation(complaint, RF18="present")
    said = {"by": physician, "caution_reasons": reasons.ALL}
    interventions.perform(index, performed_on=today - timedelta(days=1), **said)
    with pytest.raises(ValidationError):
        interventions.reschedule(index, day=today, **said)
    index.refresh_from_db()
    assert index.performed_on == today - timedelta(days=1)


def on_day(plan, offset):
    return plan.started_on + timedelta(days=offset)


def test_a_series_is_given_in_the_order_of_its_numbers(series_plan):
    third, first = of_series(series_plan, 3), of_series(series_plan, 1)
    interventions.perform(third, performed_on=on_day(series_plan, 7), by=By)
    with pytest.raises(ValidationError) as caught:
        interventions.perform(first, performed_on=on_day(series_plan, 21), by=By)
    said = caught.value.message_dict["performed_on"][0]
    assert f"PRP, 3 of 3 was done on {clock.in_words(third.performed_on)}" in said
    assert "number 1 cannot be after number 3" in said
    assert of_series(series_plan, 1).status == "planned"
    interventions.perform(first, performed_on=on_day(series_plan, 7), by=By)


def test_a_later_number_is_not_given_before_an_earlier_one(series_plan):
    first, second = of_series(series_plan, 1), of_series(series_plan, 2)
    interventions.perform(first, performed_on=on_day(series_plan, 10), by=By)
    with pytest.raises(ValidationError) as caught:
        interventions.perform(second, performed_on=on_day(series_plan, 9), by=By)
    assert "cannot be before number 1" in caught.value.message_dict["performed_on"][0]


@pytest.mark.parametrize(("number", "offset"), [(1, 15), (2, 29), (2, -1), (3, 13)])
def test_a_corrected_day_keeps_the_order_of_a_series_too(series_plan, number, offset):
    for each in (1, 2, 3):
        give(series_plan, each)
    one = of_series(series_plan, number)
    with pytest.raises(ValidationError) as caught:
        interventions.reschedule(one, day=on_day(series_plan, offset), by=By)
    assert list(caught.value.message_dict) == ["day"]
    one.refresh_from_db()
    assert one.performed_on == one.planned_on


def test_what_was_taken_back_is_out_of_the_order(series_plan):
    third = of_series(series_plan, 3)
    interventions.perform(third, performed_on=on_day(series_plan, 7), by=By)
    interventions.take_back(third, reason="slip", by=By)
    first = of_series(series_plan, 1)
    interventions.perform(first, performed_on=on_day(series_plan, 21), by=By)
    assert first.status == "performed"


def test_over_the_api_the_order_of_a_series_is_kept_too(series_plan, physician):
    third, first = of_series(series_plan, 3), of_series(series_plan, 1)
    interventions.perform(third, performed_on=on_day(series_plan, 7), by=By)
    api, address = with_token(physician), f"/api/v1/interventions/{first.pk}/"
    day = {"performed_on": on_day(series_plan, 21).isoformat()}
    for act in ("preview_perform", "perform"):
        answer = api.post(f"{address}{act}/", day)
        assert answer.status_code == 400
        assert "3 of 3 was done on" in str(answer.json()["performed_on"])


def test_a_day_that_was_moved_since_it_was_seen_stays(plan, index):
    seen, moved = index.planned_on, index.planned_on + timedelta(days=13)
    interventions.reschedule(index, day=moved, by=By)
    with pytest.raises(ValidationError) as caught:
        interventions.reschedule(index, day=seen + timedelta(days=3), by=By, seen=seen)
    said = f"Moved to {clock.in_words(moved)} by somebody else since; look again."
    assert caught.value.message_dict == {"seen": [said]}
    interventions.reschedule(index, day=seen, by=By, seen=moved)
    index.refresh_from_db()
    assert index.planned_on == seen


def test_over_the_api_the_day_that_was_seen_may_be_said(plan, index, physician):
    address = f"/api/v1/interventions/{index.pk}/reschedule/"
    seen = index.planned_on
    day = {"day": (seen + timedelta(days=3)).isoformat(), "seen": seen.isoformat()}
    api = with_token(physician)
    assert api.post(address, day).status_code == 200
    answer = api.post(address, day)
    assert (answer.status_code, list(answer.json())) == (400, ["seen"])
