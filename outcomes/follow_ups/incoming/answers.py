"""The automatic answers: their words, and the mails that carry them."""

import functools
import logging
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime, formataddr
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from clinic import clock, doorbell, reference_data
from clinic.models import Clinic
from outcomes.follow_ups.channels import connections, email, mailbox
from outcomes.follow_ups.channels.outcome import Verdict
from outcomes.follow_ups.incoming import keywords
from outcomes.follow_ups.outbox import pauses
from outcomes.models import InboundMessage
from patients.models import Patient

logger = logging.getLogger(__name__)

DATA = Path(__file__).parent / "data" / "answers.toml"
LANGUAGES = ("en", "es")
ANSWERS_A_TICK = 50
# As long as nobody else tries; a mail server may take half a minute.
LEASE = timedelta(minutes=5)
# Later it would puzzle more than it helps.
NEVER_AFTER = timedelta(hours=24)
Meaning = InboundMessage.Meaning


@functools.cache
def texts() -> Mapping[str, Mapping[str, str]]:
    """By key, then by language."""
    file = reference_data.read_toml(DATA)
    found = {}
    for key in file:
        table = file.table(key)
        found[key] = {language: table.text(language) for language in LANGUAGES}
        table.finish()
    file.finish()
    return found


def languages_of(people: Iterable[Patient], text: str) -> list[str]:
    """The patient's own; of a stranger the one of their word, else all of them."""
    spoken = {one.language for one in people}
    if not spoken and keywords.is_spanish(text):
        return ["es"]
    return [language for language in LANGUAGES if language in spoken or not spoken]


def words(row: InboundMessage, languages: Iterable[str], *, is_settled: bool) -> str:
    key = f"{row.channel}_{row.meaning}"
    if row.meaning == Meaning.START and not is_settled:
        key += "_refused"
    gap = " " if row.channel == "sms" else "\n\n"
    return gap.join(_say(key, language, row.clinic) for language in languages)


def _say(key: str, language: str, clinic: Clinic) -> str:
    call = texts()["call" if clinic.phone else "call_us"][language]
    return texts()[key][language].format(
        sender=clinic.sender_name,
        call=call.format(phone=clinic.phone),
        emergency=clinic.emergency_text(language),
    )


def send_due(clinic: Clinic, now: datetime) -> None:
    """Mails that wait; what this tick does not get done, the next one does."""
    if pauses.is_clinic_paused(clinic.pk):
        return
    waiting = InboundMessage.objects.filter(clinic=clinic, answer_due_at__lte=now)
    ids = waiting.order_by("answer_due_at").values_list("pk", flat=True)
    for row_id in list(ids[:ANSWERS_A_TICK]):
        if settings.REDIS_URL:
            ring(row_id)
        else:
            send(row_id)


def ring(row_id: UUID) -> None:
    doorbell.ring("outcomes.answer_inbound", row_id)


def send(row_id: UUID) -> bool:
    """Claim, hand over, note; never inside a transaction. Whether it went.

    While messages are paused it waits as they do; after a day it is given up.
    """
    now = clock.now()
    row = InboundMessage.objects.select_related("clinic", "patient").get(pk=row_id)
    if pauses.is_clinic_paused(row.clinic_id):
        return False
    mine = InboundMessage.objects.filter(pk=row_id, answer_due_at__lte=now)
    if not mine.update(answer_due_at=now + LEASE):
        return False
    if now - row.received_at > NEVER_AFTER:
        InboundMessage.objects.filter(pk=row_id).update(answer_due_at=None)
        return False
    outcome = email.hand_over(compose(row))
    if outcome.verdict != Verdict.ACCEPTED:
        logger.warning("answer to %s: %s", row_id, outcome.detail)
        return False
    InboundMessage.objects.filter(pk=row_id).update(
        answer_due_at=None, answered_at=clock.now()
    )
    return True


def compose(row: InboundMessage) -> EmailMultiAlternatives:
    clinic = row.clinic
    backend = email.backend_of(clinic)
    languages = languages_of([row.patient] if row.patient else [], row.text)
    # Nobody has read what the machine saw to.
    is_settled = row.read_at is not None and row.read_by_id is None
    subjects = (_say("email_subject", language, clinic) for language in languages)
    return EmailMultiAlternatives(
        subject=" / ".join(subjects),
        body=words(row, languages, is_settled=is_settled),
        from_email=formataddr((clinic.sender_name, settings.DEFAULT_FROM_EMAIL)),
        to=[row.sender],
        headers={
            "Message-ID": f"<{row.pk}@{urlsplit(settings.SITE_URL).hostname}>",
            "Date": format_datetime(clock.now()),
            # RFC 3834: whoever answers by machine does not answer this.
            "Auto-Submitted": "auto-replied",
            **(
                {mailbox.CLINIC_HEADER: str(clinic.pk)}
                if backend == email.MAILBOX
                else {}
            ),
        },
        connection=connections.to(backend),
    )
