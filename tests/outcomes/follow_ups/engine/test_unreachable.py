"""What becomes of a follow-up whose patient no message reaches: a person has it."""

from datetime import time, timedelta
from uuid import uuid4

import pytest
from django.conf import settings

from clinic import audit, clock
from outcomes.follow_ups import outbox, staff_tasks
from outcomes.follow_ups.channels.outcome import Outcome, Verdict
from outcomes.follow_ups.engine import calling, due, ladder
from outcomes.follow_ups.incoming import receipts, stopping
from outcomes.follow_ups.incoming.receipts import Event
from outcomes.follow_ups.planning import calendar
from outcomes.follow_ups.worklist import calls, tasks
from outcomes.models import FollowUp, Message, StaffTask
from outcomes.models.messages import Channel
from patients.models import ContactPoint, Patient
from patients.record import consents, registration
from tests import factories
from tests.outcomes.follow_ups import numbers
from tests.outcomes.follow_ups.recorded import record

WORKING = calendar.SendingHours(time(9), time(19), "America/Chicago")
UNREACHABLE = StaffTask.Reason.UNREACHABLE


def opened() -> list[tuple[str, str, object]]:
    """What staff are to do about the patient, and on which day."""
    found = StaffTask.objects.filter(kind__in=StaffTask.TO_PATIENT, state="open")
    return [(task.kind, task.reason, task.due_on) for task in found]


@pytest.fixture
def safety_check(invitation: Message, patient: Patient) -> FollowUp:
    """Asked by e-mail, the only way; the number is there to be called."""
    numbers.give(patient)
    consents.withdraw(patient, by=factories.make_user(patient.clinic), scope="sms")
    FollowUp.objects.filter(request=invitation.request).update(is_safety=True)
    return FollowUp.objects.get(request=invitation.request)


def bounce(message: Message) -> None:
    message.refresh_from_db()
    receipts.take(
        provider="esp",
        provider_ref="<1@esp>",
        event=Event.BOUNCED,
        at=clock.now(),
        message_id=message.pk,
    )


def refuse(message: Message) -> None:
    lease = outbox.claim(message.pk, clock.now())
    record(lease, Outcome(Verdict.REFUSED, "SMTP 550"))


@pytest.mark.parametrize("fail", [bounce, refuse])
def test_a_safety_check_whose_only_way_fails_gets_a_call_today(
    invitation, safety_check, clinic, fail
):
    fail(invitation)
    safety_check.refresh_from_db()
    assert safety_check.state == FollowUp.State.UNREACHABLE
    assert opened() == [("call", UNREACHABLE, clock.today(clinic.zone))]


@pytest.mark.parametrize("fail", [bounce, refuse])
def test_who_has_no_phone_is_to_be_reached_otherwise(invitation, clinic, fail):
    fail(invitation)
    assert opened() == [("reach", UNREACHABLE, clock.today(clinic.zone))]


def test_a_way_that_was_found_ends_the_search(invitation, patient):
    refuse(invitation)
    registration.update(patient, by=audit.SYSTEM, email="new@example.org")
    assert opened() == []


def test_who_was_answered_for_already_is_not_called(invitation, safety_check):
    FollowUp.objects.filter(pk=safety_check.pk).update(answered_at=clock.now())
    refuse(invitation)
    safety_check.refresh_from_db()
    assert (safety_check.state, opened()) == ("open", [])


def test_a_wrong_number_leaves_another_way_to_find(invitation, safety_check, admin):
    refuse(invitation)
    safety_check.refresh_from_db()
    calls.log(safety_check, outcome="wrong_number", by=admin)
    today = clock.today(safety_check.clinic.zone)
    assert opened() == [("reach", UNREACHABLE, today)]


@pytest.mark.parametrize(
    ("state", "kinds"), [("retry_wait", 2), ("sending", 2), ("accepted", 1)]
)
def test_a_safety_check_is_asked_whatever_still_waits(
    invitation, performed, clinic, state, kinds
):
    """Its link stands in the routine message; but whether that ever goes?"""
    lease = {"lease": uuid4(), "lease_until": clock.now()} if state == "sending" else {}
    Message.objects.filter(pk=invitation.pk).update(state=state, **lease)
    FollowUp.objects.filter(episode=performed, timepoint_key="m3").update(
        is_safety=True, offset_days=30, next_action_at=clock.now()
    )
    due.advance_due(clinic, clock.now())
    check = FollowUp.objects.get(episode=performed, timepoint_key="m3")
    assert check.state == FollowUp.State.OPEN
    assert check.request.messages.values("kind").distinct().count() == kinds


