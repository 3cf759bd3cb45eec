"""The patient's phrase in our messages: where it stands, and that it costs no part."""

import pytest

from clinic import audit
from outcomes.follow_ups import wording
from outcomes.follow_ups.wording import defaults, editing, texts
from outcomes.follow_ups.wording.texts import Text
from patients.record import phrases
from tests.outcomes.follow_ups.wording import test_wordings as own

pytestmark = pytest.mark.django_db


def words(invitation, channel, kind="invitation", language="en", phrase="blue kite"):
    invitation.channel, invitation.kind = channel, kind
    invitation.request.language = language
    invitation.request.patient.phrase = phrase
    return wording.words_for(invitation)


@pytest.mark.parametrize(("language", "label"), [("en", "Your"), ("es", "Su")])
def test_a_mail_ends_with_it_in_text_and_html(invitation, language, label):
    found = words(invitation, "email", language=language)
    assert (
        f"{label} {'phrase' if language == 'en' else 'frase'}: blue kite" in found.text
    )
    assert "blue kite</p>" in found.html
    assert "blue kite" not in found.subject


def test_a_text_message_begins_with_it(invitation):
    assert words(invitation, "sms").text.startswith("blue kite. ")


@pytest.mark.parametrize("key", sorted(defaults.load().texts), ids="-".join)
def test_whoever_has_none_gets_the_words_as_they_are(invitation, key):
    channel, kind, language = key
    without = words(invitation, channel, kind, language, phrase="")
    assert texts.PHRASE not in without.text and "phrase" not in without.text
    assert "frase" not in without.text


@pytest.mark.parametrize(
    "key", sorted(key for key in defaults.load().texts if key[0] == "sms"), ids="-".join
)
def test_the_longest_phrase_makes_no_third_part(invitation, key):
    channel, kind, language = key
    longest = "á" * 40
    found = words(invitation, channel, kind, language, phrase=longest).text
    assert texts.parts(found) <= texts.SMS_PARTS
    assert found.endswith(texts.OPT_OUT[language][1])


def test_a_text_that_it_would_make_too_long_goes_without(invitation, clinic, admin):
    body = "Lakeview: please answer " + "x" * 200 + " {link} Reply STOP to end."
    own.save(clinic, admin, ("sms", "invitation", "en"), subject="", body=body)
    found = words(invitation, "sms").text
    assert "blue kite" in found or texts.parts(f"blue kite. {found}") > texts.SMS_PARTS
    assert texts.parts(found) <= texts.SMS_PARTS


def test_a_clinic_can_give_it_a_place_of_its_own(invitation, clinic, admin):
    body = "Hello,\n\nyou know us by: {phrase}\n\n{link}\n\nLakeview"
    own.save(clinic, admin, subject="News", body=body)
    found = words(invitation, "email").text
    assert "you know us by: blue kite\n\n" in found and found.endswith("Lakeview")
    assert "you know us" not in words(invitation, "email", phrase="").text


def test_of_a_text_message_only_its_place_is_left_out():
    text = Text("", "{phrase}: please answer {link} STOP")
    assert texts.without_phrase(text).body == "please answer {link} STOP"


def test_the_editor_knows_the_variable(clinic):
    text = Text("News", "{phrase}\n\n{link}")
    assert editing.objections(clinic, ("email", "invitation", "en"), text) == []


def test_what_is_chosen_stands_in_the_next_message(invitation):
    phrases.choose(invitation.request.patient, "red boat", by=audit.PATIENT)
    assert "Your phrase: red boat" in wording.words_for(invitation).text
