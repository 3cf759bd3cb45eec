"""A death or a withdrawal that is taken back plans again what is not over yet."""

from datetime import timedelta

import pytest

from clinic import audit, clock, consequences
from clinic.models import AuditEvent
from outcomes.follow_ups import outbox
from outcomes.follow_ups.engine import due
from outcomes.models import Episode, FollowUp, Message, SurveyRequest
from patients.models import Patient
from patients.record import leaving
from plans.course import lifecycle
from tests import factories

State = FollowUp.State


@pytest.fixture(autouse=True)
def on_disk(mail_folder):
    return mail_folder


def withdraw(patient):
    leaving.withdraw(patient, by=audit.SYSTEM, reason="asked")


def stay(patient):
    leaving.take_back_withdrawal(patient, by=audit.SYSTEM, reason="slip")


def die(patient):
    leaving.record_death(patient, by=audit.SYSTEM)


def live(patient):
    leaving.reverse_death(patient, by=audit.SYSTEM, reason="alive")


BOTH = pytest.mark.parametrize(("leave", "come_back"), [(withdraw, stay), (die, live)])


@BOTH
def test_leaving_stops_every_message_at_once(invitation, clinic, leave, come_back):
    leave(invitation.request.patient)
    assert outbox.due(clinic, clock.now()) == []
    invitation.refresh_from_db()
    assert invitation.state == Message.State.CANCELLED
    assert not FollowUp.objects.exclude(state__in=FollowUp.FINAL).exists()


@BOTH
def test_what_is_not_over_is_planned_again_and_asked_once(
    invitation, clinic, states, leave, come_back, on_disk
):
    patient, episode = invitation.request.patient, Episode.objects.get()
    leave(patient)
    come_back(patient)
    shown = episode.follow_ups.exclude(state=State.SUPERSEDED)
    assert dict(shown.values_list("timepoint_key", "state")) == {
        "baseline": "expired",
        "d7_safety": "expired",
        **dict.fromkeys(("m1", "m3", "m6", "m12", "m24"), "planned"),
        **{f"y{year}": "planned" for year in range(3, 11)},
    }
    due.advance_due(clinic, clock.now())
    due.advance_due(clinic, clock.now())
    assert [outbox.deliver(m) for m in outbox.due(clinic, clock.now())] == ["accepted"]
    assert len(list(on_disk.rglob("*.eml"))) == 1
    states = SurveyRequest.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["closed", "open"]


@BOTH
def test_what_closed_meanwhile_stays_cancelled(
    performed, clinic, leave, come_back, monkeypatch
):
    leave(performed.patient)
    monkeypatch.setattr("django.conf.settings.CLOCK_OFFSET", timedelta(days=20))
    come_back(performed.patient)
    month = FollowUp.objects.get(timepoint_key="m1")
    assert (month.state, month.state_reason[:11]) == (State.CANCELLED, "the patient")
    quarter = FollowUp.objects.filter(timepoint_key="m3").order_by("pk")
    assert [row.state for row in quarter] == [State.SUPERSEDED, State.PLANNED]


@BOTH
def test_the_preview_says_what_comes_back(performed, leave, come_back):
    patient = performed.patient
    leave(patient)
    said = consequences.preview("patient.returned", patient)
    assert said == ["13 follow-ups planned again"]
    come_back(patient)
    event = AuditEvent.objects.filter(action="follow_ups.moved").first()
    assert event.facts["changes"]["planned_again"] == 13


def test_who_withdrew_and_died_comes_back_only_after_both(performed):
    patient = performed.patient
    withdraw(patient)
    die(patient)
    live(patient)
    assert not FollowUp.objects.filter(state=State.PLANNED).exists()
    stay(patient)
    assert FollowUp.objects.filter(state=State.PLANNED).count() == 13


def test_an_answer_is_neither_asked_again_nor_touched(invitation, performed):
    answered = FollowUp.objects.filter(timepoint_key="m1")
    answered.update(state=State.COMPLETED, next_action_at=None)
    withdraw(performed.patient)
    stay(performed.patient)
    assert answered.get().state == State.COMPLETED


def test_a_procedure_that_was_cancelled_stays_so(complaint):
    plan = factories.make_plan(complaint)
    lifecycle.move(
        plan,
        lifecycle.Move.STOP,
        on=clock.today(plan.clinic.zone),
        reason="chose surgery",
        by=audit.SYSTEM,
    )
    withdraw(complaint.patient)
    stay(complaint.patient)
    assert set(FollowUp.objects.values_list("state", flat=True)) == {"cancelled"}
    assert Episode.objects.get().status == Episode.Status.ENDED


def test_a_plan_of_somebody_withdrawn_is_planned_on_their_return(complaint):
    withdraw(complaint.patient)
    plan = factories.make_plan(Patient.objects.get().complaints.get())
    assert not FollowUp.objects.exists()
    stay(complaint.patient)
    planned = FollowUp.objects.filter(state=State.PLANNED).count()
    assert planned == plan.protocol.timepoints.count()
    assert Episode.objects.get().status == Episode.Status.ACTIVE


def test_leaving_again_cancels_again(performed):
    for _ in range(2):
        withdraw(performed.patient)
        stay(performed.patient)
    withdraw(performed.patient)
    live_rows = FollowUp.objects.exclude(state=State.SUPERSEDED)
    assert live_rows.filter(state=State.CANCELLED).count() == 13
    assert live_rows.count() == 15
