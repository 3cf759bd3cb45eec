"""Reports of a mail server about messages of ours that it took or could not deliver."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.message import Message as Part
from uuid import UUID

from outcomes.follow_ups.incoming import receipts
from outcomes.follow_ups.incoming.receipts import Event
from outcomes.models import Message
from outcomes.models.messages import Channel

PROVIDER = "mail"
OUR_ID = re.compile(r"<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@")


def take(parsed: EmailMessage, at: datetime) -> None:
    """A report of delivery (RFC 3464) about a message of ours; others are nobody's."""
    about = message_of(list(_reported_ids(parsed)))
    event = next(filter(None, map(_event, _recipients(parsed))), None)
    if about is None or event is None:
        return
    receipts.take(
        provider=PROVIDER,
        provider_ref=str(about.pk),
        event=event,
        at=at,
        message_id=about.pk,
    )


def _reported_ids(parsed: EmailMessage) -> Iterator[str]:
    for part in parsed.walk():
        if part.get_content_type() in {"message/rfc822", "text/rfc822-headers"}:
            yield from OUR_ID.findall(f"{_headers(part)}"[:20_000])


def _headers(part: Part) -> str:
    payload = part.get_payload()
    return payload if isinstance(payload, str) else "".join(map(str, payload))


def _recipients(parsed: EmailMessage) -> Iterator[Part]:
    """The fields of each recipient, which the library reads as messages."""
    for part in parsed.walk():
        if part.get_content_type() == "message/delivery-status":
            fields = part.get_payload()
            for one in fields if isinstance(fields, list) else []:
                if isinstance(one, Part):
                    yield one


def _event(fields: Part) -> Event | None:
    """RFC 3463: 5.1.x speaks of the address, the rest of this one message."""
    action = str(fields.get("Action", "")).strip().lower()
    status = str(fields.get("Status", "")).strip()
    if action == "delivered":
        return Event.DELIVERED
    if action != "failed":
        return None
    return Event.BOUNCED if status.startswith("5.1.") else Event.NOT_DELIVERED


def message_of(ids: Sequence[str]) -> Message | None:
    """The last that exists: a thread names every mail of it in turn."""
    found = {
        message.pk: message
        for message in Message.objects.filter(
            pk__in=ids, channel=Channel.EMAIL
        ).select_related("clinic", "request__patient__merged_into__clinic")
    }
    ours = (found.get(UUID(one)) for one in reversed(ids))
    return next((message for message in ours if message), None)
