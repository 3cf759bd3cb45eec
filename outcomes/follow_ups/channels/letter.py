"""Letters: a person prints and posts them, and says so; only then are they sent.

The engine claims none. What stands here waits until somebody looks at the page.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import segno
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.utils.safestring import SafeString, mark_safe

from clinic import audit
from clinic.models import User
from outcomes.follow_ups import wording
from outcomes.follow_ups.channels import tokens
from outcomes.follow_ups.outbox import doubts, objections, pauses
from outcomes.models import (
    FollowUp,
    Intake,
    Link,
    Message,
    MessageEvent,
    SurveyRequest,
)
from outcomes.models.messages import Channel
from patients.models import Consent, Patient, RedFlag

State = Message.State
PRINTED = "printed"
# So many at one go: a page for each of them.
MOST = 100
LEFT = "the patient left follow-up"
CLOSED = "the survey closed"
ANSWERED = "nothing is left to ask"
NO_CONSENT = "no address, or no consent to letters"
REPLACED = "replaced by a new link"
ON_HOLD = "on hold"
# What a look at whose letter it is needs.
WHOSE = ("request__patient__clinic", "request__patient__merged_into__clinic")


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it is printed; `objection` is why it is not to go just now."""

    message: Message
    address: str
    objection: str
    wordings: wording.Wordings

    @property
    def person(self) -> Patient:
        return self.message.request.person

    @property
    def language(self) -> str:
        return self.message.request.language

    @property
    def link(self) -> str:
        return tokens.url_for(self.message)

    @property
    def qr_code(self) -> SafeString:
        """The link for a phone's camera, as SVG: all of it is made here, none typed."""
        code = segno.make(self.link, error="m", micro=False)
        drawn = code.svg_inline(omitsize=True, svgclass=None, lineclass=None)
        return mark_safe(drawn)  # noqa: S308

    @property
    def paragraphs(self) -> SafeString:
        return self.wordings.paragraphs_for(self.message, label=self.link)


def waiting(user: User | AnonymousUser) -> QuerySet[Message]:
    """Longest waiting first."""
    found = Message.objects.visible_to(user).filter(
        channel=Channel.LETTER, state__in=Message.CLAIMABLE
    )
    return found.select_related(*WHOSE).order_by("created_at", "pk")


def read(messages: Iterable[Message]) -> list[Letter]:
    """Seven queries for any number of letters of a clinic."""
    messages = list(messages)
    clinic_ids = {one.clinic_id for one in messages}
    paused = {one for one in clinic_ids if pauses.is_clinic_paused(one)}
    flagged = _flagged({one.request.person.pk for one in messages})
    asking = _asking({one.request_id for one in messages})
    live = _with_live_link(messages)
    addresses = _addresses({one.request.person for one in messages})
    words = {one: wording.Wordings.of(one) for one in clinic_ids}
    return [
        Letter(
            message=one,
            address=addresses.get(one.request.person.pk, ""),
            objection=_objection(
                one,
                asks=one.request_id in asking,
                is_live=one.pk in live,
                has_address=one.request.person.pk in addresses,
                is_paused=one.clinic_id in paused,
                has_urgent_flag=one.request.person.pk in flagged,
            ),
            wordings=words[one.clinic_id],
        )
        for one in messages
    ]


def _objection(
    message: Message,
    *,
    asks: bool,
    is_live: bool,
    has_address: bool,
    is_paused: bool,
    has_urgent_flag: bool,
) -> str:
    """What keeps other messages back keeps a letter on the list (outbox.objections)."""
    person = message.request.person
    reasons = (
        (not person.is_in_follow_up, LEFT),
        (message.request.state != SurveyRequest.State.OPEN, CLOSED),
        (not asks, ANSWERED),
        (not is_live, REPLACED),
        (not has_address, NO_CONSENT),
        (is_paused, objections.PAUSED),
        (person.is_on_hold, ON_HOLD),
        (
            has_urgent_flag and message.kind in objections.ROUTINE,
            objections.URGENT_FLAG,
        ),
    )
    return next((reason for is_so, reason in reasons if is_so), "")


def _asking(request_ids: set[UUID]) -> set[UUID]:
    """Surveys in which something still waits for the patient's own part."""
    follow_ups = FollowUp.objects.filter(
        FollowUp.WAITS_FOR_PATIENT, request__in=request_ids
    )
    intakes = Intake.objects.filter(request__in=request_ids, state__in=Intake.OPEN)
    return {
        *follow_ups.values_list("request_id", flat=True),
        *intakes.values_list("request_id", flat=True),
    } - {None}


def _flagged(person_ids: set[UUID]) -> set[UUID]:
    """Whom a flag that nobody has acted on keeps, also one of a merged record."""
    owner = Coalesce("patient__merged_into", "patient")
    gates = RedFlag.objects.gates().annotate(person=owner)
    return set(gates.filter(person__in=person_ids).values_list("person", flat=True))


def _with_live_link(messages: Sequence[Message]) -> set[UUID]:
    by_sha256 = {tokens.sha256_of(tokens.token_for(one.pk)): one.pk for one in messages}
    live = Link.objects.filter(token_sha256__in=by_sha256, revoked_at=None)
    return {by_sha256[sha256] for sha256 in live.values_list("token_sha256", flat=True)}


def _addresses(people: Iterable[Patient]) -> dict[UUID, str]:
    """As `reach` has it, for many at once."""
    wanted = {
        person.pk: person.postal_address
        for person in people
        if person.preferred_channel == Patient.Channel.LETTER and person.postal_address
    }
    agreed = Consent.objects.filter(
        patient__in=wanted, scope=Consent.Scope.LETTER, withdrawn_on=None
    )
    return {pk: wanted[pk] for pk in agreed.values_list("patient_id", flat=True)}


@transaction.atomic
def mark_printed(messages: Iterable[Message], *, by: User, now: datetime) -> int:
    """They are on their way; returns how many were not yet.

    ValidationError, and none is marked, where one is not to go any more.
    """
    letters = read(messages)
    waiting = [one for one in letters if one.message.state in Message.CLAIMABLE]
    refused = next((one for one in waiting if one.objection), None)
    if refused is not None:
        raise ValidationError(
            f"Nothing was marked: the letter to {refused.person} is not to go, "
            f"because: {refused.objection}."
        )
    return sum(_mark(letter, by, now) for letter in waiting)


def _mark(letter: Letter, by: User, now: datetime) -> bool:
    message = letter.message
    marked = Message.objects.filter(pk=message.pk, state__in=Message.CLAIMABLE).update(
        state=State.ACCEPTED,
        accepted_at=now,
        next_attempt_at=None,
        attempts=F("attempts") + 1,
        error="",
    )
    if not marked:
        return False
    MessageEvent.objects.create(
        clinic_id=message.clinic_id,
        message=message,
        state=State.ACCEPTED,
        detail=PRINTED,
    )
    doubts.take_back(message)
    audit.record(
        by=by, action="letter.printed", about=message, patients=[letter.person.pk]
    )
    return True
