"""Red flags and the early-intervention clock on the pages of a day and a patient."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from clinic import clock
from clinic.models import AuditEvent
from patients.models import Complaint, Patient, RedFlag
from patients.triage import early_intervention, evaluations, flags
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_work(client, physician):
    client.force_login(physician)
    return client


@pytest.fixture
def drop(complaint):
    """A foot drop since twelve days: a red flag, and a clock that runs."""
    factories.make_evaluation(complaint, foot_drop__left="present")
    run(complaint, "foot_drop", 12)
    return RedFlag.objects.get()


def run(complaint, kind, days):
    since = clock.today(complaint.patient.time_zone) - timedelta(days=days)
    Complaint.objects.filter(pk=complaint.pk).update(
        deficit_kind=kind, deficit_since=since
    )


def body(client, path="/"):
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def patient_page(patient):
    return reverse("outcomes:patient", args=[patient.pk])


def test_the_open_red_flags_stand_right_below_the_numbers(at_work, drop):
    html = body(at_work)
    card = html[html.index('id="red-flags"') : html.index('id="clocks"')]
    assert str(drop.patient) in card
    assert "Foot drop, left" in card
    assert "E1 same day" in card
    assert f"/red-flags/{drop.pk}/#act" in card
    assert html.index("figure__number") < html.index('id="red-flags"')
    assert html.index('id="red-flags"') < html.index('id="patients"')


def test_what_somebody_acted_on_leaves_todays_page(at_work, physician, drop):
    flags.acknowledge(drop, by=physician, action="MRI at noon")
    html = body(at_work)
    assert 'id="red-flags"' not in html
    assert "No red flag is open" in html


def test_clocks_stand_by_kind_and_then_by_days(at_work, clinic):
    wanted = [("cauda_equina", 1), ("foot_drop", 40), ("foot_drop", 12)]
    wanted += [("weakness", 90)]
    for kind, days in reversed(wanted):
        run(factories.make_complaint(factories.make_patient(clinic)), kind, days)
    shown = at_work.get("/").context["clocks"]
    assert [(c.deficit_kind, c.deficit_days) for c in shown] == wanted


def test_a_clock_of_a_patient_who_died_is_not_on_todays_page(at_work, drop):
    Patient.objects.update(deceased_on=clock.today("America/Chicago"))
    assert at_work.get("/").context["clocks"] == []


def test_the_front_desk_sees_neither_flag_nor_clock(client, clerk, drop):
    client.force_login(clerk)
    for path in (
        "/",
        "/follow-ups/?show=all",
        "/patients/",
        patient_page(drop.patient),
    ):
        html = body(client, path).lower()
        assert "foot drop" not in html
        assert "red flag" not in html
        assert "early-intervention" not in html


def test_whose_flags_and_clocks_were_shown_is_kept(at_work, drop):
    body(at_work)
    event = AuditEvent.objects.get(action="today.read")
    assert [s.patient_id for s in event.subjects.all()] == [drop.patient_id]


def make_rows(clinic, count):
    for _ in range(count):
        complaint = factories.make_complaint(factories.make_patient(clinic))
        factories.make_evaluation(complaint, foot_drop__left="present")
        factories.make_plan(complaint, "physical_therapy")


@pytest.mark.parametrize("path", ["/", "/follow-ups/?show=all"])
def test_more_rows_cost_no_more_queries(at_work, clinic, path):
    counts = []
    for _ in range(2):
        make_rows(clinic, 2)
        body(at_work, path)
        with CaptureQueriesContext(connection) as queries:
            html = body(at_work, path)
        assert "foot drop, day 0" in html
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_every_list_of_a_day_shows_the_clock(at_work, complaint, drop):
    factories.make_plan(complaint, "prp", started_days_ago=20)
    html = body(at_work, "/follow-ups/?show=all")
    assert "foot drop, day 12" in html


def test_the_patient_page_warns_and_leads_to_the_flag(at_work, drop):
    html = body(at_work, patient_page(drop.patient))
    assert "E1 same day: foot drop, left." in html
    assert reverse("patients:red_flag", args=[drop.pk]) in html
    assert html.count("foot drop, day 12") == 2
    assert reverse("patients:stop_clock", args=[drop.complaint_id]) in html


def test_an_assistant_reads_the_clock_and_cannot_stop_it(client, assistant, drop):
    client.force_login(assistant)
    html = body(client, patient_page(drop.patient))
    assert "foot drop, day 12" in html
    assert "Stop the clock" not in html


def test_a_stopped_clock_says_how_it_ended(at_work, physician, drop):
    complaint = Complaint.objects.get()
    early_intervention.stop(complaint, by=physician, reason="Full strength again")
    html = body(at_work, patient_page(drop.patient))
    assert "foot drop, day" not in html
    assert "Full strength again" in html


def test_the_plan_page_shows_the_clock(at_work, complaint, drop):
    plan = factories.make_plan(complaint)
    assertContains(at_work.get(f"/plans/{plan.pk}/"), "foot drop, day 12")


def test_the_next_step_of_a_visit_is_one_press(at_work, complaint):
    page = patient_page(complaint.patient)
    assertContains(at_work.get(page), "New evaluation")
    begun = at_work.post(reverse("patients:evaluate", args=[complaint.pk]))
    assert "/evaluations/" in begun.url
    assertContains(at_work.get(page), "Go on with the evaluation")


def test_two_complaints_offer_an_evaluation_each(at_work, patient, complaint):
    knee = factories.make_complaint(patient, pain_site="knee", side="right")
    html = body(at_work, patient_page(patient))
    for each in (complaint, knee):
        assert f'action="{reverse("patients:evaluate", args=[each.pk])}"' in html


def test_evaluations_are_listed_with_their_state(at_work, physician, complaint):
    signed = factories.make_evaluation(complaint)
    evaluations.sign(signed, by=physician)
    html = body(at_work, patient_page(complaint.patient))
    line = html[html.index(f"/evaluations/{signed.pk}/") :]
    assert "signed" in line[:200]
    assert "Dr Okafor" in line[:200]


def test_the_newest_map_that_counts_is_the_one_shown(at_work, physician, complaint):
    first = factories.make_evaluation(complaint, pain_regions="heel_back:left")
    evaluations.sign(first, by=physician)
    second = factories.make_evaluation(complaint, pain_regions="arch:left")
    assert complaint.mapped == second
    assert complaint.mapped.pain_regions == ["arch:left"]
    assert "arch of the left foot" in body(at_work, patient_page(complaint.patient))
    evaluations.enter_in_error(second, by=physician, reason="Another patient")
    assert Complaint.objects.get().mapped == first


def test_more_of_everything_costs_the_patient_page_no_more(at_work, physician, patient):
    counts = []
    for _ in range(2):
        complaint = factories.make_complaint(patient)
        for flag in ("RF08", "RF10"):
            made = factories.make_evaluation(complaint, **{flag: "present"})
            evaluations.sign(made, by=physician)
        body(at_work, patient_page(patient))
        with CaptureQueriesContext(connection) as queries:
            body(at_work, patient_page(patient))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_patient_without_flags_has_a_way_to_the_baselines(at_work, patient):
    reply = at_work.get(patient_page(patient))
    assertContains(reply, reverse("patients:baselines", args=[patient.pk]))
    assertNotContains(reply, "banner--bad")
