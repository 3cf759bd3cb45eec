import email
import email.policy
import smtplib

import pytest
from django.core.mail import EmailMessage, EmailMultiAlternatives

from clinic.models import Clinic, uuid7
from outcomes.follow_ups import wording
from outcomes.follow_ups.channels import email as channel
from outcomes.follow_ups.channels import mailbox, tokens
from outcomes.follow_ups.channels.outcome import Verdict
from outcomes.follow_ups.wording.texts import Text
from patients.models import Patient


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_words_say_nothing_about_the_patient(invitation, language):
    invitation.request.language = language
    Clinic.objects.update(phone="+1 312 555 0142", sender_name="Lakeview")
    invitation.request.patient.clinic.refresh_from_db()
    letter = channel.compose(invitation, "marta@example.org")
    patient = invitation.request.patient
    for text in (letter.subject, letter.body, letter.alternatives[0].content):
        for secret in (patient.given_name, patient.family_name, patient.mrn, "1957"):
            assert secret not in text
        for word in ("foot", "pie ", "PRP", "pain", "dolor", "plasma", "injection"):
            assert word not in text
    for text in (letter.body, letter.alternatives[0].content):
        assert tokens.url_for(invitation) in text
        assert "+1 312 555 0142" in text
    assert "\n" not in letter.subject


def test_the_letter_is_in_the_patients_language(invitation):
    invitation.request.language = "es"
    letter = channel.compose(invitation, "marta@example.org")
    assert letter.subject.startswith("Unas preguntas")
    assert 'lang="es"' in letter.alternatives[0].content


def test_every_copy_has_the_same_message_id(invitation):
    first = channel.compose(invitation, "a@example.org")
    second = channel.compose(invitation, "b@example.org")
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]
    assert first.extra_headers["Auto-Submitted"] == "auto-generated"


def test_a_sender_name_with_signs_is_quoted(invitation):
    Clinic.objects.update(sender_name='Müller, "M" & <b>')
    invitation.request.patient.clinic.refresh_from_db()
    letter = channel.compose(invitation, "a@example.org")
    parsed = email.message_from_bytes(
        letter.message().as_bytes(), policy=email.policy.default
    )
    assert parsed["From"].addresses[0].display_name == 'Müller, "M" & <b>'
    assert "&lt;b&gt;" in letter.alternatives[0].content
    assert '"M" & <b>' in letter.body


@pytest.mark.parametrize("name", ["Lakeview", "Clínica " + "muy larga " * 5])
def test_a_letter_reads_as_django_would_have_written_it(invitation, name):
    Clinic.objects.update(sender_name=name)
    invitation.request.patient.clinic.refresh_from_db()
    letter = channel.compose(invitation, "a@example.org")
    ours, django = letter.message(), EmailMultiAlternatives.message(letter)
    assert ours.policy != django.policy
    assert read(ours) == read(django)


def read(written):
    """Each header and part as its reader's program takes it, but for the boundary."""
    parsed = email.message_from_bytes(written.as_bytes(), policy=email.policy.default)
    headers = {k: v.strip() for k, v in parsed.items() if k != "Content-Type"}
    parts = [
        (part.get_content_type(), part.get_content()) for part in parsed.iter_parts()
    ]
    return headers, parts


def test_a_demos_mail_stays_on_disk(invitation, settings, mail_folder):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "mail.invalid"
    Clinic.objects.update(is_demo=True)
    invitation.request.patient.clinic.refresh_from_db()
    assert channel.send(invitation, "a@example.org").verdict == Verdict.ACCEPTED
    assert len(mailbox.read(invitation.clinic_id)) == 1


