from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from clinic.models import AuditEvent
from plans.course import elsewhere, partial_days
from plans.models import TreatmentElsewhere
from tests import factories
from tests.api_client import with_token


@pytest.mark.parametrize(
    ("text", "day", "precision"),
    [
        ("2024-03-14", date(2024, 3, 14), "day"),
        ("03/14/2024", date(2024, 3, 14), "day"),
        ("14 Mar 2024", date(2024, 3, 14), "day"),
        (" 2024-03 ", date(2024, 3, 1), "month"),
        ("03/2024", date(2024, 3, 1), "month"),
        ("March 2024", date(2024, 3, 1), "month"),
        ("2024", date(2024, 1, 1), "year"),
    ],
)
def test_a_day_may_be_known_in_part(text, day, precision):
    assert partial_days.parse(text) == (day, precision)


@pytest.mark.parametrize("text", ["", "last spring", "2024-13", "14/03/2024", "24"])
def test_what_is_no_day_is_refused(text):
    assert partial_days.parse(text) is None


def report_page(complaint):
    return reverse("plans:report_elsewhere", args=[complaint.pk])


def form(**fields):
    return {"what": "Cortisone", "modality": "other", "began_on": "2024-03", **fields}


def test_it_is_reported_as_exactly_as_it_is_known(signed_in, complaint, admin):
    page = signed_in.post(report_page(complaint), form(), follow=True)
    assertRedirects(page, reverse("outcomes:patient", args=[complaint.patient_id]))
    assertContains(page, "Elsewhere: Cortisone, Mar 2024")
    treatment = TreatmentElsewhere.objects.get()
    assert (treatment.began_on, treatment.precision) == (date(2024, 3, 1), "month")
    assert treatment.reported_by == admin
    assert AuditEvent.objects.filter(action="treatment_elsewhere.reported").exists()


def test_it_leads_back_to_the_plan_and_shows_there(signed_in, complaint):
    plan = factories.make_plan(complaint)
    address = f"{report_page(complaint)}?plan={plan.pk}"
    page = signed_in.post(address, form(), follow=True)
    assertRedirects(page, reverse("outcomes:plan", args=[plan.pk]))
    assertContains(page, "Cortisone")
    assertContains(page, "Mar 2024")
    for odd in ("x", "01a22403-fc82-704b-8407-d7c757299132"):
        assert signed_in.get(f"{report_page(complaint)}?plan={odd}").status_code == 200


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("began_on", "2999", "in the future"),
        ("began_on", "1900", "before the patient was born"),
        ("began_on", "soon", "a day, a month or a year"),
        ("what", "", "required"),
        ("what", "x" * 121, "at most 120"),
        ("modality", "magic", "Select a valid choice"),
    ],
)
def test_a_slip_is_said_beside_its_field(signed_in, complaint, field, value, words):
    page = signed_in.post(report_page(complaint), form(**{field: value}))
    assert words in page.context["form"].errors[field][0]
    assert not TreatmentElsewhere.objects.exists()


def test_the_year_of_birth_is_early_enough_where_no_more_is_known(complaint, admin):
    born = complaint.patient.birth_date
    kept = elsewhere.report(
        complaint, what="Splint", began_on=born, precision="year", by=admin
    )
    assert kept.began_on == date(born.year, 1, 1)


def test_taken_back_it_stays_and_counts_no_more(signed_in, complaint, admin):
    plan = factories.make_plan(complaint)
    treatment = elsewhere.report(
        complaint, what="Cortisone", began_on=date(2024, 3, 14), by=admin
    )
    address = reverse("plans:take_back_elsewhere", args=[treatment.pk])
    signed_in.post(address, {"reason": "another patient"}, follow=True)
    treatment.refresh_from_db()
    assert (treatment.status, treatment.status_reason) == (
        "entered_in_error",
        "another patient",
    )
    page = signed_in.get(reverse("outcomes:plan", args=[plan.pk]))
    assertNotContains(page, "Cortisone")
    with pytest.raises(ValidationError, match="already"):
        elsewhere.take_back(treatment, reason="again", by=admin)


def test_over_the_api(admin, complaint):
    api = with_token(admin)
    body = {"complaint": str(complaint.pk), "what": "Splint", "began_on": "2024-03-14"}
    made = api.post("/api/v1/treatments-elsewhere/", body | {"precision": "year"})
    assert (made.status_code, made.json()["began_on"]) == (201, "2024-01-01")
    address = f"/api/v1/treatments-elsewhere/{made.json()['id']}/take-back/"
    assert api.post(address, {"reason": ""}).status_code == 400
    taken_back = api.post(address, {"reason": "slip"}).json()
    assert taken_back["status"] == "entered_in_error"
