"""Which planned procedures wait to be confirmed, and what patients say of them."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError

from clinic import audit, clock
from clinic.models import AuditEvent
from patients.models import Patient
from plans.course import confirmation, interventions
from plans.models import Intervention, Plan
from tests import factories

CHICAGO, TOKYO, HONOLULU = "America/Chicago", "Asia/Tokyo", "Pacific/Honolulu"
PLANNED = date(2026, 3, 10)
Said = Intervention.Said


def planned(complaint, day: date = PLANNED) -> Intervention:
    plan = factories.make_plan(complaint)
    Intervention.objects.filter(plan=plan, is_index=True).update(planned_on=day)
    return plan.interventions.get(is_index=True)


def waiting(user, now: datetime | None = None) -> list[Intervention]:
    return list(confirmation.waiting(user, now or clock.now()))


@pytest.mark.parametrize(
    ("zone", "now", "is_waiting"),
    [
        # Chicago is at UTC-5 on these days, Tokyo at UTC+9, Honolulu at UTC-10.
        ("", datetime(2026, 3, 11, 4, 59, tzinfo=UTC), False),
        ("", datetime(2026, 3, 11, 5, 0, tzinfo=UTC), True),
        (TOKYO, datetime(2026, 3, 10, 14, 59, tzinfo=UTC), False),
        (TOKYO, datetime(2026, 3, 10, 15, 0, tzinfo=UTC), True),
        (HONOLULU, datetime(2026, 3, 11, 9, 59, tzinfo=UTC), False),
        (HONOLULU, datetime(2026, 3, 11, 10, 0, tzinfo=UTC), True),
    ],
)
def test_a_procedure_waits_from_the_patients_own_next_morning(
    admin, complaint, zone, now, is_waiting
):
    one = planned(complaint)
    Patient.objects.update(zone=zone)
    assert (one in waiting(admin, now)) is is_waiting
    today = clock.day_of(now, zone or CHICAGO)
    assert confirmation.is_past_its_day(one, today) is is_waiting


def test_of_a_merged_record_the_kept_ones_zone_counts(admin, clinic, complaint):
    one = planned(complaint)
    kept = factories.make_patient(clinic, zone=TOKYO)
    Patient.objects.filter(pk=complaint.patient_id).update(merged_into=kept)
    assert one in waiting(admin, datetime(2026, 3, 10, 15, 0, tzinfo=UTC))


def test_every_needle_waits_and_not_the_day_zero_alone(admin, complaint):
    one = planned(complaint, factories.days_ago(complaint.clinic, 2))
    added = interventions.Intervention.objects.create(
        clinic=complaint.clinic,
        plan=one.plan,
        title="Second injection",
        modality="image_guided_injection",
        planned_on=factories.days_ago(complaint.clinic, 3),
    )
    assert waiting(admin) == [added, one]
    Intervention.objects.filter(pk=added.pk).update(modality="physical_therapy")
    assert waiting(admin) == [one]


@pytest.mark.parametrize("status", ["performed", "cancelled", "entered_in_error"])
def test_what_is_settled_waits_no_more(admin, complaint, status):
    one = planned(complaint, factories.days_ago(complaint.clinic, 2))
    done = one.planned_on if status == "performed" else None
    Intervention.objects.filter(pk=one.pk).update(status=status, performed_on=done)
    assert waiting(admin) == []


def test_a_plan_that_does_not_run_asks_for_nothing(admin, complaint):
    planned(complaint, factories.days_ago(complaint.clinic, 2))
    Plan.objects.update(status="on_hold")
    assert waiting(admin) == []


def test_other_clinics_and_the_front_desk_see_none(outsider, clerk, complaint):
    planned(complaint, factories.days_ago(complaint.clinic, 2))
    assert waiting(outsider) == waiting(clerk) == []


def test_what_the_patient_said_is_kept_and_confirms_nothing(complaint):
    one = planned(complaint)
    with time_machine.travel("2026-03-17T18:00:00Z"):
        assert confirmation.patient_said(one, Said.YES)
    assert (one.patient_said, one.status) == ("yes", "planned")
    assert confirmation.said(one, CHICAGO) == Said.YES
    event = AuditEvent.objects.get(action="intervention.patient_said")
    assert event.actor_kind == audit.PATIENT.kind
    assert event.facts == {"before": "", "after": "yes", "planned_on": "2026-03-10"}
    assert [s.patient_id for s in event.subjects.all()] == [complaint.patient_id]


def test_of_another_day_the_patient_has_said_nothing_yet(complaint):
    one = planned(complaint)
    with time_machine.travel("2026-03-17T18:00:00Z"):
        confirmation.patient_said(one, Said.NO)
    one.planned_on += timedelta(days=10)
    assert confirmation.said(one, CHICAGO) == Said.NOTHING


def test_nobody_is_heard_of_what_staff_recorded_meanwhile(complaint):
    plan = factories.make_plan(complaint, started_days_ago=40)
    one = plan.interventions.get(is_index=True)
    factories.make_performed(plan, days=20)
    assert not confirmation.patient_said(one, Said.NO)
    assert (one.patient_said, one.status) == ("", "performed")
    assert not AuditEvent.objects.filter(action="intervention.patient_said").exists()


def test_nothing_else_can_be_said(complaint):
    with pytest.raises(ValidationError, match="Choose yes, no, or nothing"):
        confirmation.patient_said(planned(complaint), "maybe")
