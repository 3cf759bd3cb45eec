"""The engine's tasks: ids as arguments, safe to run twice, no countdowns.

The tick is the only clock. What it does not get done, the next one does.
"""

import logging
from datetime import datetime
from uuid import UUID

from celery import shared_task
from django.conf import settings

from clinic import clock, consequences, doorbell
from clinic.models import Clinic
from outcomes.dashboards import facts
from outcomes.follow_ups import due, outbox

logger = logging.getLogger(__name__)

EPISODES_A_TICK = 500


@shared_task(name="outcomes.tick")
def tick() -> None:
    """Every clinic's due work; a clinic that fails does not stop the others."""
    now = clock.now()
    for clinic in Clinic.objects.order_by("pk"):
        try:
            tick_clinic(clinic, now)
        except Exception as error:
            # The text of a database error can hold a name or an address.
            logger.error("tick of clinic %s: %s", clinic.pk, type(error).__name__)


def tick_clinic(clinic: Clinic, now: datetime) -> None:
    due.advance_due(clinic, now)
    outbox.release_expired(clinic, now)
    for message_id in outbox.due(clinic, now):
        if settings.REDIS_URL:
            doorbell.ring("outcomes.send_message", message_id)
        else:
            outbox.deliver(message_id)
    facts.rebuild_due(clinic.pk, now, EPISODES_A_TICK)
    consequences.apply("clinic.ticked", clinic, now=now)


@shared_task(name="outcomes.send_message")
def send_message(message_id: str) -> None:
    outbox.deliver(UUID(message_id))


@shared_task(name="outcomes.rebuild_facts")
def rebuild_facts(episode_id: str) -> None:
    facts.rebuild_many([UUID(episode_id)])
