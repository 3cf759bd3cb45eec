"""Providers and senders that are refused: who waits, who does not, and until when."""

from datetime import timedelta

import pytest

from clinic import access, clock
from clinic.models import Clinic
from outcomes.follow_ups import outbox
from outcomes.follow_ups.engine import due
from outcomes.follow_ups.guard import checks
from outcomes.models import ChannelPause, Message
from tests import factories
from tests.outcomes.follow_ups import numbers

SENDERS = ("+13125550100", "+13125550101", "+13125550102")
BAD, *GOOD = SENDERS


def make_texts(clinic: Clinic, sender: str, patients: int = 2) -> Clinic:
    """A clinic with a number of its own and a text for each of its patients."""
    numbers.give_sender(clinic, sender)
    for _ in range(patients):
        patient = numbers.give(factories.make_patient(clinic))
        complaint = factories.make_complaint(patient)
        factories.make_performed(factories.make_plan(complaint, started_days_ago=40))
    due.advance_due(clinic, clock.now())
    Message.objects.filter(clinic=clinic).update(channel="sms")
    clinic.refresh_from_db()
    return clinic


@pytest.fixture
def clinics(sms_sink, mail_folder, db) -> list[Clinic]:
    """The first one's number is not one that the provider knows as ours."""
    sms_sink.refused_senders = {BAD: 21606}
    made = sorted((factories.make_clinic() for _ in SENDERS), key=lambda one: one.pk)
    return [make_texts(*both) for both in zip(made, SENDERS, strict=True)]


def send(clinics: list[Clinic]) -> None:
    """As each tick does, by the clinics' keys."""
    for clinic in clinics:
        outbox.send_due(clinic, "sms")


def states(clinic: Clinic) -> list[str]:
    rows = Message.objects.filter(clinic=clinic).order_by("created_at")
    return list(rows.values_list("state", flat=True))


def next_try() -> None:
    ChannelPause.objects.update(next_try_at=clock.now())
    Message.objects.filter(state="retry_wait").update(next_attempt_at=clock.now())


@pytest.mark.parametrize("code", [21606, 21659, 21212, 21660])
def test_a_wrong_sender_stops_its_own_clinic_only(clinics, sms_sink, code):
    sms_sink.refused_senders = {BAD: code}
    send(clinics)
    assert states(clinics[0]) == ["retry_wait", "queued"]
    assert [states(one) for one in clinics[1:]] == [["accepted"] * 2] * 2
    pause = ChannelPause.objects.get()
    assert (pause.clinic, pause.reason) == (clinics[0], f"HTTP 400, code {code}")
    assert sms_sink.callers.count(BAD) == 1


def test_a_sender_is_tried_again_and_goes_once_it_is_right(clinics, sms_sink):
    send(clinics)
    send(clinics)
    next_try()
    send(clinics)
    assert sms_sink.callers.count(BAD) == 2
    sms_sink.refused_senders = {}
    next_try()
    send(clinics)
    assert states(clinics[0]) == ["accepted"] * 2
    assert not ChannelPause.objects.exists()


@pytest.fixture
def refused_account(clinics, sms_sink, settings) -> None:
    """The provider took our token for wrong; now it would take it."""
    settings.SMS_TOKEN = "wrong"
    send(clinics)
    settings.SMS_TOKEN = "secret-token"


def test_a_refused_account_stops_every_clinic(clinics, sms_sink, refused_account):
    assert ChannelPause.objects.get().clinic is None
    assert len(sms_sink.callers) == 1
    assert not Message.objects.exclude(attempts=0).exists()


def test_a_wrong_sender_does_not_take_every_try(clinics, refused_account):
    next_try()
    send(clinics)
    assert ChannelPause.objects.get().clinic == clinics[0]
    assert [states(one) for one in clinics[1:]] == [["accepted"] * 2] * 2


