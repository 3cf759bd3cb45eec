"""What a provider tells of a text message, in whatever order and however often."""

from itertools import permutations
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from clinic import clock, consequences
from outcomes.follow_ups import outbox
from outcomes.follow_ups.channels import sms
from outcomes.follow_ups.incoming import receipts
from outcomes.follow_ups.incoming.receipts import Event
from outcomes.models import FollowUp, Message, Receipt
from patients.models import ContactPoint
from tests import factories
from tests.outcomes.follow_ups import numbers

State = Message.State


@pytest.fixture
def accepted(texted, sms_sink) -> Message:
    """Handed to the provider, and recorded."""
    outcome = sms.send(texted, numbers.THEIRS)
    Message.objects.filter(pk=texted.pk).update(
        state=State.ACCEPTED,
        accepted_at=clock.now(),
        next_attempt_at=None,
        provider_ref=outcome.provider_ref,
    )
    texted.refresh_from_db()
    return texted


def report(message: Message, status: str, **more: str) -> None:
    """As the provider that took it would."""
    sid = message.provider_ref or "SM1"
    assert numbers.report(message, status, sid, **more).status_code == 200
    message.refresh_from_db()


def trail(message: Message) -> list[str]:
    return [one.state for one in message.events.filter(state__in=receipts.RANK)]


def open_row() -> FollowUp:
    return FollowUp.objects.get(timepoint_key="m1")


def test_what_was_delivered_says_so(accepted):
    report(accepted, "delivered")
    assert accepted.state == State.DELIVERED
    assert accepted.receipt_at is not None
    assert trail(accepted) == ["delivered"]


@pytest.mark.parametrize("sid", ["S" * 300, "SM\0\0"])
def test_a_name_that_cannot_be_kept_as_it_is_does_no_harm(accepted, sid):
    assert numbers.report(accepted, "delivered", sid).status_code == 200
    assert numbers.report(accepted, "delivered", sid).status_code == 200
    receipt = Receipt.objects.get()
    assert "\0" not in receipt.event_id and len(receipt.event_id) < 200


def test_a_receipt_counts_once_however_often_it_is_told(accepted):
    for _ in range(3):
        report(accepted, "delivered")
    assert Receipt.objects.count() == 1
    assert trail(accepted) == ["delivered"]


@pytest.mark.parametrize("order", [*permutations(["sent", "delivered", "undelivered"])])
def test_the_state_only_rises_in_whatever_order_it_is_told(accepted, order):
    states = []
    for status in order:
        report(accepted, status)
        states.append(receipts.RANK[State(accepted.state)])
    assert states == sorted(states)
    assert accepted.state == State.BOUNCED
    assert trail(accepted) == sorted(set(trail(accepted)), key=trail(accepted).index)


def test_a_receipt_of_a_message_that_nobody_knows_is_kept_and_taken(db, sms_sink):
    address = f"{reverse('outcomes:sms_status', args=['twilio'])}?message={uuid4()}"
    for _ in range(2):
        reply = numbers.call(
            address, {"MessageSid": "SM77", "MessageStatus": "delivered"}
        )
        assert reply.status_code == 200
    assert Receipt.objects.get().message is None


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"MessageSid": "SM1"},
        {"MessageSid": "SM1", "MessageStatus": "on its way"},
        {"MessageSid": "SM1", "MessageStatus": "delivered", "Extra": "x"},
    ],
)
def test_fields_that_we_do_not_know_are_nothing_to_us(accepted, fields):
    address = reverse("outcomes:sms_status", args=["twilio"])
    for query in ("", "?message=", "?message=none", "?message=1&message=2"):
        assert numbers.call(address + query, fields).status_code == 200
    accepted.refresh_from_db()
    assert accepted.state == State.ACCEPTED


def test_a_receipt_may_come_before_we_have_recorded_that_it_was_taken(texted, sms_sink):
    lease = outbox.claim(texted.pk, clock.now())
    report(texted, "sent")
    assert (texted.state, texted.provider_ref) == (State.ACCEPTED, "SM1")
    assert (texted.lease, texted.next_attempt_at) == (None, None)
    assert texted.accepted_at is not None
    assert outbox.claim(texted.pk, clock.now()) is None
    assert lease is not None


def test_what_was_uncertain_is_not_sent_again_once_it_is_known_to_be_there(
    texted, sms_sink
):
    FollowUp.objects.filter(pk=open_row().pk).update(
        state=FollowUp.State.UNREACHABLE, state_reason="no answer"
    )
    report(texted, "delivered")
    assert texted.state == State.DELIVERED
    assert outbox.due(texted.request.patient.clinic, clock.now()) == []
    assert (open_row().state, open_row().state_reason) == (FollowUp.State.OPEN, "")


