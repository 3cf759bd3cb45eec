"""What happened to a message, in order; and what its events say about its tries."""

import functools
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from clinic import bulk, clock, prepared
from outcomes.follow_ups.outbox import retrying
from outcomes.follow_ups.outbox.objections import WAITS
from outcomes.models import Message, MessageEvent

State = Message.State
ROWS_AT_ONCE = 500
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


def log(message: Message, state: str, detail: str = "") -> None:
    write([Entry(message, state, detail)])


def write(entries: Sequence[Entry]) -> None:
    """However many; without the cost of composing the statement."""
    now = clock.now()
    with prepared.cursor() as cursor:
        for start in range(0, len(entries), ROWS_AT_ONCE):
            some = entries[start : start + ROWS_AT_ONCE]
            values = [bulk.stored(value) for one in some for value in one.columns(now)]
            cursor.execute(_insert(len(some)), values)


@functools.cache
def _insert(count: int) -> str:
    columns = "clinic_id, message_id, at, state, detail"
    rows = ", ".join(["(%s, %s, %s, %s, %s)"] * count)
    # Only places for values are put in.
    return f"INSERT INTO outcomes_messageevent ({columns}) VALUES {rows}"  # noqa: S608


def last_states(messages: QuerySet[Message]) -> dict[UUID, str | None]:
    """By message, the state of its newest event; one query."""
    newest = MessageEvent.objects.filter(message=OuterRef("pk")).order_by("-id")
    told = messages.annotate(last_event=Subquery(newest.values("state")[:1]))
    return dict(told.values_list("pk", "last_event"))


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


def tried_for(message: Message, now: datetime) -> timedelta:
    """How long it has been tried in vain, without what it was kept back for between.

    What lies further apart than the ladder's longest wait was paused, or closed.
    """
    spent, since = timedelta(0), None
    events = message.events.values_list("state", "detail", "at")
    for state, detail, at in [*events, (State.SENDING, "", now)]:
        if since is not None and detail not in WAITS.values():
            spent += min(at - since, retrying.LONGEST_RUNG)
        if detail in WAITS or detail.startswith(KEPT_BACK):
            since = None
        elif since is not None or state == State.SENDING:
            since = at
    return spent
