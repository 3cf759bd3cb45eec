"""Complaints and courses of one patient beside each other."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from clinic.models import AuditEvent
from outcomes.dashboards.one_patient import course, side_by_side
from outcomes.models import Episode, Measure, Score
from plans.models import Plan
from tests.outcomes import rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def pain(clinic):
    return Measure.objects.get(clinic=clinic, key="pain_site")


@pytest.fixture
def first(clinic, pain):
    """Pain 7, then 6 after two weeks and 3 after three months."""
    episode = rows.make_episode(clinic)
    rows.answer(episode, pain, baseline=7, w2=6, m3=3)
    return episode


def later_course(first, days, *, of_plan=None, **values):
    """Another course of the complaint, so many days after the first."""
    anchor_on = first.anchor_on + timedelta(days=days)
    plan = of_plan or Plan.objects.create(
        clinic_id=first.clinic_id,
        complaint=first.complaint,
        title="later",
        modality="other",
        treatment_key="later",
        treatment_label="Later",
        started_on=anchor_on,
    )
    return Episode.objects.create(
        clinic_id=first.clinic_id,
        patient_id=first.patient_id,
        complaint=first.complaint,
        plan=plan,
        course=2 if of_plan else 1,
        anchor="plan_start",
        anchor_on=anchor_on,
    )


def path_of(episode):
    return reverse("outcomes:courses", args=[episode.patient_id])


def drawn(user, patient):
    found = side_by_side.side_by_side(user, patient, [patient.pk])
    return {
        one.episode: [(row.when, str(row.value.normalize())) for row in one.chart.rows]
        for one in found.courses
    }


def values(user, patient):
    rows_of = drawn(user, patient)
    return {one: [value for _, value in rows] for one, rows in rows_of.items()}


def test_an_earlier_course_ends_where_the_next_begins(physician, first, pain):
    later = later_course(first, 130)
    for days, value in ((118, 5), (130, 4), (150, 2)):
        rows.make_score(first, pain, value, first.anchor_on + timedelta(days=days))
    found = values(physician, first.patient)
    # The day on which it begins says how it was before, and how the first one ended.
    assert found[first] == ["7", "6", "3", "5", "4"]
    assert found[later] == ["5", "4", "2"]
    assert list(found) == [later, first]


def test_what_one_plan_asked_stays_its_own_beside_another(physician, first, pain):
    later_course(first, 60)
    found = values(physician, first.patient)
    assert found[first] == ["7", "6", "3"]


def test_a_repeat_takes_over_what_the_course_before_had_asked(physician, first, pain):
    later = later_course(first, 60, of_plan=first.plan)
    found = values(physician, first.patient)
    assert found[first] == ["7", "6"]
    assert found[later] == ["3"]


@pytest.mark.parametrize("ended_by", ["plan_in_error", "procedure_cancelled"])
def test_what_never_was_a_course_is_left_out(physician, first, ended_by):
    later = later_course(first, 60)
    Episode.objects.filter(pk=later.pk).update(status="ended", ended_by=ended_by)
    assert list(values(physician, first.patient)) == [first]


def test_the_measures_of_all_stand_first(physician, clinic, first, pain):
    alone = rows.make_measure(clinic, "first_of_all", position=0)
    rows.answer(first, alone, w2=4)
    other = rows.make_episode(clinic, patient=first.patient)
    rows.answer(other, pain, baseline=5, w2=5)
    found = side_by_side.side_by_side(physician, first.patient, [first.patient_id])
    (chart,) = [one.chart for one in found.courses if one.episode == first]
    keys = list(dict.fromkeys(row.series for row in chart.rows))
    assert keys == ["Pain in the left foot", "Test pain"]


def test_the_page_has_a_chart_and_a_sentence_for_each(client, physician, first, pain):
    other = rows.make_episode(first.clinic, patient=first.patient, treatment="bmc")
    rows.answer(other, pain, baseline=5, w2=5)
    later_course(other, 500)
    client.force_login(physician)
    page = client.get(path_of(first))
    assertContains(page, "<figure", 2)
    assertContains(page, "7 → 3")
    assertContains(page, "improved by the meaningful change or more")
    assertContains(page, "5 → 5")
    assertContains(page, "as before")
    assertContains(page, "Without an answer so far")
    event = AuditEvent.objects.get(action="courses.read")
    assert [one.patient_id for one in event.subjects.all()] == [first.patient_id]


def test_it_is_linked_where_there_is_more_than_one(client, physician, first):
    client.force_login(physician)
    patient = reverse("outcomes:patient", args=[first.patient_id])
    assertNotContains(client.get(patient), path_of(first))
    later_course(first, 60)
    assertContains(client.get(patient), path_of(first))
    assertContains(client.get(patient), "All 2 courses side by side")


def test_without_an_answer_or_a_course_it_says_what_to_do(client, physician, patient):
    client.force_login(physician)
    path = reverse("outcomes:courses", args=[patient.pk])
    assertContains(client.get(path), "Start a plan")
    rows.make_episode(patient.clinic, patient=patient)
    assertContains(client.get(path), "The first survey goes out by itself")


def test_more_courses_cost_no_more_queries(client, physician, first, pain):
    client.force_login(physician)
    counts = []
    for days in (100, 200, 300):
        later_course(first, days)
        rows.make_score(first, pain, 4, first.anchor_on + timedelta(days=days))
        other = rows.make_episode(first.clinic, patient=first.patient)
        rows.answer(other, pain, baseline=5, w2=5)
        with CaptureQueriesContext(connection) as queries:
            client.get(path_of(first))
        counts.append(len(queries))
    assert counts[0] == counts[1] == counts[2] <= 25


@pytest.mark.parametrize(
    ("baseline", "latest", "words"),
    [
        ("7", "4", course.IMPROVED),
        ("7", "5", course.IMPROVED),
        ("7", "5.5", course.UNCHANGED),
        ("7", "7", course.SAME),
        ("5", "6.5", course.UNCHANGED),
        ("5", "7", course.WORSE),
    ],
)
@pytest.mark.parametrize("better_is", ["lower", "higher"])
def test_a_verdict_counts_the_meaningful_change_itself(
    baseline, latest, words, better_is
):
    if better_is == "higher":
        baseline, latest = str(10 - Decimal(baseline)), str(10 - Decimal(latest))
    measure = Measure(better_is=better_is, mic_points=2)
    said = [Score(value=Decimal(value)) for value in (baseline, latest)]
    assert course.verdict_of(measure, *said) == words


@pytest.mark.parametrize(
    ("mic_percent", "baseline", "latest", "word"),
    [
        (None, "7", "3", "better"),
        (None, "3", "7", "worse"),
        # A percentage of nothing has no meaning.
        (30, "0", "4", "worse"),
    ],
)
def test_what_is_not_known_is_not_claimed(mic_percent, baseline, latest, word):
    measure = Measure(better_is="lower", mic_percent=mic_percent)
    said = [Score(value=Decimal(value)) for value in (baseline, latest)]
    assert course.verdict_of(measure, *said) == f"{word}, {course.UNKNOWN}"


@pytest.mark.parametrize("ended_by", ["plan_in_error", "procedure_cancelled"])
def test_the_newest_is_one_that_was_a_course(physician, first, ended_by):
    later = later_course(first, 60)
    Episode.objects.filter(pk=later.pk).update(status="ended", ended_by=ended_by)
    (shown,) = side_by_side.complaints_with_courses(physician, [first.patient_id])
    assert side_by_side.newest_episode(shown) == first


def test_only_the_leading_measure_is_called_pain_at_its_place(first, clinic):
    sane = Measure.objects.get(clinic=clinic, key="sane")
    title = course.title_of(first.complaint, sane)
    assert title == "Single numeric evaluation, left foot"
