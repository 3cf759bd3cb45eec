"""The engine's tasks: ids as arguments, safe to run twice, no countdowns.

The tick is the only clock. What it does not get done, the next one does.
"""

import logging
import math
import time
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from celery import shared_task
from django.conf import settings
from django.db import OperationalError

from clinic import clock, consequences, doorbell, pieces
from clinic.models import Clinic
from outcomes.alerts import notices, telling
from outcomes.dashboards import facts
from outcomes.dashboards.export import runs, work
from outcomes.dashboards.facts import whole
from outcomes.dashboards.own_change import estimating
from outcomes.follow_ups import outbox
from outcomes.follow_ups.engine import due
from outcomes.follow_ups.guard import gate, idle, reconcile, ticks
from outcomes.follow_ups.incoming import answers
from outcomes.models import Message, SendingPause

logger = logging.getLogger(__name__)

EPISODES_A_TICK = 500
# How many workers send a clinic's messages by one channel at the same time.
SENDERS = 2
# What one run of the night's counting begins; the next one goes on. Well below the
# limit of a task, as the last one begun is counted to its end.
COUNTING_SECONDS = 40


@shared_task(name="outcomes.tick")
def tick() -> None:
    """Every clinic's due work, once the clock has been looked at."""
    now = clock.now()
    gate.begin_tick(now)
    gate.hold_after_restore()
    outbox.take_up()
    _each_clinic("tick", lambda clinic: tick_clinic(clinic, now))
    ticks.end(ticks.TICK, clock.now())


def _each_clinic(job: str, act: Callable[[Clinic], object]) -> None:
    """A clinic that fails does not stop the others."""
    for clinic in Clinic.objects.order_by("pk"):
        try:
            act(clinic)
        except Exception as error:
            # The text of a database error can hold a name or an address.
            logger.error("%s of clinic %s: %s", job, clinic.pk, type(error).__name__)


def tick_clinic(clinic: Clinic, now: datetime) -> None:
    if idle.has_work(clinic, now):
        _work_off(clinic, now)
    consequences.apply("clinic.ticked", clinic, now=now)


def _work_off(clinic: Clinic, now: datetime) -> None:
    # Before all else, and whatever is paused: that is about patients' messages.
    telling.go_on_due(clinic, now)
    notices.send_due(clinic, now)
    pause = gate.look(clinic, now)
    if pause is None or pause.cause != SendingPause.Cause.CLOCK:
        # Neither an end nor a lost lease can be told by a clock that jumped.
        due.advance_due(clinic, now)
        outbox.release_expired(clinic, now)
    if pause is None:
        for channel, count in outbox.due_channels(clinic, now).items():
            start_sending(clinic, channel, count)
    answers.send_due(clinic, now)
    facts.rebuild_due(clinic.pk, now, EPISODES_A_TICK)


def start_sending(clinic: Clinic, channel: str, count: int) -> None:
    """One worker, or more where there is more to send than one takes at a time."""
    if not settings.REDIS_URL:
        outbox.send_due(clinic, channel)
        return
    for _ in range(min(SENDERS, math.ceil(count / outbox.BATCH))):
        doorbell.ring(f"outcomes.send_{channel}", clinic.pk)


@shared_task(name="outcomes.send_email", time_limit=settings.SENDING_TIME_LIMIT)
def send_email(clinic_id: str) -> None:
    gate.hold_after_restore()
    outbox.send_due(Clinic.objects.get(pk=clinic_id), Message.Channel.EMAIL)


@shared_task(name="outcomes.send_sms", time_limit=settings.SENDING_TIME_LIMIT)
def send_sms(clinic_id: str) -> None:
    gate.hold_after_restore()
    outbox.send_due(Clinic.objects.get(pk=clinic_id), Message.Channel.SMS)


@shared_task(name="outcomes.send_message", time_limit=settings.SENDING_TIME_LIMIT)
def send_message(message_id: str) -> None:
    gate.hold_after_restore()
    outbox.deliver(UUID(message_id))


@shared_task(name="outcomes.send_text", time_limit=settings.SENDING_TIME_LIMIT)
def send_text(message_id: str) -> None:
    """The same in the queue of texts, which waits for no mail server."""
    outbox.deliver(UUID(message_id))


@shared_task(name="outcomes.tell_staff", acks_late=True)
def tell_staff(notice_id: str) -> None:
    """In the queue of texts, so that no slow mail to patients is before it."""
    notices.deliver(UUID(notice_id))


@shared_task(name="outcomes.answer_inbound")
def answer_inbound(row_id: str) -> None:
    gate.hold_after_restore()
    answers.send(UUID(row_id))


@shared_task(name="outcomes.rebuild_facts")
def rebuild_facts(episode_id: str) -> None:
    facts.rebuild_many([UUID(episode_id)])


@shared_task(name="outcomes.reconcile")
def reconcile_clinics() -> None:
    """Count what must not be, heal what is safe to heal, and foresee the next days."""
    now = clock.now()
    # Before a lease is found to have run out.
    outbox.take_up()
    with ticks.kept(ticks.RECONCILE):
        _each_clinic("reconcile", lambda clinic: reconcile.run(clinic, now))


@shared_task(name="outcomes.important_change")
def estimate_important_change() -> None:
    """What change matters to each clinic's patients, a measure at a time."""
    now = clock.now()
    until = time.monotonic() + COUNTING_SECONDS
    _each_clinic("important change", lambda clinic: estimating.run(clinic, now, until))


@shared_task(name=runs.TASK)
def work_off_export(run_id: str) -> None:
    """A piece of it; the next piece waits behind whatever else is in the queue."""
    try:
        is_unfinished = work.work_off(UUID(run_id), seconds=pieces.PIECE_SECONDS)
    except OperationalError as error:
        # The text of a database error can hold a name or an address.
        logger.error("export %s: %s", run_id, type(error).__name__)
    else:
        if is_unfinished:
            doorbell.ring(runs.TASK, UUID(run_id))


@shared_task(name="outcomes.prove_tallies")
def prove_tallies() -> None:
    """Whether what the dashboards count equals the facts, once in a clinic's night."""
    now = clock.now()
    _each_clinic("tallies", lambda clinic: whole.heal_at_night(clinic, now))


@shared_task(name="outcomes.sign_of_mail")
def sign_of_mail() -> None:
    """Goes through the queue of mail, so that a worker that is gone is missed."""
    with ticks.kept(ticks.MAIL):
        pass


@shared_task(name="outcomes.sign_of_text")
def sign_of_text() -> None:
    with ticks.kept(ticks.TEXT):
        pass
