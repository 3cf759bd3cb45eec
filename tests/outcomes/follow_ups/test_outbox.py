import uuid
from datetime import timedelta

import pytest

from clinic import clock
from clinic.models import Clinic
from outcomes.follow_ups import outbox
from outcomes.follow_ups.channels import tokens
from outcomes.follow_ups.channels.outcome import Outcome, Verdict
from outcomes.models import FollowUp, Message, MessageEvent, SurveyRequest
from patients.models import ContactPoint, Patient
from tests.outcomes.follow_ups.recorded import record

State = Message.State


@pytest.fixture(autouse=True)
def on_disk(mail_folder):
    """No message of these tests leaves the machine."""


def finish(message: Message, verdict: Verdict, detail: str = "") -> Message:
    """Claim the message and record an outcome, as if a channel had given it."""
    lease = outbox.claim(message.pk, clock.now())
    assert lease is not None
    record(lease, Outcome(verdict, detail))
    message.refresh_from_db()
    return message


def due_again(message: Message) -> None:
    Message.objects.filter(pk=message.pk).update(next_attempt_at=clock.now())


def trail(message: Message) -> list[str]:
    return [event.state for event in MessageEvent.objects.filter(message=message)]


def test_a_delivered_message_is_accepted_and_logged(invitation):
    assert outbox.deliver(invitation.pk) == State.ACCEPTED
    invitation.refresh_from_db()
    assert (invitation.attempts, invitation.next_attempt_at) == (1, None)
    assert invitation.accepted_at is not None
    assert trail(invitation) == ["queued", "sending", "accepted"]


def test_a_message_is_claimed_once(invitation):
    assert outbox.claim(invitation.pk, clock.now()) is not None
    assert outbox.claim(invitation.pk, clock.now()) is None
    assert outbox.deliver(invitation.pk) is None


def test_a_message_is_not_claimed_before_its_time(invitation):
    assert outbox.claim(invitation.pk, clock.now() - timedelta(hours=1)) is None


def test_delivering_twice_sends_once(invitation, mail_folder):
    outbox.deliver(invitation.pk)
    assert outbox.deliver(invitation.pk) is None
    assert len(list(mail_folder.rglob("*.eml"))) == 1


def test_only_the_holder_of_the_lease_records(invitation):
    lease = outbox.claim(invitation.pk, clock.now())
    stranger = outbox.Lease(lease.message_id, uuid.uuid4(), lease.length)
    assert record(stranger, Outcome(Verdict.ACCEPTED)) is None
    assert record(lease, Outcome(Verdict.ACCEPTED)) == State.ACCEPTED


def test_a_lease_that_ran_out_is_sent_again_once(invitation, clinic, settings):
    after = clock.now() + settings.MESSAGE_LEASE + timedelta(seconds=1)
    lease = outbox.claim(invitation.pk, clock.now())
    assert outbox.release_expired(clinic, clock.now()) == 0
    assert outbox.release_expired(clinic, after) == 1
    assert record(lease, Outcome(Verdict.ACCEPTED)) is None
    assert outbox.due(clinic, after) == [invitation.pk]
    assert trail(invitation)[-2:] == ["uncertain", "queued"]


def test_uncertain_twice_is_for_a_person(invitation, clinic, settings):
    after = clock.now() + settings.MESSAGE_LEASE + timedelta(seconds=1)
    for now in (clock.now(), after):
        outbox.claim(invitation.pk, now)
        outbox.release_expired(clinic, now + settings.MESSAGE_LEASE)
    invitation.refresh_from_db()
    assert (invitation.state, invitation.error) == ("failed", "uncertain twice")
    follow_up = FollowUp.objects.get(request=invitation.request)
    assert follow_up.state == FollowUp.State.OPEN
    assert follow_up.state_reason == "e-mail not delivered: uncertain twice"


def test_the_lease_length_is_read_when_claiming(invitation, settings):
    settings.MESSAGE_LEASE = timedelta(seconds=7)
    now = clock.now()
    outbox.claim(invitation.pk, now)
    invitation.refresh_from_db()
    assert invitation.lease_until == now + timedelta(seconds=7)


def test_a_passing_fault_climbs_the_ladder_and_then_gives_up(invitation):
    for attempt, rung in enumerate(outbox.LADDER, start=1):
        finish(invitation, Verdict.TRY_LATER, "SMTP 450")
        assert (invitation.state, invitation.attempts) == ("retry_wait", attempt)
        wait = invitation.next_attempt_at - clock.now()
        assert rung * 0.79 < wait < rung * 1.21
        due_again(invitation)
    finish(invitation, Verdict.TRY_LATER, "SMTP 450")
    assert invitation.state == State.DEAD
    follow_up = FollowUp.objects.get(request=invitation.request)
    assert follow_up.state == FollowUp.State.UNREACHABLE
    assert follow_up.next_action_at <= invitation.request.closes_at


