"""A mail that came back to us, read: an answer of a patient, or a server's report."""

import email
import email.policy
import hashlib
import re
from datetime import datetime
from email.message import EmailMessage
from email.utils import getaddresses

from clinic.models import Clinic
from outcomes.follow_ups.incoming import answers, inbound, mail_reports, mail_text
from outcomes.models import InboundMessage, Message
from outcomes.models.messages import Channel
from patients.models import ContactPoint, contact_keys

PROVIDER = "mail"
_PLUS_ID = re.compile(r"\+([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@")
_MACHINES = re.compile(r"^(?:mailer-daemon|postmaster|no-?reply|bounces?)\b")


def take(content: bytes, at: datetime) -> list[InboundMessage]:
    """Rows that were made of it; a report of a mail server makes a receipt."""
    parsed = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)  # noqa: S101  the policy's promise
    about = _answered(parsed)
    if parsed.get_content_type() == "multipart/report":
        mail_reports.take(parsed, at)
        return []
    sender = _sender(parsed)
    if not sender:
        return []
    taken = inbound.take(
        inbound.Incoming(
            channel=Channel.EMAIL,
            provider=PROVIDER,
            provider_ref=_reference(parsed, content),
            sender=sender,
            text=mail_text.written(parsed),
            clinics=_clinics(about, sender),
            about=about,
            is_automatic=is_automatic(parsed, sender),
            at=at,
        )
    )
    for one in taken:
        answers.ring(one.row.pk)
    return [one.row for one in taken]


def is_automatic(parsed: EmailMessage, sender: str) -> bool:
    """RFC 3834, 2: what is never answered by a machine."""
    said = str(parsed.get("Auto-Submitted", "no")).strip().lower()
    precedence = str(parsed.get("Precedence", "")).strip().lower()
    return (
        not said.startswith("no")
        or precedence in {"bulk", "junk", "list", "auto_reply"}
        or any(name in parsed for name in ("List-Id", "X-Autoreply", "X-Autorespond"))
        or str(parsed.get("Return-Path", "")).strip() == "<>"
        or bool(_MACHINES.match(sender))
    )


def _sender(parsed: EmailMessage) -> str:
    found = getaddresses([str(value) for value in parsed.get_all("From", [])])
    return contact_keys.email_key(found[0][1]) if found else ""


def _reference(parsed: EmailMessage, content: bytes) -> str:
    """Its own Message-ID, by which a mail that is handed on twice is known."""
    named = str(parsed.get("Message-ID", "")).strip()
    whole = named.encode(errors="replace") or content
    return hashlib.sha256(whole).hexdigest()


def _answered(parsed: EmailMessage) -> Message | None:
    """The message of ours that it names, in its headers or in the address it is to."""
    names = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To")
    to = " ".join(str(v) for name in names for v in parsed.get_all(name, []))
    headers = f"{parsed.get('References', '')} {parsed.get('In-Reply-To', '')}"
    return mail_reports.message_of(
        [*_PLUS_ID.findall(to.lower()), *mail_reports.OUR_ID.findall(headers)]
    )


def _clinics(about: Message | None, sender: str) -> list[Clinic]:
    """Whose message is answered; else who knows the sender; else the only one."""
    if about is not None:
        return [about.clinic]
    knowing = ContactPoint.objects.filter(
        system=ContactPoint.System.EMAIL, match_key=sender
    ).values("clinic")
    found = list(Clinic.objects.filter(pk__in=knowing))
    if found:
        return found
    real = list(Clinic.objects.filter(is_demo=False)[:2])
    return real if len(real) == 1 else []
