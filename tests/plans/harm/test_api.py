import pytest

from clinic.models import AuditEvent
from plans.harm import adverse_events
from plans.models import AdverseEvent
from tests import factories
from tests.api_client import with_token

EVENTS, RECALL = "/api/v1/adverse-events/", "/api/v1/recall/"


@pytest.fixture
def api(physician):
    return with_token(physician)


@pytest.fixture
def done(complaint):
    plan = factories.make_plan(complaint, started_days_ago=40)
    return factories.make_performed(plan)


@pytest.fixture
def event(patient, physician, done):
    return factories.make_adverse_event(patient, by=physician, intervention=done)


def act(api, event, name, **body):
    return api.post(f"{EVENTS}{event.pk}/{name}/", body)


def test_an_event_is_read_back_as_it_was_entered(api, patient, done):
    sent = {
        "patient": str(patient.pk),
        "intervention": str(done.pk),
        "onset_on": factories.days_ago(patient.clinic, 2).isoformat(),
        "category": "infection",
        "description": "Red and warm",
        "is_serious": True,
        "is_expected": False,
        "outcome": "ongoing",
        "reported_to": ["registry", "medwatch"],
        "origin": "free_text",
    }
    reply = api.post(EVENTS, sent)
    assert reply.status_code == 201, reply.json()
    made = api.get(f"{EVENTS}{reply.json()['id']}/").json()
    assert {name: made[name] for name in sent} == sent | {
        "reported_to": ["medwatch", "registry"]
    }
    assert made["complaint"] == str(done.plan.complaint_id)
    assert made["grade"] is None and made["ratings"] == []


def test_what_is_refused_names_its_field(api, patient):
    tomorrow = factories.days_ago(patient.clinic, -1).isoformat()
    sent = {"patient": str(patient.pk), "onset_on": tomorrow, "category": "fall"}
    reply = api.post(EVENTS, sent)
    assert reply.status_code == 400
    assert list(reply.json()) == ["onset_on"]


def test_rating_closing_and_taking_back_are_acts(api, event):
    reply = act(api, event, "close", outcome="recovered")
    assert reply.status_code == 400 and "Rate it first" in reply.json()["detail"]
    rated = act(api, event, "rate", grade=3, relatedness="definite").json()
    assert (rated["grade"], rated["needs_second_rater"]) == (3, True)
    closed = act(api, event, "close", outcome="recovered").json()
    assert (closed["status"], closed["outcome"]) == ("closed", "recovered")
    assert act(api, event, "reopen", reason="Came back").json()["status"] == "open"
    amended = act(api, event, "amend", is_serious=True).json()
    assert amended["is_serious"] is True and amended["category"] == "pain_flare"
    assert "reported" in amended["warnings"][0]
    assert act(api, event, "take-back", reason=" ").status_code == 400
    taken = act(api, event, "take-back", reason="Another patient").json()
    assert taken["status_reason"] == "Another patient"


@pytest.mark.parametrize(
    "asked",
    [
        {"grade": "3"},
        {"relatedness": "possible"},
        {"modality": "prp"},
        {"needs_second_rater": "true"},
        {"category": "pain_flare"},
        {"status": "open"},
        {"onset_from": "2001-01-01"},
    ],
)
def test_the_list_is_filtered(api, event, physician, patient, asked):
    adverse_events.rate(event, by=physician, grade=3, relatedness="possible")
    other = factories.make_adverse_event(
        patient, category="fall", onset_on=patient.birth_date
    )
    adverse_events.rate(other, by=physician, grade=1, relatedness="unlikely")
    adverse_events.close(other, by=physician, outcome="recovered")
    found = api.get(EVENTS, asked).json()["results"]
    assert [row["id"] for row in found] == [str(event.pk)]


def test_an_assistant_enters_and_does_not_rate(assistant, event):
    api = with_token(assistant)
    assert act(api, event, "rate", grade=1, relatedness="possible").status_code == 403
    assert act(api, event, "amend", category="nerve").status_code == 200


def test_a_lot_is_recalled_with_events_and_operator(api, done, event):
    factories.make_lot(done, "LT-4711 A", name="PRP kit")
    (row,) = api.get(RECALL, {"q": "lt-4711 a "}).json()["results"]
    assert row["id"] == str(done.pk)
    assert row["patient"] == str(done.plan.complaint.patient_id)
    assert row["lots"][0]["lot"] == "LT-4711 A"
    assert row["adverse_events"][0]["id"] == str(event.pk)
    assert row["pain"] is None


def test_what_is_not_there_is_an_empty_list(api, done):
    assert api.get(RECALL, {"q": "LT-4711"}).json()["results"] == []


@pytest.mark.parametrize("asked", [{}, {"q": ""}, {"q": "x", "by": "moon"}, {"x": "1"}])
def test_a_recall_that_makes_no_sense_is_refused(api, db, asked):
    assert api.get(RECALL, asked).status_code == 400


def test_the_contact_list_needs_a_purpose_which_is_kept(api, done, patient):
    factories.make_lot(done, "LT-4711")
    refused = api.post(f"{RECALL}contacts/", {"q": "LT-4711"})
    assert refused.status_code == 400 and "purpose" in refused.json()
    sent = {"q": "LT-4711", "purpose": "Notice of the maker"}
    (contact,) = api.post(f"{RECALL}contacts/", sent).json()
    assert contact["mrn"] == patient.mrn and contact["state"] == "may be contacted"
    kept = AuditEvent.objects.latest("id")
    assert kept.facts["purpose"] == "Notice of the maker"
    assert kept.subjects.get().patient_id == patient.pk


def test_the_queries_of_a_list_do_not_grow(
    api, clinic, event, django_assert_max_num_queries
):
    for _ in range(4):
        factories.make_adverse_event(factories.make_patient(clinic))
    with django_assert_max_num_queries(12):
        assert len(api.get(EVENTS).json()["results"]) == 5
    assert AdverseEvent.objects.count() == 5
