"""While a patient is on hold nothing is sent, and nothing is lost but what closes."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from clinic import audit, clock
from clinic.models import Clinic
from outcomes.dashboards.capture import rows
from outcomes.dashboards.home import today as home
from outcomes.follow_ups import outbox, worklist
from outcomes.follow_ups.channels.outcome import Outcome, Verdict
from outcomes.follow_ups.engine import due, links
from outcomes.follow_ups.labels import Label
from outcomes.follow_ups.planning import calendar
from outcomes.models import FollowUp, Message, MessageEvent
from patients.models import Patient
from patients.record import holds
from tests import factories
from tests.outcomes.follow_ups.recorded import record

State = FollowUp.State


@pytest.fixture(autouse=True)
def on_disk(mail_folder):
    """No message of these tests leaves the machine."""
    return mail_folder


def hold(patient: Patient, days: int) -> None:
    """Its last day is so many days from today."""
    day = clock.today(patient.time_zone) + timedelta(days=days)
    holds.hold(patient, by=audit.SYSTEM, hold_until=day, hold_reason="travels")


def release(patient: Patient) -> None:
    holds.release_hold(Patient.objects.get(pk=patient.pk), by=audit.SYSTEM)


def later(monkeypatch, days: float) -> datetime:
    monkeypatch.setattr("django.conf.settings.CLOCK_OFFSET", timedelta(days=days))
    return clock.now()


def advance(clinic: Clinic) -> None:
    due.advance_due(clinic, clock.now())


def deliver(clinic: Clinic) -> list[str | None]:
    return [outbox.deliver(pk) for pk in outbox.due(clinic, clock.now())]


def mails(folder) -> int:
    return len(list(folder.rglob("*.eml")))


def one(key: str = "m1") -> FollowUp:
    return FollowUp.objects.exclude(state=State.SUPERSEDED).get(timepoint_key=key)


def test_who_is_on_hold_is_not_asked_until_the_day_after(
    performed, clinic, patient, monkeypatch
):
    hold(patient, 3)
    advance(clinic)
    assert (one().state, Message.objects.count()) == (State.PLANNED, 0)
    resumes = one().next_action_at.astimezone(ZoneInfo(clinic.zone))
    assert resumes.date() == clock.today(clinic.zone) + timedelta(days=4)
    later(monkeypatch, 3)
    advance(clinic)
    assert Message.objects.count() == 0
    later(monkeypatch, 5)
    advance(clinic)
    advance(clinic)
    assert (one().state, Message.objects.count()) == (State.OPEN, 1)


def test_a_tick_on_hold_changes_nothing_the_second_time(performed, clinic, patient):
    hold(patient, 3)
    advance(clinic)
    assert due.advance_due(clinic, clock.now()) == 0


def test_what_closes_on_hold_expires_with_that_reason(
    performed, clinic, patient, monkeypatch
):
    hold(patient, 20)
    advance(clinic)
    later(monkeypatch, 17)
    advance(clinic)
    assert (one().state, one().state_reason) == (State.EXPIRED, "on hold")
    assert not Message.objects.exists()


def test_a_hold_through_the_last_day_of_the_window_is_why_it_was_missed(
    performed, clinic, patient, monkeypatch
):
    days = (one().closes_on - clock.today(clinic.zone)).days
    hold(patient, days)
    later(monkeypatch, days + 3)
    advance(clinic)
    assert one().state_reason == "on hold"


def test_a_hold_that_ended_before_the_window_closed_is_no_excuse(
    performed, clinic, patient, monkeypatch
):
    hold(patient, 3)
    later(monkeypatch, 17)
    advance(clinic)
    assert one().state_reason == calendar.NEVER_ASKED


def test_a_hold_is_seen_right_before_sending(invitation, patient, on_disk, monkeypatch):
    lease = outbox.claim(invitation.pk, clock.now())
    hold(patient, 3)
    assert outbox.send(lease) == Message.State.RETRY_WAIT
    assert mails(on_disk) == 0
    invitation.refresh_from_db()
    assert (invitation.error, invitation.attempts) == ("on hold", 0)
    assert invitation.next_attempt_at > clock.now() + timedelta(days=2)
    later(monkeypatch, 5)
    assert outbox.deliver(invitation.pk) == Message.State.ACCEPTED
    assert mails(on_disk) == 1


def test_a_message_that_waits_is_not_claimed_on_hold(
    invitation, clinic, patient, on_disk, monkeypatch
):
    hold(patient, 3)
    assert deliver(clinic) == [None]
    assert deliver(clinic) == []
    invitation.refresh_from_db()
    assert (invitation.state, invitation.error) == (Message.State.QUEUED, "on hold")
    later(monkeypatch, 5)
    assert deliver(clinic) == [Message.State.ACCEPTED]
    assert (mails(on_disk), Message.objects.count()) == (1, 1)


def test_the_days_of_a_hold_use_up_no_tries(invitation, clinic, patient, monkeypatch):
    hold(patient, 9)
    deliver(clinic)
    states = []
    for days in (10, 11, 12, 13.1):
        later(monkeypatch, days)
        lease = outbox.claim(invitation.pk, clock.now())
        states.append(record(lease, Outcome(Verdict.TRY_LATER)))
    assert states == [Message.State.RETRY_WAIT] * 3 + [Message.State.DEAD]
    details = MessageEvent.objects.values_list("detail", flat=True)
    assert list(details).count("after the hold") == 1


def test_ending_a_hold_asks_and_sends_at_once(
    performed, invitation, clinic, patient, on_disk
):
    FollowUp.objects.filter(timepoint_key="m3").update(
        opens_on=factories.days_ago(clinic, 1), ask_day=30, next_action_at=clock.now()
    )
    hold(patient, 30)
    deliver(clinic)
    advance(clinic)
    assert one("m3").state == State.PLANNED
    release(patient)
    advance(clinic)
    assert deliver(clinic) == [Message.State.ACCEPTED]
    assert one("m3").state == State.OPEN
    assert mails(on_disk) == 1


def test_a_shorter_hold_is_looked_at_anew(performed, clinic, patient, monkeypatch):
    hold(patient, 10)
    advance(clinic)
    hold(patient, 1)
    later(monkeypatch, 3)
    advance(clinic)
    assert one().state == State.OPEN


def test_a_hold_that_ends_while_a_message_is_out_loses_nothing(invitation, patient):
    hold(patient, 3)
    lease = outbox.Lease(invitation.pk, invitation.pk, timedelta(minutes=5))
    Message.objects.update(state="sending", lease=lease.token, attempts=1)
    release(patient)
    assert record(lease, Outcome(Verdict.WAITS, "on hold")) == "retry_wait"
    invitation.refresh_from_db()
    assert invitation.next_attempt_at <= clock.now()


def test_an_open_survey_that_was_held_back_expires_as_on_hold(
    invitation, clinic, patient, monkeypatch
):
    hold(patient, 40)
    deliver(clinic)
    later(monkeypatch, 17)
    advance(clinic)
    assert (one().state, one().state_reason) == (State.EXPIRED, "on hold")
    invitation.refresh_from_db()
    assert invitation.state == Message.State.CANCELLED


def test_an_open_survey_that_was_delivered_expires_without_an_answer(
    invitation, clinic, patient, monkeypatch
):
    outbox.deliver(invitation.pk)
    hold(patient, 40)
    later(monkeypatch, 17)
    advance(clinic)
    assert one().state_reason == "no answer"


def test_no_new_link_goes_out_on_hold(invitation, patient):
    hold(patient, 3)
    with pytest.raises(Exception, match="on hold"):
        links.send_new_link(invitation.request, by=audit.SYSTEM, now=clock.now())
    assert Message.objects.count() == 1


def test_the_worklist_keeps_who_is_on_hold_apart(performed, clinic, patient, admin):
    today = clock.today(clinic.zone)
    hold(patient, 100)
    counts = worklist.counts(admin, today)
    assert {name: count for name, count in counts.items() if count} == {
        "upcoming": 11,
        "on-hold": 2,
        "all": 13,
    }
    held = worklist.page_rows(admin, worklist.Filter.ON_HOLD, today)
    assert {worklist.line(row, today).label for row in held} == {Label.ON_HOLD}
    rest = worklist.page_rows(admin, worklist.Filter.UPCOMING, today)
    assert {worklist.line(row, today).label for row in rest} == {Label.UPCOMING}


def test_who_was_on_hold_does_not_lower_the_capture(
    performed, clinic, patient, admin, monkeypatch
):
    hold(patient, 20)
    later(monkeypatch, 17)
    advance(clinic)
    today = clock.today(clinic.zone)
    every, baselines = rows.totals(admin, home.CAPTURED, today)
    assert every.eligible == baselines.eligible
