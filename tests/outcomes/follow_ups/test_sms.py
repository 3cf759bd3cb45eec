"""Text messages, sent to a provider on loopback that answers as it is told to."""

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from clinic import clock
from clinic.models import Clinic
from outcomes.follow_ups import outbox, wording
from outcomes.follow_ups.channels import mailbox, segments, sms, sms_twilio, tokens
from outcomes.follow_ups.channels.outcome import Verdict
from outcomes.models import Message
from patients.models import ContactPoint
from tests import factories
from tests.outcomes.follow_ups import numbers

NUMBER = "(312) 555-0142"


def demo(message: Message) -> Message:
    Clinic.objects.update(is_demo=True)
    return Message.objects.select_related("request__patient__clinic").get(pk=message.pk)


def phone(message: Message) -> ContactPoint:
    return message.request.patient.contact_points.get(system="phone")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ñ¿é" * 53, 1),
        ("á" * 70, 1),
        ("á" * 71, 2),
        ("á" * 134, 2),
        ("á" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("", 1),
    ],
)
def test_a_text_is_cut_into_so_many_parts(text, parts):
    assert segments.count(text) == parts


def test_accents_go_only_where_the_alphabet_lacks_them():
    assert segments.without_accents("¿Cómo está, Ñandú?") == "¿Como esta, Ñandu?"


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("sender", ["Lakeview", "Lakeview Spine & Joint Center of X"])
def test_the_text_fits_two_parts_and_says_nothing_of_the_patient(
    texted, language, sender
):
    texted.request.language = language
    texted.request.patient.clinic.sender_name = sender
    text = wording.words_for(texted).text
    assert segments.count(text) <= 2
    assert tokens.url_for(texted) in text
    assert ("ALTO" if language == "es" else "STOP") in text
    patient = texted.request.patient
    for secret in (patient.given_name, patient.family_name, patient.mrn, "foot", "PRP"):
        assert secret not in text


def test_a_taken_text_names_number_sender_and_where_to_report(texted, sms_sink):
    outcome = sms.send(texted, NUMBER)
    taken = sms_sink.taken[0]
    assert (outcome.verdict, outcome.provider_ref) == (Verdict.ACCEPTED, taken["sid"])
    assert (taken["To"], taken["From"]) == ("+13125550142", "+13125550100")
    assert taken["StatusCallback"].endswith(f"/status/?message={texted.pk}")


def test_a_messaging_service_is_named_as_one(texted, sms_sink):
    texted.request.patient.clinic.sms_sender = "MG0123"
    sms.send(texted, NUMBER)
    assert sms_sink.taken[0]["MessagingServiceSid"] == "MG0123"
    assert "From" not in sms_sink.taken[0]


@pytest.mark.parametrize(
    ("mood", "verdict", "detail"),
    [
        ("landline", Verdict.REFUSED, "landline"),
        ("no number", Verdict.REFUSED, "not a number"),
        ("opted out", Verdict.REFUSED, "opted out"),
        ("long", Verdict.REFUSED, "HTTP 400, code 21617"),
        ("429", Verdict.TRY_LATER, "HTTP 429, code 20429"),
        ("500", Verdict.TRY_LATER, "HTTP 500"),
        ("503", Verdict.TRY_LATER, "HTTP 503"),
        ("502", Verdict.UNCERTAIN, "HTTP 502"),
        ("504", Verdict.UNCERTAIN, "HTTP 504"),
        ("drop", Verdict.UNCERTAIN, "no answer after the content"),
        ("403", Verdict.CHANNEL_DOWN, "HTTP 403"),
        ("404", Verdict.CHANNEL_DOWN, "HTTP 404"),
        ("302", Verdict.CHANNEL_DOWN, "HTTP 302"),
        ("204", Verdict.CHANNEL_DOWN, "HTTP 204"),
    ],
)
def test_each_answer_has_its_outcome(texted, sms_sink, mood, verdict, detail):
    sms_sink.mood = mood
    outcome = sms.send(texted, NUMBER)
    assert (outcome.verdict, outcome.detail) == (verdict, detail)
    assert "555" not in outcome.detail


def test_a_wrong_token_stops_the_channel(texted, sms_sink, settings):
    settings.SMS_TOKEN = "wrong"
    assert sms.send(texted, NUMBER).verdict == Verdict.CHANNEL_DOWN


def test_a_provider_that_is_away_is_tried_later(texted, sms_sink, settings):
    settings.SMS_API_URL = "http://127.0.0.1:9"
    outcome = sms.send(texted, NUMBER)
    assert outcome.verdict == Verdict.TRY_LATER
    assert outcome.detail == "no connection: ConnectionRefusedError"


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("120", timedelta(seconds=120)),
        ("999999999999", timedelta(hours=24)),
        ("soon", timedelta(minutes=1)),
        ("", timedelta(minutes=1)),
    ],
)
def test_as_long_as_the_provider_asks_nothing_is_tried(texted, sms_sink, said, wait):
    sms_sink.mood = f"429 {said}"
    assert sms.send(texted, NUMBER).retry_after == wait


