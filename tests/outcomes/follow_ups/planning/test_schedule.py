from datetime import timedelta

import pytest

from clinic import audit, clock, consequences
from clinic.models import AuditEvent, Clinic
from outcomes.follow_ups.engine import due
from outcomes.follow_ups.planning import calendar, courses, schedule
from outcomes.models import Episode, FollowUp, Link, Message, SurveyRequest
from patients.record import registration
from plans.course import lifecycle
from plans.models import Anchor, Intervention, Plan
from tests import factories

State = FollowUp.State


def row(episode, key):
    return FollowUp.objects.exclude(state=State.SUPERSEDED).get(
        episode=episode, timepoint_key=key
    )


def test_a_plan_opens_an_episode_with_its_follow_ups(complaint):
    plan = factories.make_plan(complaint)
    episode = plan.episodes.get()
    assert episode.anchor == Anchor.INDEX_PROCEDURE
    assert (episode.is_provisional, episode.revision) == (True, 1)
    assert episode.anchor_on == plan.started_on + timedelta(days=14)
    assert episode.follow_ups.count() == plan.protocol.timepoints.count()
    assert episode.facts_due_at is not None


def test_until_the_procedure_is_confirmed_all_wait_but_baseline_and_safety(complaint):
    episode = factories.make_plan(complaint).episodes.get()
    asked = episode.follow_ups.filter(next_action_at__isnull=False)
    assert {each.timepoint_key for each in asked} == {"baseline", "d7_safety"}


def test_an_unconfirmed_procedure_of_last_year_asks_nobody(complaint, clinic):
    factories.make_plan(complaint, started_days_ago=400)
    due.advance_due(clinic, clock.now())
    assert not Message.objects.exists()


def test_a_plan_without_a_procedure_counts_from_its_start(complaint):
    plan = factories.make_plan(complaint, "lifestyle")
    episode = plan.episodes.get()
    assert (episode.anchor, episode.is_provisional) == (Anchor.PLAN_START, False)
    assert episode.anchor_on == plan.started_on
    assert not episode.follow_ups.filter(next_action_at__isnull=True).exists()


def test_a_window_that_had_passed_is_never_asked(performed, states):
    assert states(performed) == {
        "baseline": "expired",
        "d7_safety": "expired",
        "m1": "planned",
        "m3": "planned",
        "m6": "planned",
        "m12": "planned",
        "m24": "planned",
        **{f"y{year}": "planned" for year in range(3, 11)},
    }
    assert row(performed, "d7_safety").state_reason == "never asked"


def test_recording_the_procedure_fixes_the_anchor(performed):
    assert (performed.is_provisional, performed.revision) == (False, 2)
    assert performed.anchor_on == factories.days_ago(performed.clinic, 30)
    assert row(performed, "m1").due_on == clock.today(performed.clinic.zone)
    assert not performed.follow_ups.filter(
        state=State.PLANNED, next_action_at__isnull=True
    ).exists()


def test_a_procedure_done_on_the_planned_day_keeps_the_revision(complaint):
    plan = factories.make_plan(complaint, started_days_ago=30)
    factories.make_performed(plan, days=16)
    episode = plan.episodes.get()
    assert (episode.is_provisional, episode.revision) == (False, 1)
    assert row(episode, "d7_safety").state == State.EXPIRED


def test_applying_twice_is_once(performed):
    before = list(performed.follow_ups.values())
    events = AuditEvent.objects.count()
    assert not schedule.apply(performed, by=audit.SYSTEM)
    assert list(performed.follow_ups.values()) == before
    assert AuditEvent.objects.count() == events


@pytest.fixture
def asked_baseline(complaint, clinic) -> Plan:
    """The procedure is planned for in four days, the baseline has been asked."""
    plan = factories.make_plan(complaint, started_days_ago=10)
    due.advance_due(clinic, clock.now())
    assert row(plan.episodes.get(), "baseline").state == State.OPEN
    return plan


def test_an_open_follow_up_inside_its_new_window_stays_open(asked_baseline):
    factories.make_performed(asked_baseline, days=0)
    baseline = row(asked_baseline.episodes.get(), "baseline")
    assert baseline.state == State.OPEN
    assert baseline.closes_on == clock.today(asked_baseline.clinic.zone)
    request = SurveyRequest.objects.get()
    assert request.closes_at == Link.objects.get().expires_at
    zone = asked_baseline.clinic.zone
    assert request.closes_at == calendar.end_of(baseline.closes_on, zone)


def test_an_open_follow_up_outside_its_new_window_is_withdrawn(asked_baseline):
    factories.make_performed(asked_baseline, days=5)
    rows = FollowUp.objects.filter(timepoint_key="baseline").order_by("pk")
    assert [r.state for r in rows] == [State.SUPERSEDED, State.EXPIRED]
    assert SurveyRequest.objects.get().state == SurveyRequest.State.CLOSED
    assert Link.objects.get().revoked_at is not None
    assert Message.objects.get().state == Message.State.CANCELLED


