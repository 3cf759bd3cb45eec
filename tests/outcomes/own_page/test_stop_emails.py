"""The way out in the header of every e-mail: a page that asks, and then stops."""

import email
import email.policy
import logging
import re

import pytest
from django.test import Client

from clinic import clock
from clinic.models import AuditEvent
from config import redaction
from outcomes.follow_ups.channels import email as channel
from outcomes.follow_ups.channels import tokens
from outcomes.follow_ups.engine import due
from outcomes.follow_ups.wording import trying
from outcomes.models import Message, StaffTask
from patients.models import Consent
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def message(complaint, clinic) -> Message:
    plan = factories.make_plan(complaint, started_days_ago=40)
    factories.make_performed(plan, days=30)
    due.advance_due(clinic, clock.now())
    return Message.objects.get()


@pytest.fixture
def address(message) -> str:
    return f"/stop/{tokens.stop_token_for(message.pk)}"


def body(response) -> str:
    return response.content.decode()


def agrees(patient) -> bool:
    return Consent.objects.filter(
        patient=patient, scope="email", withdrawn_on=None
    ).exists()


def test_every_mail_names_a_way_out_that_asks(message, address, settings):
    settings.SITE_URL = "https://mendline.lakeview-pain-relief.example"
    letter = channel.compose(message, "marta@example.org")
    wire = letter.content()
    parsed = email.message_from_bytes(wire, policy=email.policy.default)
    assert parsed["List-Unsubscribe"] == f"<{settings.SITE_URL}{address}>"
    assert "List-Unsubscribe-Post" not in parsed, "no program may stop it unasked"
    token = tokens.stop_token_for(message.pk)
    assert wire.count(token.encode()) == 1, "in one piece, and nowhere in the text"
    assert wire == letter.message().as_bytes(linesep="\r\n")


def test_two_letters_cast_from_one_form_have_each_their_own_way_out(message):
    other = Message.objects.get()
    other.pk = factories.make_clinic().pk
    for each in (message, other):
        wire = channel.compose(each, "marta@example.org").content()
        assert tokens.stop_token_for(each.pk).encode() in wire
        assert b"stand-in" not in wire


def test_opening_it_is_the_same_for_every_token(
    message, address, client, django_assert_num_queries
):
    survey = f"/stop/{tokens.token_for(message.pk)}"
    addresses = [address, survey, "/stop/" + "A" * 43, "/stop/x", "/stop/%F0%9F%92%A9"]
    with django_assert_num_queries(0):
        pages = [client.get(each) for each in addresses]
        client.head(address)
    assert {page.status_code for page in pages} == {200}
    assert len({page.content for page in pages}) == 1
    assert len({tuple(sorted(page.headers.items())) for page in pages}) == 1
    assert pages[0]["Cache-Control"] == "no-store" and not client.cookies


def test_it_speaks_both_languages_and_says_nothing_of_the_patient(
    address, client, patient, clinic
):
    page = body(client.get(address))
    assert "No more e-mails?" in page and "¿No más correos?" in page
    assert page.count('href="tel:911"') == 2
    for secret in (patient.given_name, patient.family_name, clinic.name):
        assert secret not in page


def test_a_robot_that_presses_the_button_stops_nothing(address, client, patient):
    page = client.post(address)
    assert "Tick the box first" in body(page)
    assert agrees(patient)
    assert not AuditEvent.objects.filter(action__startswith="consent.st").exists()


def test_a_tick_stops_the_mails_as_a_reply_would(address, client, patient, message):
    page = body(client.post(address, {"yes": "yes"}))
    assert "You get no more e-mails" in page and "Ya no recibe más correos" in page
    assert not agrees(patient)
    assert not patient.contact_points.get(system="email").may_contact
    message.refresh_from_db()
    assert message.state == Message.State.CANCELLED
    event = AuditEvent.objects.get(action="consent.stopped_by_patient")
    assert event.actor_kind == "patient"
    assert event.facts == {"channel": "email", "how": "unsubscribe"}


def test_pressing_twice_says_the_same(address, client, patient):
    first, second = (client.post(address, {"yes": "yes"}) for _ in range(2))
    assert first.content == second.content
    assert not StaffTask.objects.filter(reason="stopped").exists()


def test_it_stops_nobody_who_shares_the_address(address, client, patient, clinic):
    twin = factories.make_patient(
        clinic, email=patient.contact_points.get(system="email").value
    )
    client.post(address, {"yes": "yes"})
    assert agrees(twin) and not agrees(patient)


def test_a_token_of_another_kind_or_key_stops_nothing(
    address, message, client, patient, settings
):
    forged = tokens.stop_token_for(factories.make_clinic().pk)
    for token in (tokens.token_for(message.pk), forged, "x", "é" * 43):
        assert "could not stop" in body(client.post(f"/stop/{token}", {"yes": "1"}))
    settings.LINK_KEY = "another"
    assert "could not stop" in body(client.post(address, {"yes": "1"}))
    assert agrees(patient)


def test_another_site_stops_nothing(address, patient):
    headers = {"sec-fetch-site": "cross-site"}
    Client().post(address, {"yes": "1"}, headers=headers)
    assert agrees(patient)


def test_the_link_of_a_test_mail_stops_nobody(clinic, admin, client, mailoutbox):
    text = {"subject": "From {clinic}", "body": "Please answer: {link}"}
    trying.send(clinic, key=("email", "invitation", "en"), by=admin, **text)
    way_out = mailoutbox[0].extra_headers["List-Unsubscribe"].strip("<>")
    path = re.sub(r"https?://[^/]+", "", way_out)
    assert "could not stop" in body(client.post(path, {"yes": "1"}))


def test_the_token_is_in_no_log(address, client, caplog):
    caplog.set_level(logging.DEBUG)
    client.post(address)
    client.post(address, {"yes": "1"})
    client.put(address)
    token = address.removeprefix("/stop/")
    lines = [
        redaction.RedactingFormatter("%(message)s").format(record)
        for record in caplog.records
    ]
    assert any("/stop/[redacted]" in line for line in lines)
    assert not any(token in line for line in lines)
