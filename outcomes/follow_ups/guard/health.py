"""How the engine is, in figures without a name in them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, QuerySet

from clinic.models import Clinic
from outcomes.follow_ups.guard import failed, recent, ticks
from outcomes.models import Message, SchedulerTick, SendingPause

# Three ticks in a row that did not end.
DEAD_AFTER = timedelta(minutes=3)
DAY = timedelta(days=1)
WAITING = (Message.State.QUEUED, Message.State.RETRY_WAIT, Message.State.SENDING)


@dataclass(frozen=True, slots=True)
class Sign:
    """When a job last ended; None where it never did."""

    at: datetime | None
    age: timedelta | None

    @property
    def is_alive(self) -> bool:
        return self.age is not None and self.age <= DEAD_AFTER

    @property
    def seconds(self) -> float | None:
        return None if self.age is None else round(self.age.total_seconds(), 1)


def sign_of(job: str, now: datetime) -> Sign:
    found = ticks.latest(job, now)
    if found is None or found.ended_at is None:
        return Sign(None, None)
    return Sign(found.ended_at, max(now - found.ended_at, timedelta()))


def reason(sign: Sign) -> str:
    """Why the scheduler counts as dead; empty while it does not."""
    if sign.is_alive:
        return ""
    if sign.age is None:
        return "no tick has ended yet"
    return f"the last tick ended {sign.age.total_seconds():.0f} seconds ago"


@dataclass(frozen=True, slots=True)
class Queue:
    channel: str
    state: str
    number: int

    @property
    def is_lost(self) -> bool:
        """Whether a person should look; these have a list."""
        return self.state in failed.TOLD

    @property
    def channel_in_words(self) -> str:
        return str(Message.Channel(self.channel).label)

    @property
    def state_in_words(self) -> str:
        return str(Message.State(self.state).label)


def waiting(rows: QuerySet[Message]) -> QuerySet[Message]:
    """What is to go out and has not gone; letters wait for a person to print them."""
    return rows.filter(state__in=WAITING).exclude(channel=Message.Channel.LETTER)


def queues(now: datetime, clinic: Clinic | None = None) -> list[Queue]:
    """Messages that wait, and those made within a day, by channel and state."""
    waiting = Message.objects.filter(state__in=WAITING)
    fresh = Message.objects.exclude(state__in=WAITING).filter(
        pk__gte=recent.first_key(now - DAY), created_at__gte=now - DAY
    )
    return _by_state(waiting, clinic) + _by_state(fresh, clinic)


def _by_state(rows: QuerySet[Message], clinic: Clinic | None) -> list[Queue]:
    if clinic is not None:
        rows = rows.filter(clinic=clinic)
    found = rows.order_by().values_list("channel", "state").annotate(n=Count("pk"))
    return [Queue(*one) for one in sorted(found)]


def pauses_by_cause() -> dict[str, int]:
    standing = SendingPause.objects.filter(released_at=None).order_by()
    found = dict(standing.values_list("cause").annotate(n=Count("pk")))
    return {cause: found.get(cause, 0) for cause in SendingPause.Cause.values}


def machines(job: str, now: datetime) -> QuerySet[SchedulerTick]:
    """Each machine's last run of a job within a day."""
    return ticks.ended(job, now).filter(ended_at__gte=now - DAY)
