"""What a provider tells later about a message that it took.

Told in any order, twice, or before we have recorded that it was taken. States only
rise: not taken < accepted < delivered < bounced. A message that was delivered can
still come back, one that came back was never delivered; so the highest is the truth
whatever is told last.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db import transaction

from clinic import glance
from clinic.models import Clinic
from outcomes.follow_ups.channels import failures, reach
from outcomes.follow_ups.channels.outcome import reference
from outcomes.follow_ups.engine import requests, unreachable
from outcomes.follow_ups.incoming import stopping
from outcomes.follow_ups.outbox import doubts, trail
from outcomes.models import Message, Receipt
from outcomes.models.messages import Channel
from patients.models import Patient

State = Message.State


class Event(StrEnum):
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    # This one did not arrive; the next may.
    NOT_DELIVERED = "not_delivered"
    # Nothing ever arrives there.
    BOUNCED = "bounced"
    LANDLINE = "landline"
    NOT_A_NUMBER = "not_a_number"
    # Stopped at the carrier; marked as unwanted mail.
    OPTED_OUT = "opted_out"
    COMPLAINED = "complained"


RANK = {State.ACCEPTED: 1, State.DELIVERED: 2, State.BOUNCED: 3}
LEADS_TO: Mapping[Event, State] = {
    Event.ACCEPTED: State.ACCEPTED,
    Event.DELIVERED: State.DELIVERED,
    # Who marks it as unwanted has it.
    Event.COMPLAINED: State.DELIVERED,
    Event.NOT_DELIVERED: State.BOUNCED,
    Event.BOUNCED: State.BOUNCED,
    Event.LANDLINE: State.BOUNCED,
    Event.NOT_A_NUMBER: State.BOUNCED,
    Event.OPTED_OUT: State.BOUNCED,
}
FAILURES: Mapping[Event, str] = {
    Event.BOUNCED: "address does not exist",
    Event.LANDLINE: "landline",
    Event.NOT_A_NUMBER: "not a number",
}
STOPS = {Event.OPTED_OUT: "carrier", Event.COMPLAINED: "complaint"}
LATEST = timedelta(hours=1)
# The worklist's own words for a channel.
NOT_DELIVERED = {
    Channel.EMAIL: "e-mail not delivered",
    Channel.SMS: "text message not delivered",
}


@transaction.atomic
def take(
    *,
    provider: str,
    provider_ref: str,
    event: Event,
    at: datetime,
    message_id: UUID | None = None,
    address: str = "",
) -> Receipt:
    """Keep it once and let the message follow; one that nobody knows is kept too.

    `address` is whom it was for, where the provider says so.
    """
    provider_ref = reference(provider_ref)
    message = _find(provider_ref, message_id)
    receipt, is_new = Receipt.objects.get_or_create(
        provider=provider,
        event_id=_event_id(provider_ref, event),
        defaults={"event": event, "message": message, "told_at": at},
    )
    if message is None or (not is_new and receipt.message_id is not None):
        return receipt
    if not is_new:
        Receipt.objects.filter(pk=receipt.pk).update(message=message)
    _follow(message, event, provider_ref, at, address)
    return receipt


def match_late(clinic: Clinic, *, now: datetime, **_: object) -> None:
    """Follow what was told of a message before its provider's name was known here.

    The two are moments apart; what nobody knows within the hour is nobody's of ours.
    """
    since = now - LATEST
    if not glance.is_any(Receipt, "message_id IS NULL AND told_at > %s", [since]):
        return
    unknown = Receipt.objects.filter(message=None, told_at__gt=since)
    named = {one.event_id.rpartition(":")[0]: one for one in unknown}
    for message in Message.objects.filter(clinic=clinic, provider_ref__in=named):
        receipt = named[message.provider_ref]
        take(
            provider=receipt.provider,
            provider_ref=message.provider_ref,
            event=Event(receipt.event),
            at=now,
        )


def _event_id(provider_ref: str, event: Event) -> str:
    """Not every provider names what it tells; of one message each is told once."""
    return f"{provider_ref}:{event}"


def _find(provider_ref: str, message_id: UUID | None) -> Message | None:
    if message_id is not None:
        return Message.objects.filter(pk=message_id).first()
    known = Message.objects.filter(provider_ref=provider_ref).exclude(provider_ref="")
    return known.first()


def _follow(
    message: Message, event: Event, provider_ref: str, at: datetime, address: str
) -> None:
    # The patient first, as whoever asks or stops holds it before its messages.
    person = requests.lock(message.request.patient_id)
    message = Message.objects.select_for_update().get(pk=message.pk)
    if event in STOPS:
        _stop(message, person, address, how=STOPS[event])
    if event in FAILURES and _is_of_last_attempt(message, provider_ref):
        _note_failure(message, person, address, FAILURES[event], at)
    before, target = message.state, LEADS_TO[event]
    is_lower = RANK[target] <= RANK.get(State(before), 0)
    if is_lower or (
        target == State.BOUNCED and not _is_of_last_attempt(message, provider_ref)
    ):
        return
    _raise(message, target, event, provider_ref, at)
    if target == State.BOUNCED:
        _not_reached(message, person, event, at)
    elif before not in RANK:
        # It was thought lost, and is not.
        doubts.take_back(message)


def _is_of_last_attempt(message: Message, provider_ref: str) -> bool:
    """Of one that may have gone twice, a copy that failed says nothing of the other."""
    return message.provider_ref in {"", provider_ref}


def _raise(
    message: Message, target: State, event: Event, provider_ref: str, at: datetime
) -> None:
    """Also out of a claim: what the provider has is not handed over again."""
    Message.objects.filter(pk=message.pk).update(
        state=target,
        receipt_at=at,
        error="" if target != State.BOUNCED else _in_words(event),
        lease=None,
        lease_until=None,
        next_attempt_at=None,
        accepted_at=message.accepted_at or at,
        provider_ref=message.provider_ref or provider_ref,
    )
    trail.log(message, target, _in_words(event))


def _in_words(event: Event) -> str:
    return event.value.replace("_", " ")


def _stop(message: Message, person: Patient, address: str, *, how: str) -> None:
    others = (
        stopping.people_at(person.clinic, message.channel, address) if address else []
    )
    people = {one.pk: one for one in [person, *others]}
    stopping.stop(people.values(), message.channel, how=how)


def _note_failure(
    message: Message, person: Patient, address: str, failure: str, at: datetime
) -> None:
    """Where it went, or else what the patient had already when it was written."""
    system = reach.SYSTEMS[Channel(message.channel)]
    held = person.contact_points.filter(
        system=system, created_at__lte=message.created_at
    )
    for value in [address] if address else held.values_list("value", flat=True):
        failures.note(person.clinic, message.channel, value, failure, at)


def _not_reached(message: Message, person: Patient, event: Event, at: datetime) -> None:
    """The reason is shown; only where no way is left is the patient out of reach."""
    reason = f"{NOT_DELIVERED[Channel(message.channel)]}: {_in_words(event)}"
    arrived = Message.objects.filter(
        request=message.request_id, state__in=Message.ARRIVED
    )
    fresh = Patient.objects.select_related("clinic").get(pk=person.pk)
    if reach.addresses(fresh) or arrived.exists():
        unreachable.note(message, reason)
    else:
        unreachable.of_survey(message, fresh, reason, at)
