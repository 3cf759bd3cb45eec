"""A series, its repeat, and the ten years after: what is asked when, by the clock."""

from datetime import timedelta

import pytest

from clinic import audit, clock
from outcomes.follow_ups.engine import due
from outcomes.models import Episode, FollowUp, Message, SurveyRequest
from plans.course import interventions, lifecycle
from plans.models import Protocol
from tests import factories

pytestmark = pytest.mark.django_db
State = FollowUp.State
YEARS = [f"y{year}" for year in range(3, 11)]


def following(episode: Episode):
    """What is asked after the injections; the baseline and safety come before."""
    rows = FollowUp.objects.filter(episode=episode, is_baseline=False, is_safety=False)
    return rows.exclude(state=State.SUPERSEDED)


@pytest.fixture
def plan(complaint, physician):
    """Three injections two weeks apart: days 14, 28 and 42 of a plan of today."""
    protocol = Protocol.objects.get(clinic=complaint.clinic, key="prp")
    factories.make_series(protocol, by=physician, repeats=3, every_days=14)
    return factories.make_plan(complaint, started_days_ago=50)


def perform(plan, number: int, days_ago: int) -> None:
    one = plan.interventions.get(series_number=number, course=1)
    day = factories.days_ago(plan.clinic, days_ago)
    interventions.perform(one, performed_on=day, by=audit.SYSTEM)


def test_day_0_is_the_last_planned_injection_until_it_is_done(plan):
    episode = plan.episodes.get()
    third = plan.interventions.get(series_number=3)
    assert (episode.is_provisional, episode.anchor_on) == (True, third.planned_on)
    perform(plan, 1, 36)
    perform(plan, 2, 22)
    episode.refresh_from_db()
    assert (episode.is_provisional, episode.anchor_on) == (True, third.planned_on)
    perform(plan, 3, 5)
    episode.refresh_from_db()
    anchor = (episode.is_provisional, episode.anchor_on)
    assert anchor == (False, factories.days_ago(plan.clinic, 5))


def test_nothing_is_sent_after_a_series_until_it_is_complete(plan, clinic, monkeypatch):
    perform(plan, 1, 36)
    perform(plan, 2, 22)
    monkeypatch.setattr("django.conf.settings.CLOCK_OFFSET", timedelta(days=120))
    for _ in range(3):
        due.advance_due(clinic, clock.now())
    held = following(plan.episodes.get())
    assert set(held.values_list("state", "next_action_at")) == {(State.PLANNED, None)}
    assert not FollowUp.objects.filter(pk__in=held, request__isnull=False).exists()


def test_a_series_that_is_cut_short_counts_from_what_was_given(plan):
    perform(plan, 1, 36)
    perform(plan, 2, 22)
    third = plan.interventions.get(series_number=3)
    interventions.cancel(third, reason="enough", by=audit.SYSTEM)
    episode = plan.episodes.get()
    anchor = (episode.is_provisional, episode.anchor_on)
    assert anchor == (False, factories.days_ago(plan.clinic, 22))
    assert not following(episode).filter(next_action_at=None).exists()


def test_the_years_count_from_the_last_injection(plan):
    for number, days in ((1, 36), (2, 22), (3, 5)):
        perform(plan, number, days)
    episode = plan.episodes.get()
    rows = {row.timepoint_key: row for row in following(episode)}
    assert [key for key in rows if key.startswith("y")] == YEARS
    ten = rows["y10"]
    assert ten.due_on == episode.anchor_on + timedelta(days=3650)
    assert (ten.label, ten.closes_on - ten.due_on) == ("10 years", timedelta(days=60))


def test_a_repeat_ends_the_years_of_the_first_and_has_its_own(plan):
    for number, days in ((1, 36), (2, 22), (3, 5)):
        perform(plan, number, days)
    first = plan.episodes.get()
    today = factories.days_ago(plan.clinic, 0)
    again = interventions.add(
        plan,
        title="PRP again",
        modality="prp",
        planned_on=today,
        is_repeat=True,
        by=audit.SYSTEM,
    )
    second = plan.episodes.get(course=2)
    assert set(following(first).values_list("state", flat=True)) == {State.PLANNED}
    assert not following(second).exclude(next_action_at=None).exists()
    interventions.perform(again, performed_on=today, by=audit.SYSTEM)
    first.refresh_from_db()
    assert (first.status, first.ended_by) == ("ended", Episode.EndedBy.REPEATED)
    assert set(following(first).values_list("state", flat=True)) == {State.CANCELLED}
    keys = following(second).filter(state=State.PLANNED)
    assert set(YEARS) <= set(keys.values_list("timepoint_key", flat=True))


def test_a_plan_is_completed_while_its_years_go_on(plan, clinic):
    """Its end waits for no answer, and no answer for its end."""
    for number, days in ((1, 36), (2, 22), (3, 5)):
        perform(plan, number, days)
    for one in plan.interventions.filter(status="planned"):
        interventions.cancel(one, reason="not needed", by=audit.SYSTEM)
    move, today = lifecycle.Move.COMPLETE, factories.days_ago(plan.clinic, 0)
    lifecycle.move(plan, move, on=today, by=audit.SYSTEM)
    episode = plan.episodes.get()
    assert (plan.status, episode.status) == ("completed", "active")
    years = following(episode).filter(timepoint_key__in=YEARS)
    assert years.filter(state=State.PLANNED, next_action_at__isnull=False).count() == 8


def test_the_tenth_year_is_asked_on_its_day(plan, clinic, monkeypatch):
    for number, days in ((1, 36), (2, 22), (3, 5)):
        perform(plan, number, days)
    ten = FollowUp.objects.get(timepoint_key="y10")
    others = FollowUp.objects.exclude(pk=ten.pk)
    others.update(state=State.EXPIRED, next_action_at=None)
    ahead = ten.next_action_at - clock.now() + timedelta(minutes=1)
    monkeypatch.setattr("django.conf.settings.CLOCK_OFFSET", ahead)
    due.advance_due(clinic, clock.now())
    ten.refresh_from_db()
    assert (ten.state, Message.objects.count()) == (State.OPEN, 1)
    assert SurveyRequest.objects.get().closes_at.date() > ten.due_on
