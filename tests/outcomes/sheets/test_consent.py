"""The sheet before a procedure: whose figures, in whose words, and why none."""

from dataclasses import asdict

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from scipy.stats import binomtest

from clinic.models import AuditEvent
from outcomes.models import OutcomeFact
from outcomes.sheets.consent import natural, sheet, similar, views
from outcomes.sheets.typesetting import paper as papers
from outcomes.sheets.typesetting import pdf as typeset
from patients.models import Patient
from plans.models import Intervention
from tests import factories, reading
from tests.outcomes.sheets import alike, pdfs

# 8 before: 5 is much less, 8 the same, 10 worse; two did not answer.
VALUES = [5] * 7 + [8] * 3 + [10] * 2 + [None] * 2


@pytest.fixture
def at_work(client, physician):
    client.force_login(physician)
    return client


@pytest.fixture
def planned(complaint):
    """PRP is planned for a patient of the foot."""
    return factories.make_plan(complaint).interventions.get(is_index=True)


def ask(client, intervention, name="outcomes:consent_sheet", **asked):
    return client.get(reverse(name, args=[intervention.pk]), asked)


def page(client, intervention, **asked):
    reply = ask(client, intervention, **asked)
    assert reply.status_code == 200, reply.content
    return " ".join(reply.content.decode().split())


def pdf(client, intervention, **asked):
    return ask(client, intervention, "outcomes:consent_sheet_pdf", **asked)


def test_it_says_how_many_improved_worsened_and_did_not_answer(
    at_work, clinic, planned
):
    alike.treated(clinic, VALUES)
    for shown in (page(at_work, planned), pdfs.text(pdf(at_work, planned))):
        for words in (
            "Of 12 people who answered, 7 had much less pain.",
            "7 had much less pain",
            "3 had little or no change",
            "2 had clearly more pain",
            "2 did not answer",
            "People with no active treatment get better too",
            "It is not a promise for you",
            "Each mark is one person.",
        ):
            assert words in shown, words


def test_the_range_and_the_bounds_are_those_of_the_counts(at_work, clinic, planned):
    alike.treated(clinic, VALUES)
    shown = page(at_work, planned)
    found = binomtest(7, 12).proportion_ci(method="wilson")
    low, high = round(100 * found.low), round(100 * found.high)
    assert f"as few as {low} or as many as {high}" in shown
    # 7 and 9 of 14.
    assert "If none of them is better, it is 50 of 100." in shown
    assert "If all of them are, it is 64 of 100." in shown


def test_in_the_patients_language_unless_another_is_asked_for(at_work, clinic, planned):
    alike.treated(clinic, VALUES)
    Patient.objects.filter(pk=planned.plan.complaint.patient_id).update(language="es")
    assert "De 12 personas que respondieron, 7 tenían" in page(at_work, planned)
    assert "Of 12 people who answered" in page(at_work, planned, language="en")
    told = pdf(at_work, planned)
    assert "De 12 personas que respondieron" in pdfs.text(told)
    assert pdfs.reader(told).trailer["/Root"]["/Lang"] == "es"


def test_nine_answers_are_refused_with_what_it_takes(at_work, clinic, planned):
    alike.treated(clinic, [5] * 9 + [None] * 9)
    for name in ("outcomes:consent_sheet", "outcomes:consent_sheet_pdf"):
        reply = ask(at_work, planned, name)
        assert reply.status_code == 409
        words = " ".join(reply.content.decode().split())
        assert "A sheet needs 10 people" in words
        assert "there are 9" in words
    assert not AuditEvent.objects.filter(action__startswith="consent_sheet").exists()


def test_it_says_which_group_it_is(at_work, clinic, planned):
    alike.treated(clinic, [5] * 12)
    shown = page(at_work, planned)
    assert "all people who had the same treatment here" in shown
    alike.judged(planned.plan.complaint, code="M51.16")
    alike.treated(clinic, [5] * 10, code="M51.26", source="disc")
    shown = page(at_work, planned)
    assert "Their pain may have come from other places." in shown
    assert "Of 10 people who answered, 10 had much less pain." in shown
    alike.judged(planned.plan.complaint, source="root_l5")
    alike.treated(clinic, [8] * 10, code="M51.16", source="root_l5")
    shown = page(at_work, planned)
    assert "their pain came from the same place" in shown
    assert "Of 10 people who answered, 0 had much less pain." in shown


def test_the_patients_own_courses_do_not_count(at_work, clinic, planned):
    own = planned.plan.complaint.patient
    alike.treated(clinic, [5] * 3, patient=own)
    alike.treated(clinic, [5] * 10)
    assert "Of 10 people who answered" in page(at_work, planned)


