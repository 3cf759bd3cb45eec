"""Whatever is done to plans in whatever order, the follow-ups stay whole.

MENDLINE_SEQUENCES=10000 runs as many; the suite runs enough to meet every act.
"""

import os
from collections import Counter
from datetime import datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import ValidationError

from clinic import audit, clock
from clinic.models import User
from outcomes.follow_ups.engine import due
from outcomes.follow_ups.planning import ending
from outcomes.models import Episode, FollowUp, SurveyRequest
from outcomes.survey import questionnaire, sealing, sending, submissions
from plans.course import interventions, lifecycle, series, starting
from plans.course.lifecycle import Move
from plans.models import Intervention, Plan, Protocol
from plans.protocols import documents, offered, stored
from plans.protocols import moving as version_moving
from tests import answering, factories

SEQUENCES = int(os.environ.get("MENDLINE_SEQUENCES", "40"))
A_TEST = 20
LENGTH = 8
MOST_TO_MEET_ALL = 120
By = audit.SYSTEM
# Everything that must have happened, and not only been tried.
NAMED = {
    *("perform", "reschedule", "cancel", "take_back", "plan_again", "repeat"),
    *("new_version", "ask", "answer", "wait", "end_follow_up", "resume_follow_up"),
    *(Move.HOLD, Move.RESUME, Move.STOP, Move.COMPLETE, Move.REOPEN),
}


class NothingToDo(Exception):  # noqa: N818
    """There is nothing that the act could be done to."""


def one_of(rng, rows):
    """Any of them."""
    found = list(rows)
    if not found:
        raise NothingToDo
    return rng.choice(found)


def with_status(rng, plan, *statuses):
    return one_of(rng, plan.interventions.filter(status__in=statuses))


def some_day(rng, plan, last=40):
    today = clock.today(plan.clinic.zone)
    return min(plan.started_on + timedelta(days=rng.randint(0, last)), today)


def perform(rng, plan):
    step = with_status(rng, plan, "planned")
    interventions.perform(step, performed_on=some_day(rng, plan), by=By)


def reschedule(rng, plan):
    row = with_status(rng, plan, "planned", "performed")
    interventions.reschedule(row, day=some_day(rng, plan), by=By)


def cancel(rng, plan):
    step = with_status(rng, plan, "planned")
    interventions.cancel(step, reason="not wanted", by=By)


def take_back(rng, plan):
    row = with_status(rng, plan, "performed")
    again = rng.random() < 0.5
    interventions.take_back(row, reason="slip", by=By, plan_again=again)


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
    return moved(plan, rng.choice(list(Move)))


def fitting_move(rng, plan):
    fitting = [m for m in lifecycle.moves_from(plan.status) if m != Move.VOID]
    return moved(plan, one_of(rng, fitting))


def moved(plan, move):
    """The move by its name; the asking about what was performed outlives an end."""
    kept = set(live_ids(plan, performed_only=True)) if ends(move) else set()
    lifecycle.move(plan, move, reason="as agreed", by=By)
    assert kept <= set(live_ids(plan)), "an end took the asking with it"
    return move


def ends(move):
    return move in (Move.STOP, Move.COMPLETE)


def live_ids(plan, *, performed_only=False):
    found = FollowUp.objects.filter(episode__plan=plan)
    if performed_only:
        found = found.filter(episode__anchor_intervention__status="performed")
    return found.exclude(state__in=FollowUp.FINAL).values_list("pk", flat=True)


def plan_again(rng, plan):
    interventions.plan_again(with_status(rng, plan, "cancelled"), by=By)


def end_follow_up(rng, plan):
    ending.end_follow_up(plan, reason="asked to stop", by=By)
    assert not live_ids(plan).exists(), "the asking that was ended goes on"


def resume_follow_up(rng, plan):
    ending.resume_follow_up(plan, by=By)


def wait(rng, plan):
    """Days go by, and the engine ends what nobody answered and asks what is due."""
    rng.clock.shift(timedelta(days=rng.randint(1, 60)))
    ask(rng, plan)


def ask(rng, plan):
    """What is due is asked, as the engine would; refused where nothing was."""
    before = asked_of(plan).count()
    due.advance([plan.complaint.patient_id], clock.now())
    if asked_of(plan).count() == before:
        raise NothingToDo


def asked_of(plan):
    states = [*FollowUp.ASKED, FollowUp.State.EXPIRED]
    return FollowUp.objects.filter(episode__plan=plan, state__in=states)


def answer(rng, plan):
    waiting = SurveyRequest.objects.filter(
        state=SurveyRequest.State.OPEN,
        follow_ups__episode__plan=plan,
        follow_ups__state__in=FollowUp.ASKED,
    )
    request, now = one_of(rng, waiting.distinct()), clock.now()
    if request.closes_at <= now:
        ends_at_the_next_tick(request, now)
        raise NothingToDo
    submissions.begin(request, at=now)
    question = questionnaire.read(request).questions[0]
    # The first may be whether the treatment took place; the rest are numbers.
    options = question.item.options
    value = rng.choice(options).value if options else 3
    given = answering.given(question, value)
    try:
        submissions.save_answer(request, question, given, language="en", at=now)
        sending.accept(request, at=now)
    except (sealing.NotOpenError, sending.NothingAnsweredError):
        # "Not yet" ends the check, and with it a survey that asks nothing else.
        raise NothingToDo from None


