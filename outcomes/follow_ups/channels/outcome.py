"""What a channel says about one attempt."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Verdict(StrEnum):
    ACCEPTED = "accepted"
    TRY_LATER = "try later"
    # This address will never take it.
    REFUSED = "refused"
    # The content was handed over and no answer came.
    UNCERTAIN = "uncertain"
    # The server refuses us, whoever the message is for.
    CHANNEL_DOWN = "channel down"
    # Not handed over now, because the patient is on hold.
    ON_HOLD = "on hold"
    # Not handed over, because it should not go any more.
    UNWANTED = "unwanted"


@dataclass(frozen=True, slots=True)
class Outcome:
    verdict: Verdict
    # A code or a fixed phrase: a server's own text may hold the address.
    detail: str = ""
    # The provider's own name for what it took, by which receipts are told to us.
    provider_ref: str = ""
    # How long the provider asks us to wait; None where it did not say.
    retry_after: timedelta | None = None
