from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from clinic import audit, clock
from clinic.models import AuditEvent
from outcomes.baselines import capture, missing
from outcomes.dashboards import facts
from outcomes.follow_ups.engine import due
from outcomes.models import (
    FollowUp,
    OutcomeFact,
    Response,
    Score,
    SurveyRequest,
)
from outcomes.survey import questionnaire, submissions
from plans.course import interventions
from plans.models import Protocol
from tests import factories, reasons

ANSWERS = {
    "pain_site": Decimal(6),
    "pain_back": None,
    "activity_limits": Decimal(5),
}
TAPS = {"pain_site": "6", "pain_back": "cant_tell", "activity_limits": "5"}


@pytest.fixture
def planned(complaint):
    return factories.make_plan(complaint).interventions.get(is_index=True)


def baseline_of(intervention):
    return FollowUp.objects.get(episode__plan=intervention.plan_id, is_baseline=True)


def performed(complaint, days):
    plan = factories.make_plan(complaint, started_days_ago=days + 1)
    return factories.make_performed(plan, days=days)


def take(intervention, by, **fields):
    defaults = {"answers": ANSWERS, "provenance": "kiosk", "by": by}
    return capture.take(baseline_of(intervention), **{**defaults, **fields})


def perform_today(intervention):
    today = factories.days_ago(intervention.clinic, 0)
    return interventions.perform(intervention, performed_on=today, by=audit.SYSTEM)


def value_of(response, measure="pain_site"):
    return Score.objects.get(response=response, measure__key=measure)


def test_a_baseline_before_the_needle_is_a_baseline(planned, assistant):
    response = take(planned, assistant, provenance="phone")
    assert (response.state, response.is_recalled) == ("sealed", False)
    assert value_of(response).value == 6
    assert value_of(response).provenance == "phone"
    assert not response.scores.filter(measure__key="pain_back").exists()
    # The clinic still owes the counts of what it will inject.
    assert baseline_of(planned).is_answered
    assert baseline_of(planned).state == "started"
    event = AuditEvent.objects.get(action="response.sealed")
    assert (event.actor, event.facts["provenance"]) == (assistant, "phone")


def test_a_baseline_of_the_day_before_its_needle_counts_as_such(planned, assistant):
    take(planned, assistant)
    perform_today(planned)
    planned.refresh_from_db()
    facts.rebuild_many(planned.plan.episodes.values_list("pk", flat=True))
    fact = OutcomeFact.objects.filter(measure__key="pain_site").first()
    assert (fact.baseline, fact.baseline_is_recalled) == (6, False)


@pytest.mark.parametrize("is_from_memory", [True, False])
def test_on_the_day_somebody_says_whether_it_was_before(
    planned, assistant, is_from_memory
):
    perform_today(planned)
    with pytest.raises(ValidationError, match="before the needle"):
        take(planned, assistant)
    response = take(planned, assistant, is_from_memory=is_from_memory)
    assert response.is_recalled is is_from_memory


def test_a_baseline_after_the_needle_is_recalled_whatever_is_said(complaint, physician):
    done = performed(complaint, 9)
    response = take(done, physician, is_from_memory=False)
    assert response.is_recalled
    assert response.answered_on == factories.days_ago(complaint.clinic, 0)
    assert value_of(response).measured_on == done.performed_on
    assert not response.in_window
    assert baseline_of(done).state == "expired"


def test_a_recalled_baseline_is_used_and_marked(complaint, physician):
    done = performed(complaint, 9)
    take(done, physician)
    facts.rebuild_many(done.plan.episodes.values_list("pk", flat=True))
    fact = OutcomeFact.objects.filter(measure__key="pain_site").first()
    assert (fact.baseline, fact.baseline_is_recalled) == (6, True)


def test_a_recalled_baseline_goes_with_the_corrected_day(complaint, physician):
    done = performed(complaint, 9)
    response = take(done, physician)
    for days in (12, 5, 9):
        day = factories.days_ago(complaint.clinic, days)
        interventions.reschedule(done, day=day, by=audit.SYSTEM)
        assert value_of(response).measured_on == day


