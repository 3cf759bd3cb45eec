from datetime import timedelta

import pytest

from clinic import clock
from outcomes import tasks
from outcomes.follow_ups.guard import machine, metrics, pauses
from outcomes.models import ChannelPause, Message, SchedulerTick

ELSEWHERE = {"REMOTE_ADDR": "203.0.113.9"}


def test_before_the_first_tick_the_scheduler_counts_as_dead(client, db):
    reply = client.get("/healthz/scheduler")
    assert reply.status_code == 503
    assert reply.json() == {
        "status": "late",
        "age_seconds": None,
        "reason": "no tick has ended yet",
    }


@pytest.mark.parametrize(("seconds", "status"), [(0, 200), (170, 200), (181, 503)])
def test_a_dead_beat_is_told_within_three_minutes(
    client, clinic, settings, seconds, status
):
    tasks.tick()
    settings.CLOCK_OFFSET = timedelta(seconds=seconds)
    reply = client.get("/healthz/scheduler")
    assert reply.status_code == status
    assert seconds <= reply.json()["age_seconds"] < seconds + 10


def test_a_tick_that_never_ends_counts_as_none(client, clinic):
    tasks.tick()
    SchedulerTick.objects.update(ended_at=clock.now() - timedelta(minutes=10))
    assert client.get("/healthz/scheduler").status_code == 503


def test_a_tick_of_a_clock_that_was_ahead_proves_nothing(client, clinic):
    tasks.tick()
    SchedulerTick.objects.update(ended_at=clock.now() + timedelta(days=1))
    assert client.get("/healthz/scheduler").status_code == 503


def test_health_names_no_clinic(client, clinic):
    tasks.tick()
    said = client.get("/healthz/scheduler").content.decode()
    assert clinic.name not in said
    assert str(clinic.pk) not in said


def test_the_boot_is_one_name_and_its_clock_runs():
    assert machine.boot() == machine.boot() != ""
    assert 0 < machine.uptime() <= machine.uptime()


def test_metrics_count_and_name_nobody(client, clinic, performed, admin):
    tasks.tick_clinic(clinic, clock.now())
    tasks.tick()
    tasks.sign_of_mail()
    tasks.sign_of_text()
    tasks.reconcile_clinics()
    pauses.pause(clinic, reason="The phones are down", by=admin)
    ChannelPause.objects.create(channel="email", reason="535", next_try_at=clock.now())
    said = client.get("/metrics").content.decode()
    assert 'mendline_messages{channel="email",state="queued"} 1\n' in said
    assert 'mendline_paused_clinics{cause="staff"} 1\n' in said
    assert "mendline_paused_channels 1\n" in said
    assert 'mendline_reconcile{check="overdue",kind="fault"} 0\n' in said
    for job in ("tick", "mail", "text", "reconcile"):
        assert f'mendline_job_age_seconds{{job="{job}"}} ' in said
    for word in (clinic.name, str(clinic.pk), performed.patient.family_name, "phones"):
        assert word not in said


def test_metrics_are_in_the_text_format(clinic, performed):
    tasks.tick()
    tasks.tick_clinic(clinic, clock.now())
    for line in metrics.text(clock.now()).splitlines():
        name = line.removeprefix("# HELP ").removeprefix("# TYPE ")
        assert name.startswith("mendline_"), line
        assert line.startswith("#") or float(line.rpartition(" ")[2]) >= 0


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ({"REMOTE_ADDR": "127.0.0.1"}, 200),
        ({"REMOTE_ADDR": "::1"}, 200),
        (ELSEWHERE, 403),
        ({"REMOTE_ADDR": ""}, 403),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.9"}, 403),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_FORWARDED": "for=203.0.113.9"}, 403),
    ],
)
def test_without_a_token_only_this_machine_reads_metrics(client, db, address, status):
    assert client.get("/metrics", **address).status_code == status


@pytest.mark.parametrize(
    ("said", "status"),
    [("Bearer s3cret", 200), ("Bearer wrong", 403), ("s3cret", 403), ("", 403)],
)
def test_with_a_token_whoever_holds_it_reads_metrics(
    client, db, settings, said, status
):
    settings.METRICS_TOKEN = "s3cret"
    headers = {"HTTP_AUTHORIZATION": said} if said else {}
    assert client.get("/metrics", **headers).status_code == status
    assert client.get("/metrics", **headers, **ELSEWHERE).status_code == status


def test_messages_of_long_ago_are_not_counted(client, clinic, performed):
    tasks.tick_clinic(clinic, clock.now())
    Message.objects.update(
        state="accepted",
        next_attempt_at=None,
        created_at=clock.now() - timedelta(days=2),
    )
    assert 'state="accepted"' not in client.get("/metrics").content.decode()
