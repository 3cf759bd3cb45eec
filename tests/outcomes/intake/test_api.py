import pytest

from clinic import audit
from outcomes.intake import asking
from outcomes.models import Intake
from tests import factories
from tests.api_client import with_token
from tests.outcomes.intake.conftest import fill

pytestmark = pytest.mark.django_db
INTAKES = "/api/v1/intakes/"


@pytest.fixture
def api(assistant):
    return with_token(assistant)


def test_a_patient_is_asked_once(api, complaint, assistant):
    visit_on = str(factories.days_ago(complaint.clinic, -3))
    body = {"complaint": str(complaint.pk), "visit_on": visit_on}
    made = api.post(INTAKES, body).json()
    assert (made["state"], made["visit_on"]) == ("asked", visit_on)
    assert made["complaint"] == str(complaint.pk)
    assert made["asked_by"] == str(assistant)
    again = api.post(INTAKES, body)
    assert again.status_code == 400 and "being asked already" in again.json()["detail"]


def test_why_nobody_can_be_asked_is_said(api, complaint):
    complaint.patient.contact_points.update(may_contact=False)
    reply = api.post(INTAKES, {"complaint": str(complaint.pk)})
    assert reply.status_code == 400
    assert "no address or number with consent" in reply.json()["detail"]
    reply = api.post(INTAKES, {"complaint": str(complaint.pk), "visit_on": "soon"})
    assert "visit_on" in reply.json()


def test_what_came_in_is_reviewed_once(api, phone, survey):
    one = f"{INTAKES}{Intake.objects.get().pk}/"
    assert api.post(f"{one}review/").status_code == 400
    fill(phone, survey)
    assert api.get(INTAKES, {"state": "sent"}).json()["count"] == 1
    assert api.post(f"{one}review/").json()["state"] == "reviewed"
    assert "reviewed it already" in api.post(f"{one}review/").json()["detail"]


def test_an_intake_shows_no_answer(api, phone, survey):
    fill(phone, survey, story={"answer": "Only for my doctor"})
    page = api.get(f"{INTAKES}{Intake.objects.get().pk}/")
    assert "Only for my doctor" not in page.content.decode()


def test_more_intakes_cost_no_more_queries(api, clinic, django_assert_max_num_queries):
    for _ in range(3):
        complaint = factories.make_complaint(factories.make_patient(clinic))
        asking.ask(complaint, by=audit.SYSTEM)
    with django_assert_max_num_queries(9):
        assert api.get(INTAKES).json()["count"] == 3
