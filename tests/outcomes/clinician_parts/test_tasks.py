import csv
from datetime import timedelta

import pytest

from clinic import audit, clock
from outcomes.follow_ups import labels
from outcomes.follow_ups.engine import due
from outcomes.follow_ups.planning import calendar, ending
from outcomes.models import FollowUp, Message, StaffTask
from plans.course import interventions
from plans.protocols import measures
from tests import factories
from tests.outcomes.clinician_parts.conftest import row_of

CADENCES = measures.PATH.parent / "cadences.csv"
PROTOCOLS = {
    "physical_therapy": "physical_therapy",
    "epidural_or_nerve_root": "image_guided_injection",
    "si_or_facet": "si_or_facet_injection",
    "prp_joint": "prp",
    "prp_spine": "prp_spine",
    "bone_marrow_concentrate": "bone_marrow_concentrate",
    "lifestyle": "lifestyle",
    "sciatica_watch": "sciatica_watch",
    "foot_local_care": "foot_local_care",
}
ROWS = [row for row in csv.DictReader(CADENCES.open()) if row["who"] != "patient"]


def moved(plan, days):
    procedure = plan.interventions.get(is_index=True)
    day = procedure.on + timedelta(days=days)
    return interventions.reschedule(procedure, day=day, by=audit.SYSTEM)


def at_end_of(row):
    return calendar.end_of(row.closes_on, row.patient.time_zone)


def test_fourteen_time_points_have_a_part_of_the_clinics():
    assert len(ROWS) == 14


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['cadence']}-{row['key']}")
def test_each_is_a_task_with_exactly_its_window(complaint, row):
    plan = factories.make_plan(complaint, PROTOCOLS[row["cadence"]])
    follow_up = row_of(plan, row["key"])
    task = StaffTask.objects.get(follow_up=follow_up, kind="examine")
    day_0 = follow_up.episode.anchor_on
    days = [(day - day_0).days for day in (task.due_on, task.closes_on)]
    assert days == [int(row["offset_days"]), int(row["close_day"])]
    assert (follow_up.opens_on - day_0).days == int(row["open_day"])
    assert (task.state, task.reason, follow_up.who) == ("open", "clinician", row["who"])


def test_what_only_the_patient_answers_is_no_task(complaint):
    plan = factories.make_plan(complaint, "physical_therapy")
    assert not StaffTask.objects.filter(follow_up=row_of(plan, "w2")).exists()


def test_the_task_moves_with_the_procedure(complaint):
    plan = factories.make_plan(complaint, "image_guided_injection")
    before = row_of(plan, "post30min").due_on
    moved(plan, 5)
    task = StaffTask.objects.get(follow_up=row_of(plan, "post30min"))
    assert task.due_on == task.closes_on == before + timedelta(days=5)
    assert StaffTask.objects.filter(follow_up__episode__plan=plan).count() == 2


def test_the_task_ends_with_the_asking(complaint):
    plan = factories.make_plan(complaint, "image_guided_injection")
    ending.end_follow_up(plan, reason="moved away", by=audit.SYSTEM)
    tasks = StaffTask.objects.filter(follow_up__episode__plan=plan)
    assert set(tasks.values_list("state", "end_reason")) == {
        ("cancelled", "moved away")
    }


def test_half_an_hour_after_waits_for_the_procedure(complaint):
    plan = factories.make_plan(complaint, "image_guided_injection")
    row = row_of(plan, "post30min")
    assert (row.state, row.next_action_at) == ("planned", None)
    assert row.label_today == labels.Label.WAITING


def test_no_patient_is_written_to_for_an_examination(recheck):
    assert recheck.state == FollowUp.State.OPEN
    assert recheck.request is None
    asked = Message.objects.filter(request__follow_ups=recheck)
    assert not asked.exists()


def test_it_opens_with_its_window_and_looks_again_at_its_end(complaint):
    plan = factories.make_plan(complaint, "sciatica_watch")
    row, zone = row_of(plan, "w2"), complaint.patient.time_zone
    opens_at = calendar.moment(row.opens_on, calendar.time(0), zone)
    assert (row.state, row.next_action_at) == ("planned", opens_at)
    due.advance_due(complaint.clinic, opens_at)
    row.refresh_from_db()
    assert (row.state, row.next_action_at) == ("open", at_end_of(row))


def test_a_window_without_an_examination_ends_as_not_examined(recheck):
    due.advance_due(recheck.clinic, at_end_of(recheck))
    recheck.refresh_from_db()
    assert (recheck.state, recheck.state_reason) == ("expired", "not examined")
    task = StaffTask.objects.get(follow_up=recheck)
    assert (task.state, task.end_reason) == ("cancelled", "the window closed")


def test_a_hold_keeps_no_clinician_from_examining(complaint):
    patient = complaint.patient
    patient.hold_until = factories.days_ago(complaint.clinic, -60)
    patient.save()
    plan = factories.make_plan(complaint, "sciatica_watch", started_days_ago=14)
    due.advance_due(complaint.clinic, clock.now())
    row = row_of(plan, "w2")
    assert row.state == FollowUp.State.OPEN
    assert row.label_today == labels.Label.DUE


def test_what_is_open_moves_with_its_day_and_opens_anew(block):
    procedure = block.episode.anchor_intervention
    due.advance_due(block.clinic, clock.now())
    yesterday = factories.days_ago(block.clinic, 1)
    interventions.reschedule(procedure, day=yesterday, by=audit.SYSTEM)
    block.refresh_from_db()
    assert (block.due_on, block.state) == (yesterday, FollowUp.State.PLANNED)
    assert StaffTask.objects.get(follow_up=block).due_on == yesterday


def test_a_plan_from_long_ago_owes_no_examination(complaint):
    plan = factories.make_plan(complaint, "sciatica_watch", started_days_ago=90)
    row = row_of(plan, "w2")
    assert (row.state, row.state_reason) == ("expired", calendar.NEVER_ASKED)
    assert not StaffTask.objects.filter(follow_up=row).exists()