def test_a_wait_until_a_moment_is_reckoned(texted, sms_sink):
    sms_sink.mood = f"429 {format_datetime(datetime.now(UTC) + timedelta(minutes=5))}"
    asked = sms.send(texted, NUMBER).retry_after
    assert timedelta(minutes=4, seconds=50) < asked <= timedelta(minutes=5)


@pytest.mark.parametrize("mood", ["hang", "dribble"])
def test_a_provider_that_says_nothing_blocks_no_longer_than_its_time(
    texted, sms_sink, monkeypatch, mood
):
    assert sms_twilio.TOTAL_SECONDS == 30
    monkeypatch.setattr(sms_twilio, "TOTAL_SECONDS", 0.5)
    sms_sink.mood = mood
    began = time.monotonic()
    assert sms.send(texted, NUMBER).verdict == Verdict.UNCERTAIN
    assert 0.5 <= time.monotonic() - began < 2


@pytest.mark.parametrize("mood", ["landline", "no number"])
def test_a_number_that_takes_no_texts_is_not_tried_again(texted, sms_sink, mood):
    sms_sink.mood = mood
    sms.send(texted, NUMBER)
    assert phone(texted).failed_at is not None
    assert phone(texted).failure in {"landline", "not a number"}
    assert numbers.may_text(texted.request.patient)


def test_who_opted_out_at_the_carrier_has_no_consent_any_more(texted, sms_sink):
    sms_sink.mood = "opted out"
    sms.send(texted, NUMBER)
    assert not numbers.may_text(texted.request.patient)
    assert phone(texted).failed_at is None


@pytest.mark.parametrize("number", ["555", "312 555 0142 x 7"])
def test_what_is_no_whole_number_is_sent_to_nobody(texted, sms_sink, number):
    assert sms.send(texted, number).verdict == Verdict.REFUSED
    assert sms_sink.taken == []


def test_a_text_is_looked_up_by_its_link(texted, sms_sink):
    assert sms.was_sent(texted) is False
    sms.send(texted, NUMBER)
    assert sms.was_sent(texted) is True
    other = Message.objects.get(pk=texted.pk)
    other.pk = factories.make_clinic().pk
    assert sms.was_sent(other) is False


@pytest.mark.parametrize("mood", ["500", "401"])
def test_a_provider_that_does_not_say_leaves_it_open(texted, sms_sink, mood):
    sms_sink.mood = mood
    assert sms.was_sent(texted) is None


def test_a_demos_text_stays_on_disk(texted, sms_sink, mail_folder):
    message = demo(texted)
    assert sms.was_sent(message) is False
    assert sms.send(message, NUMBER).verdict == Verdict.ACCEPTED
    assert sms_sink.taken == []
    assert sms.was_sent(message) is True
    kept = mailbox.read(message.clinic_id)[0]
    assert (kept.to, kept.is_text_message) == ("+13125550142", True)
    assert kept.text == wording.words_for(message).text


def test_a_text_is_shown_as_one_in_the_mailbox(texted, signed_in, mail_folder):
    sms.send(demo(texted), NUMBER)
    page = signed_in.get("/demo/mailbox/").content.decode()
    assert "Text message" in page
    assert f'href="/s/{tokens.token_for(texted.pk)}' in page


def test_the_outbox_hands_texts_over(texted, sms_sink, clinic):
    assert outbox.send_due(clinic, Message.Channel.SMS) == 1
    texted.refresh_from_db()
    assert texted.state == Message.State.ACCEPTED
    assert texted.provider_ref == sms_sink.taken[0]["sid"]


def test_a_text_that_may_have_gone_is_looked_up_before_it_goes_again(
    texted, sms_sink, clinic
):
    sms_sink.mood = "then drop"
    outbox.send_due(clinic, Message.Channel.SMS)
    Message.objects.update(next_attempt_at=clock.now())
    sms_sink.mood = "accept"
    outbox.send_due(clinic, Message.Channel.SMS)
    texted.refresh_from_db()
    assert texted.state == Message.State.ACCEPTED
    assert len(sms_sink.taken) == 1


def test_a_provider_that_says_it_is_broken_has_no_text(texted, sms_sink, clinic):
    sms_sink.mood = "503"
    outbox.send_due(clinic, Message.Channel.SMS)
    texted.refresh_from_db()
    assert (texted.state, texted.error) == (Message.State.RETRY_WAIT, "HTTP 503")
    wait = texted.next_attempt_at - clock.now()
    assert timedelta(seconds=40) < wait < timedelta(seconds=80)


def test_a_provider_that_is_busy_is_left_alone_as_long_as_it_asks(
    texted, sms_sink, clinic
):
    sms_sink.mood = "429 600"
    outbox.send_due(clinic, Message.Channel.SMS)
    texted.refresh_from_db()
    assert texted.state == Message.State.RETRY_WAIT
    assert texted.next_attempt_at >= clock.now() + timedelta(seconds=590)
