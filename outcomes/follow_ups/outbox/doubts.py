"""What did not arrive, or may not have: tried once more, or for staff to see to."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from clinic import clock
from clinic.models import Clinic
from outcomes.follow_ups.channels import reach
from outcomes.follow_ups.engine import unreachable
from outcomes.follow_ups.outbox import claiming, trail
from outcomes.models import FollowUp, Intake, Message

State = Message.State
TWICE_UNCERTAIN = "uncertain twice"
NOT_BEGUN = f"{trail.KEPT_BACK}its worker went silent"


def doubt(message: Message, detail: str, *, again: datetime) -> str | None:
    """It may have gone: once more, and if that is unclear too, a person decides."""
    is_second = was_uncertain(message)
    trail.log(message, State.UNCERTAIN, detail)
    if not is_second:
        return trail.move(message, State.QUEUED, detail, next_attempt_at=again)
    tell_staff(message, TWICE_UNCERTAIN, may_have_arrived=True)
    return trail.move(message, State.FAILED, TWICE_UNCERTAIN)


def was_uncertain(message: Message) -> bool:
    return message.events.filter(state=State.UNCERTAIN).exists()


def tell_staff(
    message: Message, detail: str, *, may_have_arrived: bool = False
) -> None:
    """Put the reason on the worklist; what is begun has reached its patient.

    Nobody counts as unreachable to whom another message or another way is open.
    """
    reason = f"{message.get_channel_display()} not delivered: {detail}"
    if may_have_arrived or _goes_otherwise(message) or _other_ways(message):
        unreachable.note(message, reason)
    else:
        unreachable.of_survey(message, message.request.person, reason, clock.now())


def _goes_otherwise(message: Message) -> bool:
    """Whether another message of the survey has arrived or is on its way."""
    others = Message.objects.filter(request=message.request_id).exclude(pk=message.pk)
    return others.filter(state__in=(*Message.ARRIVED, State.SENDING)).exists()


def _other_ways(message: Message) -> set[str]:
    ways = reach.addresses(message.request.person)
    return {str(channel) for channel in ways} - {message.channel}


def take_back(message: Message) -> None:
    """What an earlier message could not reach was reached by this one."""
    FollowUp.objects.filter(
        request=message.request_id,
        state__in=(FollowUp.State.OPEN, FollowUp.State.UNREACHABLE),
    ).update(state=FollowUp.State.OPEN, state_reason="")
    Intake.objects.filter(request=message.request_id, state__in=Intake.OPEN).update(
        state_reason=""
    )


def release_expired(clinic: Clinic, now: datetime) -> int:
    """Take back messages whose worker went silent; returns how many."""
    expired = Message.objects.filter(
        clinic=clinic, state=State.SENDING, lease_until__lte=now
    )
    rows = trail.last_states(expired).items()
    return sum(_release(pk, now, was_begun=last == "sending") for pk, last in rows)


@transaction.atomic
def _release(message_id: UUID, now: datetime, *, was_begun: bool) -> bool:
    message = (
        claiming.whole(Message.objects.all())
        .select_for_update(of=("self",))
        .get(pk=message_id)
    )
    if message.state != State.SENDING or (message.lease_until or now) > now:
        return False
    if was_begun:
        return doubt(message, "the lease ran out", again=now) is not None
    return let_others(message, now) is not None


def let_others(message: Message, now: datetime) -> str | None:
    """Of a worker that went silent before it began with it: nothing was tried."""
    return trail.move(
        message,
        State.RETRY_WAIT if message.attempts > 1 else State.QUEUED,
        NOT_BEGUN,
        next_attempt_at=now,
        attempts=message.attempts - 1,
    )
