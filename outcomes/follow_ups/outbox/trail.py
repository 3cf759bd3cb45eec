"""What happened to a message, in order; and what its events say about its tries."""

from datetime import datetime
from typing import NamedTuple

from django.db.backends.utils import CursorWrapper

from clinic import bulk, clock
from outcomes.follow_ups.outbox.objections import WAITS
from outcomes.models import Message, MessageEvent

State = Message.State
# By the number of entries.
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


class Entry(NamedTuple):
    """What becomes an event: cheaper to make than a row of the model."""

    message: Message
    state: str
    detail: str = ""

    def columns(self, at: datetime) -> tuple[object, ...]:
        """In the order of the statement's."""
        message = self.message
        return message.clinic_id, message.pk, at, self.state, self.detail


def add(cursor: CursorWrapper, *entries: Entry) -> None:
    """Several entries in one statement, without the cost of composing it."""
    now = clock.now()
    values = [bulk.stored(value) for entry in entries for value in entry.columns(now)]
    cursor.execute(_ADD[len(entries)], values)


def log(message: Message, state: str, detail: str = "") -> None:
    write(Entry(message, state, detail))


def write(*entries: Entry) -> None:
    """However many, in one statement."""
    MessageEvent.objects.bulk_create(
        MessageEvent(
            clinic_id=entry.message.clinic_id,
            message=entry.message,
            state=entry.state,
            detail=entry.detail,
        )
        for entry in entries
    )


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


def beginning(message: Message) -> Entry:
    """Stands before each hand-over: a message whose last event it is may have gone.

    One that is claimed and has no such event last was not begun.
    """
    return Entry(message, State.SENDING, WAITS.get(message.error, ""))


def tried_since(message: Message) -> datetime | None:
    """When the first try was that counts: the days of a hold or a pause do not."""
    first: datetime | None = None
    for state, detail, at in message.events.values_list("state", "detail", "at"):
        if detail in WAITS or detail.startswith(KEPT_BACK):
            first = None
        elif state == State.SENDING:
            first = at if detail in WAITS.values() else first or at
    return first
