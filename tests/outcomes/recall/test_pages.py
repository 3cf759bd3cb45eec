import csv
import io
from datetime import timedelta

import pytest

from clinic import access, clock
from clinic.models import AuditEvent
from outcomes.dashboards import facts
from outcomes.models import Measure, Score
from outcomes.recall import contacts as people
from outcomes.recall import rows, views
from patients.record import holds, leaving, registration
from plans.course import interventions
from plans.harm import recall
from tests import courses, factories, reasons
from tests.api_client import with_token

pytestmark = pytest.mark.django_db
LOT = "LT-4711 A"


@pytest.fixture
def done(complaint, physician):
    plan = factories.make_plan(complaint, started_days_ago=40)
    done = interventions.perform(
        plan.interventions.get(is_index=True),
        performed_on=factories.days_ago(complaint.clinic, 30),
        by=physician,
        caution_reasons=reasons.ALL,
    )
    factories.make_lot(done, LOT, name="PRP kit")
    return done


def search(client, **asked):
    return client.get("/recall/", asked)


def contacts(client, **given):
    sent = {"q": LOT, "purpose": "Notice of the maker", **given}
    return client.post("/recall/contacts/", sent)


def last_audit():
    return AuditEvent.objects.latest("id")


@pytest.mark.parametrize("typed", ["lt-4711 a", " LT-4711  A ", "LT-47"])
def test_a_lot_shows_who_had_it_and_what_went_wrong(
    client, physician, patient, done, typed
):
    factories.make_adverse_event(patient, intervention=done, category="infection")
    client.force_login(physician)
    page = search(client, q=typed).content.decode()
    assert "1 patient, 1 intervention" in page
    assert str(patient) in page and "Infection" in page
    assert last_audit().action == "recall.searched"
    assert last_audit().subjects.get().patient_id == patient.pk


def test_a_lot_that_had_expired_is_marked(client, physician, done):
    client.force_login(physician)
    for expires_on, is_marked in (
        (done.performed_on, False),
        (done.performed_on - timedelta(days=1), True),
    ):
        done.lots.update(expires_on=expires_on)
        page = search(client, q=LOT).content.decode()
        assert ("expired when used" in page) is is_marked


def test_nothing_found_offers_what_begins_alike(client, physician, done):
    client.force_login(physician)
    page = search(client, q="LT-4711 Z").content.decode()
    assert "Nothing that was recorded" in page
    assert "Did you mean" in page and LOT in page


def test_too_many_ask_for_more_letters(client, physician, done, monkeypatch):
    monkeypatch.setattr(recall, "MOST_ALIKE", 1)
    factories.make_lot(done, "LT-4712")
    client.force_login(physician)
    assert "Type more of it" in search(client, q="LT-47").content.decode()


def test_one_way_of_several_can_be_chosen(client, physician, done):
    factories.make_lot(done, "Okafor")
    client.force_login(physician)
    both = search(client, q="okafor").content.decode()
    assert "What it names" in both
    page = search(client, q="okafor", by="operator").content.decode()
    assert "operator “Dr Okafor”" in page


def test_one_of_two_people_of_one_name_can_be_chosen(client, physician, patient, done):
    namesake = factories.make_user(done.clinic, access.Role.PROVIDER, name="Dr Okafor")
    other = factories.make_complaint(patient, pain_site="knee")
    plan = factories.make_plan(other, started_days_ago=40)
    theirs = interventions.perform(
        plan.interventions.get(is_index=True),
        performed_on=factories.days_ago(done.clinic, 20),
        by=namesake,
        caution_reasons=reasons.ALL,
    )
    client.force_login(physician)
    asked = {"q": "Dr Okafor", "by": "operator", "operator": str(namesake.pk)}
    reply = search(client, **asked)
    assert [row.intervention for row in reply.context["rows"]] == [theirs]
    assert f"operator={physician.pk}" in reply.content.decode()
    listed = contacts(client, **asked).context["contacts"]
    assert listed[0].days == [theirs.performed_on]
    token = with_token(physician)
    refused = token.get("/api/v1/recall/", {"q": "Dr Okafor"})
    assert refused.status_code == 400 and str(namesake.pk) in refused.content.decode()
    (row,) = token.get("/api/v1/recall/", asked).json()["results"]
    assert row["id"] == str(theirs.pk)


@pytest.mark.parametrize(
    "asked",
    [
        {"q": "x" * 121},
        {"q": "a\x00b"},
        {"q": LOT, "by": "moon"},
        {"q": LOT, "operator": "moon"},
    ],
)
def test_a_search_that_makes_no_sense_is_refused(client, physician, asked):
    client.force_login(physician)
    assert search(client, **asked).status_code == 400


@pytest.mark.parametrize("number", ["2", "0", "-1", "x", "9" * 30])
def test_a_page_that_there_is_not_is_no_error(client, physician, done, number):
    client.force_login(physician)
    assert search(client, q=LOT, page=number).status_code == 200


