"""Messages that did not arrive, or of which nobody knows: for a person to look at."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from clinic.models import User
from outcomes.follow_ups.guard import recent
from outcomes.follow_ups.outbox import doubts
from outcomes.models import Message
from outcomes.models.messages import Channel

State = Message.State
LOST = (State.FAILED, State.DEAD, State.BOUNCED)
# Older ones have had their call, or their window has closed.
RECENT = timedelta(days=30)

WORDS = {
    State.FAILED: "The provider refused it.",
    State.DEAD: "It was tried for days, and nobody took it.",
    State.BOUNCED: "It came back: nothing arrives there.",
}
REMEDIES = {
    State.FAILED: "Correct the number or address, or call.",
    State.DEAD: "Call, or send a new link.",
    State.BOUNCED: "Correct the number or address, or call.",
}
# Of one that failed because its sender stopped twice while it was sent.
UNCLEAR = (
    "It may have arrived: its sender stopped before it could say so.",
    "Ask the patient, or send a new link.",
)


def words(message: Message) -> tuple[str, str]:
    """What happened, and what to do."""
    if message.error == doubts.TWICE_UNCERTAIN:
        return UNCLEAR
    state = State(message.state)
    return WORDS[state], REMEDIES[state]


def rows(user: User, now: datetime) -> QuerySet[Message]:
    """The latest first."""
    visible: QuerySet[Message] = Message.objects.visible_to(user)
    since = now - RECENT
    found = visible.filter(
        state__in=LOST, pk__gte=recent.first_key(since), created_at__gte=since
    )
    return found.order_by("-created_at", "-pk")


def count(user: User, now: datetime) -> int:
    return rows(user, now).count()


def narrowed(found: QuerySet[Message], state: str, channel: str) -> QuerySet[Message]:
    """To one state and one channel; a word that is none of them asks for all."""
    wanted: dict[str, Any] = {}
    if state in LOST:
        wanted["state"] = state
    if channel in Channel.values:
        wanted["channel"] = channel
    return found.filter(**wanted)
