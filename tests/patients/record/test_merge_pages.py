from datetime import timedelta

import pytest
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from clinic import audit, clock
from clinic.models import AuditEvent
from patients.models import Patient, RedFlag
from patients.models.red_flag import MERGED
from patients.record import consents, holds, leaving, merging
from tests import courses, factories
from tests.api_client import with_token
from tests.patients.test_patient_pages import FORM


@pytest.fixture
def other(clinic):
    return factories.make_patient(clinic, given_name="Martha", mrn="O1")


@pytest.fixture
def address(patient):
    return f"/patients/{patient.pk}/merge/"


def merge(kept, merged):
    merging.merge(kept, merged=merged, reason="same card", by=audit.SYSTEM)


def body(patient, other, keep):
    return {"other": other.pk, "keep": keep.pk, "reason": "same card"}


def test_both_are_seen_side_by_side_with_what_each_has(
    signed_in, address, patient, other
):
    courses.answered(factories.make_complaint(other))
    shown = signed_in.get(address, {"mrn": "o1"})
    assertContains(shown, "Left foot pain")
    assertContains(shown, "Plan: Platelet-rich plasma")
    assertContains(shown, "15 follow-ups, 1 answered")
    assertContains(shown, "the two differ in given name, family name")
    read = AuditEvent.objects.get(action="patient.read")
    assert {s.patient_id for s in read.subjects.all()} == {patient.pk, other.pk}


def test_what_each_agreed_to_is_seen_and_a_no_is_not_merged_away(
    signed_in, address, patient, other
):
    consents.withdraw(other, by=audit.SYSTEM, scope="email")
    shown = signed_in.get(address, {"mrn": "o1"})
    sides = {side.patient: side for side in shown.context["sides"]}
    assert sides[other].withdrawn == ["to be asked by e-mail"]
    assert sides[other].agreed == ["answers used for treatment"]
    assert sides[patient].agreed == [
        "to be asked by e-mail",
        "answers used for treatment",
    ]
    assertContains(shown, "<dt>Withdrawn</dt><dd><div>to be asked by e-mail</div>")
    assertContains(
        signed_in.post(address, body(patient, other, patient)),
        "MRN O1 has withdrawn “to be asked by e-mail”",
    )
    assert not Patient.objects.exclude(merged_into=None).exists()


@pytest.mark.parametrize("keeps_other", [True, False])
def test_either_record_can_be_the_one_that_is_kept(
    signed_in, address, patient, other, keeps_other
):
    kept, merged = (other, patient) if keeps_other else (patient, other)
    reply = signed_in.post(address, body(patient, other, kept))
    assertRedirects(reply, f"/patients/{kept.pk}/")
    assert Patient.objects.get(pk=merged.pk).merged_into == kept


@pytest.mark.parametrize(
    ("mrn", "words"),
    [
        ("nobody", "No patient of this clinic has the MRN nobody"),
        ("", "This field is required"),
        ("OWN", "This is the same record"),
        ("A1", "was merged into MRN O1 already; take that one"),
    ],
)
def test_a_slip_in_the_mrn_is_said_beside_it(
    signed_in, clinic, address, patient, other, mrn, words
):
    merge(other, factories.make_patient(clinic, mrn="A1"))
    shown = signed_in.get(address, {"mrn": patient.mrn if mrn == "OWN" else mrn})
    assertContains(shown, words)
    assertNotContains(shown, "Which record is kept?")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"keep": ""}, "Choose which record is kept."),
        ({"keep": "11111111-1111-1111-1111-111111111111"}, "Choose one of these two."),
        ({"reason": ""}, "This field is required"),
    ],
)
def test_a_slip_in_the_choice_merges_nothing(
    signed_in, address, patient, other, change, words
):
    shown = signed_in.post(address, {**body(patient, other, patient), **change})
    assertContains(shown, words)
    assert not Patient.objects.exclude(merged_into=None).exists()


def test_another_clinics_record_is_not_found(signed_in, address, patient, other_clinic):
    theirs = factories.make_patient(other_clinic, mrn="T1")
    assertContains(signed_in.get(address, {"mrn": "T1"}), "No patient of this clinic")
    reply = signed_in.post(address, body(patient, theirs, patient))
    assert reply.status_code == 404


def test_the_merged_records_address_leads_to_the_kept_one(signed_in, patient, other):
    merge(patient, other)
    assertRedirects(signed_in.get(f"/patients/{other.pk}/"), f"/patients/{patient.pk}/")
    edit = signed_in.get(f"/patients/{other.pk}/edit/")
    assert edit.context["patient"] == patient
    signed_in.post(
        f"/patients/{other.pk}/edit/", FORM | {"mrn": patient.mrn, "given_name": "Eve"}
    )
    assert Patient.objects.get(pk=patient.pk).given_name == "Eve"
    assert Patient.objects.get(pk=other.pk).given_name == "Martha"


