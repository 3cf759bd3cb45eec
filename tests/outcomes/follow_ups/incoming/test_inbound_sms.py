"""What patients write back by text message."""

from datetime import timedelta

import pytest

from clinic import audit, clock
from clinic.access import Role
from clinic.models import AuditEvent, Clinic
from outcomes.follow_ups.incoming import inbox, keywords
from outcomes.models import FollowUp, InboundMessage, Message, StaffTask
from patients.models import Patient
from patients.record import consents, leaving, registration
from tests import factories
from tests.outcomes.follow_ups import numbers

Meaning = InboundMessage.Meaning


@pytest.fixture
def texting(patient, clinic, sms_sink) -> Patient:
    """A patient who agreed to text messages of a clinic that sends them."""
    numbers.give_sender(clinic)
    return numbers.give(patient)


def only() -> InboundMessage:
    return InboundMessage.objects.get()


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("STOP", Meaning.STOP),
        (" stop. ", Meaning.STOP),
        ("Stop all!", Meaning.STOP),
        ("STOPALL", Meaning.STOP),
        ("Opt-out", Meaning.STOP),
        ("please stop", Meaning.STOP),
        ("\n\nUnsubscribe\nsent from my phone", Meaning.STOP),
        ("Cancel", Meaning.STOP),
        ("END", Meaning.STOP),
        ("quit", Meaning.STOP),
        ("¡ALTO!", Meaning.STOP),
        ("álto", Meaning.STOP),
        ("Parar por favor", Meaning.STOP),
        ("baja", Meaning.STOP),
        ("start", Meaning.START),
        ("Unstop", Meaning.START),
        ("INICIAR", Meaning.START),
        ("Alta", Meaning.START),
        ("Yes", Meaning.OTHER),
        ("the pain will not stop", Meaning.OTHER),
        ("stop it hurts", Meaning.OTHER),
        ("When do I stop the pills?", Meaning.OTHER),
        ("stop 2", Meaning.OTHER),
        ("Hello\nSTOP", Meaning.OTHER),
        ("", Meaning.OTHER),
        ("👍", Meaning.OTHER),
    ],
)
def test_only_a_word_that_stands_alone_is_a_command(text, meaning):
    assert keywords.meaning_of(text) == meaning


@pytest.mark.parametrize("sid", ["S" * 300, "SM\0\0"])
def test_a_name_that_cannot_be_kept_as_it_is_does_no_harm(texting, sid):
    for _ in range(2):
        numbers.write("Stop", sid=sid)
    assert not numbers.may_text(texting)
    assert len(only().provider_ref) <= 200


def test_a_stop_is_obeyed_and_confirmed_at_once(texting, clinic):
    answer = numbers.write("Stop")
    assert not numbers.may_text(texting)
    assert f"<Message>{clinic.sender_name}: we will not text you" in answer
    assert only().meaning == Meaning.STOP
    assert (only().patient, only().read_at is None) == (texting, False)
    assert AuditEvent.objects.filter(action="consent.stopped_by_patient").exists()


def test_a_stop_takes_back_what_waits_by_text_and_nothing_else(texted, sms_sink):
    mail = Message.objects.create(
        clinic_id=texted.clinic_id,
        request=texted.request,
        rung="other",
        channel=Message.Channel.EMAIL,
        idempotency_key="x",
    )
    numbers.write("STOP")
    texted.refresh_from_db()
    mail.refresh_from_db()
    assert texted.state == Message.State.CANCELLED
    assert texted.events.last().detail == "the patient stopped these messages"
    assert mail.state == Message.State.QUEUED


def test_a_stop_from_a_number_that_two_share_stops_both(texting, clinic, other_clinic):
    sharing = numbers.give(factories.make_patient(clinic), "312 555 0142")
    elsewhere = numbers.give(factories.make_patient(other_clinic))
    numbers.write("ALTO")
    assert not numbers.may_text(texting) and not numbers.may_text(sharing)
    assert numbers.may_text(elsewhere)
    assert only().patient is None


def test_a_stop_that_is_told_twice_is_taken_once(texting):
    answers = [numbers.write("STOP") for _ in range(2)]
    assert ["<Message>" in answer for answer in answers] == [True, False]
    assert InboundMessage.objects.count() == 1


def test_a_start_gives_back_what_a_stop_had_taken(texting):
    numbers.write("STOP")
    answer = numbers.write("START", "SM10")
    assert numbers.may_text(texting)
    assert "we will text you again" in answer
    held = texting.consents.filter(scope="sms").order_by("pk")
    assert [one.withdrawn_on is None for one in held] == [False, True]


def test_a_start_does_not_undo_what_staff_recorded(texting, physician):
    consents.withdraw(texting, by=physician, scope="sms")
    answer = numbers.write("START")
    assert not numbers.may_text(texting)
    assert "could not turn texts on" in answer
    assert only().read_at is None


def test_a_start_gives_back_no_other_channel(texting, physician):
    consents.withdraw(texting, by=physician, scope="email")
    numbers.write("STOP")
    numbers.write("START", "SM10")
    assert not texting.consents.filter(scope="email", withdrawn_on=None).exists()


