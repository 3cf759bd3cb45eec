import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from clinic.models import AuditEvent
from patients.models import Patient
from patients.record import registration
from patients.triage import ledger
from tests import factories

LIST = "/patients/"
NEW = "/patients/new/"
FORM = {
    "given_name": "Marta",
    "family_name": "García López",
    "birth_date": "1957-03-14",
    "sex": "female",
    "mrn": "",
    "email": "marta@example.org",
    "may_contact": "on",
    "phone": "",
    "language": "es",
    "zone": "America/New_York",
    "payer_class": "unknown",
    "preferred_channel": "email",
    "caregiver_relationship": "other",
}


def as_user(client, user):
    client.force_login(user)
    return client


def test_the_list_is_put_on_record_with_the_ids_shown(signed_in, patient):
    signed_in.get(LIST)
    event = AuditEvent.objects.get(action="patients.listed")
    assert [s.patient_id for s in event.subjects.all()] == [patient.pk]


def test_the_list_asks_the_database_the_same_for_any_length(
    signed_in, clinic, django_assert_max_num_queries
):
    for _ in range(3):
        complaint = factories.make_complaint(factories.make_patient(clinic))
        factories.make_plan(complaint)
    with django_assert_max_num_queries(13) as few:
        signed_in.get(LIST)
    for _ in range(12):
        complaint = factories.make_complaint(factories.make_patient(clinic))
        factories.make_plan(complaint)
    with django_assert_max_num_queries(len(few)):
        signed_in.get(LIST)


def test_the_list_pages_by_fifty(signed_in, clinic):
    for number in range(51):
        factories.make_patient(clinic, family_name=f"Name{number:02}")
    first, second = signed_in.get(LIST), signed_in.get(LIST, {"page": "2", "q": "name"})
    assert len(first.context["patients"]) == 50
    assertContains(first, "?page=2")
    assertContains(second, "Name50")
    assertContains(second, 'value="name"')
    assertContains(signed_in.get(LIST, {"page": "9"}), "Go to the first page")


@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 30])
def test_a_page_that_is_no_number_is_the_first(signed_in, patient, page):
    assertContains(signed_in.get(LIST, {"page": page}), patient.mrn)


def test_an_empty_search_says_what_to_do_next(signed_in, patient):
    page = signed_in.get(LIST, {"q": "<b>Zebra"})
    assertContains(page, "No patient named “&lt;b&gt;Zebra”")
    assertContains(page, "register a new patient")


def test_an_empty_clinic_invites_to_register(signed_in):
    assertContains(signed_in.get(LIST), "Register the first patient")


def test_the_front_desk_sees_no_complaint_and_no_treatment(client, clerk, complaint):
    factories.make_plan(complaint)
    page = as_user(client, clerk).get(LIST)
    assertContains(page, complaint.patient.mrn)
    assertNotContains(page, "foot pain")
    assertNotContains(page, "Platelet")


def test_a_provider_sees_complaint_source_and_plan(client, physician, complaint):
    factories.make_plan(complaint)
    ledger.name_source(complaint, by=physician, source="root_l5")
    page = as_user(client, physician).get(LIST)
    for words in ("Left foot pain", "L5 nerve root", "Platelet-rich plasma"):
        assertContains(page, words)


def test_researchers_and_outsiders_see_no_patient(
    client, researcher, outsider, patient
):
    assert as_user(client, researcher).get(LIST).status_code == 403
    assertNotContains(as_user(client, outsider).get(LIST), patient.mrn)


def test_registering_leads_to_the_patient_and_is_audited(signed_in, admin):
    page = signed_in.post(NEW, FORM)
    patient = Patient.objects.get()
    assertRedirects(page, reverse("outcomes:patient", args=[patient.pk]))
    assert (patient.mrn, patient.zone) == ("M100001", "America/New_York")
    assert AuditEvent.objects.get(action="patient.registered").actor == admin


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("family_name", "", "This field is required"),
        ("family_name", "x" * 81, "at most 80 characters"),
        ("birth_date", "2999-01-01", "is in the future"),
        ("birth_date", "1899-12-31", "1900 or later"),
        ("birth_date", "31 May", "Give a day such as"),
        ("email", "marta@", "Give an address such as"),
        ("email", "", "leave the consent empty"),
        ("phone", "call me", "is not a phone number"),
        ("zone", "Mars/X", "Select a valid choice"),
        ("sex", "no", "Select a valid choice"),
    ],
)
def test_a_slip_is_said_beside_its_field_and_the_rest_is_kept(
    signed_in, field, value, message
):
    page = signed_in.post(NEW, FORM | {field: value})
    assert message in " ".join(page.context["form"].errors[field])
    kept = "given_name" if field != "given_name" else "family_name"
    assertContains(page, FORM[kept])
    assert not Patient.objects.exists()