def test_a_second_time_out_of_reach_is_a_second_call(
    invitation, safety_check, clinic, patient, admin
):
    refuse(invitation)
    safety_check.refresh_from_db()
    tasks.finish_calls(safety_check, "left a voice mail", by=admin, at=clock.now())
    registration.update(patient, by=admin, email="new@example.org")
    due.advance_due(clinic, clock.now())
    again = Message.objects.exclude(pk=invitation.pk).get()
    refuse(again)
    assert opened() == [("call", UNREACHABLE, clock.today(clinic.zone))]


def test_who_is_being_called_already_is_given_no_second_call(
    invitation, safety_check, clinic
):
    tasks.make_call(safety_check, due_on=clock.today(clinic.zone))
    refuse(invitation)
    assert [reason for _, reason, _ in opened()] == [StaffTask.Reason.SAFETY]


def test_a_stop_that_leaves_no_way_is_somebodys_at_once(invitation, patient, clinic):
    stopping.stop([patient], Channel.EMAIL, how="reply")
    row = FollowUp.objects.get(request=invitation.request)
    assert row.state == FollowUp.State.UNREACHABLE
    assert (
        row.state_reason == "e-mail not delivered: the patient stopped these messages"
    )
    assert opened() == [("reach", UNREACHABLE, clock.today(clinic.zone))]


def test_a_stop_while_another_way_is_open_leaves_the_ladder_to_go_on(texted, patient):
    stopping.stop([patient], Channel.SMS, how="reply")
    row = FollowUp.objects.get(request=texted.request)
    assert (row.state, opened()) == (FollowUp.State.OPEN, [])


def test_a_stop_after_a_message_arrived_leaves_the_ladder_to_go_on(invitation, patient):
    Message.objects.update(state="accepted", next_attempt_at=None)
    stopping.stop([patient], Channel.EMAIL, how="reply")
    row = FollowUp.objects.get(request=invitation.request)
    assert (row.state, opened()) == (FollowUp.State.OPEN, [])


@pytest.fixture
def not_to_be_called(patient: Patient) -> Patient:
    """Agreed to calls once, and took it back."""
    by = factories.make_user(patient.clinic)
    registration.update(patient, by=by, phone=numbers.THEIRS)
    consents.give(patient, by=by, scope="phone")
    consents.withdraw(patient, by=by, scope="phone")
    return patient


@pytest.mark.parametrize(
    ("late_days", "may_contact", "reason"),
    [(12, True, StaffTask.Reason.LATE), (0, False, UNREACHABLE)],
)
def test_who_took_back_being_called_is_given_no_call(
    not_to_be_called, performed, clinic, late_days, may_contact, reason
):
    ContactPoint.objects.filter(system="email").update(may_contact=may_contact)
    due_at = clock.now() - timedelta(days=late_days)
    FollowUp.objects.filter(timepoint_key="m1").update(next_action_at=due_at)
    due.advance_due(clinic, clock.now())
    assert opened() == [("reach", reason, clock.today(clinic.zone))]


def test_who_stops_messages_and_is_not_to_be_called_is_given_no_call(
    invitation, not_to_be_called, clinic
):
    FollowUp.objects.filter(request=invitation.request).update(is_safety=True)
    stopping.stop([not_to_be_called], Channel.EMAIL, how="reply")
    today = clock.today(clinic.zone)
    assert ("reach", StaffTask.Reason.STOPPED, today) in opened()
    assert not StaffTask.objects.filter(kind="call").exists()


def test_of_two_calls_the_one_of_today_stays_for_who_is_not_to_be_called_any_more(
    safety_check, patient
):
    row = FollowUp.objects.get(request=safety_check.request)
    today = clock.today(row.clinic.zone)
    days = {StaffTask.Reason.SAFETY: 12, StaffTask.Reason.STOPPED: 0}
    StaffTask.objects.bulk_create(
        [
            staff_tasks.made(
                row,
                kind=StaffTask.Kind.CALL,
                reason=reason,
                due_on=today + timedelta(days=later),
                rung=f"{reason}-x",
            )
            for reason, later in days.items()
        ]
    )
    staff_tasks.call_no_more(patient, clock.now())
    assert opened() == [("reach", StaffTask.Reason.STOPPED, today)]


def test_a_landline_rings_though_it_takes_no_texts(patient, safety_check):
    ContactPoint.objects.filter(system="phone").update(
        failed_at=clock.now(), failure="landline"
    )
    assert calling.numbers(patient).exists()
    assert calling.kind_for(patient) == StaffTask.Kind.CALL


