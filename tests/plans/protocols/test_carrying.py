"""Plans that a newer version leaves as they are come out as if each were looked at."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection

from clinic import clock
from clinic.access import Role
from outcomes.follow_ups.engine import due, requests
from outcomes.models import Episode, FollowUp, Message
from plans.course import interventions, lifecycle
from plans.models import Intervention, Plan, Protocol
from plans.protocols import carrying, documents, moving, stored
from tests import factories

ROW = (
    *("title", "modality", "kind", "detail", "status", "status_reason", "course"),
    *("series_number", "is_index", "planned_on", "performed_on", "step__key"),
    *("step__protocol__version", "side"),
)
FOLLOW_UP = (
    *("timepoint_key", "label", "offset_days", "open_day", "close_day", "ask_day"),
    *("opens_on", "due_on", "closes_on", "is_safety", "who", "anchor_revision"),
    *("state", "state_reason", "next_action_at", "request__state"),
)
COURSE = (
    *("course", "anchor_on", "series_began_on", "is_provisional", "revision"),
    *("status", "ended_by"),
)


def clinic_with_plans():
    """In one of each way that a plan can stand; returns who may move them."""
    clinic = factories.make_clinic()
    admin = factories.make_user(clinic, Role.ADMIN, Role.PROVIDER)
    for stand in STANDS:
        complaint = factories.make_complaint(factories.make_patient(clinic))
        stand(complaint, admin)
    due.advance_due(clinic, clock.now())
    return admin


def planned(complaint, by):
    factories.make_plan(complaint)


def injected_a_month_ago(complaint, by):
    factories.make_performed(factories.make_plan(complaint, started_days_ago=40))


def injected_long_ago(complaint, by):
    plan = factories.make_plan(complaint, started_days_ago=300)
    factories.make_performed(plan, days=280)


def cancelled(complaint, by):
    plan = factories.make_plan(complaint)
    index = plan.interventions.get(is_index=True)
    interventions.cancel(index, reason="moved away", by=by)


def worded_for_the_patient(complaint, by):
    plan = factories.make_plan(complaint)
    index = Intervention.objects.filter(plan=plan, is_index=True)
    index.update(title="PRP, as agreed", detail="bring a friend")


def with_another_day(complaint, by):
    plan = factories.make_plan(complaint)
    index = plan.interventions.get(is_index=True)
    day = index.planned_on + timedelta(days=3)
    interventions.reschedule(index, day=day, by=by)


def without_one_of_its_steps(complaint, by):
    plan = factories.make_plan(complaint)
    plan.interventions.filter(is_index=False).update(step=None)


def with_a_step_of_its_own(complaint, by):
    plan = factories.make_plan(complaint)
    day = clock.today(plan.clinic.zone) + timedelta(days=9)
    interventions.add(plan, title="Walk", modality="lifestyle", planned_on=day, by=by)


def on_hold(complaint, by):
    plan = factories.make_plan(complaint)
    lifecycle.move(plan, lifecycle.Move.HOLD, by=by, reason="away")


STANDS = [
    planned,
    injected_a_month_ago,
    injected_long_ago,
    cancelled,
    worded_for_the_patient,
    with_another_day,
    without_one_of_its_steps,
    with_a_step_of_its_own,
    on_hold,
]


def newer(by):
    """One time point moves, another's window, one comes and one goes."""
    protocol = Plan.objects.filter(clinic=by.membership.clinic).first().protocol
    points = documents.write(stored.definition_of(protocol))["timepoints"]
    by_key = {point["key"]: point for point in points}
    for name in ("offset_days", "open_day", "close_day", "ask_day"):
        by_key["m3"][name] += 10
    by_key["m6"]["close_day"] += 7
    month = by_key.pop("m24")
    by_key["m22"] = month | {"key": "m22", "label": "Month 22"}
    return factories.make_version(protocol, by=by, timepoints=list(by_key.values()))


def as_they_stand(by):
    clinic = by.membership.clinic
    found = []
    for plan in Plan.objects.filter(clinic=clinic).order_by("pk"):
        courses = Episode.objects.filter(plan=plan).order_by("course")
        rows = FollowUp.objects.filter(episode__plan=plan)
        found.append(
            {
                "plan": (plan.status, plan.protocol.version),
                "interventions": sorted(plan.interventions.values_list(*ROW), key=str),
                "courses": list(courses.values_list(*COURSE)),
                "follow_ups": sorted(rows.values_list(*FOLLOW_UP), key=str),
            }
        )
    return found


@pytest.fixture
def noon():
    """Both clinics ask at the same moment of the day."""
    with time_machine.travel(datetime(2026, 6, 10, 18, tzinfo=UTC), tick=False) as at:
        yield at


def test_all_at_once_is_what_one_by_one_is(db, noon):
    at_once, chosen = clinic_with_plans(), clinic_with_plans()
    assert as_they_stand(at_once) == as_they_stand(chosen)
    number = len(STANDS)
    assert moving.move_all(newer(at_once), by=at_once) == (number, 0)
    new = newer(chosen)
    for plan in Plan.objects.filter(clinic=chosen.membership.clinic):
        moving.move([plan], protocol=new, by=chosen)
    assert as_they_stand(at_once) == as_they_stand(chosen)