def test_a_second_copy_that_failed_says_nothing_of_the_first(accepted):
    report(accepted, "delivered")
    numbers.report(accepted, "undelivered", "SM-other", ErrorCode="30006")
    accepted.refresh_from_db()
    assert accepted.state == State.DELIVERED
    assert not ContactPoint.objects.exclude(failed_at=None).exists()


@pytest.mark.parametrize(
    ("code", "failure"),
    [("30006", "landline"), ("21614", "landline"), ("30005", "not a number")],
)
def test_a_number_that_takes_no_texts_is_marked_for_all_who_share_it(
    accepted, clinic, other_clinic, code, failure
):
    sharing = numbers.give(factories.make_patient(clinic), "312-555-0142")
    elsewhere = numbers.give(factories.make_patient(other_clinic))
    report(accepted, "undelivered", ErrorCode=code, To=numbers.THEIRS)
    assert accepted.state == State.BOUNCED
    failed = ContactPoint.objects.exclude(failed_at=None)
    assert {one.failure for one in failed} == {failure}
    patients = {one.patient_id for one in failed}
    assert patients == {accepted.request.patient_id, sharing.pk}
    assert elsewhere.pk not in patients


def test_the_ladder_goes_on_while_another_way_is_open(accepted):
    report(accepted, "undelivered", ErrorCode="30006", To=numbers.THEIRS)
    row = open_row()
    assert row.state == FollowUp.State.OPEN
    assert row.state_reason == "text message not delivered: landline"


def test_with_no_way_left_the_patient_is_out_of_reach(accepted):
    ContactPoint.objects.filter(system="email").delete()
    report(accepted, "undelivered", ErrorCode="30006", To=numbers.THEIRS)
    assert open_row().state == FollowUp.State.UNREACHABLE


def test_a_phone_that_is_off_is_tried_again_another_time(accepted):
    ContactPoint.objects.filter(system="email").delete()
    report(accepted, "undelivered", ErrorCode="30003")
    assert accepted.state == State.BOUNCED
    assert open_row().state == FollowUp.State.OPEN
    assert not ContactPoint.objects.exclude(failed_at=None).exists()


def test_who_stopped_at_the_carrier_has_no_consent_any_more(accepted):
    report(accepted, "failed", ErrorCode="21610", To=numbers.THEIRS)
    assert not numbers.may_text(accepted.request.patient)


def bounce(message: Message, event: Event, ref: str = "<1@esp>") -> Receipt:
    return receipts.take(provider="esp", provider_ref=ref, event=event, at=clock.now())


def test_a_receipt_that_came_first_is_followed_once_its_message_is_named(invitation):
    for _ in range(2):
        bounce(invitation, Event.BOUNCED)
    assert Receipt.objects.get().message is None
    Message.objects.filter(pk=invitation.pk).update(
        state=State.ACCEPTED, provider_ref="<1@esp>", next_attempt_at=None
    )
    invitation.refresh_from_db()
    for _ in range(2):
        consequences.apply(
            "clinic.ticked", invitation.request.patient.clinic, now=clock.now()
        )
    invitation.refresh_from_db()
    assert invitation.state == State.BOUNCED
    assert trail(invitation) == ["bounced"]
    assert ContactPoint.objects.get().failure == "address does not exist"
    assert open_row().state == FollowUp.State.UNREACHABLE


def test_an_address_that_was_changed_since_is_not_what_bounced(invitation, patient):
    Message.objects.filter(pk=invitation.pk).update(provider_ref="<1@esp>")
    ContactPoint.objects.all().delete()
    contact = ContactPoint.made(patient, "email", "new@example.org", may_contact=True)
    contact.save()
    bounce(invitation, Event.BOUNCED)
    assert ContactPoint.objects.get().failed_at is None
    assert open_row().state == FollowUp.State.OPEN


def test_who_marks_a_mail_as_unwanted_gets_no_more(invitation, patient):
    Message.objects.filter(pk=invitation.pk).update(
        provider_ref="<1@esp>", state=State.ACCEPTED, next_attempt_at=None
    )
    bounce(invitation, Event.COMPLAINED)
    invitation.refresh_from_db()
    assert invitation.state == State.DELIVERED
    assert not patient.consents.filter(scope="email", withdrawn_on=None).exists()
    assert not ContactPoint.objects.get().may_contact


def test_receipts_are_taken_by_post_only(db):
    assert (
        Client().get(reverse("outcomes:sms_status", args=["twilio"])).status_code == 405
    )
