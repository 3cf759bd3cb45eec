"""Why nothing of a channel, or of a clinic, is claimed at this moment."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from clinic import clock
from clinic.models import Clinic
from outcomes.follow_ups.outbox import retrying
from outcomes.models import ChannelPause, SendingPause

# Between one try and the next while a provider refuses us.
CHANNEL_PAUSE = timedelta(minutes=15)


def pause(
    channel: str,
    reason: str,
    clinic: Clinic | None = None,
    *,
    asked_for: timedelta | None = None,
) -> None:
    """Nobody's try is used up while the provider takes none of them.

    Without a clinic, those of all clinics wait.
    """
    now = clock.now()
    wait = min(asked_for or CHANNEL_PAUSE, retrying.LONGEST_WAIT)
    becomes = {
        "reason": reason,
        "next_try_at": now + wait,
        "is_asked_for": asked_for is not None,
    }
    ChannelPause.objects.update_or_create(
        channel=channel,
        clinic=clinic,
        defaults=becomes,
        create_defaults={**becomes, "begun_at": now},
    )


def lift(channel: str, clinic: Clinic) -> None:
    """What goes for a clinic goes for all, but for a sender that is refused itself."""
    ChannelPause.objects.stopping(clinic).filter(channel=channel).delete()


def lift_of_all(channel: str) -> None:
    """The provider talks to us, whatever it says of one clinic's sender."""
    ChannelPause.objects.filter(channel=channel, clinic=None).delete()


def leave_the_try(channel: str, clinic: Clinic) -> None:
    """To the next message: the one that was to try was not handed over."""
    found = ChannelPause.objects.stopping(clinic).filter(channel=channel)
    found.update(next_try_at=clock.now())


def is_clinic_paused(clinic_id: UUID) -> bool:
    return SendingPause.objects.filter(clinic=clinic_id, released_at=None).exists()


def of(channel: str, clinic: Clinic) -> list[ChannelPause]:
    """The provider's, and that of the clinic's own sender."""
    return list(ChannelPause.objects.stopping(clinic).filter(channel=channel))


def take_the_try(found: Sequence[ChannelPause], now: datetime) -> bool:
    """Whether this caller may try one message; of several that ask, one may.

    Who has to wait for one pause leaves the try of the other to those who need not.
    """
    if any(one.next_try_at > now for one in found):
        return False
    taken = [one for one in found if _take(one, now)]
    if len(taken) < len(found):
        give_back_the_try(taken)
    return len(taken) == len(found)


def _take(found: ChannelPause, now: datetime) -> bool:
    mine = ChannelPause.objects.filter(pk=found.pk, next_try_at=found.next_try_at)
    return bool(mine.update(next_try_at=now + CHANNEL_PAUSE))


def give_back_the_try(found: Sequence[ChannelPause]) -> None:
    """There was nothing to try."""
    for one in found:
        ChannelPause.objects.filter(pk=one.pk).update(next_try_at=one.next_try_at)