def test_a_recalled_baseline_of_a_series_tells_of_its_first_needle(
    complaint, physician
):
    prp = Protocol.objects.get(clinic=complaint.clinic, key="prp")
    factories.make_series(prp, by=physician, repeats=2, every_days=28)
    plan = factories.make_plan(complaint, started_days_ago=50)
    first, last = plan.interventions.filter(modality="prp").order_by("series_number")
    for one in (first, last):
        interventions.perform(one, performed_on=one.planned_on, by=audit.SYSTEM)
    response = take(last, physician)
    assert value_of(response).measured_on == first.performed_on
    facts.rebuild_many(plan.episodes.values_list("pk", flat=True))
    assert OutcomeFact.objects.filter(measure__key="pain_site").first().baseline == 6


def test_a_recalled_baseline_says_so_in_course_and_api(signed_in, complaint, admin):
    response = take(performed(complaint, 9), admin)
    page = signed_in.get(reverse("outcomes:patient", args=[complaint.patient_id]))
    today = clock.in_words(response.answered_on)
    assertContains(page, f"in the clinic, recalled on {today}")
    found = signed_in.get(f"/api/v1/responses/{response.pk}/").json()
    assert found["is_recalled"] is True


def test_a_recalled_baseline_is_not_said_to_be_missed(signed_in, complaint, admin):
    done = performed(complaint, 9)
    address = reverse("outcomes:patient", args=[complaint.patient_id])
    timeline = f"/api/v1/plans/{done.plan_id}/timeline/"
    assertContains(signed_in.get(address), "never asked")
    take(done, admin)
    page = signed_in.get(address)
    assertContains(page, ">answered late</span>")
    assertNotContains(page, ">missed</span>")
    assertNotContains(page, "never asked")
    lanes = signed_in.get(timeline).json()["lanes"]
    (lane,) = [one for one in lanes if one["key"] == "follow_ups"]
    states = [one["state"] for one in lane["entries"]]
    assert "answered late" in states


def test_two_who_tap_at_once_keep_one(planned, assistant, physician):
    take(planned, assistant)
    with pytest.raises(ValidationError, match="answered already"):
        take(planned, physician)
    assert Response.objects.count() == 1


def test_an_expired_one_is_answered_once(complaint, physician):
    done = performed(complaint, 9)
    take(done, physician)
    with pytest.raises(ValidationError, match="answered already"):
        take(done, physician)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"answers": {"pain_site": Decimal(6)}}, "pain_back"),
        ({"answers": {**ANSWERS, "pain_site": Decimal(11)}}, "pain_site"),
        ({"provenance": "import"}, "provenance"),
        ({"answers": dict.fromkeys(ANSWERS)}, "__all__"),
    ],
)
def test_faulty_answers_are_named(planned, assistant, fields, field):
    with pytest.raises(ValidationError) as caught:
        take(planned, assistant, **fields)
    named = getattr(caught.value, "message_dict", {"__all__": caught.value.messages})
    assert field in named
    assert not Response.objects.exists()


def test_who_left_follow_up_is_not_asked(planned, assistant, patient):
    type(patient).objects.update(withdrawn_on=factories.days_ago(planned.clinic, 0))
    with pytest.raises(ValidationError, match="left follow-up"):
        take(planned, assistant)


def test_what_the_patient_began_is_gone_on_with_and_asked_no_more(complaint, assistant):
    today = factories.days_ago(complaint.clinic, 0)
    plan = factories.make_plan(complaint, procedure_on=today + timedelta(days=2))
    now = clock.now()
    due.advance_due(complaint.clinic, now)
    survey = SurveyRequest.objects.get()
    submissions.begin(survey, at=now)
    question = questionnaire.read(survey).questions[0]
    submissions.save_answer(
        survey, question, {"pain_site": Decimal(1)}, language="en", at=now
    )
    response = take(plan.interventions.get(is_index=True), assistant)
    assert Response.objects.get() == response
    assert response.answers.get(link_id="pain_site").value == 6
    survey.refresh_from_db()
    assert survey.state == "closed"


