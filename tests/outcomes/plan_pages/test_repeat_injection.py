from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from clinic import audit, clock
from clinic.models import AuditEvent
from outcomes.models import Measure, Provenance, Response, Score
from outcomes.plan_pages import repeat_reading
from plans.course import elsewhere, interventions, partial_days
from plans.models import Intervention
from tests import courses, factories


def repeat_page(intervention):
    return reverse("outcomes:repeat_injection", args=[intervention.pk])


def answer(complaint, key, days_ago, value):
    day = factories.days_ago(complaint.clinic, days_ago)
    return Score.objects.create(
        clinic=complaint.clinic,
        patient=complaint.patient,
        complaint=complaint,
        measure=Measure.objects.get(clinic=complaint.clinic, key=key),
        measured_at=clock.now() - timedelta(days=days_ago),
        measured_on=day,
        value=Decimal(value),
        provenance=Provenance.PHONE,
        algorithm_version="test",
        input_sha256="",
    )


def injected(complaint, *, days=100):
    plan = factories.make_plan(complaint, started_days_ago=days + 14)
    return factories.make_performed(plan, days=days)


def therapy(complaint, *, days):
    plan = factories.make_plan(complaint, "lifestyle", started_days_ago=days)
    planned = interventions.add(
        plan,
        title="Therapy",
        modality="physical_therapy",
        planned_on=plan.started_on,
        by=audit.SYSTEM,
    )
    return interventions.perform(planned, performed_on=plan.started_on, by=audit.SYSTEM)


def read(intervention, user):
    rows = Intervention.objects.select_related("plan__complaint__patient__clinic")
    return repeat_reading.read(rows.get(pk=intervention.pk), by=user)


@pytest.fixture
def injection(complaint):
    """Pain 8 before, 2 after two weeks, 6 now."""
    done = injected(complaint)
    for key, days_ago, value in (
        ("pain_site", 105, 8),
        ("pain_site", 86, 2),
        ("pain_site", 10, 6),
        ("activity_limits", 105, 6),
        ("activity_limits", 10, 3),
    ):
        answer(complaint, key, days_ago, value)
    return done


def test_relief_now_and_best_on_the_same_scale(injection, admin):
    found = read(injection, admin)
    assert (found.pain.percent_now, found.pain.percent_best) == (25, 75)
    assert found.function.percent_now == 50
    assert (found.pain.scale, found.pain.change) == ("0 to 10", "25 % less")
    assert found.lasted.words == "2 weeks to 12 weeks"


def test_the_page_says_it_with_day_and_source(signed_in, injection):
    page = signed_in.get(repeat_page(injection))
    for words in ("25 %", "75 %", "2 weeks to 12 weeks", "by phone", "day 14"):
        assertContains(page, words)


def test_no_answers_claim_nothing(signed_in, complaint):
    page = signed_in.get(repeat_page(injected(complaint)))
    assertContains(page, "unknown")
    assertContains(page, "No answer about pain or activity is on record")
    assertNotContains(page, "0 %")


def test_answers_without_a_baseline_have_no_relief(complaint, admin):
    done = injected(complaint)
    answer(complaint, "pain_site", 50, 2)
    found = read(done, admin)
    assert found.pain.percent_now is None
    assert (found.lasted.words, found.lasted.weeks) == ("unknown", None)


def test_an_answer_on_the_day_itself_is_before(complaint, admin):
    done = injected(complaint)
    answer(complaint, "pain_site", 100, 8)
    found = read(done, admin)
    assert found.pain.before.value == 8
    assert found.pain.now is None


def test_a_planned_repeat_is_asked_of_the_last_one(injection, admin):
    planned = interventions.add(
        injection.plan,
        title="PRP again",
        modality="prp",
        planned_on=factories.days_ago(injection.clinic, -7),
        is_repeat=True,
        by=audit.SYSTEM,
    )
    found = read(planned, admin)
    assert found.previous == injection
    assert found.pain.percent_now == 25


def test_nothing_done_before_is_said(signed_in, complaint):
    planned = factories.make_plan(complaint).interventions.get(is_index=True)
    page = signed_in.get(repeat_page(planned))
    assertContains(page, "nothing to compare with")


def test_answers_after_another_needle_are_not_counted(complaint, admin):
    done = injected(complaint)
    answer(complaint, "pain_site", 105, 8)
    answer(complaint, "pain_site", 50, 2)
    other = interventions.add(
        done.plan,
        title="Epidural",
        modality="image_guided_injection",
        planned_on=factories.days_ago(complaint.clinic, 40),
        by=audit.SYSTEM,
    )
    interventions.perform(other, performed_on=other.planned_on, by=audit.SYSTEM)
    answer(complaint, "pain_site", 5, 0)
    found = read(done, admin)
    assert found.following == other
    assert found.pain.percent_now == 75


