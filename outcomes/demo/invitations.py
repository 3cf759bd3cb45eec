"""The rows of what was sent: one survey a time, its messages, their links."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from outcomes.demo.batch import Batch
from outcomes.demo.climbing import SENT_AFTER, Climber
from outcomes.demo.surveys import Asked, Subject
from outcomes.follow_ups.channels import tokens
from outcomes.follow_ups.engine import ladder
from outcomes.follow_ups.engine.asking import INVITE, Letter
from outcomes.models import FollowUp, Link, Message, MessageEvent, SurveyRequest
from outcomes.models.messages import Channel, Kind


@dataclass(frozen=True, slots=True)
class Sent:
    at: datetime
    letter: Letter


def add(
    batch: Batch, subject: Subject, climber: Climber, asked: Iterable[Asked]
) -> None:
    """One survey for each time of asking; what is still open is one together."""
    by_time: dict[datetime, list[Asked]] = {}
    for each in asked:
        if each.fate.asked_at is not None:
            by_time.setdefault(each.fate.asked_at, []).append(each)
    still_open: SurveyRequest | None = None
    surveys: dict[UUID, SurveyRequest] = {}
    letters: dict[UUID, list[Sent]] = defaultdict(list)
    for asked_at, together in sorted(by_time.items()):
        is_open = any(_waits(each.row) for each in together)
        request = still_open if is_open else None
        if request is None:
            request = _request(subject, asked_at, together, is_open=is_open)
            batch.add(request)
        if is_open:
            still_open = request
        _join(request, together)
        letters[request.pk] += list(_letters(climber, together, asked_at))
        surveys[request.pk] = request
    for pk, request in surveys.items():
        _add_messages(batch, request, letters[pk])


def _request(
    subject: Subject, asked_at: datetime, together: Sequence[Asked], *, is_open: bool
) -> SurveyRequest:
    answered = [
        each.row.answered_at for each in together if each.row.answered_at is not None
    ]
    states = SurveyRequest.State
    ended = states.COMPLETED if answered else states.CLOSED
    return SurveyRequest(
        clinic=subject.clinic,
        patient=subject.patient,
        state=states.OPEN if is_open else ended,
        language=subject.patient.language,
        closes_at=together[0].fate.desired.close_at,
        completed_at=max(answered) if answered and not is_open else None,
        created_at=asked_at,
    )


def _waits(row: FollowUp) -> bool:
    return row.state in FollowUp.ASKED and not row.is_answered


def _join(request: SurveyRequest, together: Sequence[Asked]) -> None:
    closes = [each.fate.desired.close_at for each in together]
    request.closes_at = max(request.closes_at, *closes)
    for each in together:
        each.row.request = request


def _letters(
    climber: Climber, together: Sequence[Asked], asked_at: datetime
) -> Iterator[Sent]:
    """The invitation, and the reminders that found a channel to go by."""
    channels = _channels(climber.subject)
    lead = min(together, key=lambda each: not each.row.is_safety)
    wish = ladder.first_channel(climber.rungs(lead))
    kind = Kind.SAFETY if lead.row.is_safety else Kind.INVITATION
    way = ladder.channel_of(wish, channels) or channels[0]
    yield Sent(asked_at, Letter(kind, way, INVITE))
    for each in together:
        for one in climber.passed(each):
            way = ladder.channel_of(one.rung.channel, channels)
            is_last = one.rung.channel == ladder.RESCUE
            if way and not one.rung.is_call:
                kind = Kind.RESCUE if is_last else Kind.REMINDER
                yield Sent(one.at, Letter(kind, way, one.rung.name))


def _channels(subject: Subject) -> list[str]:
    """Whoever is written to has an address; all who have a number agreed to texts."""
    found = [Channel.EMAIL.value]
    if subject.story.person.phone:
        found.append(Channel.SMS.value)
    return sorted(found, key=lambda one: one != subject.patient.preferred_channel)


def _add_messages(batch: Batch, request: SurveyRequest, found: list[Sent]) -> None:
    """Of two that are too close together the later falls away, unless it invites."""
    last: datetime | None = None
    rungs: list[str] = []
    for one in sorted(found, key=lambda each: each.at):
        letter = one.letter
        is_close = last is not None and one.at < last + ladder.APART
        if is_close and letter.rung != INVITE:
            continue
        is_taken = letter.rung in rungs
        rung = f"{letter.rung}-{len(rungs) + 1}" if is_taken else letter.rung
        rungs.append(letter.rung)
        _add_message(batch, request, replace(letter, rung=rung), one.at)
        last = one.at


def _add_message(
    batch: Batch, request: SurveyRequest, letter: Letter, asked_at: datetime
) -> None:
    rung, accepted_at = letter.rung, asked_at + SENT_AFTER
    states = Message.State
    message = Message(
        clinic_id=request.clinic_id,
        request=request,
        rung=rung,
        kind=letter.kind,
        channel=letter.channel,
        idempotency_key=f"{request.pk}:{rung}",
        state=states.ACCEPTED,
        attempts=1,
        accepted_at=accepted_at,
        created_at=asked_at,
    )
    batch.add(message, _link(request, message))
    for state, at in (
        (states.QUEUED, asked_at),
        (states.SENDING, accepted_at),
        (states.ACCEPTED, accepted_at),
    ):
        batch.add(
            MessageEvent(
                clinic_id=request.clinic_id, message=message, at=at, state=state
            )
        )


def _link(request: SurveyRequest, message: Message) -> Link:
    is_closed = request.state == SurveyRequest.State.CLOSED
    return Link(
        clinic_id=request.clinic_id,
        request=request,
        token_sha256=tokens.sha256_of(tokens.token_for(message.pk)),
        expires_at=request.closes_at,
        revoked_at=request.closes_at if is_closed else None,
        created_at=message.created_at,
    )
