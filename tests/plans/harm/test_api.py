import pytest

from clinic import access
from clinic.access import Act, Role
from clinic.models import AuditEvent
from patients.record import merging
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
    (contact,) = api.post(f"{RECALL}contacts/", sent).json()["results"]
    assert contact["mrn"] == patient.mrn and contact["state"] == "may be contacted"
    kept = AuditEvent.objects.latest("id")
    assert kept.facts["purpose"] == "Notice of the maker"
    assert kept.subjects.get().patient_id == patient.pk


def test_the_contact_list_has_pages_of_people(api, clinic, done, patient):
    factories.make_lot(done, "LT-4711")
    for name in ("Abbott", "Zell"):
        person = factories.make_patient(clinic, family_name=name)
        other = factories.make_complaint(person)
        for days in (20, 10):
            plan = factories.make_plan(other, started_days_ago=days + 14)
            factories.make_lot(factories.make_performed(plan, days=days), "LT-4711")
    sent = {"q": "LT-4711", "purpose": "Notice of the maker"}

    def page(number):
        address = f"{RECALL}contacts/?page={number}&page_size=2"
        found = api.post(address, sent).json()
        shown = AuditEvent.objects.latest("id").subjects
        assert shown.count() == len(found["results"])
        return found

    first, second = page(1), page(2)
    names = [row["name"].split()[-1] for row in first["results"] + second["results"]]
    assert names == ["Abbott", patient.family_name, "Zell"]
    assert first["count"] == 3 and first["next"] and second["next"] is None
    assert [len(row["treated_on"]) for row in first["results"]] == [2, 1]
    assert api.post(f"{RECALL}contacts/?page=3&page_size=2", sent).status_code == 404
    assert api.post(f"{RECALL}contacts/?by=lot", sent).status_code == 400


def test_more_people_to_call_cost_no_more_queries(
    api, clinic, done, django_assert_max_num_queries
):
    factories.make_lot(done, "LT-4711")
    sent = {"q": "LT-4711", "purpose": "Notice of the maker"}
    # The first call also notes that the token was used.
    api.post(f"{RECALL}contacts/", sent)
    found = []
    for _ in range(2):
        with django_assert_max_num_queries(20) as queries:
            api.post(f"{RECALL}contacts/", sent)
        found.append(len(queries))
        for _ in range(3):
            plan = factories.make_plan(
                factories.make_complaint(factories.make_patient(clinic)),
                started_days_ago=40,
            )
            factories.make_lot(factories.make_performed(plan), "LT-4711")
    assert found[0] == found[1]


def test_of_merged_records_the_kept_one_is_called(api, clinic, done, admin):
    factories.make_lot(done, "LT-4711")
    kept = factories.make_patient(clinic, family_name="Kept")
    merging.merge(kept, merged=done.plan.complaint.patient, reason="twice", by=admin)
    sent = {"q": "LT-4711", "purpose": "Notice of the maker"}
    (contact,) = api.post(f"{RECALL}contacts/", sent).json()["results"]
    assert contact["patient"] == str(kept.pk)
    assert contact["treated_on"] == [done.performed_on.isoformat()]


BOTH = (Act.READ_PLANS, Act.READ_PATIENTS)


@pytest.mark.parametrize(
    ("acts", "may"), [(BOTH, True), (BOTH[:1], False), (BOTH[1:], False)]
)
@pytest.mark.parametrize("address", [f"{RECALL}contacts/", "/recall/contacts/"])
def test_whom_to_call_takes_plans_and_patients(
    clinic, done, monkeypatch, acts, may, address
):
    """No role that ships has one without the other, so a clinic's own is tried."""
    factories.make_lot(done, "LT-4711")
    monkeypatch.setitem(access.CAPABILITIES, Role.FRONT_DESK, frozenset(acts))
    user = factories.make_user(clinic, Role.FRONT_DESK)
    sent = {"q": "LT-4711", "purpose": "Notice of the maker"}
    client = with_token(user)
    client.force_login(user)
    assert client.post(address, sent).status_code == (200 if may else 403)


def test_the_queries_of_a_list_do_not_grow(
    api, clinic, event, django_assert_max_num_queries
):
    for _ in range(4):
        factories.make_adverse_event(factories.make_patient(clinic))
    with django_assert_max_num_queries(12):
        assert len(api.get(EVENTS).json()["results"]) == 5
    assert AdverseEvent.objects.count() == 5