def finish_on(day: int, message: Message, verdict: Verdict, settings) -> str:
    settings.CLOCK_OFFSET = timedelta(hours=25 * day)
    return finish(message, verdict).state


def test_what_was_tried_for_three_days_is_given_up(invitation, settings):
    states = [
        finish_on(day, invitation, Verdict.TRY_LATER, settings) for day in range(4)
    ]
    assert states == [State.RETRY_WAIT] * 3 + [State.DEAD]


def test_to_be_kept_back_once_begins_no_new_three_days(invitation, settings):
    for day in range(3):
        finish_on(day, invitation, Verdict.TRY_LATER, settings)
    assert finish_on(3, invitation, Verdict.KEPT_BACK, settings) == State.RETRY_WAIT
    assert finish_on(3, invitation, Verdict.TRY_LATER, settings) == State.DEAD


@pytest.mark.parametrize("kept_on", [[], [1], [1, 5]])
def test_the_days_of_a_pause_are_no_days_of_trying(invitation, settings, kept_on):
    finish_on(0, invitation, Verdict.TRY_LATER, settings)
    for day in kept_on:
        finish_on(day, invitation, Verdict.KEPT_BACK, settings)
    assert finish_on(9, invitation, Verdict.TRY_LATER, settings) == State.RETRY_WAIT


def test_what_waited_for_three_days_has_all_its_tries(invitation, settings):
    Message.objects.update(created_at=clock.now() - timedelta(hours=73))
    assert finish(invitation, Verdict.TRY_LATER).state == State.RETRY_WAIT


def test_a_refused_address_makes_the_patient_unreachable(invitation):
    assert finish(invitation, Verdict.REFUSED, "SMTP 550").state == State.FAILED
    follow_up = FollowUp.objects.get(request=invitation.request)
    assert follow_up.state == FollowUp.State.UNREACHABLE
    assert follow_up.state_reason == "e-mail not delivered: SMTP 550"


def test_a_refused_second_message_leaves_the_first_ones_link_open(invitation):
    outbox.deliver(invitation.pk)
    second = Message.objects.create(
        clinic=invitation.clinic,
        request=invitation.request,
        rung="invite-2",
        channel="email",
        idempotency_key="second",
        next_attempt_at=clock.now(),
    )
    finish(second, Verdict.REFUSED, "SMTP 550")
    follow_up = FollowUp.objects.get(request=invitation.request)
    assert follow_up.state == FollowUp.State.OPEN


def test_a_server_that_refuses_us_uses_up_no_attempt(invitation):
    finish(invitation, Verdict.CHANNEL_DOWN, "SMTP 535")
    assert (invitation.state, invitation.attempts) == ("retry_wait", 0)


def leave(request: SurveyRequest) -> None:
    Patient.objects.update(withdrawn_on=clock.today("UTC"))


def close(request: SurveyRequest) -> None:
    SurveyRequest.objects.update(state=SurveyRequest.State.CLOSED)


def answer(request: SurveyRequest) -> None:
    FollowUp.objects.filter(request=request).update(
        state=FollowUp.State.COMPLETED, next_action_at=None
    )


def forget_address(request: SurveyRequest) -> None:
    ContactPoint.objects.all().delete()


@pytest.mark.parametrize("change", [leave, close, answer, forget_address])
def test_what_changed_since_it_was_queued_is_seen(invitation, change, mail_folder):
    change(invitation.request)
    assert outbox.deliver(invitation.pk) == State.CANCELLED
    assert not list(mail_folder.rglob("*.eml"))


def test_a_message_waits_for_the_sending_hours(invitation):
    Clinic.objects.update(sends_from="09:00", sends_until="19:00", zone="UTC")
    night = (clock.now() + timedelta(days=1)).replace(hour=23)
    assert outbox.claim(invitation.pk, night) is None
    invitation.refresh_from_db()
    assert invitation.state == State.QUEUED
    assert (invitation.next_attempt_at - night) < timedelta(hours=10)
    Clinic.objects.update(is_demo=True)
    due_again(invitation)
    assert outbox.claim(invitation.pk, night) is not None


def test_a_retry_carries_the_same_link(invitation):
    first = tokens.url_for(invitation)
    finish(invitation, Verdict.TRY_LATER)
    assert tokens.url_for(Message.objects.get()) == first
    assert tokens.find(first.rsplit("/", 1)[1]).request == invitation.request


def test_a_wrong_token_finds_nothing(invitation):
    assert tokens.find("A" * 22) is None
    assert tokens.find("") is None


def test_tokens_are_128_bits_without_repeats():
    made = {tokens.token_for(uuid.uuid4()) for _ in range(20_000)}
    assert len(made) == 20_000
    assert {len(token) for token in made} == {22}


def test_another_key_makes_other_tokens(settings):
    message_id = uuid.uuid4()
    before = tokens.token_for(message_id)
    settings.LINK_KEY = "another"
    assert tokens.token_for(message_id) != before