def test_the_patients_of_a_batch_are_held_once(db):
    """Those that are carried with the others, so that all are held in one order."""
    by = clinic_with_plans()
    new = newer(by)
    held = []

    def listen(execute, sql, *more):
        table = '"patients_patient"'
        if f"FROM {table}" in sql and f'ORDER BY {table}."id"' in sql:
            held.append(sql)
        return execute(sql, *more)

    with connection.execute_wrapper(listen):
        moving.move_all(new, by=by)
    assert len(held) == 1


@pytest.fixture
def injected(db, noon):
    """Some patients, injected so many days ago; returns who may move their plans."""

    def made(days=30, number=2):
        clinic = factories.make_clinic()
        by = factories.make_user(clinic, Role.ADMIN, Role.PROVIDER)
        for _ in range(number):
            complaint = factories.make_complaint(factories.make_patient(clinic))
            plan = factories.make_plan(complaint, started_days_ago=days + 10)
            factories.make_performed(plan, days=days)
        due.advance_due(clinic, clock.now())
        return by

    return made


def version(by, section, change):
    """The next one; `change` says what is different about a row of a section."""
    old = Protocol.objects.filter(clinic=by.membership.clinic, key="prp")
    protocol = old.latest("version")
    rows = documents.write(stored.definition_of(protocol))[section]
    changed = [row | change(row) for row in rows]
    return factories.make_version(protocol, by=by, **{section: changed})


def test_what_is_being_asked_follows_a_new_ladder(injected, noon):
    """Although no time point reads differently."""
    by = injected()
    Message.objects.update(state="accepted", accepted_at=clock.now())

    def sooner(rung):
        is_first = rung["after_days"] == 3 and rung["channel"] == "sms"
        return {"after_days": 2, "channel": "preferred"} if is_first else {}

    def waits():
        asked = FollowUp.objects.filter(state="open")
        return {(row.next_action_at - row.asked_at).days for row in asked}

    assert waits() == {2}  # and some hours, until the third day
    noon.shift(timedelta(hours=1))
    assert moving.move_all(version(by, "rungs", sooner), by=by) == (2, 0)
    noon.shift(timedelta(hours=1))
    due.advance_due(by.membership.clinic, clock.now())
    assert waits() == {1}


def test_what_was_planned_again_reads_as_the_newest_version(injected):
    """A follow-up that nobody could be written to about kept the days of the first."""
    by = injected(days=95)
    row = FollowUp.objects.filter(timepoint_key="m3")
    row.update(state="unreachable", state_reason="bounced")

    def longer(point):
        return {"close_day": 130} if point["key"] == "m3" else {}

    def later(point):
        is_it = point["key"] == "m6"
        return {"close_day": point["close_day"] + 1} if is_it else {}

    moving.move_all(version(by, "timepoints", longer), by=by)
    assert set(row.values_list("close_day", flat=True)) != {130}
    for one in row:
        assert requests.retry_unreachable(one.patient, clock.now()) == 1
    moving.move_all(version(by, "timepoints", later), by=by)
    assert set(row.values_list("close_day", flat=True)) == {130}


def test_a_procedure_planned_again_follows_the_newest_step(injected):
    """It was taken back, and stands again as its own version said it."""
    by = injected()

    def renamed(step):
        return {"title": "PRP injection, guided"} if step["is_index"] else {}

    moving.move_all(version(by, "steps", renamed), by=by)
    for one in Intervention.objects.filter(is_index=True):
        interventions.take_back(one, reason="wrong", by=by)
    new = version(by, "timepoints", lambda point: {"label": f"{point['label']}."})
    moving.move_all(new, by=by)
    again = Intervention.objects.filter(status="planned", is_index=True)
    assert set(again.values_list("step__protocol", flat=True)) == {new.pk}


def test_as_many_repeats_as_a_protocol_may_have_are_carried(injected):
    by = injected(number=1)
    clinic = by.membership.clinic
    protocol = Protocol.objects.filter(clinic=clinic, key="prp").latest("version")
    sessions = [
        {
            "key": f"session_{number}",
            "title": f"Session {number}",
            "modality": "other",
            "offset_days": number,
            "repeats": 60,
            "every_days": 7,
        }
        for number in range(22)
    ]
    steps = documents.write(stored.definition_of(protocol))["steps"]
    many = factories.make_version(protocol, by=by, steps=steps + sessions)
    assert moving.move_all(many, by=by) == (1, 0)
    new = factories.make_version(many, by=by, summary="The same, said otherwise.")
    assert moving.move_all(new, by=by) == (1, 0)


def test_only_what_stands_as_the_protocol_says_is_carried(db):
    by = clinic_with_plans()
    new = newer(by)
    plans = list(Plan.objects.order_by("pk"))
    old = plans[0].protocol
    assert carrying.leaves_plans_as_they_are(old, new)
    ids = [plan.pk for plan in plans]
    carried = carrying.among(ids, [old], new, moving.MOVABLE)
    odd = set(ids) - {one.pk for one in carried}
    assert odd == {plans[STANDS.index(without_one_of_its_steps)].pk}


def test_who_changes_a_step_or_a_goal_has_each_looked_at(db):
    by = clinic_with_plans()
    old = Plan.objects.first().protocol
    document = documents.write(stored.definition_of(old))
    later = [step | {"offset_days": 20} for step in document["steps"][:1]]
    steps = factories.make_version(old, by=by, steps=later + document["steps"][1:])
    fewer = factories.make_version(steps, by=by, goals=document["goals"][:1])
    assert not carrying.leaves_plans_as_they_are(old, steps)
    assert not carrying.leaves_plans_as_they_are(steps, fewer)
