"""The pages of an import, with and without JavaScript."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from clinic import access, audit
from clinic.models import AuditEvent
from patients.models import Patient, PatientImport
from patients.record import consents
from patients.record.imports import content, files, runs, work
from tests import factories
from tests.patients.imports.running import (
    HEADER,
    LIST,
    bring_in,
    bundle,
    fhir_condition,
    fhir_patient,
    mapping_of,
    receive,
)

pytestmark = pytest.mark.django_db
IMPORTS = "/patients/imports/"
HTMX = {"HTTP_HX_REQUEST": "true"}


def upload(client, text, name="list.csv"):
    held = text if isinstance(text, bytes) else text.encode()
    return client.post(IMPORTS, {"file": SimpleUploadedFile(name, held)})


def choices(run, **changes):
    """What the form sends where nothing was changed but this."""
    mapping = mapping_of(run)
    return {
        **mapping.columns,
        "day_format": mapping.day_format,
        "without_mrn": "refuse",
        **changes,
    }


def page(run):
    return reverse("patients:import", args=[run.pk])


def preview(run):
    return reverse("patients:preview_import", args=[run.pk])


@pytest.fixture
def run(clinic, admin):
    return receive(clinic, LIST, by=admin)


def test_the_first_visit_says_what_to_do(signed_in):
    reply = signed_in.get(IMPORTS)
    assertContains(reply, "Nothing has been imported yet")
    assertContains(reply, 'enctype="multipart/form-data"')


def test_the_way_in_is_shown_to_those_who_may(client, admin, assistant):
    client.force_login(admin)
    assertContains(client.get("/patients/"), 'href="/patients/imports/"', count=2)
    client.force_login(assistant)
    assertNotContains(client.get("/patients/"), "/patients/imports/")


def test_an_upload_leads_to_a_look_at_it(signed_in, admin):
    reply = upload(signed_in, LIST)
    run = PatientImport.objects.get()
    assertRedirects(reply, page(run))
    assert (run.kind, run.total, run.file_name) == ("csv", 3, "list.csv")
    assert run.started_by == admin
    assert files.path_of(run).read_text() == LIST
    assert not Patient.objects.exists()


@pytest.mark.parametrize(
    ("held", "said"),
    [
        (b"", "The submitted file is empty"),
        (b"MRN\nJos\xe9\n", "Line 2 is not UTF-8"),
        (b"\x89PNG\r\n\x1a\n\0", "not a text file"),
        (HEADER.encode(), "no patients"),
        (b"{broken", "not valid JSON"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_beside_its_field(signed_in, held, said):
    reply = upload(signed_in, held)
    assertContains(reply, said)
    assert not PatientImport.objects.exists()
    assert not list(files.folder().glob("upload-*"))


def test_no_file_is_asked_for(signed_in):
    assertContains(signed_in.post(IMPORTS), "Choose a file.")


def test_an_upload_ends_at_the_limit(signed_in, monkeypatch):
    monkeypatch.setattr(content, "LARGEST", 1024 * 1024)
    reply = upload(signed_in, b"x" * (1024 * 1024 + 1))
    assertContains(reply, "larger than 1 MB")
    assert not list(files.folder().glob("upload-*"))


def test_an_upload_without_the_token_is_refused(admin):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    assert upload(client, LIST).status_code == 403
    assert not PatientImport.objects.exists()


def test_the_look_shows_the_guess_and_the_rows_as_they_would_be(signed_in, run):
    reply = signed_in.get(page(run))
    assertContains(reply, '<option value="Date of birth" selected>', html=False)
    assertContains(reply, "2 Jul 1961")
    assertContains(reply, "Spanish")
    assertContains(reply, "3 new; nothing is stored yet")
    assert not Patient.objects.exists()
    assert not AuditEvent.objects.filter(action="patient.registered").exists()


def test_the_look_shows_what_is_wrong_in_its_place(signed_in, clinic, admin):
    run = receive(clinic, HEADER + "A1,Rosa,Delgado,1961-02-30,2,,,en\n", by=admin)
    reply = signed_in.get(page(run))
    assertContains(
        reply, '<td data-label="Birth date" class="imports__wrong">1961-02-30'
    )
    assertContains(reply, "is not a day written as")
    assertContains(reply, "Sex “2” is none of ours")


def test_the_look_leaves_on_record_who_was_shown(signed_in, clinic, run):
    patient = factories.make_patient(clinic, mrn="A1", given_name="Ada")
    signed_in.get(page(run))
    event = AuditEvent.objects.get(action="patient_import.previewed")
    assert [s.patient_id for s in event.subjects.all()] == [patient.pk]


def test_a_yes_by_which_nobody_is_written_to_is_said(signed_in, clinic, admin):
    patient = factories.make_patient(clinic, mrn="A1")
    consents.withdraw(patient, by=audit.SYSTEM, scope="email")
    text = "MRN,Last name,Date of birth,Consent\n"
    text += f"A1,{patient.family_name},{patient.birth_date},yes\n"
    text += "A2,Okonjo,1990-02-28,yes\nA3,Tannen,1957-03-14,no\n"
    shown = signed_in.get(page(receive(clinic, text, by=admin)))
    lines = shown.context["preview"].lines
    assert [len(line.notes) for line in lines] == [1, 1, 0]
    assertContains(shown, "it is for the patient to give it again")
    assertContains(shown, "there is no address to write to yet")


def test_another_choice_is_shown_at_once(signed_in, run):
    changed = choices(run, phone="", sex="")
    reply = signed_in.post(preview(run), changed, **HTMX)
    assertNotContains(reply, "<html")
    assertNotContains(reply, "312-555-0101")
    assertContains(reply, 'id="looked-at"')
    whole = signed_in.post(preview(run), changed)
    assertContains(whole, "<html")
    run.refresh_from_db()
    assert (run.state, Patient.objects.count()) == ("uploaded", 0)


def test_a_column_chosen_just_now_has_its_words_guessed(signed_in, clinic, admin):
    text = "MRN,Last name,Date of birth,Kind\nA1,Tannen,1957-03-14,F\n"
    run = receive(clinic, text, by=admin)
    reply = signed_in.post(preview(run), choices(run, sex="Kind"))
    assertContains(reply, "“F”")
    assertContains(reply, '<option value="female" selected>Female</option>', html=True)
    assertContains(reply, "1 new")


def test_a_word_gets_its_meaning_on_the_page(signed_in, clinic, admin):
    run = receive(clinic, HEADER + "A1,Rosa,Delgado,1961-07-02,2,,,en\n", by=admin)
    form = signed_in.get(page(run)).context["form"]
    [(_, [word]), *_] = form.meanings
    signed_in.post(page(run), choices(run, **{word.html_name: "female"}))
    work.work_off(run.pk)
    assert Patient.objects.get().sex == "female"


def test_a_column_of_too_many_words_is_said_to_be_another(signed_in, clinic, admin):
    rows = "".join(f"A{n},R,D{n},1961-07-02,w{n},,,en\n" for n in range(20))
    run = receive(clinic, HEADER + rows, by=admin)
    assertContains(signed_in.get(page(run)), "it may be another column")


def test_what_is_needed_is_asked_for(signed_in, run):
    reply = signed_in.post(page(run), choices(run, mrn="", birth_date=""))
    assertContains(reply, "Choose the column of the MRN; everybody needs one.")
    assertContains(reply, "Choose the column of: MRN, Birth date.")
    run.refresh_from_db()
    assert run.state == "uploaded"


def test_one_column_is_one_field(signed_in, run):
    reply = signed_in.post(page(run), choices(run, given_name="Last name"))
    assertContains(reply, "“Last name” is the First name already.")


def test_a_choice_that_was_not_offered_is_refused(signed_in, run):
    bad = {"mrn": "Nowhere", "day_format": "x", "without_mrn": "x"}
    reply = signed_in.post(page(run), choices(run, **bad))
    assert reply.status_code == 200
    assert set(reply.context["form"].errors) >= set(bad)


def test_a_confirmed_import_shows_how_far_it_is(signed_in, run):
    assertRedirects(signed_in.post(page(run), choices(run)), page(run))
    reply = signed_in.get(page(run))
    assertContains(reply, '<progress class="imports__progress" value="0" max="3"')
    assertContains(reply, 'hx-trigger="every 2s"')
    assertContains(reply, "show how far it is now")
    assertNotContains(signed_in.get(page(run), **HTMX), "<html")


def test_a_second_confirmation_does_nothing(signed_in, run):
    signed_in.post(page(run), choices(run))
    reply = signed_in.post(page(run), choices(run), follow=True)
    assertContains(reply, "has been confirmed before")
    assertRedirects(signed_in.post(preview(run), choices(run)), page(run))


def test_the_result_is_counted_and_asks_no_more(signed_in, clinic, admin):
    run = bring_in(clinic, LIST + "A4,Rosa,Delgado,x,F,,,en\n", by=admin)
    reply = signed_in.get(page(run))
    assertContains(reply, '<div class="figure__number">3</div>', html=True)
    assertContains(reply, "“x” is not a day written as")
    assertNotContains(reply, "hx-trigger")
    assertContains(signed_in.get(IMPORTS), "3 new, 1 refused")


def test_an_import_without_refusals_says_so(signed_in, clinic, admin):
    assertContains(signed_in.get(page(bring_in(clinic, LIST, by=admin))), "went in.")


def test_the_refused_rows_are_taken_as_csv_with_the_reason(signed_in, clinic, admin):
    bad = 'A4,"=HYPERLINK(""x"")",Delgado,x,F,,+1 312 555 0101,en\n'
    run = bring_in(clinic, LIST + bad, by=admin)
    reply = signed_in.get(reverse("patients:refused_rows", args=[run.pk]))
    assert reply["Content-Disposition"].startswith("attachment")
    assert reply["Cache-Control"] == "no-store"
    [found] = csv.DictReader(io.StringIO(reply.content.decode("utf-8-sig")))
    assert (found["row"], found["MRN"]) == ("5", "A4")
    assert "is not a day" in found["why"]
    assert found["First name"] == '\'=HYPERLINK("x")'
    assert found["Phone"] == "'+1 312 555 0101"


def test_corrected_refused_rows_go_in_as_they_were_taken(signed_in, clinic, admin):
    bad = "A4,Rosa,Delgado,x,F,,+1 312 555 0101,en\n"
    run = bring_in(clinic, HEADER + bad, by=admin)
    taken = signed_in.get(reverse("patients:refused_rows", args=[run.pk]))
    corrected = taken.content.replace(b",x,", b",1961-07-02,")
    again = bring_in(clinic, corrected, by=admin)
    assert again.counts == {"patients": {"new": 1}}
    points = Patient.objects.get().contact_points
    assert points.get(system="phone").value == "+1 312 555 0101"


def test_whose_names_a_result_shows_is_on_record(signed_in, clinic, admin):
    patient = factories.make_patient(clinic, mrn="A1", given_name="Ada")
    run = bring_in(clinic, LIST, by=admin)
    signed_in.get(page(run))
    event = AuditEvent.objects.get(action="patient_import.read")
    assert [s.patient_id for s in event.subjects.all()] == [patient.pk]


def test_an_import_is_stopped_on_its_page(signed_in, run):
    signed_in.post(page(run), choices(run))
    stop = reverse("patients:stop_import", args=[run.pk])
    assertContains(signed_in.post(stop, follow=True), "Stopped; the file is deleted.")
    assertContains(signed_in.post(stop, follow=True), "this import has moved on")
    assert not work.work_off(run.pk)


def test_a_failed_import_says_why(signed_in, run, admin):
    runs.confirm(run, by=admin, chosen=mapping_of(run))
    files.discard(run)
    work.work_off(run.pk)
    assertContains(signed_in.get(page(run)), "The file is not here.")


def test_a_look_at_a_file_that_is_gone_ends_the_import(signed_in, run):
    files.discard(run)
    assertContains(signed_in.get(page(run), follow=True), "no longer here")


def test_a_fhir_file_is_shown_by_its_types(signed_in, clinic, admin):
    text = bundle(fhir_patient(), fhir_condition(), *[{"resourceType": "Group"}] * 2)
    run = receive(clinic, text, by=admin)
    reply = signed_in.get(page(run))
    assertContains(reply, "Import 1 patient and 1 condition")
    assertContains(reply, "passed over")
    assertContains(reply, "http://lakeview.example/mrn (1)")
    sent = {"mrn_system": "http://lakeview.example/mrn", "without_mrn": "refuse"}
    assertRedirects(signed_in.post(page(run), sent), page(run))
    work.work_off(run.pk)
    assertContains(signed_in.get(page(run)), "Diagnoses")


def test_a_system_that_the_file_does_not_name_is_refused(signed_in, clinic, admin):
    run = receive(clinic, bundle(fhir_patient()), by=admin)
    reply = signed_in.post(page(run), {"mrn_system": "x", "without_mrn": "refuse"})
    assert "mrn_system" in reply.context["form"].errors


def test_the_list_of_imports_asks_the_same_for_any_length(
    signed_in, clinic, admin, django_assert_max_num_queries
):
    bring_in(clinic, LIST, by=admin)
    with django_assert_max_num_queries(6) as few:
        signed_in.get(IMPORTS)
    for _ in range(4):
        bring_in(clinic, LIST, by=factories.make_user(clinic))
    with django_assert_max_num_queries(len(few)):
        signed_in.get(IMPORTS)


def test_who_may_not_import_sees_no_import(client, clinic, run):
    client.force_login(factories.make_user(clinic, access.Role.PROVIDER))
    assert client.get(IMPORTS).status_code == 403
    assert client.get(page(run)).status_code == 404
