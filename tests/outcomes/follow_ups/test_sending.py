"""Batches: claimed together, looked at one by one, what is not begun handed back."""

import time
import uuid
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic import clock
from clinic.models import Clinic
from outcomes.follow_ups import outbox
from outcomes.follow_ups.channels import email, reach
from outcomes.follow_ups.channels.outcome import Outcome, Verdict
from outcomes.follow_ups.engine import due
from outcomes.follow_ups.outbox import checking, claiming, journal, retrying, sending
from outcomes.follow_ups.outbox.claiming import Claimed
from outcomes.models import FollowUp, Message, MessageEvent, SendingPause
from patients.models import ContactPoint, Patient, RedFlag
from patients.triage import flags
from tests import factories
from tests.outcomes.follow_ups.recorded import record

State = Message.State


@pytest.fixture(autouse=True)
def on_disk(mail_folder):
    """No message of these tests leaves the machine."""
    return mail_folder


def make_due(clinic: Clinic, patients: int = 1) -> None:
    for _ in range(patients):
        complaint = factories.make_complaint(factories.make_patient(clinic))
        factories.make_performed(factories.make_plan(complaint, started_days_ago=40))
    due.advance_due(clinic, clock.now())


def make_flag(patient: Patient, tier: str = "E1") -> RedFlag:
    return RedFlag.objects.create(
        clinic=patient.clinic,
        patient=patient,
        flag="RF01",
        tier=tier,
        informant="staff",
    )


def trail(message: Message) -> list[str]:
    return [event.state for event in MessageEvent.objects.filter(message=message)]


def claim_due(clinic: Clinic) -> list[Claimed]:
    return list(outbox.claim_due(clinic, "email", clock.now()).claimed)


def send_batch(claimed: list[Claimed]) -> dict[UUID, str]:
    with journal.kept() as kept:
        until = time.monotonic() + 60
        return sending._send_batch(claimed, sending.Pace(), kept, until)


def test_a_batch_is_claimed_once(clinic):
    make_due(clinic, 3)
    assert len(claim_due(clinic)) == 3
    assert claim_due(clinic) == []
    assert len({row.lease for row in Message.objects.all()}) == 1


def test_a_batch_holds_so_many_the_longest_waiting_first(clinic):
    make_due(clinic, 3)
    newest = Message.objects.order_by("next_attempt_at").last()
    Message.objects.filter(pk=newest.pk).update(next_attempt_at=clock.now())
    batch = outbox.claim_due(clinic, "email", clock.now(), most=2)
    assert len(batch.claimed) == 2
    newest.refresh_from_db()
    assert newest.state == State.QUEUED


def test_other_clinics_and_channels_are_left_alone(clinic, other_clinic):
    make_due(clinic)
    assert claim_due(other_clinic) == []
    assert not outbox.claim_due(clinic, "sms", clock.now()).looked_at


def test_everything_due_goes_in_few_statements(clinic):
    make_due(clinic, 10)
    with CaptureQueriesContext(connection) as captured:
        assert outbox.send_due(clinic, "email") == 10
    asked = [one for one in captured if "SAVEPOINT" not in str(one["sql"])]
    # Three for each; what a claim costs, and the look that finds nothing more.
    assert len(asked) <= 3 * 10 + 13
    assert {row.state for row in Message.objects.all()} == {State.ACCEPTED}
    first = Message.objects.first()
    assert trail(first) == ["queued", "sending", "accepted"]


def test_a_claim_costs_the_same_for_many(clinic, django_assert_num_queries):
    make_due(clinic, 2)
    claim_due(clinic)
    make_due(clinic, 6)
    with django_assert_num_queries(9):
        assert len(claim_due(clinic)) == 6


def test_at_night_a_batch_waits_for_the_morning(clinic):
    make_due(clinic, 3)
    Clinic.objects.update(sends_from="09:00", sends_until="19:00", zone="UTC")
    night = (clock.now() + timedelta(days=1)).replace(hour=23)
    batch = outbox.claim_due(clinic, "email", night)
    assert (batch.looked_at, batch.claimed) == (3, [])
    rows = Message.objects.values_list("state", "attempts", "lease")
    assert set(rows) == {("queued", 0, None)}
    assert {row.next_attempt_at.hour for row in Message.objects.all()} == {9}


def test_only_what_was_begun_is_uncertain_when_a_worker_dies(clinic, settings):
    make_due(clinic, 2)
    begun, not_begun = (one.message for one in claim_due(clinic))
    after = clock.now() + settings.MESSAGE_LEASE
    assert outbox.release_expired(clinic, after) == 2
    assert trail(begun)[1:] == ["sending", "uncertain", "queued"]
    assert trail(not_begun)[1:] == ["queued"]
    not_begun.refresh_from_db()
    assert (not_begun.attempts, not_begun.next_attempt_at) == (0, after)