def test_who_waits_for_its_own_sender_leaves_the_try_to_others(clinics, sms_sink):
    send(clinics[:1])
    Message.objects.filter(clinic=clinics[0]).update(next_attempt_at=clock.now())
    ChannelPause.objects.create(
        channel="sms", reason="HTTP 401", next_try_at=clock.now()
    )
    send(clinics)
    assert [states(one) for one in clinics[1:]] == [["accepted"] * 2] * 2
    assert ChannelPause.objects.get().clinic == clinics[0]


def test_a_demo_neither_waits_for_a_provider_nor_tries_it(
    clinics, sms_sink, refused_account
):
    Clinic.objects.filter(pk=clinics[0].pk).update(is_demo=True)
    clinics[0].refresh_from_db()
    next_try()
    send(clinics[:1])
    assert states(clinics[0]) == ["accepted"] * 2
    assert len(sms_sink.callers) == 1
    assert ChannelPause.objects.get().next_try_at <= clock.now()


def reader(client, clinic: Clinic):
    client.force_login(factories.make_user(clinic, access.Role.ADMIN))
    return lambda address: " ".join(client.get(address).content.decode().split())


@pytest.mark.parametrize("address", ["/", "/operations/", "/patients/"])
def test_staff_of_the_clinic_see_that_its_texts_wait(clinics, client, address):
    send(clinics)
    said = reader(client, clinics[0])(address)
    assert "Text messages to patients wait" in said
    assert "does not take the clinic’s sender" in said
    assert "2 messages wait" in said
    assert "messages to patients go out" not in said
    assert '<span class="pill pill--ok">go out</span>' not in said
    assert BAD not in said


def test_staff_of_every_clinic_see_that_the_account_is_refused(
    clinics, client, refused_account
):
    for clinic in clinics:
        said = reader(client, clinic)("/")
        assert "Text messages to patients wait" in said
        assert "The provider refuses this server" in said


def test_nothing_is_said_where_nothing_waits(clinics, client):
    send(clinics)
    said = reader(client, clinics[1])("/")
    assert "Text messages to patients wait" not in said
    assert "messages to patients go out" in said


def test_what_waits_for_a_sender_is_not_counted_as_late(clinics):
    send(clinics)
    Message.objects.filter(state__in=Message.CLAIMABLE).update(
        next_attempt_at=clock.now() - timedelta(hours=1)
    )
    unsent = checks.BY_KEY["unsent"]
    assert checks.count(unsent, clinics[0], clock.now()) == 0
    ChannelPause.objects.update(clinic=clinics[1])
    assert checks.count(unsent, clinics[0], clock.now()) == 2


def test_a_provider_that_asks_for_time_is_left_alone_by_all(clinics, sms_sink):
    sms_sink.refused_senders, sms_sink.mood = {}, "429 3600"
    send(clinics)
    send(clinics)
    assert len(sms_sink.callers) == 1
    tried = Message.objects.exclude(attempts=0).get()
    assert (tried.attempts, tried.error) == (1, "HTTP 429, code 20429")
    pause = ChannelPause.objects.get()
    wait = pause.next_try_at - clock.now()
    assert timedelta(minutes=59) < wait <= timedelta(hours=1)
    sms_sink.mood = "accept"
    next_try()
    send(clinics)
    assert [states(one) for one in clinics] == [["accepted"] * 2] * 3


def test_a_full_queue_is_one_senders(clinics, sms_sink):
    sms_sink.refused_senders, sms_sink.mood = {}, "queue full"
    send(clinics[:1])
    sms_sink.mood = "accept"
    send(clinics)
    assert states(clinics[0]) == ["retry_wait", "queued"]
    assert [states(one) for one in clinics[1:]] == [["accepted"] * 2] * 2
    assert ChannelPause.objects.get().clinic == clinics[0]


def test_staff_see_that_the_provider_asked_for_time(clinics, sms_sink, client):
    sms_sink.mood = "429 3600"
    send(clinics[1:])
    said = reader(client, clinics[2])("/")
    assert "there is nothing to do (HTTP 429, code 20429)." in said
    assert "refuses" not in said
