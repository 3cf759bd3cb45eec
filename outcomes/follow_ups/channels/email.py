"""A message by e-mail: neutral words, one link, nothing about the patient."""

import smtplib
from contextlib import AbstractContextManager
from email.utils import format_datetime, formataddr
from urllib.parse import urlsplit
from uuid import UUID

from anymail.exceptions import AnymailError, AnymailInvalidAddress
from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from clinic import clock
from clinic.models import Clinic
from outcomes.follow_ups import wording
from outcomes.follow_ups.channels import connections, esp, mailbox, smtp, tokens
from outcomes.follow_ups.channels.outcome import Outcome, Verdict
from outcomes.follow_ups.channels.writing import HTML, Letter
from outcomes.models import Message

MAILBOX = "outcomes.follow_ups.channels.mailbox.EmailBackend"
# Ours knows more about a failed attempt than the one it stands in for.
BACKENDS = {
    "django.core.mail.backends.smtp.EmailBackend": (
        "outcomes.follow_ups.channels.smtp.EmailBackend"
    )
}
# "Too large" and "over quota" pass; the other 5xx stay.
PASSING_5XX = 552
NOT_AN_ADDRESS = Outcome(
    Verdict.REFUSED, "not an address that mail can be sent to", blames_address=True
)


def send(message: Message, address: str) -> Outcome:
    """One attempt; every way in which it can go wrong becomes an outcome."""
    return hand_over(compose(message, address, _wordings_of(message.clinic_id)))


def _wordings_of(clinic_id: UUID) -> wording.Wordings:
    return connections.read_once(clinic_id, lambda: wording.Wordings.of(clinic_id))


def hand_over(letter: EmailMultiAlternatives) -> Outcome:
    try:
        letter.send()
    except AnymailInvalidAddress:
        return NOT_AN_ADDRESS
    except AnymailError as error:
        # Some are also OSErrors, which here would say that nothing was sent.
        return esp.verdict_of(error)
    except smtp.UnansweredError:
        return Outcome(Verdict.UNCERTAIN, "no answer after the content")
    except smtplib.SMTPException as error:
        return verdict_of(error)
    except OSError as error:
        return Outcome(Verdict.TRY_LATER, f"no connection: {type(error).__name__}")
    except ValueError:
        return NOT_AN_ADDRESS
    return Outcome(Verdict.ACCEPTED, provider_ref=esp.reference_of(letter))


def session() -> AbstractContextManager[None]:
    """Within it, the letters of this thread go over one connection.

    What the clinic has worded meanwhile goes into the letters of the next one.
    """
    return connections.kept()


def compose(
    message: Message, address: str, wordings: wording.Wordings | None = None
) -> EmailMultiAlternatives:
    """Without the clinic's wordings it costs the query that reads them."""
    chosen = wordings or wording.Wordings.of(message.clinic_id)
    clinic = message.request.patient.clinic
    return letter(clinic, chosen.words_for(message), address, message.pk)


def letter(
    clinic: Clinic, words: wording.Words, address: str, message_id: UUID
) -> EmailMultiAlternatives:
    backend = backend_of(clinic)
    mailing = Letter(
        message_id,
        tokens.token_for(message_id),
        tokens.stop_token_for(message_id),
        subject=words.subject,
        body=words.text,
        from_email=formataddr((clinic.sender_name, settings.DEFAULT_FROM_EMAIL)),
        to=[address],
        headers={
            "Message-ID": f"<{message_id}@{urlsplit(settings.SITE_URL).hostname}>",
            "Date": format_datetime(clock.now()),
            "Auto-Submitted": "auto-generated",
            # Leads to a page that asks. No List-Unsubscribe-Post: that would let a
            # program stop the messages without asking anybody.
            "List-Unsubscribe": f"<{tokens.stop_url_for(message_id)}>",
            **({mailbox.CLINIC_HEADER: str(clinic.pk)} if backend == MAILBOX else {}),
        },
        connection=connections.to(backend),
    )
    mailing.attach_alternative(words.html, HTML)
    return mailing


def backend_of(clinic: Clinic) -> str:
    """A demo's mail stays on disk, whatever the server is configured to use."""
    configured = settings.EMAIL_BACKEND
    return MAILBOX if clinic.is_demo else BACKENDS.get(configured, configured)


def verdict_of(error: smtplib.SMTPException) -> Outcome:
    code = smtp.code_of(error)
    detail = f"SMTP {code}" if code else f"SMTP: {type(error).__name__}"
    if _is_about_us(error, code):
        return Outcome(Verdict.CHANNEL_DOWN, detail)
    if not _is_permanent(code):
        return Outcome(Verdict.TRY_LATER, detail, is_answer=bool(code))
    is_address = isinstance(error, smtplib.SMTPRecipientsRefused)
    return Outcome(Verdict.REFUSED, detail, is_answer=True, blames_address=is_address)


def _is_permanent(code: int) -> bool:
    return code >= 500 and code != PASSING_5XX


def _is_about_us(error: smtplib.SMTPException, code: int) -> bool:
    """Our sign-in or our sender's address, which no other recipient would change."""
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return True
    ours = (
        smtplib.SMTPAuthenticationError
        | smtplib.SMTPConnectError
        | smtplib.SMTPHeloError
        | smtplib.SMTPSenderRefused
    )
    return isinstance(error, ours) and _is_permanent(code)
