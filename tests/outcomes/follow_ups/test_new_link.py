import pytest
from django.core.exceptions import ValidationError

from clinic import audit, clock
from clinic.models import AuditEvent
from outcomes.follow_ups import outbox, requests, tokens
from outcomes.models import Link, Message, SurveyRequest
from patients import registration
from patients.models import Patient
from tests import factories


@pytest.fixture
def asked(clinic) -> SurveyRequest:
    """A patient who was asked a month after a procedure, locked out meanwhile."""
    complaint = factories.make_complaint(factories.make_patient(clinic))
    factories.make_performed(factories.make_plan(complaint), days=30)
    requests.advance_due(clinic, clock.now())
    request = SurveyRequest.objects.get()
    SurveyRequest.objects.update(birth_date_tries=SurveyRequest.TRIES)
    return request


def renew(request: SurveyRequest) -> Message:
    return requests.send_new_link(request, by=audit.SYSTEM, now=clock.now())


def test_a_new_link_unlocks_and_kills_the_old_one(asked):
    old = Link.objects.get()
    message = renew(asked)
    asked.refresh_from_db()
    old.refresh_from_db()
    assert asked.birth_date_tries == 0
    assert old.revoked_at is not None
    assert tokens.find(tokens.token_for(message.pk)).revoked_at is None


def test_each_new_link_is_one_message_that_goes_out(asked):
    first, second = renew(asked), renew(asked)
    assert Message.objects.get(pk=first.pk).state == Message.State.CANCELLED
    assert outbox.deliver(second.pk) == Message.State.ACCEPTED


def test_renewing_is_audited_under_the_patient(asked):
    renew(asked)
    event = AuditEvent.objects.get(action="survey.link_renewed")
    assert event.facts == {"tries_before": SurveyRequest.TRIES}
    assert event.subjects.get().patient_id == asked.patient_id


def test_a_survey_that_is_over_gets_no_link(asked):
    SurveyRequest.objects.update(state=SurveyRequest.State.CLOSED)
    with pytest.raises(ValidationError, match="not open any more"):
        renew(asked)
    assert Message.objects.count() == 1


def test_without_an_address_nothing_is_sent_and_the_old_link_lives(asked):
    patient = Patient.objects.get(pk=asked.patient_id)
    registration.update(patient, by=audit.SYSTEM, email="")
    with pytest.raises(ValidationError, match="no e-mail address"):
        renew(asked)
    assert Link.objects.get().revoked_at is None


def test_staff_renew_it_from_the_patient_page(client, clerk, asked):
    client.force_login(clerk)
    page = client.get(f"/patients/{asked.patient_id}/").content.decode()
    assert "locked after 5 wrong dates of birth" in page
    response = client.post(f"/survey-requests/{asked.pk}/new-link/", follow=True)
    assert "A new link goes out now" in response.content.decode()
    assert Message.objects.filter(rung="manual-2").exists()
