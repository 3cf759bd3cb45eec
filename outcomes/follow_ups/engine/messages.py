"""Puts messages into the outbox, each with a link of its own."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clinic import bulk
from clinic.models import uuid7
from outcomes.follow_ups.channels import tokens
from outcomes.follow_ups.engine.asking import Letter
from outcomes.models import Link, Message, MessageEvent, SurveyRequest
from outcomes.models.messages import Channel


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be written, by an open survey's link."""

    request: SurveyRequest
    letter: Letter


def write_all(drafts: Sequence[Draft], now: datetime) -> list[Message]:
    """Queued from now on; a rung that was written before gets a number of its own."""
    if not drafts:
        return []
    taken = _rungs_taken(draft.request for draft in drafts)
    written = [_message(draft, taken, now) for draft in drafts]
    bulk.insert(written)
    bulk.insert([_link(message) for message in written])
    bulk.insert([_event(message) for message in written])
    return written


def _rungs_taken(requests: Iterable[SurveyRequest]) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = defaultdict(list)
    earlier = Message.objects.filter(request__in=[one.pk for one in requests])
    for request_id, rung in earlier.values_list("request", "rung"):
        found[request_id].append(rung)
    return found


def _message(draft: Draft, taken: dict[UUID, list[str]], now: datetime) -> Message:
    request, letter = draft.request, draft.letter
    earlier = taken[request.pk]
    is_taken = letter.rung in earlier
    rung = f"{letter.rung}-{len(earlier) + 1}" if is_taken else letter.rung
    earlier.append(rung)
    return Message(
        id=uuid7(),
        clinic_id=request.clinic_id,
        request=request,
        rung=rung,
        kind=letter.kind,
        channel=letter.channel,
        idempotency_key=f"{request.pk}:{rung}",
        # A letter waits for a person, not for a moment.
        next_attempt_at=None if letter.channel == Channel.LETTER else now,
        created_at=now,
    )


def _link(message: Message) -> Link:
    return Link(
        clinic_id=message.clinic_id,
        request=message.request,
        token_sha256=tokens.sha256_of(tokens.token_for(message.pk)),
        expires_at=message.request.closes_at,
        created_at=message.created_at,
    )


def _event(message: Message) -> MessageEvent:
    return MessageEvent(
        clinic_id=message.clinic_id,
        message=message,
        at=message.created_at,
        state=Message.State.QUEUED,
    )
