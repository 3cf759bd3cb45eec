"""What patients wrote that a person has to read."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import phonenumbers
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import Case, QuerySet, Value, When

from clinic import audit
from clinic.models import Clinic, Language, User
from outcomes.follow_ups.channels.reach import SYSTEMS
from outcomes.models import InboundMessage
from outcomes.models.messages import Channel
from patients.models import ContactPoint, Patient
from patients.models.contact import match_key


@dataclass(frozen=True, slots=True)
class Line:
    """A message with everybody it may be from."""

    message: InboundMessage
    people: Sequence[Patient]

    @property
    def sender(self) -> str:
        """A number as people write it."""
        try:
            parsed = phonenumbers.parse(self.message.sender, None)
        except phonenumbers.NumberParseException:
            return self.message.sender
        form = phonenumbers.PhoneNumberFormat.INTERNATIONAL
        return phonenumbers.format_number(parsed, form)

    @property
    def language(self) -> str:
        """Spanish where one of those it may be from speaks it."""
        is_spanish = any(one.language == Language.SPANISH for one in self.people)
        return Language.SPANISH if is_spanish else Language.ENGLISH


def unread_count(user: User | AnonymousUser) -> int:
    """One query, on an index that holds the unread alone."""
    return InboundMessage.objects.visible_to(user).filter(read_at=None).count()


def rows(user: User | AnonymousUser) -> QuerySet[InboundMessage]:
    """Unread first, and of each the newest first."""
    unread_first = Case(When(read_at=None, then=Value(0)), default=Value(1))
    found = InboundMessage.objects.visible_to(user).select_related(
        "patient__merged_into", "read_by"
    )
    return found.order_by(unread_first, "-received_at", "-pk")


def lines(clinic: Clinic, messages: Iterable[InboundMessage]) -> list[Line]:
    """One query for all senders of whom more than one, or nobody, was found."""
    messages = list(messages)
    shared = _sharing(clinic, [one for one in messages if one.patient is None])
    return [Line(one, _people(one, shared)) for one in messages]


def _people(
    message: InboundMessage, shared: Mapping[tuple[str, str], dict[UUID, Patient]]
) -> Sequence[Patient]:
    if message.patient is not None:
        return [message.patient.kept]
    return list(shared.get((message.channel, message.sender), {}).values())


def _sharing(
    clinic: Clinic, messages: Sequence[InboundMessage]
) -> Mapping[tuple[str, str], dict[UUID, Patient]]:
    """By channel and sender; each person once, however many records were merged."""
    if not messages:
        return {}
    senders = {
        (SYSTEMS[Channel(one.channel)], _key(clinic, one)): (one.channel, one.sender)
        for one in messages
    }
    contacts = (
        ContactPoint.objects.filter(clinic=clinic, system__in=set(SYSTEMS.values()))
        .filter(match_key__in=[key for _, key in senders])
        .select_related("patient__merged_into")
        .order_by("patient__family_name", "patient__given_name", "pk")
    )
    found: dict[tuple[str, str], dict[UUID, Patient]] = defaultdict(dict)
    for contact in contacts:
        sender = senders.get((ContactPoint.System(contact.system), contact.match_key))
        if sender is not None:
            found[sender][contact.patient.kept_id] = contact.patient.kept
    return found


def _key(clinic: Clinic, message: InboundMessage) -> str:
    return match_key(SYSTEMS[Channel(message.channel)], message.sender, clinic.zone)


@transaction.atomic
def mark_read(message: InboundMessage, *, by: User, now: datetime) -> bool:
    """Whether it was unread: of two who press, the first is who has read it."""
    unread = InboundMessage.objects.filter(pk=message.pk, read_at=None)
    if not unread.update(read_at=now, read_by=by):
        return False
    audit.record(by=by, action="inbound_message.read_by_staff", about=message)
    return True
