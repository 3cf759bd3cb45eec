from datetime import date, timedelta

import pytest

from clinic import audit, clock
from clinic.models import Clinic
from outcomes.follow_ups import outbox
from outcomes.follow_ups.channels import tokens
from outcomes.follow_ups.engine import due, requests
from outcomes.follow_ups.planning import calendar
from outcomes.models import FollowUp, Link, Message, MessageEvent, SurveyRequest
from patients.models import Patient
from patients.record import registration
from plans.course import interventions
from tests import factories

State = FollowUp.State


def advance(clinic: Clinic, days: float = 0) -> int:
    return due.advance_due(clinic, clock.now() + timedelta(days=days))


def test_what_is_due_is_asked_once(performed, clinic):
    assert advance(clinic) == 1
    assert advance(clinic) == 0
    follow_up = FollowUp.objects.get(state=State.OPEN)
    request = SurveyRequest.objects.get()
    assert (follow_up.timepoint_key, follow_up.request) == ("m1", request)
    third_day = follow_up.asked_at + timedelta(days=3)
    assert clock.now() < follow_up.next_action_at <= third_day < request.closes_at
    message = Message.objects.get()
    assert message.idempotency_key == f"{request.pk}:invite"
    assert [e.state for e in MessageEvent.objects.all()] == ["queued"]


def test_the_link_lives_as_long_as_the_window_and_only_its_hash_is_kept(invitation):
    token = tokens.token_for(invitation.pk)
    link = Link.objects.get()
    assert link.expires_at == invitation.request.closes_at
    assert link.token_sha256 == tokens.sha256_of(token)
    assert len(token) == 22
    assert token not in str(
        list(Message.objects.values()) + list(Link.objects.values())
    )


def test_two_plans_due_together_make_one_survey(patient, clinic):
    for site in ("foot", "knee"):
        complaint = factories.make_complaint(patient, pain_site=site)
        plan = factories.make_plan(complaint, started_days_ago=40)
        factories.make_performed(plan, days=30)
    advance(clinic)
    assert FollowUp.objects.filter(state=State.OPEN).count() == 2
    assert Message.objects.count() == SurveyRequest.objects.count() == 1


def test_what_is_due_within_a_week_joins(patient, clinic):
    for site, days in (("foot", 30), ("knee", 25), ("shoulder", 21)):
        complaint = factories.make_complaint(patient, pain_site=site)
        plan = factories.make_plan(complaint, started_days_ago=40)
        factories.make_performed(plan, days=days)
    advance(clinic)
    opened = FollowUp.objects.filter(state=State.OPEN)
    assert sorted(f.due_on for f in opened) == [
        factories.days_ago(clinic, 0),
        factories.days_ago(clinic, -5),
    ]
    last = max(opened, key=lambda row: row.closes_on)
    end = calendar.end_of(last.closes_on, clinic.zone)
    assert SurveyRequest.objects.get().closes_at == end


@pytest.mark.parametrize(("later", "messages"), [(8, 2), (3, 1)])
def test_joining_an_open_survey_writes_again_only_after_a_week(
    patient, clinic, later, messages
):
    foot = factories.make_plan(factories.make_complaint(patient), started_days_ago=40)
    factories.make_performed(foot, days=30)
    advance(clinic)
    FollowUp.objects.filter(timepoint_key="m3").update(
        opens_on=factories.days_ago(clinic, 1),
        next_action_at=clock.now() + timedelta(days=later - 0.5),
    )
    advance(clinic, days=later)
    assert FollowUp.objects.filter(state=State.OPEN).count() == 2
    assert SurveyRequest.objects.count() == 1
    assert Message.objects.count() == Link.objects.count() == messages


