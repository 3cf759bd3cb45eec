"""The letter to whoever sent the patient."""

import pytest
from django.urls import reverse

from clinic.models import AuditEvent
from patients.models import Evidence, OutsideClinician
from patients.triage import diagnoses, evaluations, ledger
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_work(client, physician):
    client.force_login(physician)
    return client


@pytest.fixture
def referrer(patient):
    return OutsideClinician.objects.create(
        clinic=patient.clinic,
        patient=patient,
        role="referrer",
        name="Dr Ibáñez",
        practice="Elm Street Family Practice",
        address="12 Elm Street\nSpringfield, IL 62701",
    )


def page_of(client, complaint):
    reply = client.get(reverse("patients:letter", args=[complaint.pk]))
    assert reply.status_code == 200
    return reply.content.decode()


def cite(hypothesis, stance, label):
    Evidence.objects.create(
        clinic_id=hypothesis.clinic_id,
        hypothesis=hypothesis,
        stance=stance,
        kind="other",
        label=label,
    )


def test_without_a_referrer_it_says_where_to_enter_one(at_work, complaint):
    page = page_of(at_work, complaint)
    assert "Nobody is entered who sent" in page
    assert reverse("patients:edit", args=[complaint.patient_id]) in page
    assert "<article" not in page


def test_primary_care_is_not_the_referrer(at_work, complaint, referrer):
    OutsideClinician.objects.update(role="primary_care")
    assert "Nobody is entered who sent" in page_of(at_work, complaint)


def test_it_says_what_was_sent_and_what_was_found(
    at_work, complaint, referrer, physician
):
    ledger.name_source(complaint, by=physician, source="plantar_fascia")
    ledger.name_source(
        complaint, by=physician, source="plantar_fascia", certainty="refuted"
    )
    held = ledger.name_source(
        complaint, by=physician, source="root_s1", certainty="confirmed"
    )
    cite(held, "for", "ankle jerk left 1+")
    cite(held, "against", "no back pain")
    diagnoses.diagnose(complaint, by=physician, code="M54.17", certainty="confirmed")
    plan = factories.make_plan(complaint)
    evaluations.sign(factories.make_evaluation(complaint), by=physician)
    page = page_of(at_work, complaint)
    for said in (
        "Dear Dr Ibáñez,",
        "Elm Street Family Practice",
        "12 Elm Street<br>Springfield",
        "for left foot pain",
        "S1 nerve root, left</strong>: confirmed by Dr Okafor",
        "<li>ankle jerk left 1+</li>",
        "<li>no back pain</li>",
        "Plantar fascia: refuted",
        "M54.17 Radiculopathy, lumbosacral region",
        plan.title,
    ):
        assert said in page, said
    assert "Draft" not in page


def test_no_score_and_no_percentage(at_work, complaint, referrer, physician):
    factories.make_evaluation(complaint, slump__left="present", slr__left="present")
    letter = page_of(at_work, complaint).split("<article")[1]
    assert "%" not in letter
    assert "checklist" not in letter
    assert "points" not in letter


def test_it_is_a_draft_until_an_evaluation_is_signed(
    at_work, complaint, referrer, physician
):
    draft = factories.make_evaluation(complaint)
    assert "Draft, not signed" in page_of(at_work, complaint)
    evaluations.sign(draft, by=physician)
    page = page_of(at_work, complaint)
    assert "Draft, not signed" not in page
    assert '<p class="letter__signer">Dr Okafor' in page


def test_a_refuted_diagnosis_is_not_the_diagnosis(
    at_work, complaint, referrer, physician
):
    made = diagnoses.diagnose(complaint, by=physician, code="M72.2")
    diagnoses.revise_diagnosis(made, by=physician, certainty="refuted")
    assert "None recorded yet" in page_of(at_work, complaint)


def test_what_was_entered_in_error_is_not_cited(
    at_work, complaint, referrer, physician
):
    draft = factories.make_evaluation(complaint, slump__left="present")
    held = ledger.name_source(complaint, by=physician, source="root_s1")
    Evidence.objects.create(
        clinic=complaint.clinic,
        hypothesis=held,
        stance="for",
        kind="finding",
        label="slump, left",
        finding=draft.findings.get(),
    )
    assert "slump, left" in page_of(at_work, complaint)
    evaluations.enter_in_error(draft, by=physician, reason="Another patient")
    assert "slump, left" not in page_of(at_work, complaint)


def test_reading_it_is_on_record(at_work, complaint, referrer, physician):
    page_of(at_work, complaint)
    assert AuditEvent.objects.get(action="letter.read").actor == physician
