from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from clinic import audit, clock
from clinic.models import AuditEvent
from outcomes.follow_ups import outbox
from outcomes.follow_ups.channels import tokens
from outcomes.follow_ups.channels.outcome import Outcome, Verdict
from outcomes.follow_ups.engine import due, links
from outcomes.models import FollowUp, Link, Message, SurveyRequest
from patients.models import Patient
from patients.record import registration
from tests import factories
from tests.outcomes.follow_ups.recorded import record


@pytest.fixture
def asked(clinic) -> SurveyRequest:
    """A patient who was asked a month after a procedure, locked out meanwhile."""
    complaint = factories.make_complaint(factories.make_patient(clinic))
    factories.make_performed(factories.make_plan(complaint), days=30)
    due.advance_due(clinic, clock.now())
    request = SurveyRequest.objects.get()
    SurveyRequest.objects.update(birth_date_tries=SurveyRequest.TRIES)
    return request


def renew(request: SurveyRequest) -> Message:
    return links.send_new_link(request, by=audit.SYSTEM, now=clock.now())


def test_a_new_link_unlocks_and_kills_the_old_one(asked):
    old = Link.objects.get()
    message = renew(asked)
    asked.refresh_from_db()
    old.refresh_from_db()
    assert asked.birth_date_tries == 0
    assert old.revoked_at is not None
    assert tokens.find(tokens.token_for(message.pk)).revoked_at is None


def test_each_new_link_is_one_message_that_goes_out(asked):
    first = renew(asked)
    Message.objects.filter(pk=first.pk).update(
        created_at=first.created_at - links.TWO_PRESSES
    )
    second = renew(asked)
    assert Message.objects.get(pk=first.pk).state == Message.State.CANCELLED
    assert outbox.deliver(second.pk) == Message.State.ACCEPTED


def test_a_second_press_sends_nothing_and_leaves_the_link_alive(asked):
    first = renew(asked)
    with pytest.raises(ValidationError, match="went out just now"):
        renew(asked)
    assert Message.objects.filter(kind=Message.Kind.NEW_LINK).count() == 1
    assert tokens.find(tokens.token_for(first.pk)).revoked_at is None


def test_who_is_locked_out_again_gets_a_link_at_once(asked):
    renew(asked)
    SurveyRequest.objects.update(birth_date_tries=SurveyRequest.TRIES)
    second = renew(asked)
    assert tokens.find(tokens.token_for(second.pk)).revoked_at is None


def test_a_message_whose_worker_died_never_carries_a_dead_link(asked, clinic, settings):
    first = Message.objects.get()
    outbox.claim(first.pk, clock.now())
    renew(asked)
    outbox.release_expired(clinic, clock.now() + settings.MESSAGE_LEASE)
    Message.objects.filter(pk=first.pk).update(next_attempt_at=clock.now())
    assert outbox.deliver(first.pk) == Message.State.CANCELLED
    first.refresh_from_db()
    assert first.error == "replaced by a new link"


@pytest.mark.parametrize("is_replaced", [True, False])
def test_a_message_from_before_another_key_has_a_link_of_now(
    asked, settings, is_replaced
):
    first = Message.objects.get()
    before = tokens.token_for(first.pk)
    settings.LINK_KEY = "another"
    if is_replaced:
        asked.links.update(revoked_at=clock.now())
        assert outbox.deliver(first.pk) == Message.State.CANCELLED
        return
    assert outbox.deliver(first.pk) == Message.State.ACCEPTED
    link = tokens.find(tokens.token_for(first.pk))
    assert (link.request, link.expires_at) == (asked, asked.closes_at)
    assert tokens.find(before).revoked_at is None


def test_a_new_link_that_arrives_ends_unreachable(asked):
    lease = outbox.claim(Message.objects.get().pk, clock.now())
    record(lease, Outcome(Verdict.REFUSED, "SMTP 550"))
    follow_up = FollowUp.objects.get(request=asked)
    assert follow_up.state == FollowUp.State.UNREACHABLE
    outbox.deliver(renew(asked).pk)
    follow_up.refresh_from_db()
    assert (follow_up.state, follow_up.state_reason) == (FollowUp.State.OPEN, "")
    assert follow_up.next_action_at > clock.now() + timedelta(hours=1)


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
    with pytest.raises(ValidationError, match="no address or number"):
        renew(asked)
    assert Link.objects.get().revoked_at is None


def test_staff_renew_it_from_the_patient_page(client, clerk, asked):
    client.force_login(clerk)
    page = client.get(f"/patients/{asked.patient_id}/").content.decode()
    assert "locked after 5 wrong dates of birth" in page
    response = client.post(f"/survey-requests/{asked.pk}/new-link/", follow=True)
    assert "A new link goes out now" in response.content.decode()
    assert Message.objects.filter(rung="manual").exists()
