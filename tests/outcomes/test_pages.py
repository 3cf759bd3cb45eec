import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.asserts import assertContains

from clinic import audit, clock
from clinic.models import AuditEvent
from outcomes.dashboards import facts
from outcomes.models import Episode, Measure
from patients.triage import complaints
from plans.course import elsewhere
from plans.models import Intervention
from tests import courses, factories
from tests.outcomes import rows


@pytest.fixture
def episode(clinic):
    """Pain 7 at the start, 6 after two weeks, 3 after three months."""
    episode = rows.make_episode(clinic)
    pain = Measure.objects.get(clinic=clinic, key="pain_site")
    rows.answer(episode, pain, baseline=7, w2=6, m3=3)
    facts.rebuild_many([episode.pk])
    return episode


def body(client, path):
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def plotted(html, series):
    return re.findall(rf'data-series="{series}"[^>]*data-value="([^"]*)"', html)


def test_the_patient_page_plots_each_answer_and_lists_the_same_numbers(
    signed_in, episode
):
    html = body(signed_in, f"/patients/{episode.patient_id}/")
    assert "7 → 3" in html
    assert "improved by the meaningful change or more" in html
    table = html[html.index('<table class="chart-table') :]
    assert plotted(table, "pain_site") == ["7.000000", "6.000000", "3.000000"]


def test_the_patient_page_says_what_to_do_next(signed_in, patient):
    assert "Open a complaint" in body(signed_in, f"/patients/{patient.pk}/")
    factories.make_complaint(patient)
    assert "Start a plan" in body(signed_in, f"/patients/{patient.pk}/")


def test_site_and_source_stand_apart(signed_in, patient):
    complaints.open_complaint(
        patient,
        by=audit.SYSTEM,
        pain_site="foot",
        side="left",
        suspected_source="root_l5",
    )
    html = body(signed_in, f"/patients/{patient.pk}/")
    assert "Left foot" in html
    assert "L5" in html


def test_the_front_desk_sees_no_complaint_plan_or_answer(client, clerk, episode):
    client.force_login(clerk)
    html = body(client, f"/patients/{episode.patient_id}/")
    assert "foot" not in html.partition("<footer")[0]
    assert "PRP" not in html
    assert "<svg" not in html
    assert "Follow-ups" in html


def test_reading_a_patient_is_audited_under_the_patient(signed_in, admin, patient):
    body(signed_in, f"/patients/{patient.pk}/")
    event = AuditEvent.objects.get(action="patient.read")
    assert event.actor == admin
    assert [s.patient_id for s in event.subjects.all()] == [patient.pk]


def test_a_name_with_markup_is_shown_as_text(signed_in, clinic):
    patient = factories.make_patient(clinic, family_name="<script>alert(1)</script>")
    html = body(signed_in, f"/patients/{patient.pk}/")
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_more_complaints_cost_no_more_queries(signed_in, clinic, patient):
    counts = []
    for more in (1, 3):
        for _ in range(more):
            episode = rows.make_episode(clinic, patient=patient)
            measure = Measure.objects.get(clinic=clinic, key="pain_site")
            rows.answer(episode, measure, baseline=5, m3=3)
        with CaptureQueriesContext(connection) as queries:
            body(signed_in, f"/patients/{patient.pk}/")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 37


def test_today_lists_procedures_whose_day_has_come(signed_in, clinic, complaint):
    yesterday = clock.today(clinic.zone) - timedelta(days=1)
    plan = factories.make_plan(complaint, "prp", started_days_ago=20)
    Intervention.objects.filter(plan=plan, is_index=True).update(planned_on=yesterday)
    html = body(signed_in, "/")
    assert "Was it done?" in html
    assert str(complaint.patient) in html


def test_today_shows_capture_with_its_n(signed_in, clinic, episode):
    today = clock.today(clinic.zone)
    episode.follow_ups.filter(timepoint_key__in=["w2", "m12"]).update(
        opens_on=today, due_on=today, closes_on=today
    )
    html = body(signed_in, "/")
    assert "50 %" in html
    assert "of 2 follow-ups answered" in html


def test_the_researcher_lands_on_outcomes(client, researcher):
    client.force_login(researcher)
    assert client.get("/").url == "/outcomes/"