def test_a_start_brings_nobody_back_who_has_died(texting, physician):
    numbers.write("STOP")
    registration.update(
        texting,
        by=physician,
        deceased_on=clock.today(texting.time_zone) - timedelta(days=1),
    )
    numbers.write("START", "SM10")
    assert not numbers.may_text(texting)


def test_a_start_of_somebody_who_never_agreed_is_for_staff(patient, clinic, sms_sink):
    numbers.give_sender(clinic)
    registration.update(patient, by=audit.SYSTEM, phone=numbers.THEIRS)
    numbers.write("START")
    assert not numbers.may_text(patient)
    assert inbox.unread_count(factories.make_user(clinic, Role.FRONT_DESK)) == 1


@pytest.mark.parametrize(
    ("state", "due_in", "calls"),
    [
        (FollowUp.State.OPEN, 0, 1),
        (FollowUp.State.STARTED, -1, 1),
        (FollowUp.State.PLANNED, 0, 1),
        (FollowUp.State.PLANNED, 1, 0),
        (FollowUp.State.COMPLETED, 0, 0),
    ],
)
def test_a_stop_while_a_safety_check_is_open_makes_a_call(
    texting, performed, clinic, state, due_in, calls
):
    due_on = clock.today(clinic.zone) + timedelta(days=due_in)
    row = FollowUp.objects.get(episode=performed, timepoint_key="m1")
    FollowUp.objects.filter(pk=row.pk).update(
        is_safety=True, state=state, due_on=due_on, next_action_at=None
    )
    numbers.write("STOP")
    numbers.write("STOP", "SM10")
    tasks = StaffTask.objects.filter(reason=StaffTask.Reason.STOPPED)
    assert tasks.count() == calls
    for task in tasks:
        assert (task.kind, task.due_on) == ("call", clock.today(clinic.zone))


def test_anything_else_waits_in_the_inbox_and_is_answered(texting, clinic):
    Clinic.objects.filter(pk=clinic.pk).update(phone="555-0100")
    answer = numbers.write("It hurts <a lot> & more")
    assert "replies are not watched. To talk to us, call 555-0100." in answer
    assert "Emergency? Call 911." in answer
    assert (only().text, only().read_at) == ("It hurts <a lot> & more", None)
    assert numbers.may_text(texting)


def test_the_answer_is_in_the_patients_language(texting):
    Patient.objects.filter(pk=texting.pk).update(language="es")
    assert "¿Emergencia? Llame al 911." in numbers.write("Me duele")
    assert "no le enviaremos" in numbers.write("STOP", "SM10")


def test_a_stranger_is_answered_in_both_languages(clinic, sms_sink):
    numbers.give_sender(clinic)
    answer = numbers.write("Hello")
    assert "Call 911." in answer and "Llame al 911." in answer
    assert only().patient is None


def test_a_sender_has_one_answer_a_day(texting, monkeypatch):
    assert "<Message>" in numbers.write("Hello")
    assert "<Message>" not in numbers.write("Hello?", "SM10")
    assert "<Message>" in numbers.write("Hello", "SM11", "+13125550143")
    monkeypatch.setattr(
        "django.conf.settings.CLOCK_OFFSET", timedelta(hours=24, seconds=1)
    )
    assert "<Message>" in numbers.write("Hello!", "SM12")


def test_what_the_carrier_has_answered_is_not_answered_again(texting):
    answer = numbers.write("STOPP", OptOutType="STOP")
    assert not numbers.may_text(texting)
    assert "<Message>" not in answer


def test_a_picture_is_mentioned_and_not_kept(texting):
    numbers.write("", NumMedia="1", MediaUrl0="https://example.org/x")
    assert only().text == "(A picture was sent; it is not kept.)"


def test_a_long_text_with_signs_no_database_takes_is_kept(texting):
    numbers.write("a\0" * 5000)
    assert only().text == "a" * 4000


def test_a_number_of_ours_that_nobody_has_takes_nothing(patient, sms_sink):
    assert "<Message>" not in numbers.write("STOP")
    assert not InboundMessage.objects.exists()


def test_clinics_that_share_a_number_are_told_apart_by_the_patient(
    texting, other_clinic
):
    numbers.give_sender(other_clinic, "(312) 555-0100")
    numbers.write("Hello")
    assert only().clinic_id == texting.clinic_id


def test_where_two_clinics_know_the_number_both_stop(texting, other_clinic):
    numbers.give_sender(other_clinic)
    theirs = numbers.give(factories.make_patient(other_clinic))
    answer = numbers.write("STOP")
    assert not numbers.may_text(texting) and not numbers.may_text(theirs)
    assert answer.count("<Message>") == 1
    assert InboundMessage.objects.count() == 2


def test_a_clinic_is_found_by_its_messaging_service(patient, clinic, sms_sink):
    numbers.give_sender(clinic, "MG0123")
    numbers.give(patient)
    numbers.write("STOP", MessagingServiceSid="MG0123")
    assert not numbers.may_text(patient)


def test_who_withdrew_can_still_write(texting, physician):
    leaving.withdraw(texting, reason="asked", by=physician)
    numbers.write("Thank you for everything")
    assert only().patient == texting
