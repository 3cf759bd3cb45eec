"""Where a message went, kept without the number or address itself.

A patient's contact changes; whoever then asks whether a message to the old one was ours
has to be told the truth. Whoever reads the table learns no number from it.
"""

from django.utils.crypto import salted_hmac

from outcomes.follow_ups.channels import reach
from outcomes.models.messages import Channel
from patients.models.contact import match_key


def of(channel: str, address: str, zone: str) -> str:
    """`zone` is the clinic's, as for `match_key`; empty for a letter."""
    system = reach.SYSTEMS.get(Channel(channel))
    key = match_key(system, address, zone) if system else ""
    return hidden(key) if key else ""


def hidden(key: str) -> str:
    """Of a number or address as it is matched by; the same under one SECRET_KEY."""
    return salted_hmac("mendline.sent-to", key, algorithm="sha256").hexdigest()
