"""The early-intervention clock wherever a patient's name stands."""

from datetime import timedelta

import pytest
from django.db import connection
from django.template import Context, Template
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic import clock
from patients.models import Complaint, Patient
from patients.record import merging
from patients.triage import early_intervention
from tests import factories

pytestmark = pytest.mark.django_db


def run(complaint, kind, days):
    since = clock.today(complaint.patient.time_zone) - timedelta(days=days)
    Complaint.objects.filter(pk=complaint.pk).update(
        deficit_kind=kind, deficit_since=since
    )


def shown(user, patient):
    request = RequestFactory().get("/")
    request.user = user
    template = Template("{% load clocks %}{% clocks patient %}")
    return template.render(Context({"request": request, "patient": patient}))


def test_a_running_clock_says_what_and_which_day(physician, complaint):
    run(complaint, "foot_drop", 12)
    assert "foot drop, day 12" in shown(physician, complaint.patient)


@pytest.mark.parametrize(
    ("kind", "days", "tone"),
    [
        ("cauda_equina", 0, "bad"),
        ("foot_drop", 12, "bad"),
        ("weakness", 29, "warn"),
        ("weakness", 30, "bad"),
    ],
)
def test_the_tone_follows_kind_and_days(physician, complaint, kind, days, tone):
    run(complaint, kind, days)
    assert f"pill--{tone}" in shown(physician, complaint.patient)


def test_a_stopped_clock_is_not_shown(physician, complaint):
    run(complaint, "weakness", 3)
    complaint.refresh_from_db()
    early_intervention.stop(complaint, by=physician, reason="Full strength")
    assert shown(physician, complaint.patient).strip() == ""


def test_the_front_desk_sees_no_clock(clerk, complaint):
    run(complaint, "foot_drop", 12)
    assert shown(clerk, complaint.patient).strip() == ""
    early_intervention.attach_clocks([complaint.patient], user=clerk)
    assert complaint.patient.clocks == []


def test_the_most_urgent_comes_first_and_then_the_longest(clinic):
    wanted = [("cauda_equina", 1), ("foot_drop", 40), ("foot_drop", 12)]
    wanted += [("weakness", 90)]
    for kind, days in reversed(wanted):
        complaint = factories.make_complaint(factories.make_patient(clinic))
        run(complaint, kind, days)
    running = Complaint.objects.with_running_clock()
    assert [(c.deficit_kind, c.deficit_days) for c in running] == wanted


def test_a_list_of_patients_gets_its_clocks_in_one_query(
    physician, clinic, django_assert_num_queries
):
    for _ in range(3):
        run(factories.make_complaint(factories.make_patient(clinic)), "foot_drop", 2)
    visible = Patient.objects.visible_to(physician).select_related("clinic")
    found = list(visible)
    with django_assert_num_queries(1):
        early_intervention.attach_clocks(found, user=physician)
        html = [shown(physician, patient) for patient in found]
    assert all("foot drop, day 2" in one for one in html)


@pytest.mark.parametrize(
    "name", ["evaluate", "name_source", "diagnose", "plans:start", "open_complaint"]
)
def test_every_page_of_a_complaint_shows_it(client, physician, complaint, name):
    run(complaint, "foot_drop", 12)
    client.force_login(physician)
    about = complaint.patient if name == "open_complaint" else complaint
    view = name if ":" in name else f"patients:{name}"
    html = client.get(reverse(view, args=[about.pk])).content.decode()
    assert "foot drop, day 12" in html


def test_the_list_and_a_search_show_it_at_no_cost_a_patient(client, physician, clinic):
    client.force_login(physician)
    counts = []
    for _ in range(2):
        patient = factories.make_patient(clinic, family_name="Quill")
        run(factories.make_complaint(patient), "foot_drop", 12)
        with CaptureQueriesContext(connection) as queries:
            html = client.get("/patients/", {"q": "quill"}).content.decode()
        counts.append(len(queries))
        assert html.count("foot drop, day 12") == len(counts)
    assert counts[0] == counts[1]


def test_the_clock_of_a_merged_record_runs_for_the_kept_one(
    physician, clinic, complaint
):
    run(complaint, "foot_drop", 12)
    kept = factories.make_patient(clinic)
    merging.merge(kept, merged=complaint.patient, reason="Same person", by=physician)
    assert "foot drop, day 12" in shown(physician, kept)
    assert "foot drop, day 12" in shown(physician, complaint.patient)
