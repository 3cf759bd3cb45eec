"""Messages that stay on this machine: one file a message, a folder a clinic."""

import email
import email.policy
import os
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage as ParsedMail
from email.utils import format_datetime, parseaddr
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from clinic import clock
from clinic.models import uuid7

CLINIC_HEADER = "X-Mendline-Clinic"
# Only a text message has it; a mail is what has none.
TEXT_HEADER = "X-Mendline-Text"
NO_CLINIC = "none"
SHOWN = 50
_MESSAGE_ID = re.compile(r"<([0-9a-f-]{36})@")


@dataclass(frozen=True, slots=True)
class Mail:
    message_id: str
    to: str
    subject: str
    sent_at: datetime
    text: str
    is_text_message: bool = False


class EmailBackend(BaseEmailBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for letter in email_messages:
            _write(letter)
        return len(email_messages)


def folder(clinic_id: object) -> Path:
    return Path(settings.MAILBOX_DIR) / str(clinic_id)


def _write(letter: EmailMessage) -> None:
    """Named by the Message-ID: a second copy of a message takes the first's place."""
    found = _MESSAGE_ID.match(str(letter.extra_headers.get("Message-ID", "")))
    name = found[1] if found else str(uuid7())
    _keep(folder(_clinic_of(letter)) / f"{name}.eml", letter.message().as_bytes())


def _keep(place: Path, content: bytes) -> None:
    """Written beside and renamed, so that no reader ever sees half a file."""
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(
        dir=place.parent, suffix=".tmp", delete=False
    ) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).rename(place)


def keep_text(clinic_id: UUID, message_id: UUID, *, to: str, body: str) -> None:
    """A text message, in the form that mails are kept in."""
    text = ParsedMail(policy=email.policy.default)
    text[TEXT_HEADER] = to
    text["Date"] = format_datetime(clock.now())
    text.set_content(body)
    _keep(_place(clinic_id, message_id), text.as_bytes())


def has(clinic_id: UUID, message_id: UUID) -> bool:
    return _place(clinic_id, message_id).is_file()


def _place(clinic_id: UUID, message_id: UUID) -> Path:
    return folder(clinic_id) / f"{message_id}.eml"


def _clinic_of(letter: EmailMessage) -> str:
    """The header's clinic; a folder name is never taken from a letter unchecked."""
    try:
        return str(UUID(letter.extra_headers.get(CLINIC_HEADER, "")))
    except ValueError:
        return NO_CLINIC


def read(clinic_id: UUID, limit: int = SHOWN) -> list[Mail]:
    """The clinic's newest messages; names sort by the time they were queued."""
    files = sorted(folder(clinic_id).glob("*.eml"), reverse=True)
    return [_parse(file) for file in files[:limit]]


def _parse(file: Path) -> Mail:
    parsed = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert isinstance(parsed, ParsedMail)  # noqa: S101  the policy's promise
    body = parsed.get_body(("plain",))
    number = parsed[TEXT_HEADER]
    return Mail(
        message_id=file.stem,
        to=number or parseaddr(str(parsed["To"]))[1],
        subject=str(parsed["Subject"] or ""),
        sent_at=parsed["Date"].datetime,
        text=body.get_content().strip() if body else "",
        is_text_message=number is not None,
    )