def test_the_population_page_shows_the_cohort_of_the_api(signed_in, clinic, admin):
    pain = Measure.objects.get(clinic=clinic, key="pain_site")
    for later in [2, 3, 6, 7, 2, 1, 4, 6, 3, 2]:
        episode = rows.make_episode(clinic)
        rows.answer(episode, pain, baseline=7, m3=later)
    facts.rebuild_many(Episode.objects.values_list("pk", flat=True))
    html = body(signed_in, "/outcomes/?measure=pain_site&day=90")
    # Seven of ten are at least 30 % below 7; their mean is 3.6.
    assert "70 %" in html
    assert "40 % to 89 %" in html
    level = html[html.index('id="level"') :]
    # Nobody answered at two weeks, so nothing is plotted there.
    assert plotted(level[level.index("<table") :], "prp") == ["7.0", "3.6"]


def test_too_few_people_get_no_rate(signed_in, episode):
    html = body(signed_in, "/outcomes/?measure=pain_site&day=90")
    assert "too few for a rate" in html


@pytest.mark.parametrize("query", ["measure=mood", "rule=best", "day=7", "day=x"])
def test_an_unknown_choice_is_a_clear_400(signed_in, episode, query):
    response = signed_in.get(f"/outcomes/?{query}")
    assert response.status_code == 400
    assert query.split("=")[1] in response.content.decode()


def test_an_empty_clinic_says_what_to_do(signed_in, clinic):
    assert "import_outcomes" in body(signed_in, "/outcomes/")
    html = body(signed_in, "/")
    assert "Nobody is known to come" in html and "/appointments/import/" in html


def test_an_address_no_column_can_hold_is_a_clear_400(signed_in, clinic):
    assert signed_in.get("/outcomes/?measure=%00").status_code == 400


def test_the_researcher_is_offered_the_fixed_table_only(client, researcher, episode):
    client.force_login(researcher)
    html = body(client, "/outcomes/?measure=pain_site")
    assert 'value="pct30"' in html
    assert 'value="points2"' not in html
    assert 'name="baseline"' not in html


def test_who_was_never_asked_does_not_count_as_asked(signed_in, clinic, episode):
    today = clock.today(clinic.zone)
    episode.follow_ups.exclude(is_baseline=True).update(
        opens_on=today, due_on=today, closes_on=today
    )
    episode.follow_ups.filter(timepoint_key="m12").update(state_reason="never asked")
    assert "of 2 follow-ups answered" in body(signed_in, "/")


def test_an_answer_after_another_treatment_says_so_on_its_chart(signed_in, complaint):
    response = courses.answered(complaint)
    elsewhere.report(
        complaint,
        what="Steroid injection",
        began_on=response.answered_on - timedelta(days=2),
        by=audit.SYSTEM,
    )
    page = signed_in.get(reverse("outcomes:patient", args=[complaint.patient_id]))
    assertContains(page, "by the patient, after elsewhere: Steroid injection")


def test_answers_without_a_baseline_say_so_and_draw_no_change(signed_in, clinic):
    sane = Measure.objects.get(clinic=clinic, key="sane")
    rows.answer(rows.make_episode(clinic), sane, m3=60)
    facts.rebuild_many(Episode.objects.values_list("pk", flat=True))
    html = body(signed_in, "/outcomes/?measure=sane&day=90")
    assert "nobody who answered has a baseline to compare with" in html
    assert 'id="change"' not in html


def test_the_share_that_answered_is_of_the_numbers_beside_it(signed_in, clinic):
    """Who began at 0 is due and answers, and has no rate by percent."""
    pain = Measure.objects.get(clinic=clinic, key="pain_site")
    for values in ({"m3": 3}, {}):
        rows.answer(rows.make_episode(clinic), pain, baseline=7, **values)
    for _ in range(2):
        rows.answer(rows.make_episode(clinic, treatment="bmc"), pain, baseline=0)
    rows.answer(rows.make_episode(clinic), pain, baseline=0)
    facts.rebuild_many(Episode.objects.values_list("pk", flat=True))
    html = body(signed_in, "/outcomes/?day=90")
    rates = re.sub(r"<[^>]+>|\s+", " ", html[html.index('id="rates"') :])
    assert re.search(r"PRP +3 +due of PRP +1 +answered of PRP +33 %", rates), rates[
        :900
    ]
    assert "nobody to rate" in rates
