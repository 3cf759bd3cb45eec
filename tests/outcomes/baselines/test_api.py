import pytest

from clinic import audit
from clinic.models import AuditEvent
from outcomes.models import FollowUp, Response, Score
from plans.course import interventions
from tests import factories
from tests.api_client import with_token

ANSWERS = {"pain_site": 6, "pain_back": None, "activity_limits": 5}
BODY = {"provenance": "kiosk", "answers": ANSWERS}


@pytest.fixture
def api(assistant):
    return with_token(assistant)


@pytest.fixture
def planned(complaint):
    return factories.make_plan(complaint).interventions.get(is_index=True)


def address_of(intervention):
    asked = FollowUp.objects.get(episode__plan=intervention.plan_id, is_baseline=True)
    return f"/api/v1/follow-ups/{asked.pk}/baseline/"


def performed(complaint, days):
    plan = factories.make_plan(complaint, started_days_ago=days + 1)
    return factories.make_performed(plan, days=days)


def perform_today(intervention):
    today = factories.days_ago(intervention.clinic, 0)
    return interventions.perform(intervention, performed_on=today, by=audit.SYSTEM)


def test_the_questions_come_as_the_page_asks_them(api, planned, complaint):
    found = api.get(address_of(planned)).json()
    assert found["complaint"] == str(complaint.pk)
    assert (found["refusal"], found["is_recalled"]) == ("", False)
    assert found["needle_on"] is None
    asked = {row["question"]: row for row in found["questions"]}
    assert list(asked) == list(ANSWERS)
    pain = asked["pain_site"]
    assert pain["text"] == "How strong is the pain in your left foot right now?"
    assert [step["value"] for step in pain["steps"]] == list(range(11))
    assert pain["low"] and pain["high"]
    assert asked["pain_back"]["cant_tell"]


def test_the_questions_are_in_the_patients_language(api, clinic):
    patient = factories.make_patient(clinic, language="es")
    plan = factories.make_plan(factories.make_complaint(patient))
    found = api.get(address_of(plan.interventions.get(is_index=True))).json()
    assert found["language"] == "es"
    assert found["intro"].startswith("Tres preguntas")


def test_asking_changes_nothing_and_is_on_record(api, planned, patient):
    api.get(address_of(planned))
    assert not Response.objects.exists()
    event = AuditEvent.objects.get(action="baseline.asked")
    assert event.subjects.get().patient_id == patient.pk


def test_answers_are_sealed_as_the_baseline(api, planned, assistant):
    reply = api.post(address_of(planned), {**BODY, "provenance": "phone"})
    assert reply.status_code == 201
    kept = reply.json()
    response = Response.objects.get(pk=kept["id"])
    assert (response.state, response.provenance) == ("sealed", "phone")
    assert (kept["is_recalled"], kept["in_window"]) == (False, True)
    assert kept["answered_on"] == response.answered_on.isoformat()
    values = {s.measure.key: s.value for s in Score.objects.filter(response=response)}
    assert (values["pain_site"], values["activity_limits"]) == (6, 5)
    assert "pain_back" not in values
    assert AuditEvent.objects.get(action="response.sealed").actor == assistant


def test_after_the_needle_it_is_recalled_whatever_is_said(api, complaint):
    done = performed(complaint, 9)
    found = api.get(address_of(done)).json()
    assert found["is_recalled"] is True
    assert found["needle_on"] == done.performed_on.isoformat()
    kept = api.post(address_of(done), {**BODY, "is_from_memory": False}).json()
    assert kept["is_recalled"] is True


@pytest.mark.parametrize("is_from_memory", [True, False])
def test_on_the_day_somebody_says_which(api, planned, is_from_memory):
    perform_today(planned)
    assert api.get(address_of(planned)).json()["is_recalled"] is None
    refused = api.post(address_of(planned), BODY)
    assert refused.status_code == 400
    assert list(refused.json()) == ["is_from_memory"]
    said = {**BODY, "is_from_memory": is_from_memory}
    kept = api.post(address_of(planned), said).json()
    assert kept["is_recalled"] is is_from_memory


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"provenance": "import"}, "provenance"),
        ({"answers": {"pain_site": 6}}, "answers"),
        ({"answers": {**ANSWERS, "pain_site": 11}}, "answers"),
        ({"answers": {**ANSWERS, "pain_site": 6.5}}, "answers"),
        ({"answers": {**ANSWERS, "mood": 3}}, "answers"),
        ({"answers": [6, 2, 5]}, "answers"),
        ({"answers": dict.fromkeys(ANSWERS)}, "detail"),
        ({"by": "me"}, "by"),
    ],
)
def test_what_is_no_answer_is_refused_by_name(api, planned, change, field):
    reply = api.post(address_of(planned), {**BODY, **change})
    assert reply.status_code == 400
    assert list(reply.json()) == [field]
    assert not Response.objects.exists()


def test_an_answer_at_fault_is_named_among_the_answers(api, planned):
    reply = api.post(address_of(planned), {**BODY, "answers": {"pain_site": 6}})
    assert set(reply.json()["answers"]) == {"pain_back", "activity_limits"}


def test_a_second_time_is_refused_and_the_sheet_says_why(api, planned):
    assert api.post(address_of(planned), BODY).status_code == 201
    again = api.post(address_of(planned), BODY)
    assert again.status_code == 400
    assert "answered already" in again.json()["detail"]
    assert "answered already" in api.get(address_of(planned)).json()["refusal"]
    assert Response.objects.count() == 1


def test_another_follow_up_has_no_baseline(api, planned):
    other = FollowUp.objects.filter(is_baseline=False)[0]
    address = f"/api/v1/follow-ups/{other.pk}/baseline/"
    assert api.get(address).status_code == 404
    assert api.post(address, BODY).status_code == 404


def test_the_front_desk_sees_who_is_due_but_asks_nothing(clerk, planned):
    desk = with_token(clerk)
    assert desk.get(address_of(planned)).status_code == 403
    assert desk.post(address_of(planned), BODY).status_code == 403
    assert not Response.objects.exists()