def test_nothing_lacks_where_a_score_of_the_month_stands(
    complaint, planned, assistant, django_assert_max_num_queries
):
    today = factories.days_ago(complaint.clinic, 0)
    with django_assert_max_num_queries(4):
        assert missing.baseline_of(planned, today) == baseline_of(planned)
    take(planned, assistant)
    assert missing.baseline_of(planned, today) is None
    FollowUp.objects.filter(is_baseline=True).update(state="planned", answered_at=None)
    assert missing.baseline_of(planned, today) is None
    assert missing.baseline_of(planned, today + timedelta(days=31)) is not None


def test_no_needle_no_baseline_before_it(complaint):
    plan = factories.make_plan(complaint, "physical_therapy")
    for step in plan.interventions.all():
        assert missing.baseline_of(step, plan.started_on) is None


# --- Pages -------------------------------------------------------------------------


def page_of(intervention):
    return reverse("outcomes:baseline", args=[baseline_of(intervention).pk])


def leads_from(intervention):
    return reverse("outcomes:baseline_of", args=[intervention.pk])


def test_recording_asks_first_and_leads_to_the_questions(signed_in, planned):
    perform = reverse("plans:perform", args=[planned.pk])
    assertContains(signed_in.get(perform), leads_from(planned))
    today = factories.days_ago(planned.clinic, 0)
    form = {"performed_on": today, "side": "left", **reasons.FORM}
    page = signed_in.post(perform, form, follow=True)
    assertRedirects(page, page_of(planned))
    assertContains(page, "When was this said?")
    assertContains(page, "Skip")


def test_three_taps_lead_back_to_recording(signed_in, planned):
    page = signed_in.get(page_of(planned))
    assertContains(page, "How strong is the pain in your left foot right now?")
    assertNotContains(page, "When was this said?")
    page = signed_in.post(page_of(planned), {**TAPS, "provenance": "kiosk"})
    perform = reverse("plans:perform", args=[planned.pk])
    assertRedirects(page, perform)
    assertNotContains(signed_in.get(perform), leads_from(planned))
    assertContains(signed_in.get(page_of(planned)), "answered already")


def test_after_the_needle_the_page_says_recalled(signed_in, complaint):
    done = performed(complaint, 9)
    assertRedirects(signed_in.get(leads_from(done)), page_of(done))
    assertContains(signed_in.get(page_of(done)), "Think back to just before")
    page = signed_in.post(page_of(done), {**TAPS, "provenance": "phone"})
    plan = reverse("outcomes:plan", args=[done.plan_id])
    assertRedirects(page, plan)
    assertRedirects(signed_in.get(leads_from(done)), plan)


def test_the_questions_are_in_the_patients_language(signed_in, clinic):
    patient = factories.make_patient(clinic, language="es")
    plan = factories.make_plan(factories.make_complaint(patient))
    page = signed_in.get(page_of(plan.interventions.get(is_index=True)))
    assertContains(page, "Tres preguntas antes del procedimiento.")
    assertContains(page, 'lang="es"')


def test_a_question_left_out_is_named(signed_in, planned):
    page = signed_in.post(page_of(planned), {"pain_site": "6", "provenance": "kiosk"})
    assert set(page.context["form"].errors) == {"pain_back", "activity_limits"}
    assert not Response.objects.exists()


def test_the_back_is_asked_once_where_it_is_the_site(signed_in, clinic, patient):
    complaint = factories.make_complaint(patient, pain_site="low_back", side="none")
    plan = factories.make_plan(complaint)
    page = signed_in.get(page_of(plan.interventions.get(is_index=True)))
    assert [item.link_id for item in page.context["form"].items] == [
        "pain_site",
        "activity_limits",
    ]
