"""What happened to a message, in order; and what its events say about its tries."""

from datetime import datetime

from outcomes.follow_ups.outbox.objections import WAITS
from outcomes.models import Message, MessageEvent

State = Message.State
# Begins the detail where a message went back without a try that counts.
KEPT_BACK = "kept back: "


def event(message: Message, state: str, detail: str = "") -> MessageEvent:
    """Unsaved, so that several go in one statement."""
    return MessageEvent(
        clinic_id=message.clinic_id, message=message, state=state, detail=detail
    )


def log(message: Message, state: str, detail: str = "") -> None:
    event(message, state, detail).save()


def move(
    message: Message, state: str, detail: str = "", **changes: object
) -> str | None:
    """The one place a claimed message leaves its claim; checked by its lease."""
    moved = Message.objects.filter(
        pk=message.pk, state=State.SENDING, lease=message.lease
    ).update(
        **{
            "state": state,
            "error": detail,
            "lease": None,
            "lease_until": None,
            "next_attempt_at": None,
            **changes,
        }
    )
    if not moved:
        return None
    log(message, state, detail)
    return state


def beginning(message: Message) -> MessageEvent:
    """Stands before each hand-over: a message whose last event it is may have gone.

    One that is claimed and has no such event last was not begun.
    """
    return event(message, State.SENDING, WAITS.get(message.error, ""))


def tried_since(message: Message) -> datetime | None:
    """When the first try was that counts: the days of a hold or a pause do not."""
    first: datetime | None = None
    for state, detail, at in message.events.values_list("state", "detail", "at"):
        if detail in WAITS or detail.startswith(KEPT_BACK):
            first = None
        elif state == State.SENDING:
            first = at if detail in WAITS.values() else first or at
    return first
