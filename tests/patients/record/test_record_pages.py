"""Registration, editing, caregivers and consents on their pages."""

import re
from datetime import timedelta

import pytest
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from clinic import audit, clock
from clinic.models import AuditEvent
from patients.models import Caregiver, Consent, OutsideClinician, Patient
from patients.record import caregivers, consents
from tests import factories
from tests.patients.test_patient_pages import FORM, NEW, sent_back

GUARDIAN = {
    "caregiver_name": "Ana Lopez",
    "caregiver_relationship": "parent",
    "caregiver_phone": "312 555 0100",
}
FOLDED = re.compile(r"<details.*?</details>", re.DOTALL)


@pytest.fixture
def today(clinic):
    return clock.today(clinic.zone)


def as_user(client, user):
    client.force_login(user)
    return client


def errors(page):
    return dict(page.context["form"].errors)


def test_the_first_screen_asks_for_eight_things(signed_in):
    page = signed_in.get(NEW).content.decode()
    first = FOLDED.sub("", page[page.index("<main") :])
    asked = re.findall(r'<(?:input|select)[^>]* name="(\w+)"', first)
    assert set(asked) - {"csrfmiddlewaretoken"} == {
        *("given_name", "family_name", "birth_date", "sex", "language"),
        *("email", "phone", "may_contact"),
    }
    assert "<details open" not in page


def test_everything_folded_away_is_kept_too(signed_in):
    more = {
        **GUARDIAN,
        "caregiver_may_answer_since": "2025-01-02",
        "referrer_name": "Dr. Ode",
        "referrer_practice": "Footworks",
        "primary_care_name": "Dr. Ray",
        "primary_care_phone": "312 555 0101",
        "payer_class": "workers_comp",
        "injury_on": "2024-05-06",
        "preferred_channel": "phone",
    }
    signed_in.post(NEW, FORM | more)
    patient = Patient.objects.get()
    assert (patient.payer_class, patient.preferred_channel) == ("workers_comp", "phone")
    assert str(patient.injury_on) == "2024-05-06"
    assert str(patient.caregivers.get()) == "Ana Lopez, parent"
    outside = dict(patient.outside_clinicians.values_list("role", "name"))
    assert outside == {"referrer": "Dr. Ode", "primary_care": "Dr. Ray"}


@pytest.mark.parametrize(
    ("given", "field", "part"),
    [
        ({}, "caregiver_name", "caregiver"),
        ({"caregiver_name": "Ana"}, "caregiver_phone", "caregiver"),
        ({**GUARDIAN, "referrer_phone": "1"}, "referrer_name", "care_team"),
        ({**GUARDIAN, "injury_on": "soon"}, "injury_on", "details"),
        ({**GUARDIAN, "caregiver_phone": "call"}, None, ""),
    ],
)
def test_a_slip_in_a_folded_part_opens_it(signed_in, today, given, field, part):
    born = today - timedelta(days=12 * 365)
    page = signed_in.post(NEW, FORM | {"birth_date": born.isoformat(), **given})
    assert not Patient.objects.exists()
    if field is None:
        assertContains(page, "is not a phone number")
    else:
        assert list(errors(page)) == [field]
        assert page.context["form"].open_parts == [part]


def test_the_guardian_of_a_minor_consents(signed_in, today):
    born = today - timedelta(days=12 * 365)
    signed_in.post(NEW, FORM | {"birth_date": born.isoformat(), **GUARDIAN})
    guardian = Caregiver.objects.get()
    assert guardian.is_guardian
    assert {c.given_by for c in Consent.objects.all()} == {guardian}


def test_possible_twins_are_listed_with_why(signed_in, clinic, patient):
    other = factories.make_patient(clinic, phone="(312) 555-0142")
    page = signed_in.post(NEW, FORM | {"phone": "+1 312 555 0142"})
    assertContains(page, f"{other.mrn}, born 14 Mar 1957: same phone")
    assertNotContains(page, patient.mrn)
    signed_in.post(NEW, FORM | {"phone": "+1 312 555 0142", "register_anyway": "yes"})
    assert Patient.objects.count() == 3