def test_an_address_that_is_none_is_refused(invitation, mail_folder):
    assert channel.send(invitation, "a\nb@example.org").verdict == Verdict.REFUSED


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (smtplib.SMTPRecipientsRefused({"a@b": (450, b"grey")}), Verdict.TRY_LATER),
        (smtplib.SMTPRecipientsRefused({"a@b": (550, b"none")}), Verdict.REFUSED),
        (smtplib.SMTPRecipientsRefused({"a@b": (552, b"full")}), Verdict.TRY_LATER),
        (smtplib.SMTPDataError(451, b"busy"), Verdict.TRY_LATER),
        (smtplib.SMTPDataError(554, b"spam"), Verdict.REFUSED),
        (smtplib.SMTPServerDisconnected("gone"), Verdict.TRY_LATER),
        (smtplib.SMTPAuthenticationError(535, b"no"), Verdict.CHANNEL_DOWN),
        (smtplib.SMTPSenderRefused(550, b"no", "x"), Verdict.CHANNEL_DOWN),
        (smtplib.SMTPSenderRefused(451, b"no", "x"), Verdict.TRY_LATER),
        (smtplib.SMTPConnectError(421, b"busy"), Verdict.TRY_LATER),
        (smtplib.SMTPConnectError(554, b"blocked"), Verdict.CHANNEL_DOWN),
        (smtplib.SMTPAuthenticationError(454, b"later"), Verdict.TRY_LATER),
        (smtplib.SMTPNotSupportedError("no AUTH"), Verdict.CHANNEL_DOWN),
    ],
)
def test_an_smtp_error_has_its_class(error, verdict):
    found = channel.verdict_of(error)
    assert found.verdict == verdict
    assert "b@" not in found.detail


def test_the_mailbox_keeps_a_folder_a_clinic(invitation, other_clinic, mail_folder):
    channel.send(invitation, "marta@example.org")
    mail = mailbox.read(invitation.clinic_id)[0]
    assert (mail.to, mail.message_id) == ("marta@example.org", str(invitation.pk))
    assert tokens.url_for(invitation) in mail.text
    assert mailbox.read(other_clinic.pk) == []


def test_only_the_mailbox_is_told_the_clinic(invitation, settings, mail_folder):
    assert mailbox.CLINIC_HEADER in channel.compose(invitation, "a@b.org").extra_headers
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    letter = channel.compose(invitation, "a@b.org")
    assert mailbox.CLINIC_HEADER not in letter.extra_headers


def test_a_second_copy_takes_the_place_of_the_first(invitation, mail_folder):
    for _ in range(2):
        channel.send(invitation, "marta@example.org")
    assert len(list(mail_folder.rglob("*"))) == 2  # the folder and the file


def test_a_letter_without_a_clinic_finds_a_folder_too(mail_folder):
    letter = EmailMessage("Hello", "There", "a@b.org", ["c@d.org"])
    letter.extra_headers[mailbox.CLINIC_HEADER] = "../../etc"
    letter.send()
    assert [f.parent.name for f in mail_folder.rglob("*.eml")] == ["none"]


def test_the_patients_own_name_never_reaches_the_file(invitation, mail_folder):
    channel.send(invitation, "someone@example.org")
    file = next(mail_folder.rglob("*.eml")).read_text()
    patient = Patient.objects.get()
    assert patient.family_name not in file


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("name", ["Lakeview", "Clínica " + "muy larga " * 5])
@pytest.mark.parametrize(
    "address",
    ["b@example.org", "a.longer+one@mail.example.org", "x@münchen.de"],
)
def test_what_goes_over_the_wire_is_what_django_would_write(
    invitation, language, name, address
):
    """Also of the second one, which is cast from the form of the first."""
    invitation.request.language = language
    Clinic.objects.update(sender_name=name)
    invitation.request.patient.clinic.refresh_from_db()
    channel.compose(invitation, "first@example.org").content()
    invitation.pk = uuid7()
    letter = channel.compose(invitation, address)
    assert letter.content() == letter.message().as_bytes(linesep="\r\n")
    assert tokens.url_for(invitation).encode() in letter.content()


def test_a_line_too_long_for_mail_breaks_no_link(invitation, clinic):
    """Such a text is encoded, which may part a link at the end of a line."""
    for length in range(60, 80):
        words = Text("Questions", f"{'word ' * 200}{'x' * length} {{link}}")
        own = wording.Wordings({("email", "invitation", "en"): words})
        letter = channel.compose(invitation, "a@example.org", own)
        assert letter.content() == letter.message().as_bytes(linesep="\r\n")
        parsed = email.message_from_bytes(letter.content(), policy=email.policy.default)
        for part in parsed.iter_parts():
            assert tokens.url_for(invitation) in part.get_content()