def test_what_is_not_begun_in_time_goes_back(clinic, monkeypatch):
    make_due(clinic, 3)
    monkeypatch.setattr(claiming, "BEGIN_SHARE", 0.0)
    batch = claim_due(clinic)
    assert len(send_batch(batch)) == 1
    rows = Message.objects.values_list("state", "attempts", "lease")
    assert set(rows) == {("queued", 0, None), ("retry_wait", 0, None)}
    assert set(MessageEvent.objects.values_list("state", flat=True)) == {
        *("queued", "sending", "retry_wait"),
    }


def test_a_lost_lease_sends_nothing(clinic, mail_folder):
    make_due(clinic, 2)
    batch = claim_due(clinic)
    Message.objects.update(lease=uuid.uuid4())
    assert send_batch(batch) == {}
    assert not list(mail_folder.rglob("*.eml"))
    assert {row.state for row in Message.objects.all()} == {State.SENDING}


def test_a_lease_lost_while_sending_stops_the_batch(clinic, monkeypatch):
    make_due(clinic, 4)
    batch, sent = claim_due(clinic), []

    def send(message: Message, address: str) -> Outcome:
        Message.objects.update(lease=uuid.uuid4())
        sent.append(message)
        return Outcome(Verdict.ACCEPTED)

    monkeypatch.setattr(email, "send", send)
    assert send_batch(batch) == {}
    assert len(sent) == 1
    begun = MessageEvent.objects.filter(state="sending")
    assert [event.message_id for event in begun] == [sent[0].pk]


def test_a_survey_that_was_reached_is_not_said_to_be_missed(clinic):
    """Of two messages of one survey, sent together, the first was refused."""
    make_due(clinic)
    first = Message.objects.get()
    second = Message.objects.create(
        clinic=clinic,
        request=first.request,
        rung="again",
        channel="email",
        idempotency_key="second",
        next_attempt_at=clock.now(),
    )
    claimed = claim_due(clinic)
    looks = checking.look(claimed)
    verdicts = {first.pk: Verdict.REFUSED, second.pk: Verdict.ACCEPTED}
    outbox.record(
        [
            outbox.Done(one.lease, Outcome(verdicts[one.message.pk]), look)
            for one in sorted(claimed, key=lambda one: one.message.pk != first.pk)
            if (look := looks[one.message.pk])
        ]
    )
    follow_up = FollowUp.objects.get(request=first.request)
    assert (follow_up.state, follow_up.state_reason) == ("open", "")


def test_while_the_clinic_is_paused_nothing_is_claimed(clinic, invitation):
    pause = SendingPause.objects.create(clinic=clinic, cause="staff")
    assert outbox.claim(invitation.pk, clock.now()) is None
    assert claim_due(clinic) == []
    SendingPause.objects.filter(pk=pause.pk).update(released_at=clock.now())
    assert outbox.deliver(invitation.pk) == State.ACCEPTED


def test_a_pause_is_seen_right_before_sending(clinic, invitation, mail_folder):
    lease = outbox.claim(invitation.pk, clock.now())
    SendingPause.objects.create(clinic=clinic, cause="staff")
    assert outbox.send(lease) == State.RETRY_WAIT
    invitation.refresh_from_db()
    assert (invitation.attempts, invitation.error) == (0, "all messages are paused")
    assert not list(mail_folder.rglob("*.eml"))


def test_an_open_urgent_flag_holds_routine_messages(invitation, patient, mail_folder):
    make_flag(patient)
    assert outbox.deliver(invitation.pk) == State.RETRY_WAIT
    invitation.refresh_from_db()
    assert (invitation.attempts, invitation.error) == (0, "an urgent flag is open")
    wait = invitation.next_attempt_at - clock.now()
    assert timedelta(0) < wait < timedelta(days=2)
    assert not list(mail_folder.rglob("*.eml"))


@pytest.mark.parametrize("kind", ["safety", "intake", "new_link"])
def test_what_helps_a_clinician_goes_in_spite_of_a_flag(invitation, patient, kind):
    make_flag(patient)
    Message.objects.update(kind=kind)
    assert outbox.deliver(invitation.pk) == State.ACCEPTED


def test_a_flag_that_can_wait_holds_nothing(invitation, patient):
    make_flag(patient, "E2")
    assert outbox.deliver(invitation.pk) == State.ACCEPTED


def test_a_flag_of_a_merged_record_counts(invitation, patient, clinic):
    other = factories.make_patient(clinic)
    make_flag(other)
    Patient.objects.filter(pk=other.pk).update(merged_into=patient)
    assert outbox.deliver(invitation.pk) == State.RETRY_WAIT