def test_clinicians_outside_are_changed_and_taken_away(signed_in, patient):
    page = f"/patients/{patient.pk}/edit/"
    opened = sent_back(signed_in.get(page).context["form"])
    signed_in.post(page, opened | {"referrer_name": "Dr. Ode"})
    opened = sent_back(signed_in.get(page).context["form"])
    assert opened["referrer_name"] == "Dr. Ode"
    signed_in.post(page, opened | {"referrer_name": ""})
    assert not OutsideClinician.objects.exists()
    changed = AuditEvent.objects.filter(action="patient.updated")
    assert [e.facts["changed"] for e in changed] == [["referrer"], ["referrer"]]


def test_an_edit_of_the_phone_leaves_the_clinicians_alone(signed_in, patient):
    page = f"/patients/{patient.pk}/edit/"
    opened = sent_back(signed_in.get(page).context["form"])
    signed_in.post(page, opened | {"referrer_name": "Dr. Ode"})
    stale = sent_back(signed_in.get(page).context["form"])
    fresh = sent_back(signed_in.get(page).context["form"])
    signed_in.post(page, fresh | {"referrer_name": "Dr. Ray"})
    signed_in.post(page, stale | {"phone": "312 555 0142"})
    assert OutsideClinician.objects.get().name == "Dr. Ray"


def test_consent_without_an_address_does_not_block_an_edit(signed_in, patient, admin):
    page = f"/patients/{patient.pk}/edit/"
    opened = sent_back(signed_in.get(page).context["form"])
    signed_in.post(page, opened | {"email": ""})
    opened = sent_back(signed_in.get(page).context["form"])
    assertRedirects(
        signed_in.post(page, opened | {"given_name": "Ana"}),
        f"/patients/{patient.pk}/",
    )
    assert Patient.objects.get().given_name == "Ana"


def test_a_caregiver_is_added_changed_and_ended(signed_in, patient, today):
    page = f"/patients/{patient.pk}/caregivers/"
    signed_in.post(page, {"name": "Ana", "relationship": "child", "phone": "555 0100"})
    person = Caregiver.objects.get()
    assertContains(signed_in.get(page), "May not answer for the patient")
    one = f"/caregivers/{person.pk}/"
    opened = sent_back(signed_in.get(one).context["form"])
    signed_in.post(one, opened | {"ended_on": today.isoformat()})
    assertContains(signed_in.get(page), "Ended")
    assert Caregiver.objects.get().ended_on == today


def test_a_slip_with_a_caregiver_is_said_beside_its_field(signed_in, patient):
    page = f"/patients/{patient.pk}/caregivers/"
    shown = signed_in.post(page, {"name": "", "relationship": "x", "phone": "me"})
    assert set(errors(shown)) == {"name", "relationship"}
    shown = signed_in.post(
        page, {"name": "Ana", "relationship": "child", "is_guardian": "on"}
    )
    assert "phone number or an e-mail" in errors(shown)["phone"][0]


def test_a_yes_is_recorded_with_who_gave_it(signed_in, patient, today, admin):
    person = caregivers.add(
        patient, by=audit.SYSTEM, name="Luis", may_answer_since=today
    )
    page = f"/patients/{patient.pk}/consents/"
    body = {
        "scopes": ["sms", "research"],
        "given_by": str(person.pk),
        "given_on": today.isoformat(),
    }
    assertRedirects(signed_in.post(page, body), page)
    given = Consent.objects.filter(given_by=person, recorded_by=admin)
    assert set(given.values_list("scope", flat=True)) == {"sms", "research"}
    assertContains(signed_in.get(page), "decided by Luis")


