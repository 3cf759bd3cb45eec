"""What patients change themselves, each by the verb that staff have for it."""

from datetime import date

import pytest

from clinic import audit
from clinic.models import AuditEvent, Clinic
from outcomes.models import FollowUp, Message
from outcomes.own_page import changes
from patients.models import Consent, Patient
from patients.record import consents, registration
from tests.outcomes.own_page.conftest import OWN, body, send

pytestmark = pytest.mark.django_db
PHONE = "+1 312 555 0199"


@pytest.fixture
def reachable(patient) -> Patient:
    Clinic.objects.update(sms_sender="+13125550111")
    registration.update(patient, by=audit.SYSTEM, phone=PHONE)
    return Patient.objects.select_related("clinic").get(pk=patient.pk)


def in_force(patient) -> set[str]:
    return set(consents.in_force(patient))


def test_the_ways_on_record_are_offered_and_half_hidden(reachable, phone):
    page = body(phone.get("/me/settings/"))
    assert "E-mail, p…@example.org" in page and "Text message, …0199" in page
    assert "Phone call, …0199" in page and "Letter" not in page
    assert PHONE not in page and "555" not in page
    assert page.count("If you choose this, you say yes to") == 2


def test_choosing_another_way_and_language_agrees_to_it(reachable, phone):
    assert "sms" not in in_force(reachable)
    reply = send(phone, "/me/settings/", channel="sms", language="es")
    assert reply.url == "/me/settings/?saved"
    assert "It counts from the next message on" in body(phone.get(reply.url))
    reachable.refresh_from_db()
    assert (reachable.preferred_channel, reachable.language) == ("sms", "es")
    assert "sms" in in_force(reachable)
    assert reachable.contact_points.get(system="phone").may_contact
    for action in ("consent.given", "patient.updated"):
        assert AuditEvent.objects.filter(action=action, actor_kind="patient").exists()


def test_what_is_not_on_record_cannot_be_chosen(phone, patient):
    reply = send(phone, "/me/settings/", channel="letter", language="en")
    assert "Please choose one of these" in body(reply)
    reply = send(phone, "/me/settings/", channel="email", language="fr")
    assert "Please choose one of these" in body(reply)
    patient.refresh_from_db()
    assert (patient.preferred_channel, patient.language) == ("email", "en")


def test_a_number_that_no_text_reaches_is_not_offered(reachable, phone):
    reachable.contact_points.filter(system="phone").update(
        failed_at="2026-01-01T00:00Z"
    )
    assert "0199" not in body(phone.get("/me/settings/"))


def test_a_child_agrees_to_nothing_new(reachable, phone, clinic):
    Patient.objects.update(birth_date=date(2015, 1, 1))
    reply = send(phone, "/me/settings/", channel="sms", language="en")
    assert "Somebody who decides for you" in body(reply)
    assert "sms" not in in_force(reachable)


def test_a_form_of_another_page_changes_nothing(reachable, phone, survey):
    form = {"channel": "sms", "language": "en", "survey": "x"}
    assert phone.post("/me/settings/", form).status_code == 403
    own = {"sec-fetch-site": "cross-site"}
    assert phone.post("/me/settings/", form, headers=own).status_code == 403
    reachable.refresh_from_db()
    assert reachable.preferred_channel == "email"


def test_stopping_asks_before_it_acts(phone, patient):
    asked = body(send(phone, "/me/stop/", what="email"))
    assert "Are you sure?" in asked and "What waits is not sent" in asked
    assert "email" in in_force(patient)
    reply = send(phone, "/me/stop/", what="email", yes="yes")
    assert reply.url == "/me/settings/?stopped"
    assert "email" not in in_force(patient)
    event = AuditEvent.objects.get(action="consent.stopped_by_patient")
    assert event.facts == {"channel": "email", "how": "own page"}


def test_every_way_that_was_agreed_to_can_be_stopped(reachable, phone):
    Patient.objects.update(postal_address="1 Oak St\nChicago")
    for scope in ("sms", "phone", "letter"):
        consents.give(reachable, by=audit.SYSTEM, scope=scope)
    for what in ("email", "sms", "phone", "letter"):
        assert f'value="{what}"' in body(phone.get("/me/stop/"))
        send(phone, "/me/stop/", what=what, yes="yes")
        assert what not in in_force(reachable)
    left = Consent.objects.filter(withdrawn_on=None, patient=reachable)
    assert set(left.values_list("scope", flat=True)) == {"treatment"}


def test_stopping_all_withdraws_as_staff_would(phone, patient):
    asked = body(send(phone, "/me/stop/", what="all"))
    assert "Your care stays the same" in asked and "This page will close" in asked
    page = send(phone, "/me/stop/", what="all", yes="yes")
    assert "We will not ask you any more" in body(page)
    assert page["Clear-Site-Data"] and not phone.cookies[OWN].value
    patient.refresh_from_db()
    assert patient.withdrawn_on is not None
    assert AuditEvent.objects.get(action="patient.withdrew").actor_kind == "patient"
    assert not FollowUp.objects.filter(state="planned").exists()
    assert not Message.objects.filter(state="queued").exists()
    assert phone.get("/me/").status_code == 403


@pytest.mark.parametrize("what", ["", "treatment", "x"])
def test_what_cannot_be_stopped_is_asked_again(phone, patient, what):
    page = send(phone, "/me/stop/", what=what, yes="yes")
    assert "Please choose one of these" in body(page)
    assert in_force(patient) == {"email", "treatment"}


def test_stopping_twice_is_no_error(patient):
    changes.stop(patient, "email")
    changes.stop(patient, "email")
    changes.stop(patient, "phone")
    assert in_force(patient) == {"treatment"}


def test_a_phrase_is_picked_from_the_list(phone, patient):
    reply = send(phone, "/me/phrase/", phrase="blue kite", own="")
    assert reply.url == "/me/settings/?saved"
    patient.refresh_from_db()
    assert patient.phrase == "blue kite"
    chosen = AuditEvent.objects.get(action="patient.phrase_chosen")
    assert chosen.actor_kind == "patient"


def test_a_phrase_of_ones_own_is_held_against_the_rules(phone, patient):
    page = body(send(phone, "/me/phrase/", phrase="-", own="my left knee"))
    assert "leave out words about your body" in page
    assert 'value="my left knee"' in page
    page = body(send(phone, "/me/phrase/?language=es", phrase="-", own="marta"))
    assert "No use su propio nombre" in page
    send(phone, "/me/phrase/", phrase="-", own="Río verde 7")
    patient.refresh_from_db()
    assert patient.phrase == "Río verde 7"
    assert "Río verde 7" in body(phone.get("/me/phrase/"))


def test_the_phrase_can_be_taken_away(phone, patient):
    send(phone, "/me/phrase/", phrase="blue kite")
    send(phone, "/me/phrase/", phrase="")
    patient.refresh_from_db()
    assert patient.phrase == ""
