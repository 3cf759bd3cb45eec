from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from clinic import audit, clock
from clinic.models import AuditEvent
from patients.models import Patient
from patients.record import holds, leaving

WHY = "travels until spring"


@pytest.fixture
def today(patient):
    return clock.today(patient.time_zone)


def refused(act, patient, **fields):
    with pytest.raises(ValidationError) as caught:
        act(patient, by=audit.SYSTEM, **fields)
    return caught.value.message_dict


def held(patient, day):
    return holds.hold(patient, by=audit.SYSTEM, hold_until=day, hold_reason=WHY)


def test_a_hold_lasts_through_its_last_day(patient, today):
    held(patient, today)
    assert patient.is_on_hold
    assert patient.is_on_hold_on(today)
    assert not patient.is_on_hold_on(today + timedelta(days=1))


def test_a_hold_is_audited_without_its_words(patient, admin, today):
    holds.hold(patient, by=admin, hold_until=today, hold_reason=WHY)
    event = AuditEvent.objects.get(action="patient.held")
    assert event.facts == {"before": None, "after": today.isoformat()}
    assert Patient.objects.get().hold_reason == WHY


def test_a_second_hold_replaces_the_first(patient, today):
    held(patient, today)
    held(patient, today + timedelta(days=30))
    assert Patient.objects.get().hold_until == today + timedelta(days=30)


def test_ending_a_hold_ends_it_now(patient, today):
    held(patient, today + timedelta(days=30))
    holds.release_hold(patient, by=audit.SYSTEM)
    stored = Patient.objects.get()
    assert (stored.hold_until, stored.hold_reason) == (None, "")
    assert "hold_until" in refused(holds.release_hold, patient)


def test_a_hold_that_is_over_cannot_be_ended(patient, today):
    Patient.objects.update(hold_until=today - timedelta(days=1))
    assert "hold_until" in refused(holds.release_hold, patient)


@pytest.mark.parametrize(
    ("days", "reason", "field"),
    [
        (-1, WHY, "hold_until"),
        (731, WHY, "hold_until"),
        (1, "   ", "hold_reason"),
        (1, "x" * 201, "hold_reason"),
    ],
)
def test_a_slip_names_the_field(patient, today, days, reason, field):
    day = today + timedelta(days=days)
    said = refused(holds.hold, patient, hold_until=day, hold_reason=reason)
    assert list(said) == [field]
    assert Patient.objects.get().hold_until is None


@pytest.mark.parametrize(
    ("leave", "word"),
    [
        (lambda p: leaving.record_death(p, by=audit.SYSTEM), "died"),
        (
            lambda p: leaving.withdraw(p, by=audit.SYSTEM, reason="asked"),
            "withdrawn",
        ),
    ],
)
def test_who_has_left_needs_no_hold(patient, today, leave, word):
    leave(patient)
    said = refused(holds.hold, patient, hold_until=today, hold_reason=WHY)
    assert word in said["hold_until"][0]