@pytest.fixture
def silent(invitation: Message, patient) -> FollowUp:
    """Asked, and the message arrived; nothing comes back, and there is time."""
    registration.update(patient, by=audit.SYSTEM, phone=numbers.THEIRS)
    arrived = {"state": "accepted", "next_attempt_at": None}
    Message.objects.filter(pk=invitation.pk).update(**arrived)
    row = FollowUp.objects.get(request=invitation.request)
    row.closes_on += timedelta(days=30)
    row.save()
    return row


def after(silent: FollowUp, days: int, monkeypatch) -> None:
    """So many days on, at noon of a working day, and what the tick does then."""
    asked_on = clock.day_of(silent.asked_at, silent.clinic.zone)
    day = ladder.working_day(asked_on + timedelta(days=days), WORKING)
    noon = calendar.moment(day, time(12), silent.clinic.zone)
    offset = noon - clock.now() + settings.CLOCK_OFFSET
    monkeypatch.setattr("django.conf.settings.CLOCK_OFFSET", offset)
    FollowUp.objects.filter(pk=silent.pk).update(next_action_at=clock.now())
    due.advance([silent.patient_id], clock.now())


def tasks_of(row: FollowUp) -> list[tuple[str, str, str]]:
    found = StaffTask.objects.filter(follow_up=row).order_by("created_at", "pk")
    return [(task.kind, task.rung, task.state) for task in found]


def test_a_silent_patient_not_to_be_called_does_not_end_unseen(
    silent, not_to_be_called, monkeypatch
):
    after(silent, 14, monkeypatch)
    assert tasks_of(silent) == [("reach", "day-14-call", "open")]
    assert opened()[0][1] == StaffTask.Reason.SILENT


def test_a_silent_patient_without_a_number_is_to_be_reached_otherwise(
    silent, patient, monkeypatch
):
    registration.update(patient, by=audit.SYSTEM, phone="")
    after(silent, 14, monkeypatch)
    assert tasks_of(silent) == [("reach", "day-14-call", "open")]


@pytest.mark.parametrize(
    ("phone", "did"), [("", ["invitation"]), (numbers.THEIRS, ["call"])]
)
def test_who_would_rather_be_called_and_has_no_number_is_written_to(
    performed, patient, clinic, phone, did
):
    wish = {"preferred_channel": Patient.Channel.PHONE, "phone": phone}
    registration.update(patient, by=audit.SYSTEM, **wish)
    due.advance_due(clinic, clock.now())
    written = [message.kind for message in Message.objects.all()]
    assert written + [kind for kind, *_ in opened()] == did


def test_the_second_call_takes_the_place_of_the_first(silent, admin, monkeypatch):
    after(silent, 14, monkeypatch)
    StaffTask.objects.update(assigned_to=admin)
    after(silent, 21, monkeypatch)
    assert tasks_of(silent) == [
        ("call", "day-14-call", "cancelled"),
        ("call", "day-21-call", "open"),
    ]
    first, second = StaffTask.objects.filter(follow_up=silent).order_by("created_at")
    assert first.end_reason == "a later step of the ladder took its place"
    assert second.assigned_to == admin


def test_a_call_that_was_made_is_followed_by_the_second(silent, admin, monkeypatch):
    after(silent, 14, monkeypatch)
    tasks.finish_calls(silent, "left a voice mail", by=admin, at=clock.now())
    after(silent, 21, monkeypatch)
    assert [state for *_, state in tasks_of(silent)] == ["done", "open"]


def test_a_day_that_was_agreed_on_is_waited_for(silent, admin, monkeypatch):
    after(silent, 14, monkeypatch)
    agreed = clock.today(silent.clinic.zone) + timedelta(days=12)
    calls.log(silent, outcome="call_back", by=admin, call_again_on=agreed)
    after(silent, 21, monkeypatch)
    assert opened() == [("call", StaffTask.Reason.SILENT, agreed)]


def test_one_who_takes_back_being_called_is_to_be_reached_otherwise(
    silent, patient, admin, monkeypatch
):
    consents.give(patient, by=admin, scope="phone")
    after(silent, 14, monkeypatch)
    StaffTask.objects.update(assigned_to=admin)
    consents.withdraw(patient, by=admin, scope="phone")
    assert tasks_of(silent) == [
        ("call", "day-14-call", "cancelled"),
        ("reach", "day-14-call", "open"),
    ]
    call, reach = StaffTask.objects.filter(follow_up=silent).order_by("created_at")
    assert (call.end_reason, reach.assigned_to) == ("took back being called", admin)


def test_taking_back_another_consent_leaves_the_call(
    silent, patient, admin, monkeypatch
):
    consents.give(patient, by=admin, scope="sms")
    after(silent, 14, monkeypatch)
    consents.withdraw(patient, by=admin, scope="sms")
    assert tasks_of(silent) == [("call", "day-14-call", "open")]
