import pytest

from clinic import clock
from clinic.models import Clinic
from outcomes.follow_ups import due, outbox
from outcomes.models import FollowUp, Message, MessageEvent
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
        ("552", "retry_wait", "SMTP 552"),
        ("550", "failed", "SMTP 550"),
        ("421", "retry_wait", "SMTP 421"),
        ("554", "retry_wait", "SMTP 554"),
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