def test_the_kept_records_page_reads_both(signed_in, patient, other):
    courses.answered(factories.make_complaint(other))
    factories.make_complaint(patient, pain_site="knee")
    merge(patient, other)
    shown = signed_in.get(f"/patients/{patient.pk}/")
    for words in ("Left foot pain", "Left knee pain", "Platelet-rich plasma", "MRN O1"):
        assertContains(shown, words)
    assertContains(shown, "answered")
    assertContains(shown, "same card")
    read = AuditEvent.objects.filter(action="patient.read").latest("id")
    assert {s.patient_id for s in read.subjects.all()} == {patient.pk, other.pk}


def test_the_pages_of_a_merged_complaint_name_the_kept_record(
    signed_in, patient, other
):
    complaint = factories.make_complaint(other)
    merge(patient, other)
    shown = signed_in.get(f"/complaints/{complaint.pk}/sources/new/")
    assertContains(shown, f'<a href="/patients/{patient.pk}/">{patient}</a>')


def test_the_list_shows_the_kept_record_only(signed_in, patient, other):
    merge(patient, other)
    for query in ("", "O1", "martha"):
        listed = signed_in.get("/patients/", {"q": query}).context["patients"]
        assert listed == [patient]


def test_separating_is_a_press_on_the_kept_records_page(signed_in, patient, other):
    merge(patient, other)
    page = f"/patients/{patient.pk}/"
    assertContains(signed_in.get(page), "Make them two again")
    reply = signed_in.post(f"{page}unmerge/", {"merged": other.pk})
    assertRedirects(reply, page)
    assert Patient.objects.get(pk=other.pk).merged_into is None
    again = signed_in.post(f"{page}unmerge/", {"merged": other.pk})
    assert again.status_code == 404


def test_what_stays_on_both_is_said_before_and_after(signed_in, patient, other):
    merge(patient, other)
    consents.withdraw(patient, by=audit.SYSTEM, scope="email")
    leaving.withdraw(patient, by=audit.SYSTEM, reason="asked")
    leaving.record_death(patient, by=audit.SYSTEM)
    page = f"/patients/{patient.pk}/"
    said = (
        "“to be asked by e-mail” was withdrawn on both.",
        "The withdrawal from follow-up stays on both.",
        f"A death was recorded on MRN {patient.mrn} and stays there.",
    )
    before = signed_in.get(page)
    after = signed_in.post(f"{page}unmerge/", {"merged": other.pk}, follow=True)
    for sentence in said:
        assertContains(before, sentence)
        assertContains(after, sentence)
    assertNotContains(before, "The hold stays")


def test_a_hold_is_said_to_stay_on_both(signed_in, patient, other):
    merge(patient, other)
    soon = clock.today(patient.time_zone) + timedelta(days=3)
    holds.hold(patient, by=audit.SYSTEM, hold_until=soon, hold_reason="away")
    shown = signed_in.get(f"/patients/{patient.pk}/")
    assertContains(shown, "The hold stays on both.")


def test_a_flag_that_a_merge_raised_still_says_what_was_found(
    signed_in, patient, other
):
    """Past cancer in one, a sign of the cord in the other."""
    factories.make_evaluation(factories.make_complaint(patient), RF10__none="present")
    factories.make_evaluation(factories.make_complaint(other), RF07__none="present")
    found = RedFlag.objects.get(flag="RF10").found
    merge(patient, other)
    flag = RedFlag.objects.get(flag="RF10")
    assert flag.tier == "E0"
    assert flag.events.last().note == MERGED
    assert flag.found == found
    for page in ("/red-flags/", f"/patients/{patient.pk}/"):
        shown = signed_in.get(page)
        assertContains(shown, found[1:])
        assertNotContains(shown, MERGED[1:])
    assertContains(signed_in.get(f"/red-flags/{flag.pk}/"), MERGED[1:])


def test_only_an_admin_merges(client, physician, address, patient, other):
    client.force_login(physician)
    assert client.get(address).status_code == 403
    shown = client.get(f"/patients/{patient.pk}/edit/")
    assertNotContains(shown, "Merge with another record")


def test_the_api_lists_both_records_rows_under_the_kept_one(admin, patient, other):
    courses.answered(factories.make_complaint(other))
    merge(patient, other)
    api = with_token(admin)
    for name in ("complaints", "plans", "interventions", "follow-ups", "responses"):
        found = api.get(f"/api/v1/{name}/", {"patient": str(patient.pk)}).json()
        assert found["count"] > 0, name
        own = api.get(f"/api/v1/{name}/", {"patient": str(other.pk)}).json()
        assert own["count"] == found["count"], name
