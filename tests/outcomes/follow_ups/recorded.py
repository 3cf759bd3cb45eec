"""What a channel said of one message, recorded as the sender does it."""

from outcomes.follow_ups import outbox
from outcomes.follow_ups.channels.outcome import Outcome
from outcomes.follow_ups.outbox import Lease


def record(lease: Lease, outcome: Outcome) -> str | None:
    """The state it is in then; None where the lease was not held."""
    return outbox.record([outbox.Done(lease, outcome)]).get(lease.message_id)
