"""Whatever is done to plans in whatever order, the follow-ups stay whole.

MENDLINE_SEQUENCES=10000 runs as many; the suite runs enough to meet every act.
"""

import os
from collections import Counter
from datetime import timedelta
from random import Random

import pytest
from django.core.exceptions import ValidationError
from django.db.models import Count

from clinic import audit, clock
from outcomes.follow_ups import schedule
from outcomes.models import Episode, FollowUp
from plans.course import interventions, lifecycle
from plans.course.lifecycle import Move
from plans.models import Intervention, Plan, Protocol
from tests import factories

SEQUENCES = int(os.environ.get("MENDLINE_SEQUENCES", "40"))
LENGTH = 8
By = audit.SYSTEM


def planned(rng, plan):
    found = list(plan.interventions.filter(status="planned"))
    return rng.choice(found) if found else None


def some_day(rng, plan, last=40):
    today = clock.today(plan.clinic.zone)
    return min(plan.started_on + timedelta(days=rng.randint(0, last)), today)


def perform(rng, plan):
    if step := planned(rng, plan):
        interventions.perform(step, performed_on=some_day(rng, plan), by=By)


def reschedule(rng, plan):
    found = list(plan.interventions.filter(status__in=["planned", "performed"]))
    if found:
        interventions.reschedule(rng.choice(found), day=some_day(rng, plan), by=By)


def cancel(rng, plan):
    if step := planned(rng, plan):
        interventions.cancel(step, reason="not wanted", by=By)


def take_back(rng, plan):
    found = list(plan.interventions.filter(status="performed"))
    if found:
        again = rng.random() < 0.5
        interventions.take_back(
            rng.choice(found), reason="slip", by=By, plan_again=again
        )


def repeat(rng, plan):
    interventions.add(
        plan,
        title="Again",
        modality=plan.modality,
        planned_on=some_day(rng, plan),
        is_repeat=True,
        by=By,
    )


def moving(move):
    def act(rng, plan):
        lifecycle.move(plan, move, reason="as agreed", by=By)

    act.__name__ = move.value
    return act


def end_follow_up(rng, plan):
    if rng.random() < 0.2:
        for episode in plan.episodes.filter(status="active"):
            schedule.end(episode, reason="asked to stop", by=By)


ACTS = [
    *(perform, perform, perform, reschedule, cancel, take_back, repeat),
    *map(moving, Move),
    end_follow_up,
]


def stays_whole(plan):
    live = FollowUp.objects.filter(episode__plan=plan).exclude(state__in=FollowUp.FINAL)
    ownerless = live.exclude(episode__status=Episode.Status.ACTIVE)
    assert not ownerless.exists(), "a follow-up of a course that ended"
    orphaned = live.filter(
        episode__anchor_intervention__status__in=["cancelled", "entered_in_error"]
    )
    assert not orphaned.exists(), "a follow-up of a procedure that will not be"
    twice = (
        live.values("episode", "timepoint_key").annotate(n=Count("pk")).filter(n__gt=1)
    )
    assert not twice.exists(), "one time point, two follow-ups"
    performed = plan.interventions.filter(is_index=True, status="performed")
    last = max((i.course for i in performed), default=0)
    assert not live.filter(episode__course__lt=last).exists(), "two courses ask"
    if plan.status not in (*Plan.RUNNING, *Plan.INTENDED):
        tasks = plan.interventions.filter(status=Intervention.Status.PLANNED)
        assert not tasks.exists(), "a task of a plan that ended"
    if plan.status in Plan.INTENDED:
        assert not live.exists(), "a plan that is not begun asks"


@pytest.mark.parametrize("seed", range(max(1, SEQUENCES // 20)))
def test_random_sequences_leave_the_follow_ups_whole(clinic, patient, seed):
    rng, done = Random(seed), Counter()
    for _ in range(20):
        complaint = factories.make_complaint(patient)
        protocols = Protocol.objects.filter(clinic=clinic)
        plan = lifecycle.draft(
            complaint,
            protocol=rng.choice(list(protocols)),
            by=By,
            started_on=clock.today(clinic.zone) - timedelta(days=rng.randint(0, 90)),
        )
        for _ in range(LENGTH):
            act = rng.choice(ACTS)
            try:
                act(rng, plan)
                done[act.__name__] += 1
            except ValidationError:
                done["refused"] += 1
            plan.refresh_from_db()
            stays_whole(plan)
    assert done["refused"] and len(done) > len(ACTS) // 2
