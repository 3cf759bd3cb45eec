"""One text message as a provider is handed it, and what every provider can do."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from outcomes.follow_ups.channels.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Text:
    """`to` is E.164; `sender` is a number of ours or the id of a messaging service."""

    message_id: UUID
    clinic_id: UUID
    sender: str
    to: str
    body: str
    # Stands in the body of this message and of no other.
    mark: str
    # Where the provider tells us what became of it.
    receipts_url: str = ""


class Provider(Protocol):
    def send(self, text: Text) -> Outcome:
        """One attempt, in at most half a minute."""

    def was_sent(self, text: Text) -> bool | None:
        """Whether the provider knows it; None where it did not say."""