def test_once_somebody_has_acted_on_the_flag_it_goes(invitation, patient, physician):
    flag = make_flag(patient)
    outbox.deliver(invitation.pk)
    flags.acknowledge(flag, by=physician, action="Seen today.")
    assert outbox.due(patient.clinic, clock.now()) == [invitation.pk]
    assert outbox.deliver(invitation.pk) == State.ACCEPTED
    details = MessageEvent.objects.values_list("detail", flat=True)
    assert "after the urgent flag" in details


def test_the_look_finds_the_address_that_reach_would(invitation, patient, clinic):
    Clinic.objects.update(sms_sender="+13125550100")
    factories.make_patient(clinic)
    ContactPoint.made(patient, "email", "new@example.org", may_contact=True)
    phone = ContactPoint.made(patient, "phone", "+1 312 555 0142", may_contact=True)
    phone.save()
    for channel in ("email", "sms"):
        Message.objects.update(channel=channel, state="queued", lease=None)
        Message.objects.update(next_attempt_at=clock.now())
        (claimed,) = outbox.claim_due(clinic, channel, clock.now()).claimed
        fresh = Patient.objects.get(pk=patient.pk)
        found = checking.look([claimed])[claimed.message.pk].address
        assert found == reach.address_of(fresh, channel) != ""


def test_another_open_channel_keeps_a_patient_reachable(invitation, patient):
    Clinic.objects.update(sms_sender="+13125550100")
    ContactPoint.made(patient, "phone", "+1 312 555 0142", may_contact=True).save()
    lease = outbox.claim(invitation.pk, clock.now())
    record(lease, Outcome(Verdict.REFUSED, "SMTP 550"))
    follow_up = FollowUp.objects.get(request=invitation.request)
    assert follow_up.state == FollowUp.State.OPEN
    assert follow_up.state_reason == "e-mail not delivered: SMTP 550"


def test_a_provider_is_left_alone_as_long_as_it_asks():
    asked = timedelta(hours=3)
    assert asked <= retrying.wait_after(1, asked) < timedelta(hours=4)
    assert retrying.wait_after(1, timedelta(days=9)) == timedelta(hours=24)
    assert retrying.wait_after(5, timedelta(seconds=1)) > timedelta(hours=3)


def test_the_providers_reference_is_kept(invitation):
    lease = outbox.claim(invitation.pk, clock.now())
    record(lease, Outcome(Verdict.ACCEPTED, provider_ref="p-17"))
    invitation.refresh_from_db()
    assert (invitation.state, invitation.provider_ref) == ("accepted", "p-17")


class AskedChannel:
    """One whose provider can be asked; counts what it was given to send."""

    def __init__(self, knows: bool | None) -> None:
        self.knows, self.sent = knows, 0

    def send(self, message: Message, address: str) -> Outcome:
        self.sent += 1
        return Outcome(Verdict.ACCEPTED)

    def was_sent(self, message: Message) -> bool | None:
        return self.knows


@pytest.mark.parametrize(
    ("knows", "state", "sent"),
    [(True, "accepted", 0), (False, "accepted", 1), (None, "retry_wait", 0)],
)
def test_a_provider_that_can_be_asked_is_asked_after_a_doubt(
    invitation, clinic, settings, monkeypatch, knows, state, sent
):
    channel = AskedChannel(knows)
    monkeypatch.setitem(sending.CHANNELS, "email", channel)
    outbox.claim(invitation.pk, clock.now())
    outbox.release_expired(clinic, clock.now() + settings.MESSAGE_LEASE)
    Message.objects.update(next_attempt_at=clock.now())
    assert outbox.deliver(invitation.pk) == state
    assert channel.sent == sent


def test_a_fault_of_our_own_stops_neither_the_batch_nor_the_message(
    clinic, monkeypatch
):
    make_due(clinic, 2)
    doomed = Message.objects.order_by("created_at").first()
    whole = email.compose

    def compose(message: Message, *more):
        if message.pk == doomed.pk:
            raise KeyError("{link}")
        return whole(message, *more)

    monkeypatch.setattr(email, "compose", compose)
    outbox.send_due(clinic, "email")
    assert sorted(row.state for row in Message.objects.all()) == ["accepted", "queued"]
    assert MessageEvent.objects.filter(detail="failed with KeyError").exists()


def test_a_batch_that_outlasts_the_sending_hours_is_kept_for_the_next(clinic):
    make_due(clinic)
    (claimed,) = claim_due(clinic)
    Clinic.objects.update(sends_from="00:00:00", sends_until="00:00:01")
    late = claiming.whole(Message.objects.all()).get()
    state = send_batch([Claimed(claimed.lease, late)])[late.pk]
    late.refresh_from_db()
    assert (state, late.attempts) == ("retry_wait", 0)
    assert late.next_attempt_at > clock.now()
