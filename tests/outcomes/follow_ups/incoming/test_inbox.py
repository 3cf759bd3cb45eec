"""The inbox that staff read."""

from datetime import timedelta

import pytest
from django.urls import reverse

from clinic import clock
from clinic.models import AuditEvent, AuditSubject
from outcomes.follow_ups.incoming import inbox
from outcomes.models import InboundMessage
from patients.models import Patient
from patients.record import merging
from tests import factories
from tests.api_client import with_token
from tests.outcomes.follow_ups import numbers

INBOX = "/messages/inbox/"


@pytest.fixture
def desk(client, clerk):
    client.force_login(clerk)
    return client


def written(patient: Patient, text: str, minutes_ago: int = 0) -> InboundMessage:
    return InboundMessage.objects.create(
        clinic=patient.clinic,
        channel="sms",
        patient=patient,
        sender=numbers.THEIRS,
        text=text,
        meaning=InboundMessage.Meaning.OTHER,
        provider="twilio",
        provider_ref=text,
        received_at=clock.now() - timedelta(minutes=minutes_ago),
    )


def page(client) -> str:
    return client.get(INBOX).content.decode()


def test_the_unread_come_first_and_of_each_the_newest(desk, patient, clerk):
    old, new = written(patient, "First one", 5), written(patient, "Second one", 1)
    read = written(patient, "was read", 0)
    inbox.mark_read(read, by=clerk, now=clock.now())
    shown = page(desk)
    places = [shown.index(one.text) for one in (new, old, read)]
    assert places == sorted(places)
    assert "2 unread." in shown
    assert inbox.unread_count(clerk) == 2


def test_a_message_says_who_when_how_and_what(desk, patient):
    Patient.objects.update(language="es")
    written(patient, "¿Me <b>llaman</b>?")
    shown = page(desk)
    assert f'/patients/{patient.pk}/">{patient}</a>' in shown
    assert "Text message from +1 312-555-0142" in shown
    assert 'lang="es">¿Me &lt;b&gt;llaman&lt;/b&gt;?</span>' in shown
    assert ">in Spanish<" in shown


def test_who_presses_first_has_read_it(desk, patient, clerk, physician):
    message = written(patient, "Hello")
    assert inbox.mark_read(message, by=physician, now=clock.now())
    reply = desk.post(reverse("outcomes:inbox_read", args=[message.pk]), follow=True)
    assert "Somebody had read this message already." in reply.content.decode()
    message.refresh_from_db()
    assert message.read_by == physician
    assert "Read by Dr Okafor" in page(desk)
    assert (
        AuditEvent.objects.filter(action="inbound_message.read_by_staff").count() == 1
    )


def test_reading_leads_back_to_the_same_page_of_the_list_and_nowhere_else(
    desk, patient
):
    address = reverse("outcomes:inbox_read", args=[written(patient, "Hello").pk])
    assert desk.post(address, {"page": "2"}).url == f"{INBOX}?page=2"
    assert desk.post(address, {"page": "//evil.example"}).url == INBOX


def test_everybody_with_the_number_is_named(desk, patient, clinic):
    numbers.give(patient)
    other = numbers.give(factories.make_patient(clinic))
    InboundMessage.objects.filter(pk=written(patient, "Hi").pk).update(patient=None)
    shown = page(desk)
    assert str(patient) in shown and str(other) in shown
    assert ", which both have" in shown
    seen = AuditSubject.objects.filter(event__action="inbound_messages.listed")
    assert {one.patient_id for one in seen} == {patient.pk, other.pk}


def test_a_merged_record_is_named_as_the_one_that_is_kept(
    desk, patient, clinic, physician
):
    merged = factories.make_patient(clinic)
    written(merged, "Hi")
    merging.merge(patient, merged=merged, reason="same card", by=physician)
    assert str(patient) in page(desk)


def test_a_stranger_is_called_one(desk, patient):
    InboundMessage.objects.filter(pk=written(patient, "Hi").pk).update(patient=None)
    assert "Unknown sender" in page(desk)


def test_an_empty_inbox_says_what_comes_here(desk):
    assert "Nobody has written back." in page(desk)


def test_more_messages_cost_no_more_queries(
    desk, patient, clinic, django_assert_max_num_queries
):
    numbers.give(patient)
    for number in range(12):
        row = written(numbers.give(factories.make_patient(clinic)), f"text {number}")
        if number % 2:
            InboundMessage.objects.filter(pk=row.pk).update(patient=None)
    with django_assert_max_num_queries(14):
        assert page(desk).count("<article") == 12


def test_the_api_lists_and_reads(clerk, patient, clinic):
    api, message = with_token(clerk), written(patient, "Hello")
    listed = api.get("/api/v1/inbound-messages/", {"is_read": "false"}).json()
    assert [one["text"] for one in listed["results"]] == ["Hello"]
    read = api.post(f"/api/v1/inbound-messages/{message.pk}/read/").json()
    assert read["read_by"] == str(clerk)
    assert (
        api.get("/api/v1/inbound-messages/", {"is_read": "false"}).json()["count"] == 0
    )


def test_the_api_notes_all_who_share_a_number(clerk, patient, clinic):
    numbers.give(patient)
    other = numbers.give(factories.make_patient(clinic))
    InboundMessage.objects.filter(pk=written(patient, "Hi").pk).update(patient=None)
    with_token(clerk).get("/api/v1/inbound-messages/")
    seen = AuditSubject.objects.filter(event__action="inbound_messages.listed")
    assert {one.patient_id for one in seen} == {patient.pk, other.pk}