def test_one_consent_is_withdrawn_from_the_page(signed_in, patient, today):
    page = f"/patients/{patient.pk}/consents/"
    body = {"act": "withdraw", "scope": "treatment", "withdrawn_on": today.isoformat()}
    assertRedirects(signed_in.post(page, body), page)
    assert set(consents.in_force(patient)) == {"email"}
    shown = signed_in.post(page, body)
    assertContains(shown, "Nothing to withdraw")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"scopes": []}, "scopes"),
        ({"scopes": ["email"]}, "scopes"),
        ({"given_by": "11111111-1111-1111-1111-111111111111"}, "given_by"),
        ({"given_on": "2999-01-01"}, "given_on"),
    ],
)
def test_a_slip_with_a_consent_is_said_beside_its_field(
    signed_in, patient, today, change, field
):
    body = {"scopes": ["sms"], "given_by": "patient", "given_on": today.isoformat()}
    shown = signed_in.post(f"/patients/{patient.pk}/consents/", {**body, **change})
    assert list(errors(shown)) == [field]
    assert set(consents.in_force(patient)) == {"email", "treatment"}


def test_a_minor_without_a_guardian_is_pointed_to_one(signed_in, patient, today):
    Patient.objects.update(birth_date=today - timedelta(days=3650))
    page = signed_in.get(f"/patients/{patient.pk}/consents/")
    assertContains(page, "Add the guardian")
    assertContains(signed_in.get(f"/patients/{patient.pk}/"), "no guardian is on file")


def test_the_wording_is_shown_in_the_patients_language(signed_in, clinic):
    patient = factories.make_patient(clinic, language="es")
    page = signed_in.get(f"/patients/{patient.pk}/consents/")
    assertContains(page, 'lang="es"')
    assertContains(page, "Pueden llamarme para preguntarme")


def test_the_patient_page_shows_who_is_beside_the_patient(signed_in, patient, admin):
    caregivers.add(patient, by=admin, name="Luis Quill", phone="312 555 0100")
    consents.give(patient, by=admin, scope="research")
    page = signed_in.get(f"/patients/{patient.pk}/")
    assertContains(page, "Luis Quill")
    assertContains(
        page,
        "to be asked by e-mail; answers used for treatment; answers used for research",
    )


def test_a_shared_contact_is_flagged_on_both_pages_and_audited(signed_in, clinic):
    phone = {"phone": "(312) 555-0142"}
    one = factories.make_patient(clinic, **phone)
    two = factories.make_patient(clinic, phone="+1 312 555 0142")
    for mine, theirs in ((one, two), (two, one)):
        page = signed_in.get(f"/patients/{mine.pk}/")
        assertContains(page, f'<a href="/patients/{theirs.pk}/">{theirs}</a>')
        shown = AuditEvent.objects.filter(action="patient.read").latest("id")
        assert {s.patient_id for s in shown.subjects.all()} == {one.pk, two.pk}


def test_the_patient_page_asks_the_same_for_any_number_of_people(
    signed_in, clinic, django_assert_max_num_queries
):
    phone = {"phone": "(312) 555-0142"}
    patient = factories.make_patient(clinic, **phone)
    with django_assert_max_num_queries(24) as few:
        signed_in.get(f"/patients/{patient.pk}/")
    for number in range(6):
        factories.make_patient(clinic, **phone)
        caregivers.add(patient, by=audit.SYSTEM, name=f"Person {number}")
    with django_assert_max_num_queries(len(few)):
        signed_in.get(f"/patients/{patient.pk}/")


def test_the_consents_page_asks_the_same_for_any_history(
    signed_in, patient, admin, django_assert_max_num_queries
):
    page = f"/patients/{patient.pk}/consents/"
    with django_assert_max_num_queries(16) as few:
        signed_in.get(page)
    for _ in range(4):
        consents.give(patient, by=admin, scope="sms")
        consents.withdraw(patient, by=admin, scope="sms")
    with django_assert_max_num_queries(len(few)):
        signed_in.get(page)
