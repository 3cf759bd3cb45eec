"""What was tried to reach patients about their follow-ups, read for many at once."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.db.models.functions import Coalesce

from clinic import clock
from clinic.models import User
from outcomes.models import ContactAttempt, Message
from outcomes.models.messages import Channel
from patients.models import ContactPoint

# Nothing has been tried by these yet, or never will be.
_NOT_TRIED = (*Message.CLAIMABLE, Message.State.SENDING, Message.State.CANCELLED)
_NAMES = {Channel.EMAIL: "e-mail", Channel.SMS: "text", Channel.LETTER: "letter"}
_LOST = (Message.State.BOUNCED, Message.State.FAILED, Message.State.DEAD)
# More would make a row of the list a paragraph.
SHOWN = 4


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that left, or that was given up."""

    at: datetime
    channel: str
    state: str


@dataclass(frozen=True, slots=True)
class Tried:
    at: datetime
    # Such as "text", and of a call or what did not arrive how it ended.
    what: str
    outcome: str = ""

    def words(self, zone: str) -> str:
        day = clock.day_of(self.at, zone)
        ended = f": {self.outcome}" if self.outcome else ""
        return f"{self.what} {day.day} {day:%b}{ended}"


def sent(
    user: User, request_ids: Iterable[UUID | None]
) -> dict[UUID | None, list[Sent]]:
    """Messages of these surveys that were tried, the first one first; one query."""
    rows = (
        Message.objects.visible_to(user)
        .filter(request__in=[one for one in request_ids if one])
        .exclude(state__in=_NOT_TRIED)
        .order_by("created_at")
        .values_list("request_id", "accepted_at", "created_at", "channel", "state")
    )
    found: dict[UUID | None, list[Sent]] = defaultdict(list)
    for request_id, accepted_at, created_at, channel, state in rows:
        found[request_id].append(Sent(accepted_at or created_at, channel, state))
    return found


def about(messages: Iterable[Sent], asked_at: datetime | None) -> list[Sent]:
    """Those since a follow-up joined its survey, which may have been open before."""
    return [one for one in messages if asked_at is None or one.at >= asked_at]


def is_open(system: ContactPoint.System) -> Exists:
    """Whether a follow-up's patient, of a merged record the kept one, is reached so."""
    person = Coalesce(OuterRef("patient__merged_into"), OuterRef("patient"))
    return Exists(
        ContactPoint.objects.filter(
            patient=person, system=system, may_contact=True, failed_at=None
        )
    )


def attempts(user: User, follow_up_ids: list[UUID]) -> dict[UUID, list[ContactAttempt]]:
    """Calls about each of these, the first one first; one query."""
    rows = ContactAttempt.objects.visible_to(user).filter(follow_up__in=follow_up_ids)
    found: dict[UUID, list[ContactAttempt]] = defaultdict(list)
    for attempt in rows.order_by("at").only("follow_up_id", "outcome", "at"):
        found[attempt.follow_up_id].append(attempt)
    return found


def history(messages: Iterable[Sent], calls: Iterable[ContactAttempt]) -> list[Tried]:
    """Messages and calls in the order in which they were made."""
    written = [
        Tried(one.at, _NAMES[Channel(one.channel)], _lost(one)) for one in messages
    ]
    called = [Tried(one.at, "called", str(one.get_outcome_display())) for one in calls]
    return sorted(written + called, key=lambda one: one.at)


def _lost(one: Sent) -> str:
    return "not delivered" if one.state in _LOST else ""


def in_words(tried: list[Tried], zone: str) -> str:
    """The last few, such as: e-mail 3 Nov, text 6 Nov, called 8 Nov: no answer."""
    words = [one.words(zone) for one in tried[-SHOWN:]]
    earlier = len(tried) - SHOWN
    return ", ".join([f"{earlier} earlier", *words] if earlier > 0 else words)
