import pytest

from clinic import clock
from clinic.models import AuditEvent, Clinic
from outcomes.follow_ups import outbox
from outcomes.follow_ups.engine import due
from outcomes.models import ChannelPause, FollowUp, Message, MessageEvent
from patients.models import ContactPoint
from tests import factories
from tests.faults.conftest import make_due_now


@pytest.fixture
def message(clinic: Clinic, complaint, settings, sink) -> Message:
    """An invitation in the outbox of a clinic that sends through the sink."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
    settings.EMAIL_TIMEOUT = 0.3
    plan = factories.make_plan(complaint, started_days_ago=40)
    factories.make_performed(plan, days=30)
    due.advance_due(clinic, clock.now())
    return Message.objects.get()


@pytest.mark.parametrize(
    ("mood", "state", "error"),
    [
        ("accept", "accepted", ""),
        ("450", "retry_wait", "SMTP 450"),
        ("451", "retry_wait", "SMTP 451"),
        ("452", "retry_wait", "SMTP 452"),
        ("552", "retry_wait", "SMTP 552"),
        ("550", "failed", "SMTP 550"),
        ("421", "retry_wait", "SMTP 421"),
        ("554", "retry_wait", "kept back: SMTP 554"),
        ("hang at once", "retry_wait", "SMTP: SMTPServerDisconnected"),
        ("hang", "queued", "no answer after the content"),
        ("drop", "queued", "no answer after the content"),
        ("dawdle", "retry_wait", "SMTP: SMTPServerDisconnected"),
    ],
)
def test_each_answer_leads_to_its_state(message, sink, mood, state, error):
    sink.mood = mood
    assert outbox.deliver(message.pk) == state
    message.refresh_from_db()
    assert (message.state, message.error, message.lease) == (state, error, None)
    assert len(sink.accepted) == (mood == "accept")


def test_silence_after_the_content_is_uncertain_and_sent_again_once(message, sink):
    sink.mood = "drop"
    outbox.deliver(message.pk)
    make_due_now()
    sink.mood = "accept"
    assert outbox.deliver(message.pk) == "accepted"
    events = MessageEvent.objects.values_list("state", flat=True)
    assert list(events) == [
        *("queued", "sending", "uncertain"),
        *("queued", "sending", "accepted"),
    ]
    assert len(sink.accepted) == 1


def test_silence_twice_is_for_a_person(message, sink):
    sink.mood = "drop"
    outbox.deliver(message.pk)
    make_due_now()
    assert outbox.deliver(message.pk) == "failed"
    assert "uncertain twice" in FollowUp.objects.get(request__isnull=False).state_reason


def test_greylisting_passes(message, sink):
    sink.mood = "450"
    outbox.deliver(message.pk)
    make_due_now()
    sink.mood = "accept"
    assert outbox.deliver(message.pk) == "accepted"


def test_a_server_that_is_away_is_tried_again(message, sink, settings):
    settings.EMAIL_PORT = 1
    assert outbox.deliver(message.pk) == "retry_wait"
    message.refresh_from_db()
    assert message.error == "no connection: ConnectionRefusedError"


def test_a_line_that_begins_with_a_dot_arrives_whole(message, sink):
    Clinic.objects.update(sender_name=".Lakeview")
    assert outbox.deliver(message.pk) == "accepted"
    assert len(sink.accepted) == 1


@pytest.fixture
def messages(message, clinic) -> list[Message]:
    """Three of them, of as many patients."""
    for _ in range(2):
        complaint = factories.make_complaint(factories.make_patient(clinic))
        plan = factories.make_plan(complaint, started_days_ago=40)
        factories.make_performed(plan, days=30)
    due.advance_due(clinic, clock.now())
    return list(Message.objects.all())


def test_several_letters_go_over_one_connection(messages, clinic, sink):
    assert outbox.send_due(clinic, "email") == 3
    assert (len(sink.accepted), sink.conversations) == (3, 1)


def test_a_server_that_hangs_up_after_each_letter_costs_no_try(messages, clinic, sink):
    sink.mood = "one each"
    outbox.send_due(clinic, "email")
    tries = Message.objects.values_list("state", "attempts")
    assert list(tries) == [("accepted", 1)] * 3
    assert len(sink.accepted) == sink.conversations == 3


def test_a_refusal_does_not_end_the_conversation(messages, clinic, sink):
    sink.mood = "450"
    outbox.send_due(clinic, "email")
    assert {row.state for row in Message.objects.all()} == {"retry_wait"}
    assert sink.conversations == 1


def test_an_address_that_is_refused_for_good_is_remembered(message, sink):
    sink.mood = "550"
    outbox.deliver(message.pk)
    contact = ContactPoint.objects.get(system="email")
    assert (contact.failure, contact.failed_at is None) == ("SMTP 550", False)
    event = AuditEvent.objects.get(action="contact.failed")
    assert event.facts == {"channel": "email", "reason": "SMTP 550"}


@pytest.fixture
def refused_sign_in(messages, clinic, sink, settings) -> None:
    """The server took our password for wrong when the first of three was to go."""
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "clinic", "old"
    sink.mood = "535"
    outbox.send_due(clinic, "email")


def test_a_refused_sign_in_pauses_the_channel(refused_sign_in, clinic):
    pause = ChannelPause.objects.get()
    assert (pause.channel, pause.reason) == ("email", "SMTP 535")
    assert {row.attempts for row in Message.objects.all()} == {0}
    assert outbox.claim_due(clinic, "email", clock.now()).looked_at == 0
    assert outbox.claim(Message.objects.first().pk, clock.now()) is None


def test_one_message_finds_out_whether_the_channel_works(
    refused_sign_in, clinic, sink, settings
):
    sink.mood = "accept"
    settings.EMAIL_HOST_USER = ""
    ChannelPause.objects.update(next_try_at=clock.now())
    assert len(outbox.claim_due(clinic, "email", clock.now()).claimed) == 1
    assert outbox.claim_due(clinic, "email", clock.now()).looked_at == 0
    ChannelPause.objects.update(next_try_at=clock.now())
    assert outbox.send_due(clinic, "email") == 2
    assert not ChannelPause.objects.exists()


def test_where_nothing_is_due_the_try_is_left_to_others(refused_sign_in, clinic):
    ChannelPause.objects.update(next_try_at=clock.now())
    Message.objects.update(next_attempt_at=None)
    before = ChannelPause.objects.get().next_try_at
    outbox.claim_due(clinic, "email", clock.now())
    assert ChannelPause.objects.get().next_try_at == before


def test_a_passing_refusal_shows_that_the_server_talks_to_us(
    refused_sign_in, clinic, sink, settings
):
    settings.EMAIL_HOST_USER, sink.mood = "", "450"
    ChannelPause.objects.update(next_try_at=clock.now())
    outbox.send_due(clinic, "email")
    assert not ChannelPause.objects.exists()


def test_a_server_that_is_away_is_not_tried_by_all(refused_sign_in, clinic, settings):
    settings.EMAIL_PORT = 1
    ChannelPause.objects.update(next_try_at=clock.now())
    outbox.send_due(clinic, "email")
    assert ChannelPause.objects.get().next_try_at > clock.now()
    assert sorted(Message.objects.values_list("attempts", flat=True)) == [0, 0, 1]


def test_a_message_that_is_not_handed_over_leaves_the_try_to_the_next(
    refused_sign_in, clinic, sink, settings
):
    settings.EMAIL_HOST_USER, sink.mood = "", "accept"
    first = Message.objects.order_by("next_attempt_at").first()
    ContactPoint.objects.filter(patient=first.request.patient).update(may_contact=False)
    ChannelPause.objects.update(next_try_at=clock.now())
    outbox.send_due(clinic, "email")
    assert not ChannelPause.objects.exists()
    assert len(sink.accepted) == 2
