"""What Twilio, and those who speak its API, tell us: fields of a form, read."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID
from xml.sax.saxutils import escape

from django.db.models import Q

from clinic import zones
from clinic.models import Clinic
from outcomes.follow_ups.incoming import inbound, receipts, stopping
from outcomes.follow_ups.incoming.receipts import Event
from outcomes.models import InboundMessage
from outcomes.models.messages import Channel
from patients.models import contact_keys

PROVIDER = "twilio"
Fields = Mapping[str, str]
# Source: Twilio, "Message resource", status values.
EVENTS = {
    **dict.fromkeys(
        ("accepted", "scheduled", "queued", "sending", "sent"), Event.ACCEPTED
    ),
    **dict.fromkeys(("delivered", "read"), Event.DELIVERED),
    **dict.fromkeys(("undelivered", "failed", "canceled"), Event.NOT_DELIVERED),
}
# Source: Twilio, "Error and Warning Dictionary".
BY_CODE = {
    "21211": Event.NOT_A_NUMBER,
    "30005": Event.NOT_A_NUMBER,
    "21614": Event.LANDLINE,
    "30006": Event.LANDLINE,
    "21610": Event.OPTED_OUT,
}
_MEANINGS = {
    "STOP": InboundMessage.Meaning.STOP,
    "START": InboundMessage.Meaning.START,
}


def take_receipt(fields: Fields, message_id: str, at: datetime) -> None:
    """A status that we do not know is none of our business."""
    event = EVENTS.get(fields.get("MessageStatus", "").lower())
    sid = fields.get("MessageSid") or fields.get("SmsSid", "")
    if event is None or not sid:
        return
    if event == Event.NOT_DELIVERED:
        event = BY_CODE.get(fields.get("ErrorCode", ""), event)
    receipts.take(
        provider=PROVIDER,
        provider_ref=sid,
        event=event,
        at=at,
        message_id=_uuid(message_id),
        address=fields.get("To", ""),
    )


def take_message(fields: Fields, at: datetime) -> str:
    """The answer as TwiML: said in the reply to the call itself."""
    sender, sid = fields.get("From", ""), fields.get("MessageSid", "")
    if not sender or not sid:
        return twiml("")
    taken = inbound.take(
        inbound.Incoming(
            channel=Channel.SMS,
            provider=PROVIDER,
            provider_ref=sid,
            sender=contact_keys.phone_key(sender, "US"),
            text=_text(fields),
            clinics=_clinics(fields, sender),
            # It has been seen to, and answered, by the provider.
            settled_as=_MEANINGS.get(fields.get("OptOutType", "")),
            at=at,
        )
    )
    return twiml(next((one.answer for one in taken if one.answer), ""))


def twiml(answer: str) -> str:
    said = f"<Message>{escape(answer)}</Message>" if answer else ""
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{said}</Response>'


def _text(fields: Fields) -> str:
    pictures = fields.get("NumMedia", "0")
    note = "" if pictures in {"", "0"} else "\n(A picture was sent; it is not kept.)"
    return (fields.get("Body", "") + note).strip()


def _clinics(fields: Fields, sender: str) -> Sequence[Clinic]:
    """Whose number was written to; of several with one, those who know the sender."""
    service, to = fields.get("MessagingServiceSid", ""), fields.get("To", "")
    named = [
        clinic
        for clinic in Clinic.objects.exclude(Q(sms_sender="") | Q(is_demo=True))
        if clinic.sms_sender == service or _is_same_number(clinic, to)
    ]
    if len(named) < 2:
        return named
    knowing = [
        clinic for clinic in named if stopping.people_at(clinic, Channel.SMS, sender)
    ]
    return knowing or named


def _is_same_number(clinic: Clinic, number: str) -> bool:
    country = zones.country_of(clinic.zone)
    ours = contact_keys.phone_key(clinic.sms_sender, country)
    return bool(ours) and ours == contact_keys.phone_key(number, country)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
