"""Between two rooms: the one screen of a phone, and what stands on it."""

import pytest
from django.urls import reverse

from clinic import audit, clock
from clinic.models import AuditEvent
from outcomes.models import Measure
from patients.record import holds
from plans.course import interventions
from plans.models import ProtocolStep
from tests import factories
from tests.outcomes import rows
from tests.outcomes.alerts import cases


@pytest.fixture
def at_work(client, physician):
    client.force_login(physician)
    return client


def page(client, patient):
    reply = client.get(reverse("outcomes:glance", args=[patient.pk]))
    assert reply.status_code == 200
    return " ".join(reply.content.decode().split())


def test_it_shows_scores_flag_last_and_next(at_work, clinic):
    episode = rows.make_episode(clinic)
    pain = Measure.objects.get(clinic=clinic, key="pain_site")
    rows.answer(episode, pain, baseline=7, w2=6, m3=3)
    cases.urgent(episode.complaint)
    knee = factories.make_complaint(episode.patient, pain_site="knee")
    plan = factories.make_plan(knee, started_days_ago=10)
    factories.make_performed(plan, days=7)
    shown = page(at_work, episode.patient)
    assert "7 → 3" in shown
    assert "4 better, more than the meaningful change (2)" in shown
    assert "E0 emergency now" in shown
    assert "Last done" in shown
    assert plan.interventions.get(is_index=True).title in shown
    assert "Survey “" in shown


def test_of_several_complaints_each_leading_score_stands_first(at_work, clinic):
    patient = factories.make_patient(clinic)
    for _ in range(2):
        episode = rows.make_episode(clinic, patient=patient)
        for key in ("pain_site", "pain_back", "activity_limits"):
            measure = Measure.objects.get(clinic=clinic, key=key)
            rows.answer(episode, measure, baseline=7, m3=3)
    shown = page(at_work, patient)
    assert shown.count("Pain in the left foot") == 2
    assert shown.count("Back pain") == 1


def test_what_was_done_last_is_a_needle_before_what_came_after(at_work, complaint):
    plan = factories.make_plan(complaint, started_days_ago=40)
    needle = factories.make_performed(plan, days=30)
    later = plan.interventions.filter(status="planned").first()
    today = factories.days_ago(plan.clinic, 0)
    interventions.perform(later, performed_on=today, by=audit.SYSTEM)
    shown = page(at_work, complaint.patient)
    assert clock.in_words(needle.performed_on) in shown


def test_an_empty_record_says_so(at_work, patient):
    shown = page(at_work, patient)
    for words in ("No flag and no alert stands.", "None yet.", "Nothing is planned."):
        assert words in shown


def test_a_hold_is_what_comes_next(at_work, patient, admin):
    until = factories.days_ago(patient.clinic, -20)
    holds.hold(patient, hold_until=until, hold_reason="travels", by=admin)
    assert "On hold until" in page(at_work, patient)


def test_reading_it_is_kept(at_work, patient):
    page(at_work, patient)
    event = AuditEvent.objects.get(action="glance.read")
    assert event.subjects.get().patient_id == patient.pk


def test_the_patient_page_and_the_day_lead_there(at_work, complaint):
    address = reverse("outcomes:glance", args=[complaint.patient_id])
    plan = factories.make_plan(complaint)
    day = plan.interventions.get(is_index=True).planned_on
    record = reverse("outcomes:patient", args=[complaint.patient_id])
    assert address in at_work.get(record).content.decode()
    assert address in at_work.get("/", {"day": day.isoformat()}).content.decode()


def test_the_desk_is_not_led_where_it_may_not_go(client, clerk, complaint):
    client.force_login(clerk)
    record = reverse("outcomes:patient", args=[complaint.patient_id])
    shown = client.get(record).content.decode()
    assert reverse("outcomes:glance", args=[complaint.patient_id]) not in shown
    assert reverse("outcomes:summary", args=[complaint.patient_id]) not in shown


def test_what_else_is_shown_is_of_the_first_complaint(at_work, clinic):
    patient = factories.make_patient(clinic)
    for keys in (("pain_site", "pain_back"), ("pain_site",)):
        episode = rows.make_episode(clinic, patient=patient)
        for key in keys:
            measure = Measure.objects.get(clinic=clinic, key=key)
            # The complaint with one measure was answered last.
            days = {"m12": 3} if len(keys) == 1 else {"m3": 3}
            rows.answer(episode, measure, baseline=7, **days)
    shown = page(at_work, patient)
    assert shown.count("Pain in the left foot") == 2
    assert "Back pain" not in shown


def test_a_look_back_is_nothing_that_was_done(at_work, complaint):
    plan = factories.make_plan(complaint, started_days_ago=40)
    needle = factories.make_performed(plan, days=30)
    plan.interventions.filter(pk=needle.pk).update(modality="lifestyle")
    review = plan.interventions.filter(status="planned").first()
    steps = ProtocolStep.objects.filter(clinic=plan.clinic)
    plan.interventions.filter(pk=review.pk).update(
        status="performed",
        performed_on=factories.days_ago(plan.clinic, 0),
        step=steps.filter(key__in=ProtocolStep.REVIEWS).first(),
        modality="lifestyle",
    )
    shown = page(at_work, complaint.patient)
    assert clock.in_words(needle.performed_on) in shown
    assert review.title not in shown
