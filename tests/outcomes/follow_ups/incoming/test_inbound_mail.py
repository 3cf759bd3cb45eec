"""Mails that come back: answers of patients, and reports of mail servers."""

import email
import hashlib
import hmac
from email.message import EmailMessage

import pytest
from django.core import mail as outbound
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from clinic import clock
from clinic.models import Clinic
from outcomes import tasks
from outcomes.follow_ups.channels import mailbox
from outcomes.follow_ups.guard import pauses
from outcomes.follow_ups.incoming import answers, mail_text
from outcomes.models import FollowUp, InboundMessage, Message
from patients.models import ContactPoint, Patient
from tests import factories

KEY = "hand-on"
QUOTED = (
    "\n\nOn Mon, Oct 5, 2026 at 9:12 AM Lakeview <a@b.org> wrote:\n> Hello,\n> STOP"
)


@pytest.fixture(autouse=True)
def key(settings) -> None:
    settings.MAIL_WEBHOOK_KEY = KEY
    # The tick sends here, as on a machine without a broker.
    settings.REDIS_URL = ""


def hand_on(content: bytes, key: str = KEY) -> HttpResponse:
    signature = hmac.new(key.encode(), content, hashlib.sha256).hexdigest()
    return Client().post(
        reverse("outcomes:email_inbound"),
        content,
        content_type="message/rfc822",
        headers={"X-Mendline-Signature": f"sha256={signature}"},
    )


def reply(
    text: str, sender: str, *, to: Message | None = None, **headers: str
) -> InboundMessage | None:
    """A mail of a patient, handed on by the clinic's server."""
    letter = EmailMessage()
    letter["From"] = f"Marta <{sender}>"
    letter["To"] = "follow-up@example.org"
    letter["Message-ID"] = f"<{abs(hash((text, sender)))}@mail.example>"
    if to is not None:
        letter["In-Reply-To"] = f"<{to.pk}@localhost>"
    for name, value in headers.items():
        letter[name.replace("_", "-")] = value
    letter.set_content(text)
    assert hand_on(letter.as_bytes()).status_code == 200
    return InboundMessage.objects.order_by("pk").last()


def address(patient: Patient) -> str:
    return patient.contact_points.get(system="email").value


def may_mail(patient: Patient) -> bool:
    return patient.consents.filter(scope="email", withdrawn_on=None).exists()


def sent() -> list[EmailMessage]:
    """What the machine has answered after a tick."""
    for clinic in Clinic.objects.all():
        answers.send_due(clinic, clock.now())
    return outbound.outbox


@pytest.mark.parametrize("text", ["STOP" + QUOTED, "Baja\n\nGracias", "\nstop.\n"])
def test_a_word_alone_in_the_first_line_stops(invitation, patient, text):
    row = reply(text, address(patient), to=invitation)
    assert not may_mail(patient)
    assert (row.meaning, row.patient) == ("stop", patient)
    invitation.refresh_from_db()
    assert invitation.state == Message.State.CANCELLED
    assert "not e-mail you again" in sent()[0].body


def test_a_word_that_is_only_quoted_stops_nothing(invitation, patient):
    row = reply("Thank you" + QUOTED, address(patient), to=invitation)
    assert may_mail(patient)
    assert (row.text, row.meaning) == ("Thank you", "other")


def test_a_start_gives_back_what_a_stop_had_taken(patient):
    reply("STOP", address(patient))
    reply("START", address(patient))
    assert may_mail(patient)
    assert "e-mail you again when" in sent()[-1].body


def test_who_answers_from_another_address_is_known_by_what_is_answered(
    invitation, patient
):
    row = reply("STOP", "marta@elsewhere.example", to=invitation)
    assert row.patient == patient
    assert not may_mail(patient)


def test_the_address_it_is_sent_to_may_name_the_message(invitation, patient):
    row = reply(
        "Hello", "marta@elsewhere.example", X_Original_To=f"a+{invitation.pk}@b.org"
    )
    assert row.patient == patient


def test_two_who_share_an_address_both_stop(patient, clinic):
    other = factories.make_patient(clinic, email=address(patient).upper())
    reply("STOP", address(patient))
    assert not may_mail(patient) and not may_mail(other)


def test_another_clinics_patients_are_not_stopped_by_an_answer(
    invitation, patient, other_clinic
):
    other = factories.make_patient(other_clinic, email=address(patient))
    reply("STOP", address(patient), to=invitation)
    assert not may_mail(patient)
    assert may_mail(other)


def test_anything_else_is_answered_once_by_a_mail_that_no_machine_answers(patient):
    Patient.objects.update(language="es")
    Clinic.objects.update(phone="555-0100")
    row = reply("¿Cuándo es mi cita?", address(patient))
    assert row.read_at is None and row.answered_at is None
    letter = sent()[0]
    assert letter.to == [address(patient)]
    assert letter.extra_headers["Auto-Submitted"] == "auto-replied"
    assert "llame al 555-0100" in letter.body and "Llame al 911" in letter.body
    assert patient.family_name not in letter.body + letter.subject
    assert len(sent()) == 1
    reply("¿Hola?", address(patient))
    assert len(sent()) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"List_Id": "<news.example.org>"},
        {"Return_Path": "<>"},
    ],
)
def test_a_machine_is_never_answered_and_never_obeyed(patient, headers):
    row = reply("STOP", address(patient), **headers)
    assert may_mail(patient)
    assert (row.meaning, row.answer_due_at) == ("other", None)
    assert sent() == []


