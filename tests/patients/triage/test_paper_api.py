"""The note and the letter of a complaint over the API."""

import pytest
from django.urls import reverse

from clinic.models import AuditEvent
from patients.models import Evidence, OutsideClinician
from patients.record import merging
from patients.triage import diagnoses, evaluations, ledger
from tests import factories
from tests.api_client import with_token

pytestmark = pytest.mark.django_db
UNKNOWN = "01a22336-af70-79b9-ad1a-39b0905bdf00"


@pytest.fixture
def api(physician):
    return with_token(physician)


@pytest.fixture
def referrer(patient):
    return OutsideClinician.objects.create(
        clinic=patient.clinic,
        patient=patient,
        role="referrer",
        name="Dr Ibáñez",
        practice="Elm Street Family Practice",
        address="12 Elm Street",
    )


def at(complaint, paper):
    return f"/api/v1/complaints/{complaint.pk}/{paper}/"


def letter_of(api, complaint):
    reply = api.get(at(complaint, "letter"))
    assert reply.status_code == 200, reply.content
    return reply.json()


def test_the_note_is_that_of_the_page(api, client, complaint, physician):
    draft = factories.make_evaluation(complaint, ankle_jerk__left="1")
    note = api.get(at(complaint, "note")).json()
    assert note["evaluation"] == str(draft.pk)
    assert "Ankle jerk, left: 1 reduced" in note["text"]
    client.force_login(physician)
    page = client.get(reverse("patients:note", args=[complaint.pk]))
    assert note["text"] == page.context["text"]


def test_the_note_is_of_the_evaluation_that_is_asked_for(api, complaint, physician):
    older = factories.make_evaluation(complaint, ankle_jerk__left="1")
    evaluations.sign(older, by=physician)
    newer = factories.make_evaluation(complaint, ankle_jerk__left="2")
    for asked, shown in (({}, newer), ({"evaluation": older.pk}, older)):
        note = api.get(at(complaint, "note"), asked).json()
        assert note["evaluation"] == str(shown.pk)
    assert "reduced" in note["text"]


def test_a_note_without_an_evaluation_tells_the_rest(api, complaint):
    note = api.get(at(complaint, "note")).json()
    assert note["evaluation"] is None
    assert "No evaluation is recorded." in note["text"]


@pytest.mark.parametrize("asked", ["x", UNKNOWN, "of another complaint"])
def test_an_evaluation_that_the_complaint_has_not_is_named(api, complaint, asked):
    other = factories.make_evaluation(factories.make_complaint(complaint.patient))
    sent = str(other.pk) if asked == "of another complaint" else asked
    reply = api.get(at(complaint, "note"), {"evaluation": sent})
    assert (reply.status_code, list(reply.json())) == (400, ["evaluation"])
    assert not AuditEvent.objects.filter(action="note.read").exists()


def test_a_parameter_of_no_use_is_refused(api, complaint):
    assert api.get(at(complaint, "note"), {"visit": "1"}).status_code == 400
    assert api.get(at(complaint, "letter"), {"evaluation": "1"}).status_code == 400


def test_who_asks_for_plain_text_gets_the_text_alone(api, complaint):
    text = api.get(at(complaint, "note")).json()["text"]
    plain = {"Accept": "text/plain"}
    reply = api.get(at(complaint, "note"), headers=plain)
    assert reply.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert reply.content.decode() == text
    assert api.get(at(complaint, "note"), {"format": "txt"}).content == reply.content
    refused = api.get(at(complaint, "note"), {"evaluation": "x"}, headers=plain)
    assert (refused.status_code, list(refused.json())) == (400, ["evaluation"])


def test_a_program_that_reads_them_is_on_record(api, complaint, patient, physician):
    draft = factories.make_evaluation(complaint)
    api.get(at(complaint, "note"))
    api.get(at(complaint, "letter"))
    note = AuditEvent.objects.get(action="note.read")
    assert note.facts == {"evaluation": str(draft.pk), "form": "api"}
    letter = AuditEvent.objects.get(action="letter.read")
    for event in (note, letter):
        assert event.actor == physician
        assert [s.patient_id for s in event.subjects.all()] == [patient.pk]


def test_the_letter_says_what_was_sent_and_what_was_found(
    api, complaint, patient, referrer, physician
):
    ledger.name_source(complaint, by=physician, source="plantar_fascia")
    held = ledger.name_source(
        complaint, by=physician, source="root_s1", certainty="confirmed"
    )
    for stance, label in (("for", "ankle jerk 1+"), ("against", "no back pain")):
        Evidence.objects.create(
            clinic=complaint.clinic,
            hypothesis=held,
            stance=stance,
            kind="other",
            label=label,
        )
    diagnoses.diagnose(complaint, by=physician, code="M54.17", certainty="confirmed")
    plan = factories.make_plan(complaint)
    signed = factories.make_evaluation(complaint)
    evaluations.sign(signed, by=physician)
    letter = letter_of(api, complaint)
    assert letter["referrer"]["name"] == "Dr Ibáñez"
    assert letter["patient"] == {
        "id": str(patient.pk),
        "name": str(patient),
        "birth_date": patient.birth_date.isoformat(),
        "mrn": patient.mrn,
    }
    assert (letter["site"], letter["is_draft"]) == ("left foot", False)
    assert letter["examined_on"] == signed.examined_on.isoformat()
    assert letter["source"] == {
        "source": "root_s1",
        "label": "S1 nerve root",
        "side": "left",
        "certainty": "confirmed",
        "stated_by": "Dr Okafor",
        "stated_on": held.stated_on.isoformat(),
    }
    assert letter["findings_for"] == ["ankle jerk 1+"]
    assert letter["findings_against"] == ["no back pain"]
    assert [other["source"] for other in letter["others"]] == ["plantar_fascia"]
    assert [(d["code"], d["certainty"]) for d in letter["diagnoses"]] == [
        ("M54.17", "confirmed")
    ]
    assert letter["plans"] == [plan.title]
    assert (letter["weakness"], letter["signed_by"]) == (None, "Dr Okafor")


def test_a_letter_with_little_to_say_is_a_draft_to_nobody(api, complaint):
    letter = letter_of(api, complaint)
    assert letter["is_draft"] is True
    for name in ("referrer", "examined_on", "source", "signed_by", "weakness"):
        assert letter[name] is None, name
    assert letter["diagnoses"] == letter["plans"] == letter["findings_for"] == []


def test_the_letter_tells_a_weakness_while_its_clock_runs(api, complaint):
    factories.make_evaluation(complaint, foot_drop__left="present")
    complaint.refresh_from_db()
    assert letter_of(api, complaint)["weakness"] == {
        "kind": "foot_drop",
        "since": complaint.deficit_since.isoformat(),
    }


def test_a_merged_record_is_told_under_the_one_that_is_kept(
    api, complaint, patient, clinic, physician
):
    kept = factories.make_patient(clinic)
    merging.merge(kept, merged=patient, reason="same card", by=physician)
    assert letter_of(api, complaint)["patient"]["id"] == str(kept.pk)
    assert f"MRN {kept.mrn}" in api.get(at(complaint, "note")).json()["text"]


@pytest.mark.parametrize("paper", ["note", "letter"])
def test_who_reads_no_complaints_finds_no_paper(clerk, outsider, complaint, paper):
    for user in (clerk, outsider):
        assert with_token(user).get(at(complaint, paper)).status_code == 404
