"""The outbox: messages claimed with a lease, sent outside transactions, recorded.

A message is handed over at least once. Twice only if its machine dies between the
provider's yes and our record of it; both copies carry one link and one Message-ID.
"""

from outcomes.follow_ups.outbox.claiming import BATCH, Lease, claim, claim_due
from outcomes.follow_ups.outbox.doubts import release_expired
from outcomes.follow_ups.outbox.leftovers import take_up
from outcomes.follow_ups.outbox.objections import NO_ADDRESS, ON_HOLD, REPLACED
from outcomes.follow_ups.outbox.recording import Done, record
from outcomes.follow_ups.outbox.retrying import LADDER
from outcomes.follow_ups.outbox.sending import deliver, send, send_due
from outcomes.follow_ups.outbox.trail import log
from outcomes.follow_ups.outbox.waiting import (
    UNDELIVERED,
    cancel,
    cancel_all,
    due,
    due_channels,
    flag_acknowledged,
    is_held_back,
    look_again,
    withdraw,
)

__all__ = [
    "BATCH",
    "Done",
    "LADDER",
    "NO_ADDRESS",
    "ON_HOLD",
    "REPLACED",
    "UNDELIVERED",
    "Lease",
    "cancel",
    "cancel_all",
    "claim",
    "claim_due",
    "deliver",
    "due",
    "due_channels",
    "flag_acknowledged",
    "is_held_back",
    "log",
    "look_again",
    "record",
    "release_expired",
    "send",
    "send_due",
    "take_up",
    "withdraw",
]
