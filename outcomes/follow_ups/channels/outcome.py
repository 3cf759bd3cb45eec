"""What a channel says about one attempt."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from http import HTTPStatus

# A gateway's word for the silence of what stands behind it.
SILENT_BEHIND = (HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT)
# Where a provider asks for time and does not say how much.
A_WHILE = timedelta(minutes=1)
# As long as the column.
REFERENCE_LENGTH = 120


class Verdict(StrEnum):
    ACCEPTED = "accepted"
    TRY_LATER = "try later"
    # This message will never be taken.
    REFUSED = "refused"
    # The content was handed over and no answer came.
    UNCERTAIN = "uncertain"
    # The server refuses us, whoever the message is for.
    CHANNEL_DOWN = "channel down"
    # Not handed over now, for a reason of the patient's or the clinic's.
    WAITS = "waits"
    # Not handed over now, for a reason of our own.
    KEPT_BACK = "kept back"
    # Not handed over, because it should not go any more.
    UNWANTED = "unwanted"


@dataclass(frozen=True, slots=True)
class Outcome:
    verdict: Verdict
    # A code or a fixed phrase: a server's own text may hold the address.
    detail: str = ""
    # The provider's own name for what it took.
    provider_ref: str = ""
    # How long the provider wants to be left alone, with whatever message.
    retry_after: timedelta | None = None
    # Whether the provider itself said so, of this message: it talks to us.
    is_answer: bool = False
    # Whether it was refused for good because of where it was to go.
    blames_address: bool = False
    # Whether it was refused because of the clinic's own sender, not of our account.
    blames_sender: bool = False

    @property
    def stops_channel(self) -> bool:
        return self.verdict == Verdict.CHANNEL_DOWN or bool(self.retry_after)


def reference(given: str) -> str:
    """A provider's own name for something, as it can be kept and looked for."""
    return given.replace("\0", "")[:REFERENCE_LENGTH]
