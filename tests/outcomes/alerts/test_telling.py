"""Whom an alert is told, in which order, and how it is handed over."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from clinic import access, clock
from outcomes import tasks
from outcomes.alerts import inbox, notices, rota, telling
from outcomes.follow_ups.channels import email
from outcomes.follow_ups.channels.outcome import Outcome, Verdict
from outcomes.follow_ups.guard import checks, idle, pauses
from outcomes.models import Alert, AlertNotice, OnCallContact
from tests import factories
from tests.outcomes.alerts import cases

State, Why = AlertNotice.State, AlertNotice.Why


@pytest.fixture
def second(clinic):
    return factories.make_user(clinic, access.Role.PROVIDER, name="Dr Second")


@pytest.fixture
def rota_set(clinic, physician, second):
    cases.always_on_call(physician)
    cases.always_on_call(second, place=2)
    return clinic


def told():
    rows = AlertNotice.objects.order_by("step", "to__name", "channel")
    return list(rows.values_list("to__name", "why", "channel", "state"))


def later(monkeypatch, minutes):
    span = timedelta(minutes=minutes)
    monkeypatch.setattr("django.conf.settings.CLOCK_OFFSET", span)


def texts(clinic, mail_folder):
    return sorted(file.read_text() for file in mail_folder.rglob("*.eml"))


def test_the_row_is_there_with_the_flag_and_goes_to_who_is_on_call(
    rota_set, complaint, physician
):
    alert = cases.urgent(complaint)
    assert told() == [("Dr Okafor", "first", "email", "queued")]
    assert alert.next_action_at == alert.raised_at + timedelta(minutes=15)


def test_nobody_on_call_means_every_provider(clinic, complaint, physician, second):
    factories.make_user(clinic, access.Role.ADMIN)
    factories.make_user(clinic, access.Role.ASSISTANT)
    cases.urgent(complaint)
    assert told() == [
        ("Dr Okafor", "nobody", "email", "queued"),
        ("Dr Second", "nobody", "email", "queued"),
    ]


def test_a_number_gets_a_text_and_an_email(rota_set, complaint, physician):
    rota_set.sms_sender = "+13125550190"
    rota_set.save()
    rota.set_contact(
        rota_set, user=physician, phone="312 555 0111", first="sms", by=physician
    )
    cases.urgent(complaint)
    assert [(channel, state) for _, _, channel, state in told()] == [
        ("email", "queued"),
        ("sms", "queued"),
    ]


def test_a_call_is_left_to_people_and_a_text_goes_all_the_same(
    rota_set, complaint, physician
):
    rota_set.sms_sender = "+13125550190"
    rota_set.save()
    rota.set_contact(
        rota_set, user=physician, phone="312 555 0111", first="voice", by=physician
    )
    alert = cases.urgent(complaint)
    assert {(channel, state) for _, _, channel, state in told()} == {
        ("voice", "by_hand"),
        ("sms", "queued"),
        ("email", "queued"),
    }
    inbox.acknowledge(alert, by=physician)
    assert {state for *_, state in told()} == {"cancelled"}


def test_what_is_only_soon_calls_nobody(complaint, physician):
    alert = cases.own_words(complaint)
    assert alert.severity == Alert.Severity.SOON and told() == []


def test_nobody_looks_so_the_second_is_told_and_then_everybody(
    rota_set, complaint, physician, monkeypatch
):
    cases.urgent(complaint)
    for minutes, step in ((14, 1), (16, 2), (29, 2), (32, 3), (300, 3)):
        later(monkeypatch, minutes)
        telling.go_on_due(rota_set, clock.now())
        assert Alert.objects.get().step == step, minutes
    assert [why for _, why, *_ in told()] == [
        "first",
        "second",
        "everybody",
        "everybody",
    ]


def test_once_somebody_looks_nobody_else_is_told(
    rota_set, complaint, physician, monkeypatch
):
    inbox.acknowledge(cases.urgent(complaint), by=physician)
    later(monkeypatch, 60)
    assert telling.go_on_due(rota_set, clock.now()) == 0
    assert len(told()) == 1


def test_the_clinics_own_minutes_count(rota_set, complaint, physician):
    rota.set_minutes(rota_set, second_after_minutes=5, by=physician)
    alert = cases.urgent(complaint)
    assert alert.next_action_at == alert.raised_at + timedelta(minutes=5)


def test_who_left_is_not_told(rota_set, complaint, physician):
    physician.is_active = False
    physician.save()
    cases.urgent(complaint)
    assert [(name, why) for name, why, *_ in told()] == [("Dr Second", "first")]


def test_the_task_hands_it_over_and_says_nothing_of_the_patient(
    rota_set, complaint, mail_folder
):
    cases.urgent(complaint)
    notice = AlertNotice.objects.get()
    tasks.tell_staff(str(notice.pk))
    notice.refresh_from_db()
    assert notice.state == State.SENT and notice.sent_at is not None
    (mail,) = texts(rota_set, mail_folder)
    assert "an urgent answer waits" in mail and "/alerts/" in mail
    for word in (complaint.patient.family_name, "Marta", "numb", "foot", "flag"):
        assert word not in mail
    assert notices.deliver(notice.pk) is None


def test_the_tick_finds_what_no_bell_rang_for_while_messages_are_paused(
    rota_set, complaint, physician, mail_folder
):
    pauses.pause(rota_set, reason="moving house", by=physician)
    cases.urgent(complaint)
    assert idle.has_work(rota_set, clock.now())
    tasks.tick()
    assert AlertNotice.objects.get().state == State.SENT
    assert not AlertNotice.objects.exclude(next_attempt_at=None).exists()


def test_the_tick_escalates(rota_set, complaint, monkeypatch, mail_folder):
    cases.urgent(complaint)
    tasks.tick()
    later(monkeypatch, 16)
    assert idle.has_work(rota_set, clock.now())
    tasks.tick()
    assert [(why, state) for _, why, _, state in told()] == [
        ("first", "sent"),
        ("second", "sent"),
    ]


def test_what_the_provider_cannot_take_now_is_tried_again(
    rota_set, complaint, monkeypatch
):
    cases.urgent(complaint)
    notice = AlertNotice.objects.get()
    answers = iter([Outcome(Verdict.TRY_LATER, "SMTP 421"), Outcome(Verdict.ACCEPTED)])
    monkeypatch.setattr(email, "hand_over", lambda letter: next(answers))
    assert notices.deliver(notice.pk) == State.RETRY_WAIT
    assert notices.deliver(notice.pk) is None
    later(monkeypatch, 1)
    assert notices.deliver(notice.pk) == State.SENT


def test_who_cannot_be_reached_is_not_waited_for(rota_set, complaint, monkeypatch):
    cases.urgent(complaint)
    refused = Outcome(Verdict.REFUSED, "SMTP 550", is_answer=True)
    monkeypatch.setattr(email, "hand_over", lambda letter: refused)
    assert notices.deliver(AlertNotice.objects.get().pk) == State.FAILED
    telling.go_on_due(rota_set, clock.now())
    assert [why for _, why, *_ in told()] == ["first", "second"]


def test_nor_is_it_where_nothing_goes_on_by_itself(rota_set, complaint, monkeypatch):
    """What is for today is told once; told nobody, the next person hears of it."""
    alert = cases.own_words(complaint)
    alert.severity = Alert.Severity.TODAY
    alert.save(update_fields=["severity"])
    telling.begin(alert, at=clock.now())
    refused = Outcome(Verdict.REFUSED, "SMTP 550", is_answer=True)
    monkeypatch.setattr(email, "hand_over", lambda letter: refused)
    for _ in range(3):
        for notice in AlertNotice.objects.filter(state=State.QUEUED):
            notices.deliver(notice.pk)
        telling.go_on_due(rota_set, clock.now())
    assert {why for _, why, *_ in told()} == {"first", "second", "everybody"}
    alert.refresh_from_db()
    assert alert.next_action_at is None


def test_what_a_dead_worker_held_is_taken_up(rota_set, complaint, monkeypatch):
    cases.urgent(complaint)
    monkeypatch.setattr(notices, "_hand_over", lambda notice: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        notices.deliver(AlertNotice.objects.get().pk)
    monkeypatch.undo()
    assert not notices.due(rota_set, clock.now()).exists()
    later(monkeypatch, 2)
    assert notices.due(rota_set, clock.now()).count() == 1
    assert notices.deliver(AlertNotice.objects.get().pk) == State.SENT


def test_operations_shows_what_nobody_handed_over(rota_set, complaint, monkeypatch):
    cases.urgent(complaint)
    assert not checks.untold(rota_set, clock.now()).exists()
    later(monkeypatch, 3)
    assert checks.untold(rota_set, clock.now()).count() == 1
    assert not checks.unalerted(rota_set, clock.now()).exists()


def test_nobody_is_told_of_what_somebody_looked_at_meanwhile(
    rota_set, complaint, physician
):
    alert = cases.urgent(complaint)
    Alert.objects.filter(pk=alert.pk).update(
        state="acknowledged",
        acknowledged_at=clock.now(),
        acknowledged_by=physician,
        next_action_at=None,
    )
    assert notices.deliver(AlertNotice.objects.get().pk) == State.CANCELLED


@pytest.mark.django_db(transaction=True)
def test_eight_workers_hand_it_over_once(mail_folder):
    clinic = factories.make_clinic()
    factories.make_user(clinic, access.Role.PROVIDER)
    complaint = factories.make_complaint(factories.make_patient(clinic))
    cases.urgent(complaint)
    notice = AlertNotice.objects.get()

    def deliver(_):
        try:
            return notices.deliver(notice.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        states = list(pool.map(deliver, range(8)))
    assert states.count("sent") == 1 and states.count(None) == 7


@pytest.mark.django_db(transaction=True)
def test_eight_ticks_go_one_step_on(monkeypatch):
    clinic = factories.make_clinic()
    first, second = (
        factories.make_user(clinic, access.Role.PROVIDER) for _ in range(2)
    )
    cases.always_on_call(first)
    cases.always_on_call(second, place=2)
    cases.urgent(factories.make_complaint(factories.make_patient(clinic)))
    later(monkeypatch, 16)

    def go_on(_):
        try:
            return telling.go_on_due(clinic, clock.now())
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(go_on, range(8))) == 1
    assert AlertNotice.objects.count() == 2


@pytest.mark.parametrize(
    ("field", "asked"),
    [
        ("day", {"kind": "weekly"}),
        ("first_on", {"kind": "dates"}),
        ("last_on", {"kind": "dates", "first_on": "2020-01-01"}),
    ],
)
def test_a_shift_that_cannot_be_names_its_field(clinic, physician, field, asked):
    from_text = {
        name: clock.today(clinic.zone) - timedelta(days=9)
        for name in asked
        if name == "first_on"
    }
    with pytest.raises(ValidationError) as error:
        rota.add(clinic, user=physician, by=physician, **{**asked, **from_text})
    assert list(error.value.message_dict) == [field]


def test_the_front_desk_is_not_on_call(clinic, clerk, physician):
    with pytest.raises(ValidationError):
        rota.add(clinic, user=clerk, kind="weekly", day=0, by=physician)


@pytest.mark.parametrize(("phone", "first"), [("", "sms"), ("none", "voice")])
def test_a_number_that_is_none_is_refused(clinic, physician, phone, first):
    with pytest.raises(ValidationError, match=r"number"):
        rota.set_contact(clinic, user=physician, phone=phone, first=first, by=physician)
    assert not OnCallContact.objects.exists()
