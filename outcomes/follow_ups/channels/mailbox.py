"""Mail that stays on this machine: one file a message, a folder a clinic."""

import email
import email.policy
import os
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage as ParsedMail
from email.utils import parseaddr
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from clinic.models import uuid7

CLINIC_HEADER = "X-Mendline-Clinic"
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


class EmailBackend(BaseEmailBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for letter in email_messages:
            _write(letter)
        return len(email_messages)


def folder(clinic_id: object) -> Path:
    return Path(settings.MAILBOX_DIR) / str(clinic_id)


def _write(letter: EmailMessage) -> None:
    """Named by the Message-ID: a second copy of a message takes the first's place.

    Written beside and renamed, so that no reader ever sees half a file.
    """
    place = folder(_clinic_of(letter))
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = _MESSAGE_ID.match(str(letter.extra_headers.get("Message-ID", "")))
    name = found[1] if found else str(uuid7())
    with tempfile.NamedTemporaryFile(dir=place, suffix=".tmp", delete=False) as file:
        file.write(letter.message().as_bytes())
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).rename(place / f"{name}.eml")


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
    return Mail(
        message_id=file.stem,
        to=parseaddr(str(parsed["To"]))[1],
        subject=str(parsed["Subject"]),
        sent_at=parsed["Date"].datetime,
        text=body.get_content().strip() if body else "",
    )
