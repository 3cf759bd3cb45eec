"""The rows of what was sent: one survey a time, its message, its link."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from outcomes.demo.batch import Batch
from outcomes.demo.surveys import Asked, Subject
from outcomes.follow_ups import tokens
from outcomes.models import FollowUp, Link, Message, MessageEvent, SurveyRequest

SENT_AFTER = timedelta(seconds=34)


def add(batch: Batch, subject: Subject, asked: Iterable[Asked]) -> None:
    """One survey for each time of asking; what is still open is one together."""
    by_time: dict[datetime, list[Asked]] = {}
    for each in asked:
        if each.fate.asked_at is not None:
            by_time.setdefault(each.fate.asked_at, []).append(each)
    still_open: SurveyRequest | None = None
    for asked_at, together in sorted(by_time.items()):
        is_open = any(_waits(each.row) for each in together)
        request = still_open if is_open else None
        rung = "invite-2" if request else "invite"
        if request is None:
            request = _request(subject, asked_at, together, is_open=is_open)
            batch.add(request)
        if is_open:
            still_open = request
        _join(request, together)
        _add_message(batch, request, rung, asked_at)


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


def _add_message(
    batch: Batch, request: SurveyRequest, rung: str, asked_at: datetime
) -> None:
    accepted_at = asked_at + SENT_AFTER
    states = Message.State
    message = Message(
        clinic_id=request.clinic_id,
        request=request,
        rung=rung,
        channel=Message.Channel.EMAIL,
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
