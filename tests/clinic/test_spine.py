import pytest
from django.db import DatabaseError, transaction

from clinic import audit
from clinic.models import AuditEvent
from patients.models import Patient
from plans.models import Protocol
from tests import factories


def test_a_new_clinic_has_the_starter_protocols(clinic):
    assert Protocol.objects.filter(clinic=clinic).count() == 14


def test_members_of_another_clinic_see_no_patient(patient, outsider, admin):
    assert not Patient.objects.visible_to(outsider).exists()
    assert Patient.objects.visible_to(admin).get() == patient


def test_the_database_refuses_to_change_an_audit_event(clinic):
    event = audit.record(by=audit.SYSTEM, action="clinic.opened", about=clinic)
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEvent.objects.filter(pk=event.pk).update(action="clinic.closed")
    with pytest.raises(DatabaseError), transaction.atomic():
        event.delete()


def test_registration_is_audited_under_the_patient(patient):
    event = AuditEvent.objects.get(action="patient.registered")
    assert [s.patient_id for s in event.subjects.all()] == [patient.pk]


def test_performing_the_procedure_is_recorded(complaint):
    intervention = factories.make_performed(factories.make_plan(complaint), days=30)
    assert intervention.status == "performed"
