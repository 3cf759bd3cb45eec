"""Messages that did not arrive, or of which nobody knows: for a person to look at."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from clinic.models import User
from outcomes.follow_ups.guard import recent
from outcomes.follow_ups.outbox import doubts
from outcomes.models import Message, StaffTask, SurveyRequest
from outcomes.models.messages import Channel

State = Message.State
# Older ones have had their call, or their window has closed.
RECENT = timedelta(days=30)


class Told(NamedTuple):
    """What happened, and what to do."""

    happened: str
    remedy: str


TOLD = {
    State.FAILED: Told(
        "The provider refused it.", "Correct the number or address, or call."
    ),
    State.DEAD: Told(
        "It was tried for days, and nobody took it.", "Call, or send a new link."
    ),
    State.BOUNCED: Told(
        "It came back: nothing arrives there.",
        "Correct the number or address, or call.",
    ),
}
# Of one that failed because its sender stopped twice while it was sent.
UNCLEAR = Told(
    "It may have arrived: its sender stopped before it could say so.",
    "Ask the patient, or send a new link.",
)


def told(message: Message) -> Told:
    if message.error == doubts.TWICE_UNCERTAIN:
        return UNCLEAR
    return TOLD[State(message.state)]


def rows(user: User, now: datetime) -> QuerySet[Message]:
    """The latest first."""
    visible: QuerySet[Message] = Message.objects.visible_to(user)
    since = now - RECENT
    found = visible.filter(
        state__in=TOLD, pk__gte=recent.first_key(since), created_at__gte=since
    )
    return found.order_by("-created_at", "-pk")


def unclear(found: QuerySet[Message]) -> QuerySet[Message]:
    """Those that ended without an answer: they may have arrived."""
    return found.filter(error=doubts.TWICE_UNCERTAIN)


def count(user: User, now: datetime) -> int:
    return unsettled(rows(user, now)).count()


def unsettled(found: QuerySet[Message]) -> QuerySet[Message]:
    """Those that wait for somebody: the survey is open, nothing of it has arrived
    since, and nobody has called the patient or found another way.
    """
    later = Message.objects.filter(
        request=OuterRef("request"),
        state__in=Message.ARRIVED,
        accepted_at__gte=OuterRef("created_at"),
    )
    done = StaffTask.objects.filter(
        follow_up__request=OuterRef("request"),
        kind__in=StaffTask.TO_PATIENT,
        state=StaffTask.State.DONE,
        ended_at__gte=OuterRef("created_at"),
    )
    is_open = Q(request__state=SurveyRequest.State.OPEN)
    return found.filter(is_open, ~Exists(later), ~Exists(done))


# Asked for like a state: those that failed because nobody knows.
NOBODY_KNOWS = "unclear"


@dataclass(frozen=True, slots=True)
class Choice:
    """Which of them are asked for; a word that is none of its choices asks for all."""

    state: str = ""
    channel: str = ""
    # Settled ones left out.
    is_waiting: bool = False

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> "Choice":
        state, channel = asked.get("state", ""), asked.get("channel", "")
        return cls(
            state if state in {*TOLD, NOBODY_KNOWS} else "",
            channel if channel in Channel.values else "",
            asked.get("waiting") == "yes",
        )

    @property
    def is_all(self) -> bool:
        return self == Choice()

    def among(self, found: QuerySet[Message]) -> QuerySet[Message]:
        if self.state == NOBODY_KNOWS:
            found = unclear(found)
        elif self.state:
            found = found.filter(state=self.state)
        if self.channel:
            found = found.filter(channel=self.channel)
        return unsettled(found) if self.is_waiting else found