def test_the_contact_list_asks_what_for(client, physician, done, patient):
    client.force_login(physician)
    page = contacts(client, purpose=" ").content.decode()
    assert "Say what you need it for" in page
    assert str(patient) not in page
    assert not AuditEvent.objects.filter(action__startswith="recall.contacts").exists()


def test_the_purpose_is_kept_with_those_shown(client, physician, done, patient):
    client.force_login(physician)
    page = contacts(client).content.decode()
    assert str(patient) in page and "@example.org" in page
    kept = last_audit()
    assert kept.action == "recall.contacts_read"
    assert kept.facts["purpose"] == "Notice of the maker"
    assert kept.subjects.get().patient_id == patient.pk


def test_whom_not_to_call_is_said(client, physician, clinic, done, patient):
    client.force_login(physician)
    assert "may be contacted" in contacts(client).content.decode()
    holds.hold(
        patient,
        hold_until=factories.days_ago(clinic, -9),
        hold_reason="travels",
        by=physician,
    )
    assert "on hold until" in contacts(client).content.decode()
    holds.release_hold(patient, by=physician)
    leaving.withdraw(patient, reason="asked", by=physician)
    assert "withdrew from follow-up" in contacts(client).content.decode()
    leaving.record_death(patient, by=physician)
    assert "deceased" in contacts(client).content.decode()


def test_a_person_treated_twice_is_called_once(client, physician, done, complaint):
    plan = factories.make_plan(complaint, started_days_ago=20)
    factories.make_lot(factories.make_performed(plan, days=10), LOT)
    client.force_login(physician)
    (row,) = csv.DictReader(io.StringIO(file_of(contacts(client, file="csv"))))
    assert row["treated_on"].count(";") == 1


def file_of(reply):
    assert reply["Content-Type"].startswith("text/csv")
    return b"".join(reply.streaming_content).decode("utf-8-sig")


def treated_too(clinic, number):
    for _ in range(number):
        complaint = factories.make_complaint(factories.make_patient(clinic))
        plan = factories.make_plan(complaint, started_days_ago=40)
        factories.make_lot(factories.make_performed(plan), LOT)


def test_the_contact_list_comes_in_pages(client, physician, clinic, done, monkeypatch):
    monkeypatch.setattr(views, "PAGE_SIZE", 2)
    treated_too(clinic, 2)
    client.force_login(physician)
    first = contacts(client)
    assert "3 patients" in first.content.decode()
    assert "1 to 2 of 3" in first.content.decode()
    second = contacts(client, page="2")
    assert last_audit().subjects.count() == 1
    seen = [*first.context["contacts"], *second.context["contacts"]]
    assert len({contact.patient.pk for contact in seen}) == 3
    for number in ("0", "-1", "x", "9" * 5000):
        assert contacts(client, page=number).status_code == 200


def test_the_file_has_all_in_parts_and_names_all_in_the_audit(
    client, physician, clinic, done, monkeypatch
):
    monkeypatch.setattr(people, "PART", 2)
    monkeypatch.setattr(views, "PAGE_SIZE", 1)
    treated_too(clinic, 4)
    client.force_login(physician)
    reply = contacts(client, file="csv")
    assert last_audit().subjects.count() == 5
    found = list(csv.DictReader(io.StringIO(file_of(reply))))
    assert len({row["mrn"] for row in found}) == len(found) == 5
    names = [(contact["patient"]) for contact in found]
    shown = [contacts(client, page=n + 1).context["contacts"][0] for n in range(5)]
    assert [str(contact.patient) for contact in shown] == names


def test_a_cell_of_the_file_is_no_formula(client, physician, done, patient):
    registration.update(patient, by=physician, family_name='=HYPERLINK("x")')
    client.force_login(physician)
    text = file_of(contacts(client, file="csv"))
    assert "=HYPERLINK" in text
    for row in csv.reader(io.StringIO(text)):
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)
    assert last_audit().action == "recall.contacts_exported"


def test_the_number_of_queries_does_not_grow(
    client, physician, clinic, done, django_assert_max_num_queries
):
    for _ in range(4):
        person = factories.make_patient(clinic)
        plan = factories.make_plan(
            factories.make_complaint(person), started_days_ago=40
        )
        row = factories.make_performed(plan)
        factories.make_lot(row, LOT)
        factories.make_adverse_event(person, intervention=row)
    client.force_login(physician)
    with django_assert_max_num_queries(26):
        assert "5 patients" in search(client, q=LOT).content.decode()


def test_the_latest_answer_stands_beside_the_baseline(physician, clinic, complaint):
    response = courses.answered(complaint)
    episode = response.follow_up.episode
    Score.objects.create(
        clinic=clinic,
        patient=complaint.patient,
        complaint=complaint,
        measure=Measure.objects.get(clinic=clinic, key=rows.PAIN),
        measured_at=clock.now(),
        measured_on=episode.anchor_on,
        value=8,
        provenance="phone",
    )
    facts.rebuild_many([episode.pk])
    (row,) = rows.rows([episode.anchor_intervention], physician)
    assert row.pain is not None
    assert (row.pain.baseline, row.pain.value, row.pain.change) == (8, 3, -5)
