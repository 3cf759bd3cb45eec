from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from clinic import audit, clock
from clinic.models import AuditEvent
from patients.models import Patient
from patients.record import leaving, registration


@pytest.fixture
def today(patient):
    return clock.today(patient.time_zone)


def refused(act, patient, **fields):
    with pytest.raises(ValidationError) as caught:
        act(patient, by=audit.SYSTEM, **fields)
    return caught.value.message_dict


def test_a_withdrawal_keeps_why_as_a_code(patient, admin, today):
    leaving.withdraw(patient, by=admin, reason="moved")
    assert Patient.objects.get().withdrawn_on == today
    event = AuditEvent.objects.get(action="patient.withdrew")
    assert event.facts == {"reason": "moved", "on": today.isoformat()}


def test_a_withdrawal_is_taken_back_with_a_reason(patient, admin, today):
    leaving.withdraw(patient, by=admin, reason="asked")
    leaving.take_back_withdrawal(patient, by=admin, reason="changed_mind")
    assert Patient.objects.get().is_in_follow_up
    event = AuditEvent.objects.get(action="patient.withdrawal_taken_back")
    assert event.facts == {"reason": "changed_mind", "before": today.isoformat()}


def test_a_death_is_confirmed_by_a_second_act(patient, clerk, physician):
    leaving.record_death(patient, by=clerk)
    assert not patient.is_in_follow_up
    assert patient.death_confirmed_by is None
    leaving.confirm_death(patient, by=physician)
    assert Patient.objects.get().death_confirmed_by == physician
    assert AuditEvent.objects.get(action="patient.death_confirmed").actor == physician


def test_a_death_is_confirmed_once_and_only_if_recorded(patient, physician):
    assert "deceased_on" in refused(leaving.confirm_death, patient)
    leaving.record_death(patient, by=physician)
    leaving.confirm_death(patient, by=physician)
    said = refused(leaving.confirm_death, patient)
    assert said == {"deceased_on": ["This death is confirmed already."]}


@pytest.mark.parametrize("is_confirmed", [True, False])
def test_a_death_is_reversible(patient, physician, is_confirmed):
    leaving.record_death(patient, by=physician)
    if is_confirmed:
        leaving.confirm_death(patient, by=physician)
    leaving.reverse_death(patient, by=physician, reason="wrong_patient")
    stored = Patient.objects.get()
    assert (stored.deceased_on, stored.death_confirmed_by) == (None, None)
    event = AuditEvent.objects.get(action="patient.death_reversed")
    assert event.facts["reason"] == "wrong_patient"


def test_another_day_of_death_is_looked_at_again(patient, physician, today):
    leaving.record_death(patient, by=physician)
    leaving.confirm_death(patient, by=physician)
    yesterday = today - timedelta(days=1)
    registration.update(patient, by=physician, deceased_on=yesterday)
    stored = Patient.objects.get()
    assert (stored.deceased_on, stored.death_confirmed_by) == (yesterday, None)


@pytest.mark.parametrize(
    ("act", "fields", "field"),
    [
        (leaving.withdraw, {"reason": "tired of it all"}, "reason"),
        (leaving.withdraw, {"reason": ""}, "reason"),
        (leaving.take_back_withdrawal, {"reason": "slip"}, "withdrawn_on"),
        (leaving.take_back_withdrawal, {"reason": ""}, "reason"),
        (leaving.reverse_death, {"reason": "alive"}, "deceased_on"),
        (leaving.reverse_death, {"reason": "asked"}, "reason"),
    ],
)
def test_a_slip_names_the_field(patient, act, fields, field):
    assert list(refused(act, patient, **fields)) == [field]


@pytest.mark.parametrize("days", [1, -40_000])
def test_leaving_lies_between_birth_and_today(patient, today, days):
    day = today + timedelta(days=days)
    said = refused(leaving.withdraw, patient, reason="asked", withdrawn_on=day)
    assert list(said) == ["withdrawn_on"]
    said = refused(leaving.record_death, patient, deceased_on=day)
    assert list(said) == ["deceased_on"]


def test_what_is_recorded_is_not_recorded_again(patient):
    leaving.record_death(patient, by=audit.SYSTEM)
    assert "already" in refused(leaving.record_death, patient)["deceased_on"][0]


@pytest.mark.parametrize("field", ["withdrawn_on", "deceased_on"])
def test_an_edit_takes_neither_back(patient, today, field):
    registration.update(patient, by=audit.SYSTEM, **{field: today})
    said = refused(registration.update, patient, **{field: None})
    assert "asks why" in said[field][0]
    assert getattr(Patient.objects.get(), field) == today
