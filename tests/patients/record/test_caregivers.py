from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError

from clinic import audit, clock
from clinic.models import AuditEvent
from patients.models import Caregiver, Patient
from patients.record import caregivers, registration
from tests import factories

GUARDIAN = {"name": "Ana Lopez", "relationship": "parent", "phone": "312 555 0100"}


def refused(act, *args, **fields):
    with pytest.raises(ValidationError) as caught:
        act(*args, by=audit.SYSTEM, **fields)
    return caught.value.message_dict


@pytest.fixture
def born(clinic):
    """Sixteen years ago."""
    return clock.today(clinic.zone).replace(day=1) - timedelta(days=16 * 365)


@pytest.fixture
def minor(clinic, born) -> Patient:
    return factories.make_patient(clinic, birth_date=born, caregiver=GUARDIAN)


def test_under_18_a_guardian_is_needed(clinic, born):
    fields = {"family_name": "Quill", "birth_date": born}
    said = refused(registration.register, clinic, **fields)
    assert list(said) == ["caregiver"]
    assert not Patient.objects.exists()


@pytest.mark.parametrize("lacking", [{"phone": ""}, {"name": "  "}])
def test_a_guardian_has_a_name_and_can_be_reached(clinic, born, lacking):
    fields = {"family_name": "Quill", "birth_date": born}
    guardian = {**GUARDIAN, **lacking}
    said = refused(registration.register, clinic, caregiver=guardian, **fields)
    assert list(said) == ["caregiver"]


def test_who_comes_with_a_minor_is_the_guardian_and_gives_the_consent(minor):
    guardian = minor.caregivers.get()
    assert guardian.is_guardian
    assert {consent.given_by for consent in minor.consents.all()} == {guardian}


def test_eighteen_is_counted_by_the_clinics_calendar(clinic):
    born = date(2008, 3, 10)
    # Still the 9th in Chicago, the 10th in Tokyo and in UTC.
    with time_machine.travel("2026-03-10T03:00:00Z"):
        patient = Patient(clinic=clinic, birth_date=born, zone="Asia/Tokyo")
        assert (patient.is_minor, patient.age) == (True, 18)
    with time_machine.travel("2026-03-10T12:00:00Z"):
        assert not patient.is_minor


def test_a_birth_date_that_makes_a_minor_needs_a_guardian_first(patient, born):
    said = refused(registration.update, patient, birth_date=born)
    assert "guardian" in said["birth_date"][0]
    caregivers.add(patient, by=audit.SYSTEM, is_guardian=True, **GUARDIAN)
    registration.update(patient, by=audit.SYSTEM, birth_date=born)
    assert patient.is_minor


def test_the_last_guardian_of_a_minor_cannot_end(minor):
    guardian, today = minor.caregivers.get(), clock.today(minor.time_zone)
    assert list(refused(caregivers.change, guardian, ended_on=today)) == ["ended_on"]
    assert list(refused(caregivers.change, guardian, is_guardian=False)) == [
        "is_guardian"
    ]
    other = {"name": "Luis Lopez", "email": "luis@example.org", "is_guardian": True}
    caregivers.add(minor, by=audit.SYSTEM, **other)
    caregivers.change(guardian, by=audit.SYSTEM, ended_on=today)
    assert Caregiver.objects.get(pk=guardian.pk).ended_on == today


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 121),
        ("relationship", "neighbour"),
        ("phone", "call me"),
        ("email", "ana@"),
        ("may_answer_since", date(2999, 1, 1)),
        ("ended_on", date(1900, 1, 1)),
    ],
)
def test_a_slip_names_the_field(patient, field, value):
    said = refused(caregivers.add, patient, **{**GUARDIAN, field: value})
    assert list(said) == [field]


def test_a_change_is_kept_without_names(patient, admin):
    person = caregivers.add(patient, by=admin, **GUARDIAN)
    caregivers.change(person, by=admin, name="Ana Ruiz", phone="312 555 0101")
    event = AuditEvent.objects.get(action="caregiver.changed")
    assert event.facts == {"changed": ["name", "phone"]}
    added = AuditEvent.objects.get(action="caregiver.added")
    assert "Ana" not in str(added.facts)
    assert [s.patient_id for s in event.subjects.all()] == [patient.pk]
