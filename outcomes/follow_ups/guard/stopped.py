"""Channels by which nothing goes for a clinic, in words for its staff."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count

from clinic.models import Clinic
from outcomes.follow_ups.guard import releasing
from outcomes.models import ChannelPause, Message

MESSAGES = {
    Message.Channel.EMAIL: "E-mails",
    Message.Channel.SMS: "Text messages",
}


@dataclass(frozen=True, slots=True)
class Stopped:
    pause: ChannelPause
    waiting: int

    @property
    def messages(self) -> str:
        return MESSAGES[Message.Channel(self.pause.channel)]

    @property
    def why(self) -> str:
        """The code is for whoever runs the server, or whom the clinic calls."""
        reason = self.pause.reason
        if self.pause.is_asked_for:
            return f"The provider asks us to wait; there is nothing to do ({reason})."
        if self.pause.clinic_id:
            return (
                f"The provider does not take the clinic’s sender ({reason}): "
                "an admin can correct it under Set-up, Clinic."
            )
        return (
            "The provider refuses this server, as after a changed password: "
            f"tell whoever runs it (code {reason})."
        )

    @property
    def waiting_in_words(self) -> str:
        verb = "waits" if self.waiting == 1 else "wait"
        return f"{releasing.counted(self.waiting, 'message')} {verb}"


def read(pauses: Iterable[ChannelPause], clinic: Clinic) -> list[Stopped]:
    """A query for all of them, and none where there are none."""
    found = list(pauses)
    if not found:
        return []
    waiting = Message.objects.filter(clinic=clinic, state__in=Message.CLAIMABLE)
    counted = waiting.order_by().values_list("channel").annotate(Count("pk"))
    numbers = dict(counted)
    return [Stopped(one, numbers.get(one.channel, 0)) for one in found]
