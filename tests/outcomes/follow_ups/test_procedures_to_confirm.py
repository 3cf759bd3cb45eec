"""Where staff see which planned procedures nobody has confirmed, and what to do."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic import audit, clock
from clinic.models import AuditEvent
from patients.models import Patient
from plans.course import confirmation
from plans.models import Intervention, Plan
from tests import factories
from tests.api_client import with_token

LIST = reverse("outcomes:follow_ups")


def planned(clinic, days_ago: int = 3, **person: str) -> Intervention:
    patient = factories.make_patient(clinic, **person)
    plan = factories.make_plan(factories.make_complaint(patient))
    day = factories.days_ago(clinic, days_ago)
    plan.interventions.filter(is_index=True).update(planned_on=day)
    return plan.interventions.get(is_index=True)


@pytest.fixture
def procedure(clinic) -> Intervention:
    return planned(clinic, family_name="Fennimore")


def page(client, path: str = LIST) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def test_the_worklist_names_it_with_its_days_and_acts(signed_in, procedure):
    html = page(signed_in)
    assert "Procedures to confirm" in html
    assert "Fennimore" in html and procedure.title in html
    assert "3 days ago" in html
    assert "nothing yet" in html
    assert reverse("plans:perform", args=[procedure.pk]) in html


@pytest.mark.parametrize(("said", "words"), [("yes", "yes"), ("no", "not yet")])
def test_the_row_says_what_the_patient_said(signed_in, procedure, said, words):
    confirmation.patient_said(procedure, said)
    assert f">{words}</span>" in page(signed_in)
    assert f">{words}</span>" in page(signed_in, reverse("outcomes:today"))
    patient = reverse("outcomes:patient", args=[procedure.plan.complaint.patient_id])
    assert words in page(signed_in, patient).partition("Was it done?")[0][-80:]


def test_what_waited_longest_stands_first(signed_in, clinic, procedure):
    planned(clinic, 9, family_name="Alder")
    planned(clinic, 1, family_name="Birch")
    html = page(signed_in)
    assert html.index("Alder") < html.index("Fennimore") < html.index("Birch")


def test_more_than_a_screen_full_has_a_page(signed_in, clinic):
    for days in range(1, 15):
        planned(clinic, days)
    html = page(signed_in)
    assert html.count("Record as done") == 12
    assert "14 whose planned day is over" in html
    assert f'href="{LIST}?all-to-confirm#to-confirm"' in html
    assert page(signed_in, f"{LIST}?all-to-confirm").count("Record as done") == 14


def test_all_of_them_stand_on_pages(signed_in, clinic, monkeypatch):
    monkeypatch.setattr("outcomes.follow_ups.worklist.views.CONFIRM_PAGE_SIZE", 2)
    names = ["Alder", "Birch", "Cedar", "Dogwood", "Elm"]
    for number, name in enumerate(names):
        planned(clinic, 9 - number, family_name=name)
    for number, shown in ((1, names[:2]), (3, names[4:])):
        html = page(signed_in, f"{LIST}?all-to-confirm={number}")
        section = html[html.index('id="to-confirm"') : html.index("</section>")]
        assert [name for name in names if name in section] == shown
        assert "of 5</span>" in section and "show all" not in section
    assert f'href="{LIST}?all-to-confirm=2#to-confirm"' in html
    elm = Patient.objects.get(family_name="Elm")
    assert AuditEvent.objects.latest("id").subjects.filter(patient_id=elm.pk).exists()


@pytest.mark.parametrize("path", [LIST, reverse("outcomes:today")])
def test_no_more_rows_are_read_than_shown(signed_in, clinic, path):
    for days in range(1, 20):
        planned(clinic, days)
    with CaptureQueriesContext(connection) as queries:
        page(signed_in, path)
    said = [each["sql"] for each in queries.captured_queries]
    read = [sql for sql in said if sql.startswith('SELECT "plans_intervention"')]
    assert read and all("LIMIT" in sql for sql in read)


def test_the_day_itself_asks_for_nothing_yet(signed_in, clinic):
    one = planned(clinic, 0)
    patient = reverse("outcomes:patient", args=[one.plan.complaint.patient_id])
    for path in (LIST, reverse("outcomes:today"), patient):
        assert "onfirm" not in page(signed_in, path)
        assert "Was it done?" not in page(signed_in, path)


def test_who_may_not_read_plans_sees_no_procedure(client, clerk, procedure):
    client.force_login(clerk)
    html = page(client)
    assert "Procedures to confirm" not in html and procedure.title not in html


def test_whose_names_are_shown_is_audited(signed_in, procedure):
    page(signed_in)
    event = AuditEvent.objects.get(action="follow_ups.listed")
    shown = {subject.patient_id for subject in event.subjects.all()}
    assert procedure.plan.complaint.patient_id in shown


def test_many_cost_as_many_queries_as_one(
    signed_in, clinic, procedure, django_assert_num_queries
):
    now, admin = clock.now(), factories.make_user(clinic)
    for days in range(1, 6):
        planned(clinic, days)
    with django_assert_num_queries(1):
        found = list(confirmation.waiting(admin, now))
        assert {one.plan.complaint.patient.kept.time_zone for one in found}
    assert len(found) == 6


def test_the_api_lists_what_waits(admin, clinic, procedure):
    later = planned(clinic, -3)
    asked = {"is_index": "true"}
    found = {
        value: [
            row["id"]
            for row in with_token(admin)
            .get("/api/v1/interventions/", {**asked, "to_confirm": value})
            .json()["results"]
        ]
        for value in ("true", "false")
    }
    assert found == {"true": [str(procedure.pk)], "false": [str(later.pk)]}


def test_the_api_gives_what_the_patient_said(admin, procedure):
    confirmation.patient_said(procedure, Intervention.Said.NO, by=audit.PATIENT)
    row = with_token(admin).get(f"/api/v1/interventions/{procedure.pk}/").json()
    assert row["patient_said"] == "no" and row["patient_said_at"]


def test_a_plan_on_hold_asks_for_nothing(signed_in, procedure):
    Plan.objects.update(
        status="on_hold", hold_until=clock.today("UTC") + timedelta(days=9)
    )
    assert "Procedures to confirm" not in page(signed_in)