def test_a_corrected_answer_counts_as_corrected(complaint, admin):
    first = courses.answered(complaint, "3")
    answer(complaint, "pain_site", 32, 8)
    corrected = Response.objects.create(
        clinic=complaint.clinic,
        patient=complaint.patient,
        follow_up=first.follow_up,
        state=Response.State.SEALED,
        revision=2,
        provenance=Provenance.PHONE,
        language="en",
        sealed_at=clock.now(),
        answered_on=first.answered_on,
    )
    score = answer(complaint, "pain_site", 0, 4)
    Score.objects.filter(pk=score.pk).update(response=corrected)
    found = read(first.follow_up.episode.anchor_intervention, admin)
    assert [score.value for score in found.pain.after] == [4]


def test_conservative_care_before_and_since(complaint, admin):
    therapy(complaint, days=170)
    found = read(injected(complaint, days=100), admin)
    assert (found.weeks_before, found.weeks_since) == (10, 14)
    assert [weeks for _, weeks in found.care_before] == [10]


def test_care_begun_after_the_injection_is_not_before_it(complaint, admin):
    therapy(complaint, days=50)
    found = read(injected(complaint, days=100), admin)
    assert (found.weeks_before, found.care_before) == (0, [])
    assert found.weeks_since == 7
    assert [one.label for one in found.added] == ["Therapy"]


def test_only_injections_are_repeated(signed_in, complaint):
    assert signed_in.get(repeat_page(therapy(complaint, days=9))).status_code == 404


def test_reading_is_on_record(signed_in, injection, admin):
    signed_in.get(repeat_page(injection))
    assert AuditEvent.objects.get(action="repeat_injection.read").actor == admin


def test_the_page_takes_few_queries(
    signed_in, injection, django_assert_max_num_queries
):
    with django_assert_max_num_queries(14):
        signed_in.get(repeat_page(injection))


def test_levels_are_said_in_words(signed_in, injection):
    Intervention.objects.filter(pk=injection.pk).update(levels=["L5-S1", "si_joint"])
    for address in (
        repeat_page(injection),
        reverse("outcomes:plan", args=[injection.plan_id]),
    ):
        page = signed_in.get(address)
        assertContains(page, "L5-S1, SI joint")
        assertNotContains(page, "si_joint")


def had_elsewhere(complaint, what, text, modality="physical_therapy"):
    began_on, precision = partial_days.parse(text)
    return elsewhere.report(
        complaint,
        what=what,
        began_on=began_on,
        precision=precision,
        modality=modality,
        by=audit.SYSTEM,
    )


def test_care_elsewhere_is_named_and_never_denied(signed_in, complaint):
    had_elsewhere(complaint, "Physical therapy near home", "2023-10")
    had_elsewhere(complaint, "Chiropractor, eight visits", "2023", "other")
    page = signed_in.get(repeat_page(injected(complaint)))
    told = "elsewhere, as told by the patient, from"
    assertContains(
        page,
        "<li>Physical therapy near home (physical therapy), "
        f"{told} Oct 2023: length not known</li>",
        html=True,
    )
    assertContains(page, f"Chiropractor, eight visits, {told} 2023: length not known")
    assertNotContains(page, "none recorded")
    assertNotContains(page, "No therapy or change of habits")


def test_care_elsewhere_stands_beside_the_weeks_that_are_counted(signed_in, complaint):
    therapy(complaint, days=170)
    had_elsewhere(complaint, "Physical therapy near home", "2023-10")
    page = signed_in.get(repeat_page(injected(complaint, days=100)))
    assertContains(page, "10 weeks</dd>")
    assertContains(page, "and more elsewhere, as told by the patient, length not known")


def test_a_needle_elsewhere_and_what_came_later_are_no_care_before(
    signed_in, complaint
):
    had_elsewhere(complaint, "Cortisone at the hospital", "2023-10", "prp")
    later = factories.days_ago(complaint.clinic, 40)
    had_elsewhere(complaint, "Water gymnastics", later.isoformat(), "lifestyle")
    page = signed_in.get(repeat_page(injected(complaint)))
    assertContains(page, "none recorded")
    assertContains(page, f"elsewhere: Water gymnastics ({clock.in_words(later)})")