def after_the_planned_day(clinic: Clinic, monkeypatch) -> None:
    """Five days on: the day that the procedure was planned for is over."""
    monkeypatch.setattr("django.conf.settings.CLOCK_OFFSET", timedelta(days=5))
    due.advance_due(clinic, clock.now())


def test_a_baseline_stays_open_until_its_procedure_is_confirmed(
    asked_baseline, clinic, monkeypatch
):
    after_the_planned_day(clinic, monkeypatch)
    baseline, request = (
        FollowUp.objects.get(state=State.OPEN),
        SurveyRequest.objects.get(),
    )
    assert clock.now() < baseline.next_action_at < request.closes_at
    live = Link.objects.filter(revoked_at=None)
    assert {link.expires_at for link in live} == {request.closes_at}
    assert due.advance_due(clinic, clock.now()) == 0
    due.advance_due(clinic, baseline.next_action_at)
    assert SurveyRequest.objects.get().closes_at > request.closes_at


@pytest.mark.parametrize("days_ago, state", [(0, State.OPEN), (2, State.EXPIRED)])
def test_a_confirmed_procedure_ends_what_waited_for_it(
    asked_baseline, clinic, monkeypatch, days_ago, state
):
    after_the_planned_day(clinic, monkeypatch)
    factories.make_performed(asked_baseline, days=days_ago)
    baseline = row(asked_baseline.episodes.get(), "baseline")
    assert (baseline.state, baseline.closes_on) == (
        state,
        factories.days_ago(clinic, days_ago),
    )


def test_on_the_planned_day_confirmed_late_a_baseline_expires(
    asked_baseline, clinic, monkeypatch
):
    planned = row(asked_baseline.episodes.get(), "baseline").closes_on
    after_the_planned_day(clinic, monkeypatch)
    days_ago = (clock.today(clinic.zone) - planned).days
    factories.make_performed(asked_baseline, days=days_ago)
    due.advance_due(clinic, clock.now())
    baseline = row(asked_baseline.episodes.get(), "baseline")
    assert (baseline.state, baseline.state_reason) == (State.EXPIRED, "no answer")


def test_a_begun_baseline_goes_with_its_procedure(asked_baseline, clinic, monkeypatch):
    FollowUp.objects.filter(state=State.OPEN).update(state=State.STARTED)
    after_the_planned_day(clinic, monkeypatch)
    factories.make_performed(asked_baseline, days=0)
    baseline = row(asked_baseline.episodes.get(), "baseline")
    assert baseline.state == State.STARTED
    assert baseline.closes_on == clock.today(clinic.zone)


def test_a_baseline_whose_day_had_passed_waits_for_the_procedure(complaint, clinic):
    plan = factories.make_plan(
        complaint, started_days_ago=5, procedure_on=factories.days_ago(clinic, 3)
    )
    baseline = row(plan.episodes.get(), "baseline")
    assert (baseline.state, baseline.next_action_at) == (State.PLANNED, None)
    factories.make_performed(plan, days=0)
    baseline.refresh_from_db()
    assert baseline.closes_on == clock.today(clinic.zone)
    assert baseline.next_action_at is not None


@pytest.mark.parametrize("state", [State.OPEN, State.STARTED, State.UNREACHABLE])
def test_a_new_zone_moves_the_end_of_what_was_asked(performed, clinic, state):
    due.advance_due(clinic, clock.now())
    FollowUp.objects.filter(state=State.OPEN).update(state=state)
    patient = performed.patient
    registration.update(patient, by=audit.SYSTEM, zone="Asia/Tokyo")
    asked, request = FollowUp.objects.get(state=state), SurveyRequest.objects.get()
    assert request.closes_at == calendar.end_of(asked.closes_on, "Asia/Tokyo")


@pytest.mark.parametrize("state", [State.STARTED, State.COMPLETED])
def test_what_the_patient_has_begun_is_never_moved(asked_baseline, state):
    FollowUp.objects.filter(state=State.OPEN).update(state=state, next_action_at=None)
    before = row(asked_baseline.episodes.get(), "baseline").due_on
    factories.make_performed(asked_baseline, days=5)
    after = row(asked_baseline.episodes.get(), "baseline")
    assert (after.due_on, after.state) == (before, state)


def test_the_preview_says_in_words_what_recording_would_do(complaint):
    plan = factories.make_plan(complaint, started_days_ago=40)
    said = consequences.preview(
        "intervention.performed",
        plan.interventions.get(is_index=True),
        performed_on=factories.days_ago(plan.clinic, 30),
    )
    assert said == [
        "13 follow-ups moved to the new dates",
        "2 follow-ups never asked, because the time for it has passed",
    ]


def test_the_preview_of_a_plan_needs_no_stored_plan(complaint):
    plan = factories.make_plan(complaint)
    unsaved = Plan(
        clinic=plan.clinic,
        complaint=complaint,
        protocol=plan.protocol,
        started_on=plan.started_on,
    )
    assert consequences.preview("plan.started", unsaved) == ["15 follow-ups planned"]


