"""What a killed process was at, taken up from its journal before its lease is over."""

from django.db import transaction
from django.db.models import QuerySet

from clinic import clock
from outcomes.follow_ups.outbox import claiming, doubts, journal, trail
from outcomes.models import Message

State = Message.State


def take_up() -> int:
    """Record what went, let others take what was not begun; returns how many.

    The one that the process was at stays leased: what is in doubt is not hurried.
    """
    return sum(_settle(left) for left in journal.left())


@transaction.atomic
def _settle(left: journal.Left) -> int:
    taken = {one.message_id: one for one in left.taken}
    settled, now = 0, clock.now()
    for message in _held(left):
        if message.pk == left.in_doubt:
            continue
        went = taken.get(message.pk)
        state = _accept(message, went) if went else doubts.let_others(message, now)
        settled += state is not None
    return settled


def _held(left: journal.Left) -> QuerySet[Message]:
    leased = Message.objects.filter(state=State.SENDING, lease=left.token)
    return claiming.whole(leased).select_for_update(of=("self",)).order_by("pk")


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
