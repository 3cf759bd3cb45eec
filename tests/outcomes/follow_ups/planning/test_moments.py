"""A clinic's zone, hours and closed days move what its patients get, all at once."""

from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from clinic import audit, clock, consequences
from clinic.models import ClosedDay
from outcomes.follow_ups.engine import due
from outcomes.follow_ups.guard import misdated
from outcomes.follow_ups.planning import calendar, moments
from outcomes.models import FollowUp
from tests import factories
from tests.row_locks import waits_for, with_row_locks


@pytest.fixture
def clinic(db):
    return factories.make_clinic(sends_from="09:00", sends_until="19:00")


@pytest.fixture
def planned(clinic, complaint):
    """The two-year follow-up of a procedure of today."""
    plan = factories.make_plan(complaint)
    factories.make_performed(plan, days=0)
    return FollowUp.objects.get(timepoint_key="m24")


def change(clinic, *names) -> None:
    consequences.apply("clinic.updated", clinic, by=audit.SYSTEM, changed=[*names])


def asked_on(row: FollowUp, zone: str):
    row.refresh_from_db()
    return calendar.local_day(row.next_action_at, zone)


def test_a_new_zone_keeps_the_day_and_moves_the_hour(planned, clinic):
    before = planned.next_action_at
    clinic.zone = "Pacific/Auckland"
    clinic.save()
    change(clinic, "zone")
    assert asked_on(planned, clinic.zone) == planned.due_on
    local = planned.next_action_at.astimezone(ZoneInfo(clinic.zone))
    assert 9 <= local.hour < 19
    assert planned.next_action_at < before


def test_a_patient_with_a_zone_of_their_own_stays(planned, clinic, patient):
    patient.zone = "America/Chicago"
    patient.save()
    before = planned.next_action_at
    clinic.zone = "Pacific/Auckland"
    clinic.save()
    change(clinic, "zone")
    planned.refresh_from_db()
    assert planned.next_action_at == before


def test_a_closed_day_puts_it_off_and_opening_it_again_brings_it_back(planned, clinic):
    day = ClosedDay.objects.create(clinic=clinic, day=planned.due_on)
    change(clinic, "closed_days")
    assert asked_on(planned, clinic.zone) == planned.due_on + timedelta(days=1)
    day.delete()
    change(clinic, "closed_days")
    assert asked_on(planned, clinic.zone) == planned.due_on


def test_a_closure_until_the_end_of_the_window_brings_it_forward(planned, clinic):
    span = (planned.closes_on - planned.due_on).days + 1
    days = [planned.due_on + timedelta(days=n) for n in range(span)]
    ClosedDay.objects.bulk_create(ClosedDay(clinic=clinic, day=day) for day in days)
    change(clinic, "closed_days")
    assert asked_on(planned, clinic.zone) == planned.due_on - timedelta(days=1)
    with time_machine.travel(planned.next_action_at):
        assert not list(misdated.rows(clinic, clock.now()))
        due.advance_due(clinic, clock.now())
        planned.refresh_from_db()
    assert planned.state == FollowUp.State.OPEN


def test_one_brought_forward_without_a_closure_is_told_as_misdated(planned, clinic):
    day_before = planned.next_action_at - timedelta(days=1)
    FollowUp.objects.filter(pk=planned.pk).update(next_action_at=day_before)
    early = planned.next_action_at - timedelta(days=3)
    assert [row.pk for row in misdated.rows(clinic, early)] == [planned.pk]


def test_what_it_would_move_is_said_before(planned, clinic):
    ClosedDay.objects.create(clinic=clinic, day=planned.due_on)
    effect = moments.foresee(clinic, changed=["closed_days"])
    assert effect.sentences == ["another moment for 1 invitation of 1 patient"]
    assert moments.foresee(clinic, changed=["phone"]).sentences == []


def test_however_many_there_are_it_takes_five_statements(
    planned, clinic, django_assert_num_queries
):
    clinic.sends_from = time(10)
    clinic.save()
    with django_assert_num_queries(5):
        change(clinic, "sends_from")


@with_row_locks
def test_it_waits_for_who_holds_the_patient(planned, clinic, patient):
    with waits_for(patient):
        change(clinic, "closed_days")
