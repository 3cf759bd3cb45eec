"""What happened to a message, in order; and what its events say about its tries."""

from datetime import datetime
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from outcomes.follow_ups.outbox.objections import WAITS
from outcomes.models import Message, MessageEvent

State = Message.State
COLUMNS = ("clinic", "message", "at", "state", "detail")
# By the number of events.
_ADD = {
    1: """
INSERT INTO outcomes_messageevent (clinic_id, message_id, at, state, detail)
VALUES (%s, %s, %s, %s, %s)
""",
    2: """
INSERT INTO outcomes_messageevent (clinic_id, message_id, at, state, detail)
VALUES (%s, %s, %s, %s, %s), (%s, %s, %s, %s, %s)
""",
}
# Begins the detail where a message went back without a try that counts.
KEPT_BACK = "kept back: "


def event(message: Message, state: str, detail: str = "") -> MessageEvent:
    """Unsaved, so that several go in one statement."""
    return MessageEvent(
        clinic_id=message.clinic_id, message=message, state=state, detail=detail
    )


def add(cursor: CursorWrapper, *events: MessageEvent) -> None:
    """Several events in one statement, without the cost of composing it."""
    values = [value for event in events for value in _stored(event)]
    cursor.execute(_ADD[len(events)], values)


def _stored(event: MessageEvent) -> list[Any]:
    """In the order of the statement's columns, as this database keeps them."""
    fields: list[Any] = [MessageEvent._meta.get_field(name) for name in COLUMNS]
    return [
        field.get_db_prep_save(getattr(event, field.attname), connection)
        for field in fields
    ]


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
