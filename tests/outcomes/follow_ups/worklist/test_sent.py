"""Is this message real? Asked on the phone, by number or address."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from clinic import clock
from clinic.models import AuditEvent, Clinic
from outcomes.follow_ups import outbox
from outcomes.models import Message
from patients.models import ContactPoint, Patient
from patients.record import registration
from tests import factories

SENT = reverse("outcomes:sent")


@pytest.fixture
def accepted(follow_up) -> Message:
    message = Message.objects.get()
    Message.objects.update(state="accepted", accepted_at=clock.now())
    return message


def look(client, text: str, **more: object) -> str:
    reply = client.post(SENT, {"q": text, **more})
    assert reply.status_code == 200
    assert "312" not in reply.headers.get("Location", "")
    return reply.content.decode()


@pytest.fixture
def desk(client, colleague):
    client.force_login(colleague)
    return client


@pytest.mark.parametrize(
    "typed", ["312 555 0142", "(312) 555-0142", "+13125550142", " 312-555-0142 "]
)
def test_a_number_is_found_however_it_is_written(desk, accepted, follow_up, typed):
    assert follow_up.patient.family_name in look(desk, typed)


def test_what_was_sent_when_and_whether_its_link_works(desk, accepted, follow_up):
    address = ContactPoint.objects.get(system="email").value
    page = look(desk, address.upper())
    assert "Invitation" in page and "Accepted" in page
    assert ">works<" in page
    event = AuditEvent.objects.get(action="messages.looked_up")
    assert event.subjects.get().patient_id == follow_up.patient_id
    assert address not in str(event.facts)


def test_when_it_was_sent_is_said_on_the_patients_own_clock(desk, accepted, follow_up):
    Patient.objects.filter(pk=follow_up.patient_id).update(zone="Pacific/Auckland")
    at = datetime(2026, 3, 1, 22, 31, tzinfo=UTC)
    Message.objects.update(accepted_at=at)
    page = look(desk, ContactPoint.objects.get(system="email").value)
    assert "2 Mar 2026, 11:31" in page


def test_a_new_link_goes_out_while_they_talk_and_once(desk, accepted):
    address = ContactPoint.objects.get(system="email").value
    asked = accepted.request_id
    form = {"resend": asked, "seen": accepted.pk, "channel": "email"}
    page = look(desk, address, **form)
    assert "A new link goes out now by e-mail" in page
    assert "is dead" in page
    page = look(desk, address, **form)
    assert "nothing more was sent" in page
    assert Message.objects.count() == 2


def test_a_link_goes_by_text_where_that_is_open(desk, accepted, clinic):
    form = {"resend": accepted.request_id, "seen": accepted.pk, "channel": "sms"}
    assert "this way is not open" in look(desk, "312 555 0142", **form)
    Clinic.objects.filter(pk=clinic.pk).update(sms_sender="+13125550100")
    ContactPoint.objects.filter(system="phone").update(may_contact=True)
    assert "by text message" in look(desk, "312 555 0142", **form)
    assert Message.objects.latest("created_at").channel == "sms"


def test_a_message_to_a_former_address_is_still_ours(desk, follow_up, admin):
    old = ContactPoint.objects.get(system="email").value
    assert outbox.deliver(Message.objects.get().pk) == "accepted"
    registration.update(follow_up.patient, by=admin, email="new@example.org")
    page = look(desk, old)
    assert follow_up.patient.family_name in page
    assert "has another number or address now" in page and "Accepted" in page
    assert "to another" in look(desk, "new@example.org")


def test_where_a_message_went_is_kept_without_the_address(follow_up):
    old = ContactPoint.objects.get(system="email").value
    outbox.deliver(Message.objects.get().pk)
    kept = Message.objects.get().sent_to
    assert len(kept) == 64 and old not in kept


def test_a_number_that_nobody_has_was_sent_nothing(desk, accepted):
    assert "The message is not ours" in look(desk, "312 555 0177")


@pytest.mark.parametrize("text", ["", "   ", "x" * 255])
def test_bad_input_is_said_at_the_field(desk, text):
    page = look(desk, text)
    assert "field__errors" in page and "The message is not ours" not in page


def test_what_was_sent_before_the_number_was_on_file_went_elsewhere(desk, accepted):
    Message.objects.update(accepted_at="2020-01-01T00:00Z")
    address = ContactPoint.objects.get(system="email").value
    assert "to another e-mail" in look(desk, address)


def test_another_clinics_numbers_are_unknown(client, outsider, accepted):
    client.force_login(outsider)
    assert "The message is not ours" in look(client, "312 555 0142")
    form = {"q": "x", "resend": accepted.request_id}
    assert client.post(SENT, form).status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_two_who_share_a_number_are_both_found(desk, accepted, clinic, number):
    for _ in range(number):
        factories.make_patient(clinic, phone="312 555 0142", family_name="Ibarra")
    assert look(desk, "312 555 0142").count("Ibarra") == number
