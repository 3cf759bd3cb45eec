"""Is this message real? What we sent to a number or an address, and when."""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic import clock
from clinic.models import Clinic, User
from outcomes.follow_ups.channels import reach, tokens
from outcomes.follow_ups.engine import links, requests
from outcomes.follow_ups.outbox import whereto
from outcomes.models import Link, Message, SurveyRequest
from outcomes.models.messages import Channel
from patients.models import ContactPoint, Patient
from patients.models.contact import match_key

SHOWN = 20
CHANNELS = {str(system): channel for channel, system in reach.SYSTEMS.items()}


@dataclass(frozen=True, slots=True)
class SentMessage:
    message: Message
    # Whether its link opens the questions now.
    is_live: bool
    # The patient has this number or address, and the message went to another.
    went_elsewhere: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A patient who has that number or address, or had it, and what went to it."""

    patient: Patient
    # None where the patient has another one now.
    contact: ContactPoint | None
    messages: list[SentMessage]
    request: SurveyRequest | None
    channels: list[Channel]
    # The last message of the open survey, which a new link would follow.
    newest: str


def search(user: User, clinic: Clinic, text: str) -> list[Found]:
    """Everybody with this number or address; of merged records the kept one."""
    system = ContactPoint.System.EMAIL if "@" in text else ContactPoint.System.PHONE
    key = match_key(system, text.strip(), clinic.zone)
    if not key:
        return []
    contacts = (
        ContactPoint.objects.visible_to(user)
        .filter(system=system, match_key=key)
        .select_related("patient__clinic", "patient__merged_into__clinic")
        .order_by("patient__family_name", "patient__given_name", "pk")
    )
    sent_to = whereto.hidden(key)
    having = {contact.patient.kept_id: contact for contact in contacts}
    found = [
        _found(user, contact.patient.kept, contact, sent_to)
        for contact in having.values()
    ]
    return found + [
        _found(user, one, None, sent_to) for one in _had(user, sent_to, having)
    ]


def _had(user: User, sent_to: str, having: Container[UUID]) -> list[Patient]:
    """Who was written to there and has another number or address now."""
    gone = Message.objects.visible_to(user).filter(sent_to=sent_to)
    patients = (
        Patient.objects.visible_to(user)
        .filter(pk__in=gone.values("request__patient"))
        .select_related("clinic", "merged_into__clinic")
        .order_by("family_name", "given_name", "pk")
    )
    people = {patient.kept_id: patient.kept for patient in patients}
    return [one for pk, one in people.items() if pk not in having]


def _found(
    user: User, person: Patient, contact: ContactPoint | None, sent_to: str
) -> Found:
    ids = person.record_ids
    visible = Message.objects.visible_to(user).filter(request__patient__in=ids)
    if contact:
        by_this = visible.filter(channel=CHANNELS[contact.system])
    else:
        by_this = visible.filter(sent_to=sent_to)
    rows = list(by_this.select_related("request").order_by("-created_at")[:SHOWN])
    live = _live_links(user, rows)
    request = requests.open_requests(ids).first()
    return Found(
        patient=person,
        contact=contact,
        messages=[
            SentMessage(
                message=row,
                is_live=row.pk in live,
                went_elsewhere=_went_elsewhere(row, contact, sent_to),
            )
            for row in rows
        ],
        request=request,
        newest=newest_of(request) if request else "",
        channels=[c for c in reach.addresses(person) if c in CHANNELS.values()],
    )


def _went_elsewhere(row: Message, contact: ContactPoint | None, sent_to: str) -> bool:
    if row.sent_to or contact is None:
        return row.sent_to not in {"", sent_to}
    # Not handed over yet, or so long ago that nothing was kept of where to.
    return (row.accepted_at or row.created_at) < contact.created_at


def _live_links(user: User, messages: Iterable[Message]) -> set[UUID]:
    """Messages whose own link still opens a survey; one query."""
    by_hash = {tokens.sha256_of(tokens.token_for(row.pk)): row.pk for row in messages}
    unexpired = Link.objects.visible_to(user).filter(
        token_sha256__in=list(by_hash), revoked_at=None, expires_at__gt=clock.now()
    )
    is_open = unexpired.filter(request__state=SurveyRequest.State.OPEN)
    return {by_hash[one] for one in is_open.values_list("token_sha256", flat=True)}


def newest_of(request: SurveyRequest) -> str:
    last = request.messages.order_by("-created_at", "-pk").first()
    return str(last.pk) if last else ""


@transaction.atomic
def resend(
    request: SurveyRequest, *, channel: str, seen: str, by: User, now: datetime
) -> Message:
    """A new link while its patient is on the phone; pressed twice it goes once."""
    requests.lock(request.patient_id)
    if newest_of(request) != seen:
        raise ValidationError(
            "A message was written since this page was shown; nothing more was sent."
        )
    return links.send_new_link(request, by=by, now=now, channel=channel)