def test_all_slips_are_said_at_once(signed_in):
    slips = {"birth_date": "1890-01-01", "email": "nope", "family_name": ""}
    page = signed_in.post(NEW, FORM | slips)
    assert set(page.context["form"].errors) == set(slips)


def test_an_empty_form_shows_its_errors(signed_in):
    assert "family_name" in signed_in.post(NEW).context["form"].errors


def test_a_taken_mrn_is_said_beside_the_field(signed_in, patient):
    page = signed_in.post(NEW, FORM | {"mrn": patient.mrn})
    assert "belongs to another patient" in page.context["form"].errors["mrn"][0]


def test_a_script_in_a_name_is_kept_and_escaped(signed_in):
    signed_in.post(NEW, FORM | {"given_name": "<script>alert(1)</script>"})
    assert Patient.objects.get().given_name == "<script>alert(1)</script>"
    assertNotContains(signed_in.get(LIST), "<script>alert")


def test_a_likely_duplicate_asks_once(signed_in):
    signed_in.post(NEW, FORM)
    again = FORM | {"given_name": "MARTA", "family_name": "Garcia Lopez"}
    page = signed_in.post(NEW, again)
    held = Patient.objects.get()
    assertContains(page, "somebody who is here already")
    assertContains(page, reverse("outcomes:patient", args=[held.pk]))
    signed_in.post(NEW, again | {"register_anyway": "yes"})
    assert Patient.objects.count() == 2


def test_editing_starts_from_what_is_known_and_saves(signed_in, patient):
    page = f"/patients/{patient.pk}/edit/"
    assertContains(signed_in.get(page), patient.mrn)
    assert AuditEvent.objects.filter(action="patient.read").exists()
    signed_in.post(page, FORM | {"mrn": patient.mrn, "injury_on": "2020-01-02"})
    patient.refresh_from_db()
    assert (patient.family_name, patient.language) == ("García López", "es")
    assert str(patient.injury_on) == "2020-01-02"
    assert patient.contact_points.get().value == "marta@example.org"


def sent_back(form):
    """What a browser sends of a form that nobody has typed in."""
    fields = [f for f in form if f.value() not in (None, False)]
    shown = {f.html_name: f.value() for f in fields}
    return shown | {f.html_initial_name: f.value() for f in fields}


def test_an_import_without_a_birth_date_can_be_edited(signed_in, patient):
    Patient.objects.update(origin="import", birth_date=None, age_at_import=21)
    page = f"/patients/{patient.pk}/edit/"
    form = signed_in.get(page).context["form"]
    signed_in.post(page, sent_back(form) | {"phone": "+1 312 555 0142"})
    patient.refresh_from_db()
    assert patient.contact_points.filter(system="phone").exists()
    assertContains(signed_in.get(LIST), "21 y at the start")
    signed_in.post(page, sent_back(form) | {"birth_date": "1957-03-14"})
    signed_in.post(
        page, sent_back(signed_in.get(page).context["form"]) | {"birth_date": ""}
    )
    patient.refresh_from_db()
    assert str(patient.birth_date) == "1957-03-14"


def test_a_page_from_before_a_change_does_not_take_it_back(signed_in, patient, admin):
    page = f"/patients/{patient.pk}/edit/"
    opened = signed_in.get(page).context["form"]
    assert "initial-language" in str(opened["language"])
    registration.update(patient, by=admin, language="es", email="n@example.org")
    signed_in.post(page, sent_back(opened) | {"phone": "+1 312 555 0142"})
    patient.refresh_from_db()
    assert patient.language == "es"
    held = set(patient.contact_points.values_list("value", flat=True))
    assert held == {"n@example.org", "+1 312 555 0142"}


def test_a_refused_edit_keeps_the_row_and_the_input(signed_in, patient):
    page = signed_in.post(
        f"/patients/{patient.pk}/edit/", FORM | {"mrn": "", "family_name": "Quispe"}
    )
    assert "mrn" in page.context["form"].errors
    assertContains(page, "Quispe")
    assert page.context["patient"].family_name == patient.family_name


def test_the_front_desk_registers_and_edits(client, clerk, patient):
    desk = as_user(client, clerk)
    assert desk.get(NEW).status_code == 200
    assert desk.get(f"/patients/{patient.pk}/edit/").status_code == 200


def test_a_patient_of_another_clinic_does_not_exist(client, outsider, patient):
    page = as_user(client, outsider).post(f"/patients/{patient.pk}/edit/", FORM)
    assert page.status_code == 404
