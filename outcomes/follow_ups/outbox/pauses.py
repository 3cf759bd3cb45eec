"""Why nothing of a channel, or of a clinic, is claimed at this moment."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from clinic import clock
from outcomes.models import ChannelPause, SendingPause

# Between one try and the next while a provider refuses us.
CHANNEL_PAUSE = timedelta(minutes=15)


def channel_pauses() -> QuerySet[ChannelPause]:
    """The channels whose provider refuses us, for staff to see."""
    return ChannelPause.objects.order_by("channel")


def pause(channel: str, reason: str) -> None:
    """Nobody's try is used up while the provider refuses all of them."""
    now = clock.now()
    ChannelPause.objects.update_or_create(
        channel=channel,
        defaults={"reason": reason, "next_try_at": now + CHANNEL_PAUSE},
        create_defaults={
            "reason": reason,
            "begun_at": now,
            "next_try_at": now + CHANNEL_PAUSE,
        },
    )


def lift(channel: str) -> None:
    ChannelPause.objects.filter(channel=channel).delete()


def is_clinic_paused(clinic_id: UUID) -> bool:
    return SendingPause.objects.filter(clinic=clinic_id, released_at=None).exists()


def of(channel: str) -> ChannelPause | None:
    return ChannelPause.objects.filter(channel=channel).first()


def take_the_try(pause: ChannelPause, now: datetime) -> bool:
    """Whether this caller may try one message; of several that ask, one may."""
    mine = ChannelPause.objects.filter(
        channel=pause.channel, next_try_at=pause.next_try_at, next_try_at__lte=now
    )
    return bool(mine.update(next_try_at=now + CHANNEL_PAUSE))


def give_back_the_try(pause: ChannelPause) -> None:
    """There was nothing to try."""
    ChannelPause.objects.filter(channel=pause.channel).update(
        next_try_at=pause.next_try_at
    )
