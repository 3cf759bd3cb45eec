"""What it costs to plan anew, and that many courses are written as one is."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from clinic import audit, clock
from clinic.models import AuditEvent, ClosedDay
from outcomes.follow_ups.engine import due
from outcomes.follow_ups.planning import schedule
from outcomes.models import Episode, FollowUp, Link, Response, SurveyRequest
from plans.models import Intervention, Plan
from plans.protocols import documents, moving, stored
from tests import factories

State = FollowUp.State
# What opens and closes transactions is no statement of ours.
FRAME = ("BEGIN", "SAVEPOINT", "RELEASE", "COMMIT")


def statements(act):
    with CaptureQueriesContext(connection) as seen:
        act()
    # One that PostgreSQL keeps prepared is counted without its text.
    texts = [one["sql"] or "" for one in seen]
    return [text for text in texts if not text.startswith(FRAME)]


@pytest.fixture
def answered(complaint) -> Episode:
    """Injected twenty days ago, with two answers, in a clinic with a closed day."""
    ClosedDay.objects.create(
        clinic=complaint.clinic, day=factories.days_ago(complaint.clinic, -30)
    )
    return with_answers(complaint)


def with_answers(complaint) -> Episode:
    plan = factories.make_plan(complaint, started_days_ago=34)
    factories.make_performed(plan, days=20)
    episode = plan.episodes.get()
    now = clock.now()
    for row in episode.follow_ups.filter(timepoint_key__in=["baseline", "d7_safety"]):
        FollowUp.objects.filter(pk=row.pk).update(
            state=State.COMPLETED, state_reason="", answered_at=now, completed_at=now
        )
        Response.objects.create(
            clinic_id=row.clinic_id,
            patient_id=row.patient_id,
            follow_up=row,
            state=Response.State.SEALED,
            provenance="patient",
            language="en",
            sealed_at=now,
            answered_on=row.due_on,
        )
    return episode


def moved(episode, days):
    index = Intervention.objects.filter(plan=episode.plan, is_index=True)
    index.update(performed_on=F("performed_on") + timedelta(days=days))
    return statements(lambda: schedule.apply(episode, by=audit.SYSTEM))


def test_moving_a_procedure_with_answers_takes_six_statements(answered):
    moved(answered, 1)
    seen = moved(answered, 1)
    assert len(seen) == 6, seen
    assert answered.follow_ups.filter(state=State.COMPLETED).count() == 2
    rows = answered.follow_ups.filter(state=State.PLANNED)
    days = {row.due_on - timedelta(days=row.offset_days) for row in rows}
    assert days == {Episode.objects.get(pk=answered.pk).anchor_on}


def test_answers_that_leave_their_window_take_one_more(answered):
    moved(answered, 1)
    assert len(moved(answered, 15)) == 7
    assert Response.objects.filter(in_window=False).count() == 1


def test_a_series_is_read_with_the_rest(complaint, physician):
    plan = factories.make_plan(complaint)
    old = plan.protocol
    series = factories.make_series(old, by=physician, repeats=3, every_days=14)
    moving.move([plan], protocol=series, by=physician)
    episode = plan.episodes.get()
    assert episode.begins_on < episode.anchor_on
    Intervention.objects.filter(plan=plan, series_number__isnull=False).update(
        planned_on=F("planned_on") + timedelta(days=7)
    )
    seen = statements(lambda: schedule.apply(episode, by=physician))
    assert len(seen) <= 7  # The baseline's examination moves with it.
    after = Episode.objects.get(pk=episode.pk)
    week = timedelta(days=7)
    assert after.series_began_on == episode.series_began_on + week
    assert after.anchor_on == episode.anchor_on + week


def test_planning_anew_what_stands_only_reads(answered):
    assert all(one.startswith("SELECT") for one in moved(answered, 0))


def edited(protocol, by):
    points = documents.write(stored.definition_of(protocol))["timepoints"]
    by_key = {point["key"]: point for point in points}
    by_key["m3"] |= {"offset_days": 100}
    by_key["m18"] = by_key.pop("m24") | {"key": "m18", "label": "1 1/2 years"}
    return factories.make_version(protocol, by=by, timepoints=list(by_key.values()))


def plans_of(clinic, count):
    for _ in range(count):
        patient = factories.make_patient(clinic)
        with_answers(factories.make_complaint(patient))


def move_to_shorter(clinic, by, points):
    """Statements of moving all plans of the clinic to a version of so many points."""
    protocol = Plan.objects.latest("protocol__version").protocol
    first = documents.write(stored.definition_of(protocol))["timepoints"][:points]
    new = factories.make_version(protocol, by=by, timepoints=first)
    seen = statements(lambda: moving.move_all(new, by=by))
    assert set(Plan.objects.values_list("protocol", flat=True)) == {new.pk}
    return len(seen)


def test_a_batch_takes_as_many_statements_as_a_few_plans(clinic, physician):
    plans_of(clinic, 2)
    few = move_to_shorter(clinic, physician, 6)
    plans_of(clinic, 6)
    assert move_to_shorter(clinic, physician, 5) == few


def test_each_of_a_batch_is_rewritten_and_audited(clinic, physician):
    plans_of(clinic, 3)
    new = edited(Plan.objects.first().protocol, physician)
    assert moving.move_all(new, by=physician) == (3, 0)
    for episode in Episode.objects.all():
        rows = {row.timepoint_key: row for row in episode.follow_ups.all()}
        assert (rows["m24"].state, rows["m18"].state) == ("cancelled", "planned")
        due_on = episode.anchor_on + timedelta(days=100)
        assert rows["m3"].due_on == due_on
        event = AuditEvent.objects.filter(about_id=episode.pk).latest("pk")
        assert event.facts["changes"]["gone"] == 1
        assert event.subjects.get().patient_id == episode.patient_id
    assert AuditEvent.objects.filter(action="plan.protocol_changed").count() == 3


def test_who_was_interrupted_goes_on_where_it_ended(clinic, physician, monkeypatch):
    plans_of(clinic, 5)
    new = edited(Plan.objects.first().protocol, physician)
    monkeypatch.setattr(moving, "PLANS_AT_ONCE", 2)
    batch, calls = moving._move_batch, []

    def failing(ids, protocol, by):
        calls.append(ids)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return batch(ids, protocol, by)

    with monkeypatch.context() as patched:
        patched.setattr(moving, "_move_batch", failing)
        with pytest.raises(KeyboardInterrupt):
            moving.move_all(new, by=physician)
    assert Plan.objects.filter(protocol=new).count() == 2
    assert moving.move_all(new, by=physician) == (3, 0)
    assert AuditEvent.objects.filter(action="plan.protocol_changed").count() == 5


def test_a_plan_that_cannot_be_moved_is_left_and_counted(clinic, physician):
    plans_of(clinic, 2)
    odd = Plan.objects.first()
    odd.interventions.filter(is_index=True).update(step=None)
    new = edited(odd.protocol, physician)
    assert moving.move_all(new, by=physician) == (1, 1)


def test_open_surveys_of_a_batch_end_with_what_they_ask(clinic, physician):
    plans_of(clinic, 2)
    index = Intervention.objects.filter(is_index=True)
    index.update(performed_on=factories.days_ago(clinic, 30))
    for episode in Episode.objects.all():
        schedule.apply(episode, by=audit.SYSTEM)
    due.advance_due(clinic, clock.now())
    assert SurveyRequest.objects.filter(state="open").count() == 2
    index.update(performed_on=factories.days_ago(clinic, 5))
    patients = dict(Episode.objects.values_list("pk", "patient"))
    schedule.apply_all(patients, by=audit.SYSTEM)
    assert not SurveyRequest.objects.filter(state="open").exists()
    assert not Link.objects.filter(revoked_at=None).exists()
    asked = FollowUp.objects.filter(timepoint_key="m1")
    assert sorted(asked.values_list("state", flat=True)) == [
        *(["planned"] * 2),
        *(["superseded"] * 2),
    ]
