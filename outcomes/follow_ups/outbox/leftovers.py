"""What a killed process was at, taken up from its journal before its lease is over."""

import logging
from pathlib import Path

from django.db import transaction
from django.db.models import QuerySet

from clinic import clock
from outcomes.follow_ups.outbox import claiming, doubts, journal, trail
from outcomes.models import Message

logger = logging.getLogger(__name__)

State = Message.State


def take_up() -> int:
    """Record what went, let others take what was not begun; returns how many.

    What may have gone stays leased: what is in doubt is not hurried.
    """
    return sum(_take_up(path) for path in journal.paths())


def _take_up(path: Path) -> int:
    """A journal that cannot be read stops neither the others nor whoever asks."""
    try:
        with journal.of_the_gone(path) as left:
            return _settle(left) if left else 0
    except (BlockingIOError, FileNotFoundError):
        return 0
    except Exception as error:
        logger.error("a journal that was left: %s", type(error).__name__)
        return 0


@transaction.atomic
def _settle(left: journal.Left) -> int:
    taken = {one.message_id: one for one in left.taken}
    settled, now = 0, clock.now()
    for message, last_event in _held(left):
        state = None
        if message.pk in taken:
            state = _accept(message, taken[message.pk])
        elif message.pk in left.not_gone or last_event != State.SENDING:
            state = doubts.let_others(message, now)
        settled += state is not None
    return settled


def _held(left: journal.Left) -> list[tuple[Message, str | None]]:
    """All that the process had claimed, each with the last of its events."""
    leased = Message.objects.filter(state=State.SENDING, lease=left.token)
    events = trail.last_states(leased)
    held: QuerySet[Message] = claiming.whole(leased).order_by("pk")
    return [
        (message, events.get(message.pk, State.SENDING))
        for message in held.select_for_update(of=("self",))
    ]


def _accept(message: Message, went: journal.Taken) -> str | None:
    doubts.take_back(message)
    return trail.move(
        message,
        State.ACCEPTED,
        went.detail,
        provider_ref=went.provider_ref,
        sent_to=went.sent_to,
        accepted_at=clock.now(),
    )
