"""LNK-10: what lies open on a phone says nothing of whose it is or of their treatment.

Subject, the text that is previewed, From, headers and a text message's body, of every
kind in both languages, in our words and in a clinic's: none holds a word of the list
of clinical words, and nothing of the patient's own data.
"""

import email
import email.policy
import re
from dataclasses import dataclass
from datetime import date

import pytest

from clinic import audit, clinical_words
from clinic.models import Language
from outcomes.follow_ups.channels import email as mail
from outcomes.follow_ups.channels import sms, tokens
from outcomes.follow_ups.wording import defaults, editing
from outcomes.models import Message
from outcomes.models.messages import Kind
from patients.models import Patient
from patients.record import registration
from tests.factories import make_clinic

pytestmark = pytest.mark.django_db
ADDRESS = "wilhelmina.quackenbush@example.org"
# Of a mail a phone shows about so much before it is opened.
PREVIEWED = 150
OWN = {
    "en": "Hi from {clinic},\n\nplease answer within {minutes} minutes.\n\n{link}\n\n"
    "{phrase}\n\nQuestions? {phone} {emergency}",
    "es": "Hola de {clinic}:\n\npor favor responda en {minutes} minutos.\n\n{link}\n\n"
    "{phrase}\n\n¿Preguntas? {phone} {emergency}",
}
OWN_SMS = {
    "en": "{phrase}. {clinic}: please answer, {link} Reply STOP to end.",
    "es": "{phrase}. {clinic}: por favor responda, {link} Responda ALTO para parar.",
}


@dataclass
class World:
    message: Message
    patient: Patient
    secrets: list[str]

    def words(self, kind: str, language: str) -> None:
        self.message.kind, self.message.request.language = kind, language

    def hits(self, *shown: str) -> list[str]:
        """What of the lists and of the patient stands in it; the links are drawn."""
        told = " ".join(shown)
        pk = self.message.pk
        for drawn in (tokens.token_for(pk), tokens.stop_token_for(pk), str(pk)):
            told = told.replace(drawn, "")
        said = clinical_words.plain(told)
        own = [
            secret
            for secret in self.secrets
            if re.search(rf"\b{re.escape(clinical_words.plain(secret))}\b", said)
        ]
        return [found.word for found in clinical_words.find(told)] + own


@pytest.fixture
def world(invitation, clinic) -> World:
    clinic.phone, clinic.sender_name = "(312) 555-0100", "Lakeview"
    clinic.sms_sender = "+13125550111"
    clinic.save()
    patient = invitation.request.patient
    registration.update(
        patient,
        by=audit.SYSTEM,
        given_name="Wilhelmina",
        family_name="Quackenbush",
        email=ADDRESS,
        phone="+1 773 555 0199",
        postal_address="77 Juniper Lane\nSpringfield",
        birth_date=date(1957, 3, 14),
    )
    Patient.objects.update(phrase="blue kite")
    message = Message.objects.select_related(
        "request__patient__clinic", "request__patient__merged_into"
    ).get()
    secrets = ["Wilhelmina", "Quackenbush", patient.mrn, "773", "0199", "Juniper"]
    secrets += ["Springfield", "1957", "March 14", "14 de marzo", "3/14", "Marta"]
    secrets += ["left", "izquierdo", "foot", "pie", "PRP", "platelet", "procedure"]
    return World(message, message.request.patient, secrets)


def all_wordings():
    return [(kind.value, language.value) for kind in Kind for language in Language]


@pytest.fixture(params=["ours", "the clinic's own"])
def worded(request, world, clinic, admin) -> World:
    if request.param == "ours":
        return world
    for kind, language in all_wordings():
        for channel, subject, body in (
            ("email", "News from {clinic}", OWN[language]),
            ("sms", "", OWN_SMS[language]),
        ):
            key = (channel, kind, language)
            texts = {"subject": subject, "body": body}
            editing.save(clinic, key=key, seen=editing.OURS, by=admin, **texts)
    return world


def test_no_mail_tells_anything(worded):
    worded.message.channel = "email"
    for kind, language in all_wordings():
        worded.words(kind, language)
        wire = mail.compose(worded.message, ADDRESS).content()
        parsed = email.message_from_bytes(wire, policy=email.policy.default)
        plain, html = (part.get_content() for part in parsed.iter_parts())
        shown = [str(value) for name, value in parsed.items() if name != "To"]
        assert "blue kite" in plain and "blue kite" in html
        assert parsed["From"].addresses[0].display_name == "Lakeview"
        assert worded.hits(str(parsed["Subject"]), plain[:PREVIEWED]) == []
        read = re.sub(r"(?s)<style>.*?</style>|<[^>]+>", " ", html)
        assert worded.hits(*shown, plain, read) == [], (kind, language)


def test_no_text_message_tells_anything(worded):
    worded.message.channel = "sms"
    for kind, language in all_wordings():
        worded.words(kind, language)
        text = sms._text(worded.message, "+17735550199")
        assert "blue kite" in text.body
        assert worded.hits(text.body, text.sender) == [], (kind, language)


def test_the_lists_would_notice(world):
    assert world.hits("About your left knee") == ["knee", "left"]
    assert world.hits("Dear Ms QUACKENBUSH") == ["Quackenbush"]


def test_every_kind_is_looked_at():
    kinds = {kind for _, kind, _ in defaults.load().texts}
    assert kinds == {kind for kind, _ in all_wordings()}


@pytest.mark.parametrize(
    ("name", "sender"),
    [
        ("Lakeview Spine Institute", "Lakeview Institute"),
        ("Knee Pain Center", clinical_words.NEUTRAL_NAME),
        ("Lakeview", "Lakeview"),
    ],
)
def test_a_new_clinic_writes_under_a_name_that_tells_nothing(db, name, sender):
    assert make_clinic(name=name).sender_name == sender