def ends_at_the_next_tick(request, now):
    """A day that moved took its window into the past: no one can answer it."""
    with pytest.raises(sealing.NotOpenError):
        submissions.begin(request, at=now)
    due.advance([request.patient_id], now)
    past = FollowUp.objects.filter(request=request, request__closes_at__lte=now)
    assert not past.filter(state__in=FollowUp.ASKED).exists(), "never ended"


def new_version(rng, plan):
    """Publish another version, its procedure on another day, and move the plan."""
    who = User.objects.get(memberships__clinic=plan.clinic)
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
    *(repeat, repeat, fitting_move, fitting_move, fitting_move, any_move),
    *(ask, ask, answer, answer, wait, wait),
    *(end_follow_up, resume_follow_up, new_version),
]


def stays_whole(plan):
    live = list(
        FollowUp.objects.filter(episode__plan=plan)
        .exclude(state__in=FollowUp.FINAL)
        .values_list(
            "timepoint_key",
            "state",
            "episode__course",
            "episode__status",
            "episode__anchor_intervention__status",
            named=True,
        )
    )
    assert all(row.episode__status == "active" for row in live), (
        "a follow-up of a course that ended"
    )
    anchors = {row.episode__anchor_intervention__status for row in live}
    assert anchors <= {None, "planned", "performed"}, (
        "a follow-up of a procedure that will not be"
    )
    assert is_once((row.episode__course, row.timepoint_key) for row in live), (
        "one time point of one course, two follow-ups"
    )
    asked = [row.timepoint_key for row in live if row.state in FollowUp.ASKED]
    assert is_once(asked), "one time point, two open follow-ups"
    rows = list(plan.interventions.all())
    given = {i.course for i in rows if i.is_index and i.status == "performed"}
    last = max(given, default=0)
    assert all(row.episode__course >= last for row in live), "two courses ask"
    forgotten = plan.episodes.filter(
        course__in=given, ended_by=Episode.EndedBy.PROCEDURE_CANCELLED
    )
    assert not forgotten.exists(), "a treatment that was given is not followed up"
    assert_in_turn(plan)
    assert_stand_on_their_day(plan)
    if plan.status not in (*Plan.RUNNING, *Plan.INTENDED):
        tasks = [i for i in rows if i.status == Intervention.Status.PLANNED]
        assert not tasks, "a task of a plan that ended"
    if plan.status in Plan.INTENDED:
        assert not live, "a plan that is not begun asks"


def is_once(keys):
    return all(count == 1 for count in Counter(keys).values())


def assert_in_turn(plan):
    day_0s = plan.interventions.filter(is_index=True, status="performed")
    days = list(day_0s.order_by("course").values_list("performed_on", flat=True))
    assert days == sorted(days), "a repeat before what it repeats"
    done = plan.interventions.filter(status="performed", series_number__isnull=False)
    by_number = done.order_by("course", "step__key", "series_number")
    days = {}
    for one in by_number.select_related("step"):
        days.setdefault((one.course, one.step.key), []).append(one.performed_on)
    assert all(found == sorted(found) for found in days.values()), "out of turn"


def assert_stand_on_their_day(plan):
    for episode in plan.episodes.filter(anchor="index_procedure"):
        day_0 = series.day_0(plan, episode.course)
        assert day_0 is None or episode.anchor_on == day_0, "day 0 is another day"


@pytest.fixture
def done():
    """What was done in a test, counted by name."""
    counted = Counter()
    yield counted
    assert counted["refused"] < counted.total() / 2


@pytest.fixture
def rng(seed):
    """Chance, and a clock that it may set on; noon is when patients are written to."""
    chance, today = Random(seed), clock.now().date()
    noon = datetime.combine(today, time(12), ZoneInfo("America/Chicago"))
    with time_machine.travel(noon, tick=False) as chance.clock:
        yield chance


@pytest.mark.parametrize("seed", range(max(1, SEQUENCES // A_TEST)))
def test_random_sequences_leave_the_follow_ups_whole(rng, clinic, physician, done):
    prp = Protocol.objects.get(clinic=clinic, key="prp")
    factories.make_series(prp, by=physician, repeats=3, every_days=7)
    for _ in range(A_TEST):
        play(rng, some_plan(rng, clinic), done)


@pytest.mark.parametrize("seed", [-1])
def test_chance_meets_every_act(rng, clinic, physician, done):
    """Without this, an act that is always refused would leave everything whole."""
    prp = Protocol.objects.get(clinic=clinic, key="prp")
    factories.make_series(prp, by=physician, repeats=3, every_days=7)
    for _ in range(MOST_TO_MEET_ALL):
        if done.keys() >= NAMED:
            return
        play(rng, some_plan(rng, clinic), done)
    pytest.fail(f"never done: {NAMED - done.keys()}")


def play(rng, plan, done, acts=ACTS, check=lambda plan, act: None):
    """Any acts, one after another; `check` says what else must hold after each."""
    for _ in range(LENGTH):
        act = rng.choice(acts)
        try:
            done[act(rng, plan) or act.__name__] += 1
        except ValidationError:
            done["refused"] += 1
        except NothingToDo:
            done["nothing"] += 1
        plan.refresh_from_db()
        stays_whole(plan)
        check(plan, act)


def some_plan(rng, clinic):
    complaint = factories.make_complaint(factories.make_patient(clinic))
    protocols = offered.newest(list(Protocol.objects.filter(clinic=clinic)))
    # Most run from the beginning; what only intends to can do little.
    begin = starting.draft if rng.random() < 0.2 else starting.start
    return begin(
        complaint,
        protocol=rng.choice(protocols),
        by=By,
        started_on=clock.today(clinic.zone) - timedelta(days=rng.randint(0, 90)),
    )
