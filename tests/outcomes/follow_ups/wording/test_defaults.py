import re
from itertools import product
from random import Random

import pytest

from clinic import audit, clinic_settings, clinical_words
from clinic.models import Language
from clinic.reference_data import ReferenceDataError
from outcomes.demo import cast
from outcomes.follow_ups.channels import tokens
from outcomes.follow_ups.wording import Wordings, defaults, editing, texts
from outcomes.follow_ups.wording.choosing import values_for, words_of
from outcomes.models import Message, SurveyRequest
from outcomes.models.messages import Channel, Kind
from patients.catalogue import icd10
from patients.models import Patient
from tests import factories, reading

KEYS = sorted(defaults.load().texts)
TERMS = ("pain", "radiculopathy", "osteoarthritis", "fasciitis")
CITIES = ("Springfield", "Duluth", "Rockford", "El Paso", "San José")


def sent(clinic, key, text=None):
    channel, kind, language = key
    values = values_for(clinic, kind=kind, language=language, link=editing.dead_link())
    text = text or defaults.load().texts[key]
    return words_of(text, values, channel=channel, language=language)


def test_every_channel_has_every_kind_in_every_language():
    assert set(KEYS) == {
        (channel.value, kind.value, language.value)
        for channel, kind, language in product(Channel, Kind, Language)
    }
    assert defaults.load().version == 1


@pytest.mark.parametrize("key", KEYS, ids="-".join)
def test_our_words_meet_no_objection(key):
    channel, _, language = key
    assert texts.objections(defaults.load().texts[key], channel, language) == []


@pytest.mark.django_db
def test_our_text_messages_have_two_parts_and_end_with_the_way_out():
    clinic = factories.make_clinic(sender_name="Clínica Lakeview de Chicago")
    for key in (key for key in KEYS if key[0] == Channel.SMS):
        text = sent(clinic, key).text
        assert texts.parts(text) <= 2, key
        assert text.endswith(texts.OPT_OUT[key[2]][1]), key


@pytest.mark.django_db
def test_our_mails_and_letters_hold_what_a_patient_needs(clinic):
    clinic_settings.update(clinic, phone="312 555 0100", by=audit.SYSTEM)
    clinic.refresh_from_db()
    for key in (key for key in KEYS if key[0] != Channel.SMS):
        words = sent(clinic, key)
        held = [editing.dead_link(), "312 555 0100", clinic.emergency_text(key[2])]
        assert all(one in words.text for one in held), key
        assert clinic.sender_name in words.subject or key[0] == Channel.LETTER, key


@pytest.mark.parametrize("key", KEYS, ids="-".join)
def test_our_words_are_easy_to_read(key):
    text = defaults.load().texts[key].body
    plain = re.sub(r"\{link\}|\{emergency\}|:\s*$", ".", text.replace("\n\n", ". "))
    plain = re.sub(r"\{\w+\}", "it", plain)
    if key[2] == "en":
        assert reading.grade(plain) <= 6
    else:
        assert reading.spanish_ease(plain) >= 70


def test_a_reminder_is_shorter_and_says_so():
    ours = defaults.load().texts
    for channel, (language, word) in product(
        Channel, (("en", "reminder"), ("es", "recordatorio"))
    ):
        reminder = ours[channel, "reminder", language]
        assert word in reminder.body
        assert len(reminder.body) < len(ours[channel, "invitation", language].body)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (("A reminder from {clinic}. Please", "Dear {name}, please"), "{name}"),
        (("Reply STOP to end.", "Bye."), "how to stop"),
        (("Please answer today.", "Is the knee well?"), "“knee” in line 3"),
        (("[email.rescue.es]", "[email.rescue.fr]"), "es: is missing"),
        (("intake = 6", "intake = 6\nlunch = 1"), "lunch: unknown key"),
    ],
)
def test_a_fault_in_the_file_is_named(tmp_path, wrong, words):
    ours = defaults.FILE.read_text(encoding="utf-8")
    assert wrong[0] in ours
    file = tmp_path / "defaults.toml"
    file.write_text(ours.replace(*wrong), encoding="utf-8")
    with pytest.raises(ReferenceDataError) as caught:
        defaults.load(file)
    assert words in str(caught.value)


@pytest.fixture
def people(clinic):
    """Two hundred as the demo invents them, with a city and a diagnosis each."""
    rng = Random(7)
    drawn = {one: cast._draw(rng, names) for one, names in cast.names().items()}
    titles = [code.title for term in TERMS for code in icd10.search(term, 50)]
    found = []
    for number in range(200):
        language = ("en", "es")[number % 2]
        given, family = next(drawn[language])
        patient = Patient(
            clinic=clinic,
            given_name=given,
            family_name=family,
            language=language,
            postal_address=f"1 Oak St\n{CITIES[number % len(CITIES)]}",
        )
        found.append((patient, titles[number % len(titles)]))
    return found


@pytest.mark.django_db
def test_what_goes_out_says_nothing_of_200_patients(clinic, people):
    clinic.sender_name = "Lakeview"
    wordings = Wordings.of(clinic.pk)
    for number, (patient, diagnosis) in enumerate(people):
        channel, kind, _ = KEYS[number % len(KEYS)]
        asked = SurveyRequest(patient=patient, language=patient.language)
        message = Message(request=asked, channel=channel, kind=kind)
        words = wordings.words_for(message)
        said = clinical_words.plain(" ".join((words.subject, words.text, words.html)))
        city = patient.postal_address.split("\n")[1]
        for secret in (patient.given_name, patient.family_name, city, diagnosis):
            word = re.escape(clinical_words.plain(secret))
            assert not re.search(rf"\b{word}\b", said)
        # A link is drawn by lot, and can hold any three letters.
        written = words.text.replace(tokens.url_for(message), "")
        assert clinical_words.find(f"{words.subject} {written}") == []
