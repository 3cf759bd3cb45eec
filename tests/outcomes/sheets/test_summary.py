"""One patient on one page: on the screen, on paper and as a PDF."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic import clock
from clinic.models import AuditEvent
from outcomes.models import Measure
from outcomes.sheets.typesetting import pdf
from patients.record import merging
from patients.triage import ledger, studies
from plans.course import elsewhere
from plans.models import Intervention
from tests import courses, factories
from tests.outcomes import rows
from tests.outcomes.alerts import cases
from tests.outcomes.sheets import pdfs

PAPERS = {"letter": (612, 792), "a4": (595, 842)}


@pytest.fixture
def at_work(client, physician):
    client.force_login(physician)
    return client


def page(client, patient):
    reply = client.get(reverse("outcomes:summary", args=[patient.pk]))
    assert reply.status_code == 200
    return " ".join(reply.content.decode().split())


def download(client, patient, **asked):
    return client.get(reverse("outcomes:summary_pdf", args=[patient.pk]), asked)


@pytest.fixture
def busy(patient, complaint, physician):
    """A flag, a source, a plan with something done and planned, answers and studies."""
    courses.answered(complaint)
    cases.urgent(complaint)
    ledger.name_source(complaint, by=physician, source="root_l5", certainty="probable")
    study = factories.make_study(complaint, by=physician)
    began_on = factories.days_ago(complaint.clinic, 90)
    elsewhere.report(complaint, by=physician, what="Steroid shot", began_on=began_on)
    return study


def test_it_says_who_what_from_where_and_what_was_done(at_work, busy, patient):
    for shown in (page(at_work, patient), pdfs.text(download(at_work, patient))):
        assert str(patient) in shown
        assert f"MRN {patient.mrn}" in shown
        assert "Left foot pain" in shown
        assert "L5 nerve root" in shown
        assert "probable" in shown
        assert "Steroid shot, elsewhere" in shown
        assert "PRP" in shown


def test_it_says_what_stands_and_what_is_to_be_settled(at_work, busy, patient):
    for shown in (page(at_work, patient), pdfs.text(download(at_work, patient))):
        assert "E0 emergency now" in shown
        assert "numbness or altered feeling" in shown
        assert "Said by the patient" in shown
        assert "not booked, ordered" in shown
        assert "nothing was answered before treatment began" in shown
        assert "that of" in shown
        assert "is not signed" in shown


def test_a_quiet_record_says_that_nothing_is_open(at_work, patient):
    shown = page(at_work, patient)
    assert "Nothing is open." in shown
    assert "Nothing is planned." in shown
    assert "No complaint is open." in shown
    assert "Nothing is open." in pdfs.text(download(at_work, patient))


def test_a_procedure_past_its_day_is_asked_about(at_work, complaint):
    plan = factories.make_plan(complaint, started_days_ago=20)
    index = plan.interventions.get(is_index=True)
    past = factories.days_ago(complaint.clinic, 5)
    Intervention.objects.filter(pk=index.pk).update(planned_on=past)
    words = f"{index.title} was planned for {clock.in_words(past)}: was it done?"
    assert words in page(at_work, complaint.patient)


def test_a_needle_to_come_without_an_answer_from_before_is_named(at_work, complaint):
    plan = factories.make_plan(complaint)
    index = plan.interventions.get(is_index=True)
    shown = page(at_work, complaint.patient)
    assert f"no answer yet from before {index.title}" in shown


@pytest.mark.parametrize("paper", PAPERS)
def test_the_pdf_is_one_page_of_the_paper_asked_for(at_work, busy, patient, paper):
    reply = download(at_work, patient, paper=paper)
    assert pdfs.size(reply) == PAPERS[paper]
    assert len(pdfs.reader(reply).pages) == 1


def test_without_a_paper_it_is_what_the_country_prints_on(at_work, patient, clinic):
    assert pdfs.size(download(at_work, patient)) == PAPERS["letter"]
    clinic.zone = "Europe/Madrid"
    clinic.save()
    assert pdfs.size(download(at_work, patient)) == PAPERS["a4"]


def test_a_paper_that_there_is_not_is_refused_by_name(at_work, patient):
    reply = download(at_work, patient, paper="a0")
    assert reply.status_code == 400
    assert "There is no paper “a0”; use a4 or letter." in reply.content.decode()
    assert not AuditEvent.objects.filter(action="summary.downloaded").exists()


def test_the_drawing_of_the_pdf_is_that_of_the_page(at_work, clinic):
    episode = rows.make_episode(clinic)
    pain = Measure.objects.get(clinic=clinic, key="pain_site")
    rows.answer(episode, pain, baseline=7, w2=6, m3=3)
    shown = page(at_work, episode.patient)
    assert 'data-value="3.000000"' in shown
    assert "Course of Left foot pain" in shown
    words = pdfs.text(download(at_work, episode.patient))
    assert "7 → 3: 4 better, more than the meaningful change (2)." in words
    # Written in the drawing alone.
    assert "dotted: meaningful, 5 or less" in words


def test_three_complaints_and_the_longest_names_fit_one_page(
    at_work, clinic, physician
):
    patient = factories.make_patient(
        clinic, given_name=("Maximiliana " * 7)[:80], family_name=("Wolfes" * 14)[:80]
    )
    for _ in range(3):
        episode = rows.make_episode(clinic, patient=patient)
        for key in ("pain_site", "pain_back", "activity_limits", "global_change"):
            measure = Measure.objects.get(clinic=clinic, key=key)
            rows.answer(episode, measure, baseline=7, w2=6, m3=3)
        for kind in ("mri", "ct", "xray"):
            factories.make_study(episode.complaint, by=physician, kind=kind)
    for paper in PAPERS:
        assert len(pdfs.reader(download(at_work, patient, paper=paper)).pages) == 1


def test_the_file_is_named_for_nobody(at_work, patient):
    reply = download(at_work, patient)
    assert reply["Content-Disposition"] == 'attachment; filename="summary.pdf"'
    assert pdfs.reader(reply).metadata.title == "Summary before the visit"


def test_reading_and_downloading_are_kept(at_work, patient):
    page(at_work, patient)
    download(at_work, patient, paper="a4")
    for action in ("summary.read", "summary.downloaded"):
        event = AuditEvent.objects.get(action=action)
        assert event.subjects.get().patient_id == patient.pk


def test_where_no_pdf_comes_of_it_the_page_is_to_be_printed(
    at_work, patient, monkeypatch
):
    monkeypatch.setattr(pdf, "LONGEST", 0)
    reply = download(at_work, patient)
    assert reply.status_code == 503
    assert "Print the page." in reply.content.decode()


def test_a_merged_record_leads_to_the_one_that_is_kept(at_work, clinic, admin):
    kept, twin = factories.make_patient(clinic), factories.make_patient(clinic)
    merging.merge(kept, merged=twin, by=admin, reason="same person")
    for name in ("outcomes:summary", "outcomes:summary_pdf", "outcomes:glance"):
        reply = at_work.get(reverse(name, args=[twin.pk]))
        assert reply.url == reverse(name, args=[kept.pk])


def test_as_many_queries_however_much_was_done(at_work, patient, physician):
    first = factories.make_complaint(patient)
    courses.answered(first)
    with CaptureQueriesContext(connection) as few:
        page(at_work, patient)
    for side in ("right", "left"):
        other = factories.make_complaint(patient, pain_site="knee", side=side)
        factories.make_study(other, by=physician)
        cases.say(other, RF10="present")
        plan = factories.make_plan(other, "lifestyle")
        factories.make_goal(plan)
    with CaptureQueriesContext(connection) as many:
        page(at_work, patient)
    assert len(many) <= len(few) + 2
    assert len(many) <= 40


def test_a_study_waits_for_its_review(at_work, complaint, physician):
    studies.take_in(
        complaint,
        by=physician,
        kind="xray",
        region="foot",
        performed_on=factories.days_ago(complaint.clinic, 9),
        results=["heel_spur"],
    )
    assert "result not reviewed, received" in page(at_work, complaint.patient)
