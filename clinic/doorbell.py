"""Tells a worker that there is work; a bell that fails to ring loses nothing.

The rows are the truth and the next tick finds them, so a broker that is away may
never break the page or the command that rang.
"""

import logging
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

# The next tick rings again; without an end, a slow mail server would fill the broker.
EXPIRES_SECONDS = 120


def ring(task: str, row: UUID) -> None:
    """Queue the task with the row's id once the transaction has committed."""
    if settings.REDIS_URL:
        transaction.on_commit(lambda: _send(task, str(row)))


def _send(task: str, row: str) -> None:
    try:
        current_app.send_task(
            task, args=[row], ignore_result=True, expires=EXPIRES_SECONDS
        )
    except OperationalError:
        logger.warning("broker away, %s waits for the next tick", task)