def test_who_had_two_courses_is_one_person(at_work, clinic, planned):
    twice = factories.make_patient(clinic)
    alike.treated(clinic, [5, 5, 5], patient=twice)
    alike.treated(clinic, [5] * 9)
    assert "Of 10 people who answered" in page(at_work, planned)


def test_who_had_no_pain_before_is_left_out(at_work, clinic, planned):
    alike.treated(clinic, [5] * 10)
    alike.treated(clinic, [0, None], before=0)
    shown = page(at_work, planned)
    assert "Of 10 people who answered" in shown
    assert "All who were asked did answer." in shown


def test_who_left_or_died_is_no_missing_answer(at_work, clinic, planned):
    episodes = alike.treated(clinic, [5] * 10 + [None])
    OutcomeFact.objects.filter(episode=episodes[-1]).update(apart="withdrew")
    assert "All who were asked did answer." in page(at_work, planned)


def test_other_clinics_and_treatments_do_not_count(
    at_work, clinic, other_clinic, planned
):
    alike.treated(other_clinic, [5] * 20)
    alike.treated(clinic, [5] * 20, modality="image_guided_injection")
    assert ask(at_work, planned).status_code == 409


@pytest.mark.parametrize("status", ["performed", "cancelled"])
def test_it_is_for_what_is_planned(at_work, clinic, planned, status):
    alike.treated(clinic, [5] * 10)
    performed_on = factories.days_ago(clinic, 1) if status == "performed" else None
    Intervention.objects.filter(pk=planned.pk).update(
        status=status, performed_on=performed_on
    )
    reply = ask(at_work, planned)
    assert reply.status_code == 409
    assert "planned and not done yet" in reply.content.decode()


def test_it_is_for_a_needle(at_work, clinic, complaint):
    alike.treated(clinic, [5] * 10, modality="physical_therapy")
    plan = factories.make_plan(complaint, "physical_therapy")
    step = plan.interventions.filter(status="planned").first()
    assert ask(at_work, step).status_code == 409


def test_a_language_that_there_is_not_is_named(at_work, planned):
    reply = ask(at_work, planned, language="fr")
    assert reply.status_code == 400
    assert "There is no sheet in “fr”; use en or es." in reply.content.decode()


@pytest.mark.parametrize("paper", ["a4", "letter"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_of_five_thousand_it_still_is_one_page(clinic, planned, language, paper):
    counts = {"improved": 2500, "unchanged": 1500, "worsened": 400, "unanswered": 600}
    group = similar.Group(similar.Likeness.TREATMENT, counts)
    found = sheet.of(planned, group, language)
    assert len(found.people.marks) == 200
    made = typeset_as(found, paper)
    assert len(pdfs.reader(made).pages) == 1


def typeset_as(found, paper):
    data = {**asdict(found), "drawing": views._drawing(found)}
    return typeset.make(
        "consent", data, paper=papers.PAPERS[paper], language=found.language
    )


def test_it_is_kept_who_made_it_in_which_language(at_work, clinic, planned):
    alike.treated(clinic, VALUES)
    page(at_work, planned)
    reply = pdf(at_work, planned, language="es")
    assert reply["Content-Disposition"] == 'attachment; filename="consent.pdf"'
    assert AuditEvent.objects.filter(action="consent_sheet.read").exists()
    event = AuditEvent.objects.get(action="consent_sheet.downloaded")
    assert event.facts == {"language": "es", "likeness": "treatment"}
    assert event.subjects.get().patient_id == planned.plan.complaint.patient_id


def test_as_many_queries_however_many_are_alike(at_work, clinic, planned):
    alike.treated(clinic, [5] * 10)
    with CaptureQueriesContext(connection) as few:
        page(at_work, planned)
    alike.treated(clinic, [5] * 10)
    with CaptureQueriesContext(connection) as many:
        page(at_work, planned)
    assert len(many) == len(few)


def test_the_plan_leads_to_it(at_work, planned):
    plan = reverse("outcomes:plan", args=[planned.plan_id])
    address = reverse("outcomes:consent_sheet", args=[planned.pk])
    assert address in at_work.get(plan).content.decode()


def test_it_reads_easily_in_both_languages():
    """As the patient's own page does: sixth grade, and its like in Spanish."""
    english, spanish = (
        [pair[place] for pair in sheet.words().values()]
        + [fact.text[place] for fact in natural.facts()]
        for place in (0, 1)
    )
    assert reading.grade(" ".join(english)) <= 6
    assert reading.spanish_ease(" ".join(spanish)) >= 70