def test_the_change_is_audited_with_before_and_after(performed):
    event = AuditEvent.objects.get(action="follow_ups.moved")
    assert event.facts["anchor_after"] == performed.anchor_on.isoformat()
    assert event.facts["changes"] == {
        "planned": 0,
        "moved": 13,
        "superseded": 0,
        "never_asked": 2,
    }


def test_ending_a_treatment_that_was_given_goes_on_asking(performed, states):
    before = states(performed)
    lifecycle.move(
        performed.plan,
        lifecycle.Move.COMPLETE,
        on=clock.today(performed.clinic.zone),
        by=audit.SYSTEM,
    )
    assert states(performed) == before


def test_a_procedure_that_was_never_done_ends_the_follow_up(asked_baseline, states):
    lifecycle.move(
        asked_baseline,
        lifecycle.Move.STOP,
        on=clock.today(asked_baseline.clinic.zone),
        reason="chose surgery",
        by=audit.SYSTEM,
    )
    episode = asked_baseline.episodes.get()
    assert set(states(episode).values()) == {"cancelled"}
    assert episode.status == Episode.Status.ENDED
    assert SurveyRequest.objects.get().state == SurveyRequest.State.CLOSED


def test_withdrawing_cancels_what_is_not_final(performed, clinic, states):
    due.advance_due(clinic, clock.now())
    registration.update(
        performed.patient, by=audit.SYSTEM, withdrawn_on=clock.today(clinic.zone)
    )
    assert set(states(performed).values()) == {"expired", "cancelled"}
    assert Message.objects.get().state == Message.State.CANCELLED
    reasons = performed.follow_ups.values_list("state_reason", flat=True)
    assert "the patient withdrew" in reasons


def test_a_new_zone_moves_the_sends(complaint):
    episode = factories.make_plan(complaint, "lifestyle").episodes.get()
    before = row(episode, "m1").next_action_at
    registration.update(complaint.patient, by=audit.SYSTEM, zone="Pacific/Auckland")
    assert row(episode, "m1").next_action_at < before - timedelta(hours=12)


def test_an_imported_plan_has_no_schedule(complaint, clinic: Clinic):
    plan = Plan.objects.create(
        clinic=clinic,
        complaint=complaint,
        title="Usual care",
        modality="other",
        started_on=clock.today(clinic.zone),
    )
    courses.plan_started(plan, by=audit.SYSTEM)
    assert not plan.episodes.exists()


def test_a_moved_planned_procedure_moves_what_is_planned(complaint):
    plan = factories.make_plan(complaint)
    Intervention.objects.filter(plan=plan, is_index=True).update(
        planned_on=plan.started_on + timedelta(days=60)
    )
    changes = schedule.apply(plan.episodes.get(), by=audit.SYSTEM)
    episode = plan.episodes.get()
    assert changes.counts["moved"] == 15
    assert (episode.revision, episode.is_provisional) == (2, True)
    assert row(episode, "m1").anchor_revision == 2


def listed(plan, day):
    """What recording the procedure on that day would do, by time point."""
    index = plan.interventions.get(is_index=True)
    effect = consequences.foresee(
        "intervention.performed", index, performed_on=factories.days_ago(*day)
    )
    return {row.name: row for row in effect.rows}


def test_the_preview_names_each_follow_up_with_its_days(complaint):
    plan = factories.make_plan(complaint, started_days_ago=40)
    rows = listed(plan, (plan.clinic, 30))
    month = FollowUp.objects.get(timepoint_key="m1")
    assert len(rows) == 15
    assert (rows["1 month"].was, rows["1 month"].change) == (month.due_on, "moved")
    assert (rows["1 month"].becomes - factories.days_ago(plan.clinic, 30)).days == 30
    never = [row for row in rows.values() if row.change == "never_asked"]
    assert len(never) == 2


def test_one_that_keeps_its_day_is_not_said_to_move(complaint):
    plan = factories.make_plan(complaint, started_days_ago=20)
    index = plan.interventions.get(is_index=True)
    days = (factories.days_ago(plan.clinic, 0) - index.planned_on).days
    rows = listed(plan, (plan.clinic, days))
    assert rows["3 months"].in_words == "keeps its day"
    assert rows["3 months"].was == rows["3 months"].becomes


def test_the_sentences_count_as_moved_only_what_moves(complaint):
    plan = factories.make_plan(complaint, started_days_ago=20)
    index = plan.interventions.get(is_index=True)
    effect = consequences.foresee(
        "intervention.performed", index, performed_on=index.planned_on
    )
    kept = sum(row.in_words == "keeps its day" for row in effect.rows)
    assert f"{kept} follow-ups on the same day as before" in effect.sentences
    assert not any("moved" in sentence for sentence in effect.sentences)


def test_one_that_was_asked_is_named_as_withdrawn(asked_baseline):
    rows = listed(asked_baseline, (asked_baseline.clinic, 5))
    found = rows.pop("Baseline")
    assert found.in_words == "withdrawn after the patient was asked"
    assert (found.was, found.becomes) == (
        row(asked_baseline.episodes.get(), "baseline").due_on,
        None,
    )
    assert {each.change for each in rows.values()} == {"moved"}