def test_two_surveys_of_one_patient_have_two_links(performed, clinic):
    advance(clinic)
    advance(clinic, days=20)
    advance(clinic, days=61)
    states = list(SurveyRequest.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["closed", "open"]
    assert Link.objects.filter(revoked_at=None).count() == 1
    assert Link.objects.count() == 2


def test_an_unanswered_survey_expires_with_its_link(invitation, clinic):
    advance(clinic, days=17)
    follow_up = FollowUp.objects.get(timepoint_key="m1")
    assert (follow_up.state, follow_up.state_reason) == ("expired", "no answer")
    assert follow_up.next_action_at is None
    assert Link.objects.get().revoked_at is not None
    invitation.refresh_from_db()
    assert invitation.state == Message.State.CANCELLED


def test_a_started_survey_expires_as_not_finished(invitation, clinic):
    FollowUp.objects.filter(state=State.OPEN).update(state=State.STARTED)
    advance(clinic, days=17)
    assert FollowUp.objects.get(timepoint_key="m1").state_reason == "not finished"


def test_without_an_address_staff_see_why(clinic, unreachable_patient):
    complaint = factories.make_complaint(unreachable_patient)
    factories.make_performed(factories.make_plan(complaint, started_days_ago=40))
    advance(clinic)
    follow_up = FollowUp.objects.get(timepoint_key="m1")
    assert follow_up.state == State.UNREACHABLE
    assert follow_up.state_reason == "no address or number with consent"
    assert not Message.objects.exists()
    advance(clinic, days=17)
    follow_up.refresh_from_db()
    assert (follow_up.state, follow_up.state_reason) == ("expired", "never reached")


def test_a_new_address_asks_what_could_not_be_asked(clinic, unreachable_patient):
    complaint = factories.make_complaint(unreachable_patient)
    factories.make_performed(factories.make_plan(complaint, started_days_ago=40))
    advance(clinic)
    registration.update(
        unreachable_patient,
        by=audit.SYSTEM,
        email="marta@example.org",
        may_contact=True,
    )
    advance(clinic)
    assert Message.objects.count() == 1
    assert FollowUp.objects.get(timepoint_key="m1").state == State.OPEN


def test_without_a_birth_date_nobody_is_asked(performed, clinic):
    Patient.objects.update(birth_date=None, origin=Patient.Origin.IMPORT)
    advance(clinic)
    reason = FollowUp.objects.get(timepoint_key="m1").state_reason
    assert reason == "no birth date to check the answer by"


@pytest.mark.parametrize("field", ["withdrawn_on", "deceased_on"])
def test_who_left_is_not_asked(performed, clinic, field):
    Patient.objects.update(**{field: date(2026, 1, 1)})
    advance(clinic)
    assert not Message.objects.exists()
    assert not FollowUp.objects.filter(next_action_at__isnull=False).exists()
    assert FollowUp.objects.get(timepoint_key="m24").state == State.CANCELLED


def test_outside_the_sending_hours_nobody_is_asked(performed, clinic):
    Clinic.objects.update(sends_from="09:00", sends_until="19:00", zone="UTC")
    clinic.refresh_from_db()
    night = (clock.now() + timedelta(days=1)).replace(hour=23)
    due.advance_due(clinic, night)
    assert not Message.objects.exists()
    follow_up = FollowUp.objects.get(timepoint_key="m1")
    assert follow_up.next_action_at == (night + timedelta(hours=10)).replace(
        minute=0, second=0, microsecond=0
    )
    due.advance_due(clinic, night + timedelta(hours=11))
    assert Message.objects.count() == 1


def test_another_clinics_patients_are_left_alone(performed, other_clinic):
    assert advance(other_clinic) == 0


def test_a_tick_with_nothing_due_costs_four_queries(
    performed, clinic, django_assert_num_queries
):
    advance(clinic)
    outbox.deliver(Message.objects.get().pk)
    with django_assert_num_queries(4):
        due.advance_due(clinic, clock.now())
        outbox.release_expired(clinic, clock.now())
        outbox.due(clinic, clock.now())


def test_one_patients_fault_does_not_stop_the_others(clinic):
    for days in (30, 31):
        complaint = factories.make_complaint(factories.make_patient(clinic))
        plan = factories.make_plan(complaint, started_days_ago=40)
        factories.make_performed(plan, days=days)
    broken = FollowUp.objects.filter(timepoint_key="m1").order_by("pk").first()
    Patient.objects.filter(pk=broken.patient_id).update(zone="Nowhere/At_All")
    assert advance(clinic) == 1
    assert Message.objects.get().request.patient_id != broken.patient_id


def test_a_procedure_of_last_month_is_asked_about_at_the_next_tick(complaint, clinic):
    plan = factories.make_plan(complaint)
    factories.make_performed(plan, days=30)
    advance(clinic)
    rows = FollowUp.objects.values_list("timepoint_key", "state", "state_reason")
    assert list(rows)[:3] == [
        ("baseline", "expired", "never asked"),
        ("d7_safety", "expired", "never asked"),
        ("m1", "open", ""),
    ]
    assert Message.objects.get().state == Message.State.QUEUED


def test_of_two_courses_that_wait_one_baseline_is_open(complaint, clinic):
    plan = factories.make_plan(complaint, started_days_ago=20)
    done = factories.make_performed(plan, days=5)
    interventions.add(
        plan,
        title="Again",
        modality="prp",
        planned_on=factories.days_ago(clinic, -3),
        is_repeat=True,
        by=audit.SYSTEM,
    )
    advance(clinic)
    baselines = FollowUp.objects.filter(is_baseline=True)
    [asked] = baselines.filter(state=State.OPEN)
    assert asked.episode.course == 2
    interventions.take_back(done, reason="another patient", by=audit.SYSTEM)
    first = plan.interventions.get(course=1, is_index=True, status="planned")
    day = factories.days_ago(clinic, -5)
    interventions.reschedule(first, day=day, by=audit.SYSTEM)
    advance(clinic)
    assert list(baselines.filter(state=State.OPEN)) == [asked]
    waiting = baselines.get(episode__course=1, state=State.PLANNED)
    asked.refresh_from_db()
    end = requests.ending(asked, clinic.zone, clock.now())
    assert waiting.next_action_at == end
    requests.finish(asked, State.CANCELLED, "not wanted", clock.now())
    advance(clinic, days=4.5)
    waiting.refresh_from_db()
    assert waiting.state == State.OPEN