def test_a_mailer_daemon_is_never_answered(patient, invitation):
    reply("Undeliverable", "MAILER-DAEMON@mail.example", to=invitation)
    assert sent() == []


def test_a_stranger_is_not_written_to(clinic):
    row = reply("Buy this", "spam@example.net")
    assert row.clinic == clinic
    assert sent() == []


def test_of_several_clinics_none_takes_what_a_stranger_writes(clinic, other_clinic):
    assert reply("Buy this", "spam@example.net") is None


def test_what_is_handed_on_twice_is_taken_once(patient):
    for _ in range(2):
        reply("Hello", address(patient))
    assert InboundMessage.objects.count() == 1
    assert len(sent()) == 1


@pytest.mark.parametrize("key", ["", "wrong"])
def test_what_is_not_signed_is_refused(patient, key):
    content = f"From: {address(patient)}\n\nSTOP".encode()
    assert hand_on(content, key).status_code == 403
    assert not InboundMessage.objects.exists()


def test_an_answer_is_claimed_by_one_of_two(patient):
    row = reply("Hello", address(patient))
    tasks.answer_inbound(str(row.pk))
    tasks.answer_inbound(str(row.pk))
    assert len(outbound.outbox) == 1


def test_while_messages_are_paused_no_answer_goes_either(patient, admin):
    row = reply("Hello", address(patient))
    pauses.pause(patient.clinic, reason="Wrong words", by=admin)
    assert sent() == []
    tasks.answer_inbound(str(row.pk))
    assert outbound.outbox == []
    pauses.release(patient.clinic, spread=30, by=admin)
    assert len(sent()) == 1


def test_an_answer_that_fails_is_tried_again_later(patient, settings, monkeypatch):
    row = reply("Hello", address(patient))
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    answers.send_due(row.clinic, clock.now())
    row.refresh_from_db()
    assert row.answered_at is None
    assert clock.now() < row.answer_due_at <= clock.now() + answers.LEASE


def test_a_demos_answer_stays_on_disk(patient, mail_folder):
    Clinic.objects.update(is_demo=True)
    reply("Hello", address(patient))
    assert sent() == []
    assert mailbox.read(patient.clinic_id)[0].subject.startswith("Your message to")


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (
            b"Content-Type: text/html\n\n<style>x</style><p>Alto</p><p>no</p>",
            "Alto\nno",
        ),
        (b"Content-Type: text/plain; charset=x-none\n\nHola", "Hola"),
        (b"Content-Type: text/plain; charset=utf-8\n\nA\xff", "A\ufffd"),
        (b"Content-Type: image/png\n\nx", ""),
        (b"\n> all quoted\n", "> all quoted"),
        (
            b"\nHola\n\nEl lun, 5 oct 2026 a las 9:12, Lakeview escribi\xc3\xb3:\n>x",
            "Hola",
        ),
    ],
)
def test_the_words_of_a_mail_are_read(raw, text):
    parsed = email.message_from_bytes(raw, policy=email.policy.default)
    assert mail_text.written(parsed) == text


def dsn(message: Message, action: str, status: str) -> bytes:
    return f"""From: MAILER-DAEMON@mail.example
To: follow-up@example.org
Content-Type: multipart/report; report-type=delivery-status; boundary=B

--B
Content-Type: text/plain

It did not work.
--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example

Final-Recipient: rfc822; marta@example.org
Action: {action}
Status: {status}
--B
Content-Type: text/rfc822-headers

Message-ID: <{message.pk}@localhost>
Subject: A few questions
--B--
""".encode()


@pytest.mark.parametrize(
    ("action", "status", "state", "is_marked"),
    [
        ("failed", "5.1.1", Message.State.BOUNCED, True),
        ("failed", "5.2.2", Message.State.BOUNCED, False),
        ("delivered", "2.0.0", Message.State.DELIVERED, False),
        ("delayed", "4.4.1", Message.State.ACCEPTED, False),
    ],
)
def test_a_report_of_a_mail_server_is_a_receipt(
    invitation, action, status, state, is_marked
):
    Message.objects.filter(pk=invitation.pk).update(
        state=Message.State.ACCEPTED, next_attempt_at=None
    )
    for _ in range(2):
        assert hand_on(dsn(invitation, action, status)).status_code == 200
    invitation.refresh_from_db()
    assert invitation.state == state
    assert (ContactPoint.objects.get().failed_at is not None) == is_marked
    is_cut_off = FollowUp.objects.filter(state=FollowUp.State.UNREACHABLE).exists()
    assert is_cut_off == is_marked
    assert not InboundMessage.objects.exists()
