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
from clinic.models import User
from outcomes.follow_ups import ending
from outcomes.models import Episode, FollowUp
from plans.course import interventions, lifecycle
from plans.course.lifecycle import Move
from plans.models import Intervention, Plan, Protocol
from plans.protocols import documents, offered, stored
from plans.protocols import moving as version_moving
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


def any_move(rng, plan):
    lifecycle.move(plan, rng.choice(list(Move)), reason="as agreed", by=By)


def fitting_move(rng, plan):
    fitting = [m for m in lifecycle.moves_from(plan.status) if m != Move.VOID]
    if fitting:
        lifecycle.move(plan, rng.choice(fitting), reason="as agreed", by=By)


def plan_again(rng, plan):
    found = list(plan.interventions.filter(status="cancelled"))
    if found:
        interventions.plan_again(rng.choice(found), by=By)


def end_follow_up(rng, plan):
    ending.end_follow_up(plan, reason="asked to stop", by=By)


def resume_follow_up(rng, plan):
    ending.resume_follow_up(plan, by=By)


def new_version(rng, plan):
    """Publish another version, its procedure on another day, and move the plan."""
    who = User.objects.get()
    who.membership = who.memberships.get()
    content = documents.write(stored.definition_of(plan.protocol))
    shift = rng.randint(1, 5)
    steps = [
        {**step, "offset_days": step["offset_days"] + shift}
        for step in content["steps"]
    ]
    newest = offered.newest_of(plan.protocol)
    if newest.pk == plan.protocol_id:
        newest = factories.make_version(plan.protocol, by=who, steps=steps)
    version_moving.move([plan], protocol=newest, by=who)


ACTS = [
    *(perform, perform, perform, perform, reschedule, cancel, plan_again, take_back),
    *(repeat, repeat, fitting_move, fitting_move, any_move),
    *(end_follow_up, resume_follow_up, new_version),
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
    given = plan.interventions.filter(is_index=True, status="performed")
    forgotten = plan.episodes.filter(
        course__in=given.values("course"),
        ended_by=Episode.EndedBy.PROCEDURE_CANCELLED,
    )
    assert not forgotten.exists(), "a treatment that was given is not followed up"
    assert_in_turn(plan)
    if plan.status not in (*Plan.RUNNING, *Plan.INTENDED):
        tasks = plan.interventions.filter(status=Intervention.Status.PLANNED)
        assert not tasks.exists(), "a task of a plan that ended"
    if plan.status in Plan.INTENDED:
        assert not live.exists(), "a plan that is not begun asks"


def assert_in_turn(plan):
    done = plan.interventions.filter(status="performed", series_number__isnull=False)
    by_number = done.order_by("course", "step__key", "series_number")
    days = {}
    for one in by_number.select_related("step"):
        days.setdefault((one.course, one.step.key), []).append(one.performed_on)
    assert all(found == sorted(found) for found in days.values()), "out of turn"


def in_a_series(protocol, *, by):
    """The same with three injections a week apart."""
    content = documents.write(stored.definition_of(protocol))
    steps = [
        {**step, "repeats": 3, "every_days": 7} if step.get("is_index") else step
        for step in content["steps"]
    ]
    return factories.make_version(protocol, by=by, steps=steps)


@pytest.mark.parametrize("seed", range(max(1, SEQUENCES // 20)))
def test_random_sequences_leave_the_follow_ups_whole(clinic, patient, physician, seed):
    rng, done = Random(seed), Counter()
    in_a_series(Protocol.objects.get(clinic=clinic, key="prp"), by=physician)
    for _ in range(20):
        complaint = factories.make_complaint(patient)
        protocols = offered.newest(list(Protocol.objects.filter(clinic=clinic)))
        # Most run from the beginning; what only intends to can do little.
        begin = lifecycle.draft if rng.random() < 0.2 else lifecycle.start
        plan = begin(
            complaint,
            protocol=rng.choice(protocols),
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
    assert done["refused"] < sum(done.values()) / 2
    assert set(done) - {"refused"} >= {"perform", "new_version", "fitting_move"}
